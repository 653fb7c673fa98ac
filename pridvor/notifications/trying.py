"""Trying a mail server: one test mail, with the conversation as it went. Passwords never stand in it."""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pridvor.company.reading import company
from pridvor.lib import ids
from pridvor.notifications import post

MASKED = "***"
GOES_ON = 334  # the server asks for more of the sign-in (RFC 4954)
REMEDIES: dict[str, Promise] = {
    "gaierror": gettext_lazy("No machine has this name: check how the address is written."),
    "ConnectionRefusedError": gettext_lazy("The machine is there and nothing listens: check the port."),
    "TimeoutError": gettext_lazy(
        "Nobody answers: check address and port, and whether a firewall is between."
    ),
    "SSLCertVerificationError": gettext_lazy("Its certificate is not trusted or is for another name."),
    "SSLError": gettext_lazy("It speaks no TLS on this port: smtp:// begins without it, smtps:// with it."),
    "no-tls-for-the-password": gettext_lazy(
        "It offers no encryption, and a password is not sent in clear: use smtps:// or another port."
    ),
    "535": gettext_lazy("User or password is wrong."),
    "530": gettext_lazy("It wants a user and a password."),
}
OTHER = gettext_lazy("The last lines say why; ask whoever runs this mail server.")


@dataclass(frozen=True)
class Trial:
    """How it went: `ok`, what to do when not, and what was said, a line each."""

    ok: bool
    remedy: str
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def send_test(url: str, address: str, *, now: datetime) -> Trial:
    """This will send a test mail to this address and tell the whole conversation."""
    talk: list[str] = []
    kinds = (_recorded(smtplib.SMTP, talk), _recorded(smtplib.SMTP_SSL, talk))
    try:
        post.hand_over(url, _mail(address, now), [address], kinds=kinds)
    except (post.Refused, post.Unavailable) as error:
        return Trial(False, str(REMEDIES.get(error.code, OTHER)), [*talk, f"! {error.code}"])
    return Trial(True, "", talk)


# -- how


def _mail(address: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = company().sender, address
    message["Subject"] = _("Test mail of Pridvor")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{ids.uuid7()}@{company().sender_address.partition('@')[2] or 'localhost'}>"
    message.set_content(_("The mail server works: this mail came through it."))
    return message


def _recorded(kind: Any, talk: list[str]) -> Any:
    """The same client, which writes down what is said; from AUTH to its end only that something was."""

    class Recorded(kind):  # type: ignore[misc]
        signing_in = False

        def putcmd(self, cmd: str, args: str = "") -> None:
            self.signing_in = self.signing_in or cmd.upper() == "AUTH"
            shown = f"{args.split(' ')[0]} {MASKED}" if cmd.upper() == "AUTH" else args
            talk.append(
                f"> {MASKED}" if self.signing_in and cmd.upper() != "AUTH" else f"> {cmd} {shown}".rstrip()
            )
            super().putcmd(cmd, args)

        def getreply(self) -> tuple[int, bytes]:
            code, words = super().getreply()
            talk.append(f"< {code} {MASKED if code == GOES_ON else words.decode(errors='replace')}")
            self.signing_in = self.signing_in and code == GOES_ON
            return code, words

    return Recorded
