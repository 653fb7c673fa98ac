"""Settings depend on the environment when they are read: a process of its own reads them anew."""

import ast
import os
import subprocess
import sys

READY = "import django; django.setup()\n"


def under(environment, code, *, ready=False):
    """What the code prints, as a Python value, with these variables set; `settings` is at hand."""
    text = f"from django.conf import settings\n{READY if ready else ''}{code}"
    kept = {
        name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"
    }  # the browser's
    given = {**kept, "DJANGO_SETTINGS_MODULE": "pridvor.project.settings", **environment}
    done = subprocess.run(
        [sys.executable, "-c", text], env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return ast.literal_eval(done.stdout.strip().splitlines()[-1])
