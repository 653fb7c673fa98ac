"""While the network is used nothing is locked: a slow client must not hold up anybody else."""

from django.db import connection

from pridvor.checks import actions as checks
from tests.conftest import person
from tests.connectors.test_suites import JOURNEY
from tests.managed import TOKEN, Managed
from tests.peers.interface import Interface, running


def test_no_transaction_is_open_while_a_clients_interface_is_called(committed, settings):
    settings.DEMO, settings.PROBE_ALLOW = False, ("127.0.0.1",)
    interface, opened = Interface(token=TOKEN), []
    interface.meanwhile = lambda: opened.extend(idle_in_transaction())
    with running(interface) as base:
        ours = Managed(person("ana@electroinstal.example"), JOURNEY).hand_over(base=base)
        checks.run(ours.event("step.opened", step="credentials"), now=ours.time())
    assert (len(interface.asked), opened) == (2, [])


def idle_in_transaction():
    """What other connections hold open; asked over a connection of the asking thread's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select query from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and state like 'idle in transaction%'"
        )
        found = cursor.fetchall()
    connection.close()
    return found
