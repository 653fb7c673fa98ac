"""A real yente (the matching API of OpenSanctions) on loopback, for tests (see workshop.py): its packages are built once.

yente searches in Elasticsearch, which no package of a test can bring; yente_server.py puts an index in memory in its
place. Everything else that answers is yente's own.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pridvor.connectors.stand_ins.yente import LIST
from tests.peers import workshop
from tests.peers.workshop import Recipe, Server, free_port, serving

SERVER = Path(__file__).with_name("yente_server.py")
PACKAGES = ["yente==5.5.0"]
RECIPE = Recipe("yente", (PACKAGES,))


@dataclass
class Yente:
    """A running server over a list of its own, which grows."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"yente+http://127.0.0.1:{self.port}/sanctions"

    def add(self, **entry: object) -> str:
        """One more entry stands on the list, under another version of it, which is returned."""
        with (self.folder / "list.ftm.json").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        version = self.folder / "version"
        version.write_text(str(int(version.read_text()) + 1))
        return version.read_text()


def cook(cache: Path) -> None:
    RECIPE.say("installing (once, four minutes: ICU is compiled)")
    workshop.environment_with(cache / "venv", *PACKAGES)


@contextmanager
def running(folder: Path) -> Iterator[Yente]:
    """A server on a free port over the fictional list, stopped when the block ends."""
    python = RECIPE.build(cook).resolve() / "venv/bin/python"  # it minds links in its own path
    (folder / "list.ftm.json").write_bytes(LIST.read_bytes())
    (folder / "version").write_text("20261101000000")
    port = free_port()
    # -P: or else this very file were the package yente
    server = Server([python, "-P", SERVER, port, folder], folder, f"http://127.0.0.1:{port}/healthz")
    with serving(server):
        yield Yente(port, folder)
