"""Blind indexes: keyed digests by which a value is found without being opened.

A digest is made with the primary version of the key `index`; a search asks for those of every version, so that values
are found while they are indexed anew.
"""

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from pridvor.lib import aead, text
from pridvor.lib.keys import Keys
from pridvor.vault.models import BlindIndex, Value

DIGEST_BYTES = 16
WORDWISE = {"contact_name"}  # fields that are found by each of their words
EXACT = {"email", "phone", "iban"}


def write(value: Value, plain: str) -> None:
    """This will make a value findable, by digests of the primary key alone."""
    version = _keys().versions("index").primary
    BlindIndex.objects.filter(value=value).delete()
    BlindIndex.objects.bulk_create(
        BlindIndex(field=value.field, digest=_digest(version, value.field, word), key=version, value=value)
        for word in _words(value.field, plain)
    )


def matches(field: str, typed: str) -> set[UUID]:
    """The ids of the values that equal what was typed; of a name, those with each of its words."""
    found: set[UUID] | None = None
    for word in _words(field, typed):
        digests = [_digest(version, field, word) for version in _keys().versions("index").by_number]
        rows = BlindIndex.objects.filter(field=field, digest__in=digests)
        hits = set(rows.values_list("value_id", flat=True))
        found = hits if found is None else found & hits
    return found or set()


# -- how


def _keys() -> Keys:
    held: Keys = settings.KEYS
    return held


def _words(field: str, plain: str) -> list[str]:
    if field in WORDWISE:
        words = text.fold(plain.replace("-", " ")).split()
    elif field in EXACT:
        words = [plain.strip().casefold() if field == "email" else text.compact(plain)]
    else:
        return []
    return [word for word in sorted(set(words)) if word]


def _digest(version: int, field: str, word: str) -> bytes:
    key = _keys().versions("index").of(version)
    return hmac.new(key, aead.bound_to(field, word), hashlib.sha256).digest()[:DIGEST_BYTES]
