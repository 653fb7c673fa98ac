"""Tries at a call as lines of a ledger: begun, and closed once, each linked to the line before it in its case.

The calls of a case share one chain: who begins or closes holds the case locked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models.functions import Greatest

from pridvor.connectors.models import Call, Try
from pridvor.lib import chain, ledger


def begin(call: Call, *, now: datetime, request: Mapping[str, Any]) -> Try:
    """This will write that the call's next try begins. Call and case are locked."""
    row = Try(call=call, number=call.tries, started_at=now, request=dict(request))
    row.position, row.mac = chain.link(ledger.keys(), Try.LEDGER, call.case_id, _head(call), row.said())
    row.save(force_insert=True)
    return row


def close(call: Call, *, now: datetime, number: int | None = None, **how: Any) -> bool:
    """This will close the try under way (of this number); False when there is none. Call and case are locked."""
    wanted = {} if number is None else {"number": number}
    row = Try._base_manager.filter(call=call, ended_at=None, **wanted).first()
    if row is None:
        return False
    row.ended_at = now
    for name, value in how.items():
        setattr(row, name, value)
    row.closing_position, row.closing_mac = chain.link(
        ledger.keys(), Try.LEDGER, call.case_id, _head(call), row.said_at_the_end()
    )
    row.save()
    return True


def _head(call: Call) -> chain.Head:
    """The last line of the case, whichever of its calls was begun or closed there."""
    rows = Try._base_manager.filter(call__case_id=call.case_id)
    last = rows.annotate(latest=Greatest("position", "closing_position")).order_by("-latest").first()
    return last.links()[-1][0] if last else chain.START
