"""Holds security/asvs.csv true: `make asvs` runs every test that a row names, and fails when one is missing, skipped or red.

A row: requirement of OWASP ASVS 5.0, its level, status (test, document, n/a, open), by what, note.
"""

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "security" / "asvs.csv"
REPORT = ROOT / "build" / "asvs.xml"


@dataclass(frozen=True)
class Row:
    requirement: str
    level: str
    status: str
    by: str
    note: str


def rows() -> list[Row]:
    with TABLE.open(newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def is_there(row: Row) -> bool:
    """Whether what the row names exists: a test's function, a file of tests, a heading of a document."""
    if row.status == "test":
        file, _, name = row.by.partition("::")
        path = ROOT / file
        return path.is_file() and (
            not name or re.search(rf"^def {name}\(", path.read_text(), re.M) is not None
        )
    file, _, anchor = row.by.partition("#")
    path = ROOT / file
    return path.is_file() and (
        not anchor or anchor in {_slug(line) for line in path.read_text().splitlines()}
    )


def problems(report: Path) -> Iterator[str]:
    """Rows whose test did not run, or did not pass."""
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    for row in rows():
        if row.status != "test":
            continue
        file, _, name = row.by.partition("::")
        module = file.removesuffix(".py").replace("/", ".")
        mine = [
            case
            for case in cases
            if case.get("classname", "").startswith(module)
            and (not name or case.get("name", "").partition("[")[0] == name)
        ]
        bad = [case for case in mine if case.find("failure") is not None or case.find("error") is not None]
        skipped = [case for case in mine if case.find("skipped") is not None]
        if not mine or bad or skipped:
            yield f"{row.requirement}: {row.by} {'failed' if bad else 'was skipped' if skipped else 'did not run'}"


def _slug(line: str) -> str:
    """The anchor of a heading, as repositories' pages make it."""
    return (
        re.sub(r"[^\w -]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
        if line.startswith("#")
        else ""
    )


def main() -> int:
    named = sorted({row.by for row in rows() if row.status == "test"})
    whole = {name for name in named if "::" not in name}
    asked = [name for name in named if name.partition("::")[0] not in whole or name in whole]
    REPORT.parent.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        f"--junitxml={REPORT}",
        *asked,
    ]
    subprocess.run(command, cwd=ROOT, check=False)
    found = [f"{row.requirement}: {row.by} is not there" for row in rows() if row.by and not is_there(row)]
    found += problems(REPORT)
    print(
        "\n".join(found)
        or f"{len(named)} tests and all documents hold {sum(bool(row.by) for row in rows())} rows."
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
