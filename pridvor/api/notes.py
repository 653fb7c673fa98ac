"""Notes for staff on a case: read for a purpose, and written."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from pridvor.accounts.models import Scope
from pridvor.api.door import MachineKey, caller_of, case_of, purpose_of
from pridvor.api.problems import REFUSALS, Problem
from pridvor.api.shapes import NewNote, NoteMade, Notes
from pridvor.cases import notes
from pridvor.lib import clock

router = Router(tags=["notes"])


@router.get(
    "/{uuid:case}/notes/",
    response={200: Notes, **REFUSALS},
    auth=MachineKey(Scope.CASES_READ, Scope.PERSONAL_READ),
    operation_id="listNotes",
)
def list_notes(request: HttpRequest, case: UUID, purpose: Annotated[str, Query(max_length=200)] = "") -> Any:
    """What staff and programs told staff, the newest first. Free text may hold anything, so it takes a purpose."""
    found, why = case_of(case), purpose_of(request, purpose)
    said = notes.read([found], actor=caller_of(request).actor, purpose=why, now=clock.now())
    return {
        "notes": [
            {"id": one.note.public_id, "by": one.note.signed, "text": one.text, "at": one.note.at}
            for one in said
        ]
    }


@router.post(
    "/{uuid:case}/notes/",
    response={201: NoteMade, **REFUSALS},
    auth=MachineKey(Scope.CASES_WRITE),
    operation_id="writeNote",
)
def write(request: HttpRequest, case: UUID, body: NewNote) -> Any:
    """Tells staff something about the case; whoever it mentions is called."""
    found = case_of(case)
    try:
        note = notes.write(found, body.text, author=caller_of(request).machine, now=clock.now())
    except notes.NobodyCalled:
        raise Problem("wrong-fields", fields=[("text", "nobody-called")]) from None
    return Status(201, {"id": note.public_id})
