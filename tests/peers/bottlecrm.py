"""A real BottleCRM (the package django-crm) on loopback, for tests: built once, copied for every run.

Building (packages, then two minutes of its migrations) happens under build/peers/ and is kept. It needs Python 3.12 and
lives in an environment of its own. Where the machine has no such Python and none can be fetched, building raises
CannotBuild and says so.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from tests.peers import workshop

HERE = Path(__file__).parent
SETTINGS, SETUP = HERE / "bottlecrm_settings.py", HERE / "bottlecrm_setup.py"
PACKAGES = ["django-crm==1.35.0", "packaging", "gunicorn"]  # packaging: a dependency that it does not declare
PYTHON = (3, 12)
CACHE = workshop.recipe("bottlecrm", PACKAGES, SETTINGS, SETUP)
NAME = "bottlecrm"


@dataclass
class BottleCRM:
    """A running server: `url` and `key` as the settings take them."""

    url: str
    key: str
    environment: dict[str, str]

    def send_events_to(self, url: str) -> str:
        """From now its webhooks go to this address; the secret they are signed with."""
        return workshop.run(_python(), SETUP, "hook", url, env=self.environment, cwd=CACHE).strip()


@contextmanager
def running(folder: Path) -> Iterator[BottleCRM]:
    """A server on a free port with a database of its own below `folder`, stopped when the block ends."""
    workshop.build_once(CACHE, _build, lambda: workshop.cluster(CACHE / "cluster").data.exists())
    folder.mkdir(parents=True, exist_ok=True)
    cluster = workshop.cluster(folder / "cluster")
    workshop.copy(workshop.cluster(CACHE / "cluster").home, cluster.home)
    url = f"http://127.0.0.1:{workshop.free_port()}"
    try:
        env = _environment(cluster.start().default)
        command = [_python().with_name("gunicorn"), "crm.wsgi:application", "-b", url[7:], "-w1"]
        with workshop.serving([*command, "--threads", "6"], folder / "log", f"{url}/api/auth/me/", env):
            yield BottleCRM(url, (CACHE / "token").read_text().strip(), env)
    finally:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)


def _build() -> None:
    workshop.say(NAME, "installing packages (once)")
    run = workshop.run
    run(workshop.python(PYTHON), "-m", "venv", CACHE / "venv")
    run(_python(), "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES)
    workshop.say(NAME, "making its database (once, about two minutes)")
    cluster = workshop.cluster(CACHE / "cluster")
    shutil.rmtree(cluster.home, ignore_errors=True)
    try:
        address = cluster.start().default
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"create database {NAME}")
        env = _environment(address)
        run(_python(), "-m", "django", "migrate", env=env, cwd=CACHE)
        (CACHE / "token").write_text(
            run(_python(), "-W", "ignore", SETUP, "furnish", env=env, cwd=CACHE).split()[-1]
        )
    finally:
        cluster.stop()
    workshop.say(NAME, "ready")


def _python() -> Path:
    return CACHE / "venv" / "bin" / "python"


def _environment(address: str) -> dict[str, str]:
    """What it reads; the address is the cluster's, whose database of the same role it takes a neighbour of."""
    parts = urlsplit(address)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(HERE),
        "PYTHONWARNINGS": "ignore",
        "DJANGO_SETTINGS_MODULE": SETTINGS.stem,
        "SECRET_KEY": "of-a-test-server-on-loopback-0000000000000000",
        "ENV_TYPE": "dev",
        "DEBUG": "True",
        "DBNAME": NAME,
        "DBUSER": parts.username or "",
        "DBPASSWORD": unquote(parts.password or ""),
        "DBHOST": unquote(parts.hostname or "") or parse_qs(parts.query)["host"][0],
        "DBPORT": parse_qs(parts.query).get("port", ["5432"])[0],
        "GOOGLE_CLIENT_ID": "none",
        "GOOGLE_CLIENT_SECRET": "none",
    }


if __name__ == "__main__":  # furnish it ahead of the tests
    workshop.build_once(CACHE, _build, lambda: workshop.cluster(CACHE / "cluster").data.exists())
    sys.exit(0)
