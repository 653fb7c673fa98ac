"""The process that `sandbox.run` starts: reads a job and a file from its input, answers on its output.

Knows neither Django nor the database nor any key. First line: the job as JSON; then the file's bytes.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from pridvor.documents import pages, picture, scanner

Job = Callable[[bytes, dict[str, Any]], tuple[dict[str, Any], bytes]]


def scan(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    verdict = scanner.inspect(data, options["kind"])
    return {"codes": list(verdict.codes), "pages": verdict.pages, "details": list(verdict.details)}, b""


def read(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    found, remarks = pages.pages(data, options["kind"], use_ocr=options["ocr"])
    return {"pages": [page.as_json() for page in found], "remarks": remarks}, b""


def image(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    return {}, picture.page(data, options["kind"], options["page"], width=options["width"])


JOBS: dict[str, Job] = {"scan": scan, "read": read, "image": image}


def limit(seconds: float, memory: int) -> None:
    """No file is written, no core is dumped, memory and processor time end somewhere."""
    for what, value in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 1),
    ):
        resource.setrlimit(what, (value, value))


def main() -> None:
    task = json.loads(sys.stdin.buffer.readline())
    limit(task["seconds"], task["memory"])
    data = sys.stdin.buffer.read()
    made = b""
    try:
        found, made = JOBS[task["job"]](data, task["options"])
    except Exception as error:
        found = {"error": type(error).__name__}  # the class only: a message may quote the file
    sys.stdout.buffer.write(json.dumps({**found, "length": len(made)}).encode() + b"\n" + made)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
