"""A proxy on loopback that spoils answers: what a client sees when networks and gateways fail."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Fault:
    """Stands before `port`. `mode` for each request that is not a GET; GETs pass unless `reads` is set too.

    refuse: cut before it is delivered. lost: delivered, the answer dropped. error: delivered, answered with a
    gateway's 500 page. garbage: not delivered, a page with status 200. hang: delivered, and no answer for long.
    """

    def __init__(self, target: int) -> None:
        self.target, self.mode, self.reads = target, "pass", False
        self.seen: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = _read(connection)
            method = request.split(b" ", 1)[0].decode()
            self.seen.append(method)
            mode = self.mode if self.reads or method != "GET" else "pass"
            if mode == "refuse":
                return _reset(connection)
            if mode == "garbage":
                return connection.sendall(_page(b"200 OK"))
            answer = self._deliver(request)
            if mode == "lost":
                return _reset(connection)
            if mode == "hang":
                connection.settimeout(30)
                connection.recv(1)
                return None
            return connection.sendall(_page(b"500 Internal Server Error") if mode == "error" else answer)

    def _deliver(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.target), 20) as peer:
            peer.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            answer = b""
            while part := peer.recv(65536):
                answer += part
        return answer


@contextmanager
def before(port: int) -> Iterator[Fault]:
    fault = Fault(port)
    try:
        yield fault
    finally:
        fault.close()


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise OSError("closed")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _page(status: bytes) -> bytes:
    body = b"<html><h1>Gateway</h1></html>"
    head = (
        b"HTTP/1.1 "
        + status
        + b"\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    return head + body


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
