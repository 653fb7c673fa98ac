"""The demo's stand-ins: there in the demo, with codes that sign in, and nowhere else."""

import os
import re
import subprocess
import sys

import pytest
from django.test import Client

from pridvor.accounts.models import Staff
from pridvor.project import commands
from pridvor.project.cast import PASSWORD, STAFF
from tests.conftest import ROOT

ASKS = """
import django
django.setup()
from django.urls import Resolver404, resolve
for path in ("/sandbox/", "/sandbox/peers/erp/mode/"):
    try:
        resolve(path)
        print("there")
    except Resolver404:
        print("not there")
"""


@pytest.mark.parametrize(("demo", "said"), [("0", "not there"), ("1", "there"), ("", "not there")])
def test_the_stand_ins_exist_in_the_demo_only(demo, said):
    environment = {**os.environ, "PRIDVOR_DEMO": demo, "DJANGO_SETTINGS_MODULE": "pridvor.project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", ASKS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split("\n")) - {""} == {said}


@pytest.mark.django_db
def test_its_codes_really_sign_in():
    commands.furnish()
    page = Client().get("/sandbox/").content.decode()
    codes = dict(
        zip(re.findall(r"[a-z]+@arcada\.example", page), re.findall(r"\b\d{6}\b", page), strict=False)
    )
    assert set(codes) == {person.email for person in STAFF}
    for person in STAFF[:2]:
        browser = Client()
        browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
        browser.post("/accounts/2fa/authenticate/", {"code": codes[person.email]})
        assert browser.get("/desk/").status_code == 200, person.email


@pytest.mark.django_db
def test_filling_the_staff_twice_makes_nobody_twice():
    commands.furnish()
    commands.furnish()
    assert Staff.objects.count() == len(STAFF)
