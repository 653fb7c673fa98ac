"""Each misconfiguration that is planted is named by the doctor, with its remedy; of a sound installation none is."""

import os
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection, connections

from pridvor.accounts.models import Role, Staff
from pridvor.project import ailments, cast, doctor
from tests.conftest import ROOT, publish
from tests.desk.conftest import staff

pytestmark = pytest.mark.django_db(databases=["default", "vault"])


@pytest.fixture
def sound(settings, tmp_path):
    """An installation in which the doctor finds nothing to mend."""
    settings.PUBLIC_URL, settings.SECURE, settings.ALLAUTH_TRUSTED_PROXY_COUNT = (
        "https://onboard.firma.ro",
        True,
        1,
    )
    settings.ALLOWED_HOSTS, settings.DEMO, settings.METRICS_TOKEN = ["onboard.firma.ro"], False, "x" * 32
    settings.COMPANY = {**settings.COMPANY, "name": "Firma", "email": "noi@firma.ro"}
    settings.DEFAULT_FROM_EMAIL = "Firma <noi@firma.ro>"
    settings.DATA, settings.DOCUMENTS = tmp_path / "data", tmp_path / "documents"
    settings.OUTSIDE = [tmp_path / "evidence"]
    settings.SERVICES = {name: {"url": f"https://{name}.firma.ro"} for name in ("crm", "billing", "platform")}
    settings.TRUST_FOLDER = ""
    settings.ERP_URL = "tryton+https://erp.firma.ro/firma"
    for folder in (settings.DATA, settings.DOCUMENTS):
        folder.mkdir(mode=0o700)
    staff(Role.ADMINISTRATOR, "sef@firma.ro")
    publish((ROOT / "journeys" / "case-onboarding.yaml").read_text())
    for alias in ("default", "vault"):
        with connections[alias].cursor() as cursor:
            cursor.execute("set local synchronous_commit to on")
    sql("insert into procrastinate_workers default values")
    return settings


OF_THE_TESTS = {
    "core dumps",
    "fsync of default",
    "fsync of vault",
}  # their database is fast, and may lose everything


def named():
    """What is to be mended, of the installation's surroundings."""
    found = [finding for examination in ailments.EXAMINATIONS for finding in doctor._made(examination)]
    assert all(finding.ok or finding.remedy for finding in found), "each with its remedy"
    return {finding.what for finding in found if not finding.ok} - OF_THE_TESTS


def test_of_a_sound_installation_nothing_is_named(sound):
    assert named() == set()


def http_only(settings):
    settings.SECURE, settings.PUBLIC_URL = False, "http://onboard.firma.ro"


def demo_staff(settings):
    person = cast.STAFF[0]
    made = Staff.objects.create_user(person.email, cast.PASSWORD, name=person.name, role=person.role)
    from_now = staff(Role.OPERATOR, "x@firma.ro").authenticator_set.get()
    from_now.pk, from_now.user = None, made
    from_now.save()


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def fake_clamd(settings, answer):
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            there, _ = server.accept()
            there.recv(100)
            there.sendall(answer)
            there.close()

    threading.Thread(target=serve, daemon=True).start()
    settings.CLAMD = f"127.0.0.1:{server.getsockname()[1]}"


def trust(settings, days):
    folder = settings.DATA / "trust"
    folder.mkdir()
    if days:
        now = datetime.now(UTC)
        (folder / "root.pem").write_bytes(root(now + timedelta(days=days)))
    settings.TRUST_FOLDER = str(folder)


def root(until):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(until - timedelta(days=900)).not_valid_after(until)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def sanctions(settings, days):
    file = settings.DATA / "list.csv"
    if days:
        file.write_text("x")
        then = datetime.now().timestamp() - days * 86_400
        os.utime(file, (then, then))
    settings.SANCTIONS = str(file)


