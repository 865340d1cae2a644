"""A running process counts by the calendar file as it lies there now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from banjie.domain.errors import ContentError
from banjie.policy.fresh_calendars import FreshCalendars

NOTICES = "\n".join(f'  "{year}": {{number: null}}' for year in range(2004, 2027))
PLAIN = f"""\
country: CN
warn_days_before_year: 60
notices:
{NOTICES}
local: {{}}
hours: {{default: {{sessions: [["09:00", "17:30"]]}}}}
"""
NOTICE_2027 = """\
  "2027":
    number: 国办发明电〔2026〕9号
    days_off: {"2027-01-01": 元旦}
    days_worked: [2027-01-03]
local:"""
SUNDAY = date(2027, 1, 3)


class Clock:
    """Stands still until it is moved."""

    now = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def made(tmp_path: Path) -> tuple[FreshCalendars, Clock, Path]:
    file, clock = tmp_path / "cn.yaml", Clock()
    file.write_text(PLAIN, "utf-8")
    return FreshCalendars(tmp_path, clock), clock, file


def publish(file: Path) -> None:
    file.write_text(PLAIN.replace("local:", NOTICE_2027, 1), "utf-8")


def test_a_notice_that_comes_out_is_counted_by_within_a_minute(tmp_path: Path) -> None:
    calendars, clock, file = made(tmp_path)
    assert not calendars.calendar_for().is_working_day(SUNDAY)

    publish(file)
    clock.now += timedelta(minutes=1)

    assert calendars.calendar_for().is_working_day(SUNDAY)
    assert calendars.missing_notices(date(2026, 12, 1)) == ()


def test_the_file_is_looked_at_once_a_minute_at_the_most(tmp_path: Path) -> None:
    calendars, clock, file = made(tmp_path)

    publish(file)
    clock.now += timedelta(seconds=59)

    assert not calendars.calendar_for().is_working_day(SUNDAY)


def test_a_new_year_lengthens_the_calendar(tmp_path: Path) -> None:
    calendars, clock, _ = made(tmp_path)
    last = calendars.calendar_for().last_day

    clock.now = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Beijing

    assert calendars.calendar_for().last_day == last.replace(year=last.year + 1)


def test_a_file_that_is_refused_leaves_the_calendar_as_it_was_until_it_is_mended(tmp_path: Path) -> None:
    calendars, clock, file = made(tmp_path)
    version = calendars.calendar_for().version

    file.write_text("country: [", "utf-8")
    clock.now += timedelta(minutes=1)
    assert calendars.calendar_for().version == version
    file.unlink()
    clock.now += timedelta(minutes=1)
    assert calendars.calendar_for().version == version

    publish(file)
    clock.now += timedelta(minutes=1)
    assert calendars.calendar_for().is_working_day(SUNDAY)


def test_the_first_book_must_be_readable(tmp_path: Path) -> None:
    (tmp_path / "cn.yaml").write_text("country: DE\n", "utf-8")

    with pytest.raises(ContentError):
        FreshCalendars(tmp_path, Clock())


def test_each_year_names_its_notice_or_none(tmp_path: Path) -> None:
    calendars, clock, file = made(tmp_path)
    publish(file)
    clock.now += timedelta(minutes=1)

    years = {year.year: year for year in calendars.years()}

    notice = years[2027].notice
    assert notice is not None
    assert notice.number == "国办发明电〔2026〕9号"
    assert [day.day for day in years[2027].days_worked] == [SUNDAY]
    assert years[2028].notice is None
