"""The ledger and the due time: limits, lights, pauses, extensions, what is used and left."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from banjie.domain.calendar import LEGAL_ZONE, WHOLE_DAY, OfficeHours, Session, legal_date
from banjie.domain.clock import (
    Clock,
    ClockKind,
    ClockState,
    ClockStopped,
    ClockSubject,
    Interval,
    IntervalKind,
    LedgerFault,
    Limit,
    LimitUnit,
    Party,
    Span,
    check_partition,
    deadline_line,
    due,
    elapsed,
    is_late,
    start_clock,
    state,
    stop_clock,
    switch,
    time_by_party,
)
from banjie.domain.errors import InvalidRequest
from banjie.policy.calendars import load_calendars

CN = load_calendars(Path(__file__).parents[2] / "policy" / "calendars", 2026).national
HOURS = OfficeHours()
ONE_DAY = timedelta(days=1)


def at(text: str) -> datetime:
    """An instant of 2026 in Beijing, as 03-02 10:00."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=LEGAL_ZONE)


def local(instant: datetime) -> str:
    return instant.astimezone(LEGAL_ZONE).strftime("%m-%d %H:%M")


def make_clock(
    start: datetime, limit: int, unit: LimitUnit = LimitUnit.WORKING_DAYS, hours: OfficeHours = HOURS
) -> Clock:
    return start_clock(
        kind=ClockKind.STEP,
        subject=ClockSubject(instance="1", element="review"),
        at=start,
        limit=Limit(value=limit, unit=unit),
        calendar=CN,
        hours=hours,
        party=Party.BUREAU,
    )


def pause(clock: Clock, instant: datetime) -> Clock:
    return switch(
        clock,
        Interval(start=instant, kind=IntervalKind.NOT_COUNTED, party=Party.APPLICANT, ground="supplement"),
    )


def resume(clock: Clock, instant: datetime) -> Clock:
    return switch(clock, Interval(start=instant, party=Party.BUREAU))


def extend(clock: Clock, instant: datetime, days: int) -> Clock:
    return switch(
        clock,
        Interval(start=instant, kind=IntervalKind.EXTENDED, party=Party.BUREAU, extra_days=days),
    )


def due_text(clock: Clock, hours: OfficeHours = HOURS) -> str:
    return local(due(clock, CN, hours).at)


# --- Limits without pauses


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("03-02 10:00", 2, "03-04 17:30"),
        ("03-06 10:00", 1, "03-09 17:30"),
        ("03-02 22:00", 1, "03-03 17:30"),
        ("03-07 10:00", 1, "03-09 17:30"),
        ("02-13 10:00", 1, "02-14 17:30"),
        ("02-14 10:00", 1, "02-24 17:30"),
        ("03-02 00:00", 1, "03-03 17:30"),
        ("03-02 23:59", 1, "03-03 17:30"),
    ],
)
def test_the_day_of_the_act_does_not_count(start: str, limit: int, expected: str) -> None:
    assert due_text(make_clock(at(start), limit)) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("03-02 10:00", "03-02 17:30"),
        ("03-02 06:00", "03-02 17:30"),
        ("03-02 17:30", "03-03 17:30"),
        ("03-06 18:00", "03-09 17:30"),
        ("03-07 10:00", "03-09 17:30"),
        ("02-28 10:00", "02-28 17:30"),
    ],
)
def test_no_days_end_the_same_day_or_the_next_working_day(start: str, expected: str) -> None:
    assert due_text(make_clock(at(start), 0)) == expected


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        ("03-02 10:00", 3, "03-05 17:30"),
        ("03-02 10:00", 5, "03-09 17:30"),
        ("09-24 10:00", 7, "10-08 17:30"),
    ],
)
def test_natural_days_that_end_on_a_rest_day_end_on_the_next_working_day(
    start: str, limit: int, expected: str
) -> None:
    assert due_text(make_clock(at(start), limit, LimitUnit.NATURAL_DAYS)) == expected


