"""What the columns of a table are for, by which right, and how long: the words in which every room describes its own.

Columns that say something about a person, or point at one, have a use; all others stand in one line. A test compares
the tables with the models, both ways; the record of GDPR Art. 30 is made from them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Use:
    """A purpose with its legal basis and how long the data is kept for it; `whose`: clients or staff."""

    key: str
    whose: str
    purpose: Any
    basis: Any
    kept: Any


ONBOARD = Use(
    "onboard",
    "clients",
    gettext_lazy("decide whether a company becomes a client, make the contract, open the account"),
    gettext_lazy("contract, and steps before it: GDPR Art. 6(1)(b)"),
    gettext_lazy("as the table of retention says for its kind; erased with the person's key"),
)
IDENTIFY = Use(
    "identify",
    "clients",
    gettext_lazy("let a person sign in and nobody else in their name"),
    gettext_lazy("contract: GDPR Art. 6(1)(b); security: Art. 32"),
    gettext_lazy("codes a day, sessions half a day, the person as long as a case of theirs"),
)
TELL = Use(
    "tell",
    "clients",
    gettext_lazy("write to a person what happens and what is needed"),
    gettext_lazy("contract: GDPR Art. 6(1)(b)"),
    gettext_lazy("as long as the case; the address stands only in the vault"),
)
PROVE = Use(
    "prove",
    "clients",
    gettext_lazy("prove who did what and when"),
    gettext_lazy("accountability: GDPR Art. 5(2) and 6(1)(c)"),
    gettext_lazy("with the ledger; an id that means nobody once the key is destroyed"),
)
RIGHTS = Use(
    "rights",
    "clients",
    gettext_lazy("answer requests of persons, record consents, judge breaches"),
    gettext_lazy("legal obligation: GDPR Art. 6(1)(c) with Art. 7(1), 12 to 22, 33 and 34"),
    gettext_lazy("with the ledger; an id that means nobody once the key is destroyed"),
)
WORK = Use(
    "work",
    "staff",
    gettext_lazy("share out work among the staff and show who did it"),
    gettext_lazy("legitimate interest in orderly work: GDPR Art. 6(1)(f)"),
    gettext_lazy("as long as the account, in ledgers as long as these"),
)
GUARD = Use(
    "guard",
    "staff",
    gettext_lazy("let members of staff sign in safely, with a second factor"),
    gettext_lazy("security of processing: GDPR Art. 6(1)(f) and 32"),
    gettext_lazy("as long as the account; sessions half a day"),
)
USES = (ONBOARD, IDENTIFY, TELL, PROVE, RIGHTS, WORK, GUARD)

Marked = Mapping[str, Use]  # columns, with spaces between them, and what they are for


@dataclass(frozen=True)
class Table:
    """One model. `sealed`: readable only with a key of the vault; `ids`: points at a person; `clear`: readable as it is."""

    model: str
    sealed: Marked = field(default_factory=dict)
    ids: Marked = field(default_factory=dict)
    clear: Marked = field(default_factory=dict)
    plain: str = ""  # columns that say nothing of a person

    def personal(self) -> Iterator[tuple[str, str, Use]]:
        """Each column about a person, in which form it stands, and its use."""
        for form in ("sealed", "ids", "clear"):
            for columns, use in getattr(self, form).items():
                yield from ((column, form, use) for column in columns.split())

    @property
    def columns(self) -> list[str]:
        return [*(column for column, _form, _use in self.personal()), *self.plain.split()]
