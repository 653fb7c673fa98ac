from django.db import migrations

from pridvor.lib.ledger import append_only


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial")]
    operations = [append_only("sla_span"), append_only("sla_calendarrevision")]
