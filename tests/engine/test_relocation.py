"""Return, jump and undo: no token is lost, doubled or left waiting, and what is refused says why."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from banjie.domain.countersign import Member, item_of
from banjie.domain.errors import Conflict, TaskClosed
from banjie.domain.step import EngineStep, Siblings
from banjie.engine import compile_definition
from support.diagrams import (
    Case,
    boundary,
    bundle,
    choice,
    countersign,
    each,
    element,
    end,
    flows,
    line,
    parallel,
    pause,
    process,
    start,
    sub,
    user,
)

KEEP, CANCEL = Siblings.KEEP, Siblings.CANCEL

TWO = process(
    start(), user("x"), user("y"), parallel("P"), user("a1"), user("a2"), user("b1"), user("b2"), parallel("J"),
    user("z"), end(), flows("s x y P a1 a2 J z e", "P b1 b2 J"),
)  # fmt: skip

NESTED = process(
    start(), user("x"), parallel("P"), user("c"), parallel("Q"), user("a"), user("b"), parallel("R"), user("d"),
    user("w"), parallel("J"), user("z"), end(), flows("s x P c Q a R d J z e", "Q b R", "P w J"),
)  # fmt: skip

INNER = sub("v", start("vs"), user("b"), user("c"), end("ve"), flows("vs b c ve"))
SUBS = process(
    start(), user("x"), sub("w", start("ws"), user("a"), INNER, boundary("vlate", "v"), user("d"), end("we"),
    flows("ws a v d we")), boundary("wlate", "w"), user("z"), user("q"), end("qe"), end(),
    flows("s x w z e", "wlate q qe"),
)  # fmt: skip

MEMBERS = process(start(), user("x"), user("m", each("[1, 2, 3]")), user("z"), end(), flows("s x m z e"))


def walked(diagram: bytes, names: str = "") -> Case:
    case = Case(diagram)
    for name in names.split():
        case.complete(name)
    return case


def relocate(
    case: Case, names: str, target: str, siblings: Siblings = CANCEL, *, tokens: Sequence[str] = ()
) -> EngineStep:
    wanted = tokens or [
        next(task.token for task in case.tasks if task.element == name) for name in names.split()
    ]
    return case._keep(case.engine.relocate(
        case.compiled, case.step.snapshot, tokens=wanted, target=target, siblings=siblings, data=case.data,
        decide=case._decide, now=case.now,
    ))  # fmt: skip


def reopen(case: Case, name: str, opened: str = "") -> EngineStep:
    wanted = set(opened.split())
    return case._keep(case.engine.reopen(
        case.compiled, case.step.snapshot, element=name, data=case.data, decide=case._decide, now=case.now,
        opened=[task.token for task in case.tasks if task.element in wanted],
    ))  # fmt: skip


def finish(case: Case, seed: int = 0) -> Counter[str]:
    """Complete what is open in a random order to the end; answers how often each task was completed."""
    dice, done = random.Random(seed), Counter[str]()  # noqa: S311 - not for secrets
    while not case.step.ended:
        task = dice.choice(case.tasks)
        assert task.element != "z" or case.open == ["z"]
        case.complete_token(task.token)
        done[task.element] += 1
    return done


# One line


def test_a_return_opens_the_target_and_closes_the_task() -> None:
    case = walked(line("a", "b", "c"), "a b")

    step = relocate(case, "c", "a")

    assert [(task.element, task.completed) for task in step.closed] == [("c", False)]
    assert [task.element for task in step.opened] == case.open == ["a"]
    assert finish(case) == {"a": 1, "b": 1, "c": 1}


def test_a_jump_leaves_out_what_lies_between() -> None:
    case = walked(line("a", "b", "c"))

    relocate(case, "a", "c")

    assert finish(case) == {"c": 1}


def test_a_closed_task_cannot_be_returned() -> None:
    case = walked(line("a", "b"))
    token = case.tasks[0].token
    case.complete("a")

    with pytest.raises(TaskClosed):
        relocate(case, "", "a", tokens=[token])


@pytest.mark.parametrize("target", ["P", "s", "J", "nothing"])
def test_only_what_somebody_does_is_a_target(target: str) -> None:
    case = walked(TWO, "x")

    with pytest.raises(Conflict, match="user task"):
        relocate(case, "y", target)


def test_a_return_names_a_task() -> None:
    with pytest.raises(Conflict, match="No task"):
        relocate(walked(TWO, "x"), "", "x")


# Parallel blocks


@pytest.mark.parametrize("siblings", list(Siblings))
def test_a_return_within_a_branch_leaves_the_others_alone(siblings: Siblings) -> None:
    case = walked(TWO, "x y a1")
    token = next(task.token for task in case.tasks if task.element == "b1")

    relocate(case, "a2", "a1", siblings)

    assert case.open == ["a1", "b1"]
    assert token in [task.token for task in case.tasks]
    assert finish(case) == dict.fromkeys(["a1", "a2", "b1", "b2", "z"], 1)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("before", ["x y", "x y a1", "x y b1 b2", "x y a1 b1", "x y a1 b1 b2"])
def test_a_return_over_a_split_gives_up_the_whole_block(before: str, seed: int) -> None:
    case = walked(TWO, before)
    name = next(name for name in case.open if name.startswith("a"))

    relocate(case, name, "x", CANCEL)

    assert case.open == ["x"]
    assert finish(case, seed) == dict.fromkeys(["x", "y", "a1", "a2", "b1", "b2", "z"], 1)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("before", ["x y", "x y a1", "x y b1 b2", "x y a1 b1", "x y a1 b1 b2"])
def test_a_token_taken_back_over_its_split_returns_to_its_own_branch(before: str, seed: int) -> None:
    case = walked(TWO, before)
    name = next(name for name in case.open if name.startswith("a"))

    relocate(case, name, "x", KEEP)

    assert finish(case, seed) == {"x": 1, "y": 1, "a1": 1, "a2": 1, "z": 1} | {
        task: 1 for task in ("b1", "b2") if task not in before
    }


@pytest.mark.parametrize("seed", range(10))
def test_the_mark_of_a_branch_is_used_up_at_its_split(seed: int) -> None:
    """In a second round the block must run whole again, though the mark went through its join."""
    case = Case(process(
        start(), choice("M"), user("x"), parallel("P"), user("a"), user("b"), parallel("J"), user("g"),
        choice("G", "G_z"), user("z"), end(), flows("s M x P a J g G M", "P b J", "G z e", G_M="g.again"),
    ))  # fmt: skip
    case.complete("x")
    relocate(case, "a", "x", KEEP)
    for name in "xabg":
        case.complete(name, {"again": True})

    case.complete("x")

    assert case.open == ["a", "b"]
    case.data["g"] = {"again": False}
    case.complete("a")
    case.complete("b")
    case.complete("g", {"again": False})
    assert finish(case, seed) == {"z": 1}


@pytest.mark.parametrize("seed", range(30))
def test_tokens_taken_back_from_two_branches_do_not_meet_on_their_way(seed: int) -> None:
    """Each passes the earlier block by itself; its join must not take one arrival from either."""
    case = walked(process(
        start(), user("x"), parallel("P0"), user("c"), user("d"), parallel("J0"), user("y"), parallel("P"), user("a"),
        user("b"), user("q"), parallel("J"), user("z"), end(),
        flows("s x P0 c J0 y P a J z e", "P0 d J0", "P b J", "P q J"),
    ), "x c d y")  # fmt: skip

    relocate(case, "a", "x", KEEP)
    relocate(case, "q", "x", KEEP)

    assert finish(case, seed) == {"x": 2, "c": 2, "d": 2, "y": 2, "a": 1, "b": 1, "q": 1, "z": 1}


@pytest.mark.parametrize("target", ["c", "x"])
@pytest.mark.parametrize("seed", range(10))
def test_a_token_finds_back_into_nested_blocks(seed: int, target: str) -> None:
    case = walked(NESTED, "x c b")

    relocate(case, "a", target, KEEP)

    done = finish(case, seed)
    assert done == {"c": 1, "a": 1, "d": 1, "w": 1, "z": 1} | ({"x": 1} if target == "x" else {})


def test_giving_up_an_inner_block_leaves_the_outer_one() -> None:
    case = walked(NESTED, "x c a")

    relocate(case, "b", "c", CANCEL)

    assert case.open == ["c", "w"]
    assert finish(case) == dict.fromkeys(["c", "a", "b", "d", "w", "z"], 1)


@pytest.mark.parametrize("siblings", list(Siblings))
@pytest.mark.parametrize(("name", "target"), [("x", "a1"), ("z", "b2"), ("a1", "b1")])
def test_a_single_branch_of_a_block_cannot_be_opened_from_outside(
    name: str, target: str, siblings: Siblings
) -> None:
    before = {"x": "", "z": "x y a1 a2 b1 b2", "a1": "x y"}[name]
    case = walked(TWO, before)

    with pytest.raises(Conflict):
        relocate(case, name, target, siblings)

    assert name in case.open


def test_a_jump_over_the_join_cannot_keep_the_others() -> None:
    case = walked(TWO, "x y")

    with pytest.raises(Conflict, match="in vain"):
        relocate(case, "a1", "z", KEEP)
    relocate(case, "a1", "z", CANCEL)

    assert finish(case) == {"z": 1}


def test_the_others_are_not_kept_where_the_case_may_end_without_coming_back() -> None:
    case = Case(process(
        start(), user("x"), choice("G", "G_P"), end("refused"), parallel("P"), user("a"), user("b"), parallel("J"),
        user("z"), end(), flows("s x G P a J z e", "P b J", "G refused", G_refused="x.refused"),
    ))  # fmt: skip
    case.complete("x", {"refused": False})

    with pytest.raises(Conflict) as refused:
        relocate(case, "a", "x", KEEP)

    assert (refused.value.facts["element"], refused.value.facts["block"]) == ("a", "P")
    relocate(case, "a", "x", CANCEL)
    case.complete("x", {"refused": False})
    assert finish(case) == {"a": 1, "b": 1, "z": 1}


def test_an_inclusive_block_is_left_as_a_whole() -> None:
    case = walked(process(
        start(), user("x"), element("inclusiveGateway", "P", default="P_c"), user("a"), user("b"), user("c"),
        element("inclusiveGateway", "J"), user("z"), end(),
        flows("s x P a J z e", "P b J", "P c J", P_a="true", P_b="true"),
    ), "x a")  # fmt: skip

    with pytest.raises(Conflict):
        relocate(case, "b", "x", KEEP)
    relocate(case, "b", "x", CANCEL)

    assert finish(case) == {"x": 1, "a": 1, "b": 1, "z": 1}


def test_all_tasks_of_a_block_may_leave_together() -> None:
    case = walked(TWO, "x y a1")

    relocate(case, "a2 b1", "x", KEEP)

    assert case.open == ["x"]
    assert finish(case) == dict.fromkeys(["x", "y", "a1", "a2", "b1", "b2", "z"], 1)


def test_some_tasks_of_a_block_do_not_leave_together_while_others_stay() -> None:
    case = walked(NESTED, "x c")

    with pytest.raises(Conflict):
        relocate(case, "a b", "x", KEEP)
    relocate(case, "a b", "c", KEEP)

    assert case.open == ["c", "w"]


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_a_join_of_two_splits_counts_every_arrival_after_a_reload(order: tuple[str, ...]) -> None:
    """The stock join lets only its latest arrival wait; the others were pruned with the outer split."""
    case = Case(process(
        start(), parallel("P"), parallel("Q"), user("a"), user("b"), user("c"), parallel("J"), user("z"), end(),
        flows("s P Q a J z e", "Q b J", "P c J"),
    ))  # fmt: skip

    for name in order:
        assert "z" not in case.open
        case.complete(name)

    assert case.open == ["z"]


def test_a_join_that_fired_for_one_token_waits_again_for_another() -> None:
    """A token that a timer opened passes the block first; what it left at the join is not an arrival of the next."""
    case = Case(process(
        start(), user("x"), boundary("late", "x", cancel=False), choice("M"), parallel("P"), user("a"), user("b"),
        parallel("J"), user("g"), end(), flows("s x M P a J g e", "late M", "P b J"),
    ))  # fmt: skip
    case.fire("late")
    for name in ("a", "b", "x", "a"):
        case.complete(name)

    assert case.open == ["b", "g"]
    assert finish(case) == {"b": 1, "g": 2}


# How much is kept


@pytest.mark.parametrize(
    ("before", "name", "target", "siblings", "again"),
    [
        ("x y a1", "a2", "a1", KEEP, "a1"),
        ("x y a1", "a2", "x", KEEP, "x y a1"),
        ("x y a1", "a2", "x", CANCEL, "x y a1"),
        ("x y a1 a2 b1 b2", "z", "x", KEEP, "x y a1 a2 b1 b2"),
    ],
)
def test_a_case_returned_forty_times_is_no_larger(
    before: str, name: str, target: str, siblings: Siblings, again: str
) -> None:
    case = walked(TWO, before)
    new = len(case.step.snapshot)

    for _ in range(40):
        relocate(case, name, target, siblings)
        for task in again.split():
            case.complete(task)

    assert len(case.step.snapshot) <= new * 1.3


def test_a_branch_returned_forty_times_beside_another_does_not_grow() -> None:
    case = walked(NESTED, "x c a b")
    new = len(case.step.snapshot)

    for _ in range(40):
        relocate(case, "d", "c")
        for name in "cab":
            case.complete(name)

    assert len(case.step.snapshot) <= new * 1.3


# Subprocesses and calls


def test_a_return_out_of_nested_activities_leaves_them_and_their_timers() -> None:
    case = walked(SUBS, "x a b")

    step = relocate(case, "c", "x")

    assert sorted(scope.element for scope in step.left) == ["v", "w"]
    assert (case.open, case.timers) == (["x"], ())
    assert finish(case) == dict.fromkeys(["x", "a", "b", "c", "d", "z"], 1)


def test_a_return_into_a_finished_activity_opens_the_target_and_not_its_start() -> None:
    case = walked(SUBS, "x a b c d")

    step = relocate(case, "z", "c")

    assert [scope.element for scope in step.entered] == ["w", "v"]
    assert case.tasks[0].scope == tuple(scope.token for scope in step.entered)
    assert sorted(timer.element for timer in case.timers) == ["vlate", "wlate"]
    assert finish(case) == {"c": 1, "d": 1, "z": 1}


def test_a_return_within_an_activity_stays_in_it() -> None:
    case = walked(SUBS, "x a b")

    step = relocate(case, "c", "a")

    assert [scope.element for scope in step.left] == ["v"]
    assert [timer.element for timer in case.timers] == ["wlate"]
    assert finish(case) == dict.fromkeys(["a", "b", "c", "d", "z"], 1)


def test_an_activity_may_be_begun_again() -> None:
    case = walked(SUBS, "x a b c")

    step = relocate(case, "d", "w")

    assert ([scope.element for scope in step.left], [scope.element for scope in step.entered]) == (
        ["w"],
        ["w"],
    )
    assert finish(case) == dict.fromkeys(["a", "b", "c", "d", "z"], 1)


def test_what_is_open_beside_a_task_in_an_activity_cannot_be_kept_without_it() -> None:
    case = walked(process(
        start(), user("x"), sub("w", start("ws"), parallel("P"), user("a"), user("b"), parallel("J"), end("we"),
        flows("ws P a J we", "P b J")), user("z"), end(), flows("s x w z e"),
    ), "x")  # fmt: skip

    with pytest.raises(Conflict, match="inside"):
        relocate(case, "a", "x", KEEP)
    relocate(case, "a", "x", CANCEL)

    assert finish(case) == dict.fromkeys("xabz", 1)


@pytest.mark.parametrize("seed", range(10))
def test_an_activity_in_a_branch_is_taken_back_over_the_split(seed: int) -> None:
    case = walked(process(
        start(), user("x"), parallel("P"), sub("w", start("ws"), user("a"), end("we"), flows("ws a we")), user("b"),
        parallel("J"), user("z"), end(), flows("s x P w J z e", "P b J"),
    ), "x")  # fmt: skip

    relocate(case, "a", "x", KEEP)

    assert finish(case, seed) == dict.fromkeys("xabz", 1)


CALL = '<bpmn:callActivity id="{0}" name="{0}" calledElement="inner"/>'


def called(main: bytes) -> Case:
    inner = process(start("cs"), user("ca"), user("cb"), end("ce"), flows("cs ca cb ce"), key="inner")
    return Case(compile_definition(bundle(main, {"inner.bpmn": inner})))


def test_a_return_goes_out_of_a_call_and_back_into_it() -> None:
    case = called(process(start(), user("x"), CALL.format("call"), user("z"), end(), flows("s x call z e")))
    case.complete("x")
    relocate(case, "ca", "x")
    for name in ("x", "ca", "cb"):
        case.complete(name)

    relocate(case, "z", "cb")

    assert finish(case) == {"cb": 1, "z": 1}


def test_a_process_called_twice_is_entered_only_from_where_it_is_clear_which_call_is_meant() -> None:
    case = called(process(
        start(), user("x"), CALL.format("first"), CALL.format("second"), user("z"), end(),
        flows("s x first second z e"),
    ))  # fmt: skip
    with pytest.raises(Conflict, match="several places"):
        relocate(case, "x", "cb")
    case.complete("x")
    case.complete("ca")

    relocate(case, "cb", "ca")

    assert finish(case) == {"ca": 2, "cb": 2, "z": 1}


# Timers


TIMED = process(
    start(), user("x"), user("a"), boundary("late", "a"), user("y"), end("f"), user("z"), end(),
    flows("s x a z e", "late y f"),
)  # fmt: skip


def test_leaving_a_task_takes_down_its_timer() -> None:
    """A timer that is removed but not forgotten breaks SpiffWorkflow's next step."""
    case = walked(TIMED, "x")

    step = relocate(case, "a", "x")

    assert step.timers == ()
    assert finish(case) == {"x": 1, "a": 1, "z": 1}


