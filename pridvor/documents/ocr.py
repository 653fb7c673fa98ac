"""Reading letters off an image with tesseract, where it is installed. The image goes and the text comes by pipes."""

import io
import os
import shutil
import subprocess
from functools import cache

from PIL import Image

LANGUAGES = ("ron", "eng")
SECONDS = 40  # for one page


def is_here() -> bool:
    return bool(_languages())


def text(image: Image.Image) -> str | None:
    """The text on the image, or None where it cannot be had: no tesseract, or it failed or took too long."""
    languages = _languages()
    if not languages:
        return None
    picture = io.BytesIO()
    image.convert("L").save(picture, "PNG", compress_level=1)
    try:
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "-l", languages, "--dpi", "200"],
            input=picture.getvalue(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout.decode(errors="replace").replace("\f", "").strip()


@cache
def _languages() -> str:
    """Those of ours that are installed, as tesseract wants them named («ron+eng»); empty without tesseract."""
    if not shutil.which("tesseract"):
        return ""
    listed = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=10, check=False
    )
    return "+".join(language for language in LANGUAGES if language in listed.stdout.split())
