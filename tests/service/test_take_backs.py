"""Taking back one's own completion: while nothing has followed, and what it restores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from banjie.domain.errors import Conflict, Forbidden, InstanceEnded, InvalidRequest, NotFound
from banjie.domain.handovers import Touched
from banjie.domain.proceedings import ProceedingKind, ProceedingStatus, words_hash
from banjie.domain.returns import AlreadyTold
from banjie.domain.tasks import Task
from banjie.services import returns, take_backs, tasks, urging
from support.branches import BranchesOffice
from support.office import Office, checked
from support.threads import at_once

REASON = "金额填写有误"


@pytest.fixture
def branches(database_url: str, tmp_path: Path) -> Iterator[BranchesOffice]:
    with checked(BranchesOffice(database_url, tmp_path)) as running:
        yield running


def reviewed(office: Office) -> tuple[str, int]:
    """A case whose review 赵敏 has just completed, and the task of the review."""
    case_no = office.apply()
    task = office.advance_to(case_no, "Review")
    office.complete(case_no)
    return case_no, task.id


def test_a_completion_is_taken_back_with_its_submission_as_draft(office: Office) -> None:
    case_no, task_id = reviewed(office)
    office.clock.pass_(minutes=5)

    opened = take_backs.take_back(office.rt, office.actors["zhao"], task_id, REASON)

    again = office.open_task(case_no)
    assert (again.id, again.element, again.assignee_name) == (opened, "Review", "赵敏")
    draft = tasks.read(office.rt, office.actors["zhao"], opened).draft
    assert draft is not None
    assert draft["approved_amount"] == 150_000
    assert "review" not in office.view(case_no).instance.data
    office.complete(case_no, approved_amount=100_000)
    assert office.open_elements(case_no) == ["Investigate"]


def test_a_taking_back_stands_on_record(office: Office) -> None:
    case_no, task_id = reviewed(office)

    take_backs.take_back(office.rt, office.actors["zhao"], task_id, REASON)

    view = office.view(case_no)
    event = next(one for one in view.events if one.type == "task.taken_back")
    assert (event.actor, event.task_id, event.facts["words"]) == ("赵敏", task_id, words_hash(REASON))
    kept = view.proceedings[-1]
    assert (kept.kind, kept.status, kept.reason) == (ProceedingKind.TAKE_BACK, ProceedingStatus.DONE, REASON)


def test_the_step_goes_on_with_what_was_left_of_its_limit(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "Review")  # two working days, from Monday the 7th
    office.tick("2026-09-08 15:00")
    office.complete(case_no)
    office.clock.pass_(minutes=30)

    take_backs.take_back(office.rt, office.actors["zhao"], task.id, REASON)

    due_at = office.open_task(case_no).due_at
    assert due_at is not None
    assert due_at.isoformat().startswith("2026-09-09T")


def test_what_was_submitted_before_stands_again(office: Office) -> None:
    case_no, _ = reviewed(office)
    investigate = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["qian"], investigate.id)
    returns.send_back(office.rt, office.actors["qian"], investigate.id, "Review", "请核对金额")
    second = office.open_task(case_no)
    office.complete(case_no, approved_amount=90_000)

    take_backs.take_back(office.rt, office.actors["zhao"], second.id, REASON)

    review = office.view(case_no).instance.data["review"]
    assert isinstance(review, dict)
    assert review["approved_amount"] == 150_000
    draft = tasks.read(office.rt, office.actors["zhao"], office.open_task(case_no).id).draft
    assert draft is not None
    assert draft["approved_amount"] == 90_000


def test_an_acceptance_taken_back_leaves_the_case_accepted(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)
    office.complete(case_no)
    accepted_at = office.view(case_no).instance.accepted_at
    office.clock.pass_(hours=2)

    take_backs.take_back(office.rt, office.actors["zhao"], task.id, REASON)
    office.complete(case_no)

    assert office.view(case_no).instance.accepted_at == accepted_at is not None


def next_task(office: Office, case_no: str) -> Task:
    return office.open_task(case_no, "Investigate")


@pytest.mark.parametrize("touch", ["claim", "claim and release", "draft", "complete"])
def test_what_somebody_has_touched_is_not_taken_back(office: Office, touch: str) -> None:
    case_no, task_id = reviewed(office)
    task, qian = next_task(office, case_no), office.actors["qian"]
    tasks.claim(office.rt, qian, task.id)
    if touch == "claim and release":
        tasks.release(office.rt, qian, task.id)
    if touch == "draft":
        tasks.save_draft(office.rt, qian, task.id, {"findings": "…"})
    if touch == "complete":
        office.complete(case_no)

    with pytest.raises(Touched):
        take_backs.take_back(office.rt, office.actors["zhao"], task_id, REASON)


def test_what_was_urged_is_not_taken_back(office: Office) -> None:
    case_no, task_id = reviewed(office)
    urging.urge(office.rt, office.actors["wang"], next_task(office, case_no).id)

    with pytest.raises(Touched):
        take_backs.take_back(office.rt, office.actors["zhao"], task_id, REASON)


def test_only_who_completed_a_task_takes_it_back(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "BankAccept")
    with pytest.raises(Conflict):
        take_backs.take_back(office.rt, office.actors["sun"], task.id, REASON)
    office.complete(case_no)

    with pytest.raises(Forbidden):
        take_backs.take_back(office.rt, office.actors["li"], task.id, REASON)
    for stranger in ("zhao", "wang", "jiang", "feng", "zheng"):
        with pytest.raises(NotFound):
            take_backs.take_back(office.rt, office.actors[stranger], task.id, REASON)
    with pytest.raises(InvalidRequest):
        take_backs.take_back(office.rt, office.actors["sun"], task.id, "")


def test_a_completion_that_ended_the_case_stands(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "Disburse")
    office.complete(case_no)

    with pytest.raises(InstanceEnded):
        take_backs.take_back(office.rt, office.actors["li"], task.id, REASON)


def test_a_branch_that_waits_at_the_join_is_taken_back(branches: BranchesOffice) -> None:
    case_no = branches.forked()
    left = branches.done(case_no, "Left")

    take_backs.take_back(branches.rt, branches.actors["zhao"], left, REASON)

    assert sorted(branches.open_elements(case_no)) == ["Left", "Right"]
    for element in ("Left", "Right", "Close"):
        branches.done(case_no, element)
    assert branches.view(case_no).instance.outcome == "done"


def test_a_branch_is_not_taken_back_when_the_other_has_gone_on(branches: BranchesOffice) -> None:
    case_no = branches.forked()
    left = branches.done(case_no, "Left")
    branches.done(case_no, "Right")

    with pytest.raises(Touched):
        take_backs.take_back(branches.rt, branches.actors["zhao"], left, REASON)


def test_the_opening_of_two_branches_is_taken_back(branches: BranchesOffice) -> None:
    case_no = branches.begin()
    check = branches.done(case_no, "Check")

    take_backs.take_back(branches.rt, branches.actors["zhao"], check, REASON)

    assert branches.open_elements(case_no) == ["Check"]
    branches.done(case_no, "Check")
    assert sorted(branches.open_elements(case_no)) == ["Left", "Right"]


def test_a_completion_that_told_the_applicant_stands(branches: BranchesOffice) -> None:
    case_no = branches.begin()
    check = branches.done(case_no, "Check", word="通知")
    assert branches.open_elements(case_no) == ["Noted"]

    with pytest.raises(AlreadyTold):
        take_backs.take_back(branches.rt, branches.actors["zhao"], check, REASON)


def test_of_a_claim_and_a_taking_back_at_once_one_is_done(office: Office) -> None:
    for _ in range(5):
        case_no, task_id = reviewed(office)
        task = next_task(office, case_no)

        def claim(task_id: int = task.id) -> int:
            return tasks.claim(office.rt, office.actors["qian"], task_id)

        def take_back(task_id: int = task_id) -> int:
            return take_backs.take_back(office.rt, office.actors["zhao"], task_id, REASON)

        ends = at_once([claim, take_back])

        assert sum(isinstance(end, Conflict) for end in ends) == 1
        assert office.open_elements(case_no) == (
            ["Review"] if isinstance(ends[0], Conflict) else ["Investigate"]
        )
