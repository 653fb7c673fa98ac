from django.db import migrations

from pridvor.lib.ledger import append_only


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [
        append_only("privacy_entry"),
        append_only("privacy_acceptance"),
        append_only("privacy_legaltext"),
    ]
