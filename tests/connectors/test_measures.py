"""Readings of a client's service: each once, from three sources, judged over a period, leading to the repair loop."""

import json
from datetime import timedelta

import pytest
from django.db.models import Count
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from pridvor.cases import actions as cases
from pridvor.checks import actions as checks
from pridvor.checks.models import Finding
from pridvor.connectors import measures
from pridvor.connectors.measures import BadReading, Given
from pridvor.connectors.models import MeasureKey, Reading
from pridvor.journeys import language
from pridvor.journeys.measures import read
from pridvor.lib import clock
from tests.conftest import CARMEN, NOW, WORKER
from tests.managed import Managed
from tests.peers.interface import Interface, running

pytestmark = pytest.mark.django_db
SERVICE = """
forms:
  access:
    interface:
      title: {en: Your interface, ro: Interfața dumneavoastră}
      fields: {base_url: {label: {en: Address, ro: Adresa}}}
suites:
  health:
    title: {en: Health, ro: Stare}
    base: access.base_url
    endpoints: {ping: {path: /ping, title: {en: Ping, ro: Semnal}}}
measures:
  uptime:
    title: {en: Uptime, ro: Disponibilitate}
    unit: "%"
    target: ">= 99.5"
    probe: {suite: health, endpoint: ping, minutes: 5}
  latency: {title: {en: Latency, ro: Latență}, unit: ms, target: "< 800", over: highest}
"""
JOURNEY = f"""
journey: monitored
reference: MO
title: {{en: Monitored, ro: Monitorizat}}
{SERVICE}
stages:
  technical:
    title: {{en: Technical, ro: Tehnic}}
    steps: {{access: {{form: access, title: {{en: Access, ro: Acces}}}}}}
  proving:
    title: {{en: Proving, ro: Probă}}
    steps:
      monitoring: {{wait: 14 days, for: time, title: {{en: Monitoring, ro: Monitorizare}}}}
      metrics:
        check: [metrics-satisfactory]
        title: {{en: Metrics, ro: Indicatori}}
        if fail: {{fix: optimise, redo: monitoring, limit: 6}}
    exceptions:
      optimise: {{todo: x, title: {{en: Optimise, ro: Optimizare}}}}
"""


@pytest.fixture
def ours(ana):
    ours = Managed(ana, JOURNEY)
    cases.submit(ours.open("access"), {"base_url": "http://127.0.0.1"}, {}, actor=ours.me, now=NOW)
    return ours


def reading(value, hours=0.0, measure="uptime"):
    return Given(measure, NOW + timedelta(hours=hours), value)


def take(ours, *given, source="api"):
    return measures.take(ours.case, given, source=source, actor=WORKER, now=ours.time())


def judged(ours):
    """Two weeks later the wait is over, and the wiring runs the check."""
    ours.time.forward(days=14)
    ours.do("monitoring", "came")
    checks.run(ours.event("step.opened", step="metrics"), now=ours.time())
    return ours


# -- each once


def test_a_reading_that_is_handed_in_again_changes_nothing(ours):
    assert take(ours, reading(99.9)) == 1
    assert take(ours, reading(99.9), reading(50)) == 0
    assert Reading.objects.get().value == 99.9


def test_two_sources_of_one_moment_are_two_readings(ours):
    take(ours, reading(99.9))
    assert take(ours, reading(99.8), source="file") == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (reading(1, measure="other"), "measure"),
        (reading(float("nan")), "value"),
        (reading(float("inf")), "value"),
        (reading(1, hours=1), "moment"),
        (reading(1, hours=-24 * 365 * 40), "moment"),
    ],
)
def test_of_readings_that_cannot_be_right_none_is_kept(ours, given, code):
    with pytest.raises(BadReading) as bad:
        take(ours, reading(99), given)
    assert (bad.value.row, bad.value.code, Reading.objects.count()) == (2, code, 0)


# -- judged


def test_good_figures_let_the_case_go_on(ours):
    take(ours, reading(99.9), reading(300, measure="latency"))
    judged(ours)
    assert ours.again().end == "activated"


