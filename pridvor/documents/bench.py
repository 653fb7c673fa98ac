"""How fast files are taken in, and in how much memory. `pridvor bench` prints what this returns."""

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pridvor.lib.stream import Encryptor

SIZE = 64 << 20  # bytes of one timed run
PIECE = 1 << 16  # bytes, as they come from a socket
RUNS = 5
ROOT = Path(__file__).resolve().parents[2]

MEMORY_PROGRAM = """
import resource, sys
from pridvor.documents.storage import Folder
from pridvor.lib.stream import Encryptor
from pathlib import Path
piece = bytes(65536)
with Folder(Path(sys.argv[2])).put("bench") as sink:
    encryptor = Encryptor(bytes(32), b"bench", sink)
    for _ in range(int(sys.argv[1]) * 1_000_000 // len(piece) + 1):
        encryptor.write(piece)
    encryptor.finish()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


class _Nowhere:
    def write(self, data: memoryview | bytes, /) -> int:
        return len(data)


def upload_path() -> list[dict[str, Any]]:
    """Encrypting and hashing against hashing alone; and the peak of memory for 1 MB and for 200 MB."""
    data = memoryview(os.urandom(SIZE))
    pairs = [(_timed(_hash, data), _timed(_encrypt, data)) for _ in range(RUNS)]
    hashing, encrypting = (SIZE / 1e6 / statistics.median(times) for times in zip(*pairs, strict=True))
    small, large = _peak(1), _peak(200)
    return [
        _line(
            "documents.encrypt_and_hash",
            encrypting,
            "MB/s",
            "sha256 alone",
            encrypting / hashing,
            0.7,
            encrypting / hashing >= 0.7,
        ),
        _line(
            "documents.peak_memory_200_mb",
            large,
            "MB",
            "1 MB upload",
            large / small,
            1.1,
            large / small <= 1.1,
        ),
    ]


def _line(
    name: str, value: float, unit: str, against: str, ratio: float, goal: float, ok: bool
) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "against": against,
        "ratio": round(ratio, 3),
        "goal": goal,
        "ok": ok,
    }


def _timed(work: Any, data: memoryview) -> float:
    start = time.perf_counter()
    work(data)
    return time.perf_counter() - start


def _hash(data: memoryview) -> None:
    digest = hashlib.sha256()
    for at in range(0, len(data), PIECE):
        digest.update(data[at : at + PIECE])
    digest.digest()


def _encrypt(data: memoryview) -> None:
    encryptor = Encryptor(bytes(32), b"bench", _Nowhere())
    for at in range(0, len(data), PIECE):
        encryptor.write(data[at : at + PIECE])
    encryptor.finish()


def _peak(megabytes: int) -> float:
    """The peak memory of a fresh process that takes in so much, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-c", MEMORY_PROGRAM, str(megabytes), folder]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)
