"""A proxy on loopback that spoils answers: what a client sees when networks and gateways fail."""

import contextlib
import socket
import ssl
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PAGE = b"<html><h1>Gateway</h1></html>"
RETRY_AFTER = 7  # seconds that a busy gateway asks for
LATE = 3.0  # seconds after which a slow peer is reached, when its caller has long gone
DRIP = 0.1  # seconds between two bytes

Effect = Callable[[bytes], bool]


class Fault:
    """Stands before `port`. `mode` for each request that has an effect; others pass unless `reads` is set too.

    What the peer never sees: refuse: cut. hole: no answer for long. busy: 429 with Retry-After. garbage: a page with
    status 200. broken: JSON that ends too soon. schema: JSON of another shape.
    What the peer does see: lost: its answer is dropped. error: a gateway's 500 page instead. hang: no answer for long.
    drip: its answer, byte by byte. slow: reached after the caller has gone. twice: reached two times, one answer.
    """

    def __init__(self, target: int, effect: Effect | None = None) -> None:
        self.target, self.mode, self.reads = target, "pass", False
        self.effect = effect or (lambda request: not request.startswith((b"GET", b"HEAD")))
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
            self.seen.append(request.split(b" ", 1)[0].decode())
            mode = self.mode if self.reads or self.effect(request) else "pass"
            if mode in INSTEAD:
                connection.sendall(INSTEAD[mode])
            elif mode == "refuse":
                _reset(connection)
            elif mode == "hole":
                _stay_silent(connection)
            else:
                time.sleep(LATE if mode == "slow" else 0)
                self._answer(connection, mode, self._deliver(request))

    def _answer(self, connection: socket.socket, mode: str, answer: bytes) -> None:
        if mode == "lost":
            _reset(connection)
        elif mode == "hang":
            _stay_silent(connection)
        elif mode == "drip":
            for byte in answer:
                connection.sendall(bytes([byte]))
                time.sleep(DRIP)
        else:
            connection.sendall(_page(b"500 Internal Server Error") if mode == "error" else answer)

    def _deliver(self, request: bytes) -> bytes:
        if self.mode == "twice" and self.effect(request):
            self._once(request)
        return self._once(request)

    def _once(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self.target), 20) as peer:
            peer.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            answer = b""
            while part := peer.recv(65536):
                answer += part
        return answer


@contextmanager
def before(port: int, effect: Effect | None = None) -> Iterator[Fault]:
    fault = Fault(port, effect)
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


def _page(status: bytes, kind: bytes = b"text/html", body: bytes = PAGE, more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nConnection: close\r\n%bContent-Length: %d\r\n\r\n"
    return head % (status, kind, more, len(body)) + body


def _stay_silent(connection: socket.socket) -> None:
    connection.settimeout(30)
    connection.recv(1)


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextmanager
def stranger() -> Iterator[int]:
    """A port at which TLS is spoken with a certificate that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(self_signed())
        file.flush()
        context.load_cert_chain(file.name)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
                pass

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def self_signed() -> bytes:
    """A key and a certificate that vouches for itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


JSON = b"application/json"
INSTEAD = {
    "busy": _page(b"429 Too Many Requests", more=b"Retry-After: %d\r\n" % RETRY_AFTER),
    "garbage": _page(b"200 OK"),
    "broken": _page(b"200 OK", JSON, b'{"data": [{"id": 1, "name": "'),
    "schema": _page(b"200 OK", JSON, b'{"unexpected": [1, 2, 3]}'),
}