def test_figures_off_target_open_the_repair_loop_with_reasons(ours):
    take(ours, reading(99.9), reading(98.5, -0.0001), reading(300, measure="latency"))
    measures.take(ours.case, [reading(97, 1)], source="api", actor=WORKER, now=ours.time.forward(hours=2))
    judged(ours)
    assert ours.open("optimise@metrics")
    (reason,) = ours.events("loop.taken")[0]["reasons"]
    assert reason["code"] == "measure-off-target"
    assert reason["params"] == {"measure": "Uptime", "value": "98.45 %", "target": ">= 99.5 %"}


def test_a_measure_without_a_reading_is_not_satisfactory(ours):
    take(ours, reading(99.9))
    judged(ours)
    assert list(Finding.objects.values_list("code", "item")) == [("measure-missing", "latency")]


def test_readings_from_before_the_period_do_not_count(ours):
    take(ours, reading(1, hours=-1), reading(99.9, hours=1 / 60), reading(300, measure="latency"))
    judged(ours)
    assert ours.again().end == "activated"


def test_after_the_repair_only_the_new_period_counts(ours):
    take(ours, reading(90), reading(300, measure="latency"))
    judged(ours).do("optimise@metrics")
    ours.time.forward(hours=1)
    at = (ours.time.now - NOW).total_seconds() / 3600
    take(ours, reading(100, at), reading(100, at, "latency"))
    judged(ours)
    assert ours.again().end == "activated"


@pytest.mark.parametrize(
    ("over", "figure"), [("mean", 2.0), ("lowest", 1.0), ("highest", 4.0), ("sum", 6.0), ("last", 1.0)]
)
def test_readings_become_one_figure(over, figure):
    measure = read("m", {"title": {}, "target": "> 0", "over": over})
    assert measure.figure([1.0, 4.0, 1.0]) == figure
    assert measure.figure([]) is None


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (">= 99.5", 99.5, True),
        ("> 99.5", 99.5, False),
        ("< 800", 799.9, True),
        ("<= -1", 0, False),
        (">= 5", 5, True),
    ],
)
def test_a_target_is_met_or_not(target, value, met):
    assert read("m", {"title": {}, "target": target}).is_met(value) is met


@pytest.mark.parametrize("target", ["99", "about 5", ">= x", "value > 1", ">= 1e999", ">= 1 || true"])
def test_a_target_that_cannot_be_read_is_refused(target):
    with pytest.raises(language.Unsound, match="target"):
        language.read(JOURNEY.replace(">= 99.5", target))


def test_a_probe_of_no_endpoint_is_refused():
    with pytest.raises(language.Unsound, match="no such endpoint"):
        language.read(JOURNEY.replace("endpoint: ping", "endpoint: pong"))


# -- the file


@pytest.mark.parametrize(
    "content",
    [
        b"measure,at,value\nuptime,2026-11-24T10:00:00Z,99.9\nlatency,2026-11-24T10:00,300\n",
        "\ufeffmeasure;at;value\nuptime;2026-11-24T10:00:00Z;99,9\nlatency;2026-11-24T10:00;300\n".encode(),
    ],
    ids=["commas", "semicolons and decimal commas"],
)
def test_a_file_is_read_as_spreadsheets_write_it(ours, content):
    assert take(ours, *measures.of_file(content), source="file") == 2
    assert set(Reading.objects.values_list("value", flat=True)) == {99.9, 300.0}


