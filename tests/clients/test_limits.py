"""Limits hold whatever number of processes ask at one moment; what is kept of a place is a digest."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from pridvor.clients import limits, sign_in
from pridvor.clients.models import Asking, Person, SignIn
from tests.conftest import NOW, ROOT

HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_a_span_begins_with_the_first_asking_and_ends_after_its_time():
    counts = [limits.count("codes", "10.0.0.1", within=HOUR, now=NOW) for _ in range(3)]
    assert counts == [1, 2, 3]
    assert limits.count("codes", "10.0.0.2", within=HOUR, now=NOW) == 1
    assert limits.count("else", "10.0.0.1", within=HOUR, now=NOW) == 1
    almost, over = NOW + timedelta(minutes=59), NOW + HOUR
    assert limits.count("codes", "10.0.0.1", within=HOUR, now=almost) == 4
    assert limits.count("codes", "10.0.0.1", within=HOUR, now=over) == 1


@pytest.mark.django_db
def test_the_place_itself_is_kept_nowhere():
    limits.count("codes", "10.99.98.97", within=HOUR, now=NOW)
    assert b"10.99" not in bytes(Asking.objects.get().place)


def at_once(act, times):
    def one(_):
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(one, range(times)))


def test_each_asking_has_a_number_of_its_own(committed):
    counted = at_once(lambda: limits.count("codes", "10.0.0.1", within=HOUR, now=NOW), 60)
    assert sorted(counted) == list(range(1, 61))


ASK = """
import os, sys
sys.path.insert(0, os.environ["ROOT"])
os.environ["DJANGO_SETTINGS_MODULE"] = "pridvor.project.settings_test"
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from django.conf import settings
from django.db import connections
for alias in ("default", "vault"):
    settings.DATABASES[alias]["NAME"] = os.environ[alias]
    connections[alias].settings_dict["NAME"] = os.environ[alias]
from pridvor.clients import limits
now = datetime.fromisoformat(os.environ["NOW"])
settings.KEYS = {**settings.KEYS, "session": b"k" * 32}
def one(_):
    try:
        return limits.count("codes", "10.0.0.9", within=timedelta(hours=1), now=now)
    finally:
        connections.close_all()
with ThreadPoolExecutor(6) as pool:
    print(*pool.map(one, range(20)))
"""


def test_several_processes_share_one_count(committed):
    names = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "vault")}
    env = {**os.environ, **names, "ROOT": str(ROOT), "NOW": NOW.isoformat()}
    runs = [
        subprocess.Popen([sys.executable, "-c", ASK], env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(3)
    ]
    counted = [int(number) for run in runs for number in run.communicate(timeout=60)[0].split()]
    assert sorted(counted) == list(range(1, 61))


def test_an_address_gets_five_codes_an_hour_however_many_ask_at_once(committed):
    def ask():
        try:
            sign_in.ask("new@firm.example", language="ro", now=NOW)
        except sign_in.TooManyCodes:
            return "refused"
        return "sent"

    said = at_once(ask, 20)
    assert (said.count("sent"), said.count("refused")) == (5, 15)
    assert Person.objects.count() == 1, "one address is one person"
    assert SignIn.objects.count() == 5