def test_a_task_opened_again_has_its_timer_from_now() -> None:
    case = walked(TIMED, "x")
    first = case.timers[0]
    case.now = first.due_at

    relocate(case, "a", "a")

    assert case.timers[0].due_at - first.due_at == first.due_at - Case(TIMED).now
    case.fire("late")
    assert case.open == ["y"]


def test_the_path_of_an_interrupting_timer_leads_back_to_its_task() -> None:
    case = walked(TIMED, "x")
    case.fire("late")

    relocate(case, "y", "a")

    assert [timer.element for timer in case.timers] == ["late"]
    assert finish(case) == {"a": 1, "z": 1}


BESIDE = process(
    start(), user("x"), user("a"), boundary("late", "a", cancel=False), user("y0"), user("y"), end("f"), user("b"),
    end(), flows("s x a b e", "late y0 y f"),
)  # fmt: skip


def test_what_a_timer_opened_beside_a_task_goes_on_without_it() -> None:
    """The engine waits for the task where the timer's path began; left behind, the case would never end."""
    case = walked(BESIDE, "x")
    case.fire("late")

    relocate(case, "a", "x")

    assert (case.open, case.timers) == (["x", "y0"], ())
    assert finish(case) == dict.fromkeys(["x", "a", "b", "y0", "y"], 1)


