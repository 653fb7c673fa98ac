"""Our side of INSTREAM against a stand-in that misbehaves in every way, and against the real daemon where there is one."""

import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import time

import pytest

from pridvor.documents import clamd
from tests.documents import corpus


class Daemon(socketserver.ThreadingTCPServer):
    """Reads a stream as clamd does and gives the answer it was told to give."""

    allow_reuse_address = True
    answer: bytes = b"stream: OK\0"
    received: bytes = b""


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        self.server.received = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            self.server.received += self.rfile.read(length)
        self.wfile.write(self.server.answer)


@pytest.fixture
def daemon():
    with Daemon(("127.0.0.1", 0), Conversation) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask(daemon, chunks=(b"a", b"", b"bc")):
    return clamd.scan(f"127.0.0.1:{daemon.server_address[1]}", chunks)


def test_a_clean_file_has_no_finding_and_arrives_whole(daemon):
    assert ask(daemon) is None
    assert daemon.received == b"abc"


def test_a_finding_is_named(daemon):
    daemon.answer = b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
    assert ask(daemon) == "Win.Test.EICAR_HDB-1"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: ERROR\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"OK\0",
        b"stream: OK but\0",
        b"\xff\xff\0",
    ],
)
def test_anything_else_is_no_verdict(daemon, answer):
    daemon.answer = answer
    with pytest.raises(clamd.Unavailable):
        ask(daemon)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "unix:/nowhere/clamd.sock", "nonsense", "host:port"])
def test_nobody_there_is_no_verdict(address):
    with pytest.raises(clamd.Unavailable):
        clamd.scan(address, [b"a"])


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    if not shutil.which("clamd"):
        pytest.skip("clamd is not installed")
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "db").mkdir()
    (folder / "db" / "local.ndb").write_text(f"Local.Eicar:0:*:{corpus.EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(
        f"DatabaseDirectory {folder}/db\nLocalSocket {folder}/clamd.sock\nForeground true\nStreamMaxLength 5M\n"
        "MaxScanSize 400M\nMaxFileSize 2000M\nAlertExceedsMax yes\nAlertEncrypted yes\nUser root\n"
    )
    process = subprocess.Popen(
        ["clamd", "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(100):
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(f"{folder}/clamd.sock") == 0:
                break
        time.sleep(0.1)
    yield f"unix:{folder}/clamd.sock"
    process.terminate()
    process.wait(10)


def test_the_real_daemon_finds_what_it_knows_and_clears_the_rest(real):
    assert clamd.scan(real, [corpus.typeset()]) is None
    assert clamd.scan(real, [corpus.EICAR]) == "Local.Eicar.UNOFFICIAL"
    assert clamd.scan(real, [corpus.nested(corpus.EICAR, 2)]) == "Local.Eicar.UNOFFICIAL"


def test_over_the_real_daemons_limit_there_is_no_verdict(real):
    with pytest.raises(clamd.Unavailable, match="size limit"):
        clamd.scan(real, [bytes(1 << 20)] * 40)
