"""One request to a peer's web interface: it ends in time, and however it fails, it fails as the contract says.

A time-out of a socket is renewed by every byte, so that a peer which trickles would hold a worker for ever: here the
whole answer has a time, too, after which the line is cut. The peer's own wish
when to be asked again (Retry-After) is handed on.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import httpx

from pridvor.connectors import trail
from pridvor.connectors.contract import Unavailable, Uncertain

LONGEST = 2  # times the time-out for a silent peer, for a whole answer
TIMEOUT_SECONDS = 10.0  # without a byte
TIMEOUT = httpx.Timeout(TIMEOUT_SECONDS, connect=3.0)
OF_THE_WIRE = (
    "content-encoding",
    "content-length",
    "transfer-encoding",
)  # headers; the body is read and unpacked
LARGEST = 5_000_000  # bytes of one answer

Trace = Callable[[str, dict[str, Any]], None]
_lines: WeakKeyDictionary[httpx.Client, list[socket.socket]] = (
    WeakKeyDictionary()
)  # where each client is connected


@cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: the usual authorities, or those in the file that SSL_CERT_FILE names.

    Reading them takes longer than most requests: once for each process.
    """
    return httpx.create_ssl_context()


def client(
    base: str, headers: Mapping[str, str], transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    """A connection to a system of ours: it ends in time, follows no proxy of the machine, and says which job calls."""
    return httpx.Client(
        base_url=base,
        headers=dict(headers),
        timeout=TIMEOUT,
        transport=transport,
        verify=trusted(),
        trust_env=False,
        event_hooks=trail.HOOKS,
    )


def read(http: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """A request without effect: whatever goes wrong on the way, nothing happened."""
    try:
        return _not_busy(_whole(http, method, path, **more), 429, 503)
    except httpx.HTTPError as error:
        raise Unavailable("no-connection", f"{_name(error)} while reading") from None


def send(http: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """A request with an effect: without a connection nothing happened; without an answer nobody knows."""
    try:
        return _not_busy(_whole(http, method, path, **more), 429)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unavailable("no-connection", f"{_name(error)}; nothing was sent") from None
    except httpx.HTTPError as error:
        raise Uncertain("answer-lost", f"{_name(error)}; sent, the answer did not come") from None


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
    body = b""
    with (
        _cut_after(http, LONGEST * (http.timeout.read or TIMEOUT_SECONDS)) as seen,
        http.stream(method, path, extensions={"trace": seen}, **more) as response,
    ):
        for part in response.iter_bytes():
            body += part
            if len(body) > LARGEST:
                raise httpx.ReadError("the answer has no end", request=response.request)
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in OF_THE_WIRE]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)


@contextmanager
def _cut_after(http: httpx.Client, seconds: float) -> Iterator[Trace]:
    """Shuts the client's sockets after so long: whoever waits at one of them then reads an end. Gives httpcore's trace."""
    lines = _lines.setdefault(http, [])

    def seen(event: str, info: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            lines.append(info["return_value"].get_extra_info("socket"))

    def cut() -> None:
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(seconds, cut)
    watch.start()
    try:
        yield seen
    finally:
        watch.cancel()


def _not_busy(response: httpx.Response, *statuses: int) -> httpx.Response:
    """429 comes before anything is done (RFC 6585, 4). A 503 may come from a gateway that gave up waiting."""
    if response.status_code in statuses:
        after = retry_after(response, datetime.now(UTC))
        raise Unavailable(f"http-{response.status_code}", "the peer is busy", after=after)
    return response


def _name(error: httpx.HTTPError) -> str:
    return type(error).__name__
