"""One request to a peer's web interface: it ends in time, and however it fails, it fails as the contract says.

A time-out of a socket is renewed by every byte, so that a peer which trickles would hold a worker for ever: here the
whole answer has `LONGEST` seconds. 429 and 503 carry the peer's own wish when to be asked again (Retry-After).
"""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from pridvor.connectors.contract import Unavailable, Uncertain

LONGEST = 20.0  # seconds for one answer, from the first byte sent to the last received
TIMEOUT = httpx.Timeout(10.0, connect=3.0)  # seconds without a byte
LARGEST = 5_000_000  # bytes of one answer


def read(http: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """A request without effect: whatever goes wrong on the way, nothing happened."""
    try:
        return _judged(_whole(http, method, path, **more))
    except httpx.HTTPError as error:
        raise Unavailable(_name(error), "while reading") from None


def send(http: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """A request with an effect: without a connection nothing happened; without an answer nobody knows."""
    try:
        return _judged(_whole(http, method, path, **more))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unavailable(_name(error), "no connection; nothing was sent") from None
    except httpx.HTTPError as error:
        raise Uncertain(_name(error), "sent; the answer did not come") from None


def json_of(response: httpx.Response) -> Any:
    """What the answer says; None for a gateway's page."""
    try:
        return response.json()
    except ValueError:
        return None


def retry_after(response: httpx.Response, now: datetime) -> float | None:
    """Seconds until the peer wants to be asked again: a number of them or a date (RFC 9110, 10.2.3)."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _whole(http: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    until, body = time.monotonic() + LONGEST, b""
    with http.stream(method, path, **more) as response:
        for part in response.iter_bytes():
            body += part
            if time.monotonic() > until:
                raise httpx.ReadTimeout("the answer trickles", request=response.request)
            if len(body) > LARGEST:
                raise httpx.ReadError("the answer has no end", request=response.request)
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in _OF_THE_WIRE]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)


def _judged(response: httpx.Response) -> httpx.Response:
    """429 and 503 come before anything was done (RFC 6585, 4; RFC 9110, 15.6.4): what was asked may be asked again."""
    if response.status_code in (429, 503):
        after = retry_after(response, datetime.now(UTC))
        raise Unavailable(f"http-{response.status_code}", "the peer is busy", after=after)
    return response


def _name(error: httpx.HTTPError) -> str:
    return type(error).__name__


_OF_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")  # the body is read and unpacked
