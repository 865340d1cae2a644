"""Tokens that part and meet: nothing is lost, doubled or let through early, whatever the order."""

from __future__ import annotations

import itertools
import random

import pytest

from support.diagrams import Case, choice, each, end, flows, parallel, process, start, sub, user

ROUNDS = 6

LOOP = process(
    start(), choice("M"), parallel("P1"), user("a1"), user("a2"), user("b1"), parallel("P2"), user("c"),
    choice("G", "G_e"), end(),
    flows("s M P1 a1 a2 P2 c G M", "P1 b1 P2", "G e", G_M="c.again"),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_a_parallel_join_in_a_drawn_loop_waits_for_every_branch_in_every_round(seed: int) -> None:
    """The stock gateway of SpiffWorkflow 3.2.0 fires early from round 2: 51 of 60 random walks lost a branch."""
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    case = Case(LOOP)

    for turn in range(ROUNDS):
        passed: set[str] = set()
        while "c" not in passed:
            name = dice.choice(case.open)
            assert name != "c" or (passed == {"a1", "a2", "b1"} and case.open == ["c"])
            case.complete(name, {"again": turn < ROUNDS - 1})
            passed.add(name)

    assert case.step.ended


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_three_branches_meet_once_in_any_order(order: tuple[str, ...]) -> None:
    case = Case(process(
        start(), parallel("P"), user("a"), user("b"), user("c"), parallel("J"), user("z"), end(),
        flows("s P a J z e", "P b J", "P c J"),
    ))  # fmt: skip

    for name in order:
        assert "z" not in case.open
        case.complete(name)

    assert case.open == ["z"]


def test_two_parallel_tasks_of_a_subprocess_keep_their_tokens_while_one_is_completed() -> None:
    inner = sub("w", start("ws"), parallel("P"), user("a"), user("b"), parallel("J"), end("we"),
                flows("ws P a J we", "P b J"))  # fmt: skip
    case = Case(process(start(), inner, user("z"), end(), flows("s w z e")))
    other = next(task.token for task in case.tasks if task.element == "b")

    case.complete("a")

    assert [task.token for task in case.tasks] == [other]


def signing(condition: str = "") -> bytes:
    return process(
        start(),
        user("a"),
        user("sign", each("a.signers", done=condition)),
        user("z"),
        end(),
        flows("s a sign z e"),
    )


def signers(condition: str, *names: str) -> Case:
    case = Case(signing(condition))
    case.complete("a", {"signers": list(names)})
    return case


@pytest.mark.parametrize("order", list(itertools.permutations("ABC")))
def test_all_must_sign_in_any_order(order: tuple[str, ...]) -> None:
    case = signers("", "A", "B", "C")

    for name in order:
        assert "z" not in case.open
        case.complete("sign", item=name)

    assert case.open == ["z"]


@pytest.mark.parametrize("order", list(itertools.permutations("ABCD")))
def test_two_of_four_suffice_and_the_rest_is_closed(order: tuple[str, ...]) -> None:
    """The stock completion condition sees only the last vote and never fires on a count."""
    case = signers("count(results[item = &quot;yes&quot;]) &gt;= 2", *"ABCD")

    case.complete("sign", item=order[0], result="no")
    case.complete("sign", item=order[1], result="yes")
    assert case.open == ["sign", "sign"]
    step = case.complete("sign", item=order[2], result="yes")

    assert case.open == ["z"]
    assert sorted(task.completed for task in step.closed) == [False, True]


def test_one_veto_decides() -> None:
    case = signers("some vote in results satisfies vote = false", "A", "B", "C")

    case.complete("sign", item="A", result=True)
    case.complete("sign", item="B", result=False)

    assert case.open == ["z"]


def test_the_condition_sees_how_many_sign_in_all() -> None:
    case = signers("done &gt; total / 2", "A", "B", "C")

    case.complete("sign", item="C")
    case.complete("sign", item="A")

    assert case.open == ["z"]


def test_nobody_to_sign_goes_straight_on() -> None:
    assert signers("").open == ["z"]


def test_signing_again_in_a_loop_begins_without_votes() -> None:
    case = Case(process(
        start(), user("a"), choice("M"), user("sign", each("a.signers", done="count(results) &gt;= 2")),
        choice("G", "G_e"), user("z"), end(), flows("s a M sign G z M", "G e", G_z="sign.again"),
    ))  # fmt: skip
    case.complete("a", {"signers": ["A", "B", "C"]})
    case.complete("sign", {"again": True}, item="A", result=1)
    case.complete("sign", {"again": True}, item="B", result=1)
    case.complete("z")

    case.complete("sign", {"again": False}, item="C", result=1)

    assert case.open == ["sign", "sign"]


def test_more_than_a_hundred_signers_are_refused() -> None:
    case = Case(signing())

    with pytest.raises(Exception, match="101 items"):
        case.complete("a", {"signers": [str(number) for number in range(101)]})

    assert case.open == ["a"]


def test_an_item_may_be_a_context_and_survives_a_reload() -> None:
    case = Case(signing())
    case.complete("a", {"signers": [{"officer": 7, "agency": "bank"}, {"officer": 8, "agency": "bureau"}]})

    assert [task.item for task in case.tasks] == [
        {"officer": 7, "agency": "bank"},
        {"officer": 8, "agency": "bureau"},
    ]
