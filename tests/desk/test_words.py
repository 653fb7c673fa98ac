"""What happened in a case is said in words: each kind of event that a room writes has its sentence."""

import ast
import re

import pytest

from pridvor.cases import actions as cases
from pridvor.desk import words
from tests.conftest import NOW, ROOT, WORKER

pytestmark = pytest.mark.django_db
ROOMS = ("cases", "checks", "connectors", "desk", "documents", "notifications", "portal", "sla")
WRITERS = {"record", "_record", "say", "_say", "Effect", "_become"}
KIND = re.compile(r"[a-z-]+\.[a-z-]+")


def written():
    """Every kind that stands as it is in a call that writes an event."""
    for path in (path for room in ROOMS for path in (ROOT / "pridvor" / room).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            name = getattr(call, "func", None)
            if getattr(name, "attr", getattr(name, "id", "")) in WRITERS:
                texts = (part for given in call.args for part in ast.walk(given))
                yield from (t.value for t in texts if isinstance(t, ast.Constant) and _is_kind(t.value))


def _is_kind(value):
    return isinstance(value, str) and KIND.fullmatch(value) is not None


KINDS = sorted(set(written()))


def test_kinds_are_found():
    assert {"case.opened", "call.by-hand", "call.left", "member.invited"} <= set(KINDS)
    assert len(KINDS) > 60


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_event_has_its_sentence(kind):
    assert kind in words.EVENTS


def test_why_a_person_has_to_do_it_is_said_and_no_code(carmen, ours):
    data = {"step": "erp", "peer": "erp", "code": "gave-up", "words": "ConnectError"}
    cases.record(ours.case, "call.by-hand", actor=WORKER, now=NOW, data=data)
    cases.record(ours.case, "milestone.reached", actor=WORKER, now=NOW, data={"tell": "received"})
    page = carmen.text(f"/desk/cases/{ours.case.public_id}/")
    assert "ERP: a person has to do it (it was tried for as long as promised, without success)" in page
    assert "The client is told: Registration received" in page
    assert "gave-up" not in page


def test_a_reason_of_a_call_names_system_and_cause(ours):
    reason = {"step": "erp", "item": "erp", "code": "gave-up"}
    assert (
        words.reason(ours.case, reason, "en") == "ERP: it was tried for as long as promised, without success"
    )
