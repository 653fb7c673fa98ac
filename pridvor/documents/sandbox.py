"""Runs what parses strangers' bytes in a process of its own, fed and read through pipes.

Scanners, PDF and photo decoders crash and hang on hostile files, and yara-x stops every thread of the process that
it scans in. So each file gets a fresh process with limits on time, memory and output; it may open no file for
writing at all (RLIMIT_FSIZE 0), so that plaintext cannot reach a disk even by a library's mistake. Its death is an
answer too: Failed, and never «clean».
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 3 << 30  # bytes of address space
LARGEST_REPLY = 64 << 20  # bytes
PROGRAM = (sys.executable, "-P", "-m", "pridvor.documents.inner")
SEALING = (sys.executable, "-P", "-m", "pridvor.documents.sealer")
SIGNING = (sys.executable, "-P", "-m", "pridvor.documents.signing")


class Failed(Exception):
    """The process crashed, hung past its time, or answered nonsense."""


@dataclass(frozen=True)
class Reply:
    """What the process found, as JSON values, and bytes that it made (an image)."""

    found: dict[str, Any]
    made: bytes


def run(
    job: str,
    chunks: Iterable[bytes],
    *,
    seconds: float,
    options: dict[str, Any] | None = None,
    program: tuple[str, ...] = PROGRAM,
) -> Reply:
    """Give the file's bytes to a job of `inner.JOBS` and return its reply. Raises Failed."""
    process = subprocess.Popen(
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "OMP_THREAD_LIMIT": "1",
        },
        start_new_session=True,
    )
    late = threading.Event()
    timer = threading.Timer(seconds, _end, (process, late))
    timer.daemon = True
    timer.start()
    try:
        head = {"job": job, "options": options or {}, "seconds": seconds, "memory": MEMORY}
        _feed(process, head, chunks)
        assert process.stdout is not None
        answer = process.stdout.read(LARGEST_REPLY + 1)
    finally:
        timer.cancel()
        _end(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
    if late.is_set():
        raise Failed("out of time")
    return _parse(answer)


def _feed(process: subprocess.Popen[bytes], head: dict[str, Any], chunks: Iterable[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it died: the missing reply says so
        process.stdin.write(json.dumps(head).encode() + b"\n")
        for chunk in chunks:
            process.stdin.write(chunk)
        process.stdin.close()


def _parse(answer: bytes) -> Reply:
    """One line of JSON, then the bytes made. The line's `length` proves that the answer is whole."""
    line, newline, made = answer.partition(b"\n")
    try:
        found = json.loads(line)
        whole = bool(newline) and found.pop("length") == len(made)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Failed("no answer") from None
    if not whole:
        raise Failed("an answer cut short")
    if "error" in found:
        raise Failed(found["error"])
    return Reply(found, made)


def _end(process: subprocess.Popen[bytes], late: threading.Event | None = None) -> None:
    """End the process and whatever it started (its own session, hence its own process group)."""
    if late and process.poll() is None:
        late.set()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
