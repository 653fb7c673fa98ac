"""The drill: a backup is restored into an installation of its own, and proves to be the same."""

import json
import os
import subprocess
import sys

import pytest

from pridvor.documents import sealing
from pridvor.evidence import checkpoints
from pridvor.project import backup
from pridvor.vault import actions as vault
from pridvor.vault import erasures
from tests.conftest import CARMEN, NOW, ROOT, person
from tests.evidence.conftest import connected

PHRASE = "three horses on a porch"
DOCUMENT = "ab/cd/1/whole"


@pytest.fixture
def house(committed, keys, settings, tmp_path):
    """Two cases that are committed, a document of each, and a backup with the keys."""
    settings.DOCUMENTS = tmp_path / "documents"
    cases = [connected(person(f"{name}@firma.example")) for name in ("ana", "emil")]
    for number, case in enumerate(cases):
        with sealing.writing(case.subject, f"{DOCUMENT}{number}") as sink:
            sink.write(b"signed and sealed")
            sink.finish()
    checkpoints.make(now=NOW)
    manifest = backup.write(tmp_path / "backup", PHRASE, now=NOW, with_keys=True)
    return cases, manifest


def restored(tmp_path, *command, phrase=PHRASE):
    """A command in the other installation, which has a database, documents and keys of its own."""
    other = tmp_path / "other"
    other.mkdir(exist_ok=True)
    os.chmod(tmp_path, 0o711)
    for folder in list(tmp_path.parents)[:3]:
        os.chmod(folder, os.stat(folder).st_mode | 0o001)
    environment = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
    environment |= {
        "PRIDVOR_DATA": str(other),
        "PRIDVOR_CHECKPOINTS": str(tmp_path / "there"),
        "PRIDVOR_BACKUP_PASSPHRASE": phrase,
        "DJANGO_SETTINGS_MODULE": "pridvor.project.settings",
    }
    return subprocess.run(
        [sys.executable, "-m", "pridvor", *map(str, command)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_restored_installation_is_the_same_and_what_was_erased_stays_erased(house, tmp_path):
    cases, manifest = house
    vault.erase(cases[1].subject, actor=CARMEN, reason="asked", now=NOW)
    assert [entry["subject"] for entry in read_list(tmp_path)] == [str(cases[1].subject)]
    done = restored(tmp_path, "restore", tmp_path / "backup")
    assert done.returncode == 0, done.stderr
    rows = sum(sum(tables.values()) for tables in manifest["rows"].values())
    assert f"{rows} rows and 2 files are as they were; 1 erased again" in done.stdout
    assert "Every chain holds." in done.stdout
    verified = json.loads(restored(tmp_path, "evidence", "verify", "--json").stdout)
    assert verified["findings"] == []
    ours, theirs = (json.loads(shown(tmp_path, case).stdout) for case in cases)
    assert (len(ours["events"]), len(theirs["events"])) == tuple(case.events.count() for case in cases)
    copy = tmp_path / "other" / "documents" / f"{DOCUMENT}0"
    assert copy.read_bytes() == (tmp_path / "documents" / f"{DOCUMENT}0").read_bytes()
    again = restored(tmp_path, "restore", tmp_path / "backup")
    assert (again.returncode, "not empty" in again.stderr) == (1, True)


def shown(tmp_path, case):
    return restored(tmp_path, "case", "show", case.reference, "--json")


def read_list(tmp_path):
    return [json.loads(line) for line in (tmp_path / "there" / erasures.LIST).read_text().splitlines()]


def test_a_wrong_passphrase_or_a_changed_part_restores_nothing(house, tmp_path):
    assert "passphrase is wrong" in restored(tmp_path, "restore", tmp_path / "backup", phrase="x").stderr
    dump = tmp_path / "backup" / "vault.dump"
    turned = bytearray(dump.read_bytes())
    turned[len(turned) // 2] ^= 1
    dump.write_bytes(turned)
    done = restored(tmp_path, "restore", tmp_path / "backup")
    assert (done.returncode, "vault.dump is damaged" in done.stderr) == (1, True)


def test_nothing_of_a_backup_can_be_read_without_the_passphrase(house, tmp_path):
    canaries = (b"ana@firma.example", b"RO49AAAA", house[0][0].reference.encode())
    for path in (tmp_path / "backup").rglob("*"):
        if path.is_file():
            assert not [canary for canary in canaries if canary in path.read_bytes()]
