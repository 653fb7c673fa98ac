"""Calendars as they are kept: an edit is a new revision, and what was promised on the old one stays."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from pridvor.sla import actions as calendars
from pridvor.sla.calendars import Impossible, add
from pridvor.sla.models import Calendar, CalendarRevision, working_time
from tests.conftest import CARMEN, NOW, REFUSED

OFFICE = ((540, 1020),)
pytestmark = pytest.mark.django_db


def weekdays(blocks, **more):
    return calendars.rules(zone="Europe/Vienna", week=[blocks] * 5 + [()] * 2, country="AT", now=NOW, **more)


@pytest.fixture
def vienna():
    return calendars.make("Vienna", countries=["AT", "DE"], rules=weekdays(OFFICE), actor=CARMEN, now=NOW)


def test_clients_are_served_by_the_calendar_of_their_country(vienna):
    assert calendars.for_client("DE", now=NOW).calendar == vienna


def test_others_by_the_default_one_which_is_there_when_first_wanted():
    revision = calendars.for_client("JP", now=NOW)
    assert (revision.calendar.name, revision.zone, revision.country) == (
        "Bucharest",
        "Europe/Bucharest",
        "RO",
    )
    assert calendars.for_client("KR", now=NOW) == revision


def test_an_edit_is_a_new_revision_and_the_old_one_reckons_as_before(vienna):
    old = vienna.latest
    new = calendars.revise(vienna, weekdays(((540, 720),)), actor=CARMEN, now=NOW)
    assert (old.number, new.number, vienna.latest) == (1, 2, new)
    eight = timedelta(hours=8)
    assert add(working_time(old.pk), NOW, eight) < add(working_time(new.pk), NOW, eight)


def test_an_edit_that_changes_nothing_leaves_no_revision(vienna):
    calendars.revise(vienna, weekdays(OFFICE), actor=CARMEN, now=NOW)
    assert vienna.revisions.count() == 1


def test_the_database_refuses_to_change_a_revision(vienna):
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        CalendarRevision.objects.filter(calendar=vienna).update(zone="UTC")


def test_hours_across_midnight_are_refused():
    with pytest.raises(Impossible):
        weekdays(((1320, 360),))


def test_there_is_one_default(vienna):
    calendars.default(now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Calendar.objects.filter(pk=vienna.pk).update(is_default=True)


def test_holidays_are_written_anew_only_when_they_change(vienna):
    assert calendars.renew_holidays(now=NOW) == 0
    assert calendars.renew_holidays(now=NOW + timedelta(days=366)) == 1
    assert calendars.renew_holidays(now=NOW + timedelta(days=366)) == 0