def test_a_return_on_the_path_beside_a_task_leaves_the_task_alone() -> None:
    case = walked(BESIDE, "x")
    case.fire("late")
    case.complete("y0")

    relocate(case, "y", "y0", KEEP)

    assert finish(case) == dict.fromkeys(["a", "b", "y0", "y"], 1)


def test_a_return_from_beside_a_task_to_before_it_gives_the_task_up() -> None:
    case = walked(BESIDE, "x")
    case.fire("late")

    with pytest.raises(Conflict):
        relocate(case, "y0", "x", KEEP)
    relocate(case, "y0", "x", CANCEL)

    assert finish(case) == {"x": 1, "a": 1, "b": 1}


def test_a_return_from_beside_a_task_that_was_taken_away_is_refused() -> None:
    case = walked(BESIDE, "x")
    case.fire("late")
    relocate(case, "a", "x")

    with pytest.raises(Conflict, match="gone on"):
        relocate(case, "y0", "x", CANCEL)

    assert case.open == ["x", "y0"]


def test_a_return_from_beside_a_task_that_is_done_is_refused() -> None:
    case = walked(BESIDE, "x")
    case.fire("late")
    case.complete("a")

    with pytest.raises(Conflict, match="gone on"):
        relocate(case, "y0", "x", CANCEL)


