"""Every operation in every position: the record agrees with itself, and the case still goes to its one right end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from banjie.domain.errors import Conflict
from banjie.domain.returns import OtherBranches, SiblingsUndecided
from banjie.services import returns, take_backs, tasks
from support.deeds import DEEDS
from support.positions import POSITIONS, STEPS, Positions

SEEDS = range(2)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Positions]:
    running = Positions(database_url, tmp_path)
    yield running
    assert running.office.findings() == []
    running.close()


def to_pass(position: str) -> Counter[str]:
    """What a case completes on its whole way, once each; both members of the multi-instance task."""
    steps = Counter(STEPS) + Counter({"Many": 1})
    if position == "after a boundary timer":
        steps = steps - Counter({"Guarded": 1}) + Counter({"Late": 1})
    return steps


@pytest.mark.parametrize("name", DEEDS)
def test_an_operation_leaves_the_tokens_as_they_are(office: Positions, name: str) -> None:
    deed = DEEDS[name]
    for position in POSITIONS:
        for seed in SEEDS:
            case_no, task = office.reach(position)
            deed.do(office, task)
            assert office.office.findings() == [], position
            assert office.office.view(case_no).instance.status.value == deed.ends, position
            if deed.ends != "running":
                assert office.open(case_no) == []
                continue

            office.drive(case_no, seed)

            view = office.office.view(case_no)
            assert (view.instance.status.value, view.instance.outcome) == ("ended", "done"), position
            assert Counter(office.completed(case_no)) == to_pass(position), position


@pytest.mark.parametrize("position", [name for name in POSITIONS if name != "multi-instance"])
def test_a_completion_taken_back_is_done_again(office: Positions, position: str) -> None:
    for seed in SEEDS:
        case_no, task = office.reach(position)
        name = office.officer(task)
        office.complete(task)

        take_backs.take_back(office.office.rt, office.office.actors[name], task.id, "误操作")

        assert office.office.findings() == []
        assert sum(one.element == task.element for one in office.open(case_no)) == 1
        office.drive(case_no, seed)
        assert Counter(office.completed(case_no)) == to_pass(position) + Counter([task.element])


def test_a_vote_of_many_that_was_given_stands(office: Positions) -> None:
    _, task = office.reach("multi-instance")
    office.complete(task)
    before = office.office.case_of(task)

    with pytest.raises(Conflict):
        take_backs.take_back(office.office.rt, office.office.actors["zhao"], task.id, "误操作")

    assert office.drive(before, 0)


def expected_after_return(position: str, target: str) -> Counter[str]:
    """What is still to be completed after a return: the target and all that lies behind it."""
    rest = Counter(STEPS[STEPS.index(target) :]) + Counter({"Many": 1})
    if target in ("Guarded", "Last"):
        rest -= Counter({"Many": 2})
    return rest


@pytest.mark.parametrize("position", POSITIONS)
def test_a_return_to_every_passed_step_goes_to_the_end_again(office: Positions, position: str) -> None:
    _, task = office.reach(position)
    zhao = office.office.actors["zhao"]
    targets = [choice.passed.element for choice in returns.choices(office.office.rt, zhao, task.id)]
    assert (position == "single") == (targets == [])
    for target in targets:
        for siblings in OtherBranches:
            case_no, task = office.reach(position)
            tasks.claim(office.office.rt, zhao, task.id)
            others = {one.id for one in office.open(case_no)} - {task.id}
            choice = next(
                one
                for one in returns.choices(office.office.rt, zhao, task.id)
                if one.passed.element == target
            )
            if choice.siblings:
                with pytest.raises(SiblingsUndecided):
                    returns.send_back(office.office.rt, zhao, task.id, target, "重新核实")
            if siblings is OtherBranches.KEEP and position == "multi-instance":
                with pytest.raises(Conflict):
                    returns.send_back(office.office.rt, zhao, task.id, target, "重新核实", siblings=siblings)
                continue

            at_once = returns.send_back(
                office.office.rt, zhao, task.id, target, "重新核实", siblings=siblings
            )

            assert office.office.findings() == []
            standing = office.open(case_no)
            still = {one.id for one in standing} & others
            waits = bool(choice.siblings) and siblings is OtherBranches.WAIT
            assert at_once is not waits
            if not waits:
                assert sum(one.element == target for one in standing) == (2 if target == "Many" else 1)
                kept = not choice.siblings or siblings is OtherBranches.KEEP
                assert still == (others if kept else set()), (target, siblings)
            before = Counter(office.completed(case_no))
            office.drive(case_no, 7)
            view = office.office.view(case_no)
            assert (view.instance.status.value, view.instance.outcome) == ("ended", "done")
            done = Counter(office.completed(case_no)) - before
            expected = expected_after_return(position, target)
            if waits:  # the siblings finished what they had in hand before it was done again
                expected += Counter({"parallel": ["Right"], "multi-instance": ["Many"]}[position])
            assert done == expected, (target, siblings)


@pytest.mark.parametrize("position", ["parallel", "subprocess", "after a boundary timer"])
def test_a_case_may_go_round_a_block_again_and_again(office: Positions, position: str) -> None:
    zhao = office.office.actors["zhao"]
    case_no, task = office.reach(position)
    size = len(office.office.view(case_no).instance.snapshot)
    for _ in range(8):
        tasks.claim(office.office.rt, zhao, task.id)
        returns.send_back(
            office.office.rt, zhao, task.id, "Single", "再来一次", siblings=OtherBranches.CANCEL
        )
        while (
            task.element not in (here := {one.element: one for one in office.open(case_no)})
            or task.id == here[task.element].id
        ):
            standing = list(here.values())
            if [one.element for one in standing] == ["Guarded"]:
                office.office.tick(days=31)
                continue
            office.complete(next(one for one in standing if one.element != "Right" or len(standing) == 1))
        task = here[task.element]

    assert len(office.office.view(case_no).instance.snapshot) <= size * 1.25
    office.drive(case_no, 1)
