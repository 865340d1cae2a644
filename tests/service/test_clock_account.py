"""Page, command and API tell one account of a clock."""

from __future__ import annotations

import html
import re
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from banjie.app import create_app
from banjie.cli import clock as clock_command
from banjie.domain.calendar import DEFAULT_HOURS, WorkingCalendar
from banjie.domain.changes import CaseChange
from banjie.domain.clock import Clock, ClockKind, ClockSubject, Party, counted_days, elapsed, start_clock
from banjie.domain.ledger import Interval, IntervalKind, Limit, LimitUnit, stop_clock, switch, time_by_party
from banjie.services import demo, ledgers, people
from banjie.services.clock_account import ClockAccount, accounts, plain_sentence
from support.office import Office


def written(office: Office, case_no: str, kind: str) -> None:
    """Pause, resume or extend all running clocks of a case now, as its proceedings do."""
    with office.rt.store.begin() as uow:
        instance = uow.cases.lock(case_no)
        assert instance is not None
        clocks = uow.cases.clocks(instance.id)
        compiled = office.rt.processes.compiled(instance.definition)
        change = CaseChange.of(instance, at=office.rt.now(), actor_id=office.actors["zhao"].account_id)
        if kind == "pause":
            ground = ledgers.Ground(
                code="supplement", citation="licensing-law 第三十二条", document="补正1号"
            )
            ledgers.pause(office.rt, change, clocks, ground=ground, party=Party.APPLICANT)
        elif kind == "resume":
            since = next(stored.clock.intervals[-1].start for stored in clocks if stored.clock.is_paused)
            ledgers.resume(office.rt, change, clocks, compiled, since=since, agency=demo.GUARANTOR)
        else:
            for stored in clocks:
                ledgers.extend(office.rt, change, stored, days=3, ground=ledgers.Ground(code="extension"))
        uow.cases.apply(instance, change)


def told(office: Office) -> str:
    """A case handed over to the guarantor, paused for two days, resumed, and extended by three days."""
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")
    office.clock.set("2026-09-08 11:00")
    office.complete(case_no, "Review", approved_amount=80_000)
    office.clock.set("2026-09-09 10:00")
    written(office, case_no, "pause")
    office.clock.set("2026-09-10 15:00")
    written(office, case_no, "resume")
    office.clock.set("2026-09-11 09:30")
    written(office, case_no, "extend")
    office.clock.set("2026-09-14 12:00")
    return case_no


def promised(office: Office, case_no: str, by: str = "feng") -> ClockAccount:
    (found,) = [
        shown for shown in accounts(office.rt, office.view(case_no, by)) if shown.kind is ClockKind.PROMISED
    ]
    return found


def test_the_rows_name_party_ground_provision_and_people_and_count_their_days(office: Office) -> None:
    shown = promised(office, told(office))

    assert [(row.party, row.kind, row.days, row.extra_days) for row in shown.rows] == [
        (Party.BUREAU, IntervalKind.COUNTED, 0, 0),
        (Party.GUARANTOR, IntervalKind.COUNTED, 1, 0),
        (Party.APPLICANT, IntervalKind.NOT_COUNTED, 0, 0),
        (Party.GUARANTOR, IntervalKind.COUNTED, 0, 0),
        (Party.GUARANTOR, IntervalKind.EXTENDED, 2, 3),
    ]
    pause = shown.rows[2]
    assert (pause.ground, pause.document, pause.opened_by, pause.closed_by) == (
        "supplement", "补正1号", "赵敏", "赵敏",
    )  # fmt: skip
    assert pause.citation is not None
    assert pause.citation.endswith("第三十二条")
    assert (shown.used_days, shown.not_counted_days, shown.extension_days) == (3, 2, 3)


def test_the_time_of_the_parties_sums_to_the_whole(office: Office) -> None:
    shown = promised(office, told(office))

    assert sum(shown.by_party.values(), timedelta()) == shown.whole == office.rt.now() - shown.start


def test_the_sentence_says_the_day_what_did_not_count_why_and_whose_turn_it_is(office: Office) -> None:
    shown = promised(office, told(office))
    limit = shown.limit_days + 3

    assert plain_sentence(shown, "zh") == (
        f"第 3 个工作日，共 {limit}；含延长 3 日；2 日不计入，因补正材料；现在由担保机构办理"
    )
    assert plain_sentence(shown, "en") == (
        f"Working day 3 of {limit}; 3 days of it added; 2 days not counted, because of supplement; "
        "now in the hands of: Guarantor"
    )


