"""For whom this connection asks: PostgreSQL shows only the rows of that scope (row-level security, see project.walls).

A scope is a word: `machine` (jobs, commands, rules that count every case), `staff:KEY:*` and `staff:KEY:north,south`
(a member of staff and their regions; none: only their own cases), `client:SUBJECT` (a person of a client),
`phone:CASE` (a telephone that was let in to one case). Empty, it shows no row of any client: who forgets to say for
whom they ask sees nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

NOBODY, MACHINE = "", "machine"
SETTING = "pridvor.scope"
_of_process = NOBODY
_scope: ContextVar[str | None] = ContextVar("scope", default=None)


def of_client(subject: object) -> str:
    """The scope of a person of a client, known by their subject in the vault."""
    return f"client:{subject}"


def of_phone(case: object) -> str:
    """The scope of a telephone that was let in to the case with this public id."""
    return f"phone:{case}"


def present() -> str:
    """The scope that holds now."""
    given = _scope.get()
    return _of_process if given is None else given


def process_is(scope: str) -> None:
    """This will be the scope of this process wherever no other is given: commands and workers are machines."""
    global _of_process
    _of_process = scope
    _tell(connection)


@contextmanager
def within(scope: str) -> Iterator[None]:
    """While this lasts, the database answers for this scope; then for the one before, whatever happens."""
    if scope == present():
        yield
        return
    token = _scope.set(scope)
    try:
        _tell(connection)
        yield
    finally:
        _scope.reset(token)
        _tell(connection)


def on_connecting(sender: Any, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """A new connection to the application's database is told for whom it asks before anything else."""
    if connection.alias == "default" and present() != NOBODY:
        _tell(connection)


def _tell(connection: Any) -> None:
    """One statement; in a transaction that has failed none, because its rollback restores what was said before it."""
    raw = connection.connection
    if raw is None or raw.closed or raw.info.transaction_status == TransactionStatus.INERROR:
        return
    raw.execute("select set_config(%s, %s, false)", [SETTING, present()])