@pytest.mark.parametrize("seed", range(10))
def test_arrivals_of_a_round_before_do_not_count_after_a_return(seed: int) -> None:
    """What a timer opened keeps the finished block in the tree; its join must not fire on what it holds."""
    case = walked(process(
        start(), user("x"), parallel("P"), user("a"), boundary("late", "a", cancel=False), user("y"), end("f"),
        user("b"), parallel("J"), user("g"), end(), flows("s x P a J g e", "P b J", "late y f"),
    ), "x")  # fmt: skip
    case.fire("late")
    case.complete("a")
    case.complete("b")

    relocate(case, "g", "x")
    case.complete("x")
    case.complete("b")

    assert case.open == ["a", "y"]
    assert finish(case, seed) == {"a": 1, "g": 1, "y": 1}


# Several people's tasks


def test_leaving_one_of_several_peoples_tasks_takes_all_of_them() -> None:
    case = walked(MEMBERS, "x")
    case.complete("m", item=2)

    with pytest.raises(Conflict, match="multi-instance"):
        relocate(case, "m", "x", KEEP)
    relocate(case, "m", "x", CANCEL)

    assert case.open == ["x"]
    assert finish(case) == {"x": 1, "m": 3, "z": 1}


@pytest.mark.parametrize("before", ["x", "x m", "x m m m"])
def test_several_peoples_task_opens_anew_for_all(before: str) -> None:
    case = Case(MEMBERS)
    for name in before.split():
        case.complete_token(next(task.token for task in case.tasks if task.element == name))

    relocate(case, case.open[0], "m")

    assert sorted(str(task.item) for task in case.tasks) == ["1", "2", "3"]
    assert finish(case) == {"m": 3, "z": 1}


