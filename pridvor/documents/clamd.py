"""Asking ClamAV's daemon about a file: its INSTREAM command (clamd(8)), over a unix socket or TCP.

Fails closed: whatever is not an explicit OK leaves the file in quarantine.
"""

import socket
import struct
from collections.abc import Iterable
from datetime import UTC, datetime

SECONDS = 60.0  # for each read or write


class Unavailable(Exception):
    """No verdict: not reachable, too slow, over its size limit, or an answer that is not understood."""


def scan(address: str, chunks: Iterable[bytes]) -> str | None:
    """None for a clean file, else the name of what was found. Address: «unix:/path» or «host:port». Raises Unavailable."""
    try:
        with _connect(address) as connection:
            _send(connection, chunks)
            return _verdict(_reply(connection))
    except OSError as error:
        raise Unavailable(str(error)) from error


def answers(address: str, seconds: float) -> bool:
    """Whether it is there and can work. Raises Unavailable."""
    return _asked(address, b"zPING\0", seconds) == "PONG"


def signatures_of(address: str, seconds: float) -> datetime | None:
    """When its signatures were made; None if it does not say. Raises Unavailable."""
    parts = _asked(address, b"zVERSION\0", seconds).split("/")
    try:
        return datetime.strptime(parts[2], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return None


def _asked(address: str, command: bytes, seconds: float) -> str:
    try:
        with _connect(address, seconds) as connection:
            connection.sendall(command)
            return _reply(connection)
    except OSError as error:
        raise Unavailable(str(error)) from error


def _connect(address: str, seconds: float = SECONDS) -> socket.socket:
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        try:
            connection.connect(address.removeprefix("unix:"))
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise Unavailable("PRIDVOR_CLAMD is neither unix:/path nor host:port")
    return socket.create_connection((host.strip("[]"), int(port)), seconds)


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> None:
    try:
        connection.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            if chunk:  # an empty one would end the stream
                connection.sendall(struct.pack(">I", len(chunk)) + chunk)
        connection.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # over its size limit it hangs up, but says so first


def _reply(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 4096:
        piece = connection.recv(4096)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(reply: str) -> str | None:
    if reply == "stream: OK":
        return None
    if reply.startswith("stream: ") and reply.endswith(" FOUND"):
        return reply.removeprefix("stream: ").removesuffix(" FOUND")
    raise Unavailable(reply or "no answer")
