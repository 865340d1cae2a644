"""A hundred thousand running ledgers: what a change of the calendar costs to show, and to apply."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import psutil
import psycopg

from banjie.content.root import content_root
from banjie.domain.calendar import LEGAL_ZONE, OfficeHours, SpecialDay, WorkingCalendar
from banjie.domain.clock import Due, due
from banjie.domain.ledger import (
    Clock,
    ClockKind,
    ClockSubject,
    Interval,
    IntervalKind,
    Limit,
    Party,
    start_clock,
    switch,
)
from banjie.persistence.text import dumps
from banjie.policy.calendars import CalendarBook, load_calendars
from banjie.services import demo, recompute
from banjie.services.walk import agency_calendar
from bench.figures import Figure, seconds
from support.office import MONDAY, Office

LEDGERS = 100_000
#: So many different ledgers; each is stored for many cases.
_SHAPES = 1000
_SEED = 20260907

_CASES = """
INSERT INTO instance (case_no, service, process, definition, region, applicant_id, applicant_name, follow_digits,
    agencies, status, version, started_at, data, snapshot, events, chain)
SELECT 'bench-' || n, service, process, definition, region, applicant_id, applicant_name, follow_digits,
    agencies, 'running', 1, started_at, data, snapshot, 0, decode(repeat('00', 32), 'hex')
FROM (SELECT * FROM instance ORDER BY id LIMIT 1) base, generate_series(1, %s) AS n"""

#: Of two clocks of a case one is its own and one its open step's.
_CLOCKS = """
WITH shape AS (
    SELECT (value->>'n')::int AS n, value AS is FROM jsonb_array_elements(%(shapes)s::jsonb)
), place AS (
    SELECT i.id AS instance_id, k AS second, (substr(i.case_no, 7)::int * 2 + k) %% %(count)s AS n
    FROM instance i, generate_series(0, 1) AS k WHERE i.case_no LIKE 'bench-%%'
)
INSERT INTO clock (instance_id, kind, element, token, agency, value, unit, calendar, hours, started_at, due_at,
    warn_at, provisional, warned_at, missed_at)
SELECT p.instance_id, CASE p.second WHEN 0 THEN 'promised' ELSE 'step' END, CASE p.second WHEN 1 THEN 'Review' END,
    CASE p.second WHEN 1 THEN 'token' END, %(agency)s, (s.is->>'value')::int, 'working_days', s.is->>'calendar',
    'default', (s.is->>'start')::timestamptz, d.due_at, d.warn_at, (s.is->>'provisional')::boolean,
    CASE WHEN d.warn_at <= %(now)s THEN d.warn_at END, CASE WHEN d.due_at <= %(now)s THEN d.due_at END
FROM place p JOIN shape s USING (n),
    LATERAL (SELECT (s.is->>'due_at')::timestamptz AS due_at, (s.is->>'warn_at')::timestamptz AS warn_at) d
