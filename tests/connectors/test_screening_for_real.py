"""A journey screened by a real yente (`make test-peers`): a namesake, a harmless name, and a list that grows."""

import pytest

from pridvor.checks import rescreening, screening
from pridvor.checks.screening import Standing
from pridvor.company import reading
from tests.conftest import CRISTINA
from tests.peers import yente as peer
from tests.screened import LISTED, Screened

pytestmark = [pytest.mark.django_db, pytest.mark.peers]


@pytest.fixture(scope="module")
def yente(tmp_path_factory):
    with peer.running(tmp_path_factory.mktemp("yente")) as running:
        yield running


@pytest.fixture
def lists(yente, settings):
    settings.DEMO = False
    settings.SERVICES = {"screening": {"url": yente.url}}
    reading.forget()
    return yente


def test_a_namesake_goes_to_a_person_and_a_harmless_name_through(ana, emil, lists):
    assert Screened(ana).status("sanctions") == "done ok"
    other = Screened(emil, "Vadim Intunecatu", cui="48219502", vat="", company="SC Alta SRL")
    (found,) = other.candidates()
    assert (found.entry, found.screening.algorithm, found.screening.engine) == (
        "demo-vadim-intunecatu",
        "logic-v2",
        "yente 5.5.0",
    )
    assert screening.reveal([found], actor=CRISTINA, now=other.time())[found.public_id]["caption"] == LISTED


def test_a_list_that_grew_is_noticed_and_its_new_entry_put_to_people_once(ana, lists):
    ours = Screened(ana, "Ilinca Zăvoianu")
    assert rescreening.run(now=ours.time()) == 0
    version = lists.add(
        id="new-zavoianu",
        schema="Person",
        properties={"name": ["Ilinca Zavoianu"], "topics": ["sanction"], "birthDate": ["1980"]},
    )
    assert (rescreening.run(now=ours.time()), rescreening.run(now=ours.time())) == (1, 0)
    (found,) = ours.candidates()
    assert (found.entry, found.screening.version) == ("new-zavoianu", version)
    ours.run().say("different", CRISTINA)
    assert list(screening.standings(ours.candidates()).values()) == [Standing.DIFFERENT]
    lists.add(id="new-other", schema="Person", properties={"name": ["Somebody Else"]})
    assert rescreening.run(now=ours.time()) == 1
    assert screening.undecided() == {}
