"""yente: against its stand-in on every run, and against a real one with `make test-peers`; and what it must not say."""

import json
from contextlib import closing

import httpx
import pytest

from pridvor.connectors import peers
from pridvor.connectors.contract import Place, Rejected, Unavailable
from pridvor.connectors.products.yente import Compared, Yente
from pridvor.connectors.stand_ins.store import MemoryStore
from pridvor.connectors.stand_ins.yente import ADDED, Lists
from pridvor.connectors.watchlist import Sought
from tests.peers import yente as peer

REAL = pytest.param("real", marks=pytest.mark.peers)
NEW = {
    "id": "new-umbra-nova",
    "schema": "Company",
    "caption": "Umbra Nova Logistic SRL",
    "properties": {"name": ["Umbra Nova Logistic SRL"], "jurisdiction": ["ro"], "topics": ["sanction"]},
}


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    with peer.running(tmp_path_factory.mktemp("yente")) as server:
        yield server


class Screened:
    """A connection, and a way to put an entry on its list."""

    def __init__(self, connection, add):
        self.connection, self.add = connection, add

    def find(self, name, schema="Company", **more):
        asked = {"one": Sought(schema, {"name": (name,), **more})}
        return [match.entry for match in self.connection.match(asked).matches["one"]]


@pytest.fixture(params=["stand-in", REAL])
def lists(request):
    if request.param == "stand-in":
        store = MemoryStore()
        place = Place("http://host/sanctions", "", Compared())
        yield Screened(Yente(place, Lists(store)), lambda **entry: store.add(ADDED, {"entry": entry}))
        return
    server = request.getfixturevalue("running")
    with closing(peers.connect("screening", server.url, "")) as connection:
        yield Screened(connection, server.add)


def test_a_listed_name_is_found_and_a_harmless_one_is_not(lists):
    assert lists.find("SC Corbul Negru Trading SRL", jurisdiction=("ro",)) == ["demo-corbul-negru"]
    assert lists.find("Vadim Intunecatu", "Person") == ["demo-vadim-intunecatu"]
    assert lists.find("SC Electro Instal SRL", jurisdiction=("ro",)) == []
    assert lists.find("Ana Pop", "Person") == []


def test_a_candidate_says_who_it_is_and_why(lists):
    asked = {"one": Sought("Person", {"name": ("Vadim Intunecatu",)})}
    (match,) = lists.connection.match(asked).matches["one"]
    assert (match.caption, match.schema, match.topics) == ("Vadim Întunecatu", "Person", ("sanction",))
    assert match.properties["birthDate"] == ("1961-02-28",)
    assert match.score > 0.9
    assert any(match.why.values())


def test_many_are_asked_at_once_and_each_is_answered_for(lists):
    asked = {f"{n}": Sought("Person", {"name": (f"Ana Pop {n}",)}) for n in range(60)}
    asked["listed"] = Sought("Person", {"name": ("Vadim Întunecatu",)})
    matches = lists.connection.match(asked).matches
    assert set(matches) == set(asked)
    assert [key for key, found in matches.items() if found] == ["listed"]


def test_a_list_that_grew_is_another_version_and_finds_more(lists):
    before = lists.connection.edition()
    assert lists.find("Umbra Nova Logistic", jurisdiction=("ro",)) == []
    lists.add(**NEW)
    after = lists.connection.edition()
    assert lists.find("Umbra Nova Logistic", jurisdiction=("ro",)) == ["new-umbra-nova"]
    assert before.version != after.version
    assert (after.algorithm, after.threshold, after.engine[:5]) == ("logic-v2", 0.7, "yente")


def test_the_probe_says_that_it_answers(lists):
    assert lists.connection.probe().ok


@pytest.mark.peers
def test_a_collection_is_as_old_as_what_is_loaded_of_it(running):
    version = (running.folder / "version").read_text()
    with closing(
        peers.connect("screening", running.url.replace("sanctions", "everything"), "")
    ) as connection:
        assert connection.edition().version == version


