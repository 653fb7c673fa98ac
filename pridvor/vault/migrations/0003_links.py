"""Lines of the access ledger are linked to the one before them; documents get a key of their own beside that of values."""

from django.conf import settings
from django.db import migrations, models

from pridvor.lib import aead
from pridvor.lib.ledger import link_what_stands
from pridvor.vault.models import Look


def wrap_file_keys(apps, editor):
    """What was derived from the key of values is wrapped by itself, so that no document changes."""
    vault, files = settings.KEYS.ring("vault"), settings.KEYS.ring("files")
    rows = apps.get_model("vault", "SubjectKey").objects.using(editor.connection.alias)
    for row in rows.exclude(wrapped=None).iterator():
        key = vault.open(bytes(row.wrapped), aead.bound_to("subject-key", row.subject))
        of_files = files.seal(aead.derive(key, "file"), aead.bound_to("subject-file-key", row.subject))
        rows.filter(pk=row.pk).update(wrapped_file=of_files)


class Migration(migrations.Migration):
    dependencies = [("vault", "0002_ledger")]
    operations = [
        migrations.AddField("look", "position", models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField("look", "mac", models.BinaryField(null=True)),
        link_what_stands("vault", "look", Look),
        migrations.AlterField("look", "position", models.PositiveIntegerField(editable=False)),
        migrations.AlterField("look", "mac", models.BinaryField()),
        migrations.AddConstraint("look", models.UniqueConstraint(fields=["subject", "position"], name="looks_in_a_chain", nulls_distinct=False)),
        migrations.AddField("subjectkey", "wrapped_file", models.BinaryField(null=True)),
        migrations.RunPython(wrap_file_keys, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint("subjectkey", "erased_has_no_key"),
        migrations.AddConstraint(
            "subjectkey",
            models.CheckConstraint(
                name="erased_has_no_key",
                condition=models.Q(erased_at__isnull=True, wrapped__isnull=False, wrapped_file__isnull=False)
                | models.Q(erased_at__isnull=False, wrapped=None, wrapped_file=None),
            ),
        ),
        migrations.AddField("blindindex", "key", models.PositiveSmallIntegerField(default=1), preserve_default=False),
    ]