@pytest.mark.parametrize("seed", range(10))
def test_several_peoples_task_in_a_branch_goes_on_while_another_branch_is_returned(seed: int) -> None:
    case = walked(process(
        start(), user("x"), parallel("P"), user("a"), user("m", each("[1, 2, 3]")), boundary("late", "m", cancel=False),
        user("y"), end("f"), parallel("J"), user("z"), end(), flows("s x P a J z e", "P m J", "late y f"),
    ), "x")  # fmt: skip
    case.complete("m", item=2)

    relocate(case, "a", "x", KEEP)

    assert [timer.element for timer in case.timers] == ["late"]
    assert finish(case, seed) == {"x": 1, "a": 1, "m": 2, "z": 1}


@pytest.mark.parametrize("kind", ["all", "any", "in_order"])
def test_a_panel_that_is_left_votes_anew(kind: str) -> None:
    case = Case(process(
        start(), user("a"), countersign("sign", kind=kind), user("z"), end(), flows("s a sign z e")
    ))  # fmt: skip
    seats = {"panel": [item_of(Member(key=key)) for key in "ABC"]}
    case.complete("a", seats)
    begun = len(case.tasks)
    if kind != "any":
        case.complete_token(case.tasks[0].token, result={"member": "A", "decision": "approve"})

    relocate(case, "sign", "a")
    case.complete("a", seats)

    assert (len(case.tasks), case.tasks[0].element) == (begun, "sign")
    assert case.data["sign"]["votes"] == {}  # type: ignore[call-overload,index]


