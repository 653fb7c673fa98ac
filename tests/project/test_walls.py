"""The second wall: with the application's own filters left out, PostgreSQL still shows nobody another's rows."""

from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import Error, connection, connections, transaction

from pridvor.accounts.models import Region, Role
from pridvor.cases import actions as cases
from pridvor.cases import notes, work
from pridvor.cases.models import Case, Draft
from pridvor.cases.seen import Seen, way_to_case
from pridvor.lib import wall
from pridvor.project import databases, walls
from tests.conftest import CARMEN, NOW, actor_of, client_of, person
from tests.desk.conftest import staff
from tests.partner import Partner, good

pytestmark = pytest.mark.django_db
ANYTHING = {  # a value of each type of column
    "int2": "1",
    "int4": "1",
    "int8": "1",
    "numeric": "1",
    "float8": "1",
    "bool": "f",
    "text": "x",
    "varchar": "x",
    "uuid": str(uuid4()),
    "bytea": "x",
    "jsonb": "{}",
    "date": "2026-11-24",
    "timestamptz": str(NOW),
    "_varchar": "{}",
}


@pytest.fixture(autouse=True)
def kept(settings, tmp_path):
    settings.DOCUMENTS = tmp_path / "documents"


@pytest.fixture
def north():
    return Region.objects.create(code="north", name={"en": "North"}, covers=["RO:cluj"])


@pytest.fixture
def south():
    return Region.objects.create(code="south", name={"en": "South"}, covers=["RO"])


@pytest.fixture
def case(ana, south):
    """A case of the south that has left rows in many tables."""
    ours = Partner(ana)
    ours.upload("bank-letter", good("bank-letter"))
    ours.items = ["bank-letter"]
    ours.send()
    carmen = staff(Role.OPERATOR)
    work.assign(ours.case, "verify", carmen, why="by-hand", actor=CARMEN, now=NOW)
    notes.write(ours.case, "Ask for the second page.", author=carmen, also=[carmen], now=NOW)
    return ours.case


def bearing():
    """The models whose tables stand behind the wall, with the way from each to its client."""
    with connection.cursor() as cursor:
        tables = walls.rules(cursor)
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in tables]


def rows(scope, model):
    """How many rows a plain query returns, asked for this scope."""
    with wall.within(scope):
        return model._base_manager.count()


def everything(scope):
    return {model.__name__: found for model in bearing() if (found := rows(scope, model))}


def test_every_table_that_leads_to_a_client_stands_behind_the_wall():
    with connection.cursor() as cursor:
        assert walls.missing(cursor) == []
        assert len(walls.rules(cursor)) > 30


def test_a_table_that_a_migration_adds_is_missing_until_the_walls_are_built_again():
    with psycopg.connect(**_owner(), autocommit=True) as owner:
        owner.execute("create table extra (id bigint primary key, case_id bigint references cases_case)")
        try:
            with connection.cursor() as cursor:
                assert walls.missing(cursor) == ["extra"]
        finally:
            owner.execute("drop table extra")


def test_the_wall_and_the_applications_filter_name_the_same_tables():
    seen = {model for model in apps.get_models() if isinstance(model._default_manager, Seen)}
    clients_own = {"Client", "Contact", "Merge", "Relationship"}
    of_hooks = {
        "connectors.Delivery"
    }  # read through the hook of one machine; a test's delivery is about no case
    assert {model for model in bearing() if not model._meta.auto_created} - seen == {
        model for model in bearing() if model.__name__ in clients_own or model._meta.label in of_hooks
    }
    assert all(way_to_case(model) or model is Case for model in seen)


def test_who_does_not_say_for_whom_they_ask_sees_no_row(case):
    assert everything(wall.MACHINE)["Case"] == 1
    assert everything(wall.NOBODY) == {}


def test_of_every_single_table_strangers_see_nothing_and_its_own_client_and_region_see_all():
    ana, emil = uuid4(), uuid4()
    with psycopg.connect(**_owner()) as owner:
        tables = filled(owner, ana, emil)
        nothing, whole = {}, dict.fromkeys(tables, 1)
        for scope in ("", "nonsense", wall.of_client(emil), wall.of_phone(emil), "staff:7:", "staff:7:north"):
            assert counted(owner, scope, tables) == nothing, scope
        for scope in (wall.MACHINE, wall.of_client(ana), "staff:7:south", "staff:7:north,south", "staff:7:*"):
            assert counted(owner, scope, tables) == whole, scope
        owner.rollback()


def filled(owner, ana, emil):
    """One row of Ana's in each table behind the wall, until the transaction is rolled back; the tables' names.

    Check constraints are taken away and foreign keys wait, so that a row needs no more than the key it hangs on.
    """
    _tell(owner, wall.MACHINE)
    keys = {"region_id": "south", "person_id": 1}
    for number, subject in ((1, ana), (2, emil)):
        _insert(owner, "clients_person", {"id": number, "subject": subject, "confirmed_at": NOW})
    with connection.cursor() as cursor:
        hangs_on = {key.child: key for key in walls._keys(cursor)}
        tables = list(walls.rules(cursor))
    _insert(owner, walls.CLIENTS, {"id": 1})
    _insert(owner, walls.CASES, {"id": 1, "client_id": 1, **keys})
    for table, key in hangs_on.items():
        _insert(owner, table, {key.column: 1})
    return tables