def test_an_office_without_hours_has_until_midnight() -> None:
    hours = OfficeHours(key="always", sessions=WHOLE_DAY)

    assert due_text(make_clock(at("03-02 10:00"), 2, hours=hours), hours) == "03-05 00:00"


def test_the_instant_is_utc() -> None:
    assert due(make_clock(at("03-02 10:00"), 2), CN, HOURS).at.tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "limit", "warn_at"),
    [
        ("03-02 10:00", 2, "03-03 17:30"),
        ("03-02 10:00", 1, "03-02 17:30"),
        ("03-02 19:00", 1, "03-02 19:00"),
        ("03-02 10:00", 0, "03-02 10:00"),
        ("03-07 10:00", 1, "03-07 10:00"),
        ("02-14 10:00", 2, "02-24 17:30"),
        ("09-30 10:00", 1, "09-30 17:30"),
    ],
)
def test_the_warning_is_one_working_day_before_but_not_before_the_start(
    start: str, limit: int, warn_at: str
) -> None:
    assert local(due(make_clock(at(start), limit), CN, HOURS).warn_at) == warn_at


def test_a_limit_that_reaches_into_a_year_without_notice_is_provisional() -> None:
    clock = make_clock(at("12-30 10:00"), 1)

    assert not due(clock, CN, HOURS).provisional
    assert due(make_clock(at("12-30 10:00"), 2), CN, HOURS).provisional


@pytest.mark.parametrize("value", [-1, 10_001])
def test_an_absurd_limit_is_refused(value: int) -> None:
    with pytest.raises(InvalidRequest):
        Limit(value=value)


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(LedgerFault, match="offset"):
        make_clock(datetime(2026, 3, 2), 1)  # noqa: DTZ001  the fault in question


instants = st.datetimes(
    datetime(2004, 1, 5),  # noqa: DTZ001  hypothesis wants bounds without a zone
    datetime(2027, 12, 31),  # noqa: DTZ001
).map(lambda moment: moment.replace(tzinfo=LEGAL_ZONE))


@given(start=instants, limit=st.integers(0, 60), later=st.timedeltas(timedelta(), timedelta(days=30)))
def test_the_due_time_never_falls_with_the_start_or_the_limit(
    start: datetime, limit: int, later: timedelta
) -> None:
    first = due(make_clock(start, limit), CN, HOURS)

    assert first.at <= due(make_clock(start + later, limit), CN, HOURS).at
    assert first.at <= due(make_clock(start, limit + 1), CN, HOURS).at


@given(start=instants, limit=st.integers(0, 60), unit=st.sampled_from(LimitUnit))
def test_start_warning_and_due_follow_each_other(start: datetime, limit: int, unit: LimitUnit) -> None:
    ends = due(make_clock(start, limit, unit), CN, HOURS)

    assert start <= ends.warn_at <= ends.at
    assert CN.is_working_day(ends.day)


# --- Pauses and extensions


@pytest.mark.parametrize(
    ("paused", "resumed", "expected"),
    [
        ("03-04 10:00", "03-04 11:00", "03-10 17:30"),
        ("03-04 10:00", "03-06 11:00", "03-12 17:30"),
        ("03-04 17:30", "03-06 11:00", "03-11 17:30"),
        ("03-04 18:00", "03-04 20:00", "03-09 17:30"),
        ("03-06 18:00", "03-08 20:00", "03-09 17:30"),
        ("03-02 10:30", "03-02 16:00", "03-09 17:30"),
        ("03-09 17:29", "03-11 09:00", "03-12 17:30"),
    ],
)
def test_days_touched_by_a_pause_do_not_count(paused: str, resumed: str, expected: str) -> None:
    clock = make_clock(at("03-02 10:00"), 5)

    assert due_text(resume(pause(clock, at(paused)), at(resumed))) == expected


