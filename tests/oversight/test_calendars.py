"""Managers edit calendars; a change is a new revision, and what cannot be is said in words."""

import re

import pytest

from pridvor.accounts.models import Role
from pridvor.sla import actions as calendars
from pridvor.sla.models import Calendar, working_time
from tests.conftest import NOW
from tests.desk.conftest import Desk, staff

pytestmark = pytest.mark.django_db
LUNCH = "9:00-13:00, 14:00-18:00"


@pytest.fixture
def dan():
    return Desk(staff(Role.MANAGER))


@pytest.fixture
def bucharest():
    return calendars.default(now=NOW)


def filled(**changed):
    weekdays = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), LUNCH)
    given = {"name": "Bucharest", "countries": "RO MD", "zone": "Europe/Bucharest", "country": "RO"}
    return {**given, **weekdays, "saturday": "", "sunday": "", "extra_off": "", "special": "", **changed}


def post(dan, calendar, **changed):
    return dan.post(f"/oversight/calendars/{calendar.pk}/", filled(**changed), follow=True)


def page(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_list_names_each_calendar_and_whom_it_serves(dan, bucharest):
    text = dan.text("/oversight/calendars/")
    assert "Bucharest" in text
    assert "serves everybody else" in text


def test_several_stretches_a_day_are_kept_as_a_new_revision(dan, bucharest):
    assert post(dan, bucharest).status_code == 200
    latest = Calendar.objects.get().latest
    assert (latest.number, latest.week[0]) == (2, [[540, 780], [840, 1080]])
    assert Calendar.objects.get().countries == ["MD", "RO"]


def test_the_next_days_can_be_seen_before_anything_is_kept(dan, bucharest):
    text = page(post(dan, bucharest, preview="1", special="2027-01-01 10:00-12:00", sunday="10:00-11:00"))
    assert "10:00–11:00" in text
    assert Calendar.objects.get().latest.number == 1


def test_further_days_off_and_days_with_hours_of_their_own(dan, bucharest):
    post(dan, bucharest, extra_off="2026-12-24 Christmas Eve", special="2026-12-19 9:00-13:00")
    hours = working_time(Calendar.objects.get().latest.pk)
    assert [len(hours.blocks(day)) for day in sorted({*hours.special})] == [1]
    assert any(names.get("en") == "Christmas Eve" for names in hours.off.values())
    assert "2026-12-24 Christmas Eve" in dan.text(f"/oversight/calendars/{bucharest.pk}/")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"monday": "22:00-6:00"}, "one across midnight is two"),
        ({"monday": "9:00-13:00, 12:00-18:00"}, "These stretches overlap"),
        ({"monday": "all day"}, "is not a stretch of hours"),
        ({"special": "2026-12-19 9:00-25:00"}, "A day has hours from 0:00 to 24:00"),
        ({"extra_off": "tomorrow free"}, "is not a day"),
        ({"countries": "Romania"}, "is not a two-letter country code"),
        (dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ""), "at least one day"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(dan, bucharest, changed, said):
    response = post(dan, bucharest, **changed)
    assert response.status_code == 422
    assert said in page(response)
    assert Calendar.objects.get().latest.number == 1


def test_a_calendar_for_another_country(dan, bucharest):
    given = filled(name="Vienna", countries="at de", zone="Europe/Vienna", country="AT")
    dan.post("/oversight/calendars/new/", given, follow=True)
    assert calendars.for_client("DE", now=NOW).calendar.name == "Vienna"


def test_two_calendars_cannot_have_one_name(dan, bucharest):
    response = dan.post("/oversight/calendars/new/", filled(name="bucharest"), follow=True)
    assert "Another calendar has this name" in page(response)
