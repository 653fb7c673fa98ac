from django.db import migrations, models

from pridvor.lib.ledger import append_only


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("heads", models.JSONField()),
                ("voids", models.BigIntegerField(null=True)),
                ("key", models.PositiveSmallIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128)),
                ("seen", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("rows", models.BigIntegerField()),
                ("checkpoint", models.BigIntegerField(null=True)),
                ("findings", models.JSONField(default=list)),
                ("found", models.PositiveIntegerField(default=0)),
            ],
        ),
        append_only("evidence_checkpoint"),
        append_only("evidence_verification"),
    ]
