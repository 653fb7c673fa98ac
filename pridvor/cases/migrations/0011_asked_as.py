import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_items"),
        ("journeys", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="asked_as",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="answer",
            name="journey_version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="journeys.journeyversion",
            ),
        ),
    ]