# What would be lost


def test_what_a_return_would_cancel_can_be_seen_before() -> None:
    case = walked(TWO, "x y a1")
    token = next(task.token for task in case.tasks if task.element == "a2")

    def lost(target: str) -> list[str]:
        seen = case.engine.parallel_with(case.compiled, case.step.snapshot, token=token, target=target)
        return [task.element for task in seen]

    assert (lost("x"), lost("a1")) == (["b1"], [])
    case.complete("b1")
    case.complete("b2")
    assert lost("x") == []


# Undoing a completion


@pytest.mark.parametrize(
    ("before", "name", "opened", "open_after"),
    [
        ("x", "x", "y", ["x"]),
        ("x y", "y", "a1 b1", ["y"]),
        ("x y a1", "a1", "a2", ["a1", "b1"]),
        ("x y a1 a2", "a2", "", ["a2", "b1"]),
        ("x y b1 b2 a1", "a1", "a2", ["a1"]),
        ("x y b1 b2 a1 a2", "a2", "z", ["a2"]),
    ],
)
def test_a_completion_is_undone(before: str, name: str, opened: str, open_after: list[str]) -> None:
    case = walked(TWO, before)

    reopen(case, name, opened)

    assert case.open == open_after
    rest = {"x", "y", "a1", "a2", "b1", "b2", "z"} - set(before.split()) | {name}
    assert finish(case) == dict.fromkeys(rest, 1)


