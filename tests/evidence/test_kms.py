"""Keys that a key management service wraps: the file alone opens nothing."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pridvor.lib.keys import Keys
from pridvor.project import keys as sources

TOKEN = "s.token"


class Vault(BaseHTTPRequestHandler):
    """A stand-in of Vault's transit engine: it wraps by turning the bytes round."""

    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["X-Vault-Token"] != TOKEN:
            self.send_error(403)
            return
        if self.path == "/v1/transit/encrypt/pridvor":
            data = {"ciphertext": "vault:v1:" + said["plaintext"][::-1]}
        else:
            data = {"plaintext": said["ciphertext"].removeprefix("vault:v1:")[::-1]}
        body = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said):
        pass


@pytest.fixture
def address():
    server = HTTPServer(("127.0.0.1", 0), Vault)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/transit/pridvor"
    server.shutdown()
    server.server_close()


def test_the_file_holds_no_key_and_opens_with_the_service(address, tmp_path):
    path = tmp_path / "keys.json"
    made = Keys(sources.File(path, sources.Transit(address, TOKEN)))
    key = made["vault"]
    assert path.read_text().startswith("vault:v1:")
    assert base64.b64encode(key) not in path.read_bytes()
    again = Keys(sources.File(path, sources.Transit(address, TOKEN)))
    assert (again["vault"], again.add("vault", b"n" * 32), made["vault"]) == (key, 2, b"n" * 32)


def test_without_the_service_there_are_no_keys(address, tmp_path):
    path = tmp_path / "keys.json"
    assert Keys(sources.File(path, sources.Transit(address, TOKEN)))["seal"]
    with pytest.raises(sources.Unavailable, match="403"):
        Keys(sources.File(path, sources.Transit(address, "wrong")))["seal"]
