"""/readyz tells the truth: what is broken is named, and only what nothing works without stops the traffic."""

import socket
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from pridvor.lib.keys import Keys, Versions
from pridvor.project import readiness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def well(settings, tmp_path):
    settings.DATA = tmp_path
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values")


def asked():
    answer = Client().get("/readyz")
    return answer.status_code, {name for name, word in answer.json()["parts"].items() if word != "ok"}


def test_all_is_well():
    assert asked() == (200, set())


def test_a_dead_worker_is_named_and_pages_go_on():
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'")
    assert asked() == (200, {"workers"})


@pytest.mark.parametrize(("minutes", "late"), [(1, False), (3, True)])
def test_jobs_that_could_run_and_do_not_are_named(minutes, late):
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " values ('q', 't', 'todo', now() - %s)",
            [timedelta(minutes=minutes)],
        )
    assert asked() == (200, {"jobs"} if late else set())


def test_a_full_disk_stops_the_traffic(settings, monkeypatch):
    monkeypatch.setattr(readiness, "LEAST_FREE", 10**18)
    assert asked() == (503, {"disk"})


def test_a_folder_that_cannot_be_written_stops_the_traffic(settings, tmp_path):
    settings.DATA = tmp_path / "gone"
    assert asked() == (503, {"disk"})


def test_a_broken_key_stops_the_traffic(settings):
    short = {**settings.KEYS.source.read(), "vault": Versions(1, {1: b"too short"})}

    class Broken:
        def stamp(self):
            return 1

        def read(self):
            return short

    settings.KEYS = Keys(Broken())
    assert asked() == (503, {"keys"})


@pytest.mark.parametrize(("answer", "well_so"), [(b"PONG\0", True), (b"no\0", False)])
def test_the_scanner_is_asked(settings, answer, well_so):
    server = socket.create_server(("127.0.0.1", 0))
    settings.CLAMD = f"127.0.0.1:{server.getsockname()[1]}"
    threading.Thread(target=lambda: _once(server, answer), daemon=True).start()
    assert asked() == (200, set() if well_so else {"scanner"})
    server.close()


def test_a_scanner_that_is_gone_is_named(settings):
    settings.CLAMD = "127.0.0.1:1"
    assert asked() == (200, {"scanner"})


def _once(server, answer):
    there, _ = server.accept()
    there.recv(100)
    there.sendall(answer)
    there.close()
