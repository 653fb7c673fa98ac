"""Two clients that are one: found by a ladder that never guesses, compared, merged, and parted exactly."""

import pytest

from pridvor.cases import actions as cases
from pridvor.cases import merging
from pridvor.cases.models import Case
from pridvor.clients import actions as clients
from pridvor.clients import merging as ladder
from pridvor.clients.models import Client, Contact, Merge
from pridvor.connectors import queries as connectors
from pridvor.lib import clock
from tests.conftest import CARMEN, NOW, WORKER, actor_of, client_of, partner_registration, person
from tests.partner import Partner

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(ana, emil):
    """The same company, registered by two people."""
    return Partner(ana, street="").case, Partner(emil, city="Sibiu").case


def everything():
    """All that a merge may touch, as it stands."""
    return (
        list(Client.objects.order_by("pk").values()),
        list(Contact.objects.order_by("pk").values()),
        list(Case.objects.order_by("pk").values("pk", "client")),
    )


def join(kept, gone, *take):
    return merging.merge(kept, gone, take=take, actor=CARMEN, now=clock.now())


# -- who may be the same


def test_the_ladder_names_the_surest_reason_and_a_like_name_only_suggests(ana, emil):
    ours = client_of(ana)
    same = client_of(emil, name="Cu totul altfel SA")
    vat = client_of(emil, name="Altceva SRL", cui="", vat="RO18547290")
    like = client_of(emil, name="SC Elektro Instal SRL", cui="48219502", vat="RO48219502")
    client_of(emil, name="Mobila SRL", cui="33082678", vat="RO33082678")
    found = {one.client.pk: (one.why, one.is_certain) for one in ladder.candidates(ours)}
    assert found == {same.pk: ("cui", True), vat.pk: ("vat", True), like.pk: ("name", False)}


def test_the_same_number_in_an_outside_system_is_a_match(ana, emil):
    mine, theirs = Partner(ana).case, Partner(emil, name="Z SRL", cui="48219502", vat="RO48219502").case
    for case in (mine, theirs):
        said = {"step": "erp", "peer": "erp", "reference": "C-7", "how": "linked"}
        cases.record(case, "call.done", actor=WORKER, now=NOW, data=said)
    assert connectors.known_as_one([mine]) == {theirs.client_id}
    found = ladder.candidates(mine.client, connectors.known_as_one([mine]))
    assert [(one.client, one.why) for one in found] == [(theirs.client, "number")]


def test_the_same_digits_of_another_country_are_another_company(ana, emil):
    ours = client_of(ana)
    client_of(emil, name="Xy GmbH", country="DE", vat="DE18547290")
    assert ladder.candidates(ours) == []


# -- merging


def test_cases_people_and_chosen_data_move(twins):
    ours, theirs = twins
    join(ours.client, theirs.client, "street")
    theirs.refresh_from_db()
    kept = Client.objects.get(pk=ours.client_id)
    assert theirs.client == kept
    assert (kept.street, kept.city) == ("Str. Lungă 12", "Brașov")
    assert kept.contacts.count() == 2
    event = theirs.events.get(kind="client.merged")
    assert event.data["kept"] == str(kept.public_id)
    assert not ours.events.filter(kind="client.merged").exists()


def test_merging_shows_nobody_anothers_case(twins, client, emil):
    ours, theirs = twins
    join(ours.client, theirs.client)
    session = client.session
    session["person"] = str(emil.subject)
    session.save()
    assert client.get(f"/cases/{ours.public_id}/").status_code == 404
    assert ours.reference not in client.get("/track/").content.decode()
    assert theirs.reference in client.get("/track/").content.decode()


def test_parting_restores_everything_exactly(twins):
    before = everything()
    row = join(twins[0].client, twins[1].client, "street", "city")
    assert everything() != before
    merging.undo(row, actor=CARMEN, now=clock.now())
    assert everything() == before
    assert twins[1].events.filter(kind="client.parted").count() == 1


def test_a_person_of_both_stays_with_each(ana, emil):
    ours, theirs = Partner(ana), Partner(emil)
    Contact.objects.create(client=theirs.case.client, person=ana, created_at=NOW)
    before = everything()
    row = join(ours.case.client, theirs.case.client)
    assert ours.case.client.contacts.count() == 2
    merging.undo(row, actor=CARMEN, now=clock.now())
    assert everything() == before


def opened(case, ana, emil):
    cases.open_case(
        partner_registration(), case.client, ana, language="ro", actor=actor_of(ana), now=clock.now()
    )


def joined(case, ana, emil):
    Contact.objects.create(client=case.client, person=person("nou@x.example"), created_at=clock.now())


def corrected(case, ana, emil):
    clients.correct(case.client, {"street": "Str. Nouă 1"})


def merged(case, ana, emil):
    join(case.client, client_of(emil, name="A treia SRL"))


@pytest.mark.parametrize(
    ("happens", "code"),
    [(opened, "new-case"), (joined, "new-person"), (corrected, "data-changed"), (merged, "merged-further")],
)
def test_once_something_new_stands_there_it_cannot_be_parted(twins, ana, emil, happens, code):
    row = join(twins[0].client, twins[1].client)
    happens(twins[0], ana, emil)
    with pytest.raises(merging.CannotMerge, match=code):
        merging.undo(row, actor=CARMEN, now=clock.now())
    assert Client.objects.get(pk=twins[1].client.pk).merged_into_id == twins[0].client_id


def test_a_merge_is_undone_once_and_nothing_is_merged_twice(twins):
    ours, theirs = twins[0].client, twins[1].client
    row = join(ours, theirs)
    for pair in ((ours, theirs), (theirs, ours)):
        with pytest.raises(merging.CannotMerge, match="merged-already"):
            join(*pair)
    with pytest.raises(merging.CannotMerge, match="the-same"):
        join(ours, ours)
    merging.undo(row, actor=CARMEN, now=clock.now())
    with pytest.raises(merging.CannotMerge, match="undone-already"):
        merging.undo(Merge.objects.get(pk=row.pk), actor=CARMEN, now=clock.now())
    join(ours, theirs)


# -- on the desk


def test_the_desk_compares_merges_and_parts(carmen, twins):
    ours, theirs = twins[0].client, twins[1].client
    at = f"/desk/clients/{ours.public_id}/"
    assert "same fiscal code" in carmen.text(at)
    preview = carmen.text(f"{at}merge/{theirs.public_id}/")
    for wanted in (twins[0].reference, twins[1].reference, "emil@altafirma.example", "Sibiu"):
        assert wanted in preview, wanted
    page = carmen.post(f"{at}merge/{theirs.public_id}/", {"city": "gone"}, follow=True).content.decode()
    assert "is now a part of" in page
    assert "Sibiu" in page
    assert carmen.get(f"/desk/clients/{theirs.public_id}/")["Location"] == at
    row = Merge.objects.get()
    assert "two again" in carmen.post(f"/desk/merges/{row.public_id}/undo/", follow=True).content.decode()
    assert twins[1].reference not in carmen.text(at)


def test_the_desk_says_why_two_stay_one(carmen, twins, ana, emil):
    row = join(twins[0].client, twins[1].client)
    opened(twins[0], ana, emil)
    page = carmen.post(f"/desk/merges/{row.public_id}/undo/", follow=True).content.decode()
    assert "A new case was opened since" in page
