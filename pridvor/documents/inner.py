"""The process that looks at files: scans them, reads them, makes images of their pages. Started by sandbox.run."""

from typing import Any

from pridvor.documents import pages, picture, scanner
from pridvor.documents.serving import Job, serve


def scan(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    verdict = scanner.inspect(data, options["kind"])
    return {"codes": list(verdict.codes), "pages": verdict.pages, "details": list(verdict.details)}, b""


def read(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    found, remarks = pages.pages(data, options["kind"], use_ocr=options["ocr"])
    return {"pages": [page.as_json() for page in found], "remarks": remarks}, b""


def image(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    return {}, picture.page(data, options["kind"], options["page"], width=options["width"])


def logo(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    return {}, picture.logo(data)


JOBS: dict[str, Job] = {"scan": scan, "read": read, "image": image, "logo": logo}


if __name__ == "__main__":
    serve(JOBS)
