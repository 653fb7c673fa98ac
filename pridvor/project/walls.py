"""The second wall, built by `pridvor migrate`: what PostgreSQL itself lets the application's role see and do.

The tables belong to an owner, who migrates; the application connects as another role, which may neither truncate
anything nor change a row of a ledger. Every table from which foreign keys lead to a case or a client shows a
connection only the rows of its scope (lib.wall). Which tables these are is read from the database: a table that a
migration adds tomorrow stands behind the wall without anybody thinking of it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connections
from django.db.backends.utils import CursorWrapper

from pridvor.project import databases

CASES, CLIENTS = "cases_case", "clients_client"
ADDRESSED = {
    "notifications_message": "recipient"
}  # rows of no case that are a person's own: whose, by subject
POLICY = "scope"

# Names are whole, because pg_dump and logical replication ask with an empty search path.
FUNCTIONS = """
create or replace function pridvor_scope() returns text language sql stable as
$$ select coalesce(current_setting('pridvor.scope', true), '') $$;

create or replace function pridvor_sees_all() returns boolean language sql stable as
$$ select public.pridvor_scope() = 'machine' or (public.pridvor_scope() like 'staff:%' and split_part(public.pridvor_scope(), ':', 3) = '*') $$;

create or replace function pridvor_is_staff() returns boolean language sql stable as
$$ select public.pridvor_scope() = 'machine' or public.pridvor_scope() like 'staff:%' $$;

create or replace function pridvor_regions() returns text[] language sql stable as
$$ select case when public.pridvor_scope() like 'staff:%' then
  array_remove(string_to_array(split_part(public.pridvor_scope(), ':', 3), ','), '') else '{}'::text[] end $$;

-- the key of the client's person who asks: persons belong to no case, so this needs no wider scope
create or replace function pridvor_person() returns bigint language sql stable as
$$ select id from public.clients_person where subject =
   case when public.pridvor_scope() like 'client:%' then substr(public.pridvor_scope(), 8)::uuid end $$;

-- the subject of the client's person who asks; of others none
create or replace function pridvor_subject() returns text language sql stable as
$$ select case when public.pridvor_scope() like 'client:%' then substr(public.pridvor_scope(), 8) end $$;

-- cases that are somebody's by name. Reads tables behind the wall, so it asks as a machine and then as before.
create or replace function pridvor_own_cases() returns bigint[] language plpgsql stable as $$
declare
  scope text := public.pridvor_scope();
  found bigint[] := '{}';
  person bigint := public.pridvor_person();
begin
  perform set_config('pridvor.scope', 'machine', false);
  if person is not null then
    found := array(select id from public.cases_case where person_id = person
      union select case_id from public.cases_membership where person_id = person
      union select case_id from public.cases_approver where person_id = person);
  elsif scope like 'phone:%' then
    found := array(select id from public.cases_case where public_id = substr(scope, 7)::uuid);
  elsif scope like 'staff:%' then
    found := array(select case_id from public.cases_assignment
      where staff_id = split_part(scope, ':', 2)::bigint and ended_at is null);
  end if;
  perform set_config('pridvor.scope', scope, false);
  return found;
end $$;

-- a client without any case is of no region: staff see it (it was just enrolled, or merged into another)
create or replace function pridvor_has_no_case(client bigint) returns boolean language plpgsql stable as $$
declare
  scope text := public.pridvor_scope();
  found boolean;
begin
  perform set_config('pridvor.scope', 'machine', false);
  found := not exists (select 1 from public.cases_case where client_id = client);
  perform set_config('pridvor.scope', scope, false);
  return found;
