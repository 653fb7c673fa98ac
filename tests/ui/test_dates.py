"""Moments, lengths and sizes as people say them, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from pridvor.ui import dates

MOMENT = datetime(2026, 11, 24, 12, 20, tzinfo=UTC)
TODAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def bucharest():
    with timezone.override("Europe/Bucharest"):
        yield


@pytest.mark.parametrize(
    ("language", "style", "expected"),
    [
        ("ro", "long", "marți, 24 noiembrie, 14:20"),
        ("en", "long", "Tuesday 24 November, 14:20"),
        ("ro", "day", "marți, 24 noiembrie"),
        ("en", "short", "24 Nov, 14:20"),
        ("en", "time", "14:20"),
        ("ro", "year", "marți, 24 noiembrie 2026, 14:20"),
    ],
)
def test_a_moment_is_said_in_the_readers_language_and_zone(language, style, expected):
    with override(language):
        assert dates.said(MOMENT, style, today=TODAY) == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("ro", "marți, 24 noiembrie 2026"), ("en", "Tuesday 24 November 2026")]
)
def test_another_year_is_named(language, expected):
    with override(language):
        assert dates.said(date(2026, 11, 24), today=date(2027, 1, 3)) == expected


@pytest.mark.parametrize(
    ("language", "past", "ahead"), [("en", "3 hours ago", "in 2 days"), ("ro", "acum 3 ore", "peste 2 zile")]
)
def test_a_distance_says_its_direction(language, past, ahead):
    with override(language):
        assert dates.ago(MOMENT - timedelta(hours=3), now=MOMENT) == past
        assert dates.ago(MOMENT + timedelta(days=2), now=MOMENT) == ahead


def test_a_length_has_no_direction():
    with override("en"):
        assert dates.since(timedelta(hours=-3)) == "3 hours"


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [("en", 2_411_000, "2.4 MB"), ("ro", 2_411_000, "2,4 MB"), ("en", 0, "0 B"), ("en", 999_900, "1 MB")],
)
def test_a_size_is_read_at_a_glance(language, count, expected):
    with override(language):
        assert dates.filesize(count) == expected