def test_a_pause_over_the_spring_festival_takes_its_working_days_only() -> None:
    clock = make_clock(at("02-11 10:00"), 5)
    paused = pause(clock, at("02-13 09:00"))

    assert due_text(clock) == "02-25 17:30"
    # The 13th, the make-up Saturday of the 14th and the 24th are lost; Saturday the 28th is one again.
    assert due_text(resume(paused, at("02-24 10:00"))) == "02-28 17:30"


def test_two_pauses_back_to_back_count_their_common_day_once() -> None:
    clock = pause(make_clock(at("03-02 10:00"), 5), at("03-03 10:00"))
    clock = resume(clock, at("03-04 10:00"))
    clock = pause(clock, at("03-04 10:05"))

    assert due_text(resume(clock, at("03-05 10:00"))) == "03-12 17:30"


def test_two_pauses_that_meet_are_one() -> None:
    clock = pause(make_clock(at("03-02 10:00"), 5), at("03-03 10:00"))
    hearing = Interval(
        start=at("03-04 10:00"), kind=IntervalKind.NOT_COUNTED, party=Party.LAW, ground="hearing"
    )

    assert due_text(resume(switch(clock, hearing), at("03-05 10:00"))) == "03-12 17:30"


def test_natural_days_are_paused_too() -> None:
    clock = make_clock(at("03-02 10:00"), 10, LimitUnit.NATURAL_DAYS)

    assert due_text(resume(pause(clock, at("03-04 10:00")), at("03-05 10:00"))) == "03-16 17:30"


def test_natural_days_that_end_on_a_rest_day_skip_the_pause_behind_it() -> None:
    clock = make_clock(at("03-02 10:00"), 5, LimitUnit.NATURAL_DAYS)

    assert due_text(resume(pause(clock, at("03-08 10:00")), at("03-10 10:00"))) == "03-11 17:30"


def test_an_extension_adds_its_days() -> None:
    assert due_text(extend(make_clock(at("03-02 10:00"), 5), at("03-05 10:00"), 3)) == "03-12 17:30"


def test_an_extension_is_kept_when_the_clock_is_paused_later() -> None:
    clock = extend(make_clock(at("03-02 10:00"), 5), at("03-05 10:00"), 3)

    assert due_text(resume(pause(clock, at("03-06 10:00")), at("03-06 11:00"))) == "03-13 17:30"


def test_an_extension_is_not_replaced_in_the_same_instant() -> None:
    clock = extend(make_clock(at("03-02 10:00"), 5), at("03-05 10:00"), 3)

    with pytest.raises(LedgerFault, match="extension"):
        pause(clock, at("03-05 10:00"))


def test_a_running_pause_holds_the_due_time_at_its_earliest() -> None:
    ends = due(pause(make_clock(at("03-02 10:00"), 5), at("03-04 10:00")), CN, HOURS)

    assert (local(ends.at), ends.held) == ("03-10 17:30", True)


@st.composite
def paused_clocks(draw: st.DrawFn) -> tuple[Clock, Clock]:
    """A clock, and the same with one pause that began before its due time."""
    start = draw(instants)
    clock = make_clock(start, draw(st.integers(1, 30)))
    before_due = due(clock, CN, HOURS).at - start
    offset = draw(st.timedeltas(timedelta(seconds=1), before_due - timedelta(seconds=1)))
    length = draw(st.timedeltas(timedelta(seconds=1), timedelta(days=60)))
    return clock, resume(pause(clock, start + offset), start + offset + length)


def days_lost(clock: Clock, paused_from: datetime, resumed_at: datetime) -> int:
    """Working days from the pause through the resumption, less those that do not count anyway."""
    first = legal_date(paused_from)
    if paused_from >= HOURS.closing(first):
        first += ONE_DAY
    before = max(first - ONE_DAY, legal_date(clock.start))
    return max(CN.count_working_days(before, legal_date(resumed_at)), 0)


