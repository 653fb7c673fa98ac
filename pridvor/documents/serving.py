"""The other end of `sandbox.run`: one job and one file in, one answer out, within limits.

First line: the job as JSON; then the file's bytes. Knows neither Django nor the database nor any key.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

Job = Callable[[bytes, dict[str, Any]], tuple[dict[str, Any], bytes]]


def limit(seconds: float, memory: int) -> None:
    """No file is written, no core is dumped, memory and processor time end somewhere."""
    for what, value in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 1),
    ):
        resource.setrlimit(what, (value, value))


def serve(jobs: dict[str, Job]) -> None:
    """Answer one job: read it and the file from standard input, reply on standard output."""
    task = json.loads(sys.stdin.buffer.readline())
    limit(task["seconds"], task["memory"])
    data = sys.stdin.buffer.read()
    made = b""
    try:
        found, made = jobs[task["job"]](data, task["options"])
    except Exception as error:
        found = {"error": type(error).__name__}  # the class only: a message may quote the file
    sys.stdout.buffer.write(json.dumps({**found, "length": len(made)}).encode() + b"\n" + made)
    sys.stdout.buffer.flush()
