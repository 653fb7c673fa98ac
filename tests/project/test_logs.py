"""Log lines are JSON, carry the id of what caused them, and hold nothing of anybody's."""

import json
import logging

import pytest
from django.db import IntegrityError, connection

from pridvor.lib import trace
from pridvor.project import logs

CANARIES = [
    "ana@electro.example",
    "RO49AAAA1B31007593840000",
    "RO49 AAAA 1B31 0075 9384 0000",
    "+40 721 555 019",
    "2800101123456",
]


def line(message, *args, error=None):
    record = logging.LogRecord("x", logging.WARNING, "f.py", 1, message, args, None)
    if error is not None:
        record.exc_info = (type(error), error, error.__traceback__)
    return json.loads(logs.Lines().format(record))


@pytest.mark.parametrize("canary", CANARIES)
def test_what_could_be_somebodys_is_masked(canary):
    try:
        raise ValueError(f"cannot use {canary} here")
    except ValueError as error:
        written = json.dumps(line("refused: %s", canary, error=error), ensure_ascii=False)
    assert canary not in written
    assert "cannot use" in written
    assert "refused" in written


@pytest.mark.parametrize(
    "harmless", ["case PR-2026-00412", "timer 1234567 of case 42", "127.0.0.1:8000", "3.14.1"]
)
def test_what_is_nobodys_stays_readable(harmless):
    assert line(harmless)["message"] == harmless


@pytest.mark.django_db
def test_of_an_error_of_the_database_the_row_is_not_quoted():
    try:
        with connection.cursor() as cursor:
            cursor.execute("create temporary table one (mail text unique)")
            for _ in range(2):
                cursor.execute("insert into one values ('Ana Popescu, Electro')")
    except IntegrityError as error:
        told = line("failed", error=error)
    assert "Popescu" not in json.dumps(told)
    assert told["error"]["message"].startswith("duplicate key value violates unique constraint")
    assert any("test_logs.py" in place for place in told["error"]["where"])


def test_a_line_carries_the_id_of_what_is_being_done():
    with trace.doing("job", "ab" * 16) as known:
        assert line("x")["trace"] == known == "ab" * 16
    assert "trace" not in line("x")
