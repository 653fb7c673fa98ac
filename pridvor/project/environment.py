"""Every setting that the environment can give, with its meaning, in one table.

`pridvor doctor --settings` prints this table; a setting that is read elsewhere does not exist.
"""

import base64
import json
import os
import secrets
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
        "JSON with the base64 keys vault, index, files, session; empty: keys.json in PRIDVOR_DATA",
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
        "CSV file of sanctioned names (EU, UN or OFAC consolidated list); empty: a person screens every name, in demo a fictional list",
    ),
    Setting(
        "PRIDVOR_SERVICES",
        "",
        'JSON {"crm": {"url": "https://…", "token": "…"}} of the systems crm, billing and platform that journeys '
        "connect to by PUT and DELETE; in demo their stand-ins",
    ),
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
    Setting("PRIDVOR_MAX_UPLOAD_MB", "50", "the largest file taken, in megabytes"),
]
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
KEY_NAMES = ("vault", "index", "files", "session")


def get(name: str) -> str:
    return os.environ.get(name) or DEFAULTS[name]


def services() -> dict[str, dict[str, str]]:
    """The systems of the plain dialect by name. Raises WrongUse for what is not such a table."""
    said = get("PRIDVOR_SERVICES")
    try:
        table = json.loads(said) if said else {}
        right = all(part["url"].startswith(("https://", "http://")) for part in table.values())
    except (ValueError, AttributeError, KeyError, TypeError):
        right = False
    if not right:
        raise WrongUse('PRIDVOR_SERVICES is not JSON such as {"crm": {"url": "https://…", "token": "…"}}')
    return dict(table)


def flag(name: str) -> bool:
    return get(name) in ("1", "true", "yes", "on")


def data_folder() -> Path:
    return (ROOT / get("PRIDVOR_DATA")).absolute()


def keys() -> dict[str, bytes]:
    """The keys by name. Given by the environment, else kept in a file that only this account can read."""
    given = os.environ.get("PRIDVOR_KEYS")
    if given:
        return {name: base64.b64decode(value) for name, value in json.loads(given).items()}
    path = data_folder() / "keys.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in KEY_NAMES}
        partial = path.with_suffix(f".{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(made))
        try:
            os.link(partial, path)  # two processes that start together agree on one file
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return {name: base64.b64decode(value) for name, value in json.loads(path.read_text()).items()}


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
