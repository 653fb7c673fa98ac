"""The evidence of one case as one sealed file that anybody can verify offline (see verify_evidence.py).

A zip: the ledgers with their links, the checkpoints that vouch for them, the texts that were asked, documents by their
hashes, and a manifest with the SHA-256 of each, signed. Personal values and the documents themselves are in it only
when a reason is given, which the access ledger keeps.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from pridvor.cases import actions as cases
from pridvor.cases import queries as case_queries
from pridvor.cases.models import Answer, Case
from pridvor.checks.models import Finding
from pridvor.clients import actions as clients
from pridvor.documents import sealing
from pridvor.documents.models import File
from pridvor.evidence import checkpoints, ledgers, seals, verifying
from pridvor.evidence.verify_evidence import FORMAT, MANIFEST, SIGNATURE
from pridvor.journeys import asking
from pridvor.journeys import queries as journeys
from pridvor.journeys.models import JourneyVersion
from pridvor.lib import chain
from pridvor.lib import ledger as linking
from pridvor.lib.actor import Actor
from pridvor.vault.models import Look


class NoReason(Exception):
    """Personal values and documents leave the house for a reason, or not at all."""


def export(
    case: Case,
    target: IO[bytes],
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    personal: bool = False,
    files: bool = False,
) -> None:
    """This will write the case's evidence; the ledger says so first, and a checkpoint covers it. Raises NoReason."""
    if (personal or files) and not reason.strip():
        raise NoReason
    cases.record(case, "evidence.exported", actor=actor, now=now, data={"personal": personal, "files": files})
    parts: dict[str, Any] = {}
    if personal:
        refs = case_queries.personal_refs(case)
        parts["personal.json"] = clients.reveal_refs(
            refs, actor=actor, purpose=reason, now=now, case=case.reference
        )
    if files:
        clients.note_look(
            case.subject, ["documents"], actor=actor, purpose=reason, now=now, case=case.reference
        )
    checkpoints.make(now=now)
    chains, rows = _chains(case)
    parts |= {
        **{f"ledgers/{name}.json": entries for name, entries in rows.items()},
        "case.json": _case(case),
        "questions.json": list(_questions(case)),
        "checks.json": list(_checks(case)),
        "decisions.json": list(_decisions(case)),
        "documents.json": [_file(file) for file in _files(case)],
        "checkpoints.json": _covering(chains),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as sealed:
        digests = {name: _write(sealed, name, [_json(said)]) for name, said in sorted(parts.items())}
        for file in _files(case) if files else ():
            name = f"documents/{file.public_id}.{file.kind}"
            digests[name] = _write(sealed, name, sealing.chunks(case.subject, file.whole))
        manifest = _json(
            {
                "format": FORMAT,
                "case": case.reference,
                "made_at": chain.moment(now),
                "made_by": str(actor),
                "key": seals.primary(),
                "chains": chains,
                "files": digests,
            }
        )
        sealed.writestr(MANIFEST, manifest)
        sealed.writestr(SIGNATURE, seals.sign_bytes(manifest))


# -- how


def _json(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()


def _write(sealed: zipfile.ZipFile, name: str, pieces: Any) -> str:
    digest = hashlib.sha256()
    with sealed.open(name, "w", force_zip64=True) as target:
        for piece in pieces:
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()


def _chains(case: Case) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Each ledger's rows of this case, and the keys with which this one chain is followed."""
    chains, rows = {}, {}
    for name, model in ledgers.LEDGERS.items():
        scope = case.subject if model is Look else case.pk
        entries = [entry for _scope, found in ledgers.chains(model, scope) for entry in found]
        versions = sorted({entry.head.mac[0] for entry in entries})
        keys = {version: chain.key_of(linking.keys(), version, name, scope).hex() for version in versions}
        chains[name] = {"scope": str(scope), "keys": keys}
        rows[name] = [
            {"position": entry.head.position, "mac": entry.head.mac.hex(), "said": entry.said}
            for entry in entries
        ]
    return chains, rows


def _covering(chains: dict[str, Any]) -> list[dict[str, Any]]:
    """The checkpoints that speak of these chains: signed whole, of others only digests."""
    wanted = {(name, said["scope"]) for name, said in chains.items()}
    found = []
    for line in verifying.every_line():
        shown = [head for head in line["heads"] if (head[0], head[1]) in wanted]
        if shown:
            found.append({**line, "heads": [seals.digest(head) for head in line["heads"]], "shown": shown})
    return found


def _case(case: Case) -> dict[str, Any]:
    used = set(Answer._base_manager.filter(case=case).values_list("journey_version_id", flat=True))
    versions = JourneyVersion.objects.filter(pk__in=(used | {case.journey_version_id}) - {None})
    return {
        "reference": case.reference,
        "state": case.state,
        "end": case.end,
        "opened_at": chain.moment(case.opened_at),
        "ended_at": chain.moment(case.ended_at),
        "journey_versions": {
            row.pk: {"name": row.name, "number": row.number, "digest": row.digest, "text": row.source}
            for row in versions
        },
    }


def _questions(case: Case) -> Iterator[dict[str, Any]]:
    """The words of each question that was answered, as the version had them that asked it."""
    rows = Answer._base_manager.filter(case=case).exclude(asked_as="")
    asked = rows.order_by("step", "field").values_list("step", "field", "journey_version_id", "asked_as")
    for step, field, version, digest in asked.distinct():
        journey = journeys.compiled(version)
        form = journey.forms.get(journey.steps[step].use) if step in journey.steps else None
        question = asking.question_of(form, field) if form else None
        label = dict(question.label) if question else {}
        yield {"step": step, "field": field, "journey_version": version, "asked_as": digest, "label": label}


def _checks(case: Case) -> Iterator[dict[str, Any]]:
    for row in Finding._base_manager.filter(case=case).select_related("attempt").order_by("pk"):
        yield {
            "check": row.attempt.key,
            "number": row.attempt.number,
            "code": row.code,
            "certainty": row.certainty,
            "step": row.step,
            "item": row.item,
            "params": row.params,
            "found_at": chain.moment(row.found_at),
        }


def _decisions(case: Case) -> Iterator[dict[str, Any]]:
    for row in case.attempts.order_by("pk"):
        yield {
            "step": row.key,
            "number": row.number,
            "kind": row.kind,
            "status": row.status,
            "outcome": row.outcome,
            "by": row.by,
            "opened_at": chain.moment(row.opened_at),
            "ended_at": chain.moment(row.ended_at),
        }


def _files(case: Case) -> Any:
    return (
        File._base_manager.filter(document__case=case, state=File.State.CLEAN)
        .select_related("document__case")
        .order_by("pk")
    )


def _file(file: File) -> dict[str, Any]:
    return {
        "file": str(file.public_id),
        "item": file.document.item,
        "version": file.document.number,
        "kind": file.kind,
        "bytes": file.length,
        "sha256": file.sha256,
        "received_at": chain.moment(file.received_at),
    }
