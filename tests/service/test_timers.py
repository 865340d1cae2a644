"""Warnings, lateness and escalation, whoever fires them and how often."""

from __future__ import annotations

import pytest

from banjie.domain.clock import ClockKind
from banjie.services import incidents, instances, notices, people, timers
from support.office import Office, run_worker


def deadline_events(office: Office, case_no: str, element: str | None) -> list[str]:
    return [
        event.type
        for event in office.view(case_no).events
        if event.type.startswith("deadline.") and event.element == element
    ]


def in_review(office: Office) -> str:
    case_no = office.apply()
    office.complete(case_no, "Accept")
    return case_no


def test_nothing_fires_before_its_instant(office: Office) -> None:
    case_no = in_review(office)

    assert office.tick("2026-09-08 17:29:59").fired == 0
    assert deadline_events(office, case_no, "Review") == []


def test_the_agency_is_warned_one_working_day_before(office: Office) -> None:
    case_no = in_review(office)

    assert office.tick("2026-09-08 17:30").fired == 1

    assert deadline_events(office, case_no, "Review") == ["deadline.warned"]


def test_a_missed_limit_is_recorded_and_escalated_to_the_head(office: Office) -> None:
    case_no = in_review(office)
    office.tick("2026-09-08 17:30")

    office.tick("2026-09-09 17:30")

    assert deadline_events(office, case_no, "Review") == [
        "deadline.warned",
        "deadline.missed",
        "deadline.escalated",
    ]
    escalated = next(event for event in office.view(case_no).events if event.type == "deadline.escalated")
    assert escalated.facts["to"] == "head"
    assert escalated.facts["parameter"] == "guarantee_loan/review_limit"


def test_the_head_of_the_step_s_agency_and_no_other_is_told(office: Office) -> None:
    case_no = in_review(office)
    office.tick("2026-09-09 18:00")

    notices.deliver(office.rt, office.view(case_no).instance.id)

    told = {
        name: [row.template for row in people.notices(office.rt, actor)]
        for name, actor in office.actors.items()
    }
    assert told["zhou"] == ["deadline_escalated"]
    assert told["zhao"] == ["deadline_missed"]
    assert told["wu"] == told["zheng"] == told["wang"] == []


def test_each_limit_of_every_party_is_escalated_in_its_own_house(office: Office) -> None:
    heads = {"Review": "zhou", "Investigate": "wu", "BankAccept": "zheng"}
    case_no = office.apply()
    for element, head in heads.items():
        office.advance_to(case_no, element)
        due = office.open_task(case_no).due_at
        assert due is not None
        office.tick(due)
        notices.deliver(office.rt, office.view(case_no).instance.id)
        newest = people.notices(office.rt, office.actors[head])[0]
        assert (newest.template, newest.facts["element"]) == ("deadline_escalated", element)


def test_who_comes_late_to_both_instants_records_the_lateness_only(office: Office) -> None:
    case_no = in_review(office)

    office.tick("2026-09-12 09:00")

    assert deadline_events(office, case_no, "Review") == ["deadline.missed", "deadline.escalated"]


def test_a_step_done_in_time_is_neither_warned_about_nor_missed(office: Office) -> None:
    case_no = in_review(office)
    office.complete(case_no, "Review")

    office.tick("2026-09-30 10:00")

    assert deadline_events(office, case_no, "Review") == []


def test_a_step_done_late_stops_its_clock_at_once(office: Office) -> None:
    case_no = in_review(office)
    office.tick("2026-09-10 10:00")

    office.complete(case_no, "Review")

    assert deadline_events(office, case_no, "Review") == ["deadline.missed", "deadline.escalated"]


def test_the_promised_limit_of_the_case_is_watched_too(office: Office) -> None:
    case_no = in_review(office)

    office.tick("2026-10-08 18:00")

    assert deadline_events(office, case_no, None) == ["deadline.missed", "deadline.escalated"]


def test_a_second_sweep_finds_nothing(office: Office) -> None:
    in_review(office)

    assert office.tick("2026-09-09 18:00").fired == 1
    assert office.tick().fired == 0


def test_a_withdrawn_case_fires_nothing_more(office: Office) -> None:
    case_no = in_review(office)
    instances.withdraw(office.rt, office.actors["wang"], case_no, "不再需要贷款")

    assert office.tick("2026-10-09 10:00").fired == 0


def test_firing_a_timer_too_early_or_twice_does_nothing(office: Office) -> None:
    case_no = in_review(office)
    view = office.view(case_no)
    clock = next(clock.stored for clock in view.clocks if clock.stored.clock.subject.element == "Review")

    assert timers.fire(office.rt, view.instance.id, clock.id, None) is False
    office.clock.set("2026-09-10 10:00")
    assert timers.fire(office.rt, view.instance.id, clock.id, None) is True
    assert timers.fire(office.rt, view.instance.id, clock.id, None) is False


def test_a_case_that_cannot_be_fired_holds_up_no_other(office: Office) -> None:
    broken, sound = in_review(office), in_review(office)
    with office.rt.store.begin() as uow:
        uow.db.run(
            "UPDATE clock SET unit = 'moons' WHERE element = 'Review' AND instance_id = %s",
            (office.view(broken).instance.id,),
        )
    office.clock.set("2026-09-10 10:00")

    swept = timers.sweep(office.rt)

    assert swept.fired == 1
    assert deadline_events(office, sound, "Review") == ["deadline.missed", "deadline.escalated"]
    (incident,) = incidents.open_incidents(office.rt, office.actors["wei"])
    assert (incident.job, incident.case_no) == ("fire_timer", broken)
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE clock SET unit = 'working_days'")
    incidents.retry(office.rt, office.actors["wei"], incident.id)
    assert deadline_events(office, broken, "Review") == ["deadline.missed", "deadline.escalated"]
    assert incidents.open_incidents(office.rt, office.actors["wei"]) == []


def test_the_worker_fires_what_is_due_and_tells_what_waits(office: Office) -> None:
    office.clock.set("2024-09-02 10:00")  # long past on the wall clock, by which the queue wakes its jobs
    case_no = office.apply()
    office.complete(case_no, "Accept")
    office.clock.set("2024-09-30 18:00")

    for _ in range(2):  # the firing leaves a message, which is a job of its own
        run_worker(office.rt, office.database_url)

    assert deadline_events(office, case_no, "Review") == ["deadline.missed", "deadline.escalated"]
    assert [row.template for row in people.notices(office.rt, office.actors["zhou"])] == [
        "deadline_escalated",
        "deadline_escalated",
    ]


@pytest.mark.parametrize("kind", [ClockKind.STEP, ClockKind.PROMISED])
def test_a_running_clock_has_exactly_one_live_timer(office: Office, kind: ClockKind) -> None:
    case_no = in_review(office)
    clocks = [clock.stored.id for clock in office.view(case_no).clocks if clock.stored.clock.kind is kind
              and clock.stored.clock.stopped_at is None]  # fmt: skip

    with office.rt.store.read() as uow:
        armed = uow.db.rows("SELECT clock_id, job_id FROM timer WHERE clock_id = ANY(%s)", (clocks,))

    assert [row[0] for row in armed] == clocks
    assert office.rt.live_jobs([row[1] for row in armed]) == {row[1] for row in armed}
