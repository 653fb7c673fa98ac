"""Starts the tests' own PostgreSQL before Django reads its settings, and stops it at the end.

Its databases have all tables when it starts: they are made once (tests/prepared.py), kept below build/ while the
migrations are the same, and each process of the tests begins with copies of them (Django's TEST TEMPLATE).
"""

import os
import shutil
import tempfile
from pathlib import Path

from pridvor.project.embedded import DATABASES, Cluster
from tests import prepared

_started: list[tuple[Cluster, str]] = []


def _start() -> None:
    if os.environ.get("PRIDVOR_TEST_DATA"):
        return  # a parallel worker: the first process has started it
    folder = tempfile.mkdtemp(prefix="pridvor-test-")
    os.chmod(folder, 0o711)  # the database's account passes through; nobody can list it
    (Path(folder) / "static").mkdir()  # the static server looks for it
    for name in [n for n in os.environ if n.startswith("PRIDVOR_")]:
        del os.environ[name]
    os.environ |= {"PRIDVOR_TEST_DATA": folder, "PRIDVOR_DATA": folder, "PRIDVOR_DEMO": "1"}
    if not os.environ.get("DATABASE_URL"):
        cluster = Cluster(Path(folder) / "pg", durable=False, create_databases=True)
        prepared.copy_to(cluster)
        urls = cluster.start()
        _let_tests_become_owners(cluster)
        os.environ |= urls.environment() | {"PRIDVOR_TEST_PREPARED": "1"}
        _started.append((cluster, folder))


def _let_tests_become_owners(cluster: Cluster) -> None:
    """A test that plays somebody with all rights says `set role`; until then the application's role inherits none."""
    with cluster._superuser(cluster._passwords()["postgres"], "postgres") as connection:
        for user, owner in DATABASES.values():
            connection.execute(f"grant {owner} to {user} with inherit false, set true")


_start()


def pytest_unconfigure() -> None:
    for cluster, folder in _started:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
