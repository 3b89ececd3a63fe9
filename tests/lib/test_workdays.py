"""Working time against known holidays and against counting every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.lib.workdays import JAPAN_SEASONS, Calendar, Season, holiday_names

JAPAN = Calendar()
TOKYO = ZoneInfo("Asia/Tokyo")


def tokyo(month, day, hour=0, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=TOKYO)


# Holidays as published by the Cabinet Office of Japan (内閣府「国民の祝日」).
PUBLISHED = {
    2019: "0101 0114 0211 0321 0429 0430 0501 0502 0503 0504 0505 0506 0715 0811 0812 0916 0923 1014 1022 1103 1104 "
    "1123",
    2021: "0101 0111 0211 0223 0320 0429 0503 0504 0505 0722 0723 0808 0809 0920 0923 1103 1123",
    2025: "0101 0113 0211 0223 0224 0320 0429 0503 0504 0505 0506 0721 0811 0915 0923 1013 1103 1123 1124",
    2026: "0101 0112 0211 0223 0320 0429 0503 0504 0505 0506 0720 0811 0921 0922 0923 1012 1103 1123",
    2027: "0101 0111 0211 0223 0321 0322 0429 0503 0504 0505 0719 0811 0920 0923 1011 1103 1123",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_japanese_holidays_are_the_published_ones(year):
    assert " ".join(f"{day:%m%d}" for day in holiday_names("JP", year)) == PUBLISHED[year]


def test_holidays_have_japanese_names():
    assert holiday_names("JP", 2026, "ja")[date(2026, 11, 23)] == "勤労感謝の日"


def test_a_country_without_known_holidays_is_refused():
    with pytest.raises(ValueError, match="XX"):
        holiday_names("XX", 2026)


@pytest.mark.parametrize("day", ["2026-12-28", "2027-01-04", "2026-08-12", "2026-08-17", "2026-09-24"])
def test_ordinary_weekdays_are_workdays(day):
    assert JAPAN.is_workday(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day",
    ["2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2026-08-13", "2026-08-14", "2026-09-22", "2026-05-06",
     "2026-11-21", "2026-11-22", "2026-11-23"],
)  # fmt: skip
def test_weekends_holidays_year_end_and_obon_are_days_off(day):
    assert not JAPAN.is_workday(date.fromisoformat(day))


def test_own_closures_and_own_weekdays_count():
    founded = date(2026, 11, 25)
    calendar = Calendar(closures=frozenset({founded}), weekdays=frozenset({2, 5}))
    assert [calendar.is_workday(founded + timedelta(days=n)) for n in (0, 1, 3, 7)] == [False, False, True, True]


def test_a_season_may_cross_new_year_or_stay_inside_it():
    year_end, obon = JAPAN_SEASONS
    assert [year_end.holds(date(2026, *day)) for day in ((12, 28), (12, 29), (1, 3), (1, 4))] == [
        False,
        True,
        True,
        False,
    ]
    assert [obon.holds(date(2026, *day)) for day in ((8, 12), (8, 13), (8, 15), (8, 16))] == [False, True, True, False]
    assert Season((2, 29), (2, 29)).holds(date(2028, 2, 29))


def test_people_work_from_the_minute_they_open_until_they_close():
    times = [(8, 59), (9, 0), (17, 59), (18, 0)]
    assert [JAPAN.is_open(tokyo(11, 24, *at)) for at in times] == [False, True, True, False]


@pytest.mark.parametrize(
    ("moment", "hours", "due"),
    [
        (tokyo(11, 24, 10), 4, tokyo(11, 24, 14)),
        (tokyo(11, 24, 16), 4, tokyo(11, 25, 11)),
        (tokyo(11, 20, 17), 4, tokyo(11, 24, 12)),  # over a weekend and the holiday of Monday
        (tokyo(11, 21, 3), 4, tokyo(11, 24, 13)),
        (tokyo(12, 28, 17), 2, tokyo(1, 4, 10, year=2027)),
        (tokyo(11, 24, 9), 9, tokyo(11, 24, 18)),
        (tokyo(11, 24, 20), 0, tokyo(11, 25, 9)),
        (tokyo(11, 24, 10), 0.25, tokyo(11, 24, 10, 15)),
    ],
)
def test_working_hours_are_added_over_nights_weekends_and_holidays(moment, hours, due):
    assert JAPAN.add_hours(moment, hours) == due


@pytest.mark.parametrize(
    ("moment", "days", "due"),
    [
        (tokyo(11, 20, 15), 1, tokyo(11, 24, 15)),
        (tokyo(11, 20, 15), 0, tokyo(11, 20, 15)),
        (tokyo(11, 20, 19), 1, tokyo(11, 25, 9)),
        (tokyo(11, 21, 12), 2, tokyo(11, 26, 9)),
        (tokyo(4, 28, 11), 3, tokyo(5, 7, 11)),  # Golden Week
        (tokyo(12, 25, 11), 3, tokyo(1, 5, 11, year=2027)),
    ],
)
def test_working_days_are_added_at_the_same_time_of_day(moment, days, due):
    assert JAPAN.add_days(moment, days) == due


def test_the_next_opening_is_now_while_people_work():
    assert JAPAN.next_open(tokyo(11, 24, 12)) == tokyo(11, 24, 12)
    assert JAPAN.next_open(tokyo(11, 20, 18)) == tokyo(11, 24, 9)


def test_nothing_passes_backwards_and_nothing_can_be_taken_off():
    assert JAPAN.worked(tokyo(11, 25), tokyo(11, 24)) == timedelta(0)
    for add in (JAPAN.add_hours, JAPAN.add_days):
        with pytest.raises(ValueError, match="to come"):
            add(tokyo(11, 24), -1)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        JAPAN.is_open(datetime(2026, 11, 24, 12))


def test_calendars_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="weekday"):
        Calendar(weekdays=frozenset())
    with pytest.raises(ValueError, match="ends after"):
        Calendar(opens=time(18), closes=time(9))
    with pytest.raises(ValueError, match="nobody"):
        Calendar(seasons=(Season((1, 1), (12, 31)),)).next_open(tokyo(1, 1))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 2), 24)])
def test_a_day_with_a_clock_change_has_as_many_hours_as_it_really_has(day, hours):
    new_york = ZoneInfo("America/New_York")
    calendar = Calendar("America/New_York", time(0), time(0), frozenset(range(7)), "", ())
    start, end = calendar.span(day)
    assert (end - start, start.astimezone(new_york).date()) == (timedelta(hours=hours), day)


def test_a_working_day_over_a_clock_change_keeps_its_local_time():
    calendar = Calendar("Europe/Berlin", country="DE", seasons=())
    due = calendar.add_days(datetime(2026, 3, 27, 10, tzinfo=ZoneInfo("Europe/Berlin")), 1)
    assert due == datetime(2026, 3, 30, 8, tzinfo=UTC)


# Against counting every minute. Hours begin after 04:00 or at midnight: nobody opens inside the hour that is skipped.

zones = st.sampled_from(
    ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"]
)


@st.composite
def calendars(draw):
    opens = draw(st.integers(min_value=4, max_value=22))
    closes = draw(st.integers(min_value=opens + 1, max_value=23))
    return Calendar(
        draw(zones),
        time(opens, draw(st.sampled_from([0, 30]))),
        time(closes, 45),
        frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        draw(st.sampled_from(["JP", "US", "", "DE"])),
        draw(st.sampled_from([(), JAPAN_SEASONS])),
        frozenset(draw(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=3))),
    )


moments = st.datetimes(datetime(2025, 12, 20), datetime(2026, 12, 31)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)


def minute_is_open(calendar, moment):
    local = moment.astimezone(ZoneInfo(calendar.zone))
    return calendar.is_workday(local.date()) and calendar.opens <= local.time() < calendar.closes


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(min_value=0, max_value=60 * 24 * 6))
def test_working_time_equals_counting_the_minutes(calendar, start, minutes):
    counted = sum(minute_is_open(calendar, start + timedelta(minutes=n)) for n in range(minutes))
    assert calendar.worked(start, start + timedelta(minutes=minutes)) == timedelta(minutes=counted)


@settings(max_examples=60, deadline=None)
@given(calendars(), moments, st.integers(min_value=1, max_value=60 * 20))
def test_added_working_time_equals_walking_minute_by_minute(calendar, start, minutes):
    due = calendar.add_hours(start, minutes / 60)
    assert calendar.worked(start, due) == timedelta(minutes=minutes)
    assert minute_is_open(calendar, due - timedelta(minutes=1))
    if due - start > timedelta(days=10):
        return
    walked, left = start, minutes
    while left:
        left -= minute_is_open(calendar, walked)
        walked += timedelta(minutes=1)
    assert walked == due


@given(calendars(), moments)
def test_being_open_and_the_next_opening_agree_with_the_minutes(calendar, moment):
    assert calendar.is_open(moment) == minute_is_open(calendar, moment)
    opening = calendar.next_open(moment)
    assert opening >= moment
    assert minute_is_open(calendar, opening)
    assert calendar.worked(moment, opening) == timedelta(0)


@given(calendars(), moments, st.integers(min_value=0, max_value=15), st.integers(min_value=0, max_value=15))
def test_adding_days_in_two_steps_is_adding_them_at_once(calendar, moment, one, two):
    assert calendar.add_days(calendar.add_days(moment, one), two) == calendar.add_days(moment, one + two)