@pytest.mark.parametrize(
    ("content", "row", "code"),
    [
        (b"a,b\n1,2\n", 1, "columns"),
        (b"", 1, "columns"),
        (b"\xff\xfe\x00", 1, "columns"),
        (b"measure,at,value\nuptime,yesterday,1\n", 1, "moment"),
        (b"measure,at,value\nuptime,2026-11-24,1\nuptime,2026-11-24,many\n", 2, "value"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_row(content, row, code):
    with pytest.raises(BadReading) as bad:
        list(measures.of_file(content))
    assert (bad.value.row, bad.value.code) == (row, code)


# -- the client's own system


def push(key, *rows, **more):
    body = {"readings": [{"measure": "uptime", "at": clock.now().isoformat(), "value": row} for row in rows]}
    return Client().post(
        "/api/v1/measures/",
        more.get("body", json.dumps(body)),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )


def test_the_clients_system_hands_readings_in_with_its_key(ours):
    key = measures.make_key(ours.case, actor=CARMEN, now=NOW)
    answer = push(key, 99.9)
    assert (answer.status_code, answer.json()) == (200, {"kept": 1, "known": 0})
    assert Reading.objects.get().source == "api"
    assert key not in str(list(MeasureKey.objects.values())) + str(ours.events("measure-key.made"))


@pytest.mark.parametrize("key", ["", "pm_wrong", "ș"])
def test_without_the_key_nothing_is_taken(ours, key):
    measures.make_key(ours.case, actor=CARMEN, now=NOW)
    answer = push(key, 99.9)
    assert (answer.status_code, answer.json()["code"]) == (401, "no-key")
    assert not Reading.objects.exists()


def test_a_new_key_ends_the_old_one(ours):
    old = measures.make_key(ours.case, actor=CARMEN, now=NOW)
    measures.make_key(ours.case, actor=CARMEN, now=NOW)
    assert push(old, 99.9).status_code == 401


def test_the_key_of_a_case_that_has_ended_opens_nothing(ours):
    key = measures.make_key(ours.case, actor=CARMEN, now=NOW)
    cases.withdraw(ours.case, actor=ours.me, now=NOW)
    assert push(key, 99.9).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ("{}", 422),
        ('{"readings": [1]}', 422),
        ('{"readings": [{"measure": "uptime", "at": "x", "value": 1}]}', 422),
        ('{"readings": [{"measure": "uptime", "at": "2026-01-01", "value": true}]}', 422),
        ('{"readings": [{"measure": "x", "at": "2026-01-01", "value": 1}]}', 422),
    ],
)
def test_what_cannot_be_read_is_refused_and_named(ours, body, status):
    answer = push(measures.make_key(ours.case, actor=CARMEN, now=NOW), body=body)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


# -- our own probe


@pytest.fixture
def probed(ana, settings):
    settings.DEMO, settings.PROBE_ALLOW = False, ("127.0.0.1",)
    there = Interface({"GET /ping": (200, {}, 0)})
    with running(there) as base:
        ours = Managed(ana, JOURNEY)
        cases.submit(ours.open("access"), {"base_url": base}, {}, actor=ours.me, now=NOW)
        ours.interface = there
        yield ours


def probe(ours):
    return measures.probe(ours.case.pk, actor=WORKER, now=ours.time())


def test_a_probe_takes_one_reading_for_each_interval(probed):
    assert (probe(probed), probe(probed)) == (1, 0)
    probed.interface.answers = {}
    probed.time.forward(minutes=5)
    assert probe(probed) == 1
    assert list(Reading.objects.order_by("at").values_list("value", flat=True)) == [100.0, 0.0]
    assert len(probed.interface.asked) == 2


def test_the_sweep_enqueues_what_is_due_and_nothing_else(probed):
    assert measures.sweep(now=probed.time()) == 1
    probe(probed)
    assert measures.sweep(now=probed.time()) == 0
    assert ProcrastinateJob.objects.filter(task_name=measures.TASK).aggregate(n=Count("id"))["n"] == 1


def test_an_address_that_may_not_be_called_gives_no_reading(probed, settings):
    settings.PROBE_ALLOW = ()
    assert probe(probed) == 0


def test_a_trend_of_many_readings_is_drawn_with_few_points(ours):
    take(ours, *(reading(100 - n % 2, -n / 10) for n in range(200)))
    points = measures.trend(ours.case, "uptime", since=NOW - timedelta(days=30))
    assert len(points) <= 60
    assert points == sorted(points)
