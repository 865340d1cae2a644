"""Jumps: one proposes, another consents; what a process owner sees; what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from banjie.domain.assignment import Membership, Role
from banjie.domain.errors import Conflict, FourEyes, InstanceEnded, InvalidRequest, NotFound, TaskClosed
from banjie.domain.proceedings import ProceedingStatus
from banjie.domain.step import Siblings
from banjie.services import demo, instances, jumps, people, tasks
from support.branches import BranchesOffice
from support.office import Office, checked
from support.threads import at_once

REASON = "系统升级前误入此环节"


@pytest.fixture
def branches(database_url: str, tmp_path: Path) -> Iterator[BranchesOffice]:
    with checked(BranchesOffice(database_url, tmp_path)) as running:
        yield running


def proposed(office: Office, target: str = "BankAccept", element: str = "Review") -> tuple[str, int]:
    """A case at a step, and the jump that 陈工 proposes."""
    case_no = office.apply()
    task = office.advance_to(case_no, element)
    number = jumps.propose(
        office.rt, office.actors["chen"], case_no, [task.id], target, REASON, Siblings.CANCEL
    )
    return case_no, number


def add_owner(office: Office, username: str, region: str = demo.LEAGUE) -> None:
    people.add_person(
        office.rt, username=username, password="a long password", display_name=username,
        memberships=[Membership(role=Role.PROCESS_OWNER, region=region)],
    )  # fmt: skip
    office.actors[username] = people.actor_named(office.rt, username)


def test_a_proposal_moves_nothing_until_the_head_consents(office: Office) -> None:
    case_no, number = proposed(office)
    assert office.open_elements(case_no) == ["Review"]

    jumps.consent(office.rt, office.actors["zheng"], number)

    assert office.open_elements(case_no) == ["BankAccept"]
    view = office.view(case_no)
    assert (view.proceedings[-1].status, view.proceedings[-1].closed_by_name) == (
        ProceedingStatus.GRANTED, "郑行长",
    )  # fmt: skip
    event = next(one for one in view.events if one.type == "jump.done")
    assert event.facts["proposed_by"] == office.actors["chen"].account_id
    office.complete(case_no)


def test_another_process_owner_consents(office: Office) -> None:
    add_owner(office, "han")
    case_no, number = proposed(office)

    jumps.consent(office.rt, office.actors["han"], number)

    assert office.open_elements(case_no) == ["BankAccept"]


def test_nobody_consents_to_a_proposal_of_their_own(office: Office) -> None:
    case_no, number = proposed(office)

    with pytest.raises(FourEyes):
        jumps.consent(office.rt, office.actors["chen"], number)
    assert office.open_elements(case_no) == ["Review"]


@pytest.mark.parametrize("who", ["zhou", "wu", "sun", "zhao", "wang", "feng", "chu", "wei", "jiang"])
def test_for_others_there_is_no_proposal(office: Office, who: str) -> None:
    _, number = proposed(office)

    with pytest.raises(NotFound):
        jumps.consent(office.rt, office.actors[who], number)
    with pytest.raises(NotFound):
        jumps.refuse(office.rt, office.actors[who], number, REASON)
    assert jumps.pending(office.rt, office.actors[who]) == []


@pytest.mark.parametrize("who", ["zhou", "zhao", "wang", "feng", "wei", "far"])
def test_only_process_owners_of_the_region_propose(office: Office, who: str) -> None:
    add_owner(office, "far", "152500")
    case_no = office.apply()
    task = office.open_task(case_no)

    with pytest.raises(NotFound):
        jumps.propose(office.rt, office.actors[who], case_no, [task.id], "Review", REASON, Siblings.CANCEL)
    with pytest.raises(NotFound):
        jumps.board(office.rt, office.actors[who], case_no)


def test_a_process_owner_sees_where_a_case_stands_and_nothing_of_its_people(office: Office) -> None:
    case_no, number = proposed(office)

    board = jumps.board(office.rt, office.actors["chen"], case_no)

    assert [task.element for task in board.tasks] == ["Review"]
    assert list(board.targets)[:2] == ["Accept", "Review"]
    assert [jump.proceeding.id for jump in board.jumps] == [number]
    assert "王小梅" not in repr(board)
    with pytest.raises(NotFound):
        instances.view(office.rt, office.actors["chen"], case_no)


def test_pending_jumps_are_shown_to_those_who_may_consent(office: Office) -> None:
    add_owner(office, "han")
    _, number = proposed(office)

    for who in ("zheng", "han"):
        found = jumps.pending(office.rt, office.actors[who])
        assert [(one.proceeding.id, one.target) for one in found] == [(number, "BankAccept")]
    assert jumps.pending(office.rt, office.actors["chen"]) == []


def test_a_refused_jump_is_over(office: Office) -> None:
    case_no, number = proposed(office)

    jumps.refuse(office.rt, office.actors["zheng"], number, "无此必要")

    assert office.view(case_no).proceedings[-1].status is ProceedingStatus.REFUSED
    with pytest.raises(Conflict):
        jumps.consent(office.rt, office.actors["zheng"], number)


def test_who_proposed_a_jump_takes_it_back(office: Office) -> None:
    case_no, number = proposed(office)

    jumps.refuse(office.rt, office.actors["chen"], number, "提错了")

    assert office.view(case_no).proceedings[-1].status is ProceedingStatus.TAKEN_BACK


def test_a_case_that_has_moved_does_not_jump(office: Office) -> None:
    case_no, number = proposed(office)
    office.complete(case_no)

    with pytest.raises(Conflict):
        jumps.consent(office.rt, office.actors["zheng"], number)
    assert office.open_elements(case_no) == ["Investigate"]


def test_an_ended_case_does_not_jump(office: Office) -> None:
    case_no, number = proposed(office)
    other = office.apply()
    task = office.open_task(other)
    for one in (case_no, other):
        instances.withdraw(office.rt, office.actors["wang"], one, "不再需要")

    with pytest.raises(Conflict):
        jumps.consent(office.rt, office.actors["zheng"], number)
    with pytest.raises(InstanceEnded):
        jumps.propose(office.rt, office.actors["chen"], other, [task.id], "Review", REASON, Siblings.CANCEL)


def test_a_jump_goes_to_a_step_of_people_with_a_reason_and_once_at_a_time(office: Office) -> None:
    case_no, _ = proposed(office)
    task, chen = office.open_task(case_no), office.actors["chen"]
    other = office.apply()
    first = office.open_task(other)

    for target in ("Reviewed", "Nothing", ""):
        with pytest.raises(InvalidRequest):
            jumps.propose(office.rt, chen, other, [first.id], target, REASON, Siblings.CANCEL)
    for chosen in ([], [first.id]):
        with pytest.raises(InvalidRequest):
            jumps.propose(
                office.rt, chen, other, chosen, "Review", REASON if not chosen else " ", Siblings.CANCEL
            )
    with pytest.raises(Conflict):
        jumps.propose(office.rt, chen, other, [task.id], "Review", REASON, Siblings.CANCEL)
    with pytest.raises(Conflict):
        jumps.propose(office.rt, chen, case_no, [task.id], "Investigate", REASON, Siblings.CANCEL)


def test_all_branches_of_a_block_jump_together(branches: BranchesOffice) -> None:
    case_no = branches.forked()
    both = [task.id for task in branches.view(case_no).tasks]
    number = jumps.propose(
        branches.rt, branches.actors["chen"], case_no, both, "Close", REASON, Siblings.CANCEL
    )

    jumps.consent(branches.rt, branches.actors["zhou"], number)

    assert branches.open_elements(case_no) == ["Close"]
    branches.done(case_no, "Close")
    assert branches.view(case_no).instance.outcome == "done"


def test_a_jump_into_one_branch_alone_is_refused_when_it_is_proposed(branches: BranchesOffice) -> None:
    case_no = branches.begin()
    task = branches.open_task(case_no)

    with pytest.raises(Conflict):
        jumps.propose(
            branches.rt, branches.actors["chen"], case_no, [task.id], "Left", REASON, Siblings.CANCEL
        )


def test_of_a_completion_and_a_consent_at_once_one_is_done(office: Office) -> None:
    for _ in range(5):
        case_no, number = proposed(office)
        command = tasks.CompleteTask(
            task_id=office.open_task(case_no).id, by=office.actors["zhao"],
            submission=demo.answer("Review", office.rt.today()),
        )  # fmt: skip

        def consent(number: int = number) -> None:
            jumps.consent(office.rt, office.actors["zheng"], number)

        def complete(command: tasks.CompleteTask = command) -> tasks.Completed:
            return tasks.complete(office.rt, command)

        ends = at_once([consent, complete])

        assert sum(isinstance(end, Conflict) for end in ends) == 1
        jumped = isinstance(ends[1], TaskClosed)
        assert office.open_elements(case_no) == (["BankAccept"] if jumped else ["Investigate"])
