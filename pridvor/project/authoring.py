"""What authors of journeys ask on the command line about their files."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pridvor.journeys import bpmn, language, proof, queries, schema
from pridvor.journeys import diff as differences
from pridvor.journeys.findings import Report
from pridvor.project import environment

Given = argparse.Namespace


def source(file: str) -> str:
    """The text of a journey's file. Raises WrongUse."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise environment.WrongUse(
            f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not text in UTF-8'}"
        ) from None


def prove(given: Given) -> int:
    """For each file: is it sound, how big was the question, and for each finding a case that shows it."""
    proved = [_proved(file) for file in given.file]
    if given.json:
        print(json.dumps(proved, ensure_ascii=False, indent=2))
    for row in () if given.json else proved:
        if row["unreadable"]:
            print(f"{row['file']}: UNSOUND\n  {row['unreadable']}")
            continue
        word = "sound" if row["sound"] else "UNSOUND"
        size = f"{row['steps']} steps, {row['atoms']} atomic conditions, {row['milliseconds']:.1f} ms"
        print("\n  ".join([f"{row['file']}: {word} ({size})", *row["said"]]))
    return 0 if all(row["sound"] for row in proved) else 1


def diff(given: Given) -> int:
    """What changed from one journey to another; each a file, or a published version as name@number."""
    changes = differences.diff(_journey(given.old), _journey(given.new))
    if given.json:
        print(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=2))
    for change in () if given.json else changes:
        print(f"{change.severity:<8}  {change}")
    return 1 if changes else 0


def draw_bpmn(given: Given) -> int:
    print(bpmn.export(_journey(given.file), given.language), end="")
    return 0


def print_schema(given: Given) -> int:
    print(json.dumps(schema.schema(), ensure_ascii=False, indent=2))
    return 0


def _journey(named: str) -> language.Journey:
    """The journey in a file, or of a published version. Raises WrongUse."""
    name, at, number = named.rpartition("@")
    if at and not Path(named).exists():
        version = queries.version(name, int(number)) if number.isdecimal() else None
        if version is None:
            raise environment.WrongUse(f"There is no version {named}; write name@number of a published one")
        return queries.compiled(version.pk)
    try:
        return language.read(source(named))
    except language.Unsound as error:
        raise environment.WrongUse(f"{named}: {error}") from None


def _proved(file: str) -> dict[str, Any]:
    try:
        report = proof.prove(language.read(source(file)))
    except language.Unsound as error:
        return {"file": file, "sound": False, "unreadable": str(error)}
    return {"file": file, "unreadable": "", **_facts(report)}


def _facts(report: Report) -> dict[str, Any]:
    return {
        "sound": report.sound,
        "steps": report.steps,
        "atoms": report.atoms,
        "milliseconds": round(report.milliseconds, 2),
        "findings": [asdict(finding) for finding in report.findings],
        "said": [str(finding) for finding in report.findings],
    }
