from django.db import migrations

from pridvor.lib.ledger import append_only


class Migration(migrations.Migration):
    dependencies = [("journeys", "0001_initial")]
    operations = [append_only("journeys_journeyversion")]
