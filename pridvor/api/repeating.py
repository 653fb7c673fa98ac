"""A request with an Idempotency-Key happens once: sent again within a day, its first answer is said again.

The row of the key, what the request does, and its answer are one transaction. Of two at one moment the second waits at
the row until the first has committed, and says its answer; if the first failed, nothing of it is left, and the second
runs. (draft-ietf-httpapi-idempotency-key-header-07.)
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from pridvor.accounts.machines import ANSWERS_KEPT
from pridvor.accounts.models import Machine, MachineAnswer
from pridvor.api.problems import Problem
from pridvor.company import systems
from pridvor.lib import aead
from pridvor.lib.resealing import Column

HEADER, LONGEST = "Idempotency-Key", 255
SAFE = {"GET", "HEAD", "OPTIONS"}
CLAIM = """
insert into accounts_machineanswer as kept (machine_id, key, request, status, body, at)
values (%(machine)s, %(key)s, %(request)s, 0, '', %(now)s)
on conflict (machine_id, key) do update set request = excluded.request, status = 0, body = '', at = excluded.at
where kept.at < %(over)s
returning id
"""


def once(
    request: HttpRequest, machine: Machine, run: Callable[[], HttpResponseBase], *, now: datetime
) -> HttpResponseBase:
    """The answer of `run`, or the one that the same request got before. Raises Problem `key-reused`, `wrong-fields`."""
    given = request.headers.get(HEADER, "")
    if not given or request.method in SAFE:
        return run()
    if len(given) > LONGEST:
        raise Problem("wrong-fields", fields=[(HEADER, "too-long")])
    key, asked = sha256(given.encode()).hexdigest(), _digest(request)
    with transaction.atomic():
        row = _claim(machine, key, asked, now)
        if row is None:
            return _again(MachineAnswer.objects.get(machine=machine, key=key), asked)
        answer = run()
        if answer.status_code >= 400:
            transaction.set_rollback(True)  # nothing has happened, so the key is free for another try
        elif isinstance(answer, HttpResponse):
            kept = MachineAnswer.objects.get(pk=row)
            sealed = systems.ring().seal(answer.content, _belongs(kept))
            MachineAnswer.objects.filter(pk=row).update(status=answer.status_code, body=sealed)
        return answer


def _claim(machine: Machine, key: str, asked: str, now: datetime) -> int | None:
    """The new row of the key; None when the request was answered before."""
    values: dict[str, int | str | datetime] = {
        "machine": machine.pk,
        "key": key,
        "request": asked,
        "now": now,
        "over": now - ANSWERS_KEPT,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        found = cursor.fetchone()
    return int(found[0]) if found else None


def _again(kept: MachineAnswer, asked: str) -> HttpResponse:
    if kept.request != asked:
        raise Problem("key-reused")
    headers = {"Idempotent-Replayed": "true"}
    said = systems.ring().open(bytes(kept.body), _belongs(kept))
    return HttpResponse(
        said, status=kept.status, content_type="application/json; charset=utf-8", headers=headers
    )


def _belongs(row: MachineAnswer) -> bytes:
    return aead.bound_to("api-answer", row.machine_id, row.key)


SEALED = Column(MachineAnswer, "body", systems.ring, _belongs)


def _digest(request: HttpRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode()
    return sha256(said + request.body).hexdigest()