end $$;
"""
SEES_ALL = "(select pridvor_sees_all())"
CASE_SEEN = f"""{SEES_ALL}
  or (cardinality((select pridvor_regions())) > 0 and (region_id is null or region_id = any((select pridvor_regions())::text[])))
  or person_id = (select pridvor_person())
  or id = any((select pridvor_own_cases())::bigint[])"""
CLIENT_SEEN = f"""{SEES_ALL}
  or exists (select 1 from {CASES} one where one.client_id = {CLIENTS}.id)
  or ((select pridvor_is_staff()) and pridvor_has_no_case({CLIENTS}.id))"""  # noqa: S608 our own names

KEYS = """
select child.relname, parent.relname, own.attname, theirs.attname, own.attnotnull
from pg_constraint
join pg_class child on child.oid = conrelid join pg_class parent on parent.oid = confrelid
join pg_attribute own on own.attrelid = conrelid and own.attnum = conkey[1]
join pg_attribute theirs on theirs.attrelid = confrelid and theirs.attnum = confkey[1]
where contype = 'f' and connamespace = 'public'::regnamespace order by 1, 3
"""
STANDING = """
select relname, relrowsecurity and relforcerowsecurity, coalesce(obj_description(pol.oid, 'pg_policy'), '')
from pg_class left join pg_policy pol on pol.polrelid = pg_class.oid
where relkind = 'r' and relnamespace = 'public'::regnamespace
"""
LEDGERS = """
select distinct relname from pg_trigger join pg_class on pg_class.oid = tgrelid join pg_proc on pg_proc.oid = tgfoid
where proname = 'refuse_change'
"""


@dataclass(frozen=True)
class Key:
    """A foreign key between two tables."""

    child: str
    parent: str
    column: str
    target: str
    is_needed: bool  # not null


def build() -> None:
    """This will raise both walls in both databases, as the owner of their tables; standing ones are left alone."""
    for alias in ("default", "vault"):
        with databases.as_owner(alias), connections[alias].cursor() as cursor:
            if alias == "default":
                _raise_wall(cursor)
            _limit_role(cursor, databases.application_role(alias))


def rules(cursor: CursorWrapper) -> dict[str, str]:
    """Every table from which foreign keys lead to a case or a client, and which of its rows a scope shows."""
    return {CASES: CASE_SEEN, CLIENTS: CLIENT_SEEN, **{key.child: _behind(key) for key in _keys(cursor)}}


def missing(cursor: CursorWrapper) -> list[str]:
    """Tables that should stand behind the wall as it is today, and do not."""
    cursor.execute(STANDING)
    standing = {(table, said) for table, forced, said in cursor.fetchall() if forced}
    return sorted(table for table, rule in rules(cursor).items() if (table, _digest(rule)) not in standing)


def ledgers(cursor: CursorWrapper) -> list[str]:
    """Tables that only grow: those whose triggers refuse a change."""
    cursor.execute(LEDGERS)
    return sorted(row[0] for row in cursor.fetchall())


# -- how


def _raise_wall(cursor: CursorWrapper) -> None:
    cursor.execute(FUNCTIONS)
    for table, rule in ((table, rules(cursor)[table]) for table in missing(cursor)):
        cursor.execute(
            f'alter table "{table}" enable row level security; alter table "{table}" force row level security;'
            f'drop policy if exists {POLICY} on "{table}";'
            f'create policy {POLICY} on "{table}" using ({rule}) with check ({rule});'
            f"comment on policy {POLICY} on \"{table}\" is '{_digest(rule)}'"
        )


def _limit_role(cursor: CursorWrapper, role: str) -> None:
    """The application's role reads and writes rows; nothing else, and in ledgers it only adds."""
    cursor.execute("select current_user")
    if cursor.fetchone()[0] == role:
        return  # one role for everything, as the doctor says: nobody can take rights from themselves for good
    quoted = connections[cursor.db.alias].ops.quote_name(role)
    cursor.execute(
        f"grant usage on schema public to {quoted};"
        f"grant select, insert, update, delete on all tables in schema public to {quoted};"
        f"grant usage, select on all sequences in schema public to {quoted};"
        f"grant execute on all functions in schema public to {quoted}"
    )
    for table in ledgers(cursor):
        cursor.execute(f'revoke update, delete on "{table}" from {quoted}')


def _keys(cursor: CursorWrapper) -> Iterator[Key]:
    """For each table behind the wall the key on which its rows hang: the shortest way, one that is never empty first."""
    cursor.execute(KEYS)
    by_parent: dict[str, list[Key]] = defaultdict(list)
    for row in cursor.fetchall():
        by_parent[row[1]].append(Key(*row))
    reached, front = {CASES, CLIENTS}, [CASES, CLIENTS]
    while front:
        step = sorted(
            (key for parent in front for key in by_parent[parent]), key=lambda key: not key.is_needed
        )
        front = []
        for key in step:
            if key.child not in reached:
                reached.add(key.child)
                front.append(key.child)
                yield key


def _behind(key: Key) -> str:
    """A row shows when the row that it hangs on shows; one that hangs on nothing is staff's, or whose it is addressed to."""
    same = f'one."{key.target}" = "{key.child}"."{key.column}"'
    shown = f'exists (select 1 from "{key.parent}" one where {same})'  # noqa: S608 names from the catalogue
    if key.is_needed:
        return f"{SEES_ALL} or {shown}"
    whose = (
        f' or "{ADDRESSED[key.child]}"::text = (select pridvor_subject())' if key.child in ADDRESSED else ""
    )
    return f'{SEES_ALL} or {shown} or ("{key.column}" is null and ((select pridvor_is_staff()){whose}))'


def _digest(rule: str) -> str:
    return hashlib.sha256(f"{FUNCTIONS}{rule}".encode()).hexdigest()[:16]
