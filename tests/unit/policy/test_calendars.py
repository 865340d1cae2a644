"""The calendar file: what it builds, what it refuses, and how it names the fault."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.errors import ContentError
from banjie.policy.calendars import CalendarBook, load_calendars

CALENDARS = Path(__file__).parents[3] / "policy" / "calendars"
NOTICES = "\n".join(f'  "{year}": {{number: null}}' for year in range(2004, 2027))
PLAIN = f"""\
country: CN
warn_days_before_year: 60
notices:
{NOTICES}
local: {{}}
hours: {{default: {{sessions: [["09:00", "17:30"]]}}}}
"""


def load(tmp_path: Path, text: str, this_year: int = 2026) -> CalendarBook:
    (tmp_path / "cn.yaml").write_text(text, encoding="utf-8")
    return load_calendars(tmp_path, this_year)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ContentError) as refused:
        load(tmp_path, text)
    return str(refused.value)


def changed(old: str, new: str) -> str:
    assert old in PLAIN
    return PLAIN.replace(old, new)


def test_the_projects_calendar_reaches_three_years_ahead() -> None:
    national = load_calendars(CALENDARS, 2026).national

    assert (national.first_day, national.last_day) == (date(2004, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize(("day", "provisional"), [(date(2026, 12, 31), False), (date(2027, 1, 1), True)])
def test_a_year_without_notice_is_provisional(day: date, provisional: bool) -> None:
    assert load_calendars(CALENDARS, 2026).national.is_provisional(day) is provisional


def test_a_provisional_year_keeps_its_statutory_holidays() -> None:
    national = load_calendars(CALENDARS, 2026).national

    assert not national.is_working_day(date(2027, 10, 1))
    assert national.is_working_day(date(2027, 10, 8))
    assert not national.is_working_day(date(2027, 10, 9))


def test_a_day_off_cites_its_notice() -> None:
    special = load_calendars(CALENDARS, 2026).national.special(date(2026, 2, 14))

    assert special is not None
    assert (special.is_working, special.source) == (True, "国办发明电〔2025〕7号")


@pytest.mark.parametrize(
    ("today", "missing"),
    [(date(2026, 11, 1), ()), (date(2026, 11, 2), (2027,)), (date(2027, 12, 1), (2027, 2028))],
)
def test_a_missing_notice_is_warned_of_sixty_days_ahead(today: date, missing: tuple[int, ...]) -> None:
    assert load_calendars(CALENDARS, 2026).missing_notices(today) == missing


def test_a_notice_with_its_own_days_ends_the_provision(tmp_path: Path) -> None:
    days = 'days_off: {"2027-01-01": 元旦, "2027-01-04": 元旦}, days_worked: [2026-12-27]'
    own = f'  "2027": {{number: null, {days}}}\nlocal'

    national = load(tmp_path, changed("local", own)).national

    assert not national.is_provisional(date(2027, 1, 1))
    assert national.is_working_day(date(2026, 12, 27))
    assert not national.is_working_day(date(2027, 1, 4))
    # Only the days that the notice names are off.
    assert national.is_working_day(date(2027, 10, 1))


def test_a_new_notice_changes_the_version(tmp_path: Path) -> None:
    before = load(tmp_path, PLAIN).national.version
    own = '  "2027": {number: null, days_off: {"2027-01-01": 元旦}, days_worked: []}\nlocal'

    assert load(tmp_path, changed("local", own)).national.version != before


def test_region_and_agency_add_their_days_and_the_agency_prevails(tmp_path: Path) -> None:
    local = """local:
  region:
    - {date: 2026-08-03, working: false, name: festival}
    - {date: 2026-08-04, working: false, name: festival}
  agency: [{date: 2026-08-04, working: true, name: duty}]
