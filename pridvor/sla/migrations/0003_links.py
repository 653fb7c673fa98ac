"""Bookings are linked to the one before them."""

from django.db import migrations, models

from pridvor.lib.ledger import link_what_stands
from pridvor.sla.models import Span


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_ledger")]
    operations = [
        migrations.AddField("span", "position", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("span", "mac", models.BinaryField(null=True)),
        link_what_stands("sla", "span", Span),
        migrations.AlterField("span", "position", models.PositiveIntegerField(editable=False)),
        migrations.AlterField("span", "mac", models.BinaryField()),
        migrations.AddConstraint("span", models.UniqueConstraint(fields=["case", "position"], name="spans_in_a_chain")),
    ]
