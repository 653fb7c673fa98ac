"""The process that looks at signatures: apart from inner.py, whose images would wait for pyhanko. Started by sandbox.run."""

import io
import logging
from typing import Any

from pridvor.documents import signatures
from pridvor.documents.serving import serve


def inspect(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    logging.disable()  # pyhanko logs a traceback for every signature that is not good
    reports = signatures.inspect(io.BytesIO(data), signatures.trust_in(options["trust"]))
    return {"reports": [report.as_json() for report in reports]}, b""


if __name__ == "__main__":
    serve({"signatures": inspect})
