"""Asking a timestamp authority (RFC 3161, section 3.4: over HTTP), by the one guarded way out."""

from pridvor.connectors import outward
from pridvor.documents.seals import NoTimestamp

HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


def ask(url: str, request: bytes) -> bytes:
    """The answer to a request. Raises NoTimestamp."""
    try:
        answer = outward.call("POST", url, headers=HEADERS, content=request)
    except outward.NotAllowed:
        raise NoTimestamp("tsa-address") from None
    except outward.NoAnswer:
        raise NoTimestamp("tsa-down") from None
    if answer.status != 200:
        raise NoTimestamp("tsa-refused")
    return answer.body
