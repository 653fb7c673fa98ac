"""The command `init`: from nothing, or from the demo, to an empty company of one's own.

It asks what it was not told by flags; what it sets can be changed on the administrator's pages afterwards.
"""

import argparse
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from babel import Locale
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connections, transaction

from pridvor.accounts import invitations
from pridvor.accounts import queries as people
from pridvor.accounts.models import Role, Staff
from pridvor.cases.models import Case
from pridvor.company import actions as company
from pridvor.journeys import actions as publishing
from pridvor.lib import clock, wall
from pridvor.lib.actor import machine
from pridvor.notifications import staff_links
from pridvor.privacy import texts
from pridvor.privacy.models import LegalText
from pridvor.project import cast, commands, databases, readiness, wiring
from pridvor.project.environment import WrongUse
from pridvor.sla import actions as sla
from pridvor.sla.calendars import public_holidays
from pridvor.sla.models import Calendar

OPERATOR = machine("command-line")
LANGUAGES = ("ro", "en")
OFFICE = ((9 * 60, 17 * 60),)
STAYS = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "cache"}
ZONES = {"RO": "Europe/Bucharest", "MD": "Europe/Chisinau", "BG": "Europe/Sofia", "HU": "Europe/Budapest"}


@dataclass(frozen=True)
class Answers:
    """What the founder said."""

    name: str
    country: str
    language: str
    email: str
    phone: str
    admin_name: str
    admin_email: str
    journeys: tuple[str, ...]


class Refused(Exception):
    """Nothing was changed; the message says why and what to do."""


def command(given: argparse.Namespace) -> int:
    """Exit code 0: the company is there, and the link of its administrator stands on the terminal."""
    commands.migrate(given)
    wall.process_is(wall.MACHINE)
    try:
        staff, token = _begun(given)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(
        f"\nDone. {staff.name} opens this link within three days, chooses a password and sets up a second factor:\n\n"
        f"  {staff_links.address(token)}\n\n"
        "It works once. Start Pridvor with: pridvor up\n"
        f"What is left stands at {settings.PUBLIC_URL}/oversight/administration/"
    )
    return 0


def found(said: Answers, *, now: datetime) -> tuple[Staff, str]:
    """This will make the company: settings, calendar, journeys, legal texts to read, and its first administrator."""
    with transaction.atomic():
        company.change(_settings(said), actor=OPERATOR, now=now)
        _calendar(said.country, now)
        for kind in LegalText.Kind.values:
            texts.current(kind)
        for name in said.journeys:
            publishing.publish(_shipped()[name].read_text(), wiring.VOCABULARY, actor=OPERATOR, now=now)
        return invitations.invite(
            said.admin_email,
            name=said.admin_name,
            role=Role.ADMINISTRATOR,
            language=said.language,
            actor=OPERATOR,
            now=now,
        )


def leave_demo() -> None:
    """This will empty both databases, and remove the documents and the evidence of the demo."""
    for alias in ("default", "vault"):
        with databases.as_owner(alias):
            _empty(alias)
    for folder in (Path(settings.DOCUMENTS), *settings.OUTSIDE):
        shutil.rmtree(folder, ignore_errors=True)


# -- how


def _begun(given: argparse.Namespace) -> tuple[Staff, str]:
    now = clock.now()
    there = list(Staff.objects.all())
    if there and len(there) == people.awaited().count():
        return _again(there, now)
    if there or Case.objects.exists():
        _must_be_the_demo(there)
        _confirm(given)
        said = _asked(given)  # all of it first: whoever stops here keeps the demo
        leave_demo()
        return found(said, now=now)
    return found(_asked(given), now=now)


def _again(there: list[Staff], now: datetime) -> tuple[Staff, str]:
    """Nobody has come yet, so the link was lost: the administrator gets another."""
    boss = next((one for one in there if one.role == Role.ADMINISTRATOR), None)
    if boss is None:
        raise Refused("There are staff and no administrator among them. Look with: pridvor doctor")
    print(f"The company is there, and {boss.name} has not come yet. This is another link.")
    return boss, invitations.renew(boss, actor=OPERATOR, now=now)


def _must_be_the_demo(there: list[Staff]) -> None:
    ours = {person.email for person in cast.STAFF}
    others = [one.email for one in there if one.email not in ours]
    if others or not there:
        raise Refused(
            f"There is a company here already ({', '.join(others) or 'with cases'}); nothing was changed. "
            "For another one set PRIDVOR_DATA, or DATABASE_URL and VAULT_DATABASE_URL, to an empty place."
        )
    if readiness.examine()["workers"]:
        raise Refused(
            "The demo is running. Stop it first (Ctrl-C where it was started), then run this again."
        )


