"""What the company's settings are now. Each process reads them once and asks at most once a second whether they changed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from pridvor.company.models import Picture, Revision

LOOK_EVERY = 1.0  # seconds: for so long another process may go on with what was


@dataclass(frozen=True)
class Company:
    """Who onboards, as pages, letters and papers show it."""

    name: str
    contact: str
    phone: str
    email: str
    sender_name: str
    sender_address: str
    language: str
    zone: str
    accent: str = ""  # #rrggbb; empty: the house's own
    logo: str = ""  # digest of the picture; empty: the house's mark

    @property
    def sender(self) -> str:
        """The From of every mail."""
        return formataddr((self.sender_name, self.sender_address))

    @property
    def words(self) -> dict[str, str]:
        """Name and whom to turn to, for letters and papers."""
        return {"name": self.name, "contact": self.contact, "phone": self.phone, "email": self.email}


class _Known:
    """The latest revision that this process has read."""

    values: Mapping[str, Any] = {}
    looked = float("-inf")


def company() -> Company:
    """What the administrator set; what was never set is as the environment says."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    first = {
        **settings.COMPANY,
        "sender_name": name,
        "sender_address": address,
        "language": settings.LANGUAGE_CODE,
        "zone": settings.TIME_ZONE,
    }
    own = Company.__dataclass_fields__
    return Company(**{**first, **{key: said for key, said in stored().items() if key in own and said}})


def stored() -> Mapping[str, Any]:
    """What the latest revision says. When the database cannot be asked: what was known last."""
    if time.monotonic() - _Known.looked > LOOK_EVERY:
        try:
            row = Revision.objects.values_list("settings", flat=True).first()
        except DatabaseError:
            return _Known.values
        _Known.values, _Known.looked = row or {}, time.monotonic()
    return _Known.values


def forget() -> None:
    """The next reader asks the database: something changed here."""
    _Known.looked = float("-inf")


def picture(digest: str) -> bytes | None:
    row = Picture.objects.filter(pk=digest).first()
    return bytes(row.content) if row else None
