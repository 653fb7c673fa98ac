"""The table of OWASP ASVS 5.0: complete, and each row that claims something names a test or a document that exists."""

from collections import Counter

import pytest

from tests import asvs

ROWS = asvs.rows()


def test_every_requirement_has_one_row():
    assert (len(ROWS), len({row.requirement for row in ROWS})) == (345, 345)
    assert Counter(row.level for row in ROWS) == {"1": 70, "2": 183, "3": 92}


@pytest.mark.parametrize("row", [row for row in ROWS if row.by], ids=lambda row: row.requirement)
def test_what_a_row_names_exists(row):
    assert asvs.is_there(row), row.by


def test_what_is_not_claimed_names_nothing_and_says_why():
    for row in ROWS:
        if row.status in ("n/a", "open"):
            assert (row.by, bool(row.note)) == ("", True), row
        else:
            assert row.status in ("test", "document"), row


def test_enough_is_tied():
    tied = Counter(row.level for row in ROWS if row.by)
    assert not [row.requirement for row in ROWS if row.level == "1" and row.status == "open"]
    assert tied["2"] >= 130
    assert sum(tied.values()) >= 200


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ('<testcase classname="tests.x" name="test_a[1]"/>', None),
        ('<testcase classname="tests.x" name="test_a"><failure/></testcase>', "failed"),
        ('<testcase classname="tests.x" name="test_a"><skipped/></testcase>', "was skipped"),
        ('<testcase classname="tests.x" name="test_b"/>', "did not run"),
    ],
)
def test_a_test_that_is_missing_skipped_or_red_is_found(tmp_path, monkeypatch, case, problem):
    table, report = tmp_path / "asvs.csv", tmp_path / "asvs.xml"
    table.write_text("requirement,level,status,by,note\nV1,1,test,tests/x.py::test_a,\n")
    report.write_text(f"<testsuites><testsuite>{case}</testsuite></testsuites>")
    monkeypatch.setattr(asvs, "TABLE", table)
    found = list(asvs.problems(report))
    assert found == ([] if problem is None else [f"V1: tests/x.py::test_a {problem}"])
