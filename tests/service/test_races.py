"""Two operations at the same moment on one case: one is done, the other is told by whom; the record agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from banjie.content.bundle import load_bundle
from banjie.domain.assignment import Membership, Role
from banjie.domain.bulk import BulkKind
from banjie.domain.errors import BanjieError, Conflict, StaleVersion, SubstitutionEnded, TaskClosed, TaskTaken
from banjie.domain.handovers import Touched, UrgedBefore
from banjie.domain.proceedings import CaseHeld, SupplementAskedBefore
from banjie.domain.returns import OtherBranches
from banjie.domain.step import Siblings
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.domain.tasks import Task
from banjie.edge.errors import status_of
from banjie.services import (
    bulk,
    demo,
    deployments,
    handovers,
    instances,
    jumps,
    people,
    procedures,
    returns,
    substitutes,
    supplements,
    take_backs,
    tasks,
    urging,
)
from support import panels
from support.office import Office
from support.positions import SECOND, Positions
from support.threads import at_once

ROUNDS = 10
REASON = "材料需进一步核实"
WORD = [MissingItem(kind=ItemKind.FIELD, key="word", title="")]


@pytest.fixture
def positions(database_url: str, tmp_path: Path) -> Iterator[Positions]:
    """An office whose cases can stand in every position."""
    running = Positions(database_url, tmp_path)
    yield running
    assert running.office.findings() == []
    running.close()


def refused(ends: Sequence[object]) -> list[BanjieError]:
    """Who was told no, in the words of the domain; nothing else may have gone wrong."""
    told = [end for end in ends if isinstance(end, BanjieError)]
    assert all(400 <= status_of(error) < 500 for error in told), told
    return told


def completion(positions: Positions, task: Task, by: str = "zhao") -> tasks.CompleteTask:
    return tasks.CompleteTask(
        task_id=task.id, by=positions.office.actors[by], submission={"word": task.element}
    )


def held(positions: Positions, position: str, by: str = "zhao") -> tuple[str, Task]:
    """A new case in a position, its task in the hands of an officer."""
    case_no, task = positions.reach(position)
    tasks.claim(positions.office.rt, positions.office.actors[by], task.id)
    return case_no, task


def completed(positions: Positions, case_no: str, element: str) -> int:
    return Counter(positions.completed(case_no))[element]


# ── completing against what else may happen to the task ──────────────────────────────────────────────


def test_of_a_completion_and_a_return_at_once_one_is_done(positions: Positions) -> None:
    rt, zhao = positions.office.rt, positions.office.actors["zhao"]
    for _ in range(ROUNDS):
        case_no, task = held(positions, "parallel")

        done, sent = at_once(
            [
                partial(tasks.complete, rt, completion(positions, task)),
                partial(
                    returns.send_back, rt, zhao, task.id, "Single", REASON, siblings=OtherBranches.CANCEL
                ),
            ]
        )

        (lost,) = refused([done, sent])
        assert isinstance(lost, TaskClosed)
        assert lost.facts["at"] == rt.now()
        standing = {one.element for one in positions.open(case_no)}
        if isinstance(done, tasks.Completed):
            assert lost.facts["by"] == "赵敏"
            assert standing == {"Right"}
        else:
            assert standing == {"Single"}


def test_of_the_next_completion_and_a_taking_back_at_once_one_is_done(positions: Positions) -> None:
    rt, zhao = positions.office.rt, positions.office.actors["zhao"]
    for _ in range(ROUNDS):
        case_no, task = positions.reach("subprocess")
        positions.complete(task)
        (following,) = positions.open(case_no)

        went_on, back = at_once(
            [
                partial(tasks.complete, rt, completion(positions, following, SECOND)),
                partial(take_backs.take_back, rt, zhao, task.id, REASON),
            ]
        )

        (lost,) = refused([went_on, back])
        if isinstance(went_on, tasks.Completed):
            assert isinstance(lost, Touched)
            assert [one.element for one in positions.open(case_no)] == ["CalledTwo"]
        else:
            assert isinstance(lost, TaskClosed)
            assert [one.element for one in positions.open(case_no)] == ["InsideTwo"]


def test_of_a_completion_and_a_transfer_at_once_one_is_done(positions: Positions) -> None:
    rt, zhao = positions.office.rt, positions.office.actors["zhao"]
    for _ in range(ROUNDS):
        case_no, task = held(positions, "single")

        done, given = at_once(
            [
                partial(tasks.complete, rt, completion(positions, task)),
                partial(handovers.transfer, rt, zhao, task.id, SECOND, REASON),
            ]
        )

        (lost,) = refused([done, given])
        if isinstance(done, tasks.Completed):
            assert isinstance(lost, TaskClosed)
            assert (lost.facts["by"], lost.facts["at"]) == ("赵敏", rt.now())
        else:
            assert isinstance(lost, TaskTaken)
            assert lost.facts["by"] == "何平"
            (still,) = positions.open(case_no)
            assert still.assignee_id == positions.office.actors[SECOND].account_id


def test_of_a_completion_and_a_suspension_at_once_none_is_lost_and_none_comes_too_late(
    positions: Positions,
) -> None:
    rt, zhou = positions.office.rt, positions.office.actors["zhou"]
    for _ in range(ROUNDS):
        case_no, task = held(positions, "single")

        done, number = at_once(
            [
                partial(tasks.complete, rt, completion(positions, task)),
                partial(procedures.suspend, rt, zhou, case_no, REASON, "testing", "检字1号"),
            ]
        )

        assert isinstance(number, int)
        told = refused([done])
        assert all(isinstance(error, CaseHeld) for error in told)
        assert completed(positions, case_no, "Single") == (0 if told else 1)
        assert {one.due_at for one in positions.open(case_no)} == {None}
        procedures.resume(rt, zhou, number, "恢复")
        positions.drive(case_no, 1)


def test_of_a_completion_and_the_timer_beside_it_at_once_one_goes_on(positions: Positions) -> None:
    for _ in range(ROUNDS):
        case_no, task = positions.reach("multi-instance")
        while task.element != "Guarded":
            positions.complete(task)
            task = positions.open(case_no)[0]
        tasks.claim(positions.office.rt, positions.office.actors["zhao"], task.id)
        positions.office.clock.pass_(days=31)

        done, swept = at_once(
            [
                partial(tasks.complete, positions.office.rt, completion(positions, task)),
                positions.office.tick,
            ]
        )

        (standing,) = positions.open(case_no)
        if isinstance(done, tasks.Completed):
            assert standing.element == "Last"
        else:
            assert isinstance(refused([done])[0], TaskClosed)
            assert standing.element == "Late"
        assert not isinstance(swept, BanjieError)


def test_of_a_completion_and_a_substitution_that_ends_at_once_one_comes_first(positions: Positions) -> None:
    rt, office = positions.office.rt, positions.office
    for _ in range(ROUNDS):
        case_no, task = positions.reach("single")
        now = office.clock()
        number = substitutes.arrange(
            rt,
            substitutes.Arrange(
                by=office.actors["zhao"], absent="zhao", substitute="zhou", from_at=now,
                until_at=now + timedelta(days=1), reason="出差",
            ),
        )  # fmt: skip
        zhou = people.actor_named(rt, "zhou")
        tasks.claim(rt, zhou, task.id)
        command = tasks.CompleteTask(task_id=task.id, by=zhou, submission={"word": "代"})

        done, ended = at_once(
            [
                partial(tasks.complete, rt, command),
                partial(substitutes.end, rt, office.actors["zhao"], number),
            ]
        )

        assert ended is None
        if isinstance(done, tasks.Completed):
            assert completed(positions, case_no, "Single") == 1
        else:
            assert isinstance(refused([done])[0], TaskTaken | SubstitutionEnded)
            (still,) = positions.open(case_no)
            assert still.assignee_id == office.actors["zhao"].account_id


# ── two of a kind ────────────────────────────────────────────────────────────────────────────────────


def test_of_two_requests_for_what_is_missing_at_once_one_is_made(positions: Positions) -> None:
    rt, actors = positions.office.rt, positions.office.actors
    for _ in range(ROUNDS):
        case_no, task = held(positions, "parallel")
        (right,) = [one for one in positions.open(case_no) if one.element == "Right"]
        tasks.claim(rt, actors["sun"], right.id)

        ends = at_once(
            [
                partial(supplements.ask, rt, actors["zhao"], task.id, WORD, REASON),
                partial(supplements.ask, rt, actors["sun"], right.id, WORD, REASON),
            ]
        )

        (lost,) = refused(ends)
        assert isinstance(lost, CaseHeld | SupplementAskedBefore)
        assert lost.facts["by"] == ("孙丽" if isinstance(ends[0], BanjieError) else "赵敏")
        assert lost.facts["at"] == rt.now()


def test_of_two_officers_who_answer_for_the_applicant_at_once_one_does(positions: Positions) -> None:
    rt, actors = positions.office.rt, positions.office.actors
    for _ in range(ROUNDS):
        case_no, task = held(positions, "single")
        asked = supplements.ask(rt, actors["zhao"], task.id, WORD, REASON)

        ends = at_once(
            [
                partial(supplements.answer, rt, actors[name], asked, {"word": f"由{name}代交"})
                for name in ("wang", "zhao", SECOND)
            ]
        )

        lost = refused(ends)
        assert len(lost) == 2
        winner = next(n for n, end in enumerate(ends) if not isinstance(end, BanjieError))
        name = ("王小梅", "赵敏", "何平")[winner]
        told = (
            {None, name} if winner else {name}
        )  # the applicant learns that it was done, not by which officer
        assert {error.facts["by"] for error in lost} == told
        word = positions.office.view(case_no).instance.data["application"]
        assert isinstance(word, dict)
        assert word["word"] == f"由{('wang', 'zhao', SECOND)[winner]}代交"


def test_of_two_who_consent_to_a_jump_at_once_one_moves_the_case(positions: Positions) -> None:
    rt, actors = positions.office.rt, positions.office.actors
    people.add_person(
        rt, username="deputy", password=demo.PASSWORD, display_name="副局长",
        memberships=[Membership(role=Role.HEAD, agency=demo.BUREAU)],
    )  # fmt: skip
    deputy = people.actor_named(rt, "deputy")
    for _ in range(ROUNDS):
        case_no, task = positions.reach("subprocess")
        number = jumps.propose(rt, actors["chen"], case_no, [task.id], "Last", REASON, Siblings.CANCEL)

        ends = at_once(
            [
                partial(jumps.consent, rt, actors["zhou"], number),
                partial(jumps.consent, rt, deputy, number),
            ]
        )

        (lost,) = refused(ends)
        assert lost.facts["by"] == ("副局长" if isinstance(ends[0], BanjieError) else "周局长")
        assert [one.element for one in positions.open(case_no)] == ["Last"]


def test_of_two_proposals_to_jump_at_once_one_stands(positions: Positions) -> None:
    rt, chen = positions.office.rt, positions.office.actors["chen"]
    for _ in range(ROUNDS):
        case_no, task = positions.reach("subprocess")

        ends = at_once(
            [
                partial(jumps.propose, rt, chen, case_no, [task.id], goal, REASON, Siblings.CANCEL)
                for goal in ("Last", "Guarded")
            ]
        )

        assert len(refused(ends)) == 1
        assert len(jumps.board(rt, chen, case_no).jumps) == 1


def test_of_a_hundred_who_urge_at_once_one_does_and_the_others_learn_when_they_may(
    positions: Positions,
) -> None:
    rt = positions.office.rt
    case_no, task = positions.reach("single")
    several = [positions.office.actors[name] for name in ("wang", "zhou", "feng")]

    ends = at_once([partial(urging.urge, rt, several[number % 3], task.id) for number in range(100)])

    lost = refused(ends)
    assert len(lost) == 99
    assert {type(error) for error in lost} == {UrgedBefore}
    assert {error.facts["again_at"] for error in lost} == {rt.now() + timedelta(hours=1)}
    counted = Counter(event.type for event in positions.office.view(case_no).events)
    assert counted["task.urged"] == 1


def test_of_a_transfer_taken_back_and_the_colleagues_completion_one_comes_first(positions: Positions) -> None:
    rt, zhao = positions.office.rt, positions.office.actors["zhao"]
    for _ in range(ROUNDS):
        case_no, task = held(positions, "single")
        handovers.transfer(rt, zhao, task.id, SECOND, REASON)

        done, back = at_once(
            [
                partial(tasks.complete, rt, completion(positions, task, SECOND)),
                partial(handovers.take_back_transfer, rt, zhao, task.id),
            ]
        )

        (lost,) = refused([done, back])
        if isinstance(done, tasks.Completed):
            assert isinstance(lost, TaskClosed)
            assert lost.facts["by"] == "何平"
        else:
            assert isinstance(lost, TaskTaken)
            assert lost.facts["by"] == "赵敏"
        assert completed(positions, case_no, "Single") == isinstance(done, tasks.Completed)


def test_of_an_opinion_and_its_recall_at_once_one_is_kept(positions: Positions) -> None:
    rt, actors = positions.office.rt, positions.office.actors
    for _ in range(ROUNDS):
        case_no, task = held(positions, "single")
        handovers.delegate(rt, actors["zhao"], task.id, SECOND, REASON)

        ends = at_once(
            [
                partial(handovers.resolve, rt, actors[SECOND], task.id, "同意"),
                partial(handovers.recall, rt, actors["zhao"], task.id),
            ]
        )

        assert len(refused(ends)) == 1
        (still,) = positions.open(case_no)
        assert (still.owner_id, still.assignee_id) == (None, actors["zhao"].account_id)


def test_of_a_claim_by_version_and_a_reassignment_of_many_one_holds_each(positions: Positions) -> None:
    rt, actors = positions.office.rt, positions.office.actors
    for _ in range(ROUNDS):
        case_no, task = positions.reach("single")

        ends = at_once(
            [
                partial(tasks.claim, rt, actors["zhao"], task.id, task.version),
                partial(tasks.claim, rt, actors[SECOND], task.id, task.version),
                partial(handovers.reassign, rt, actors["zhou"], task.id, SECOND, REASON, task.version),
            ]
        )

        lost = refused(ends)
        assert len(lost) in (1, 2)
        assert all(isinstance(error, TaskTaken | StaleVersion | Conflict) for error in lost)
        (still,) = positions.open(case_no)
        winner = "zhao" if not isinstance(ends[0], BanjieError) else SECOND
        assert still.assignee_id == actors[winner].account_id


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_of_many_that_two_workers_take_up_does_nothing_twice(positions: Positions) -> None:
    rt, zhao = positions.office.rt, positions.office.actors["zhao"]
    reached = [positions.reach("single") for _ in range(12)]
    number = bulk.start(
        rt,
        bulk.StartBulk(
            by=zhao, kind=BulkKind.COMPLETE, items=[(task.id, None) for _, task in reached],
            submission={"word": "一并办理"},
        ),
    )  # fmt: skip

    assert at_once([partial(bulk.run, rt, number)] * 3) == [None] * 3

    progress = bulk.progress(rt, zhao, number)
    assert (progress.done, progress.failed, progress.skipped) == (12, 0, 0)
    assert progress.bulk.finished_at is not None
    assert [completed(positions, case_no, "Single") for case_no, _ in reached] == [1] * 12


@pytest.mark.parametrize("rule", [("all",), ("at_least", "2/3")], ids=" ".join)
def test_the_last_two_votes_at_once_decide_once(
    database_url: str, tmp_path: Path, rule: tuple[str, ...]
) -> None:
    content = panels.write_content(tmp_path / "content", *rule)
    office = Office(database_url, tmp_path, content=content)
    deployments.deploy(office.rt, load_bundle(content, "panel"))
    for _ in range(ROUNDS):
        command = instances.StartCase(
            service="panel", by=office.actors["wang"],
            submission={"region": "152201", "word": "一事", "bank_name": "bank-hinggan"},
        )  # fmt: skip
        case_no = instances.start(office.rt, command).case_no
        seats = {"members": [{"member": name} for name in ("zhao", "sun", "li")]}
        office.complete(case_no, by="zhao", submission=seats)
        seat = {task.member or "": task.id for task in office.view(case_no).tasks}

        def vote(name: str, seat: dict[str, int] = seat) -> tasks.Completed:
            wish = tasks.CompleteTask(
                task_id=seat[name], by=office.actors[name], submission={"decision": "approve"}
            )
            return tasks.complete(office.rt, wish)

        vote("zhao")
        ends = at_once([partial(vote, "sun"), partial(vote, "li")])

        view = office.view(case_no)
        assert (view.instance.status.value, view.instance.outcome) == ("ended", "approved")
        lost = refused(ends)
        counted = Counter(event.type for event in view.events)
        assert counted["instance.ended"] == 1
        assert counted["task.completed"] == 4 - len(lost)
        if rule == ("all",):
            assert lost == []
        else:
            assert [type(error) for error in lost] == [TaskClosed]
            assert lost[0].facts["by"] == ("孙丽" if isinstance(ends[1], BanjieError) else "李建国")
    assert office.findings() == []
    office.close()