@given(paused_clocks())
def test_a_pause_of_so_many_working_days_moves_the_due_day_by_as_many(pair: tuple[Clock, Clock]) -> None:
    clock, paused = pair
    _, stop, running = paused.intervals

    moved = CN.count_working_days(due(clock, CN, HOURS).day, due(paused, CN, HOURS).day)

    assert moved == days_lost(clock, stop.start, running.start)


@given(paused_clocks())
def test_switches_keep_the_partition(pair: tuple[Clock, Clock]) -> None:
    check_partition(pair[1])


@given(paused_clocks(), st.integers(1, 20))
def test_an_extension_of_so_many_days_moves_the_due_day_by_as_many(
    pair: tuple[Clock, Clock], days: int
) -> None:
    _, paused = pair
    before = due(paused, CN, HOURS)
    assume(paused.intervals[-1].start + timedelta(seconds=1) < before.at)

    after = due(extend(paused, paused.intervals[-1].start + timedelta(seconds=1), days), CN, HOURS)

    assert CN.count_working_days(before.day, after.day) == days


# --- Lights


@pytest.mark.parametrize(
    ("now", "light"),
    [
        ("03-02 10:00", ClockState.GREEN),
        ("03-03 17:29", ClockState.GREEN),
        ("03-03 17:30", ClockState.YELLOW),
        ("03-04 17:29", ClockState.YELLOW),
        ("03-04 17:30", ClockState.RED),
        ("03-05 10:00", ClockState.RED),
    ],
)
def test_the_light_turns_at_the_warning_and_at_the_due_time(now: str, light: ClockState) -> None:
    clock = make_clock(at("03-02 10:00"), 2)

    assert state(clock, due(clock, CN, HOURS), at(now)) is light


def test_a_paused_clock_is_paused_though_its_old_due_time_has_passed() -> None:
    clock = pause(make_clock(at("03-02 10:00"), 2), at("03-04 17:00"))

    assert state(clock, due(clock, CN, HOURS), at("04-01 10:00")) is ClockState.PAUSED


def test_a_pause_after_the_due_time_leaves_it_overdue() -> None:
    clock = make_clock(at("03-02 10:00"), 2)
    ends = due(clock, CN, HOURS)
    paused = pause(clock, at("03-05 10:00"))

    assert due(paused, CN, HOURS).at == ends.at
    assert state(paused, due(paused, CN, HOURS), at("03-05 11:00")) is ClockState.RED
    assert due(resume(paused, at("03-09 10:00")), CN, HOURS).at == ends.at


@pytest.mark.parametrize(("stopped", "late"), [("03-04 17:29", False), ("03-04 17:30", True)])
def test_a_stopped_clock_is_late_by_when_it_stopped(stopped: str, late: bool) -> None:
    clock = stop_clock(make_clock(at("03-02 10:00"), 2), at(stopped))
    ends = due(clock, CN, HOURS)

    assert state(clock, ends, at("04-01 10:00")) is ClockState.STOPPED
    assert is_late(clock, ends, at("04-01 10:00")) is late


# --- Used and left


@pytest.mark.parametrize(
    ("now", "used", "remaining", "overdue"),
    [
        ("03-02 10:00", 0, Span(working_days=2, minutes=0), None),
        ("03-02 22:00", 0, Span(working_days=2, minutes=0), None),
        ("03-03 09:00", 1, Span(working_days=2, minutes=0), None),
        ("03-03 16:00", 1, Span(working_days=1, minutes=90), None),
        ("03-04 16:00", 2, Span(working_days=0, minutes=90), None),
        ("03-04 17:30", 2, None, Span(working_days=0, minutes=0)),
        ("03-05 10:30", 3, None, Span(working_days=0, minutes=90)),
        ("03-06 10:30", 4, None, Span(working_days=1, minutes=90)),
        ("03-06 23:00", 4, None, Span(working_days=2, minutes=0)),
        ("03-08 12:00", 4, None, Span(working_days=2, minutes=0)),
    ],
)
def test_what_is_used_and_left_in_office_time(
    now: str, used: int, remaining: Span | None, overdue: Span | None
) -> None:
    account = elapsed(make_clock(at("03-02 10:00"), 2), CN, HOURS, at(now))

    assert (account.used_days, account.remaining, account.overdue) == (used, remaining, overdue)


