"""Handing one mail to a mail server: SMTP (RFC 5321), with TLS where the server offers it."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage, Message
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from pridvor.company.reading import company
from pridvor.notifications.letters import Letter

TIMEOUT = 20.0  # seconds for each step of the conversation
Kinds = tuple[type[smtplib.SMTP], type[smtplib.SMTP_SSL]]
KINDS: Kinds = (smtplib.SMTP, smtplib.SMTP_SSL)


class Refused(Exception):
    """The server will never take it (5xx): the address is wrong, or the mail is."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unavailable(Exception):
    """The server cannot take it now, or did not say whether it did; to be tried again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Mail:
    address: str
    language: str
    message_id: str
    written_at: datetime
    letter: Letter


def send(url: str, mail: Mail) -> None:
    """Raises Refused or Unavailable. `url`: smtp://user:password@host:port, or smtps:// for TLS from the first byte."""
    hand_over(url, built(mail), [mail.address])


def hand_over(url: str, message: Message, addresses: list[str], *, kinds: Kinds = KINDS) -> None:
    """Give a finished message to the server. Raises Refused or Unavailable. `kinds`: the clients without and with TLS."""
    sender = parseaddr(company().sender)[1]
    try:
        with _connected(url, kinds) as server:
            server.send_message(message, sender, addresses)
    except smtplib.SMTPRecipientsRefused as error:
        _raise(next(iter(error.recipients.values()))[0])
    except smtplib.SMTPSenderRefused as error:  # our own address, which a person can mend
        raise Unavailable(f"sender-{error.smtp_code}") from None
    except smtplib.SMTPResponseException as error:
        _raise(error.smtp_code)
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(type(error).__name__) from None


def built(mail: Mail) -> EmailMessage:
    """The mail with both of its forms; the same bytes in every try but for the boundary between them."""
    message = EmailMessage()
    message["From"] = company().sender
    message["To"] = mail.address
    message["Reply-To"] = company().email
    message["Subject"] = mail.letter.subject
    message["Date"] = format_datetime(mail.written_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    message.set_content(mail.letter.text)
    message.add_alternative(mail.letter.html, subtype="html")
    message["Content-Language"] = mail.language
    return message


def _connected(url: str, kinds: Kinds) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
    server: smtplib.SMTP
    if secure:
        server = kinds[1](host, parts.port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        server = kinds[0](host, parts.port or 25, timeout=TIMEOUT)
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            secure = True
    if parts.username:
        if not secure:
            server.close()
            raise Unavailable("no-tls-for-the-password")
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _raise(code: int) -> None:
    if 500 <= code < 600 and code not in (
        530,
        534,
        535,
    ):  # those are about our password, which a person can mend
        raise Refused(str(code))
    raise Unavailable(str(code))
