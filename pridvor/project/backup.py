"""The commands `backup` and `restore`: both databases, documents, checkpoints and erasures; keys only when asked for.

The application's database is dumped first, then the vault's, then documents are copied: what a case refers to is always
older than the case. Dumps are encrypted while they are made (lib/stream.py), documents are ciphertext anyway; nothing
is on a disk in the clear. A manifest with the digest of every part is authenticated with the same passphrase.

Restoring ends with proof: rows, file hashes and chains are compared, and whoever was erased since is erased again.
"""

import argparse
import getpass
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings
from django.db import connections

from pridvor.evidence import checkpoints, verifying
from pridvor.lib import aead, clock, outside, stream
from pridvor.lib.keys import Keys
from pridvor.project import databases, embedded, environment, keys, walls
from pridvor.vault import erasures

LAST = "last-backup"  # when one was written, in the data folder
FORMAT = "pridvor-backup/1"
MANIFEST = "manifest.json"
DATABASES = ("default", "vault")  # in this order: see above
LISTS = (checkpoints.LIST, erasures.LIST)
CHUNK = 1 << 18  # bytes
EVERYTHING = "set pridvor.scope = 'machine'"  # what row-level security shows: all of it (see walls.py)
ENVIRONMENT = embedded.bare_environment() | {"PGOPTIONS": "-c pridvor.scope=machine"}


class CannotRestore(Exception):
    """What was found instead, and what to do."""


@dataclass(frozen=True)
class Restored:
    """What a restore brought back, and what it did after."""

    rows: int
    files: int
    erased_again: int
    findings: int


def backup_command(given: argparse.Namespace) -> int:
    manifest = write(given.folder, passphrase(), now=clock.now(), with_keys=given.with_keys)
    (settings.DATA / LAST).write_text(clock.now().isoformat())  # for the administrator's list of what is left
    rows = sum(sum(tables.values()) for tables in manifest["rows"].values())
    print(f"{given.folder}: {rows} rows, {len(manifest['documents'])} files")
    if not given.with_keys:
        print("The keys are not in it: keep keys.json, or PRIDVOR_KEYS, somewhere else.")
    return 0


def restore_command(given: argparse.Namespace) -> int:
    try:
        done = restore(given.folder, passphrase(), now=clock.now())
    except CannotRestore as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"{done.rows} rows and {done.files} files are as they were; {done.erased_again} erased again")
    print("Every chain holds." if not done.findings else f"{done.findings} findings: pridvor evidence verify")
    return 1 if done.findings else 0


def passphrase() -> str:
    """Of the environment, else typed. Raises WrongUse when there is neither."""
    given = environment.get("PRIDVOR_BACKUP_PASSPHRASE")
    if not given and sys.stdin.isatty():
        given = getpass.getpass("Passphrase of the backup: ")
    if not given:
        raise environment.WrongUse("Set PRIDVOR_BACKUP_PASSPHRASE, or type it on a terminal.")
    return given


