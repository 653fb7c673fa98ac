"""What goes wrong around an installation, by noun: its address, its people, its folders, its helpers, its directories.

Each examination yields findings; `doctor` gathers them. One that cannot be made at all is a finding as well.
"""

import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from cryptography import x509
from django.conf import settings
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.accounts.models import Role, Staff
from pridvor.checks import rescreening
from pridvor.company import fields, reading
from pridvor.company import systems as outside
from pridvor.connectors import table
from pridvor.documents import clamd
from pridvor.journeys import queries as journeys
from pridvor.lib import clock
from pridvor.project import cast, readiness

NEAR = ("localhost", "127.0.0.1", "::1")
OLD_SIGNATURES = timedelta(days=7)
OLD_LIST = timedelta(days=7)
SCANNER_SECONDS = 3.0
SHORT_TOKEN = 24  # characters


@dataclass(frozen=True)
class Finding:
    what: str
    ok: bool
    found: str
    remedy: str = ""


def address() -> Iterator[Finding]:
    """The address that people use, and what stands before it."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    near = host in NEAR
    yield Finding(
        "address",
        settings.SECURE or near,
        settings.PUBLIC_URL,
        "Passkeys and cookies need https: put a proxy with TLS before it and set PRIDVOR_URL.",
    )
    yield Finding(
        "proxies",
        settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0 or not settings.SECURE,
        f"{settings.ALLAUTH_TRUSTED_PROXY_COUNT} trusted",
        "TLS ends before us, so all people seem to come from one address: set PRIDVOR_PROXIES to how many proxies there are.",
    )
    yield Finding(
        "host names",
        "*" not in settings.ALLOWED_HOSTS,
        ", ".join(settings.ALLOWED_HOSTS),
        "Name each host in PRIDVOR_HOSTS; * lets anybody put a name of theirs into our links.",
    )
    yield Finding(
        "demo",
        not settings.DEMO or near,
        "on" if settings.DEMO else "off",
        "The demo shows sign-in codes to everybody: unset PRIDVOR_DEMO where others come.",
    )
    weak = 0 < len(settings.METRICS_TOKEN) < SHORT_TOKEN
    yield Finding(
        "metrics token",
        not weak,
        "too short" if weak else "set" if settings.METRICS_TOKEN else "none: /metrics is closed",
        f"Give PRIDVOR_METRICS_TOKEN at least {SHORT_TOKEN} random characters.",
    )


def company() -> Iterator[Finding]:
    """Whether the company has told its own name."""
    ours = reading.company()
    sender = ours.sender_address
    shipped = sender.endswith(".example") or ours.email.endswith(".example")
    yield Finding(
        "company",
        settings.DEMO or not shipped,
        ours.name,
        "These are the demo's names: run pridvor init, or set them at /oversight/administration/company/.",
    )
    yield Finding(
        "sender",
        "@" in sender,
        ours.sender,
        "It is no address: set PRIDVOR_SENDER as Name <name@host>, or the sender on the company's page.",
    )


def people() -> Iterator[Finding]:
    """Whether staff can sign in, and only they."""
    active = Staff.objects.filter(is_active=True)
    bosses = active.filter(role=Role.ADMINISTRATOR).count()
    yield Finding(
        "administrators",
        bosses > 0,
        str(bosses),
        "Nobody can let staff in: run pridvor init.",
    )
    strong = Authenticator.objects.exclude(type="recovery_codes").values("user")
    bare = active.exclude(pk__in=strong).count()
    yield Finding(
        "second factors",
        not bare,
        f"{bare} without" if bare else "everybody has one",
        "They reach no page before they set one up at their first sign-in; disable those who never came.",
    )
    known = [] if settings.DEMO else list(active.filter(email__in=[person.email for person in cast.STAFF]))
    open_ones = [person.email for person in known if person.check_password(cast.PASSWORD)]
    yield Finding(
        "demo's people",
        not open_ones,
        ", ".join(open_ones) or "none",
        "Their password stands in the manual: disable them.",
    )


def folders() -> Iterator[Finding]:
    """What lies on the disk, and who may read it."""
    for name, folder in (("data folder", settings.DATA), ("documents", settings.DOCUMENTS)):
        if not Path(folder).exists():
            continue
        open_to_all = os.stat(folder).st_mode & 0o007
        yield Finding(
            name,
            not open_to_all,
            f"mode {os.stat(folder).st_mode & 0o777:o}",
            f"Others on this machine can enter it. Run: chmod o-rwx {folder}",
        )
    for folder in settings.OUTSIDE:
        there = folder if folder.exists() else folder.parent
        yield Finding(
            f"evidence in {folder}",
            os.access(there, os.W_OK),
            "can be written" if os.access(there, os.W_OK) else "cannot be written",
            "Checkpoints and the list of erasures go there: mount it, and let this account write.",
        )
    core = resource.getrlimit(resource.RLIMIT_CORE)[0]
    yield Finding(
        "core dumps",
        core == 0,
        "off" if core == 0 else "on",
        "A crash would write memory, and with it personal data, to the disk: set ulimit -c 0 for the service.",
    )


def databases() -> Iterator[Finding]:
    """How the two databases are set up, beyond their version and roles."""
    places = {alias: connections[alias].settings_dict for alias in ("default", "vault")}
    same = {(place["HOST"], place["PORT"], place["NAME"]) for place in places.values()}
    yield Finding(
        "two databases",
        len(same) == 2,
        "apart" if len(same) == 2 else "one and the same",
        "Personal data belongs into a database of its own: set VAULT_DATABASE_URL.",
    )
    for alias, place in places.items():
        far = not (not place["HOST"] or place["HOST"] in NEAR or place["HOST"].startswith("/"))
        sealed = place["OPTIONS"].get("sslmode") in ("verify-full", "verify-ca")
        yield Finding(
            f"way to {alias}",
            sealed or not far,
            "on this machine" if not far else place["OPTIONS"].get("sslmode", "sslmode not given"),
            "Add sslmode=verify-full and sslrootcert to its URL: else anybody on the way can read and answer.",
        )
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select current_setting('server_encoding'), current_setting('fsync'), current_setting('synchronous_commit'), now()"
            )
            encoding, fsync, commit, now = cursor.fetchone()
        yield Finding(
            f"letters in {alias}", encoding == "UTF8", encoding, "Create the database with encoding UTF8."
        )
        for name, word in (("fsync", fsync), ("commits", commit)):
            yield Finding(
                f"{name} of {alias}",
                word != "off",
                word,
                "What was acknowledged can be lost at a power cut: set fsync and synchronous_commit to on.",
            )
        skew = abs((now - clock.now()).total_seconds())
        yield Finding(
            f"clock of {alias}",
            skew < readiness.MOST_SKEW,
            f"{skew:.1f} s apart",
            "Deadlines and sign-in codes need one time: let both machines follow NTP.",
        )


def jobs() -> Iterator[Finding]:
    """Whether work that nobody watches is done."""
    alive, flows = readiness.works("workers"), readiness.works("jobs")
    yield Finding("workers", alive, "alive" if alive else "none", "Start: pridvor worker")
    yield Finding(
        "queue", flows, "flows" if flows else "jobs wait", "Start more workers (PRIDVOR_JOB_WORKERS)."
    )
    failed = ProcrastinateJob.objects.filter(status="failed").count()
    yield Finding(
        "failed jobs", not failed, str(failed), "See the log lines with their id, then mend what they name."
    )


def scanner() -> Iterator[Finding]:
    """ClamAV, where it is configured."""
    if not outside.address("scanner"):
        yield Finding("scanner", True, "embedded")
        return
    try:
        made = clamd.signatures_of(outside.address("scanner"), SCANNER_SECONDS)
    except clamd.Unavailable as error:
        yield Finding(
            "scanner", False, str(error), "Start clamd, or unset PRIDVOR_CLAMD: files stay in quarantine."
        )
        return
    yield Finding("scanner", True, "embedded, and clamd")
    yield Finding(
        "scanner's signatures",
        made is not None and clock.now() - made < OLD_SIGNATURES,
        made.date().isoformat() if made else "none",
        "Run freshclam, and see that it runs every day.",
    )


def lists() -> Iterator[Finding]:
    """Files that the administrator supplies: trusted issuers, sanctions, a directory's metadata."""
    if settings.TRUST_FOLDER:
        ends = sorted(_ends(Path(settings.TRUST_FOLDER)))
        yield Finding(
            "trusted issuers",
            bool(ends) and ends[0] > clock.now(),
            f"{len(ends)} certificates" + (f", the first ends {ends[0].date()}" if ends else ""),
            "Put current root certificates (*.pem) into PRIDVOR_TRUST; without one no signature is trusted.",
        )
    if settings.SANCTIONS:
        path = Path(settings.SANCTIONS)
        age = clock.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.is_file() else None
        yield Finding(
            "sanctions list",
            age is not None and age < OLD_LIST,
            "missing" if age is None else f"{age.days} days old",
            "Fetch it anew every day into PRIDVOR_SANCTIONS.",
        )
    late = rescreening.overdue(now=clock.now())
    yield Finding(
        "sanctions screening",
        not late,
        f"{late} clients overdue" if late else "nobody is overdue",
        "See that the sanctions list answers and a worker runs: clients are screened again each hour.",
    )


