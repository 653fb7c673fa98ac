"""Log lines as JSON, one a line, each with the id of the request or job it belongs to, none with personal data.

What libraries say may hold values: addresses, account numbers and long numbers are masked, and of an exception of the
database only its own sentence stays, not the row that it quotes.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from psycopg import Error

from pridvor.lib import trace

MAIL = re.compile(r"[^\s@<>\"'=:,;()]+@[^\s@<>\"',;()]+\.[a-z]{2,}", re.IGNORECASE)
ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
NUMBER = re.compile(r"(?<![\w.-])\+?\d(?:[ .-]?\d){8,}(?![\w-])")
DETAIL = re.compile(r"^(DETAIL|CONTEXT|HINT):.*", re.DOTALL | re.MULTILINE)


def harmless(text: str) -> str:
    """The text without what could be somebody's."""
    for pattern, shown in ((MAIL, "‹address›"), (ACCOUNT, "‹account›"), (NUMBER, "‹number›")):
        text = pattern.sub(shown, text)
    return text


class Lines(logging.Formatter):
    """JSON: at, level, logger, message, trace; of an exception its kind, its sentence and where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": harmless(DETAIL.sub("", record.getMessage()).strip()),
        }
        if trace.current():
            line["trace"] = trace.current()
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _told(error: BaseException) -> dict[str, Any]:
    cause = error.__cause__ if isinstance(error.__cause__, Error) else error
    sentence = cause.diag.message_primary if isinstance(cause, Error) else str(error)
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}",
        "message": harmless((sentence or "").partition("\n")[0]),
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }
