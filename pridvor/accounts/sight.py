"""Which cases whoever acts now may see: the first wall. The database has a second one (see project.walls).

A door sets it for the time of one request; machines, commands and jobs see everything. `cases.models` asks it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from pridvor.lib import wall


@dataclass(frozen=True)
class Sight:
    """`regions` None: every case. Else the cases of these regions; none named: only the person's own cases."""

    staff: int | None = None  # the key of the person who looks; None: a machine
    regions: tuple[str, ...] | None = None
    tests: bool | None = None  # only cases that are tests, or only those that are none; None: both

    @property
    def is_whole(self) -> bool:
        return self.regions is None and self.tests is None

    @property
    def scope(self) -> str:
        """The same for the database, as lib.wall writes it."""
        if self.staff is None:
            return wall.MACHINE
        return f"staff:{self.staff}:{'*' if self.regions is None else ','.join(self.regions)}"


EVERYTHING = Sight()
_sight: ContextVar[Sight] = ContextVar("sight", default=EVERYTHING)


def present() -> Sight:
    return _sight.get()


@contextmanager
def limited_to(sight: Sight) -> Iterator[None]:
    """While this lasts, other cases do not exist."""
    token = _sight.set(sight)
    try:
        yield
    finally:
        _sight.reset(token)


@contextmanager
def without_tests() -> Iterator[None]:
    """For figures: as far as whoever acts sees, but for cases of machines that try us out."""
    with limited_to(replace(present(), tests=False)):
        yield


@contextmanager
def whole() -> Iterator[None]:
    """For a rule that must count every case, whoever acts: is this company with us already, are two clients one?

    What it learns of cases out of sight it must not show.
    """
    with limited_to(EVERYTHING), wall.within(wall.MACHINE):
        yield
