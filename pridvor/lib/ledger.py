"""Tables that only grow: the database itself refuses to change or remove a row, whoever asks."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import migrations, models

from pridvor.lib import chain
from pridvor.lib.keys import Keys, Versions

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


class Linked(models.Model):
    """A row of a ledger in which each row is linked to the one before it in the same scope (see chain.py)."""

    LEDGER: ClassVar[str]  # its name in links and checkpoints
    SCOPE: ClassVar[str]  # the field that says to which chain a row belongs

    position = models.PositiveIntegerField(editable=False)  # from 1, without gaps
    mac = models.BinaryField(editable=False)

    class Meta:
        abstract = True

    def said(self) -> list[Any]:
        """What the link is over: everything that the row states."""
        raise NotImplementedError

    def links(self) -> list[tuple[chain.Head, list[Any]]]:
        """The row's places in its chain, and what each is over. Most rows have one."""
        return [(chain.Head(self.position, bytes(self.mac)), self.said())]


def keys() -> Versions:
    """The keys of links."""
    held: Keys = settings.KEYS
    return held.derived("seal", chain.PURPOSE)


def head(model: type[Linked], scope: object) -> chain.Head:
    """The last row of a chain. The caller holds a lock that everybody takes who adds to it."""
    row = (
        model._base_manager.filter(**{model.SCOPE: scope})
        .order_by("-position")
        .values_list("position", "mac")
        .first()
    )
    return chain.Head(row[0], bytes(row[1])) if row else chain.START


def add(rows: Sequence[Linked], scope: object) -> None:
    """This will link rows of one scope to its chain and write them. The caller holds the lock of the chain."""
    if not rows:
        return
    model = type(rows[0])
    said = [row.said() for row in rows]
    heads = chain.extend(keys(), model.LEDGER, scope, head(model, scope), said)
    for row, new in zip(rows, heads, strict=True):
        row.position, row.mac = new
    model._base_manager.bulk_create(rows)


def link_what_stands(app: str, name: str, model: type[Linked]) -> migrations.RunPython:
    """A migration step that links rows written before there were links. Nothing may add rows meanwhile."""

    def run(apps: Any, editor: Any) -> None:
        table = model._meta.db_table
        heads: dict[object, chain.Head] = {}
        editor.execute(f"alter table {table} disable trigger user")
        rows = apps.get_model(app, name)._base_manager.using(editor.connection.alias).order_by("pk")
        for row in rows.iterator():
            scope = getattr(row, model.SCOPE)
            new = chain.link(keys(), model.LEDGER, scope, heads.get(scope, chain.START), model.said(row))
            heads[scope] = new
            rows.filter(pk=row.pk).update(position=new.position, mac=new.mac)
        editor.execute(f"alter table {table} enable trigger user")

    return migrations.RunPython(run, migrations.RunPython.noop, elidable=True)