def test_an_office_without_hours_counts_days_of_24_hours() -> None:
    hours = OfficeHours(key="always", sessions=WHOLE_DAY)
    clock = make_clock(at("03-02 10:00"), 2, hours=hours)

    accounts = [elapsed(clock, CN, hours, at(now)) for now in ("03-02 12:00", "03-04 23:00", "03-06 02:00")]

    assert [account.remaining or account.overdue for account in accounts] == [
        Span(working_days=2, minutes=0),
        Span(working_days=0, minutes=60),
        Span(working_days=1, minutes=120),
    ]


def test_the_lunch_break_takes_nothing_of_the_limit() -> None:
    hours = OfficeHours(
        key="lunch",
        sessions=(Session(opens=time(9), closes=time(12)), Session(opens=time(14), closes=time(17))),
    )
    clock = make_clock(at("03-02 10:00"), 1, hours=hours)

    left = {elapsed(clock, CN, hours, at(f"03-03 {now}")).remaining for now in ("12:00", "13:00", "14:00")}

    assert left == {Span(working_days=0, minutes=180)}


def test_nothing_runs_out_while_the_clock_is_paused() -> None:
    clock = pause(make_clock(at("03-02 10:00"), 5), at("03-04 10:00"))

    for now in ("03-04 10:01", "03-04 16:00", "03-20 10:00"):
        account = elapsed(clock, CN, HOURS, at(now))
        assert (account.used_days, account.remaining) == (1, Span(working_days=4, minutes=0))


def test_the_day_of_the_resumption_takes_nothing_of_the_limit() -> None:
    clock = resume(pause(make_clock(at("03-02 10:00"), 5), at("03-04 10:00")), at("03-06 10:00"))

    account = elapsed(clock, CN, HOURS, at("03-06 11:00"))

    assert account.not_counted_days == 3
    assert account.remaining == Span(working_days=4, minutes=0)


def test_an_extension_counts_to_the_limit() -> None:
    clock = extend(make_clock(at("03-02 10:00"), 5), at("03-05 10:00"), 3)

    assert elapsed(clock, CN, HOURS, at("03-05 11:00")).limit_days == 8


def test_a_stopped_clock_uses_nothing_further() -> None:
    clock = stop_clock(make_clock(at("03-02 10:00"), 5), at("03-04 10:00"))

    assert elapsed(clock, CN, HOURS, at("04-01 10:00")).used_days == 2


@given(paused_clocks(), st.timedeltas(timedelta(), timedelta(days=90)))
def test_used_and_left_together_are_the_limit(pair: tuple[Clock, Clock], passed: timedelta) -> None:
    _, clock = pair
    now = clock.intervals[-1].start + passed
    account = elapsed(clock, CN, HOURS, now)
    assume(account.remaining is not None)
    remaining = account.remaining or Span(working_days=0, minutes=0)

    left = remaining.working_days + (1 if remaining.minutes else 0)

    # Today is used from its first minute and left until its last.
    assert left + account.used_days - account.limit_days in (0, 1)


# --- The ledger


def test_a_clock_that_stops_as_it_starts_has_an_empty_ledger() -> None:
    clock = stop_clock(make_clock(at("03-02 10:00"), 5), at("03-02 10:00"))

    check_partition(clock)
    assert clock.intervals == ()


def test_a_stopped_clock_cannot_be_changed() -> None:
    clock = stop_clock(make_clock(at("03-02 10:00"), 5), at("03-03 10:00"))

    with pytest.raises(ClockStopped):
        pause(clock, at("03-04 10:00"))
    with pytest.raises(ClockStopped):
        stop_clock(clock, at("03-04 10:00"))


