"""Arches and charts: readable without seeing, painted without inline style, round numbers."""

import re
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from pridvor.ui import arches, charts, palette

STAGES = [
    {"title": "Documents", "state": "done", "loops": 2},
    {"title": "Compliance", "state": "present", "row": "middle"},
    {"title": "Contract & annex", "state": "trouble", "row": "middle"},
    {"title": "Welcome", "state": "ahead"},
]
POINTS = [("Documents", 18.5), ("Compliance", 6.2), ("A <b>bold</b> stage", 0)]
DRAWINGS = {
    "arches": lambda **more: arches.draw(STAGES, **more),
    "small arches": lambda **more: arches.draw(STAGES, small=True, **more),
    "bars": lambda **more: charts.bars(POINTS, title="Hours", goal=8, now="Documents", **more),
    "rows": lambda **more: charts.rows(POINTS, title="Hours", goal=8, **more),
    "line": lambda **more: charts.line(POINTS, title="Hours", goal=8, band=[(1, 20), (1, 9), (0, 1)], **more),
    "spark": lambda **more: charts.spark([1, 2, 3], title="Hours", **more),
}


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_says_in_words_what_it_shows(name):
    drawing = ElementTree.fromstring(DRAWINGS[name]())
    assert drawing.get("role") == "img"
    assert drawing.findtext("{http://www.w3.org/2000/svg}title")


@pytest.mark.parametrize("name", DRAWINGS)
def test_on_a_page_a_drawing_carries_classes_and_no_colour(name):
    drawing = DRAWINGS[name]()
    assert "class=" in drawing
    assert re.findall(r'style=|fill="|stroke="|#[0-9a-f]{6}', drawing) == []


@pytest.mark.parametrize("name", DRAWINGS)
def test_in_a_mail_a_drawing_carries_its_colours_and_no_class(name):
    drawing = DRAWINGS[name](colours=palette.colours())
    assert re.search(r"#[0-9a-f]{6}", drawing)
    assert "class=" not in drawing


def test_the_arches_say_where_the_journey_stands():
    assert arches.summary(arches.stages_of(STAGES)) == "1 of 4 stages done; now: Compliance, Contract & annex"


def test_arches_show_how_often_work_came_back():
    assert "2×" in arches.draw(STAGES)


def test_stages_side_by_side_get_a_roof_of_their_own():
    alone = [{**stage, "row": ""} for stage in STAGES]
    assert arches.draw(STAGES).count("arches-roof") == arches.draw(alone).count("arches-roof") + 1


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="'lost'"):
        arches.draw([{"title": "x", "state": "lost"}])


def test_a_journey_without_stages_is_still_a_drawing():
    assert ElementTree.fromstring(arches.draw([])).tag.endswith("svg")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 18.5, [0, 5, 10, 15, 20]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (0, 0, [0, 0.25, 0.5, 0.75, 1]),
        (-3, 8, [-5, 0, 5, 10]),
        (0, 7300, [0, 2000, 4000, 6000, 8000]),
    ],
)
def test_ticks_are_round_and_cover_the_values(low, high, expected):
    assert charts.ticks(low, high) == expected


def test_words_in_a_chart_are_escaped():
    assert "<b>" not in charts.rows(POINTS, title="a < b")


@pytest.mark.parametrize("draw", [charts.bars, charts.rows, charts.line])
def test_a_chart_of_nothing_is_an_empty_chart(draw):
    assert ElementTree.fromstring(draw([], title="Nothing yet")).tag.endswith("svg")
