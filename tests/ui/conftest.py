"""These tests need no database and no project: only templates and translations."""

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        USE_TZ=True,
        USE_I18N=True,
        TIME_ZONE="Europe/Bucharest",
        LANGUAGES=[("ro", "Romanian"), ("en", "English")],
    )
    django.setup()
