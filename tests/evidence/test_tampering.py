"""Somebody with all rights in the database, triggers off: whatever they do to a ledger is found, and named."""

import json
import random
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connections, models, transaction

from pridvor.cases import actions as cases
from pridvor.evidence import checkpoints, ledgers, verifying
from pridvor.lib import chain
from pridvor.lib import ledger as linking
from pridvor.lib.keys import Versions
from pridvor.project import databases
from tests.conftest import CARMEN, NOW, person
from tests.evidence.conftest import connected

TAMPERINGS = 150


@pytest.fixture
def superuser(committed):
    """Two cases and a checkpoint, committed; then somebody owns the tables, and append-only triggers are off."""
    found = [connected(person(f"{name}@firma.example")) for name in ("ana", "emil")]
    checkpoints.make(now=NOW)
    with databases.as_owner("default"), databases.as_owner("vault"):
        for model in ledgers.LEDGERS.values():
            with connections[alias(model)].cursor() as cursor:
                cursor.execute(f"alter table {model._meta.db_table} disable trigger user")
        yield found


def alias(model):
    return "vault" if model._meta.app_label == "vault" else "default"


@pytest.mark.django_db
def test_an_untouched_base_raises_no_alarm(proved):
    result = verifying.look()
    assert result.findings == ()
    assert result.rows > 50


@pytest.mark.django_db
def test_every_ledger_has_rows_that_can_be_tampered_with(proved):
    assert [name for name, model in ledgers.LEDGERS.items() if model.objects.count() < 4] == []


def test_what_is_found_names_the_case_and_the_row(superuser):
    event = superuser[0].events.get(kind="call.done")
    superuser[0].events.filter(pk=event.pk).update(actor_id="somebody else")
    (finding,) = verifying.look().findings
    assert (finding.kind, finding.ledger, finding.case, finding.row) == (
        "changed",
        "cases.event",
        superuser[0].reference,
        event.pk,
    )


def test_random_tamperings_are_all_found(superuser):
    assert missed(TAMPERINGS, seed=1) == []


@pytest.mark.slow
def test_a_thousand_random_tamperings_are_all_found(superuser):
    assert missed(1000, seed=2) == []


# -- who tampers


def missed(count, seed):
    """How many random tamperings were not found, each described; every one is undone before the next."""
    chance, undetected, done = random.Random(seed), [], 0
    while done < count:
        tamper, model = chance.choice(WAYS), chance.choice(list(ledgers.LEDGERS.values()))
        said = found = None
        try:
            with transaction.atomic(), transaction.atomic(using="vault"):
                said = tamper(model, chance)
                found = said and verifying.look().findings
                raise Undo
        except Undo:
            pass
        except DatabaseError:
            continue  # the tables' own constraints refused it
        if said:
            done += 1
            if not found:
                undetected.append(f"{tamper.__name__} {model.LEDGER} {said}")
    return undetected


class Undo(Exception):
    pass


def change(model, chance):
    """Any column of any row, but for the number that the database gave it."""
    row = chance.choice(list(model.objects.all()))
    field = chance.choice([f for f in model._meta.concrete_fields if not f.primary_key])
    old = getattr(row, field.attname)
    new = other(field, old, chance)
    if new == old:
        return None
    model.objects.filter(pk=row.pk).update(**{field.attname: new})
    return f"{row.pk} {field.attname}"


def remove(model, chance):
    row = chance.choice(list(model.objects.all()))
    model.objects.filter(pk=row.pk).delete()
    return row.pk


def swap(model, chance):
    """Two rows of one chain change places, links and all."""
    _scope, entries = chance.choice(list(ledgers.chains(model)))
    one, two = chance.sample(entries, 2) if len(entries) > 1 else (entries[0], entries[0])
    rows = [model.objects.get(pk=entry.row) for entry in (one, two)]
    if one.row == two.row:
        return None
    (a, b), top = [(row.position, row.mac) for row in rows], 100_000
    model.objects.filter(pk=rows[0].pk).update(position=top)
    model.objects.filter(pk=rows[1].pk).update(position=a[0], mac=a[1])
    model.objects.filter(pk=rows[0].pk).update(position=b[0], mac=b[1])
    return f"{one.row} {two.row}"


def insert(model, chance):
    """A copy of a row at the end or in between, with the link of another."""
    row = chance.choice(list(model.objects.all()))
    others = list(model.objects.all())
    row.pk, row.mac = None, chance.choice(others).mac
    row.position = chance.choice([row.position, max(each.position for each in others) + 1])
    if hasattr(row, "number"):
        row.number = 99
    if hasattr(row, "from_at"):
        row.from_at += timedelta(days=9)
    model.objects.bulk_create([row])
    return row.pk


