"""Working time: laws that hold for any calendar, and days that are easily got wrong."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pridvor.sla.calendars import (
    Endless,
    Impossible,
    WorkingTime,
    add,
    explain,
    public_holidays,
    worked,
)

BUCHAREST = ZoneInfo("Europe/Bucharest")
OFFICE = ((9 * 60, 17 * 60),)
LUNCH = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))
ALWAYS = ((0, 24 * 60),)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # 03:00 → 04:00; 04:00 → 03:00


def week(blocks, days=5):
    return (blocks,) * days + ((),) * (7 - days)


ROMANIAN = WorkingTime("Europe/Bucharest", week(OFFICE), public_holidays("RO", [2025, 2026, 2027]))
ROUND_THE_CLOCK = WorkingTime("Europe/Bucharest", week(ALWAYS, 7))


def at(text, zone=BUCHAREST):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(number):
    return timedelta(hours=number)


# -- laws


@st.composite
def blocks(draw):
    cuts = sorted(draw(st.lists(st.integers(0, 24 * 60), max_size=6, unique=True)))
    return tuple(zip(cuts[::2], cuts[1::2], strict=False))


@st.composite
def calendars(draw):
    days = tuple(draw(blocks()) for _ in range(7))
    offs = draw(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20))
    zone = draw(
        st.sampled_from(["Europe/Bucharest", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo"])
    )
    return WorkingTime(zone, days, {day: {} for day in offs}, {AUTUMN: draw(blocks())})


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 10), timezones=st.just(UTC))
SPANS = st.integers(0, 40 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@given(calendars(), MOMENTS, SPANS)
def test_so_much_as_was_added_has_been_worked(calendar, start, span):
    try:
        end = add(calendar, start, span)
    except Endless:
        return
    assert worked(calendar, start, end) == span


@given(calendars(), MOMENTS, SPANS)
def test_what_is_added_comes_at_the_first_moment_that_will_do(calendar, start, span):
    try:
        end = add(calendar, start, span)
    except Endless:
        return
    if span:
        assert worked(calendar, start, end - timedelta(seconds=1)) < span


@given(calendars(), MOMENTS, MOMENTS, MOMENTS)
def test_parts_add_up_to_the_whole(calendar, one, other, third):
    first, middle, last = (moment.replace(microsecond=0) for moment in sorted((one, other, third)))
    assert worked(calendar, first, middle) + worked(calendar, middle, last) == worked(calendar, first, last)


@given(calendars(), MOMENTS, MOMENTS)
def test_never_more_is_worked_than_passes_and_never_less_than_nothing(calendar, one, other):
    start, end = sorted((one.replace(microsecond=0), other.replace(microsecond=0)))
    assert timedelta() <= worked(calendar, start, end) <= end - start


@given(calendars(), MOMENTS, SPANS, SPANS)
def test_more_work_is_never_done_sooner(calendar, start, one, other):
    try:
        assert add(calendar, start, min(one, other)) <= add(calendar, start, max(one, other))
    except Endless:
        return


@given(MOMENTS, MOMENTS)
def test_round_the_clock_every_second_counts_also_when_clocks_change(one, other):
    start, end = sorted((one.replace(microsecond=0), other.replace(microsecond=0)))
    assert worked(ROUND_THE_CLOCK, start, end) == end - start


# -- days


def test_eight_hours_from_friday_noon_end_on_monday_noon():
    assert add(ROMANIAN, at("2026-11-20 12:00"), hours(8)) == at("2026-11-23 12:00")


def test_what_comes_in_at_night_begins_in_the_morning():
    assert add(ROMANIAN, at("2026-11-23 22:00"), hours(1)) == at("2026-11-24 10:00")


def test_lunch_is_not_worked():
    calendar = WorkingTime("Europe/Bucharest", week(LUNCH))
    assert add(calendar, at("2026-11-23 12:00"), hours(2)) == at("2026-11-23 15:00")
    assert worked(calendar, at("2026-11-23 00:00"), at("2026-11-24 00:00")) == hours(8)


def test_at_the_end_of_a_day_the_budget_is_used_up_that_day():
    assert add(ROMANIAN, at("2026-11-23 09:00"), hours(8)) == at("2026-11-23 17:00")


def test_public_holidays_are_passed_over_and_named():
    start, end = at("2026-11-27 16:00"), at("2026-12-02 16:00")
    assert worked(ROMANIAN, start, end) == hours(8)
    assert [(day.on.day, day.names["en"]) for day in explain(ROMANIAN, start, end)] == [
        (30, "Saint Andrew's Day"),
        (1, "National Day"),
    ]


def test_a_holiday_on_a_day_without_hours_is_not_given_as_a_reason():
    assert explain(ROMANIAN, at("2026-12-24 12:00"), at("2026-12-28 12:00"))[-1].on == date(2026, 12, 25)


def test_orthodox_easter_is_off():
    assert worked(ROMANIAN, at("2026-04-10 00:00"), at("2026-04-14 00:00")) == hours(0)


def test_a_day_with_hours_of_its_own_is_worked_though_it_is_a_saturday():
    calendar = WorkingTime("Europe/Bucharest", week(OFFICE), {}, {date(2026, 11, 21): ((600, 720),)})
    assert worked(calendar, at("2026-11-21 00:00"), at("2026-11-22 00:00")) == hours(2)


@pytest.mark.parametrize(("day", "length"), [(SPRING, 23), (AUTUMN, 25)])
def test_a_day_of_24_hours_is_as_long_as_it_really_is(day, length):
    start = datetime.combine(day, datetime.min.time(), BUCHAREST)
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), BUCHAREST)
    assert worked(ROUND_THE_CLOCK, start, end) == hours(length)


@pytest.mark.parametrize(
    ("day", "block", "expected"),
    [
        (SPRING, (2 * 60, 5 * 60), 2),  # one hour is left out
        (SPRING, (3 * 60, 4 * 60), 0),  # all of it is left out
        (SPRING, (2 * 60, 3 * 60 + 30), 1),  # it ends when the clocks jump
        (SPRING, (3 * 60 + 30, 5 * 60), 1),  # it begins when the clocks jump
        (AUTUMN, (2 * 60, 5 * 60), 4),  # one hour comes twice
        (AUTUMN, (2 * 60, 3 * 60 + 30), 1.5),  # ends at the first half past three
        (AUTUMN, (3 * 60 + 30, 5 * 60), 2.5),  # and the next begins there
    ],
)
def test_blocks_across_the_change_of_clocks(day, block, expected):
    calendar = WorkingTime("Europe/Bucharest", ((),) * 7, {}, {day: (block,)})
    start = datetime.combine(day, datetime.min.time(), BUCHAREST)
    assert worked(calendar, start, start + timedelta(days=2)) == hours(expected)


def test_the_29th_of_february_is_a_day_like_any_other():
    calendar = WorkingTime("Europe/Bucharest", week(OFFICE))
    assert add(calendar, at("2028-02-28 09:00"), hours(16)) == at("2028-02-29 17:00")


def test_across_the_new_year():
    assert add(ROMANIAN, at("2026-12-31 16:00"), hours(2)) == at("2027-01-04 10:00")


def test_days_without_hours_are_passed_over():
    calendar = WorkingTime("Europe/Bucharest", week(OFFICE, 1))
    assert add(calendar, at("2026-11-23 16:00"), hours(2)) == at("2026-11-30 10:00")


def test_a_calendar_without_hours_ends_nothing():
    with pytest.raises(Endless):
        add(WorkingTime("UTC", ((),) * 7), at("2026-11-23 16:00"), hours(1))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (((22 * 60, 6 * 60),), "order"),  # across midnight
        (((540, 540),), "order"),
        (((540, 1500),), "range"),
        (((540, 800), (700, 900)), "overlap"),
        (((800, 900), (540, 700)), "overlap"),
    ],
)
def test_hours_that_cannot_be_are_refused(wrong, code):
    with pytest.raises(Impossible, match=code):
        WorkingTime("UTC", week(wrong))


def test_a_working_day_is_the_commonest_length_of_the_week():
    short_friday = (OFFICE,) * 4 + (((540, 840),),) + ((), ())
    assert WorkingTime("UTC", short_friday).ordinary_day == hours(8)
    assert WorkingTime("UTC", ((),) * 7).ordinary_day == hours(0)


def test_ten_years_are_reckoned_by_days():
    calendar = WorkingTime("Europe/Bucharest", week(LUNCH))
    start, end = at("2026-01-01 00:00"), at("2036-01-01 00:00")
    weekdays = sum((start.date() + timedelta(days=n)).weekday() < 5 for n in range((end - start).days))
    assert worked(calendar, start, end) == hours(8 * weekdays)