def test_the_past_cannot_be_switched() -> None:
    clock = pause(make_clock(at("03-02 10:00"), 5), at("03-04 10:00"))

    with pytest.raises(LedgerFault):
        resume(clock, at("03-04 09:00"))
    with pytest.raises(LedgerFault):
        stop_clock(clock, at("03-04 09:00"))


def part(start: str, end: str | None, **more: object) -> Interval:
    return Interval(start=at(start), end=at(end) if end else None, party=Party.BUREAU, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("intervals", "rule"),
    [
        ((part("03-02 10:00", "03-03 10:00"), part("03-03 10:01", None)), "gap"),
        ((part("03-02 10:00", "03-03 10:00"), part("03-03 09:59", None)), "overlap"),
        ((part("03-02 10:01", None),), "gap"),
        ((part("03-02 10:00", None), part("03-03 10:00", None)), "follows the running one"),
        ((part("03-02 10:00", "03-02 10:00"), part("03-02 10:00", None)), "ends before it starts"),
        ((part("03-02 10:00", "03-03 10:00"),), "ends elsewhere"),
        ((part("03-02 10:00", None, extra_days=2),), "only an extension"),
    ],
)
def test_a_ledger_that_does_not_cover_its_time_once_is_refused(
    intervals: tuple[Interval, ...], rule: str
) -> None:
    clock = Clock(
        kind=ClockKind.STEP,
        subject=ClockSubject(instance="1"),
        start=at("03-02 10:00"),
        limit=Limit(value=5),
        calendar=CN.version,
        hours=HOURS.key,
        intervals=intervals,
    )

    with pytest.raises(LedgerFault, match=rule):
        check_partition(clock)


@given(paused_clocks(), st.timedeltas(timedelta(), timedelta(days=90)))
def test_the_parties_share_the_whole_time(pair: tuple[Clock, Clock], passed: timedelta) -> None:
    _, clock = pair
    now = clock.intervals[-1].start + passed

    assert sum(time_by_party(clock, now).values(), timedelta()) == now - clock.start


# --- The command line's sentence


@pytest.mark.parametrize(
    ("start", "limit", "line"),
    [
        ("2025-09-30T10:00+08:00", "5", "2025-10-14T17:30+08:00"),
        ("2025-09-30T02:00Z", "5", "2025-10-14T17:30+08:00"),
        ("2025-09-30", " 5 ", "2025-10-14T17:30+08:00"),
        # Half past midnight of a holiday in Beijing.
        ("2025-09-30T16:30Z", "5", "2025-10-14T17:30+08:00"),
        ("2026-12-30T10:00", "20", "2027-01-28T17:30+08:00 provisional"),
    ],
)
def test_a_deadline_as_typed_is_answered_in_one_line(start: str, limit: str, line: str) -> None:
    assert deadline_line(start, limit, CN, HOURS) == line


@pytest.mark.parametrize(
    ("start", "limit", "named"),
    [
        ("tomorrow", "5", "start"),
        ("", "5", "start"),
        ("2025-02-30", "5", "start"),
        ("0001-01-01T00:00+14:00", "5", "start"),
        ("2025-09-30", "five", "limit"),
        ("2025-09-30", "-1", "limit"),
        ("2025-09-30", "1.5", "limit"),
        ("2025-09-30", "٣", "limit"),
        ("2025-09-30", "99999999999", "limit"),
        ("2025-09-30", "99999", "limit"),
        ("1999-01-01", "5", "calendar"),
        ("2025-09-30", "9999", "calendar"),
        ("2025-09-30\x00", "5", "start"),
    ],
)
def test_a_deadline_that_cannot_be_read_says_what_is_wrong(start: str, limit: str, named: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        deadline_line(start, limit, CN, HOURS)

    assert named in refused.value.facts
