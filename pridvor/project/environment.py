"""Every setting that the environment can give, with its meaning, in one table.

`pridvor doctor --settings` prints this table; a setting that is read elsewhere does not exist.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[2]


class WrongUse(Exception):
    """A command was given something that it cannot work with; the message says what."""


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    meaning: str


SETTINGS = [
    Setting("DATABASE_URL", "", "PostgreSQL 15 to 18 of the application; empty: the embedded one"),
    Setting("VAULT_DATABASE_URL", "", "PostgreSQL of the vault (personal data); empty: the embedded one"),
    Setting(
        "DATABASE_OWNER_URL",
        "",
        "the same database as the role that owns its tables, for `pridvor migrate` alone; empty: as DATABASE_URL",
    ),
    Setting(
        "VAULT_DATABASE_OWNER_URL", "", "the vault's database as the role that owns its tables; likewise"
    ),
    Setting("PRIDVOR_DATA", "var", "folder for the embedded database, encrypted documents and keys"),
    Setting("PRIDVOR_DEMO", "0", "1: demo company, /sandbox/ with stand-ins for mail, ERP and registry"),
    Setting("PRIDVOR_URL", "http://localhost:8000", "the address that people use, in links and passkeys"),
    Setting("PRIDVOR_HOSTS", "", "further host names to answer to, with commas"),
    Setting("PRIDVOR_PORT", "8000", "port of the web process; taken: the next free one"),
    Setting("PRIDVOR_BIND", "127.0.0.1", "the address that the web process listens on"),
    Setting("PRIDVOR_WEB_WORKERS", "2", "web processes"),
    Setting("PRIDVOR_JOB_WORKERS", "1", "processes that work on jobs, each on four at a time"),
    Setting(
        "PRIDVOR_PROXIES", "0", "how many trusted proxies stand before the web process (X-Forwarded-For)"
    ),
    Setting(
        "PRIDVOR_KEYS",
        "",
        'JSON with the base64 keys vault, index, files, seal, session, each alone or with its versions: {"primary": 2, '
        '"1": "…", "2": "…"}; empty: keys.json in PRIDVOR_DATA',
    ),
    Setting(
        "PRIDVOR_KMS",
        "",
        "https://host/v1/transit/KEY of a Vault transit engine: it wraps keys.json, which then opens nowhere else; "
        "empty: keys.json is read as it is",
    ),
    Setting("PRIDVOR_KMS_TOKEN", "", "the token with which keys are wrapped and unwrapped there"),
    Setting(
        "PRIDVOR_BACKUP_PASSPHRASE",
        "",
        "what backups are encrypted with; empty: it is asked for on the terminal",
    ),
    Setting(
        "PRIDVOR_CHECKPOINTS",
        "",
        "a further folder for checkpoints and the list of erasures, best on write-once storage of another machine",
    ),
    Setting("PRIDVOR_COMPANY", "Arcada Distribuție", "the name of the company that onboards"),
    Setting("PRIDVOR_CONTACT", "Carmen Ionescu", "who an applicant may turn to"),
    Setting("PRIDVOR_CONTACT_PHONE", "+40 21 555 01 40", "that person's telephone"),
    Setting("PRIDVOR_CONTACT_EMAIL", "parteneri@arcada.example", "that person's e-mail"),
    Setting(
        "PRIDVOR_SMTP",
        "",
        "smtp://user:password@host:port of the mail server; empty: mail is kept and not sent",
    ),
    Setting("PRIDVOR_SENDER", "Arcada Distribuție <parteneri@arcada.example>", "the From of every mail"),
    Setting("PRIDVOR_API_RATE", "600", "requests that one key of the API may make in a minute"),
    Setting("PRIDVOR_STAFF_IDLE", "30", "minutes without use after which staff must sign in again"),
    Setting("PRIDVOR_CLIENT_IDLE", "60", "minutes without use after which clients must sign in again"),
    Setting(
        "PRIDVOR_OIDC", "", "issuer address of the company's OpenID Connect directory, for staff; empty: none"
    ),
    Setting("PRIDVOR_OIDC_CLIENT", "", "the client id that the directory gave to Pridvor"),
    Setting("PRIDVOR_OIDC_SECRET", "", "the secret that goes with it"),
    Setting("PRIDVOR_OIDC_NAME", "OpenID Connect", "the directory's name on the sign-in page"),
    Setting(
        "PRIDVOR_OIDC_PROVES_MAIL",
        "0",
        "1: e-mail addresses from this directory are proved even where it does not say so; only for one of your own",
    ),
    Setting("PRIDVOR_SAML", "", "metadata of the company's SAML 2.0 directory: address or path; empty: none"),
    Setting("PRIDVOR_SAML_ENTITY", "", "entity id of that directory, where the metadata is an address"),
    Setting("PRIDVOR_SAML_NAME", "SAML", "the directory's name on the sign-in page"),
    Setting("PRIDVOR_CLAMD", "", "unix:/path or host:port of clamd; empty: the embedded scanner alone"),
    Setting(
        "PRIDVOR_OCR", "auto", "auto: tesseract where it is installed; off: a person compares scanned pages"
    ),
    Setting(
        "PRIDVOR_TRUST",
        "",
        "folder with root certificates (*.pem) whose signatures are trusted; qualified/, between/ and *.crl in it are read too",
    ),
    Setting(
        "PRIDVOR_SEAL",
        "",
        "PKCS#12 file with the certificate with which contracts signed online are sealed; empty: a certificate of this installation's own, which nobody else confirms",
    ),
    Setting("PRIDVOR_SEAL_PASSWORD", "", "what that file opens with"),
    Setting(
        "PRIDVOR_TSA",
        "",
        "address of the timestamp authority (RFC 3161) whose time seals carry; empty: seals carry none, in demo a stand-in's",
    ),
    Setting(
        "PRIDVOR_REGISTRY",
        "",
        "base address of the ANAF company registry; empty: its public address, in demo the stand-in",
    ),
    Setting("PRIDVOR_VIES", "", "base address of VIES; empty: its public address, in demo the stand-in"),
    Setting("PRIDVOR_ERP", "", "tryton+http(s)://host:port/database of the ERP; empty: in demo the stand-in"),
    Setting("PRIDVOR_ERP_KEY", "", "the ERP user application's key"),
    Setting(
        "PRIDVOR_SANCTIONS",
        "",
        "CSV file of sanctioned names (EU, UN or OFAC consolidated list), where no service screens them; empty: a person "
        "screens every name, in demo a stand-in does",
    ),
    Setting(
        "PRIDVOR_RESCREEN_DAYS",
        "30",
        "days after which clients are screened again although the sanctions list is the same; when it has changed, they "
        "are within the hour",
    ),
    Setting(
        "PRIDVOR_SERVICES",
        "",
        'JSON {"crm": {"url": "https://…", "token": "…"}} of the systems that journeys connect to, by role; the url '
        "begins with the product (bottlecrm+https://…), or is of the plain dialect or of a system described in "
        "PRIDVOR_CONNECTORS; in demo their stand-ins",
    ),
    Setting(
        "PRIDVOR_CONNECTORS",
        "",
        "folder of YAML files that describe further systems (`pridvor connector check` reads them); empty: none",
    ),
    Setting("PRIDVOR_CALLS_AT_ONCE", "4", "how many tries may be under way at one outside system"),
    Setting(
        "PRIDVOR_SECRET_STORE",
        "",
        "https://host/v1/MOUNT/data/FOLDER of a Vault KV version 2 engine: clients' credentials move there at "
        "go-live; empty: they are destroyed then",
    ),
    Setting("PRIDVOR_SECRET_STORE_TOKEN", "", "the token with which credentials are written there"),
    Setting(
        "PRIDVOR_PROBE_ALLOW",
        "",
        "host, host:port, address or network of clients' systems that may be tested although they are private or "
        "on another port, with commas; link-local addresses are never allowed",
    ),
    Setting("PRIDVOR_LOG", "json", "json: log lines for machines, without personal data; line: for people"),
    Setting(
        "PRIDVOR_SECURITY_LOG", "info", "info: sign-ins and refusals as log lines; warning: refusals alone"
    ),
    Setting("PRIDVOR_METRICS_TOKEN", "", "who brings it as a bearer token may read /metrics; empty: nobody"),
    Setting("PRIDVOR_MAX_UPLOAD_MB", "50", "the largest file taken, in megabytes"),
]
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
KEY_NAMES = ("vault", "index", "files", "seal", "session")


def get(name: str) -> str:
    return os.environ.get(name) or DEFAULTS[name]


def services() -> dict[str, dict[str, str]]:
    """The systems by the role that they play. Raises WrongUse for what is not such a table."""
    said = get("PRIDVOR_SERVICES")
    try:
        table = json.loads(said) if said else {}
        right = all(re.match(r"([a-z][a-z0-9_-]*\+)?https?://", part["url"]) for part in table.values())
    except (ValueError, AttributeError, KeyError, TypeError):
        right = False
    if not right:
        raise WrongUse('PRIDVOR_SERVICES is not JSON such as {"crm": {"url": "https://…", "token": "…"}}')
    return dict(table)


def flag(name: str) -> bool:
    return get(name) in ("1", "true", "yes", "on")


def data_folder() -> Path:
    return (ROOT / get("PRIDVOR_DATA")).absolute()


def connectors() -> Path | None:
    """The folder in which further systems are described. Raises WrongUse when it is not there."""
    given = get("PRIDVOR_CONNECTORS")
    if given and not (ROOT / given).is_dir():
        raise WrongUse(f"PRIDVOR_CONNECTORS: there is no folder {given}")
    return ROOT / given if given else None


def outside() -> list[Path]:
    """The folders for what must survive tampering with the database."""
    further = get("PRIDVOR_CHECKPOINTS")
    return [data_folder() / "evidence", *([Path(further)] if further else [])]


def owner(name: str, embedded: str) -> dict[str, object]:
    """How the owner of a database's tables connects; without one of its own, as the application does."""
    given = get(name.replace("DATABASE_URL", "DATABASE_OWNER_URL"))
    return database(given or get(name) or embedded)


def database(url: str) -> dict[str, object]:
    """Django's settings for a PostgreSQL connection string, read as libpq reads it."""
    parameters = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parameters.pop("dbname", ""),
        "USER": parameters.pop("user", ""),
        "PASSWORD": parameters.pop("password", ""),
        "HOST": parameters.pop("host", ""),
        "PORT": parameters.pop("port", ""),
        "OPTIONS": parameters,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
