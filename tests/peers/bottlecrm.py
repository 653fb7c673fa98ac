"""A real BottleCRM (the package django-crm) on loopback, for tests (see workshop.py): built once, copied for every run.

Most of the building is two minutes of its own migrations. It needs Python 3.12; where the machine has none and none can
be fetched, building raises CannotBuild and says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.peers import workshop
from tests.peers.workshop import Recipe, Server

HERE = Path(__file__).parent
SETTINGS, SETUP = HERE / "bottlecrm_settings.py", HERE / "bottlecrm_setup.py"
PACKAGES = ["django-crm==1.35.0", "packaging", "gunicorn"]  # packaging: a dependency that it does not declare
PYTHON = (3, 12)
RECIPE = Recipe("bottlecrm", (PACKAGES, SETTINGS, SETUP))


@dataclass
class BottleCRM:
    """A running server: `url` and `key` as the settings take them."""

    url: str
    key: str
    environment: dict[str, str]

    def send_events_to(self, url: str) -> str:
        """From now its webhooks go to this address; the secret they are signed with."""
        return _manage(RECIPE.cache, self.environment, SETUP, "hook", url)


@contextmanager
def running(folder: Path) -> Iterator[BottleCRM]:
    """A server on a free port with a database of its own below `folder`, stopped when the block ends."""
    cache = RECIPE.build(cook)
    folder.mkdir(parents=True, exist_ok=True)
    with workshop.copied_database(cache, folder) as database:
        url = f"http://127.0.0.1:{workshop.free_port()}"
        command = [_python(cache).with_name("gunicorn"), "crm.wsgi:application", "-b", url[7:], "-w1"]
        env = _settings(database)
        with workshop.serving(Server([*command, "--threads", "6"], folder, f"{url}/api/auth/me/", env)):
            yield BottleCRM(url, (cache / "token").read_text(), env)


def cook(cache: Path) -> None:
    RECIPE.say("installing packages (once)")
    workshop.environment_with(cache / "venv", *PACKAGES, interpreter=workshop.python(PYTHON))
    RECIPE.say("making its database (once, about two minutes)")
    with workshop.new_database(cache, "bottlecrm") as database:
        env = _settings(database)
        _manage(cache, env, "-m", "django", "migrate")
        (cache / "token").write_text(_manage(cache, env, "-W", "ignore", SETUP, "furnish").split()[-1])


def _manage(cache: Path, environment: dict[str, str], *command: object) -> str:
    env = workshop.surroundings(**environment)
    return workshop.run(_python(cache), *command, env=env, cwd=cache).strip()


def _python(cache: Path) -> Path:
    return cache / "venv" / "bin" / "python"


def _settings(database: str) -> dict[str, str]:
    """What it reads; it takes the address of its database in pieces."""
    parts = urlsplit(database)
    return {
        "PYTHONPATH": str(HERE),
        "PYTHONWARNINGS": "ignore",
        "DJANGO_SETTINGS_MODULE": SETTINGS.stem,
        "SECRET_KEY": "of-a-test-server-on-loopback-0000000000000000",
        "ENV_TYPE": "dev",
        "DEBUG": "True",
        "DBNAME": parts.path.lstrip("/"),
        "DBUSER": parts.username or "",
        "DBPASSWORD": unquote(parts.password or ""),
        "DBHOST": unquote(parts.hostname or "") or parse_qs(parts.query)["host"][0],
        "DBPORT": parse_qs(parts.query).get("port", ["5432"])[0],
        "GOOGLE_CLIENT_ID": "none",
        "GOOGLE_CLIENT_SECRET": "none",
    }