def oidc(settings, url="https://id.firma.ro", secret="s"):
    app = {"name": "Firma", "client_id": "c", "secret": secret, "settings": {"server_url": url}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


PLANTED = {
    "no TLS": (http_only, "address"),
    "no proxy is trusted": (lambda s: setattr(s, "ALLAUTH_TRUSTED_PROXY_COUNT", 0), "proxies"),
    "any host name": (lambda s: setattr(s, "ALLOWED_HOSTS", ["*"]), "host names"),
    "the demo where others come": (lambda s: setattr(s, "DEMO", True), "demo"),
    "a short token": (lambda s: setattr(s, "METRICS_TOKEN", "abc"), "metrics token"),
    "the demo's company": (lambda s: s.COMPANY.update(email="parteneri@arcada.example"), "company"),
    "a sender without address": (lambda s: setattr(s, "DEFAULT_FROM_EMAIL", "Firma"), "sender"),
    "nobody administers": (lambda s: Staff.objects.update(is_active=False), "administrators"),
    "no second factor": (lambda s: staff(Role.OPERATOR, second_factor=False), "second factors"),
    "the demo's people": (demo_staff, "demo's people"),
    "an open data folder": (lambda s: s.DATA.chmod(0o755), "data folder"),
    "open documents": (lambda s: s.DOCUMENTS.chmod(0o755), "documents"),
    "one database": (
        lambda s: connections["vault"].settings_dict.update(
            NAME=connections["default"].settings_dict["NAME"]
        ),
        "two databases",
    ),
    "a far database in clear": (
        lambda s: connections["vault"].settings_dict.update(HOST="db.firma.ro"),
        "way to vault",
    ),
    "commits that can be lost": (lambda s: sql("set local synchronous_commit to off"), "commits of default"),
    "no workers": (
        lambda s: sql("update procrastinate_workers set last_heartbeat = now() - interval '1 hour'"),
        "workers",
    ),
    "a queue that stands": (
        lambda s: sql(
            "insert into procrastinate_jobs (queue_name, task_name, status, scheduled_at)"
            " values ('q', 't', 'todo', now() - interval '1 hour')"
        ),
        "queue",
    ),
    "a failed job": (
        lambda s: sql(
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('q', 't', 'failed')"
        ),
        "failed jobs",
    ),
    "no clamd": (lambda s: setattr(s, "CLAMD", "127.0.0.1:1"), "scanner"),
    "old signatures": (
        lambda s: fake_clamd(s, b"ClamAV 1.0.7/26000/Mon Jan  1 10:00:00 2024\0"),
        "scanner's signatures",
    ),
    "no trusted issuer": (lambda s: trust(s, 0), "trusted issuers"),
    "an issuer that ended": (lambda s: trust(s, -1), "trusted issuers"),
    "no sanctions list": (lambda s: sanctions(s, 0), "sanctions list"),
    "an old sanctions list": (lambda s: sanctions(s, 30), "sanctions list"),
    "a system that nobody named": (lambda s: s.SERVICES.pop("crm"), "systems of journeys"),
    "a token in clear": (lambda s: s.SERVICES.update(crm={"url": "http://crm.firma.ro"}), "calls in clear"),
    "a directory without a secret": (lambda s: oidc(s, secret=""), "sign-in by directory"),
    "a directory in clear": (lambda s: oidc(s, "http://id.firma.ro"), "calls in clear"),
}


@pytest.fixture
def places():
    """What a plant changes in connections' settings is put back."""
    kept = {alias: dict(connections[alias].settings_dict) for alias in ("default", "vault")}
    yield
    for alias, place in kept.items():
        connections[alias].settings_dict.update(place)


@pytest.mark.parametrize("planted", PLANTED)
def test_it_is_named_when_it_is_planted(sound, places, planted):
    plant, what = PLANTED[planted]
    plant(sound)
    found = named()
    assert what in found
    assert len(found) == 1, found


def test_a_database_that_does_not_write_through_is_named(sound):
    found = {finding.what for finding in ailments.databases() if not finding.ok}
    assert found == {"fsync of default", "fsync of vault"}


def test_more_than_twenty_are_known():
    assert len({what for _, what in PLANTED.values()}) >= 20