def _confirm(given: argparse.Namespace) -> None:
    name = settings.COMPANY["name"]
    cases = Case.objects.count()
    typed = given.leave_demo
    if typed is None and sys.stdin.isatty():
        print(f"Here is the demo, with {cases} cases. All of it is removed, for ever.")
        typed = input(f"Type its company's name to go on ({name}): ").strip()
    if typed != name:
        raise Refused(
            f"The demo stays. To leave it, type the name of its company, or pass --leave-demo '{name}'."
        )


def _settings(said: Answers) -> dict[str, str]:
    return {
        "name": said.name,
        "contact": said.admin_name,
        "phone": said.phone,
        "email": said.email,
        "sender_name": said.name,
        "sender_address": said.email,
        "language": said.language,
        "zone": ZONES.get(said.country, settings.TIME_ZONE),
    }


def _calendar(country: str, now: datetime) -> None:
    """Monday to Friday, nine to five, without the public holidays of the country."""
    if Calendar.objects.exists():
        return
    zone = ZONES.get(country, settings.TIME_ZONE)
    rules = sla.rules(zone=zone, week=[OFFICE] * 5 + [()] * 2, country=country, now=now)
    name = Locale("en").territories[country]
    sla.make(name, countries=[country], is_default=True, rules=rules, actor=OPERATOR, now=now)


def _shipped() -> dict[str, Path]:
    return {path.stem: path for path in sorted(settings.JOURNEYS.glob("*.yaml"))}


def _empty(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = [f'"{table}"' for (table,) in cursor.fetchall() if table not in STAYS]
        for table in tables:
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(f"truncate {', '.join(tables)} restart identity cascade")
        for table in tables:
            cursor.execute(f"alter table {table} enable trigger user")


# -- asking


def _asked(given: argparse.Namespace) -> Answers:
    """From the flags; what they leave out is asked for. Raises WrongUse where nobody can be asked."""
    names = tuple(_shipped())
    return Answers(
        name=_one(given.name, "--name", "The company's name"),
        country=_one(given.country, "--country", "Its country, two letters", "RO", _country).upper(),
        language=_one(given.language, "--language", "Language of its people (ro, en)", "ro", _language),
        email=_one(
            given.email, "--email", "E-mail that clients may write to; mails come from it", "", validate_email
        ),
        phone=_one(given.phone, "--phone", "Telephone for clients"),
        admin_name=_one(given.admin_name, "--admin-name", "Name of the first administrator"),
        admin_email=_one(given.admin_email, "--admin-email", "Their e-mail", "", validate_email),
        journeys=_journeys(
            _one(given.journeys, "--journeys", _offer(names), "partner-registration", _journeys)
        ),
    )


def _one(said: str | None, flag: str, words: str, usual: str = "", check: object = None) -> str:
    """One answer that holds. On a terminal a wrong one is asked for again."""
    asks = said is None and sys.stdin.isatty()
    while True:
        if asks:
            said = input(f"{words}{f' [{usual}]' if usual else ''}: ").strip() or usual
        wrong = "" if (said or usual) else f"{words}: pass {flag}"
        try:
            if not wrong and callable(check):
                check(said or usual)
        except (ValidationError, WrongUse) as error:
            wrong = f"{flag}: {' '.join(error.messages) if isinstance(error, ValidationError) else error}"
        if not wrong:
            return said or usual
        if not asks:
            raise WrongUse(wrong)
        print(wrong)


def _offer(names: tuple[str, ...]) -> str:
    return f"Journeys to begin with, with commas, or all\n  ({', '.join(names)})\n "


def _journeys(said: str) -> tuple[str, ...]:
    names = tuple(_shipped())
    chosen = (
        names if said.strip() == "all" else tuple(part.strip() for part in said.split(",") if part.strip())
    )
    if unknown := [name for name in chosen if name not in names]:
        raise WrongUse(f"there is no journey {', '.join(unknown)}; there are {', '.join(names)}")
    return chosen


def _country(said: str) -> None:
    if said.upper() not in Locale("en").territories or len(said) != 2 or not said.isalpha():
        raise WrongUse(f"{said} is no country; write two letters, such as RO")
    try:
        public_holidays(said.upper(), [2026])
    except NotImplementedError:
        raise WrongUse(f"the public holidays of {said} are not known; take a country near by") from None


def _language(said: str) -> None:
    if said not in LANGUAGES:
        raise WrongUse("ro or en")