def write(folder: Path, phrase: str, *, now: datetime, with_keys: bool = False) -> dict[str, Any]:
    """This will write a backup and return its manifest. Into a folder with an older one, only new documents are copied."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    checkpoints.make(now=now)
    checkpoint = checkpoints.latest()
    salt = os.urandom(16)
    key = _key(phrase, salt)
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "at": now.isoformat(),
        "salt": salt.hex(),
        "checkpoint": checkpoint["number"] if checkpoint else 0,
        "fingerprints": _fingerprints(),
        "rows": {},
        "parts": {},
    }
    for alias in DATABASES:
        with databases.as_owner(alias), _snapshot(alias) as (name, rows):
            manifest["rows"][alias] = rows
            dump = _dump(alias, name)
            manifest["parts"][f"{alias}.dump"] = _seal(folder / f"{alias}.dump", dump, key)
    for name in LISTS:
        lines = "\n".join(json.dumps(line) for line in outside.read(settings.OUTSIDE[0], name))
        manifest["parts"][name] = _seal(folder / name, iter([lines.encode()]), key)
    if with_keys:
        held: Keys = settings.KEYS
        table = keys.dumps({name: held.versions(name) for name in held}).encode()
        manifest["parts"]["keys"] = _seal(folder / "keys", iter([table]), key)
    manifest["documents"] = dict(_copy(settings.DOCUMENTS, folder / "documents"))
    body = json.dumps(manifest, indent=1, sort_keys=True)
    mac = hmac.digest(aead.derive(key, "manifest"), body.encode(), "sha256").hex()
    (folder / MANIFEST).write_text(json.dumps({"manifest": body, "mac": mac}))
    return manifest


def restore(folder: Path, phrase: str, *, now: datetime) -> Restored:
    """This will bring a backup back into empty databases, and prove that it is whole. Raises CannotRestore."""
    manifest, key = _opened(folder, phrase)
    for alias in DATABASES:
        if connections[alias].introspection.table_names():
            raise CannotRestore(f"The database {alias} is not empty. Restore into an empty installation.")
    _take_keys(folder, manifest, key)
    for alias in DATABASES:
        _load(alias, _unseal(folder / f"{alias}.dump", key, manifest["parts"][f"{alias}.dump"]))
    for name in LISTS:
        text = b"".join(_unseal(folder / name, key, manifest["parts"][name])).decode()
        if not (settings.OUTSIDE[0] / name).exists():
            outside.append(settings.OUTSIDE[0], name, text.splitlines())
    walls.build()
    copied = dict(_copy(folder / "documents", settings.DOCUMENTS))
    if copied != manifest["documents"]:
        raise CannotRestore("Documents differ from the manifest of the backup.")
    rows = {alias: _count(alias) for alias in DATABASES}
    if rows != manifest["rows"]:
        raise CannotRestore("Rows differ from the manifest of the backup.")
    erased = erasures.apply_list()
    checkpoints.make(now=now, voids=int(manifest["checkpoint"]))
    erasures.keep_list()
    counted = sum(sum(tables.values()) for tables in rows.values())
    return Restored(counted, len(copied), len(erased), len(verifying.look().findings))


# -- the databases


@contextmanager
def _snapshot(alias: str) -> Iterator[tuple[str, dict[str, int]]]:
    """The name of a moment that a dump can be made of, and how many rows each table has then."""
    fresh = connections[alias].copy()
    try:
        with fresh.cursor() as cursor:
            cursor.execute(EVERYTHING)
            cursor.execute("begin isolation level repeatable read, read only")
            cursor.execute("select pg_export_snapshot()")
            yield cursor.fetchone()[0], _rows(cursor, fresh)
            cursor.execute("commit")
    finally:
        fresh.close()


def _count(alias: str) -> dict[str, int]:
    with databases.as_owner(alias), connections[alias].cursor() as cursor:
        cursor.execute(EVERYTHING)
        return _rows(cursor, connections[alias])


def _rows(cursor: Any, connection: Any) -> dict[str, int]:
    counted = {}
    for table in sorted(connection.introspection.table_names(cursor)):
        cursor.execute(f"select count(*) from {connection.ops.quote_name(table)}")  # noqa: S608
        counted[table] = cursor.fetchone()[0]
    return counted


def _dump(alias: str, snapshot: str) -> Iterator[bytes]:
    """The custom format of pg_dump, in pieces. Raises OSError when it ends with an error."""
    options = ["--format=custom", "--no-owner", "--no-privileges", "--enable-row-security"]
    options.append(f"--snapshot={snapshot}")
    with _run("pg_dump", [*options, "--dbname", _address(alias)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(CHUNK):
            yield piece


def _load(alias: str, pieces: Iterator[bytes]) -> None:
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    with (
        databases.as_owner(alias),
        _run("pg_restore", [*options, "--dbname", _address(alias)], stdin=subprocess.PIPE) as process,
    ):
        assert process.stdin is not None
        for piece in pieces:
            process.stdin.write(piece)
        process.stdin.close()


@contextmanager
def _run(name: str, arguments: list[str], **pipes: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [str(embedded.program(name)), *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=ENVIRONMENT, **pipes)  # type: ignore[call-overload]
    assert process.stderr is not None
    try:
        yield process
        if process.stdout:
            process.stdout.close()
        said = process.stderr.read().decode(errors="replace")
        if process.wait():
            raise OSError(f"{name} failed: {said.strip()[-500:]}")
    finally:
        process.stderr.close()
        process.kill()
        process.wait()


def _address(alias: str) -> str:
    """The connection string that Django's settings were made from."""
    given = connections[alias].settings_dict
    parts = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    pairs = {name: str(given[key]) for name, key in parts.items() if given.get(key)}
    return " ".join(f"{name}='{_quoted(value)}'" for name, value in pairs.items())


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


