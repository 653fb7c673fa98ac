"""Tries are linked to the line before them when they begin, and again when they are closed."""

from django.db import migrations, models

from pridvor.connectors.models import Try
from pridvor.lib import chain, ledger

FUNCTION = """
create or replace function refuse_rewritten_try() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.ended_at is null
     and (new.call_id, new.number, new.started_at, new.request, new.position, new.mac)
     = (old.call_id, old.number, old.started_at, old.request, old.position, old.mac) then
    return new;
  end if;
  raise exception 'a try is closed once and never changed' using errcode = 'integrity_constraint_violation';
end $$;
"""


def link(apps, editor):
    """Each try's beginning and its end, in the order of the tries."""
    editor.execute("alter table connectors_try disable trigger user")
    rows = apps.get_model("connectors", "Try").objects.using(editor.connection.alias)
    heads = {}
    for row in rows.select_related("call").order_by("pk").iterator():
        case = row.call.case_id
        begun = chain.link(ledger.keys(), Try.LEDGER, case, heads.get(case, chain.START), Try.said(row))
        new = {"position": begun.position, "mac": begun.mac}
        heads[case] = begun
        if row.ended_at:
            heads[case] = chain.link(ledger.keys(), Try.LEDGER, case, begun, Try.said_at_the_end(row))
            new |= {"closing_position": heads[case].position, "closing_mac": heads[case].mac}
        rows.filter(pk=row.pk).update(**new)
    editor.execute("alter table connectors_try enable trigger user")


class Migration(migrations.Migration):
    dependencies = [("connectors", "0004_suites_and_readings")]
    operations = [
        migrations.AddField("try", "position", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("try", "mac", models.BinaryField(null=True)),
        migrations.AddField("try", "closing_position", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("try", "closing_mac", models.BinaryField(null=True)),
        migrations.RunPython(link, migrations.RunPython.noop, elidable=True),
        migrations.AlterField("try", "position", models.PositiveIntegerField(editable=False)),
        migrations.AlterField("try", "mac", models.BinaryField()),
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "try",
            models.CheckConstraint(
                name="closed_with_a_link",
                condition=models.Q(ended_at__isnull=True, closing_mac=None, closing_position=None)
                | models.Q(ended_at__isnull=False, closing_mac__isnull=False, closing_position__isnull=False),
            ),
        ),
    ]
