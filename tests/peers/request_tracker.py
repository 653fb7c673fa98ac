"""A real Request Tracker 5 on loopback, for tests: Debian's package, with a database and settings of our own.

The package (request-tracker5 with rt5-db-sqlite and rt5-standalone) is the machine's: `.ci/run` installs it. Nothing of
the machine's own instance is read or written. Where the package is missing, building raises CannotBuild and says so.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers import workshop
from tests.peers.workshop import Recipe, Server

DATA = Path(__file__).with_name("request_tracker_data.pl")
SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
SETUP = Path("/usr/sbin/rt-setup-database-5")
CONFIG = """Set($rtname, 'arcada.example');
Set($Organization, 'arcada.example');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{folder}/rt.db');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($WebBaseURL, 'http://127.0.0.1:{port}');
Set($LogToSTDERR, 'warning');
Set($LogToSyslog, undef);
Set($LogDir, '{folder}');
Set($MailCommand, 'testfile');
Set($WebSessionClass, 'Apache::Session::File');
Set($Timezone, 'UTC');
1;
"""
RECIPE = Recipe("request-tracker", (DATA, CONFIG))


@dataclass(frozen=True)
class RequestTracker:
    """A running server: `url` and `key` as the settings take them, and the queue for our tickets."""

    url: str
    key: str
    queue: str = "Onboarding"


@contextmanager
def running(folder: Path) -> Iterator[RequestTracker]:
    """A server on a free port with a database of its own below `folder`, stopped when the block ends."""
    cache = RECIPE.build(cook)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(cache / "rt.db", folder / "rt.db")
    port = workshop.free_port()
    url = f"http://127.0.0.1:{port}"
    command: list[object] = [SERVER, "--server", "Starlet", "--host", "127.0.0.1", "--port", port]
    command += ["--max-workers", "3", "--env", "deployment"]
    with workshop.serving(Server(command, folder, f"{url}/REST/2.0/rt", _settings(folder, port))):
        yield RequestTracker(url, (cache / "token").read_text().strip())


def cook(cache: Path) -> None:
    if not SERVER.exists():
        raise workshop.CannotBuild(
            "Request Tracker is not installed: apt-get install request-tracker5 rt5-db-sqlite rt5-standalone"
        )
    RECIPE.say("making its database (once, about ten seconds)")
    env = workshop.surroundings(**_settings(cache, 0), RT_TOKEN_FILE=str(cache / "token"))
    perl = ["perl", "-I/usr/share/request-tracker5/lib", SETUP]
    workshop.run(*perl, "--action", "init", "--skip-create", env=env)
    workshop.run(*perl, "--action", "insert", "--datafile", DATA, "--skip-create", env=env)


def _settings(folder: Path, port: int) -> dict[str, str]:
    """What it reads, written below the folder in which it works."""
    (folder / "conf.d").mkdir(parents=True, exist_ok=True)
    (folder / "RT_SiteConfig.pm").write_text(CONFIG.format(folder=folder, port=port))
    return {
        "RT_SITE_CONFIG": str(folder / "RT_SiteConfig.pm"),
        "RT_SITE_CONFIG_DIR": str(folder / "conf.d"),
    }
