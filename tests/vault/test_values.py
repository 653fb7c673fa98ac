"""Personal values: sealed, found, looked at, erased."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connections

from pridvor.lib import aead
from pridvor.lib.actor import Actor
from pridvor.vault import actions as vault
from pridvor.vault import queries
from pridvor.vault.models import BlindIndex, Look, SubjectKey, Value
from tests.conftest import CARMEN, NOW, REFUSED

pytestmark = pytest.mark.django_db
ANA = {
    "contact_name": "Ana-Maria Țăranu",
    "phone": "+40721000111",
    "email": "Ana@ElectroInstal.example",
    "iban": "RO49AAAA1B31007593840000",
}
WHY = {"actor": CARMEN, "purpose": "test", "now": NOW}


@pytest.fixture
def subject():
    return vault.new_subject(now=NOW)


@pytest.fixture
def refs(subject):
    return vault.put(subject, ANA, now=NOW)


def test_what_was_put_is_given_back(refs):
    given = vault.reveal(refs.values(), **WHY)
    assert {field: given[ref] for field, ref in refs.items()} == ANA


def test_a_correction_is_a_new_value_and_the_old_one_stays(subject, refs):
    newer = vault.put(subject, {"phone": "+40722000222"}, now=NOW)["phone"]
    given = vault.reveal([refs["phone"], newer], **WHY)
    assert (given[refs["phone"]], given[newer]) == ("+40721000111", "+40722000222")


def test_every_look_leaves_a_line(subject, refs):
    vault.reveal(
        [refs["phone"], refs["iban"]], actor=CARMEN, purpose="work on the case", now=NOW, case="PR-1"
    )
    (look,) = queries.looks(subject)
    assert (look.fields, look.actor_id, look.purpose, look.case) == (
        ["iban", "phone"],
        CARMEN.id,
        "work on the case",
        "PR-1",
    )


def test_looking_at_two_people_leaves_a_line_for_each(refs):
    other = vault.new_subject(now=NOW)
    vault.reveal([refs["phone"], vault.put(other, {"phone": "x"}, now=NOW)["phone"]], **WHY)
    assert Look.objects.count() == 2


def test_no_line_no_value(refs):
    with connections["vault"].cursor() as cursor:
        cursor.execute(f"set local role {settings.DATABASE_ROLES['owner']['vault']['USER']}")
        cursor.execute("alter table vault_look add constraint nobody_looks check (actor_kind <> 'staff')")
        cursor.execute("reset role")
    with pytest.raises(DatabaseError):
        vault.reveal(refs.values(), **WHY)


@pytest.mark.parametrize(
    "statement", ["update vault_look set purpose = 'x'", "delete from vault_look", "truncate vault_look"]
)
def test_the_access_ledger_cannot_be_changed(refs, statement):
    vault.reveal(refs.values(), **WHY)
    with pytest.raises(DatabaseError, match=REFUSED), connections["vault"].cursor() as cursor:
        cursor.execute(statement)


def test_no_value_stands_readable_in_any_table_of_either_database(refs):
    for alias in ("default", "vault"):
        with connections[alias].cursor() as cursor:
            cursor.execute("select tablename from pg_tables where schemaname = 'public'")
            for (table,) in cursor.fetchall():
                cursor.execute(
                    f'select count(*) from "{table}" t where t::text ~* %s or t::text ~* %s',
                    [
                        "21000111|electroinstal|ranu|AAAA1B31",
                        "3231303030313131|656c656374726f|41414141314233",
                    ],
                )  # also as hex of bytea
                assert cursor.fetchone()[0] == 0, table


# -- finding


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "ana@electroinstal.example"),
        ("email", " ANA@ELECTROINSTAL.EXAMPLE "),
        ("phone", "+40 721 000 111"),
        ("iban", "ro49 aaaa 1b31 0075 9384 0000"),
        ("contact_name", "taranu"),
        ("contact_name", "Ţăranu ana"),
        ("contact_name", "ana-maria"),
    ],
)
def test_a_value_is_found_however_it_is_written(refs, field, typed):
    assert vault.find(field, typed, **WHY) == [refs[field]]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "electroinstal.example"),
        ("phone", "721000111"),
        ("contact_name", "Ana Popescu"),
        ("contact_name", "tar"),
        ("contact_name", "- "),
        ("street", "Lungă"),
        ("email", "taranu"),
        ("contact_name", ""),
    ],
)
def test_only_whole_values_are_found(refs, field, typed):
    assert vault.find(field, typed, **WHY) == []


def test_a_search_is_logged_whether_it_finds_somebody_or_not(subject, refs):
    vault.find("phone", "+40721000111", **WHY)
    vault.find("phone", "+40999", **WHY)
    assert set(Look.objects.values_list("subject", flat=True)) == {subject, None}


# -- who holds which key


def test_a_value_moved_under_another_subject_does_not_open(refs):
    thief = vault.new_subject(now=NOW)
    Value.objects.filter(id=refs["iban"]).update(owner=thief)
    with pytest.raises(aead.CannotOpen):
        vault.reveal([refs["iban"]], **WHY)


@pytest.mark.parametrize("changed", [{"field": "note"}, {"id": uuid4()}])
def test_a_value_under_another_name_does_not_open(subject, changed):
    ref = vault.put(subject, {"comment": "x"}, now=NOW)["comment"]
    Value.objects.filter(id=ref).update(**changed)
    with pytest.raises(aead.CannotOpen):
        vault.reveal([changed.get("id", ref)], **WHY)


def test_a_key_given_to_another_subject_does_not_open(subject, refs):
    thief = vault.new_subject(now=NOW)
    stolen = SubjectKey.objects.get(subject=subject)
    SubjectKey.objects.filter(subject=thief).update(wrapped=stolen.wrapped, wrapped_file=stolen.wrapped_file)
    with pytest.raises(aead.CannotOpen):
        vault.file_key(thief)


def test_each_subject_has_keys_of_its_own(subject):
    assert vault.file_key(subject) == vault.file_key(subject) != vault.file_key(vault.new_subject(now=NOW))


def test_what_is_sealed_beside_opens_only_for_its_label(subject):
    sealed = vault.seal(subject, "file-name:1", b"contract.pdf")
    assert vault.unseal(subject, "file-name:1", sealed) == b"contract.pdf"
    with pytest.raises(aead.CannotOpen):
        vault.unseal(subject, "file-name:2", sealed)


# -- erasing


@pytest.fixture
def erased(subject, refs):
    vault.erase(subject, actor=CARMEN, reason="asked by the person", now=NOW)
    return subject


def test_what_was_erased_cannot_be_read_found_or_added_to(erased, refs):
    assert vault.reveal(refs.values(), **WHY) == {}
    assert vault.find("phone", ANA["phone"], **WHY) == []
    assert BlindIndex.objects.count() == 0
    with pytest.raises(vault.Erased):
        vault.put(erased, {"phone": "x"}, now=NOW)
    with pytest.raises(vault.Erased):
        vault.file_key(erased)


def test_erasing_is_logged_and_twice_changes_nothing(erased):
    first = SubjectKey.objects.get(subject=erased).erased_at
    vault.erase(erased, actor=CARMEN, reason="again", now=NOW + timedelta(days=1))
    assert SubjectKey.objects.get(subject=erased).erased_at == first
    assert [look.purpose for look in queries.looks(erased)] == ["erase: again", "erase: asked by the person"]
    assert queries.is_erased(erased)


def test_erasing_one_leaves_the_others(erased):
    other = vault.new_subject(now=NOW)
    ref = vault.put(other, {"phone": "+40722"}, now=NOW)["phone"]
    assert vault.reveal([ref], **WHY) == {ref: "+40722"}


def test_nobody_known_is_not_erased_silently():
    assert queries.is_erased(uuid4())
    assert vault.reveal([uuid4()], **WHY) == {}


# -- sweeping


def test_only_old_values_that_nobody_refers_to_are_swept(subject, refs):
    late = vault.put(subject, {"phone": "later"}, now=NOW + timedelta(hours=3))["phone"]
    swept = vault.sweep(lambda ids: {refs["iban"], refs["email"]} & set(ids), now=NOW + timedelta(hours=3))
    assert swept == 2
    assert set(Value.objects.values_list("id", flat=True)) == {refs["iban"], refs["email"], late}
    assert not BlindIndex.objects.filter(field="contact_name").exists()


def test_old_values_in_use_do_not_hide_orphans_behind_them(subject, refs):
    orphan = vault.put(subject, {"phone": "orphan"}, now=NOW + timedelta(minutes=1))["phone"]
    vault.sweep(lambda ids: set(refs.values()) & set(ids), now=NOW + timedelta(hours=3), batch=4)
    assert not Value.objects.filter(id=orphan).exists()


def test_the_actor_of_a_look_is_never_empty(refs):
    vault.reveal(refs.values(), actor=Actor("machine", "mail"), purpose="send", now=NOW)
    assert Look.objects.filter(actor_id="").count() == 0
