"""Documents stay readable throughout a rotation: real commits, readers in threads of their own."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from pridvor.documents import sealing
from pridvor.project import rotation
from pridvor.vault import actions as vault
from tests.conftest import NOW


def test_documents_stay_readable_while_their_keys_are_rotated(committed, keys, settings, tmp_path):
    read_while_rotating(300, settings, tmp_path)


@pytest.mark.slow
def test_ten_thousand_documents_stay_readable_while_their_keys_are_rotated(
    committed, keys, settings, tmp_path
):
    read_while_rotating(10_000, settings, tmp_path)


def read_while_rotating(count, settings, tmp_path):
    """Every file is read again and again by two readers, while `files` and `vault` are rotated and the old ones go."""
    settings.DOCUMENTS = tmp_path / "documents"
    written = [write(number) for number in range(count)]
    stop, unreadable, read = threading.Event(), [], []

    def reader(start):
        try:
            while not stop.is_set():
                for number, (subject, path) in enumerate(written[start::2]):
                    if b"".join(sealing.chunks(subject, path)) != content(start + 2 * number):
                        unreadable.append(path)
                    read.append(path)
                    if stop.is_set():
                        return
        except Exception as error:
            unreadable.append(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(reader, start) for start in (0, 1)]
        moved = [rotation.rotate(name)["moved"] for name in ("files", "vault")]
        retired = [rotation.retire(name)["retired"] for name in ("files", "vault")]
        for subject, path in written:
            assert b"".join(sealing.chunks(subject, path))
        stop.set()
        for each in readers:
            each.result()
    assert (moved, retired, unreadable) == ([count, count], [[1], [1]], [])
    assert read


def content(number):
    return f"file {number}".encode()


def write(number):
    subject, path = vault.new_subject(now=NOW), f"{number % 100:02}/{number}/whole"
    with sealing.writing(subject, path) as sink:
        sink.write(content(number))
        sink.finish()
    return subject, path
