"""Random walks find what the engine would do wrong with a diagram."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.content.bundle import load_bundle, process_keys
from banjie.engine import simulate
from banjie.services.content_check import engine_bundle
from support.diagrams import (
    boundary,
    bundle,
    choice,
    each,
    element,
    end,
    flows,
    parallel,
    process,
    rule,
    start,
    sub,
    user,
)  # fmt: skip

GOOD = {
    "loop": process(
        start(), choice("M"), parallel("P1"), user("a"), user("b"), parallel("P2"), user("c"), choice("G", "G_e"),
        end(), flows("s M P1 a P2 c G M", "P1 b P2", "G e", G_M="c.x"),
    ),
    "subprocess with timers": process(
        start(), sub("w", start("ws"), rule("r"), user("a"), boundary("soon", "a", cancel=False), user("n"),
                     end("we"), end("wf"), flows("ws r a we", "soon n wf")),
        boundary("late", "w"), user("x"), end(), end("f"), flows("s w e", "late x f"),
    ),
    "signers": process(start(), user("a"), user("sign", each("a.x", done="done &gt; 1")), end(), flows("s a sign e")),
}  # fmt: skip


@pytest.mark.parametrize("main", GOOD.values(), ids=GOOD.keys())
def test_a_sound_diagram_has_no_problems(main: bytes) -> None:
    assert simulate(bundle(main)) == []


def test_a_join_behind_a_choice_is_found_stuck() -> None:
    main = process(
        start(), user("a"), choice("G", "G_x"), user("x"), user("y"), parallel("J"), end(),
        flows("s a G x J e", "G y J", G_y="a.y"),
    )  # fmt: skip

    assert "stuck" in {problem.rule for problem in simulate(bundle(main))}


def test_two_tokens_on_one_task_are_found() -> None:
    main = process(
        start(),
        parallel("P"),
        user("a"),
        user("b"),
        choice("M"),
        user("z"),
        end(),
        flows("s P a M z e", "P b M"),
    )

    problems = simulate(bundle(main))

    assert {(problem.rule, problem.element) for problem in problems} == {("runs-twice", "z “z”")}


def test_a_loop_that_nobody_can_leave_is_found() -> None:
    main = process(
        start(), choice("M"), user("a"), choice("G", "G_M"), choice("N"), user("b"), end(),
        flows("s M a G M", "G N b N", G_N="a.x"),
    )  # fmt: skip

    assert {problem.rule for problem in simulate(bundle(main))} <= {"never-ends", "stuck", "engine"}


def test_a_diagram_that_does_not_compile_is_a_problem_and_not_an_error() -> None:
    main = process(start(), element("scriptTask", "x"), end(), flows("s x e"))

    assert [problem.element for problem in simulate(bundle(main))] == ["x"]


def test_every_process_of_ours_walks() -> None:
    root = Path(__file__).parents[2]
    for key in process_keys(root):
        assert simulate(engine_bundle(load_bundle(root, key))) == []
