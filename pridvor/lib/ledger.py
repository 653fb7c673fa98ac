"""Tables that only grow: the database itself refuses to change or remove a row, whoever asks."""

from django.db import migrations

FUNCTION = """
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the rows of % are append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """A migration step after which rows of `table` can be added, and neither changed, removed nor truncated."""
    return migrations.RunSQL(
        f"{FUNCTION}"
        f"create trigger {table}_append_only before update or delete on {table} for each row execute function refuse_change();"
        f"create trigger {table}_no_truncate before truncate on {table} for each statement execute function refuse_change();",
        f"drop trigger {table}_append_only on {table}; drop trigger {table}_no_truncate on {table};",
    )
