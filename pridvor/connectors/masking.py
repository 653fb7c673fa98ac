"""What ledgers keep of personal values: enough to recognise one that is known, too little to learn one that is not."""

import re
from collections.abc import Iterable


def mask(value: str) -> str:
    """«ana@firma.ro» → «a…@firma.ro», «RO49AAAA1B31007593840000» → «RO49…0000», «Ana Pop» → «A… P…»."""
    if "@" in value:
        name, _, host = value.partition("@")
        return f"{name[:1]}…@{host}"
    if any(character.isdigit() for character in value):
        short = re.sub(r"\s", "", value)
        return f"{short[:4]}…{short[-4:]}" if len(short) > 11 else f"{short[:2]}…"
    return " ".join(f"{word[0]}…" for word in value.split())


def scrub(text: str, values: Iterable[str]) -> str:
    """The text with every one of these values masked, however the peer has spaced it."""
    for value in filter(None, values):
        letters = re.sub(r"\s", "", value)
        if len(letters) > 2:
            text = re.sub(r"\s?".join(map(re.escape, letters)), mask(value), text, flags=re.IGNORECASE)
    return text
