"""Deemed acceptance: who is told, what is on record, and when the clock of acceptance stops."""

from __future__ import annotations

import pytest

from banjie.domain.clock import ClockKind, ClockState
from banjie.domain.tasks import TaskStatus
from banjie.services import instances, notices, procedures, tasks
from banjie.services.instances import ClockView
from support.office import Office

#: The case is received on Monday 7 September 2026 at ten; the five days end on the 14th.
CLOSE = "2026-09-14 17:30"


def acceptance(office: Office, case_no: str) -> ClockView:
    [found] = [one for one in office.view(case_no).clocks if one.stored.clock.kind is ClockKind.ACCEPTANCE]
    return found


def told(office: Office, case_no: str, who: str) -> list[str]:
    notices.deliver(office.rt, office.view(case_no).instance.id)
    with office.rt.store.read() as uow:
        return [row.template for row in uow.lists.notices(office.actors[who].account_id, limit=20)]


@pytest.mark.parametrize("service", ["guarantee-loan-individual", "guarantee-loan-sme"])
def test_the_law_completes_the_step_and_the_case_goes_on(office: Office, service: str) -> None:
    case_no = office.apply(service)
    task = office.open_task(case_no)

    office.tick(CLOSE)

    assert office.open_elements(case_no) == ["Review"]
    with office.rt.store.read() as uow:
        closed = uow.cases.task(task.id)
    assert closed is not None
    assert (closed.status, closed.closed_by) == (TaskStatus.COMPLETED, None)
    last = office.view(case_no).submissions[-1]
    assert (last.variable, last.by, last.values) == ("acceptance", "", {"decision": "accept", "deemed": True})


def test_the_officer_is_warned_the_day_before_and_head_and_applicant_are_told(office: Office) -> None:
    case_no = office.apply()
    office.tick("2026-09-11 17:30")
    assert "deadline_warned" in told(office, case_no, "zhao")
    assert "deemed_accepted" not in told(office, case_no, "zhou")

    office.tick(CLOSE)

    assert "deemed_accepted" in told(office, case_no, "zhou")
    assert "deemed_accepted" in told(office, case_no, "wang")


def test_a_task_in_an_officers_hands_is_no_excuse(office: Office) -> None:
    case_no = office.apply()
    tasks.claim(office.rt, office.actors["zhao"], office.open_task(case_no).id)

    office.tick(CLOSE)

    assert office.open_elements(case_no) == ["Review"]


def test_the_steps_own_lateness_is_on_record_although_the_law_ended_it(office: Office) -> None:
    case_no = office.apply()

    office.tick(CLOSE)

    view = office.view(case_no)
    missed = [event.element for event in view.events if event.type == "deadline.missed"]
    assert missed == ["Accept"]
    step = next(one for one in view.clocks if one.stored.clock.kind is ClockKind.STEP)
    assert (step.stored.missed, step.state) == (True, ClockState.STOPPED)


def test_the_clock_stops_with_the_decision_whichever_it_is(office: Office) -> None:
    accepted, refused = office.apply(), office.apply()
    office.clock.pass_(hours=3)

    office.complete(accepted)
    office.complete(refused, submission={"decision": "not_accept", "reasons": "不属于本机关受理范围"})

    for case_no in (accepted, refused):
        clock = acceptance(office, case_no).stored.clock
        assert clock.stopped_at == office.rt.now()
    office.tick(CLOSE)
    assert not [event for event in office.view(accepted).events if event.type == "instance.deemed_accepted"]
    assert office.view(accepted).instance.accepted_at == office.view(accepted).events[0].at.replace(hour=5)


def test_a_case_that_was_taken_back_is_not_accepted(office: Office) -> None:
    case_no = office.apply()
    instances.withdraw(office.rt, office.actors["wang"], case_no, "不再需要贷款")

    office.tick(CLOSE)

    assert office.view(case_no).instance.accepted_at is None


def test_a_suspension_without_a_ground_does_not_keep_the_law_from_accepting(office: Office) -> None:
    case_no = office.apply()
    proceeding = procedures.suspend(office.rt, office.actors["zhou"], case_no, "等待上级意见")

    office.tick(CLOSE)

    view = office.view(case_no)
    assert (office.open_elements(case_no), view.instance.hold) == (["Review"], proceeding)


def test_fired_twice_it_is_deemed_once(office: Office) -> None:
    case_no = office.apply()
    office.tick(CLOSE)
    office.tick(CLOSE)
    office.tick("2026-09-15 09:00")

    kinds = [event.type for event in office.view(case_no).events]
    assert kinds.count("instance.deemed_accepted") == 1


def test_a_day_without_a_value_starts_no_clock_of_acceptance(office: Office) -> None:
    office.clock.set("2020-06-01 09:30")
    case_no = office.apply(amount=80_000)

    assert office.view(case_no).clocks == []
    office.tick("2020-07-01 09:30")
    assert office.open_elements(case_no) == ["Accept"]