ORDER BY p.instance_id, p.second"""

_INTERVALS = """
WITH shape AS (
    SELECT (value->>'n')::int AS n, value->'intervals' AS intervals FROM jsonb_array_elements(%(shapes)s::jsonb)
), place AS (
    SELECT c.id, (substr(i.case_no, 7)::int * 2 + (c.kind = 'step')::int) %% %(count)s AS n
    FROM clock c JOIN instance i ON i.id = c.instance_id WHERE i.case_no LIKE 'bench-%%'
)
INSERT INTO interval (clock_id, start_at, end_at, kind, party)
SELECT p.id, v.start_at, v.end_at, v.kind, v.party FROM place p JOIN shape s USING (n),
    LATERAL jsonb_to_recordset(s.intervals) AS v(start_at timestamptz, end_at timestamptz, kind text, party text)"""

_REST = """
WITH opened AS (
    INSERT INTO task (instance_id, token, element, name, role, agency, status, version, opened_at, due_at, warn_at,
                      clock_id, search)
    SELECT instance_id, token, element, '资格审核', 'bureau_officer', agency, 'open', 1, started_at, due_at, warn_at,
           id, to_tsvector('simple', '王小')
    FROM clock WHERE token = 'token' RETURNING id, due_at
), offered AS (
    INSERT INTO inbox (principal, due, task_id) SELECT 'g:bureau_officer@bench', due_at, id FROM opened
), armed AS (
    INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
    SELECT 'default', 'fire_timer', jsonb_build_object('instance_id', c.instance_id, 'clock_id', c.id, 'token', null),
           CASE WHEN c.warned_at IS NULL THEN c.warn_at ELSE c.due_at END
    FROM clock c JOIN instance i ON i.id = c.instance_id
    WHERE i.case_no LIKE 'bench-%%' AND c.missed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM interval v WHERE v.clock_id = c.id AND v.kind = 'not_counted'
                        AND v.end_at IS NULL)
    RETURNING id, args, scheduled_at
)
INSERT INTO timer (instance_id, clock_id, kind, fire_at, job_id)
SELECT (args->>'instance_id')::bigint, (args->>'clock_id')::bigint, 'clock', scheduled_at, id FROM armed"""


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """A ledger with its due time."""

    clock: Clock
    due: Due


def run(database_url: str, *, ledgers: int = LEDGERS) -> list[Figure]:
    """Seconds to look through all ledgers when nothing has changed, and when half of them have, and to apply that."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(database_url, Path(folder))
        office.apply()
        calendar, hours = agency_calendar(office.rt, demo.BUREAU)
        shapes = _shapes(calendar, hours)
        _fill(database_url, shapes, ledgers)
        quiet = seconds(lambda: _expect(office, 0, 0))
        before = psutil.Process().memory_info().rss
        flipped = _flip(office, shapes, hours)
        shown = seconds(lambda: _expect(office, ledgers * 2 // 5, ledgers * 3 // 5))
        applied: list[int] = []
        spent = seconds(lambda: applied.append(recompute.apply(office.rt)))
        grown = (psutil.Process().memory_info().rss - before) / (1 << 20)
        _expect(office, 0, 0)
        office.close()
    return [
        _figure(f"preview of {ledgers:,} ledgers, none changed", quiet),
        _figure(f"preview of {ledgers:,} ledgers, {applied[0]:,} changed ({flipped})", shown),
        _figure(f"recompute of {ledgers:,} ledgers in one transaction, {applied[0]:,} changed", spent),
        Figure(name="memory added by preview and recompute", value=round(grown), unit="MB"),
    ]


def _figure(name: str, spent: float) -> Figure:
    return Figure(name=name, value=round(spent, 1), unit="s", target="<= 60", ok=spent <= 60)


def _expect(office: Office, least: int, most: int) -> None:
    found = sum(1 for _ in recompute.preview(office.rt))
    if not least <= found <= most:
        raise RuntimeError(f"{found} ledgers changed, expected {least} to {most}")


def _shapes(calendar: WorkingCalendar, hours: OfficeHours) -> list[_Shape]:
    """Six in ten with one interval, the others handed over, paused and resumed, or paused still."""
    chance = random.Random(_SEED)  # noqa: S311  the same ledgers in every run
    return [_shape(chance, calendar, hours) for _ in range(_SHAPES)]


def _shape(chance: random.Random, calendar: WorkingCalendar, hours: OfficeHours) -> _Shape:
    start = MONDAY - timedelta(days=chance.randrange(2, 40), minutes=chance.randrange(600))
    clock = start_clock(
        kind=ClockKind.STEP, subject=ClockSubject(instance=""), at=start, limit=Limit(value=chance.randrange(5, 60)),
        calendar=calendar, hours=hours, party=Party.BUREAU,
    )  # fmt: skip
    instants = sorted(
        start + (MONDAY - start) * share for share in (chance.random(), chance.random(), chance.random())
    )
    kind = chance.random()
    if kind >= 0.6:
        clock = switch(clock, Interval(start=instants[0], party=Party.GUARANTOR))
    if kind >= 0.8:
        pause = Interval(start=instants[1], kind=IntervalKind.NOT_COUNTED, party=Party.APPLICANT)
        clock = switch(clock, pause)
    if 0.8 <= kind < 0.95:
        clock = switch(clock, Interval(start=instants[2], party=Party.BANK))
    return _Shape(clock=clock, due=due(clock, calendar, hours))


def _fill(database_url: str, shapes: Sequence[_Shape], ledgers: int) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(_CASES, (ledgers // 2,))
        values = {
            "shapes": dumps([_row(number, shape) for number, shape in enumerate(shapes)]), "count": len(shapes),
            "agency": demo.BUREAU, "now": MONDAY,
        }  # fmt: skip
        connection.execute(_CLOCKS, values)
        connection.execute(_INTERVALS, values)
        connection.execute(_REST)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _row(number: int, shape: _Shape) -> dict[str, object]:
    clock, ends = shape.clock, shape.due
    return {
        "n": number, "value": clock.limit.value, "calendar": clock.calendar, "start": clock.start,
        "due_at": ends.at, "warn_at": ends.warn_at, "provisional": ends.provisional,
        "intervals": [
            {"start_at": one.start, "end_at": one.end, "kind": one.kind.value, "party": one.party.value}
            for one in clock.intervals
        ],
    }  # fmt: skip


def _flip(office: Office, shapes: Sequence[_Shape], hours: OfficeHours) -> date:
    """Make the coming Saturday on which the most even share of the ledgers turns a working day; returns it."""
    book = load_calendars(content_root() / "policy" / "calendars", MONDAY.year)
    today = MONDAY.astimezone(LEGAL_ZONE).date()
    found: list[tuple[int, date, WorkingCalendar]] = []
    for week in range(16):
        day = today + timedelta(days=5 + 7 * week)
        if book.national.is_working_day(day):
            continue
        national = replace(
            book.national,
            special_days=(
                *(entry for entry in book.national.special_days if entry.day != day),
                SpecialDay(day=day, is_working=True, name="调休上班"),
            ),
        )
        moved = sum(1 for shape in shapes if due(shape.clock, national, hours).at != shape.due.at)
        found.append((abs(moved - len(shapes) // 2), day, national))
    _, day, national = min(found, key=lambda one: one[:2])
    calendars = CalendarBook(
        national=national, notices=book.notices, local={}, hours={}, warn_days_before_year=60
    )
    office.rt = replace(office.rt, calendars=calendars)
    return day