def cut(model, chance):
    """The end of a chain, and the case is made to know nothing of it."""
    scope, entries = chance.choice(list(ledgers.chains(model)))
    gone = entries[chance.randrange(len(entries)) :]
    model.objects.filter(pk__in={entry.row for entry in gone}).delete()
    if model.LEDGER == "cases.event":
        left = entries[: len(entries) - len(gone)]
        forget(scope, left[-1].head if left else chain.START)
    return f"{scope} {len(gone)}"


def link_anew(model, chance):
    """A row is changed, and every link after it made right again, with a key of one's own."""
    changed = change(model, chance)
    if changed is None:
        return None
    relink(model, Versions(1, {1: chance.randbytes(32)}))
    return changed


def relink(model, keys):
    for scope, entries in ledgers.chains(model):
        head = chain.START
        for entry in entries:
            head = chain.link(keys, model.LEDGER, scope, head, entry.said)
            row = model.objects.get(pk=entry.row)
            ending = hasattr(row, "closing_mac") and entry.head.position == row.closing_position
            model.objects.filter(pk=row.pk).update(**{"closing_mac" if ending else "mac": head.mac})
        if model.LEDGER == "cases.event":
            forget(scope, head)


def link_anew_with_the_key(model, chance):
    """The same by somebody who has the key: only what was kept outside contradicts."""
    row = chance.choice(list(model.objects.all()))
    text = [f for f in model._meta.concrete_fields if f.attname in TEXTS]
    field = chance.choice(text)
    new = other(field, getattr(row, field.attname), chance)
    if new == getattr(row, field.attname):
        return None
    model.objects.filter(pk=row.pk).update(**{field.attname: new})
    relink(model, linking.keys())
    return f"{row.pk} {field.attname}"


TEXTS = {"kind", "actor_id", "by", "step", "stage", "purpose", "request", "seconds"}
WAYS = (change, change, change, remove, swap, insert, cut, link_anew, link_anew_with_the_key)


def forget(scope, head):
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "update cases_case set chain_position = %s, chain_mac = %s where id = %s", [*head, int(scope)]
        )


def other(field, old, chance):
    """Another value of the same type."""
    if isinstance(field, models.JSONField):
        return chance.choice(
            [{"forged": chance.random()}, [], 1, "x", {**(old if isinstance(old, dict) else {}), "a": 1}]
        )
    if isinstance(field, models.BinaryField):
        return bytes([1]) + chance.randbytes(32)
    if isinstance(field, models.DateTimeField):
        return (old or NOW) + timedelta(microseconds=chance.choice([1, 10**6, -(10**9)]))
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.ForeignKey):
        return chance.choice(list(field.related_model.objects.values_list("pk", flat=True)))
    if isinstance(field, models.IntegerField):
        return (old or 0) + chance.choice([1, 2, 7])
    return (str(old) + "x")[: field.max_length] if chance.random() < 0.7 else str(old)[:-1]


# -- the files outside


@pytest.mark.django_db
def test_a_checkpoint_that_was_changed_outside_is_found(proved, outside):
    line = json.loads((outside[0] / checkpoints.LIST).read_text())
    line["heads"] = line["heads"][1:]
    (outside[0] / checkpoints.LIST).write_text(json.dumps(line) + "\n")
    assert {finding.kind for finding in verifying.look().findings} == {"checkpoint-changed"}


def test_checkpoints_that_vanished_from_the_database_are_still_known_outside(superuser):
    with connections["default"].cursor() as cursor:
        cursor.execute("alter table evidence_checkpoint disable trigger user")
        cursor.execute("delete from evidence_checkpoint")
    superuser[0].answers.all().delete()
    assert {finding.kind for finding in verifying.look().findings} == {"removed"}


@pytest.mark.django_db
def test_a_checkpoint_names_only_the_chains_that_went_on(proved, time):
    from_then = checkpoints.make(now=time.forward(minutes=1))
    assert from_then is None, "nothing happened"
    cases.record(proved[1], "note.left", actor=CARMEN, now=time.forward(minutes=1))
    made = checkpoints.make(now=time())
    assert [head[:2] for head in made.heads] == [["cases.event", str(proved[1].pk)]]


@pytest.mark.django_db
def test_when_nothing_happens_a_checkpoint_says_so_every_hour(proved, time):
    assert checkpoints.make(now=time.forward(minutes=59)) is None
    made = checkpoints.make(now=time.forward(minutes=2))
    assert (made.number, made.heads) == (2, [])


@pytest.mark.django_db
def test_both_folders_hold_what_the_database_holds(proved, outside):
    kept = [json.loads((folder / checkpoints.LIST).read_text()) for folder in outside]
    assert kept[0] == kept[1] == json.loads(json.dumps(checkpoints.latest()))
    assert datetime.fromisoformat(kept[0]["at"]) == NOW
