"""The map of a journey: everything on it, in words too, and a case lit on it."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from pridvor.journeys import language
from pridvor.journeys import map as maps
from pridvor.journeys.map import Lit
from pridvor.ui import route_map
from tests.conftest import ROOT

FILES = [*sorted((ROOT / "journeys").glob("*.yaml")), *sorted((ROOT / "tests/cases/traces").glob("*.yaml"))]
PARTNER = language.read((ROOT / "journeys" / "partner-registration.yaml").read_text())


def words(drawing):
    return " ".join(unescape(part) for part in re.findall(r"<text[^>]*>([^<]*)</text>", drawing))


@pytest.mark.parametrize("tall", [False, True])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_step_of_every_journey_is_on_its_map(path, tall):
    journey = language.read(path.read_text())
    drawing = maps.draw(journey, "ro", tall=tall)
    ElementTree.fromstring(drawing)
    nodes = re.findall(r'class="route-map-node ', drawing)
    assert len(nodes) >= len(journey.steps)
    titles = [maps.name(step.title, key, "ro").split()[0] for key, step in journey.steps.items()]
    assert [title for title in titles if title not in words(drawing)] == []
    assert drawing == maps.draw(language.read(path.read_text()), "ro", tall=tall)


def test_nothing_on_a_map_stands_outside_it():
    for path in FILES:
        for tall in (False, True):
            drawing = maps.draw(language.read(path.read_text()), "ro", tall=tall)
            width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing).groups())
            places = re.findall(
                r'<(?:text|circle|rect)[^>]*?\bc?x="([\d.-]+)"[^>]*?\bc?y="([\d.-]+)"', drawing
            )
            outside = [(x, y) for x, y in places if not (0 <= float(x) <= width and 0 <= float(y) <= height)]
            assert outside == []
            assert not tall or width <= 330


def test_a_map_speaks_the_readers_language():
    assert "at most 5 times" in words(maps.draw(PARTNER, "en"))
    assert "cel mult de 5 ori" in words(maps.draw(PARTNER, "ro"))


def test_a_map_says_in_words_what_it_shows():
    drawing = maps.draw(PARTNER, "en")
    assert "<title>Partner registration</title>" in drawing
    assert "<desc>8 steps, in Registration, Documents, Verification, Activation</desc>" in drawing


def test_a_case_is_lit_on_its_map():
    lit = {
        "details": Lit("done"),
        "bank": Lit("open", loops=2),
        "collect": Lit("skipped"),
        "screen": Lit("held"),
    }
    drawing = maps.draw(PARTNER, "en", lit)
    for state in ("done", "open", "held", "skipped", "waiting"):
        assert f"route-map-node--{state}" in drawing
    assert "came back 2 times" in words(drawing)


def test_words_of_an_author_are_escaped():
    stop = route_map.Stop("a", "<script>", "circle", ("a & b",))
    block = route_map.Block("b", "<b>", "", (stop,))
    drawing = route_map.draw(route_map.Plan((block,), (), (), "<t>", "<d>"))
    assert "<script>" not in drawing
    ElementTree.fromstring(drawing)


def test_a_journey_without_stages_is_still_a_map():
    ElementTree.fromstring(maps.draw(language.read("journey: nothing\nstages: {}\n"), "en"))
