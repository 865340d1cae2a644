"""Many tasks at once: each succeeds or fails by itself, approvals need green receipts, nothing is done twice."""

from __future__ import annotations

from typing import Any

import pytest

from banjie.domain.bulk import BulkKind, NotOfOneKind
from banjie.domain.errors import Conflict, InvalidRequest, NotFound
from banjie.domain.worklist import Tab
from banjie.services import bulk, tasks
from support.office import Office

APPROVAL = {"decision": "approve", "conditions_confirmed": True}


def reviews(office: Office, count: int, **more: Any) -> list[int]:
    """So many tasks of the eligibility review."""
    return [office.advance_to(office.apply(**more), "Review").id for _ in range(count)]


def start(office: Office, ids: list[int], by: str = "zhao", **more: Any) -> int:
    wish: dict[str, Any] = {"kind": BulkKind.COMPLETE, "submission": APPROVAL, **more}
    return bulk.start(
        office.rt,
        bulk.StartBulk(by=office.actors[by], items=[(task_id, None) for task_id in ids], **wish),
    )


def outcomes(office: Office, run: int, by: str = "zhao") -> list[tuple[str | None, str | None]]:
    return [
        (item.outcome and item.outcome.value, item.code)
        for item in bulk.progress(office.rt, office.actors[by], run).items
    ]


def test_many_approvals_are_one_record_each(office: Office) -> None:
    ids = reviews(office, 5)
    run = start(office, ids)
    assert outcomes(office, run) == [(None, None)] * 5

    with office.rt.store.read() as uow:
        queued = uow.db.rows("SELECT args FROM procrastinate_jobs WHERE task_name = 'run_bulk'")
    assert [row[0] for row in queued] == [{"bulk_id": run}]

    bulk.run(office.rt, run)

    progress = bulk.progress(office.rt, office.actors["zhao"], run)
    assert (progress.done, progress.failed, progress.handled, progress.bulk.total) == (5, 0, 5, 5)
    assert progress.bulk.finished_at is not None
    for item in progress.items:
        view = office.view(item.case_no)
        assert [task.element for task in view.tasks] == ["Investigate"]
        completed = [
            event for event in view.events if event.type == "task.completed" and event.element == "Review"
        ]
        assert [event.actor for event in completed] == [office.actors["zhao"].name]
        amount = next(row.values["approved_amount"] for row in view.submissions if row.element == "Review")
        application = view.instance.data["application"]
        assert isinstance(application, dict)
        assert amount == application["amount"]


def test_one_that_fails_neither_stops_nor_hides_the_others(office: Office) -> None:
    ids = reviews(office, 4)
    with office.rt.store.read() as uow:
        second = uow.cases.task(ids[1])
    assert second is not None
    office.complete(office.case_of(second))
    run = start(office, ids)

    bulk.run(office.rt, run)

    assert outcomes(office, run) == [
        ("done", None),
        ("failed", "task_closed"),
        ("done", None),
        ("done", None),
    ]


def test_a_case_whose_receipt_is_not_green_is_left_to_be_decided_alone(office: Office) -> None:
    good = reviews(office, 2)
    sme = office.advance_to(office.apply("guarantee-loan-sme", by="liu", new_hires=1), "Review")
    run = start(office, [good[0], sme.id, good[1]])

    bulk.run(office.rt, run)

    assert outcomes(office, run) == [("done", None), ("failed", "receipt_not_green"), ("done", None)]
    assert office.open_elements(office.case_of(sme)) == ["Review"]


def test_what_is_chosen_shows_which_cases_are_green(office: Office) -> None:
    good = reviews(office, 1)
    sme = office.advance_to(office.apply("guarantee-loan-sme", by="liu", new_hires=1), "Review")

    chosen = bulk.select(office.rt, office.actors["zhao"], [*good, sme.id])

    assert [one.green for one in chosen.candidates] == [True, False]
    assert (chosen.element, chosen.form, chosen.has_decision) == ("Review", "guarantee_loan/review", True)


def test_tasks_of_two_kinds_are_not_decided_together(office: Office) -> None:
    review = reviews(office, 1)[0]
    accept = office.open_task(office.apply()).id

    with pytest.raises(NotOfOneKind):
        start(office, [review, accept])


def test_a_refusal_is_not_given_to_many(office: Office) -> None:
    with pytest.raises(InvalidRequest):
        start(office, reviews(office, 2), submission={"decision": "refuse", "reasons": "材料不实"})


def test_tasks_of_another_agency_do_not_exist_and_none_or_a_double_is_refused(office: Office) -> None:
    ids = reviews(office, 1)
    with pytest.raises(NotFound):
        start(office, ids, by="qian")
    with pytest.raises(InvalidRequest):
        start(office, [])
    with pytest.raises(InvalidRequest):
        start(office, [*ids, *ids])
    with pytest.raises(InvalidRequest):
        start(office, list(range(1, 502)))


def test_many_are_claimed_and_those_of_others_are_told(office: Office) -> None:
    ids = [office.open_task(office.apply()).id for _ in range(3)]
    run = start(office, [*ids, 10**9], kind=BulkKind.CLAIM, submission={})

    bulk.run(office.rt, run)

    assert outcomes(office, run) == [("done", None)] * 3 + [("failed", "not_found")]
    assert {row.task_id for row in tasks.inbox(office.rt, office.actors["zhao"], Tab.MINE).rows} == set(ids)


def test_a_run_done_again_does_nothing_twice(office: Office) -> None:
    ids = reviews(office, 2)
    run = start(office, ids)
    command = tasks.CompleteTask(
        task_id=ids[0],
        by=office.actors["zhao"],
        submission=APPROVAL,
        idempotency_key=f"bulk:{run}:1",
        in_bulk=True,
    )
    tasks.complete(office.rt, command)  # as a worker would have that died before it could note it

    bulk.run(office.rt, run)
    bulk.run(office.rt, run)

    assert outcomes(office, run) == [("done", None), ("done", None)]


def test_a_stopped_run_skips_the_rest(office: Office) -> None:
    run = start(office, reviews(office, 2))

    bulk.stop(office.rt, office.actors["zhao"], run)
    bulk.run(office.rt, run)

    assert outcomes(office, run) == [("done", None), ("skipped", None)]
    with pytest.raises(Conflict):
        bulk.stop(office.rt, office.actors["zhao"], run)


def test_a_run_is_its_owners_business(office: Office) -> None:
    run = start(office, reviews(office, 1))

    for attempt in (bulk.progress, bulk.stop):
        with pytest.raises(NotFound):
            attempt(office.rt, office.actors["zhou"], run)
    assert [one.id for one in bulk.recent(office.rt, office.actors["zhao"])] == [run]
    assert bulk.recent(office.rt, office.actors["zhou"]) == []


def test_an_account_switched_off_meanwhile_decides_nothing(office: Office) -> None:
    run = start(office, reviews(office, 1))
    with office.rt.store.begin() as uow:
        uow.people.set_active("zhao", active=False)

    bulk.run(office.rt, run)

    with office.rt.store.read() as uow:
        assert [(item.outcome, item.code) for item in uow.bulks.items(run)] == [("failed", "not_found")]


def test_errors_of_a_run_are_the_domains(office: Office) -> None:
    run = start(office, reviews(office, 1), submission={"decision": "approve"})

    bulk.run(office.rt, run)

    assert outcomes(office, run) == [("failed", "invalid_submission")]
