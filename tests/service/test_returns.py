"""Sending a case back: to which steps, what happens to the branches beside it, to data, drafts and limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from banjie.domain.definitions import ReturnLimit
from banjie.domain.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    StaleVersion,
    TaskClosed,
    TaskTaken,
)
from banjie.domain.proceedings import ProceedingKind, ProceedingStatus, words_hash
from banjie.domain.returns import MOST_RETURNS, NotPassed, OtherBranches, SiblingsUndecided, TooManyReturns
from banjie.domain.worklist import Tab
from banjie.services import demo, handovers, instances, people, returns, tasks
from support.branches import BranchesOffice
from support.office import Office, checked
from support.threads import at_once

REASON = "材料有误，请核对"


@pytest.fixture
def branches(database_url: str, tmp_path: Path) -> Iterator[BranchesOffice]:
    with checked(BranchesOffice(database_url, tmp_path)) as running:
        yield running


def at_bank(office: Office) -> tuple[str, int]:
    """A case at the bank, and the task that 孙丽 holds."""
    case_no = office.apply()
    task = office.advance_to(case_no, "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)
    return case_no, task.id


# ── to where ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_choices_are_the_steps_passed_with_what_was_submitted(office: Office) -> None:
    _, task_id = at_bank(office)

    found = returns.choices(office.rt, office.actors["sun"], task_id)

    assert [one.passed.element for one in found] == ["Investigate", "Review", "Accept"]
    assert [one.passed.by_name for one in found] == ["钱进", "赵敏", "赵敏"]
    assert found[1].passed.values["approved_amount"] == 150_000
    assert all(one.siblings == () and one.limit is ReturnLimit.NEW for one in found)
    with pytest.raises(NotFound):
        returns.choices(office.rt, office.actors["jiang"], task_id)


def test_a_returned_step_lies_with_who_did_it_and_offers_what_they_submitted(office: Office) -> None:
    case_no, task_id = at_bank(office)
    data = office.view(case_no).instance.data

    assert returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON)

    again = office.open_task(case_no)
    assert (again.element, again.assignee_name) == ("Review", "赵敏")
    seen = tasks.read(office.rt, office.actors["zhao"], again.id)
    assert seen.draft is not None
    assert seen.draft["approved_amount"] == 150_000
    assert office.view(case_no).instance.data == data
    mine = tasks.inbox(office.rt, office.actors["zhao"], Tab.MINE).rows
    assert [row.task_id for row in mine] == [again.id]


def test_a_return_stands_on_record_with_the_hash_of_its_reason(office: Office) -> None:
    case_no, task_id = at_bank(office)

    returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON)

    view = office.view(case_no)
    event = next(one for one in view.events if one.type == "task.returned")
    assert (event.actor, event.task_id, event.facts["to"]) == ("孙丽", task_id, "Review")
    assert event.facts["words"] == words_hash(REASON)
    kept = view.proceedings[-1]
    assert (kept.kind, kept.status, kept.reason, kept.element) == (
        ProceedingKind.RETURN, ProceedingStatus.DONE, REASON, "Review",
    )  # fmt: skip


def test_a_returned_case_goes_its_way_again_with_what_is_submitted_anew(office: Office) -> None:
    case_no, task_id = at_bank(office)
    returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON)

    office.complete(case_no, approved_amount=120_000)

    assert office.open_elements(case_no) == ["Investigate"]
    view = office.view(case_no)
    review = view.instance.data["review"]
    assert isinstance(review, dict)
    assert review["approved_amount"] == 120_000
    assert [row.variable for row in view.submissions].count("review") == 2


def test_a_step_whose_officer_has_left_is_offered_to_its_group(office: Office) -> None:
    case_no, task_id = at_bank(office)
    people.set_active(office.rt, "qian", active=False)

    returns.send_back(office.rt, office.actors["sun"], task_id, "Investigate", REASON)

    assert office.open_task(case_no).assignee_id is None


def test_an_accepted_case_may_go_back_to_the_acceptance_and_stays_accepted(office: Office) -> None:
    case_no, task_id = at_bank(office)
    accepted_at = office.view(case_no).instance.accepted_at
    office.clock.pass_(hours=1)

    returns.send_back(office.rt, office.actors["sun"], task_id, "Accept", REASON)
    office.complete(case_no)

    assert office.view(case_no).instance.accepted_at == accepted_at
    running = [one for one in office.view(case_no).clocks if one.stored.clock.stopped_at is None]
    assert sorted(one.stored.clock.kind.value for one in running) == ["promised", "step"]


# ── refused ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("target", ["Disburse", "BankAccept", "Reviewed", "Nothing", ""])
def test_a_case_does_not_go_where_it_has_not_been(office: Office, target: str) -> None:
    _, task_id = at_bank(office)

    with pytest.raises(NotPassed):
        returns.send_back(office.rt, office.actors["sun"], task_id, target, REASON)


def test_only_the_holder_returns_a_case(office: Office) -> None:
    case_no, task_id = at_bank(office)

    with pytest.raises(TaskTaken):
        returns.send_back(office.rt, office.actors["li"], task_id, "Review", REASON)
    for stranger in ("zhao", "jiang", "wang", "feng", "zheng"):
        with pytest.raises(NotFound):
            returns.send_back(office.rt, office.actors[stranger], task_id, "Review", REASON)
    tasks.release(office.rt, office.actors["sun"], task_id)
    with pytest.raises(Forbidden):
        returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON)
    assert office.open_elements(case_no) == ["BankAccept"]


def test_a_return_needs_a_reason_and_the_version_seen(office: Office) -> None:
    _, task_id = at_bank(office)

    with pytest.raises(InvalidRequest):
        returns.send_back(office.rt, office.actors["sun"], task_id, "Review", " ")
    with pytest.raises(StaleVersion):
        returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON, expected_version=1)


def test_a_task_that_is_out_for_an_opinion_or_closed_is_not_returned(office: Office) -> None:
    case_no, task_id = at_bank(office)
    handovers.delegate(office.rt, office.actors["sun"], task_id, "li", REASON)

    with pytest.raises(Conflict):
        returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON)
    instances.cancel(office.rt, office.actors["zheng"], case_no, "重复申请")
    with pytest.raises(TaskClosed):
        returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON)


def test_a_case_is_returned_to_one_step_so_often_only(office: Office) -> None:
    case_no = office.apply()
    for _ in range(MOST_RETURNS):
        task = office.advance_to(case_no, "Review")
        tasks.claim(office.rt, office.actors["zhao"], task.id)
        returns.send_back(office.rt, office.actors["zhao"], task.id, "Accept", REASON)
    task = office.advance_to(case_no, "Review")
    tasks.claim(office.rt, office.actors["zhao"], task.id)

    with pytest.raises(TooManyReturns) as refused:
        returns.send_back(office.rt, office.actors["zhao"], task.id, "Accept", REASON)
    assert refused.value.facts["target"] == "Accept"


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_returned_step_has_a_fresh_limit(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "Review")
    office.tick("2026-09-08 15:00")
    task = office.advance_to(case_no, "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)

    returns.send_back(office.rt, office.actors["sun"], task.id, "Review", REASON)

    due_at = office.open_task(case_no).due_at
    assert due_at is not None
    assert due_at.isoformat().startswith("2026-09-10T")  # two working days from the 8th


def test_a_step_may_have_what_was_left_of_its_limit(branches: BranchesOffice) -> None:
    case_no = branches.begin()  # three working days, from Monday the 7th
    branches.tick("2026-09-08 15:00")
    branches.done(case_no, "Check")
    branches.tick("2026-09-10 09:00")
    task_id = branches.held(case_no, "Left")

    returns.send_back(
        branches.rt, branches.actors["zhao"], task_id, "Check", REASON, siblings=OtherBranches.CANCEL
    )

    due_at = branches.open_task(case_no).due_at
    assert due_at is not None
    assert due_at.isoformat().startswith("2026-09-14T")  # one day was used, two are left
    event = next(one for one in branches.view(case_no).events if one.type == "task.returned")
    assert (event.facts["limit"], event.facts["days"]) == ("rest", 2)


def test_a_step_that_was_late_is_due_the_same_day(branches: BranchesOffice) -> None:
    case_no = branches.begin()  # three working days, from Monday the 7th
    branches.tick("2026-09-16 15:00")
    branches.done(case_no, "Check")
    task_id = branches.held(case_no, "Left")

    returns.send_back(
        branches.rt, branches.actors["zhao"], task_id, "Check", REASON, siblings=OtherBranches.CANCEL
    )

    due_at = branches.open_task(case_no).due_at
    assert due_at is not None
    assert due_at.isoformat().startswith("2026-09-16T")


def test_only_a_head_says_another_limit_than_the_diagram(branches: BranchesOffice) -> None:
    case_no = branches.forked()
    task_id = branches.held(case_no, "Left")

    with pytest.raises(Forbidden):
        returns.send_back(
            branches.rt, branches.actors["zhao"], task_id, "Check", REASON, siblings=OtherBranches.CANCEL,
            limit=ReturnLimit.NEW,
        )  # fmt: skip


# ── the branches beside it ───────────────────────────────────────────────────────────────────────────


def test_a_return_out_of_a_block_asks_what_becomes_of_the_others(branches: BranchesOffice) -> None:
    case_no = branches.forked()
    task_id = branches.held(case_no, "Left")

    choice = returns.choices(branches.rt, branches.actors["zhao"], task_id)[0]
    with pytest.raises(SiblingsUndecided) as refused:
        returns.send_back(branches.rt, branches.actors["zhao"], task_id, "Check", REASON)

    assert [one.element for one in choice.siblings] == ["Right"]
    assert refused.value.facts["siblings"] == ["Right"]


def test_cancelled_branches_are_done_again(branches: BranchesOffice) -> None:
    case_no = branches.forked()
    task_id = branches.held(case_no, "Left")

    returns.send_back(
        branches.rt, branches.actors["zhao"], task_id, "Check", REASON, siblings=OtherBranches.CANCEL
    )

    assert branches.open_elements(case_no) == ["Check"]
    branches.done(case_no, "Check")
    assert sorted(branches.open_elements(case_no)) == ["Left", "Right"]
    for element in ("Left", "Right", "Close"):
        branches.done(case_no, element)
    assert branches.view(case_no).instance.outcome == "done"


def test_kept_branches_go_on(branches: BranchesOffice) -> None:
    case_no = branches.forked()
    right = branches.open_task(case_no, "Right").id
    task_id = branches.held(case_no, "Left")

    returns.send_back(
        branches.rt, branches.actors["zhao"], task_id, "Check", REASON, siblings=OtherBranches.KEEP
    )

    assert branches.open_task(case_no, "Right").id == right
    branches.done(case_no, "Right")
    branches.done(case_no, "Check")
    assert branches.open_elements(case_no) == ["Left"]
    branches.done(case_no, "Left")
    branches.done(case_no, "Close")
    assert branches.view(case_no).instance.outcome == "done"


def waiting(branches: BranchesOffice) -> tuple[str, int]:
    case_no = branches.forked()
    task_id = branches.held(case_no, "Left")
    done = returns.send_back(
        branches.rt, branches.actors["zhao"], task_id, "Check", REASON, siblings=OtherBranches.WAIT
    )
    assert not done
    return case_no, task_id


def test_a_return_waits_until_the_others_are_through(branches: BranchesOffice) -> None:
    case_no, _ = waiting(branches)
    assert sorted(branches.open_elements(case_no)) == ["Left", "Right"]
    with pytest.raises(Conflict):
        branches.done(case_no, "Left")

    branches.done(case_no, "Right")

    assert branches.open_elements(case_no) == ["Check"]
    view = branches.view(case_no)
    returned = [one for one in view.proceedings if one.kind is ProceedingKind.RETURN]
    assert [one.status for one in returned] == [ProceedingStatus.DONE]
    assert branches.open_task(case_no).assignee_name == "赵敏"
    assert "task.returned" in {event.type for event in view.events}


def test_a_return_follows_where_a_timer_ends_the_other_branch(branches: BranchesOffice) -> None:
    case_no, _ = waiting(branches)

    branches.tick(days=31)

    assert branches.open_elements(case_no) == ["Check"]
    view = branches.view(case_no)
    assert view.proceedings[0].status is ProceedingStatus.DONE
    assert [event.type for event in view.events].count("task.returned") == 1


def test_a_return_that_waits_is_given_up(branches: BranchesOffice) -> None:
    case_no, task_id = waiting(branches)

    returns.cancel_wait(branches.rt, branches.actors["zhao"], task_id)

    branches.done(case_no, "Left")
    branches.done(case_no, "Right")
    assert branches.open_elements(case_no) == ["Close"]
    status = [one.status for one in branches.view(case_no).proceedings if one.kind is ProceedingKind.RETURN]
    assert status == [ProceedingStatus.TAKEN_BACK]
    with pytest.raises(TaskClosed):
        returns.cancel_wait(branches.rt, branches.actors["zhao"], task_id)


def test_only_the_holder_and_the_head_give_up_a_return_that_waits(branches: BranchesOffice) -> None:
    _, task_id = waiting(branches)

    with pytest.raises(TaskTaken):
        returns.cancel_wait(branches.rt, branches.actors["han"], task_id)
    with pytest.raises(NotFound):
        returns.cancel_wait(branches.rt, branches.actors["jiang"], task_id)
    returns.cancel_wait(branches.rt, branches.actors["zhou"], task_id)
    with pytest.raises(Conflict):
        returns.cancel_wait(branches.rt, branches.actors["zhou"], task_id)


def test_two_returns_of_a_case_do_not_wait_for_each_other(branches: BranchesOffice) -> None:
    case_no, _ = waiting(branches)
    right = branches.held(case_no, "Right")

    with pytest.raises(Conflict):
        returns.send_back(
            branches.rt, branches.actors["jiang"], right, "Check", REASON, siblings=OtherBranches.WAIT
        )
    returns.send_back(
        branches.rt, branches.actors["jiang"], right, "Check", REASON, siblings=OtherBranches.CANCEL
    )

    returned = [one for one in branches.view(case_no).proceedings if one.kind is ProceedingKind.RETURN]
    assert [one.status for one in returned] == [ProceedingStatus.LAPSED, ProceedingStatus.DONE]
    assert branches.open_elements(case_no) == ["Check"]


def test_a_case_that_ends_closes_the_return_that_waits(branches: BranchesOffice) -> None:
    case_no, _ = waiting(branches)

    instances.withdraw(branches.rt, branches.actors["wang"], case_no, "不再需要")

    assert branches.view(case_no).proceedings[0].status is ProceedingStatus.LAPSED


# ── at once ──────────────────────────────────────────────────────────────────────────────────────────


def test_of_a_completion_and_a_return_at_once_one_is_done(office: Office) -> None:
    for _ in range(5):
        case_no, task_id = at_bank(office)
        command = tasks.CompleteTask(
            task_id=task_id, by=office.actors["sun"], submission=demo.answer("BankAccept", office.rt.today())
        )

        def send_back(task_id: int = task_id) -> bool:
            return returns.send_back(office.rt, office.actors["sun"], task_id, "Review", REASON)

        def complete(command: tasks.CompleteTask = command) -> tasks.Completed:
            return tasks.complete(office.rt, command)

        ends = at_once([send_back, complete])

        assert sum(isinstance(end, TaskClosed) for end in ends) == 1
        assert office.open_elements(case_no) == (["Review"] if ends[0] is True else ["ArrangeSecurity"])
