"""What authors of journeys ask on the command line about their files."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pridvor.journeys import language, proof
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
