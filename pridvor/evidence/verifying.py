"""Looking for what was tampered with: every chain is followed, and held against every checkpoint kept outside.

Found are rows that were changed, removed, inserted, moved, cut off at the end, or linked anew by somebody who has the
key; each finding names the case and the row.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from pridvor.cases.models import Event
from pridvor.documents.models import File
from pridvor.evidence import checkpoints, ledgers, seals
from pridvor.evidence.models import Checkpoint, Verification
from pridvor.lib import chain, outside
from pridvor.lib import ledger as linking

FILES = "documents.file"
KEPT = 100  # findings of one run that are kept
Expected = dict[
    tuple[str, str], dict[int, tuple[str, int]]
]  # chain: position: mac and number of the checkpoint


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written. `kind` is a code, see messages.py."""

    kind: str
    ledger: str = ""
    scope: str = ""
    position: int = 0
    row: int = 0
    case: str = ""  # the reference of the case, where it is known

    def __str__(self) -> str:
        where = f"{self.ledger} {self.case or self.scope}".strip()
        row = f" row {self.row}" if self.row else ""
        return f"{self.kind}: {where}{row} position {self.position}"


@dataclass(frozen=True)
class Result:
    rows: int
    checkpoint: int | None
    findings: tuple[Finding, ...]


def run(*, now: datetime) -> Verification:
    """This will look through everything and keep what was found."""
    start = time.monotonic()
    result = look()
    return Verification.objects.create(
        at=now,
        seconds=round(time.monotonic() - start, 3),
        rows=result.rows,
        checkpoint=result.checkpoint,
        findings=[asdict(finding) for finding in result.findings[:KEPT]],
        found=len(result.findings),
    )


def look() -> Result:
    """Everything that is wrong, ledger by ledger."""
    lines, findings = _lines()
    expected = _expected(lines)  # read before the rows: what a checkpoint vouches for is there by then
    heads = ledgers.case_heads()
    rows = 0
    for name, model in ledgers.LEDGERS.items():
        wanted = {scope: places for (ledger, scope), places in expected.items() if ledger == name}
        for scope, entries in ledgers.chains(model):
            rows += len(entries)
            findings += _chain(name, scope, entries, wanted.pop(scope, {}))
            if name == Event.LEDGER:
                findings += _head(scope, entries, heads.pop(scope, chain.START))
        findings += [
            Finding("removed", name, scope, max(places)) for scope, places in wanted.items() if places
        ]
    findings += [Finding("removed", Event.LEDGER, scope, head.position) for scope, head in heads.items()]
    findings += _documents()
    return Result(rows, max(lines, default=None), tuple(_named(findings)))


def every_line() -> Iterator[dict[str, Any]]:
    """Every checkpoint that is genuine, wherever it is kept, in order."""
    lines, _findings = _lines()
    yield from (lines[number] for number in sorted(lines))


# -- how


def _lines() -> tuple[dict[int, dict[str, Any]], list[Finding]]:
    """Every checkpoint by number, wherever it is kept, and what is wrong with them."""
    lines: dict[int, dict[str, Any]] = {}
    findings: list[Finding] = []
    for line in _everywhere():
        number = int(line.get("number", 0))
        content = {name: said for name, said in line.items() if name not in ("digest", "signature")}
        content["heads"] = [seals.digest(head) for head in line.get("heads", [])]
        right = seals.digest(content) == line.get("digest") and seals.is_signed(
            content, int(line.get("key", 0)), str(line.get("signature", ""))
        )
        if not right:
            findings.append(Finding("checkpoint-changed", position=number))
        elif lines.setdefault(number, line)["digest"] != line["digest"]:
            findings.append(Finding("checkpoint-twice", position=number))
    for before, number in zip(sorted(lines), sorted(lines)[1:], strict=False):
        if number != before + 1 or lines[number]["previous"] != lines[before]["digest"]:
            findings.append(Finding("checkpoint-missing", position=before + 1))
    return lines, findings


def _everywhere() -> Iterator[dict[str, Any]]:
    for folder in settings.OUTSIDE:
        yield from outside.read(folder, checkpoints.LIST)
    for row in Checkpoint.objects.order_by("number").iterator():
        yield json.loads(json.dumps(row.line()))


def _expected(lines: dict[int, dict[str, Any]]) -> Expected:
    """What must stand where. A restored backup knows nothing of what came after it."""
    expected: Expected = defaultdict(dict)
    for number in sorted(lines):
        line = lines[number]
        if line.get("voids") is not None:
            for places in expected.values():
                for position in [p for p, (_mac, known) in places.items() if known > line["voids"]]:
                    del places[position]
        for ledger, scope, position, mac in line["heads"]:
            expected[ledger, scope].setdefault(position, (mac, number))
    return expected


def _chain(
    ledger: str, scope: str, entries: list[ledgers.Entry], expected: dict[int, tuple[str, int]]
) -> Iterator[Finding]:
    """Follow one chain. One break is one finding: what comes after it is judged by the row before it, as it stands."""
    previous, row = chain.START, 0
    macs = {entry.head.position: entry.head.mac.hex() for entry in entries}
    for entry in entries:
        place = entry.head.position
        where = Finding("", ledger, scope, place, entry.row)
        if place > previous.position + 1:
            yield replace(where, kind="removed", position=previous.position + 1)
        elif place <= previous.position:
            yield replace(where, kind="inserted")
        elif not chain.follows(linking.keys(), ledger, scope, previous, entry.said, entry.head.mac):
            yield replace(where, kind="changed")
        elif entry.row < row and ledger != "connectors.try":
            yield replace(where, kind="moved")
        previous, row = entry.head, entry.row
    for place, (mac, _number) in sorted(expected.items()):
        if place > previous.position:
            yield Finding("cut-off", ledger, scope, previous.position + 1)
            return
        if macs.get(place, mac) != mac:
            at = next(entry.row for entry in entries if entry.head.position == place)
            yield Finding("linked-anew", ledger, scope, place, at)
            return


def _head(scope: str, entries: list[ledgers.Entry], head: chain.Head) -> Iterator[Finding]:
    """The case knows its last event; later ones may have come since the case was read."""
    known = {entry.head.position: entry for entry in entries}
    found = known.get(head.position)
    if found is None or found.head.mac != head.mac:
        yield Finding("cut-off" if found is None else "linked-anew", Event.LEDGER, scope, head.position)


def _documents() -> Iterator[Finding]:
    """Each file is the one whose digest the case's ledger has from when it arrived."""
    received = Event._base_manager.filter(kind="document.received", data__has_key="sha256")
    digests = {
        said["file"]: (said["sha256"], case)
        for said, case in received.values_list("data", "case_id").iterator()
    }
    files = File._base_manager.filter(public_id__in=digests).values_list("public_id", "pk", "sha256")
    here = {str(public_id): (pk, digest) for public_id, pk, digest in files.iterator()}
    for file, (digest, case) in digests.items():
        row, found = here.get(file, (0, ""))
        if found != digest:
            kind = "file-changed" if row else "removed"
            yield Finding(kind, FILES, str(case), row=row)


def _named(findings: list[Finding]) -> list[Finding]:
    """With the references of cases, for those who read it."""
    scopes: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        if finding.ledger:
            scopes[finding.ledger].add(finding.scope)
    names = {ledger: ledgers.references(ledger, wanted) for ledger, wanted in scopes.items()}
    return [
        replace(finding, case=names.get(finding.ledger, {}).get(finding.scope, "")) for finding in findings
    ]
