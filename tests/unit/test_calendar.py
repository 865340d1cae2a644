"""The working calendar against the official days, and its algebra."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.calendar import (
    LEGAL_ZONE,
    WHOLE_DAY,
    CalendarFault,
    CalendarRange,
    HoursVariant,
    OfficeHours,
    Session,
    SpecialDay,
    WorkingCalendar,
    legal_date,
)
from banjie.domain.clock import deadline_of
from banjie.domain.errors import InvalidRequest
from banjie.policy.calendars import load_calendars

CALENDARS = Path(__file__).parents[2] / "policy" / "calendars"
CN = load_calendars(CALENDARS, 2026).national
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
ONE_DAY = timedelta(days=1)

days = st.dates(FIRST, date(2028, 12, 31))


def every_day() -> Iterator[date]:
    return (date.fromordinal(number) for number in range(FIRST.toordinal(), LAST.toordinal() + 1))


def by_holidays() -> Callable[[date], bool]:
    return holidays.country_holidays("CN", years=range(2004, 2027), expand=False).is_working_day


def by_chinesecalendar() -> Callable[[date], bool]:
    # Its table lacks the make-up Saturday that the notice for 2006 put on the last day of 2005.
    return lambda day: day == date(2005, 12, 31) or bool(chinese_calendar.is_workday(day))


@pytest.mark.parametrize("library", [by_holidays, by_chinesecalendar])
def test_every_official_day_is_as_the_libraries_say(library: Callable[[], Callable[[date], bool]]) -> None:
    is_working = library()

    differing = [day for day in every_day() if CN.is_working_day(day) != is_working(day)]

    assert differing == []


@pytest.mark.parametrize("library", [by_holidays, by_chinesecalendar])
def test_every_start_and_limit_ends_where_a_slow_count_ends(
    library: Callable[[], Callable[[date], bool]],
) -> None:
    is_working = library()
    working = {day for day in every_day() if is_working(day)}
    hours = OfficeHours()
    wrong = []

    for start in every_day():
        at = datetime.combine(start, time(10), LEGAL_ZONE)
        day, limit = start, 0
        while limit < 30 and day < LAST:
            day += ONE_DAY
            if day not in working:
                continue
            limit += 1
            due_day = deadline_of(at, limit, CN, hours).day
            if due_day != day or CN.add_working_days(start, limit) != day:
                wrong.append((start, limit, due_day, day))

    assert wrong == []


@given(day=days, limit=st.integers(1, 200))
def test_adding_then_counting_gives_back(day: date, limit: int) -> None:
    assert CN.count_working_days(day, CN.add_working_days(day, limit)) == limit


@given(day=st.dates(date(2004, 1, 5), date(2028, 12, 31)), limit=st.integers(1, 200))
def test_going_back_from_a_due_day_gives_the_last_working_day_of_the_start(day: date, limit: int) -> None:
    due_day = CN.nth(day, limit)

    assert CN.nth(due_day, -limit) == CN.nth(day + ONE_DAY, -1)


@given(day=days, limit=st.integers(0, 200))
def test_a_longer_limit_ends_later(day: date, limit: int) -> None:
    assert CN.add_working_days(day, limit) < CN.add_working_days(day, limit + 1)


@given(day=days, limit=st.integers(0, 200))
def test_a_later_start_never_ends_earlier(day: date, limit: int) -> None:
    assert CN.add_working_days(day, limit) <= CN.add_working_days(day + ONE_DAY, limit)


@given(first=days, second=days)
def test_counting_backwards_is_negative(first: date, second: date) -> None:
    assert CN.count_working_days(first, second) == -CN.count_working_days(second, first)


def test_zero_days_stay_on_a_rest_day() -> None:
    assert CN.add_working_days(date(2025, 10, 1), 0) == date(2025, 10, 1)


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        CN.add_working_days(date(2025, 10, 1), -1)


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2030, 1, 1)])
def test_a_day_outside_the_years_is_refused_by_name(day: date) -> None:
    with pytest.raises(CalendarRange, match=str(day)):
        CN.is_working_day(day)


def test_a_limit_that_ends_outside_the_years_is_refused() -> None:
    with pytest.raises(CalendarRange):
        CN.add_working_days(date(2029, 12, 20), 30)


def test_the_first_day_has_no_working_day_before_it() -> None:
    with pytest.raises(CalendarRange):
        CN.previous_working_day(FIRST)


def closed(day: date, name: str = "closed") -> SpecialDay:
    return SpecialDay(day=day, is_working=False, name=name)


def make_2026(*special: SpecialDay) -> WorkingCalendar:
    return WorkingCalendar(
        key="test", first_day=date(2026, 1, 1), last_day=date(2026, 12, 31), special_days=special
    )


def test_the_version_changes_with_a_day() -> None:
    assert make_2026().version != make_2026(closed(date(2026, 8, 3))).version


def test_the_version_ignores_names_and_what_the_weekday_says_anyway() -> None:
    named = make_2026(closed(date(2026, 8, 1), "a Saturday"), closed(date(2026, 8, 3), "flood"))

    assert named == make_2026(closed(date(2026, 8, 3), "festival"))


def test_a_day_given_twice_is_refused() -> None:
    with pytest.raises(CalendarFault, match="twice"):
        make_2026(closed(date(2026, 8, 3)), closed(date(2026, 8, 3)))


def test_a_special_day_outside_the_years_is_refused() -> None:
    with pytest.raises(CalendarFault, match="outside"):
        make_2026(closed(date(2027, 1, 4)))


def test_a_local_closure_moves_only_the_local_calendar() -> None:
    local = CN.with_local_days("cn+here", [closed(date(2026, 8, 3))])

    assert local.add_working_days(date(2026, 7, 31), 1) == date(2026, 8, 4)
    assert CN.add_working_days(date(2026, 7, 31), 1) == date(2026, 8, 3)


def test_a_local_working_day_replaces_a_national_holiday() -> None:
    local = CN.with_local_days("cn+here", [SpecialDay(day=date(2026, 10, 1), is_working=True, name="duty")])

    assert local.is_working_day(date(2026, 10, 1))


def test_a_date_is_legal_in_beijing() -> None:
    assert legal_date(datetime.fromisoformat("2026-03-01T16:00Z")) == date(2026, 3, 2)


def local_time(instant: datetime) -> str:
    return instant.astimezone(LEGAL_ZONE).isoformat(timespec="minutes")


SUMMER = OfficeHours(
    key="summer",
    sessions=(Session(opens=time(9), closes=time(12)), Session(opens=time(14), closes=time(17, 30))),
    variants=(
        HoursVariant(sessions=(Session(opens=time(9), closes=time(12)),), weekdays=frozenset({5})),
        HoursVariant(
            sessions=(Session(opens=time(8), closes=time(12)), Session(opens=time(15), closes=time(18))),
            since=(6, 1),
            until=(9, 30),
        ),
        HoursVariant(sessions=(Session(opens=time(9), closes=time(17)),), since=(12, 1), until=(2, 15)),
    ),
)


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (date(2026, 5, 29), "2026-05-29T12:00+08:00"),
        (date(2026, 6, 1), "2026-06-01T18:00+08:00"),
        (date(2026, 9, 30), "2026-09-30T18:00+08:00"),
        (date(2026, 10, 8), "2026-10-08T17:30+08:00"),
        (date(2026, 12, 1), "2026-12-01T17:00+08:00"),
        (date(2026, 2, 12), "2026-02-12T17:00+08:00"),
    ],
)
def test_hours_follow_weekday_and_season(day: date, closes: str) -> None:
    assert local_time(SUMMER.closing(day)) == closes


def test_without_office_hours_a_day_ends_at_midnight() -> None:
    hours = OfficeHours(key="always", sessions=WHOLE_DAY)

    assert local_time(hours.closing(date(2026, 2, 28))) == "2026-03-01T00:00+08:00"


def test_minutes_leave_out_the_lunch_break() -> None:
    day = date(2026, 10, 8)
    eleven, three = (datetime.combine(day, time(hour), LEGAL_ZONE) for hour in (11, 15))

    assert SUMMER.minutes_on(day) == 390
    assert SUMMER.minutes_on(day, after=eleven, until=three) == 120


@pytest.mark.parametrize(
    "sessions",
    [
        (),
        (Session(opens=time(9), closes=time(12)), Session(opens=time(11), closes=time(17))),
        (Session(opens=time(9), closes=None), Session(opens=time(14), closes=time(17))),
    ],
)
def test_sessions_that_are_missing_or_overlap_are_refused(sessions: tuple[Session, ...]) -> None:
    with pytest.raises(CalendarFault):
        OfficeHours(key="bad", sessions=sessions)


@pytest.mark.parametrize(
    ("opens", "closes"), [(time(12), time(9)), (time(9), time(9)), (time(9, 0, 1), time(10))]
)
def test_a_session_must_open_before_it_closes_on_whole_minutes(opens: time, closes: time) -> None:
    with pytest.raises(CalendarFault):
        Session(opens=opens, closes=closes)
