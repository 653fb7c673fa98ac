"""What the web server loads. Below `pridvor up` it listens only once the tables are ready: until then nobody is answered."""

import os
import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pridvor.project.settings")
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    raise SystemExit(str(error)) from None  # a sentence with the way out, as the commands say it

READY = os.environ.get("PRIDVOR_READY")  # a file that `pridvor up` makes; gunicorn loads us before it listens
while READY and not Path(READY).exists():
    time.sleep(0.02)