"""
    book = load(tmp_path, changed("local: {}\n", local))

    calendar = book.calendar_for(["region", "agency", "unknown"])

    assert calendar.add_working_days(date(2026, 7, 31), 1) == date(2026, 8, 4)
    assert book.calendar_for(["region", "agency"]) is calendar
    assert book.calendar_for(["unknown"]) is book.national


def test_hours_are_the_agencys_else_the_regions_else_the_default(tmp_path: Path) -> None:
    hours = """default: {sessions: [["09:00", "17:30"]]},
  region: {sessions: [["08:30", "12:00"], ["14:30", "18:00"]]},
  agency:
    {sessions: whole_day, variants: [{since: "06-01", until: "09-30", sessions: [["08:00", "16:00"]]}]}"""
    book = load(tmp_path, changed('default: {sessions: [["09:00", "17:30"]]}', hours))
    day = date(2026, 8, 3)

    closings = [
        book.hours_for(keys).closing(day) for keys in ([], ["region"], ["region", "agency"], ["nobody"])
    ]

    assert closings == [
        datetime.combine(day, moment, LEGAL_ZONE)
        for moment in (time(17, 30), time(18), time(16), time(17, 30))
    ]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("country: CN", "country: XX", "country"),
        ("country: CN", "country: CN\nnonsense: 1", "document.nonsense"),
        ("country: CN", "country: CN\ncountry: CN", "'country' stands twice"),
        ('  "2005": {number: null}', '  "2004": {number: null}', "'2004' stands twice"),
        ('  "2010": {number: null}\n', "", "leave out a year"),
        ('  "2010": {number: null}', '  "2010": {}', "notices.2010"),
        ('  "2010": {number: null}', '  "2010": {number: .nan}', ".nan: NaN and Infinity are not numbers"),
        ('  "2010": {number: null}', '  "2010": 5', "notices.2010"),
        ('  "2010": {number: null}', "  .nan: {number: null}", ".nan: NaN and Infinity are not numbers"),
        ("local: {}", "local: []", "local"),
        ("local: {}", '  "2027": {number: null}\nlocal: {}', "notices.2027: give its days"),
        (
            "local: {}",
            '  "2027": {number: null, days_off: {"2027-01-01": 元旦}}\nlocal: {}',
            "notices.2027.days_worked",
        ),
        (
            "local: {}",
            '  "2027": {number: null, days_off: {}, days_worked: [2027-01-04]}\nlocal: {}',
            "no Saturday or Sunday",
        ),
        (
            "local: {}",
            '  "2027": {number: null, days_off: {}, days_worked: [2027-01-02, 2027-01-02]}\nlocal: {}',
            "given twice",
        ),
        (
            "local: {}",
            '  "2027": {number: null, days_off: {}, days_worked: [2026-01-04]}\nlocal: {}',
            "must lie from",
        ),
        (
            "local: {}",
            "local: {here: [{date: 2026-02-30, working: true, name: x}]}",
            "'2026-02-30' is not a date",
        ),
        ("local: {}", "local: {here: [{date: 2026-08-03T10:00:00, working: true, name: x}]}", "here[0].date"),
        ("local: {}", 'local: {here: [{date: "2026-08-03", working: true, name: x}]}', "here[0].date"),
        ("local: {}", "local: {here: [{date: 1999-08-03, working: true, name: x}]}", "here[0].date"),
        ("local: {}", "local: {here: [{date: 2026-08-03, working: 1, name: x}]}", "here[0].working"),
        ("local: {}", "local: {here: [{date: 2026-08-03, working: true}]}", "here[0].name"),
        ("local: {}", 'local: {here: [{date: 2026-08-03, working: true, name: "a\\0b"}]}', "here[0].name"),
        ('"17:30"', '"25:30"', "hours.default.sessions[0]"),
        ('"17:30"', "1050", "hours.default.sessions[0]"),
        ('"17:30"', '"08:00"', "closes before it opens"),
        ('[["09:00", "17:30"]]', "[]", "at least one session"),
        (
            "warn_days_before_year: 60",
            "warn_days_before_year: .nan",
            ".nan: NaN and Infinity are not numbers",
        ),
        ("warn_days_before_year: 60", "warn_days_before_year: true", "warn_days_before_year"),
        (
            "warn_days_before_year: 60",
            "warn_days_before_year: !!python/name:os.system",
            "the tag tag:yaml.org,2002:python/name:os.system is not allowed",
        ),
        ("local: {}", "local: &a {b: *a}", "anchors and aliases are not allowed"),
        ("local: {}", "local: {[1]: []}", "the key [1] is not text"),
        ("local: {}", "local: {", "cn.yaml"),
        ("local: {}", f"local: {'[' * 100_000}", "nested deeper"),
        ("local: {}", f"local: {'[' * 30}{']' * 30}", "nested deeper than 30"),
        ('"2010": {number: null}', "2010: {number: null}", "the key 2010 is not text"),
        ('"2010": {number: null}', '"20１0": {number: null}', "notices.20１0: must be a whole number"),
        (
            "local: {}",
            '  "2027": {number: null, days_off: {"2027-02-30": x}, days_worked: []}\nlocal: {}',
            "days_off.2027-02-30: must be a date",
        ),
        ("local: {}", "local: {}\x00", "cn.yaml"),
    ],
)
def test_a_broken_rule_is_refused_by_file_and_key(tmp_path: Path, old: str, new: str, named: str) -> None:
    message = refusal(tmp_path, changed(old, new))

    assert "cn.yaml" in message
    assert named in message


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, changed("country: CN", "country: XX").replace("local: {}", "local: 5"))

    assert "country" in message
    assert "local" in message


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"[]", b"- 1\n---\n- 2", b"x: " + b"y" * 1_000_001])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cn.yaml").write_bytes(content)

    with pytest.raises(ContentError, match=r"cn\.yaml"):
        load_calendars(tmp_path, 2026)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"cn\.yaml"):
        load_calendars(tmp_path, 2026)


def test_a_year_before_the_first_notice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="must begin"):
        load(tmp_path, PLAIN, this_year=2003)
