"""Comparing words as people mean them: without case, diacritics or spacing."""

import re
import unicodedata

LEGACY = str.maketrans("şţŞŢ", "șțȘȚ")  # cedilla letters of old Romanian fonts; the alphabet has commas


def modern(text: str) -> str:
    """The text with Romanian comma letters instead of the cedilla ones (SR 13392)."""
    return text.translate(LEGACY)


def fold(text: str) -> str:
    """Lower case, no diacritics, single spaces: equal for «Brașov», «BRASOV» and «braşov »."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def compact(text: str) -> str:
    """Letters and digits only, folded: for identifiers typed with any spacing."""
    return re.sub(r"[^a-z0-9]", "", fold(text))
