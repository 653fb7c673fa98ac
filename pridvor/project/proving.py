"""The commands `evidence …`: checkpoints, verification, and the keys that others verify with."""

import argparse
import json

from pridvor.evidence import checkpoints, seals, verifying
from pridvor.lib import clock


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


def public_key(given: argparse.Namespace) -> int:
    for version, key in seals.public_keys().items():
        print(f"{version} {key}")
    return 0
