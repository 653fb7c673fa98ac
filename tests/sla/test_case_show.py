"""What `pridvor case show` says of a case's time."""

import json
from argparse import Namespace

import pytest

from pridvor.project import commands

pytestmark = pytest.mark.django_db


def test_clocks_and_ledger_are_printed_for_people_and_for_machines(play, capsys):
    play.wait(hours=2).fill()
    assert commands.case_show(Namespace(case=play.case.reference, json=True)) == 0
    said = json.loads(capsys.readouterr().out)
    assert {row["clock"] for row in said["clocks"]} == {"promise  1", "us gather 1", "client gather 1"}
    assert (said["ledger"][0]["party"], said["ledger"][0]["seconds"]) == ("client", 7200)
    commands.case_show(Namespace(case=play.case.reference, json=False))
    assert "3 working days, Bucharest calendar" in capsys.readouterr().out
