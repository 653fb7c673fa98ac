from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connectors", "0010_forgetting")]

    operations = [
        migrations.AlterField(
            model_name="drift",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("writing", "Writing"),
                    ("taking", "Taking"),
                    ("written", "Written"),
                    ("taken", "Taken"),
                    ("left", "Left"),
                    ("gone", "Gone"),
                ],
                default="open",
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="drift", name="one_open_drift"),
        migrations.AddConstraint(
            model_name="drift",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "writing", "taking"])),
                fields=("record", "field"),
                name="one_open_drift",
            ),
        ),
    ]