def _insert(owner, table, given):
    for (name,) in owner.execute(
        "select conname from pg_constraint where contype = 'c' and conrelid = %s::regclass", [table]
    ).fetchall():
        owner.execute(f'alter table "{table}" drop constraint "{name}"')
    columns = owner.execute(
        "select column_name, udt_name from information_schema.columns where table_name = %s"
        " and table_schema = 'public' and is_nullable = 'NO'",
        [table],
    ).fetchall()
    row = {name: "1" if name == "id" else ANYTHING[kind] for name, kind in columns} | given
    names = ", ".join(f'"{name}"' for name in row)
    owner.execute(
        f'insert into "{table}" ({names}) overriding system value values ({", ".join(["%s"] * len(row))})',
        [str(value) for value in row.values()],
    )


def counted(owner, scope, tables):
    """How many rows a plain query returns, by table; tables without any are left out."""
    _tell(owner, scope)
    found = {
        table: owner.execute(f'select count(*) from "{table}"').fetchone()[0] for table in sorted(tables)
    }
    return {table: count for table, count in found.items() if count}


def _tell(owner, scope):
    owner.execute("select set_config(%s, %s, false)", [wall.SETTING, scope])


def test_another_client_sees_no_row_of_any_table(case, emil):
    assert everything(wall.of_client(emil.subject)) == {}


def test_a_client_sees_all_that_is_theirs(case, ana, emil):
    whole = everything(wall.MACHINE)
    Partner(emil)
    assert everything(wall.of_client(ana.subject)) == whole
    assert everything(wall.of_phone(case.public_id)) == whole


def test_staff_of_another_region_see_no_row_of_any_table(case, north):
    nora = staff(Role.OPERATOR, "nora@arcada.example")
    assert everything(f"staff:{nora.pk}:north") == {}
    assert everything(f"staff:{nora.pk}:south") == everything(wall.MACHINE)
    assert everything(f"staff:{nora.pk}:*") == everything(wall.MACHINE)


def test_what_was_given_to_somebody_by_name_they_see_in_every_region(case, north):
    nora = staff(Role.OPERATOR, "nora@arcada.example")
    work.assign(case, "verify", nora, why="by-hand", actor=CARMEN, now=NOW)
    assert everything(f"staff:{nora.pk}:north") == everything(wall.MACHINE)
    assert everything(f"staff:{nora.pk}:")["Case"] == 1


def test_nobody_writes_a_row_into_anothers_case(case, emil):
    as_emil = wall.within(wall.of_client(emil.subject))
    with pytest.raises(Error, match="row-level security"), transaction.atomic(), as_emil:
        Draft.objects.create(case=case, step="collect", field="note", value="x", at=NOW)


def test_a_failed_transaction_leaves_no_wider_scope_behind(case, emil):
    with wall.within(wall.of_client(emil.subject)):
        with pytest.raises(Error), transaction.atomic(), wall.within(wall.MACHINE):
            connection.cursor().execute("select 1/0")
        assert Case._base_manager.count() == 0


def test_the_applications_role_owns_nothing_and_bypasses_nothing():
    for alias in ("default", "vault"):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "select rolsuper, rolbypassrls, (select count(*) from pg_tables where tableowner = current_user)"
                " from pg_roles where rolname = current_user"
            )
            assert cursor.fetchone() == (False, False, 0)
            assert cursor.db.settings_dict["USER"] == databases.application_role(alias)


def column(table):
    return next(model._meta.pk.column for model in apps.get_models() if model._meta.db_table == table)


@pytest.mark.parametrize("verb", ["update {} set {} = {}", "delete from {}", "truncate {}"])
def test_a_ledger_cannot_be_changed_by_the_applications_role(verb):
    for alias in ("default", "vault"):
        with connections[alias].cursor() as cursor:
            tables = walls.ledgers(cursor)
            assert tables
            for table in tables:
                with pytest.raises(Error, match="permission denied"), transaction.atomic(alias):
                    cursor.execute(verb.format(table, column(table), column(table)))


def test_the_region_of_a_case_is_the_narrowest_that_covers_its_client(ana, emil, north, south):
    assert Partner(ana).case.region == south
    cluj = client_of(emil, name="SC Cluj SRL", county="Cluj", city="Cluj-Napoca")
    version = Case.objects.get().journey_version
    assert cases.open_case(version, cluj, emil, language="ro", actor=actor_of(emil), now=NOW).region == north
    abroad = client_of(person("bo@bolag.example"), country="SE", county="")
    assert cases.open_case(version, abroad, emil, language="ro", actor=actor_of(emil), now=NOW).region is None


def _owner():
    """How the owner of the tables connects to the tests' database."""
    role = settings.DATABASE_ROLES["owner"]["default"]
    given = {"user": role["USER"], "password": role["PASSWORD"], "host": role["HOST"]}
    return {"dbname": connection.settings_dict["NAME"], **given}
