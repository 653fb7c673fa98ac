"""What a client may make us call: strangers' public addresses and nothing else, whatever they write or resolve to."""

import asyncio
import socket
import ssl
import threading
import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pridvor.connectors import outward
from pridvor.connectors.outward import NoAnswer, NotAllowed
from tests.conftest import NOW
from tests.peers.interface import Interface, running

PUBLIC = "93.184.216.34"
HOSTILE = {
    # by number, as RFC 3986 writes it
    "http://127.0.0.1/": "private",
    "http://127.255.255.254/": "private",
    "http://0.0.0.0/": "private",
    "http://10.0.0.1/": "private",
    "http://172.16.0.1/": "private",
    "http://172.31.255.255/": "private",
    "http://192.168.1.1/": "private",
    "http://100.64.0.1/": "private",
    "http://169.254.169.254/latest/meta-data/": "private",
    "http://169.254.170.2/v2/credentials": "private",
    "http://100.100.100.200/latest/meta-data/": "private",
    "http://192.0.0.192/opc/v2/": "private",
    "http://198.18.0.1/": "private",
    "http://224.0.0.1/": "private",
    "http://255.255.255.255/": "private",
    "http://240.0.0.1/": "private",
    # as the C library reads numbers
    "http://2130706433/": "private",
    "http://0x7f000001/": "private",
    "http://0x7f.1/": "private",
    "http://017700000001/": "private",
    "http://127.1/": "private",
    "http://0/": "private",
    # version 6, and version 4 inside it
    "http://[::1]/": "private",
    "http://[::]/": "private",
    "http://[fe80::1]/": "private",
    "http://[fc00::1]/": "private",
    "http://[fd00:ec2::254]/": "private",
    "http://[ff02::1]/": "private",
    "http://[::ffff:127.0.0.1]/": "private",
    "http://[::ffff:a9fe:a9fe]/": "private",
    "http://[::127.0.0.1]/": "private",
    "http://[64:ff9b::7f00:1]/": "private",
    "http://[64:ff9b:1::a00:1]/": "private",
    "http://[2002:7f00:1::]/": "private",
    "http://[2001:0:7f00:1::]/": "private",
    # names
    "http://localhost/": "private",
    "http://localhost./": "private",
    "http://LOCALHOST/": "private",
    "http://no-such-name.invalid/": "unknown-host",
    # other ports, schemes and disguises
    f"http://{PUBLIC}:22/": "port",
    f"http://{PUBLIC}:5432/": "port",
    f"http://{PUBLIC}:0/": "address",
    "file:///etc/passwd": "scheme",
    "gopher://127.0.0.1:6379/_INFO": "scheme",
    "ftp://127.0.0.1/": "scheme",
    "//127.0.0.1/": "scheme",
    "127.0.0.1": "scheme",
    "": "scheme",
    f"http://{PUBLIC}@127.0.0.1/": "address",
    "http://user:password@example.com/": "address",
    "http://127.0.0.1\\@example.com/": "address",
    "http:///etc/passwd": "address",
    "http://exa mple.com/": "unknown-host",
    "http://example.com:99999/": "unknown-host",
    "http://①②⑦.⓪.⓪.①/": "address",
}


@pytest.mark.parametrize("url", HOSTILE)
def test_no_connection_goes_to_an_address_that_is_not_a_strangers(url, settings, monkeypatch):
    settings.DEMO, settings.PROBE_ALLOW = False, ()
    connected = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: connected.append(to))
    with pytest.raises(NotAllowed) as refused:
        outward.call("GET", url)
    assert (refused.value.code, connected) == (HOSTILE[url], [])


def test_forty_ways_in_are_tried():
    assert len(HOSTILE) >= 40


