"""Who does something: a client, a member of staff, or the machine itself."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["client", "staff", "machine"]


@dataclass(frozen=True)
class Actor:
    """The doer of a state change, as ledgers keep it.

    `id` is stable and holds no personal value: a person's subject id, a staff id, or a machine's name.
    """

    kind: Kind
    id: str
    role: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def machine(name: str) -> Actor:
    return Actor("machine", name)
