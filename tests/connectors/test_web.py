"""Whose certificates are believed when other systems are called."""

import pytest

from pridvor.connectors import web
from tests.peers import fault


@pytest.fixture
def asked_anew():
    web.trusted.cache_clear()
    yield
    web.trusted.cache_clear()


def test_the_usual_authorities_are_read_once(asked_anew, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    assert web.trusted().cert_store_stats()["x509_ca"] > 50
    assert web.trusted() is web.trusted()


def test_an_authority_of_ones_own_is_believed_when_it_is_named(asked_anew, monkeypatch, tmp_path):
    named = tmp_path / "ours.pem"
    named.write_bytes(fault.self_signed())
    monkeypatch.setenv("SSL_CERT_FILE", str(named))
    assert web.trusted().cert_store_stats()["x509"] == 1