def test_public_addresses_may_be_called(settings):
    settings.DEMO, settings.PROBE_ALLOW = False, ()
    for number in (PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"):
        assert outward.judged("https://api.example.com/", lambda host, port, number=number: [number])


def test_one_private_address_among_public_ones_is_enough_to_refuse(settings):
    settings.PROBE_ALLOW = ()
    with pytest.raises(NotAllowed, match="private"):
        outward.judged("https://api.example.com/", lambda host, port: [PUBLIC, "10.0.0.1"])


@pytest.fixture
def interface():
    there = Interface({"GET /ok": (200, {"id": 1}, 0)})
    with running(there) as base:
        there.port = base.rpartition(":")[2]
        yield there


def at(interface, path, host="client.test"):
    return f"http://{host}:{interface.port}{path}"


def here(host, port):
    return ["127.0.0.1"]


@pytest.mark.parametrize(
    "listed", ["client.test", "client.test:{port}", "127.0.0.1", "127.0.0.0/8", "CLIENT.TEST"]
)
def test_what_the_installation_lists_may_be_called(interface, settings, listed):
    settings.PROBE_ALLOW = (listed.format(port=interface.port),)
    answer = outward.call("GET", at(interface, "/ok"), resolve=here)
    assert (answer.status, answer.body) == (200, b'{"id": 1}')
    assert interface.asked[0][2]["Host"] == f"client.test:{interface.port}"


@pytest.mark.parametrize("listed", ["other.test", "client.test:1", "10.0.0.0/8", "test"])
def test_another_entry_does_not_open_it(interface, settings, listed):
    settings.PROBE_ALLOW = (listed,)
    with pytest.raises(NotAllowed):
        outward.call("GET", at(interface, "/ok"), resolve=here)
    assert interface.asked == []


@pytest.mark.parametrize("number", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254"])
def test_metadata_is_never_called_even_when_it_is_listed(settings, number):
    settings.PROBE_ALLOW = ("client.test", "169.254.0.0/16", "fe80::/10", "fd00::/8", "::/0")
    with pytest.raises(NotAllowed):
        outward.judged("http://client.test/", lambda host, port: [number])


def test_a_name_that_changes_its_mind_gains_nothing(interface, settings):
    """DNS rebinding: public when it is judged, ours when it is called. It is asked once, and that answer is called."""
    settings.PROBE_ALLOW = (f"client.test:{interface.port}",)
    answers, asked = iter([["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]]), []

    def rebinding(host, port):
        asked.append(host)
        return next(answers)

    with pytest.raises(NoAnswer, match="no-connection"):
        outward.call("GET", at(interface, "/ok"), resolve=rebinding)
    assert (asked, interface.asked) == (["client.test"], [])


def test_a_redirect_is_an_answer_and_is_not_followed(interface, settings):
    settings.PROBE_ALLOW = ("client.test",)
    interface.answers["GET /away"] = (302, {}, 0)
    assert outward.call("GET", at(interface, "/away"), resolve=here).status == 302
    assert len(interface.asked) == 1


def test_proxies_of_the_environment_are_not_used(interface, settings, monkeypatch):
    settings.PROBE_ALLOW = ("client.test",)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert outward.call("GET", at(interface, "/ok"), resolve=here).status == 200


def test_a_header_of_ours_cannot_be_given(interface, settings):
    settings.PROBE_ALLOW = ("client.test",)
    outward.call("GET", at(interface, "/ok"), headers={"host": "evil", "X-Own": "ș"}, resolve=here)
    sent = interface.asked[0][2]
    assert (sent["Host"], "X-Own" in sent) == (f"client.test:{interface.port}", True)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_a_credential_with_line_ends_is_not_sent(interface, settings, value):
    settings.PROBE_ALLOW = ("client.test",)
    with pytest.raises(NoAnswer, match="broken"):
        outward.call("GET", at(interface, "/ok"), headers={"Authorization": value}, resolve=here)
    assert interface.asked == []


def test_an_answer_that_is_too_large_is_cut_off(interface, settings):
    settings.PROBE_ALLOW = ("client.test",)
    interface.answers["GET /large"] = (200, b"x" * (outward.LARGEST + 1), 0)
    with pytest.raises(NoAnswer, match="too-large"):
        outward.call("GET", at(interface, "/large"), resolve=here)


def test_an_answer_that_drips_has_the_same_time_as_any_other(settings):
    settings.PROBE_ALLOW = ("127.0.0.1",)
    with Dripping() as port:
        begun = time.monotonic()
        with pytest.raises(NoAnswer, match="too-slow"):
            outward.call("GET", f"http://127.0.0.1:{port}/", seconds=0.6)
        assert time.monotonic() - begun < 3


class Dripping:
    """A server that sends its answer's head one letter at a time, for ever."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return self.socket.getsockname()[1]

    def _serve(self):
        try:
            peer, _ = self.socket.accept()
            peer.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                peer.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    def __exit__(self, *error):
        self.socket.close()


def test_a_worker_whose_own_loop_runs_may_call(interface, settings):
    settings.PROBE_ALLOW = ("client.test",)
    calling = asyncio.to_thread(outward.call, "GET", at(interface, "/ok"), resolve=here)
    assert asyncio.run(calling).status == 200


def test_a_certificate_that_nobody_vouches_for_is_refused_and_the_name_was_sent(settings, tmp_path):
    settings.PROBE_ALLOW = ("127.0.0.1",)
    with Secured(tmp_path) as server:
        with pytest.raises(NoAnswer, match="certificate"):
            outward.call("GET", f"https://client.test:{server.port}/", resolve=here)
        assert server.named == ["client.test"]


class Secured:
    """A TLS server with a certificate of its own making; it remembers the names that it was called by."""

    def __init__(self, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client.test")])
        made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=3650))
        chain = folder / "chain.pem"
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        traditional = serialization.PrivateFormat.TraditionalOpenSSL
        signed = made.sign(key, hashes.SHA256()).public_bytes(pem)
        chain.write_bytes(signed + key.private_bytes(pem, traditional, plain))
        self.context, self.named = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
        self.context.load_cert_chain(chain)
        self.context.sni_callback = lambda socket, name, context: self.named.append(name)

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self):
        try:
            peer, _ = self.socket.accept()
            self.context.wrap_socket(peer, server_side=True)
        except OSError:
            pass

    def __exit__(self, *error):
        self.socket.close()


@pytest.mark.parametrize(
    ("host", "key", "expected"),
    [("api", "demo-1", 200), ("api", "other", 401), ("broken", "demo-1", 500)],
)
def test_in_a_demonstration_a_stand_in_answers_for_clients(settings, host, key, expected):
    settings.DEMO = True
    headers = {"Authorization": f"Bearer {key}"}
    assert outward.call("GET", f"https://{host}.sandbox.example/orders", headers=headers).status == expected


def test_a_stand_in_can_be_away(settings):
    settings.DEMO = True
    with pytest.raises(NoAnswer, match="no-connection"):
        outward.call("GET", "https://down.sandbox.example/", headers={"Authorization": "Bearer demo-1"})


def test_outside_a_demonstration_there_is_no_stand_in(settings):
    settings.DEMO = False
    with pytest.raises(NotAllowed, match="unknown-host"):
        outward.call("GET", "https://api.sandbox.example/orders")
