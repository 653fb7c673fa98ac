"""Where other systems stand: what the environment names wins; else what the administrator set, secrets unsealed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings

from pridvor.company.fields import BY_KEY
from pridvor.company.models import Secret
from pridvor.company.reading import stored
from pridvor.lib import aead
from pridvor.lib.keys import Keys
from pridvor.lib.resealing import Column

NAMED = {"erp": "ERP_URL", "anaf": "REGISTRY_URL", "vies": "VIES_URL", "scanner": "CLAMD", "mail": "SMTP_URL"}


@dataclass(frozen=True)
class Place:
    """`address` without credentials. `is_given`: by the environment, which a page cannot change."""

    address: str = ""
    user: str = ""
    has_secret: bool = False
    is_given: bool = False


def ring() -> aead.KeyRing:
    held: Keys = settings.KEYS
    return held.ring("files", "company-secret")


def _belongs(row: Any) -> bytes:
    return aead.bound_to("company-secret", row.name)


SEALED = Column(Secret, "sealed", ring, _belongs)


def seal(name: str, words: str) -> bytes:
    return ring().seal(words.encode(), aead.bound_to("company-secret", name))


def place(key: str) -> Place:
    """Where a system stands, for people: never its secret."""
    if given := _given(key):
        parts = urlsplit(given) if "://" in given else None
        shown = (
            given.replace(f"{parts.netloc.rpartition('@')[0]}@", "", 1)
            if parts and "@" in parts.netloc
            else given
        )
        return Place(shown, (parts.username or "") if parts and key == "mail" else "", True, True)
    return Place(
        str(stored().get(f"{key}.address", "")),
        str(stored().get(f"{key}.user", "")),
        bool(stored().get(f"{key}.secret")),
    )


def address(key: str) -> str:
    """The address of a system that needs no credentials; empty: none is set."""
    return _given(key) or str(stored().get(f"{key}.address", ""))


def mail() -> str:
    """smtp://user:password@host:port, or empty: mail is kept and not sent."""
    if settings.SMTP_URL:
        return str(settings.SMTP_URL)
    base, user = stored().get("mail.address", ""), stored().get("mail.user", "")
    if not base or not user:
        return str(base)
    scheme, _, host = str(base).partition("://")
    return f"{scheme}://{quote(user, safe='')}:{quote(_secret('mail'), safe='')}@{host}"


def erp() -> tuple[str, str]:
    """Address and key; both empty when there is none."""
    if settings.ERP_URL:
        return settings.ERP_URL, settings.ERP_KEY
    found = address("erp")
    return (found, _secret("erp")) if found else ("", "")


def service(name: str) -> tuple[str, str] | None:
    """Address and token of a system that the environment or the administrator named."""
    if name in settings.SERVICES:
        return settings.SERVICES[name]["url"], settings.SERVICES[name].get("token", "")
    found = stored().get(f"{name}.address", "")
    return (str(found), _secret(name)) if found else None


def system(role: str) -> tuple[str, str] | None:
    """Address and key of the system that plays a role, its options behind the address's `?`; None where none is set."""
    if role == "erp":
        found, key = erp()
        return (found, key) if found else None
    return service(role)


def hook_secrets(role: str) -> list[str]:
    """The secret with which a system signs what it tells us; none: it is not believed."""
    given = settings.SERVICES[role].get("hook", "") if role in settings.SERVICES else _secret(role, "hook")
    return [str(given)] if given else []


def configured() -> list[str]:
    """The systems that have an address."""
    return [key for key in BY_KEY if address(key)]


def _given(key: str) -> str:
    if key in NAMED:
        return str(getattr(settings, NAMED[key]))
    return str(settings.SERVICES.get(key, {}).get("url", ""))


def _secret(key: str, part: str = "secret") -> str:
    name = f"{key}.{part}"
    row = Secret.objects.filter(name=name).first() if stored().get(name) else None
    return ring().open(bytes(row.sealed), _belongs(row)).decode() if row else ""
