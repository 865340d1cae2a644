"""Excluded procedures and suspension: what holds a case, and whether its clocks wait meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from banjie.domain.clock import ClockState, Party
from banjie.domain.errors import BanjieError, Conflict, Forbidden, InstanceEnded, InvalidRequest, NotFound
from banjie.domain.proceedings import CaseHeld, ProceedingKind
from banjie.services import instances, notices, procedures, tasks
from support.office import Office

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def claimed(office: Office, element: str = "Review", by: str = "zhao") -> tuple[str, int]:
    case_no = office.apply(amount=80_000)
    while element not in office.open_elements(case_no):
        more: dict[str, Any] = (
            {"approved_amount": 80_000} if office.open_elements(case_no) == ["Review"] else {}
        )
        office.complete(case_no, **more)
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors[by], task.id)
    return case_no, task.id


def started(office: Office, ground: str = "hearing") -> tuple[str, int]:
    case_no, task_id = claimed(office)
    proceeding = procedures.start_excluded(
        office.rt, office.actors["zhao"], task_id, ground, "听告字〔2026〕3号", 10, "利害关系人申请听证"
    )
    return case_no, proceeding


def states(office: Office, case_no: str) -> set[ClockState]:
    running = [one for one in office.view(case_no).clocks if one.stored.clock.stopped_at is None]
    return {one.state for one in running}


def told(office: Office, case_no: str) -> dict[str, dict[str, object]]:
    """The applicant's notices by template."""
    notices.deliver(office.rt, office.view(case_no).instance.id)
    with office.rt.store.read() as uow:
        rows = uow.lists.notices(office.actors["wang"].account_id, limit=20)
    return {row.template: dict(row.facts) for row in rows}


def test_an_excluded_procedure_holds_the_case_and_stops_its_clocks_for_the_law(office: Office) -> None:
    case_no, proceeding = started(office)

    view = office.view(case_no)
    assert states(office, case_no) == {ClockState.PAUSED}
    assert view.instance.hold == proceeding
    running = [one.stored.clock for one in view.clocks if one.stored.clock.stopped_at is None]
    last = [clock.intervals[-1] for clock in running]
    assert {(one.party, one.ground, one.citation, one.document) for one in last} == {
        (Party.LAW, "hearing", "licensing-law 第四十五条", "听告字〔2026〕3号")
    }
    with pytest.raises(CaseHeld):
        office.complete(case_no)


def test_the_applicant_is_told_the_time_that_is_needed(office: Office) -> None:
    case_no, _ = started(office)

    facts = told(office, case_no)["excluded_started"]

    assert (facts["ground"], facts["expected_days"]) == ("hearing", 10)
    shown = [one.kind for one in office.view(case_no, by="wang").proceedings]
    assert ProceedingKind.EXCLUDED in shown


def test_it_ends_by_a_document_and_the_clocks_count_on(office: Office) -> None:
    case_no, proceeding = started(office)
    office.tick("2026-09-14 15:00")

    procedures.end_excluded(office.rt, office.actors["zhao"], proceeding, "听证笔录", "听证结束")

    assert ClockState.PAUSED not in states(office, case_no)
    assert office.view(case_no).instance.hold is None
    assert "excluded_ended" in told(office, case_no)
    office.complete(case_no, approved_amount=80_000)
    with pytest.raises(Conflict) as refused:
        procedures.end_excluded(office.rt, office.actors["zhou"], proceeding, "听证笔录", "听证结束")
    assert (refused.value.facts["by"], refused.value.facts["at"]) == ("赵敏", office.rt.now())


@pytest.mark.parametrize(
    ("ground", "document", "days"),
    [
        ("lunch", "听告字3号", 10), ("supplement", "听告字3号", 10), ("hearing", " ", 10), ("hearing", "x" * 201, 10),
        ("hearing", "听告字3号", 0), ("hearing", "听告字3号", 367),
    ],
)  # fmt: skip
def test_a_ground_of_no_law_no_document_or_impossible_days_are_refused(
    office: Office, ground: str, document: str, days: int
) -> None:
    _, task_id = claimed(office)

    with pytest.raises(InvalidRequest):
        procedures.start_excluded(office.rt, office.actors["zhao"], task_id, ground, document, days, "理由")


@pytest.mark.parametrize(("by", "refusal"), [("qian", NotFound), ("wang", Forbidden), ("jiang", NotFound)])
def test_only_who_began_it_or_the_head_ends_it(office: Office, by: str, refusal: type[BanjieError]) -> None:
    _, proceeding = started(office)

    with pytest.raises(refusal):
        procedures.end_excluded(office.rt, office.actors[by], proceeding, "听证笔录", "听证结束")
    procedures.end_excluded(office.rt, office.actors["zhou"], proceeding, "听证笔录", "听证结束")


def test_the_words_and_the_document_are_only_hashed_in_the_record(office: Office) -> None:
    case_no, proceeding = started(office)
    procedures.end_excluded(office.rt, office.actors["zhao"], proceeding, "听证笔录七", "听证结束了")

    facts = str([event.facts for event in office.view(case_no).events])
    assert not any(words in facts for words in ("听告字", "利害关系人", "听证笔录七", "听证结束了"))


