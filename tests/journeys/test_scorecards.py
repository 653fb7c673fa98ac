"""Scorecards: the same facts give the same points, and every line says why."""

import pytest

from pridvor.journeys import language
from pridvor.journeys.language import Unsound

JOURNEY = """
journey: credit
forms:
  ask:
    one:
      title: {en: How much}
      fields:
        wanted: {type: number, label: {en: Limit}}
        trade: {type: choice, label: {en: Trade}, options: {builder: {en: Builder}, other: {en: Other}}}
scorecards:
  trade-credit:
    title: {en: Trade credit}
    requested: ask.wanted
    factors:
      age:
        title: {en: Years in business}
        of: company.years
        unknown: 5
        rows:
          - {when: company.years >= 10.0, points: 40}
          - {when: company.years >= 3.0, points: 20}
          - {points: 0}
      trade:
        title: {en: Trade}
        of: ask.trade
        rows:
          - {when: ask.trade == "builder", points: 20}
    bands:
      gold: {title: {en: Gold}, at_least: 50, then: grant, credit_limit: 50000, payment_days: 30, price_group: gold}
      silver: {title: {en: Silver}, at_least: 20, then: grant, credit_limit: 10000, payment_days: 14}
      doubtful: {title: {en: Doubtful}, then: decide, credit_limit: 5000}
stages:
  credit:
    steps:
      ask: {form: ask}
      assess: {check: [risk], scorecard: trade-credit, if fail: {open: decide}}
    exceptions:
      decide: {review: credit, fields: {credit_limit: number, payment_days: int}}
"""


@pytest.fixture(scope="module")
def card():
    return language.read(JOURNEY).scorecards["trade-credit"]


def facts(**more):
    return {"ask.wanted": 30000.0, "ask.trade": "builder", "company.years": 12.0} | more


@pytest.mark.parametrize(
    ("years", "trade", "score", "band", "limit"),
    [
        (12.0, "builder", 60, "gold", 30000.0),  # what is asked for, though more would be granted
        (10.0, "other", 40, "silver", 10000.0),  # what the band allows, though more is asked for
        (9.99, "builder", 40, "silver", 10000.0),
        (2.0, "builder", 20, "silver", 10000.0),
        (2.0, "other", 0, "doubtful", 5000.0),
        (None, "builder", 25, "silver", 10000.0),  # an age that nobody knows
        (None, "other", 5, "doubtful", 5000.0),
    ],
)
def test_points_add_up_to_a_band(card, years, trade, score, band, limit):
    judged = card.judge(facts(**{"company.years": years, "ask.trade": trade}))
    assert (judged.score, judged.band.key, judged.credit_limit) == (score, band, limit)


def test_every_line_says_what_was_seen_and_why(card):
    age, trade = card.judge(facts(**{"company.years": 4.0, "ask.trade": "other"})).lines
    assert (age.value, age.points, age.most, age.because) == (4.0, 20, 40, "company.years >= 3.0")
    assert (trade.value, trade.points, trade.most, trade.because) == ("other", 0, 20, "")


def test_what_is_not_known_is_said(card):
    age, _ = card.judge(facts(**{"company.years": None})).lines
    assert (age.is_known, age.points) == (False, 5)


def test_conditions_of_the_journey_can_ask_what_it_came_to():
    journey = language.read(JOURNEY)
    assert journey.variables["assess.score"] == "int"
    assert set(journey.steps["assess"].answers) == {
        "assess.score",
        "assess.band",
        "assess.credit_limit",
        "assess.payment_days",
        "assess.price_group",
    }
    assert [field.type for field in journey.steps["decide"].fields] == ["number", "int"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("scorecard: trade-credit", "scorecard: other", ["assess: scorecard", "there is trade-credit"]),
        ("company.years >= 10.0", "company.yeers >= 10.0", ["scorecard trade-credit, age", "company.yeers"]),
        ("requested: ask.wanted", "requested: ask.much", ["requested: nothing is called “ask.much”"]),
        ("requested: ask.wanted", "requested: ask.trade", ["“ask.trade” is not a number"]),
        ("at_least: 20, then", "at_least: 60, then", ["write the best first"]),
        ("doubtful: {title", "doubtful: {at_least: 1, title", ["the last one, and no other"]),
        ("- {points: 0}", "- {points: 0}\n          - {points: 1}", ["only the last row"]),
        ("then: decide", "then: refuse", ["bands, doubtful, then"]),
        (
            "fields: {credit_limit: number",
            "fields: {credit_limit: {type: number}",
            ["decide, fields", "label"],
        ),
    ],
)
def test_a_wrong_scorecard_is_told_with_its_place(old, new, said):
    assert old in JOURNEY
    with pytest.raises(Unsound) as caught:
        language.read(JOURNEY.replace(old, new, 1))
    assert all(words in str(caught.value) for words in said), caught.value
