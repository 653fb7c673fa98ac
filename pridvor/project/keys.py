"""Where the keys come from: the environment, a file of this machine, or that file wrapped by a key management service.

The file's text is JSON: for each name a base64 key, or its versions. It is replaced whole, never written in place, and
only one process at a time changes it.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx

from pridvor.lib.keys import Keys, ReadOnly, Table, Versions
from pridvor.project import environment

BYTES = 32
TIMEOUT = httpx.Timeout(20, connect=5)  # seconds


class Unavailable(Exception):
    """The key management service did not wrap or unwrap; the message says what it answered."""


class Wrapper(Protocol):
    """The seam of a key management service: it seals the file of keys, and opens it again."""

    def wrap(self, plain: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes) -> bytes: ...


class Plain:
    """The file is read as it is; its mode keeps others away."""

    def wrap(self, plain: bytes) -> bytes:
        return plain

    def unwrap(self, wrapped: bytes) -> bytes:
        return wrapped


class Transit:
    """HashiCorp Vault's transit engine (OpenBao's too): the wrapping key never leaves it."""

    def __init__(self, address: str, token: str) -> None:
        self.mount, _, self.key = address.rstrip("/").rpartition("/")
        self.token = token

    def wrap(self, plain: bytes) -> bytes:
        answer = self._ask("encrypt", {"plaintext": base64.b64encode(plain).decode()})
        return str(answer["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        return base64.b64decode(self._ask("decrypt", {"ciphertext": wrapped.decode()})["plaintext"])

    def _ask(self, verb: str, said: dict[str, str]) -> dict[str, Any]:
        try:
            answer = httpx.post(
                f"{self.mount}/{verb}/{self.key}",
                json=said,
                headers={"X-Vault-Token": self.token},
                timeout=TIMEOUT,
            )
            answer.raise_for_status()
            return dict(answer.json()["data"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"The key management service at {self.mount} refused: {error}") from error


class Given:
    """Keys of the environment: whoever sets it adds and removes versions, and starts the processes anew."""

    def __init__(self, text: str) -> None:
        self.text = text

    def stamp(self) -> object:
        return self.text

    def read(self) -> Table:
        return loads(self.text)

    def write(self, table: Table) -> None:
        raise ReadOnly("PRIDVOR_KEYS gives the keys: add the new version there.")


class File:
    """Keys in a file that only this account can read; made when there is none, completed when a name is new."""

    def __init__(self, path: Path, wrapper: Wrapper) -> None:
        self.path, self.wrapper = path, wrapper

    def stamp(self) -> object:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def read(self) -> Table:
        table = self._stored()
        if set(environment.KEY_NAMES) <= set(table):
            return table
        with self._alone():
            made = {name: Versions(1, {1: secrets.token_bytes(BYTES)}) for name in environment.KEY_NAMES}
            table = {**made, **self._stored()}  # two processes that start together agree on one file
            self._replace(table)
        return table

    def write(self, table: Table) -> None:
        with self._alone():
            self._replace(table)

    def _stored(self) -> Table:
        return loads(self.wrapper.unwrap(self.path.read_bytes()).decode()) if self.path.exists() else {}

    def _replace(self, table: Table) -> None:
        partial = self.path.with_suffix(f".{os.getpid()}")
        partial.touch(mode=0o600)
        with partial.open("wb") as file:
            file.write(self.wrapper.wrap(dumps(table).encode()))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def held() -> Keys:
    """The keys of this installation."""
    given = environment.get("PRIDVOR_KEYS")
    if given:
        return Keys(Given(given))
    address = environment.get("PRIDVOR_KMS")
    wrapper = Transit(address, environment.get("PRIDVOR_KMS_TOKEN")) if address else Plain()
    return Keys(File(environment.data_folder() / "keys.json", wrapper))


def loads(text: str) -> Table:
    """Keys from their JSON; a key that stands alone is its first version."""
    return {name: _versions(said) for name, said in json.loads(text).items()}


def dumps(table: Table) -> str:
    return json.dumps(
        {
            name: {
                "primary": versions.primary,
                **{str(number): base64.b64encode(key).decode() for number, key in versions.by_number.items()},
            }
            for name, versions in table.items()
        }
    )


def _versions(said: Any) -> Versions:
    if isinstance(said, str):
        return Versions(1, {1: base64.b64decode(said)})
    keys = {int(number): base64.b64decode(key) for number, key in said.items() if number != "primary"}
    return Versions(int(said["primary"]), keys)
