"""Credentials: kept sealed, used by machines with a purpose, shown to nobody, gone after their time."""

import pytest
from django.db import IntegrityError, connections, transaction

from pridvor.cases import actions as cases
from pridvor.cases import lapsing, secrets
from pridvor.cases.models import Answer, Attempt, Draft, Secret
from pridvor.clients import actions as clients
from pridvor.vault import actions as vault
from pridvor.vault import queries as vaulted
from pridvor.vault.models import Value
from tests.conftest import CARMEN, NOW, WORKER
from tests.managed import TOKEN, Managed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours(ana):
    return Managed(ana)


def use(case, now=NOW, actor=WORKER):
    return secrets.use(case, "token", actor=actor, purpose="test of the interface", now=now)


def test_a_credential_is_neither_an_answer_nor_a_draft(ours):
    cases.save_draft(ours.case, "access", {"base_url": "https://x.example", "token": TOKEN}, now=NOW)
    assert set(Draft.objects.values_list("field", flat=True)) == {"base_url"}
    ours.hand_over()
    assert set(Answer.objects.values_list("field", flat=True)) == {"base_url"}
    assert use(ours.case) == TOKEN


def test_a_credential_that_came_among_the_plain_answers_is_sealed_too(ours):
    answers = {"base_url": "https://x.example", "token": TOKEN}
    cases.submit(ours.open("access"), answers, {}, actor=ours.me, now=NOW)
    assert "access.token" not in ours.again().values
    assert use(ours.case) == TOKEN


def test_each_use_leaves_a_line_with_its_purpose(ours):
    ours.hand_over()
    use(ours.case)
    look = vaulted.looks(ours.case.subject)[0]
    assert (look.purpose, look.fields, look.actor_kind, look.case) == (
        "test of the interface",
        ["secret"],
        "machine",
        ours.case.reference,
    )


@pytest.mark.parametrize("person", ["client", "staff"])
def test_no_person_may_use_one(ours, person):
    ours.hand_over()
    with pytest.raises(clients.WriteOnly):
        use(ours.case, actor=ours.me if person == "client" else CARMEN)


@pytest.mark.parametrize("who", [CARMEN, WORKER], ids=["a person", "a machine"])
def test_the_way_on_which_pages_read_values_refuses_credentials(ours, who):
    ours.hand_over()
    ref = Secret.objects.get().ref
    with pytest.raises(vault.WriteOnly):
        clients.reveal_refs({"token": ref}, actor=who, purpose="work on the case", now=NOW)


def test_a_new_one_takes_the_place_of_the_old_which_is_gone(ours):
    ours.hand_over()
    old = Secret.objects.get().ref
    secrets.keep(ours.case, "access", {"token": "another"}, actor=ours.me, now=NOW)
    assert use(ours.case) == "another"
    assert not Value.objects.filter(id=old).exists()
    assert [row.fate for row in secrets.history(ours.case)] == ["", "replaced"]


def test_an_empty_answer_leaves_what_is_kept(ours):
    ours.hand_over()
    secrets.keep(ours.case, "access", {"token": ""}, actor=ours.me, now=NOW)
    assert use(ours.case) == TOKEN


def test_after_its_time_it_cannot_be_used_even_before_the_sweep(ours):
    ours.hand_over()
    assert use(ours.case, now=ours.time.forward(days=30)) is None


def test_an_expired_one_is_destroyed_told_and_asked_for_again(ours):
    ours.hand_over()
    assert lapsing.expire_secrets(actor=WORKER, now=ours.time.forward(days=29)) == 0
    assert lapsing.expire_secrets(actor=WORKER, now=ours.time.forward(days=1)) == 1
    assert not Value.objects.filter(field="secret").exists()
    assert ours.events("secret.expired") == [{"step": "access", "fields": ["token"]}]
    again = ours.open("access")
    assert (again.number, [reason["code"] for reason in again.reasons]) == (2, ["secret-expired"])
    assert lapsing.expire_secrets(actor=WORKER, now=ours.time()) == 0


def test_one_that_expires_before_it_was_sent_is_told_alone(ours):
    secrets.keep(ours.case, "access", {"token": TOKEN}, actor=ours.me, now=NOW)
    lapsing.expire_secrets(actor=WORKER, now=ours.time.forward(days=30))
    assert len(ours.events("secret.expired")) == 1
    assert Attempt.objects.get(case=ours.case, key="access").status == "open"


def test_the_sweep_of_the_vault_leaves_what_is_kept(ours):
    ours.hand_over()
    vault.sweep(cases.in_use, now=ours.time.forward(days=1))
    assert use(ours.case) == TOKEN


def test_erasing_the_client_shuts_it(ours):
    ours.hand_over()
    vault.erase(ours.case.subject, actor=CARMEN, reason="asked", now=NOW)
    assert use(ours.case) is None


def test_two_live_ones_of_one_field_are_refused_by_the_database(ours):
    ours.hand_over()
    row = Secret.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_no_table_of_either_database_holds_it_in_clear(ours):
    ours.hand_over()
    use(ours.case)
    ours.do("look", "approve")
    held = [table for alias in ("default", "vault") for table in holding(alias, TOKEN)]
    assert held == []


def holding(alias, text):
    with connections[alias].cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select count(*) from "{table}" as row where row::text like %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                yield f"{alias}.{table}"