def test_the_sentence_of_a_paused_clock_says_so(office: Office) -> None:
    case_no = office.apply()
    office.clock.set("2026-09-08 10:00")
    written(office, case_no, "pause")

    shown = accounts(office.rt, office.view(case_no))[0]

    assert plain_sentence(shown, "zh").endswith("1 日不计入，因补正材料；计时暂停；现在由申请人办理")
    written(office, case_no, "resume")


def test_the_applicant_sees_the_same_account_without_names(office: Office) -> None:
    case_no = told(office)
    for_applicant, for_manager = promised(office, case_no, "wang"), promised(office, case_no)

    assert {row.opened_by for row in for_applicant.rows} == {None}
    assert [(row.start, row.days) for row in for_applicant.rows] == [
        (row.start, row.days) for row in for_manager.rows
    ]
    assert plain_sentence(for_applicant, "zh") == plain_sentence(for_manager, "zh")


def test_the_command_and_the_page_print_the_same_rows(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = told(office)
    monkeypatch.setattr(clock_command, "runtime", lambda: nullcontext((office.settings, office.rt)))

    printed = CliRunner().invoke(clock_command.command, [case_no])
    page = client(office, "feng").get(f"/cases/{case_no}").get_data(as_text=True)

    by_command = [
        sorted(filter(None, line.strip().split("\t"))) for line in printed.output.splitlines() if "\t" in line
    ]
    on_page = [sorted(filter(None, cells)) for cells in page_rows(page)]
    assert len(on_page) >= 5
    # the page leaves out the steps that are finished
    assert [row for row in on_page if row not in by_command] == []
    assert [row for row in by_command if "2026-09-09 10:00" in row and row not in on_page] == []


def client(office: Office, username: str) -> FlaskClient:
    client = create_app(office.settings, office.rt).test_client()
    session = people.sign_in(office.rt, username, demo.PASSWORD, address="10.0.0.1")
    client.set_cookie("banjie", session.token)
    client.set_cookie("lang", "en")
    return client


def page_rows(page: str) -> list[list[str]]:
    rows = re.findall(r"<tbody data-line>(.*?)</tbody>", page, re.DOTALL)
    return [
        [
            html.unescape(re.sub("<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"data-cell>(.*?)</(?:time|span)>", row)
        ]
        for row in rows
    ]


# ── every second, and every day, belongs to exactly one ──────────────────────────────────────────────

CALENDAR = WorkingCalendar(key="x", first_day=date(2026, 1, 1), last_day=date(2029, 12, 31))
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SWITCHES = st.lists(
    st.tuples(st.integers(1, 60 * 24 * 5), st.sampled_from(Party), st.sampled_from(IntervalKind)), max_size=8
)


def built(switches: list[tuple[int, Party, IntervalKind]], unit: LimitUnit) -> Clock:
    """A ledger that goes on to another party or kind after so many minutes each."""
    clock = start_clock(
        kind=ClockKind.PROMISED, subject=ClockSubject(instance="1"), at=START, limit=Limit(value=20, unit=unit),
        calendar=CALENDAR, hours=DEFAULT_HOURS, party=Party.BUREAU,
    )  # fmt: skip
    at = START
    for minutes, party, kind in switches:
        at += timedelta(minutes=minutes)
        extra = 2 if kind is IntervalKind.EXTENDED else 0
        clock = switch(clock, Interval(start=at, party=party, kind=kind, extra_days=extra))
    return clock


@given(
    switches=SWITCHES, more=st.integers(0, 60 * 24 * 20), stops=st.booleans(), unit=st.sampled_from(LimitUnit)
)
def test_every_second_belongs_to_one_party_and_every_counted_day_to_one_row(
    switches: list[tuple[int, Party, IntervalKind]], more: int, stops: bool, unit: LimitUnit
) -> None:
    clock = built(switches, unit)
    now = clock.intervals[-1].start + timedelta(minutes=more)
    if stops and (more or not clock.intervals[-1].extra_days):
        clock = stop_clock(clock, now)

    assert sum(time_by_party(clock, now).values(), timedelta()) == now - START
    days = counted_days(clock, CALENDAR, DEFAULT_HOURS, now)
    assert len(days) == len(clock.intervals)
    assert min(days, default=0) >= 0
    assert sum(days) == elapsed(clock, CALENDAR, DEFAULT_HOURS, now).used_days
