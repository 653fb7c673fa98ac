"""Credentials at go-live: destroyed, or moved to the installation's secret store, once."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pridvor.cases.models import Secret
from pridvor.connectors import secret_store
from pridvor.connectors.contract import Rejected, Unavailable
from pridvor.vault.models import Value
from tests.managed import TOKEN, Managed

pytestmark = pytest.mark.django_db


class Store(BaseHTTPRequestHandler):
    """The part of Vault's KV version 2 that we use: check-and-set 0 writes once."""

    kept: dict = {}
    status = 0

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["X-Vault-Token"] != "root":
            self._say(403, {"errors": ["permission denied"]})
        elif self.status:
            self._say(self.status, {"errors": ["sealed"]})
        elif self.path in self.kept and body["options"] == {"cas": 0}:
            self._say(400, {"errors": ["check-and-set parameter did not match the current version"]})
        else:
            self.kept[self.path] = body["data"]
            self._say(200, {})

    def _say(self, status, body):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def store(settings):
    Store.kept, Store.status = {}, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SECRET_STORE = f"http://127.0.0.1:{server.server_port}/v1/secret/data/clients"
    settings.SECRET_STORE_TOKEN = "root"
    yield Store
    server.shutdown()


@pytest.fixture
def ours(ana):
    return Managed(ana).hand_over().do("look", "approve")


def live(ours):
    """The stage `launch` ends, and what the wiring does then."""
    ours.do("go-live")
    release(ours)


def release(ours, kind="stage.done", **data):
    data = data or ({"stage": "launch"} if kind == "stage.done" else {})
    secret_store.release(ours.event(kind, **data), now=ours.time())


def fates(ours):
    return list(Secret.objects.filter(case=ours.case).values_list("fate", flat=True))


def test_before_go_live_it_stays(ours):
    release(ours, stage="technical")
    assert fates(ours) == [""]


def test_without_a_store_it_is_destroyed(ours):
    live(ours)
    assert fates(ours) == ["destroyed"]
    assert not Value.objects.filter(field="secret").exists()
    assert ours.events("secret.destroyed") == [{"step": "access", "fields": ["token"]}]


def test_with_a_store_it_moves_there(ours, store):
    live(ours)
    path = f"/v1/secret/data/clients/{ours.case.reference}/access"
    assert store.kept == {path: {"token": TOKEN}}
    assert fates(ours) == ["handed-over"]
    assert not Value.objects.filter(field="secret").exists()


def test_a_second_run_writes_and_says_nothing_more(ours, store):
    live(ours)
    release(ours)
    assert len(ours.events("secret.handed-over")) == 1


def test_what_an_earlier_try_has_written_is_done(ours, store):
    store.kept[f"/v1/secret/data/clients/{ours.case.reference}/access"] = {"token": TOKEN}
    live(ours)
    assert fates(ours) == ["handed-over"]


@pytest.mark.parametrize(("status", "error"), [(503, Unavailable), (429, Unavailable), (400, Rejected)])
def test_a_store_that_does_not_take_it_leaves_it_here(ours, store, status, error):
    store.status = status
    with pytest.raises(error):
        live(ours)
    assert fates(ours) == [""]


def test_a_wrong_token_is_a_refusal(ours, store, settings):
    settings.SECRET_STORE_TOKEN = "other"
    with pytest.raises(Rejected, match="403"):
        live(ours)


def test_a_store_that_is_away_leaves_it_here(ours, settings):
    settings.SECRET_STORE = "http://127.0.0.1:9/v1/secret/data"
    with pytest.raises(Unavailable):
        live(ours)


def test_a_declined_case_leaves_nothing_anywhere(ana, store):
    ours = Managed(ana).hand_over().do("look", "reject")
    release(ours, "case.ended")
    assert (fates(ours), store.kept) == (["destroyed"], {})