# -- files


def _seal(path: Path, pieces: Iterator[bytes], key: bytes) -> str:
    """Write pieces encrypted, whole or not at all; the digest of the plaintext."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        partial.chmod(0o600)
        sealed = stream.Encryptor(key, aead.bound_to("backup", path.name), file)
        for piece in pieces:
            sealed.write(piece)
        _size, digest = sealed.finish()
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return digest


def _unseal(path: Path, key: bytes, digest: str) -> Iterator[bytes]:
    """Pieces of the plaintext. Raises CannotRestore when the file is not the one of the manifest."""
    seen = hashlib.sha256()
    try:
        with path.open("rb") as file:
            place = aead.bound_to("backup", path.name)
            reader = stream.Decryptor(key, place, file, path.stat().st_size)
            while piece := reader.read(CHUNK):
                seen.update(piece)
                yield piece
    except (stream.Damaged, OSError) as error:
        raise CannotRestore(f"{path.name} is damaged: {error}") from error
    if seen.hexdigest() != digest:
        raise CannotRestore(f"{path.name} is not the file that the manifest names.")


def _copy(source: Path, target: Path) -> Iterator[tuple[str, str]]:
    """Copy a tree of ciphertext; each file's place and SHA-256. What is there already, as long, is not written again."""
    for path in sorted(source.rglob("*")) if source.exists() else ():
        if not path.is_file() or path.suffix == ".partial":
            continue
        place = path.relative_to(source)
        copy = target / place
        if not copy.exists() or copy.stat().st_size != path.stat().st_size:
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = copy.with_name(f"{copy.name}.partial")
            _copy_file(path, partial)
            partial.replace(copy)
        with copy.open("rb") as file:
            yield str(place), hashlib.file_digest(file, "sha256").hexdigest()


def _copy_file(source: Path, target: Path) -> None:
    with (
        source.open("rb") as old,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new,
    ):
        _pour(old, new)
        new.flush()
        os.fsync(new.fileno())


def _pour(old: IO[bytes], new: IO[bytes]) -> None:
    while piece := old.read(CHUNK):
        new.write(piece)


# -- keys


def _key(phrase: str, salt: bytes) -> bytes:
    """RFC 7914; the parameters are OWASP's for interactive use, doubled."""
    return Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(phrase.encode())


def _fingerprints() -> dict[str, dict[str, str]]:
    """What tells the keys apart without telling anything about them."""
    held: Keys = settings.KEYS
    return {
        name: {
            str(number): aead.derive(key, "fingerprint").hex()[:16]
            for number, key in held.versions(name).by_number.items()
        }
        for name in held
    }


def _opened(folder: Path, phrase: str) -> tuple[dict[str, Any], bytes]:
    try:
        given = json.loads((folder / MANIFEST).read_text())
        manifest = json.loads(given["manifest"])
        key = _key(phrase, bytes.fromhex(manifest["salt"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotRestore(f"{folder} holds no backup: {error}") from error
    mac = hmac.digest(aead.derive(key, "manifest"), given["manifest"].encode(), "sha256").hex()
    if not hmac.compare_digest(mac, str(given.get("mac"))):
        raise CannotRestore("The passphrase is wrong, or the manifest was changed.")
    return manifest, key


def _take_keys(folder: Path, manifest: dict[str, Any], key: bytes) -> None:
    """The keys of the backup when it holds them; else those that are here must be the same."""
    held: Keys = settings.KEYS
    if "keys" in manifest["parts"]:
        text = b"".join(_unseal(folder / "keys", key, manifest["parts"]["keys"])).decode()
        held.source.write(keys.loads(text))
    here = _fingerprints()
    for name, versions in manifest["fingerprints"].items():
        if not versions.items() <= here.get(name, {}).items():
            raise CannotRestore(f"The key {name} of that installation is not here: bring its keys first.")
