"""What happens when the process that looks at strangers' bytes crashes, hangs, lies or wants to write."""

import sys
import time

import pytest

from pridvor.documents import sandbox
from tests.documents import corpus

PREFACE = "import sys, os, json\nfrom pridvor.documents import serving\ntask = json.loads(sys.stdin.buffer.readline())\n"


def program(body: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-c", PREFACE + body)


def run(body: str, seconds: float = 5) -> sandbox.Reply:
    return sandbox.run("scan", [b"x" * 3_000_000], seconds=seconds, program=program(body))


@pytest.mark.parametrize(
    "body",
    [
        "os.abort()",
        "os._exit(0)",
        "print('nonsense')",
        "print('{\"codes\": []}')",
        'print(\'{"codes": [], "length": 9}\')',
        "sys.stdin.buffer.read(); os.kill(os.getpid(), 11)",
        "print('[]')",
    ],
)
def test_a_process_that_dies_or_talks_nonsense_is_a_failure(body):
    with pytest.raises(sandbox.Failed):
        run(body)


def test_a_process_that_hangs_is_ended_with_all_that_it_started():
    start = time.monotonic()
    with pytest.raises(sandbox.Failed, match="time"):
        run(
            "import subprocess; subprocess.Popen(['sleep', '60']); sys.stdin.buffer.read(); import time; time.sleep(60)",
            seconds=1,
        )
    assert time.monotonic() - start < 4


def test_a_process_that_does_not_read_is_ended():
    with pytest.raises(sandbox.Failed, match="time"):
        run("import time; time.sleep(60)", seconds=1)


def test_inside_no_file_can_be_written():
    reply = run(
        "serving.limit(5, 1 << 30)\n"
        "try:\n open('/tmp/pridvor-leak', 'wb', 0).write(b'plain'); wrote = True\nexcept OSError: wrote = False\n"
        "print(json.dumps({'wrote': wrote, 'length': 0}))"
    )
    assert reply.found == {"wrote": False}


def test_inside_memory_has_an_end():
    with pytest.raises(sandbox.Failed):
        run("serving.limit(5, 1 << 29)\nbytearray(1 << 30)")


def test_the_real_one_answers():
    reply = sandbox.run("scan", [corpus.typeset()], seconds=30, options={"kind": "pdf"})
    assert reply.found == {"codes": [], "pages": 1, "details": []}


def test_an_image_carries_no_metadata_and_is_turned_upright():
    exif = corpus.Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "CANARY"
    photo = corpus.encoded(corpus.sheet(), exif=exif.tobytes(), comment=b"CANARY")
    assert b"CANARY" in photo
    made = sandbox.run("image", [photo], seconds=30, options={"kind": "jpeg", "page": 0, "width": 800}).made
    image = corpus.Image.open(corpus.io.BytesIO(made))
    assert b"CANARY" not in made
    assert not image.getexif()
    assert image.format == "WEBP"
    assert image.width > image.height  # the camera lay on its side


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("heic", corpus.encoded(corpus.sheet(), "HEIF")),
        ("png", corpus.encoded(corpus.sheet(), "PNG")),
        ("pdf", corpus.typeset()),
    ],
)
def test_every_kind_is_shown(kind, content):
    made = sandbox.run("image", [content], seconds=30, options={"kind": kind, "page": 0, "width": 320}).made
    assert corpus.Image.open(corpus.io.BytesIO(made)).width == 320
