"""Events and answers are linked to the one before them; a case knows its last event."""

from django.db import migrations, models

from pridvor.lib.ledger import link_what_stands
from pridvor.cases.models import Answer, Event


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_region")]
    operations = [
        migrations.AddField("event", "position", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("event", "mac", models.BinaryField(null=True)),
        link_what_stands("cases", "event", Event),
        migrations.AlterField("event", "position", models.PositiveIntegerField(editable=False)),
        migrations.AlterField("event", "mac", models.BinaryField()),
        migrations.AddConstraint("event", models.UniqueConstraint(fields=["case", "position"], name="events_in_a_chain")),
        migrations.AddField("answer", "position", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("answer", "mac", models.BinaryField(null=True)),
        link_what_stands("cases", "answer", Answer),
        migrations.AlterField("answer", "position", models.PositiveIntegerField(editable=False)),
        migrations.AlterField("answer", "mac", models.BinaryField()),
        migrations.AddConstraint("answer", models.UniqueConstraint(fields=["case", "position"], name="answers_in_a_chain")),
        migrations.AddField("case", "chain_position", models.IntegerField(db_default=0)),
        migrations.AddField("case", "chain_mac", models.BinaryField(db_default=b"")),
        migrations.RunSQL(
            "update cases_case set chain_position = position, chain_mac = mac from cases_event as last"
            " where last.case_id = cases_case.id and not exists (select from cases_event as later"
            " where later.case_id = last.case_id and later.position > last.position)",
            migrations.RunSQL.noop,
        ),
    ]