@pytest.mark.parametrize("later", ["b", "c"])
def test_an_arrival_that_was_not_the_latest_is_undone(later: str) -> None:
    """The arrivals that stay must still be counted, and be kept in the snapshot."""
    case = walked(process(
        start(), parallel("P"), user("a"), user("b"), user("c"), parallel("J"), user("z"), end(),
        flows("s P a J z e", "P b J", "P c J"),
    ), f"a {later}")  # fmt: skip

    reopen(case, "a")

    assert finish(case) == dict.fromkeys({"a", "b", "c", "z"} - {later}, 1)


@pytest.mark.parametrize(
    ("before", "name", "opened"),
    [
        ("x y a1", "y", "b1"),
        ("x y a1", "y", "a2 b1"),
        ("x y a1", "a2", ""),
        ("x y a1 a2 b1 b2", "b1", "z"),
        ("x y a1 a2 b1 b2", "x", "z"),
    ],
)
def test_a_completion_is_not_undone_where_its_effect_is_not_clear(
    before: str, name: str, opened: str
) -> None:
    case = walked(TWO, before)

    with pytest.raises(Conflict):
        reopen(case, name, opened)


@pytest.mark.parametrize("order", list(itertools.permutations(["a", "b", "w"])))
def test_a_completion_that_let_two_joins_fire_is_undone(order: tuple[str, ...]) -> None:
    case = walked(process(
        start(), user("x"), parallel("P"), parallel("Q"), user("a"), user("b"), parallel("R"), user("w"),
        parallel("J"), user("z"), end(), flows("s x P Q a R J z e", "Q b R", "P w J"),
    ), " ".join(["x", *order]))  # fmt: skip

    reopen(case, order[-1], "z")
    assert case.open == [order[-1]]
    case.complete(order[-1])

    assert finish(case) == {"z": 1}


