"""What was done about people's data and about incidents is said in words, each kind of it."""

import re

from pridvor.oversight import happenings
from pridvor.privacy.models import Entry, Request
from tests.conftest import ROOT

ELSEWHERE = {
    "relationship.ended",
    "retention.erased",
    "rule.changed",
    "text.published",
}  # about no request or incident


def test_every_kind_that_the_code_writes_has_words():
    source = "".join(path.read_text("utf-8") for path in (ROOT / "pridvor" / "privacy").glob("*.py"))
    written = set(re.findall(r'ledger\.record\(\s*"([a-z.]+)"', source))
    written |= {f"{kind}.asked" for kind in Request.Kind.values}
    assert {"erasure.decided", "incident.opened"} <= written
    assert written - ELSEWHERE == happenings.SAID.keys()


def test_a_system_is_named_as_people_name_it():
    assert happenings.said(Entry(kind="outside.told", data={"peer": "erp"})) == "Erased, or kept by law: ERP"
