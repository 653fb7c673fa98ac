"""Fails when a model has changed and no migration says so. Run by bin/check."""

import os
import sys

from tests import plugins

os.environ["DJANGO_SETTINGS_MODULE"] = "pridvor.project.settings_test"


def main() -> int:
    import django  # noqa: PLC0415 the database's address must stand in the environment first
    from django.core.management import call_command  # noqa: PLC0415

    try:
        django.setup()
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit as wrong:
        return int(wrong.code or 0)
    finally:
        plugins.pytest_unconfigure()
    return 0


if __name__ == "__main__":
    sys.exit(main())
