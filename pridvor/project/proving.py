"""The commands `evidence …`, `export evidence` and `verify`: proof, for this house and for others."""

import argparse
import json
import sys
from pathlib import Path

from pridvor.cases import queries as cases
from pridvor.evidence import checkpoints, exporting, seals, verify_evidence, verifying
from pridvor.lib import clock
from pridvor.lib.actor import machine

OPERATOR = machine("command-line")


def verify(given: argparse.Namespace) -> int:
    """Say what was found; the run is kept, so that the page shows it too."""
    run = verifying.run(now=clock.now())
    if given.json:
        said = {"rows": run.rows, "checkpoint": run.checkpoint, "seconds": run.seconds}
        print(json.dumps({**said, "found": run.found, "findings": run.findings}))
        return 1 if run.found else 0
    print(f"{run.rows} rows in {run.seconds:.1f} s, held against checkpoint {run.checkpoint or 'none'}")
    for finding in run.findings:
        print(f"FOUND {verifying.Finding(**finding)}")
    print(f"{run.found} findings" if run.found else "Nothing was tampered with.")
    return 1 if run.found else 0


def checkpoint(given: argparse.Namespace) -> int:
    made = checkpoints.make(now=clock.now())
    print(f"checkpoint {made.number}: {len(made.heads)} chains went on" if made else "nothing happened since")
    return 0


def export(given: argparse.Namespace) -> int:
    """Write the file whole or not at all."""
    case = cases.by_exact_reference(given.case)
    if case is None:
        print(f"There is no case {given.case}.", file=sys.stderr)
        return 1
    path = Path(given.to or f"{case.reference}.evidence.zip")
    wanted = {"reason": given.reason, "personal": given.personal, "files": given.files}
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as target:
            partial.chmod(0o600)
            exporting.export(case, target, actor=OPERATOR, now=clock.now(), **wanted)
        partial.replace(path)
    except exporting.NoReason:
        print("Personal values and documents are given out for a reason: add --reason.", file=sys.stderr)
        return 2
    finally:
        partial.unlink(missing_ok=True)
    print(
        f"{path}\nTo verify: pridvor verify {path}, or verify_evidence.py with the public key, on any machine."
    )
    return 0


def verify_file(given: argparse.Namespace) -> int:
    return verify_evidence.report(given.file, given.key or list(seals.public_keys().values()))


def public_key(given: argparse.Namespace) -> int:
    for version, key in seals.public_keys().items():
        print(f"{version} {key}")
    return 0