@pytest.mark.peers
def test_a_list_that_is_not_loaded_is_no_answer_although_it_finds_nobody(running):
    with (
        closing(peers.connect("screening", running.url.replace("sanctions", "empty"), "")) as connection,
        pytest.raises(Unavailable, match="no-list"),
    ):
        connection.match({"one": Sought("Person", {"name": ("Vadim Întunecatu",)})})


@pytest.mark.peers
@pytest.mark.parametrize(
    ("change", "code"), [("nowhere", "no-dataset"), ("sanctions?algorithm=x", "no-algorithm")]
)
def test_what_a_real_one_does_not_have_is_told_at_once(running, change, code):
    with (
        closing(peers.connect("screening", running.url.replace("sanctions", change), "")) as connection,
        pytest.raises(Rejected, match=code),
    ):
        connection.edition()


# -- wrong answers


class Wrong(Lists):
    """A stand-in whose answers to one address are spoiled."""

    def __init__(self, path, spoil):
        super().__init__(MemoryStore())
        self.path, self.spoil = path, spoil

    def answer(self, request):
        right = super().answer(request)
        return self.spoil(right) if request.url.path.endswith(self.path) else right


def wrong(path, spoil):
    return Yente(Place("http://host/sanctions", "", Compared()), Wrong(path, spoil))


def changed(change):
    def spoil(right):
        said = json.loads(right.content)
        change(said)
        return httpx.Response(200, json=said)

    return spoil


def _without_one(said):
    said["responses"].pop("one")


def _failed_inside(said):
    said["responses"]["one"]["status"] = 500


def _with_words_for_scores(said):
    said["responses"]["one"]["results"][0]["score"] = "high"


def _without_results(said):
    del said["responses"]["one"]["results"]


@pytest.mark.parametrize(
    ("path", "spoil", "code"),
    [
        ("match/sanctions", changed(_without_one), "part-missing"),
        ("match/sanctions", changed(_failed_inside), "part-missing"),
        ("match/sanctions", changed(_with_words_for_scores), "wrong-schema"),
        ("match/sanctions", changed(_without_results), "wrong-schema"),
        ("match/sanctions", lambda right: httpx.Response(500, json={"status": "error"}), "http-500"),
        ("match/sanctions", lambda right: httpx.Response(200, html="<h1>Gateway</h1>"), "http-200"),
        ("match/sanctions", lambda right: httpx.Response(503), "http-503"),
        ("match/sanctions", lambda right: httpx.Response(401, json={"detail": "key"}), "key-refused"),
        ("catalog", lambda right: httpx.Response(200, json={"datasets": [{"title": "x"}]}), "wrong-schema"),
        ("catalog", lambda right: httpx.Response(200, json=[]), "wrong-schema"),
        ("algorithms", lambda right: httpx.Response(500, json={"status": "error"}), "http-500"),
    ],
)
def test_an_answer_that_is_not_whole_is_no_answer(path, spoil, code):
    asked = {"one": Sought("Person", {"name": ("Vadim Întunecatu",)})}
    with pytest.raises(Unavailable) as failed:
        wrong(path, spoil).match(asked)
    assert failed.value.code == code


def test_a_question_that_it_does_not_take_is_a_persons_work():
    connection = wrong("match/sanctions", lambda right: httpx.Response(400, json={"detail": "schema"}))
    with pytest.raises(Rejected):
        connection.match({"one": Sought("Person", {"name": ("Ana",)})})


def test_an_address_without_a_dataset_is_told_at_once():
    with pytest.raises(Rejected, match="dataset"):
        peers.connect("screening", "yente+http://127.0.0.1:8000", "")


def test_what_is_below_the_threshold_is_no_candidate():
    coarse = Yente(Place("http://host/sanctions", "", Compared(threshold=0.9)), Lists(MemoryStore()))
    assert coarse.match({"one": Sought("Company", {"name": ("Corbul Negru",)})}).matches == {"one": ()}
