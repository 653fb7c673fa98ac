"""Keys by name, each with its versions: the primary one seals, every one that is still there opens.

Where they come from is told by a source (the environment, a file, a file that a key management service wraps). The
source is looked at again at every use, so that a running process takes up a new version at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pridvor.lib import aead


class ReadOnly(Exception):
    """These keys are kept by somebody else, who must add or remove the version."""


class NoSuchVersion(Exception):
    """The version is not on the ring: it was retired, or these are not the keys of this installation."""


@dataclass(frozen=True)
class Versions:
    """One key's versions by number, from 1 to 255."""

    primary: int
    by_number: Mapping[int, bytes]

    def of(self, number: int) -> bytes:
        try:
            return self.by_number[number]
        except KeyError:
            raise NoSuchVersion(number) from None


Table = Mapping[str, Versions]


class Source(Protocol):
    def stamp(self) -> object:
        """Differs whenever the keys may have changed; cheap, asked at every use."""

    def read(self) -> Table: ...

    def write(self, table: Table) -> None:
        """Keep this table from now on. Raises ReadOnly."""


class Keys(Mapping[str, bytes]):
    """The primary key by name; its versions and rings on request."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._stamp: object = None
        self._table: Table = {}
        self._made: dict[tuple[str, str], Any] = {}

    def versions(self, name: str) -> Versions:
        return self._fresh()[name]

    def ring(self, name: str, purpose: str = "") -> aead.KeyRing:
        """A ring of all versions of a key; with a purpose, of what is derived from them for it."""
        versions = self.versions(name)
        ring = self._made.get((name, purpose))
        if ring is None:
            keys = {
                number: aead.derive(key, purpose) if purpose else key
                for number, key in versions.by_number.items()
            }
            ring = self._made[name, purpose] = aead.KeyRing(keys, versions.primary)
        return ring

    def derived(self, name: str, purpose: str) -> Versions:
        """What is derived from each version for a purpose."""
        versions = self.versions(name)
        made = self._made.get((name, f"={purpose}"))
        if made is None:
            keys = {number: aead.derive(key, purpose) for number, key in versions.by_number.items()}
            made = self._made[name, f"={purpose}"] = Versions(versions.primary, keys)
        return made

    def add(self, name: str, key: bytes) -> int:
        """This will make `key` the new primary version and return its number. Raises ReadOnly."""
        table = dict(self._fresh())
        number = max(table[name].by_number) + 1
        table[name] = Versions(number, {**table[name].by_number, number: key})
        self.source.write(table)
        return number

    def retire(self, name: str, numbers: set[int]) -> None:
        """This will forget versions, never the primary one. What is still sealed with them never opens again."""
        table = dict(self._fresh())
        kept = {
            number: key
            for number, key in table[name].by_number.items()
            if number not in numbers or number == table[name].primary
        }
        table[name] = Versions(table[name].primary, kept)
        self.source.write(table)

    def __getitem__(self, name: str) -> bytes:
        versions = self.versions(name)
        return versions.by_number[versions.primary]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fresh())

    def __len__(self) -> int:
        return len(self._fresh())

    def _fresh(self) -> Table:
        stamp = self.source.stamp()
        if stamp != self._stamp or not self._table:
            self._table, self._made, self._stamp = self.source.read(), {}, stamp
        return self._table
