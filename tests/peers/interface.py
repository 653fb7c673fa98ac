"""A client's interface on this machine: what it answers is chosen by the test, what it was asked is remembered."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Interface:
    """`answers` by method and path: (status, body, seconds before it answers). `meanwhile` is done at each call."""

    def __init__(self, answers=None, token=""):
        self.answers, self.token, self.asked = dict(answers or {}), token, []
        self.meanwhile = lambda: None


@contextmanager
def running(interface):
    class Handler(BaseHTTPRequestHandler):
        def _any(self):
            length = int(self.headers.get("Content-Length") or 0)
            interface.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            interface.meanwhile()
            status, body, wait = interface.answers.get(f"{self.command} {self.path}", (404, {}, 0))
            if interface.token and self.headers.get("Authorization") != f"Bearer {interface.token}":
                status, body = 401, {}
            time.sleep(wait)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1/secret")
            self.end_headers()
            self.wfile.write(content)

        def __getattr__(self, name):
            if name.startswith("do_"):
                return self._any
            raise AttributeError(name)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
