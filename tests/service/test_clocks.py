"""Which clocks a case has, what they show, and who has the case in hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from banjie.domain.calendar import legal_date
from banjie.domain.clock import ClockKind, ClockState, Party, check_partition, time_by_party
from banjie.domain.errors import BanjieError
from banjie.services import instances
from banjie.services.instances import ClockView
from support.office import Office


def clock_of(office: Office, case_no: str, kind: ClockKind, element: str | None = None) -> ClockView:
    found = [
        clock
        for clock in office.view(case_no).clocks
        if clock.stored.clock.kind is kind and element in (None, clock.stored.clock.subject.element)
    ]
    assert len(found) == 1
    return found[0]


def walked(office: Office) -> str:
    """A case approved in a week, an hour or a day a step."""
    case_no = office.apply(amount=80_000)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("2026-09-07 11:00", "Accept", {}),
        ("2026-09-08 09:00", "Review", {"approved_amount": 80_000}),
        ("2026-09-09 15:00", "Investigate", {}),
        ("2026-09-10 10:00", "BankAccept", {}),
        ("2026-09-11 16:00", "Disburse", {"disbursed_amount": 80_000}),
    )
    for moment, element, more in steps:
        office.tick(moment)
        office.complete(case_no, element, **more)
    return case_no


@pytest.mark.parametrize(
    ("element", "working_days"),
    [("Accept", 5), ("Review", 2), ("Investigate", 3), ("BankAccept", 1), ("Disburse", 5)],
)
def test_a_step_is_due_at_the_close_of_its_last_working_day(
    office: Office, element: str, working_days: int
) -> None:
    case_no = office.apply(amount=80_000)
    while element not in office.open_elements(case_no):
        office.complete(case_no, **amount_at(office.open_elements(case_no)[0]))

    due = office.open_task(case_no).due_at
    assert due is not None
    local = due.astimezone(office.clock.now.tzinfo)
    expected = office.rt.calendars.calendar_for().nth(office.rt.today(), working_days)
    assert (local.date(), local.strftime("%H:%M")) == (expected, "17:30")


def amount_at(element: str) -> dict[str, Any]:
    return {"Review": {"approved_amount": 80_000}, "Disburse": {"disbursed_amount": 80_000}}.get(element, {})


def test_the_bank_step_runs_from_acceptance_through_security_to_payment(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "ArrangeSecurity")
    span = clock_of(office, case_no, ClockKind.STEP, "BankLoan")
    office.tick("2026-09-08 10:00")

    office.complete(case_no, "ArrangeSecurity")

    task = office.open_task(case_no, "Disburse")
    assert (task.clock_id, task.due_at) == (span.stored.id, span.stored.due.at)


def test_the_case_clock_starts_with_the_acceptance(office: Office) -> None:
    case_no = office.apply()
    kinds = {clock.stored.clock.kind for clock in office.view(case_no).clocks}
    assert kinds == {ClockKind.ACCEPTANCE, ClockKind.STEP}
    office.clock.set("2026-09-08 15:00")

    office.complete(case_no, "Accept")

    promised = clock_of(office, case_no, ClockKind.PROMISED).stored
    assert promised.clock.start == datetime.fromisoformat("2026-09-08T15:00+08:00")
    assert promised.clock.limit.parameter == "guarantee_loan/promised_total"


def test_an_application_that_is_not_accepted_starts_no_case_clock(office: Office) -> None:
    case_no = office.apply()

    office.complete(case_no, submission={"decision": "not_accept", "reasons": "不属于本机关受理范围"})

    view = office.view(case_no)
    assert {clock.stored.clock.kind for clock in view.clocks} == {ClockKind.ACCEPTANCE, ClockKind.STEP}
    assert view.instance.accepted_at is None


def test_the_case_clock_passes_from_party_to_party_without_gap_or_overlap(office: Office) -> None:
    case_no = walked(office)

    clock = clock_of(office, case_no, ClockKind.PROMISED).stored.clock
    check_partition(clock)
    assert [interval.party for interval in clock.intervals] == [Party.BUREAU, Party.GUARANTOR, Party.BANK]
    assert all(earlier.end == later.start for earlier, later in pairwise(clock.intervals))


def test_what_the_parties_used_sums_to_the_whole_time(office: Office) -> None:
    case_no = walked(office)

    clock = clock_of(office, case_no, ClockKind.PROMISED).stored.clock
    spent = time_by_party(clock, office.rt.now())
    assert spent == {
        Party.BUREAU: timedelta(hours=22),
        Party.GUARANTOR: timedelta(days=1, hours=6),
        Party.BANK: timedelta(days=2, hours=1),
    }
    assert clock.stopped_at is not None
    assert sum(spent.values(), timedelta()) == clock.stopped_at - clock.start


def test_all_clocks_stop_when_the_case_ends(office: Office) -> None:
    case_no = walked(office)

    assert {clock.state for clock in office.view(case_no).clocks} == {ClockState.STOPPED}


@pytest.mark.parametrize("by", ["wang", "zhou"])
def test_all_clocks_stop_when_the_case_is_withdrawn_or_cancelled(office: Office, by: str) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "Investigate")
    office.clock.pass_(days=1)

    end = instances.withdraw if by == "wang" else instances.cancel
    end(office.rt, office.actors[by], case_no, "不再需要贷款")

    view = office.view(case_no)
    assert {clock.state for clock in view.clocks} == {ClockState.STOPPED}
    for clock in view.clocks:
        check_partition(clock.stored.clock)


def test_a_light_turns_yellow_a_working_day_before_and_red_at_the_limit(office: Office) -> None:
    case_no = office.apply()
    office.complete(case_no, "Accept")
    lights = {}

    for moment in ("2026-09-08 17:29:59", "2026-09-08 17:30", "2026-09-09 17:29:59", "2026-09-09 17:30"):
        office.tick(moment)
        lights[moment] = clock_of(office, case_no, ClockKind.STEP, "Review").state.value

    assert list(lights.values()) == ["green", "yellow", "yellow", "red"]


def test_a_day_without_a_value_opens_the_step_without_a_limit_and_says_so(office: Office) -> None:
    office.clock.set("2020-06-01 09:30")
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")

    view = office.view(case_no)
    assert (view.clocks, view.tasks[0].due_at) == ([], None)
    said = [
        (event.element, event.facts["parameter"])
        for event in view.events
        if event.type == "clock.not_started"
    ]
    assert said == [
        ("Accept", "common/acceptance_limit"),
        ("Accept", "guarantee_loan/acceptance_limit"),
        (None, "guarantee_loan/promised_total"),
        ("Review", "guarantee_loan/review_limit"),
    ]


def test_a_task_without_a_limit_stands_last_in_the_inbox(office: Office) -> None:
    office.clock.set("2020-06-01 09:30")
    old = office.open_task(office.apply(amount=80_000))
    office.clock.set("2026-09-07 10:00")
    new = office.open_task(office.apply())

    with office.rt.store.read() as uow:
        rows = uow.lists.inbox([new.candidate_principal], after=None, limit=10)
    assert [row.task_id for row in rows] == [new.id, old.id]


def test_the_law_of_the_day_of_acceptance_holds_to_the_end(office: Office) -> None:
    office.clock.set("2023-06-20 09:30")  # five days before the step limits came into force
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")
    office.clock.set("2023-07-03 09:30")

    office.complete(case_no, "Review", approved_amount=80_000)

    assert office.open_task(case_no, "Investigate").due_at is None


def test_a_limit_that_reaches_into_a_year_without_notice_is_provisional(office: Office) -> None:
    office.clock.set("2026-12-28 10:00")

    case_no = office.apply()

    due = clock_of(office, case_no, ClockKind.STEP, "Accept").stored.due
    assert due.provisional
    assert legal_date(due.at).year == 2027


def test_a_limit_within_the_known_years_is_not_provisional(office: Office) -> None:
    case_no = office.apply()

    assert not clock_of(office, case_no, ClockKind.STEP, "Accept").stored.due.provisional


def test_a_case_of_a_day_beyond_every_calendar_is_refused_and_leaves_nothing(office: Office) -> None:
    office.clock.set("2003-12-31 10:00")

    case_no = office.apply(amount=80_000)  # no limit is in force in 2003, and none is counted

    assert office.open_task(case_no).due_at is None
    office.clock.set("9999-12-31 10:00")
    with pytest.raises(BanjieError):
        office.apply()
    rows, _ = instances.my_cases(office.rt, office.actors["wang"])
    assert [row.case_no for row in rows] == [case_no]