def test_grounds_are_counted_by_officer_for_who_watches_over(office: Office) -> None:
    _, first = started(office)
    started(office)
    started(office, "appraisal")
    # Monday the 7th to Monday the 14th: five working days.
    office.tick("2026-09-14 15:00")
    procedures.end_excluded(office.rt, office.actors["zhao"], first, "听证笔录", "听证结束")
    office.tick("2026-09-15 15:00")

    rows = procedures.counts(office.rt, office.actors["feng"], LONG_AGO)

    assert [(row.ground, row.officer, row.open, row.total, row.days) for row in rows] == [
        ("hearing", "赵敏", 1, 2, 5 + 6), ("appraisal", "赵敏", 1, 1, 6),
    ]  # fmt: skip
    assert procedures.counts(office.rt, office.actors["wu"], LONG_AGO) == []
    assert procedures.counts(office.rt, office.actors["zhou"], office.rt.now()) == []
    with pytest.raises(Forbidden):
        procedures.counts(office.rt, office.actors["zhao"], LONG_AGO)


# ── suspension ───────────────────────────────────────────────────────────────────────────────────────


def test_a_case_suspended_without_a_ground_is_held_while_its_clocks_run_on(office: Office) -> None:
    case_no, _ = claimed(office)

    proceeding = procedures.suspend(office.rt, office.actors["zhou"], case_no, "等待上级意见")

    assert ClockState.PAUSED not in states(office, case_no)
    with pytest.raises(CaseHeld):
        office.complete(case_no)
    procedures.resume(office.rt, office.actors["zhou"], proceeding, "意见已到")
    office.complete(case_no, approved_amount=80_000)
    assert {"suspended", "suspension_ended"} <= set(told(office, case_no))


def test_a_case_suspended_on_a_ground_of_the_law_has_its_clocks_stopped(office: Office) -> None:
    case_no, _ = claimed(office)
    zhao = office.actors["zhao"]

    proceeding = procedures.suspend(office.rt, zhao, case_no, "等待鉴定", "appraisal", "委托鉴定书")

    assert states(office, case_no) == {ClockState.PAUSED}
    procedures.resume(office.rt, zhao, proceeding, "鉴定意见已到")
    assert ClockState.PAUSED not in states(office, case_no)


def test_when_another_agencys_head_suspends_it_the_case_goes_back_to_who_had_it_in_hand(
    office: Office,
) -> None:
    case_no, _ = claimed(office, "Investigate", "qian")
    zhou = office.actors["zhou"]
    proceeding = procedures.suspend(office.rt, zhou, case_no, "等待鉴定", "appraisal", "委托鉴定书")
    office.tick(hours=2)

    procedures.resume(office.rt, zhou, proceeding, "鉴定意见已到")

    running = [one.stored.clock for one in office.view(case_no).clocks if one.stored.clock.stopped_at is None]
    assert {clock.intervals[-1].party for clock in running} == {Party.GUARANTOR}


@pytest.mark.parametrize(("ground", "document"), [("lunch", "函"), ("hearing", None), ("hearing", " ")])
def test_a_ground_that_stops_no_clock_or_has_no_document_is_refused(
    office: Office, ground: str, document: str | None
) -> None:
    case_no, _ = claimed(office)

    with pytest.raises(InvalidRequest):
        procedures.suspend(office.rt, office.actors["zhou"], case_no, "理由", ground, document)


@pytest.mark.parametrize(("by", "refusal"), [("wang", Forbidden), ("feng", Forbidden), ("liu", NotFound)])
def test_others_suspend_nothing(office: Office, by: str, refusal: type[BanjieError]) -> None:
    case_no, _ = claimed(office)

    with pytest.raises(refusal):
        procedures.suspend(office.rt, office.actors[by], case_no, "理由")


def test_a_case_is_held_by_one_proceeding_at_a_time_and_says_by_whose(office: Office) -> None:
    case_no, task_id = claimed(office)
    zhou, zhao = office.actors["zhou"], office.actors["zhao"]
    proceeding = procedures.suspend(office.rt, zhou, case_no, "等待上级意见")

    with pytest.raises(CaseHeld) as refused:
        procedures.start_excluded(office.rt, zhao, task_id, "hearing", "听告字3号", 5, "听证")
    assert (refused.value.facts["kind"], refused.value.facts["by"]) == ("suspension", "周局长")
    with pytest.raises(CaseHeld):
        procedures.suspend(office.rt, zhou, case_no, "再次")
    with pytest.raises(Forbidden):
        procedures.resume(office.rt, zhao, proceeding, "继续")
    with pytest.raises(NotFound):
        procedures.end_excluded(office.rt, zhou, proceeding, "函", "继续")


def test_an_ended_case_is_not_suspended(office: Office) -> None:
    case_no, _ = claimed(office)
    instances.withdraw(office.rt, office.actors["wang"], case_no, "不再需要贷款")

    with pytest.raises(InstanceEnded):
        procedures.suspend(office.rt, office.actors["zhou"], case_no, "理由")


def test_what_holds_a_case_is_told_with_what_may_be_done(office: Office) -> None:
    case_no, task_id = claimed(office)
    rt, people = office.rt, office.actors
    assert procedures.choices(rt, people["zhao"], task_id).may_start
    assert [procedures.holding(rt, people[by], case_no).may_suspend for by in ("zhou", "zhao", "feng")] == [
        True, True, False,
    ]  # fmt: skip
    proceeding = procedures.suspend(rt, people["zhou"], case_no, "等待上级意见")

    held = procedures.holding(rt, people["zhou"], case_no)
    assert held.proceeding is not None
    assert (held.proceeding.id, held.may_end, held.may_suspend) == (proceeding, True, False)
    assert not procedures.holding(rt, people["zhao"], case_no).may_end
    assert procedures.choices(rt, people["zhao"], task_id).refusal == "case_held"