def _ends(folder: Path) -> Iterator[datetime]:
    for file in (*folder.glob("*.pem"), *folder.glob("qualified/*.pem")):
        for certificate in x509.load_pem_x509_certificates(file.read_bytes()):
            yield certificate.not_valid_after_utc


def systems() -> Iterator[Finding]:
    """Other systems: those that journeys name and nobody configured, those that are spoken to in clear."""
    if not settings.DEMO:
        known = {*outside.configured()}
        missing = sorted(
            {table.CAPABILITIES[name].peer for name in _wanted() if name in table.CAPABILITIES} - known
        )
        yield Finding(
            "systems of journeys",
            not missing,
            ", ".join(missing) or "all are configured",
            "Steps that need them become a person's work: set PRIDVOR_ERP or PRIDVOR_SERVICES.",
        )
    places = {
        "PRIDVOR_SECRET_STORE": settings.SECRET_STORE,
        "PRIDVOR_OIDC": settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {})
        .get("APPS", [{}])[0]
        .get("settings", {})
        .get("server_url", ""),
        **{name: outside.address(name) for name in fields.BY_KEY if name not in ("mail", "scanner")},
    }
    clear = [
        name
        for name, url in places.items()
        if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in NEAR
    ]
    yield Finding(
        "calls in clear",
        not clear,
        ", ".join(clear) or "none",
        "Tokens and data go over the network readable: use https.",
    )


def directory() -> Iterator[Finding]:
    """The company's own directory, where one is named."""
    for app in settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", []):
        whole = bool(app["client_id"] and app["secret"])
        yield Finding(
            "sign-in by directory",
            whole,
            app["name"] if whole else "client id or secret is missing",
            "Set PRIDVOR_OIDC_CLIENT and PRIDVOR_OIDC_SECRET.",
        )


def _wanted() -> set[str]:
    """Capabilities that the latest version of each journey uses."""
    steps = (step for journey in journeys.newest() for step in journey.steps.values())
    return {step.use for step in steps if step.kind == "connect"}


EXAMINATIONS = (address, company, people, folders, databases, jobs, scanner, lists, systems, directory)