def test_an_arrival_on_the_way_back_to_a_branch_is_undone() -> None:
    case = walked(process(
        start(), user("x"), parallel("P0"), user("c"), user("d"), parallel("J0"), parallel("P"), user("a"), user("b"),
        parallel("J"), user("z"), end(), flows("s x P0 c J0 P a J z e", "P0 d J0", "P b J"),
    ), "x c d")  # fmt: skip
    relocate(case, "a", "x", KEEP)
    case.complete("x")
    case.complete("c")

    reopen(case, "c")

    assert case.open == ["b", "c", "d"]
    assert finish(case) == dict.fromkeys("abcdz", 1)


def test_coming_back_to_a_branch_is_undone() -> None:
    case = walked(TWO, "x y a1 b1")
    relocate(case, "a2", "y", KEEP)
    case.complete("y")

    reopen(case, "y", "a1")

    assert case.open == ["b2", "y"]
    assert finish(case) == {"y": 1, "a1": 1, "a2": 1, "b2": 1, "z": 1}


def test_the_last_branch_inside_an_activity_is_undone() -> None:
    case = walked(process(
        start(), user("x"), sub("w", start("ws"), parallel("P"), user("a"), user("b"), parallel("J"), end("we"),
        flows("ws P a J we", "P b J")), user("z"), end(), flows("s x w z e"),
    ), "x a b")  # fmt: skip

    reopen(case, "b", "z")
    assert case.open == ["b"]

    assert finish(case) == {"b": 1, "z": 1}


def test_what_waits_for_a_timer_is_undone() -> None:
    case = walked(process(start(), user("x"), pause("w"), user("z"), end(), flows("s x w z e")), "x")

    step = reopen(case, "x")

    assert (case.open, step.timers) == (["x"], ())
    case.complete("x")
    case.fire("w")
    assert finish(case) == {"z": 1}


def test_a_branch_that_has_ended_is_undone() -> None:
    case = walked(process(
        start(), parallel("P"), user("a"), user("b"), end("f"), end(), flows("s P a f", "P b e")
    ), "a")  # fmt: skip

    reopen(case, "a")

    assert finish(case) == {"a": 1, "b": 1}


def test_the_last_completion_of_an_activity_is_undone() -> None:
    case = walked(SUBS, "x a b c d")

    step = reopen(case, "d", "z")

    assert [scope.element for scope in step.entered] == ["w"]
    assert finish(case) == {"d": 1, "z": 1}


def test_one_of_several_peoples_completions_is_not_undone() -> None:
    case = walked(MEMBERS, "x")
    case.complete("m", item=1)

    with pytest.raises(Conflict, match="several people"):
        reopen(case, "m")
    with pytest.raises(Conflict, match="gone on"):
        reopen(case, "x", "m")


# What the diagram says


def test_what_comes_before_a_task_is_read_from_the_flows() -> None:
    case, subs = Case(NESTED), Case(SUBS)

    def before(of: Case, name: str) -> str:
        return " ".join(of.engine.passed_before(of.compiled, element=name))

    assert before(case, "c") == "x"
    assert before(case, "w") == "x"
    assert before(case, "d") == "x c a b"
    assert before(case, "z") == "x c a b d w"
    assert (before(subs, "c"), before(subs, "z")) == ("x a b", "x a b c d")
    assert before(subs, "q") == "x a b c d"


def test_only_targets_that_need_no_other_branch_are_offered() -> None:
    case = Case(NESTED)
    names = ["x", "c", "a", "b", "d", "w", "z"]

    offered = {
        name: "".join(
            target for target in names
            if case.engine.may_return(case.compiled, token_element=name, target=target)
        )
        for name in names
    }  # fmt: skip

    assert offered == {"x": "", "c": "x", "a": "xc", "b": "xc", "d": "xc", "w": "x", "z": "x"}
