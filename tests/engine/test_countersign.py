"""Panels in a running case: each vote is cast on what was saved after the one before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.domain.countersign import Choice, Member, Rule, RuleKind, Vote, item_of, tally
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, EngineFault, NotFound, TaskClosed
from banjie.domain.step import EngineStep, OpenedTask, Siblings
from banjie.engine import simulate
from support.diagrams import (
    Case,
    boundary,
    bundle,
    choice,
    countersign,
    end,
    flows,
    parallel,
    process,
    start,
    sub,
    user,
)

APPROVE, REJECT, ABSTAIN = Choice.APPROVE, Choice.REJECT, Choice.ABSTAIN


def diagram(kind: str, needed: str = "", veto: str = "") -> bytes:
    """A, then the panel, then one of two tasks by its outcome."""
    return process(
        start(), user("a"), countersign("sign", kind=kind, needed=needed, veto=veto), choice("G", "G_bad"),
        user("good"), user("bad"), end(), end("f"),
        flows("s a sign G good e", "G bad f", G_good='sign.outcome = &quot;approved&quot;'),
    )  # fmt: skip


class Panel:
    """A case that stands before its panel's members."""

    def __init__(self, members: Sequence[Member | str], main: bytes, **data: Json) -> None:
        self.case = Case(main)
        seats = [member if isinstance(member, Member) else Member(key=member) for member in members]
        self.case.data.update(data)
        self.case.complete("a", {"panel": [item_of(member) for member in seats]})

    def task(self, key: str) -> OpenedTask:
        return next(task for task in self.case.tasks if _key(task) == key)

    @property
    def asked(self) -> list[str]:
        return sorted(_key(task) for task in self.case.tasks if task.element == "sign")

    def vote(self, key: str, decision: Choice) -> EngineStep:
        return self.case.complete_token(
            self.task(key).token, result={"member": key, "decision": decision.value}
        )

    def change(self, what: str, **named: object) -> EngineStep:
        case = self.case
        token = next(task.token for task in case.tasks if task.element == "sign")
        change = getattr(case.engine, f"{what}_member")
        step = change(
            case.compiled, case.step.snapshot, token=token, data=case.data, decide=case._decide, now=case.now,
            **named,
        )  # fmt: skip
        return case._keep(step)

    @property
    def told(self) -> dict[str, Any]:
        """What the case data have of the panel."""
        told = self.case.data["sign"]
        assert isinstance(told, dict)
        return told


def _key(task: OpenedTask) -> str:
    return str(task.item["member"]) if isinstance(task.item, dict) else ""


RULES = st.one_of(
    st.sampled_from([("all", "", ""), ("any", "", ""), ("in_order", "", "")]),
    st.tuples(
        st.sampled_from(["at_least", "weighted"]),
        st.sampled_from(["1", "2", "3", "1/2", "2/3", "1/1"]),
        st.sampled_from(["", "true"]),
    ),
)


def rule_of(kind: str, needed: str, veto: str) -> Rule:
    number = Fraction(needed) if "/" in needed else int(needed) if needed else None
    return Rule(kind=RuleKind(kind), needed=number, veto=bool(veto))


@settings(max_examples=80, deadline=None)
@given(RULES, st.integers(1, 6), st.integers(0, 10**6))
def test_the_engine_decides_as_the_votes_say_whatever_their_order(
    written: tuple[str, str, str], size: int, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    members = [
        Member(key=key, weight=dice.randint(1, 3), may_veto=dice.random() < 0.4) for key in "uvwxyz"[:size]
    ]
    rule = rule_of(*written)
    if not rule.can_be_met(members):
        return
    panel = Panel(members, diagram(*written))
    votes: list[Vote] = []

    while panel.asked:
        assert not tally(rule, members, votes).decided
        key = dice.choice(panel.asked)
        votes.append(Vote(member=key, decision=dice.choice(list(Choice))))
        panel.vote(key, votes[-1].decision)

    counted = tally(rule, members, votes)
    assert counted.decided
    assert panel.told["outcome"] == counted.outcome
    assert panel.told["votes"] == {vote.member: vote.decision for vote in votes}
    assert panel.case.open == ["good" if counted.outcome == "approved" else "bad"]


def test_a_decision_closes_the_tasks_of_those_who_have_not_voted() -> None:
    panel = Panel("abcd", diagram("at_least", "2"))
    late = panel.task("d").token

    panel.vote("b", APPROVE)
    step = panel.vote("c", APPROVE)

    assert sorted(task.completed for task in step.closed) == [False, False, True]
    with pytest.raises(TaskClosed):
        panel.case.complete_token(late, result={"member": "d", "decision": "reject"})


def test_those_asked_in_order_come_one_after_the_other() -> None:
    panel = Panel("abc", diagram("in_order"))

    assert panel.asked == ["a"]
    panel.vote("a", APPROVE)
    assert panel.asked == ["b"]
    panel.vote("b", REJECT)
    assert panel.case.open == ["bad"]


def test_the_reason_of_a_veto_is_told() -> None:
    panel = Panel([Member(key="a", may_veto=True), *map(_seat, "bc")], diagram("at_least", "1/2", "true"))

    panel.vote("b", APPROVE)
    panel.vote("a", REJECT)

    assert (panel.told["outcome"], panel.told["reason"]) == ("rejected", "veto")


def _seat(key: str) -> Member:
    return Member(key=key)


def test_a_vote_must_be_the_member_s_own_and_one_of_three_words() -> None:
    panel = Panel("ab", diagram("all"))
    token = panel.task("a").token

    for result in (None, {"member": "b", "decision": "approve"}, {"member": "a", "decision": "maybe"}):
        with pytest.raises(EngineFault) as refused:
            panel.case.complete_token(token, result=result)
        assert refused.value.facts["element"] == "sign"
    assert panel.asked == ["a", "b"]


# ── the panel changes while it votes ─────────────────────────────────────────────────────────────────


def test_a_member_added_is_asked_and_counted() -> None:
    panel = Panel("ab", diagram("all"))
    panel.vote("a", APPROVE)

    step = panel.change("add", member=_seat("c"))

    assert [_key(task) for task in step.opened] == ["c"]
    panel.vote("b", APPROVE)
    assert panel.asked == ["c"]
    panel.vote("c", REJECT)
    assert panel.case.open == ["bad"]


def test_a_member_added_to_a_queue_is_asked_last() -> None:
    panel = Panel("ab", diagram("in_order"))

    assert panel.change("add", member=_seat("c")).opened == ()

    panel.vote("a", APPROVE)
    panel.vote("b", APPROVE)
    assert panel.asked == ["c"]


def test_removing_the_one_who_is_missing_decides() -> None:
    panel = Panel("abc", diagram("all"))
    panel.vote("a", APPROVE)
    panel.vote("b", APPROVE)

    step = panel.change("remove", member="c")

    assert panel.case.open == ["good"]
    assert [task.completed for task in step.closed] == [False]


def test_removing_one_who_is_queued_skips_them() -> None:
    panel = Panel("abc", diagram("in_order"))

    panel.change("remove", member="b")

    panel.vote("a", APPROVE)
    assert panel.asked == ["c"]


def test_removing_the_one_who_is_asked_asks_the_next() -> None:
    panel = Panel("abc", diagram("in_order"))

    panel.change("remove", member="a")

    assert panel.asked == ["b"]


def test_a_member_replaced_loses_the_task_to_the_other_at_the_same_place() -> None:
    panel = Panel("abc", diagram("in_order"))
    panel.change("replace", member="a", by=_seat("x"))
    panel.change("replace", member="b", by=_seat("y"))

    order = []
    while panel.asked:
        order += panel.asked
        panel.vote(panel.asked[0], APPROVE)

    assert order == ["x", "y", "c"]
    assert panel.case.open == ["good"]


def test_a_member_replaced_among_equals_keeps_what_the_others_said() -> None:
    panel = Panel("abc", diagram("at_least", "2"))
    panel.vote("a", APPROVE)

    panel.change("replace", member="b", by=_seat("x"))

    assert panel.asked == ["c", "x"]
    panel.vote("x", APPROVE)
    assert panel.told["votes"] == {"a": "approve", "x": "approve"}
    assert panel.case.open == ["good"]


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("add", {"member": Member(key="b")}), ("remove", {"member": "a"}),
        ("replace", {"member": "a", "by": Member(key="x")}),
        ("replace", {"member": "b", "by": Member(key="c")}), ("replace", {"member": "b", "by": Member(key="a")}),
    ],
)  # fmt: skip
def test_nobody_sits_twice_and_a_vote_stands(what: str, named: dict[str, object]) -> None:
    panel = Panel("abc", diagram("all"))
    panel.vote("a", APPROVE)

    with pytest.raises(Conflict):
        panel.change(what, **named)

    assert panel.asked == ["b", "c"]


def test_a_stranger_cannot_be_removed() -> None:
    with pytest.raises(NotFound):
        Panel("ab", diagram("all")).change("remove", member="x")


def test_the_last_member_stays() -> None:
    with pytest.raises(Conflict):
        Panel("a", diagram("any")).change("remove", member="a")


def test_a_panel_is_not_made_too_small_for_its_rule() -> None:
    with pytest.raises(Conflict):
        Panel("ab", diagram("at_least", "2")).change("remove", member="a")


def test_a_decided_panel_is_not_changed_any_more() -> None:
    panel = Panel("ab", diagram("any"))
    case, token, before = panel.case, panel.task("a").token, panel.case.step
    panel.vote("b", APPROVE)

    for snapshot, wanted in ((case.step.snapshot, token), (before.snapshot, "nonsense")):
        with pytest.raises(TaskClosed):
            case.engine.add_member(
                case.compiled, snapshot, token=wanted, member=_seat("c"), data=case.data,
                decide=case._decide, now=case.now,
            )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(RULES, st.integers(0, 10**6))
def test_a_panel_that_changes_between_votes_decides_as_those_who_sit_on_it(
    written: tuple[str, str, str], seed: int
) -> None:
    dice, rule = random.Random(seed), rule_of(*written)  # noqa: S311 - not for secrets
    members = [Member(key=key, weight=dice.randint(1, 2)) for key in "uvwx"]
    panel, fresh = Panel(members, diagram(*written)), iter("abcdefgh")
    votes: list[Vote] = []

    while panel.asked:
        waiting = [member for member in members if member.key not in {vote.member for vote in votes}]
        what, chosen = dice.choice(["vote", "vote", "add", "remove", "replace"]), dice.choice(waiting)
        new = Member(key=next(fresh, ""), weight=chosen.weight)
        left = [member for member in members if member is not chosen]
        if what == "add" and new.key:
            members = [*members, new]
            panel.change("add", member=new)
        elif what == "remove" and left and rule.can_be_met(left):
            members = left
            panel.change("remove", member=chosen.key)
        elif what == "replace" and new.key:
            members = [new if member is chosen else member for member in members]
            panel.change("replace", member=chosen.key, by=new)
        else:
            key = dice.choice(panel.asked)
            votes.append(Vote(member=key, decision=dice.choice(list(Choice))))
            panel.vote(key, votes[-1].decision)
        assert bool(panel.asked) is not tally(rule, members, votes).decided

    assert panel.told["outcome"] == tally(rule, members, votes).outcome
    assert [item["member"] for item in panel.told["members"]] == [member.key for member in members]


# ── where the panel stands ───────────────────────────────────────────────────────────────────────────


def test_a_panel_entered_again_begins_without_votes() -> None:
    case = Case(process(
        start(), user("a"), choice("M"), countersign("sign", kind="at_least", needed="2"), choice("G", "G_e"),
        user("z"), end(), flows("s a M sign G z M", "G e", G_z='sign.outcome = &quot;rejected&quot;'),
    ))  # fmt: skip
    case.complete("a", {"panel": [item_of(_seat(key)) for key in "abc"]})
    for key in "ab":
        token = next(task.token for task in case.tasks if _key(task) == key)
        case.complete_token(token, result={"member": key, "decision": "reject"})

    case.complete("z")

    assert sorted(map(_key, case.tasks)) == ["a", "b", "c"]
    told = case.data["sign"]
    assert isinstance(told, dict)
    assert (told["votes"], told["outcome"], told["opinions"]) == ({}, None, {})


def test_a_panel_in_a_subprocess_beside_a_branch_and_under_a_timer_decides() -> None:
    inner = sub(
        "w", start("ws"), countersign("sign", kind="at_least", needed="2"), boundary("late", "sign"), user("b"),
        end("we"), end("wf"), flows("ws sign b we", "late wf"),
    )  # fmt: skip
    case = Case(process(
        start(), user("a"), parallel("P"), inner, user("c"), parallel("J"), end(), flows("s a P w J e", "P c J"),
    ))  # fmt: skip
    case.complete("a", {"panel": [item_of(_seat(key)) for key in "xyz"]})
    assert case.timers

    for key in "zx":
        token = next(task.token for task in case.tasks if _key(task) == key)
        case.complete_token(token, result={"member": key, "decision": "approve"})

    assert case.open == ["b", "c"]
    assert case.timers == ()


def test_a_timer_on_the_edge_of_a_panel_closes_it() -> None:
    case = Case(process(
        start(), user("a"), countersign("sign"), boundary("late", "sign"), user("x"), end(), end("f"),
        flows("s a sign e", "late x f"),
    ))  # fmt: skip
    case.complete("a", {"panel": [item_of(_seat(key)) for key in "xyz"]})

    case.fire("late")

    assert case.open == ["x"]


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ([], "panel of 0"), (["zhao"], "user name"), ([{"member": "a"}, {"member": "a"}], "twice"),
        ([{"member": "a"}], "panel of 1"), ([{"member": "a", "weight": 0}, {"member": "b"}], "weight"),
    ],
)  # fmt: skip
def test_a_list_that_is_no_panel_for_the_rule_stops_the_case_before_it(
    members: list[Json], told: str
) -> None:
    case = Case(diagram("at_least", "2"))

    with pytest.raises(EngineFault) as refused:
        case.complete("a", {"panel": members})

    assert refused.value.facts["element"] == "sign"
    assert told in str(refused.value.facts["reason"])
    assert case.open == ["a"]


@pytest.mark.parametrize(
    "written", [("all", ""), ("at_least", "3"), ("weighted", "5"), ("weighted", "2/3"), ("any", ""), ("in_order", "")]
)  # fmt: skip
def test_panels_pass_the_random_walks_before_deployment(written: tuple[str, str]) -> None:
    assert simulate(bundle(diagram(*written))) == []


# ── returns ──────────────────────────────────────────────────────────────────────────────────────────


def relocate(panel: Panel, tokens: list[str], target: str) -> EngineStep:
    case = panel.case
    step = case.engine.relocate(
        case.compiled, case.step.snapshot, tokens=tokens, target=target, siblings=Siblings.CANCEL, data=case.data,
        decide=case._decide, now=case.now,
    )  # fmt: skip
    return case._keep(step)


def test_a_return_from_a_panel_takes_all_its_members_out_and_clears_their_votes() -> None:
    panel = Panel("abc", diagram("at_least", "2"))
    panel.vote("a", APPROVE)

    relocate(panel, [panel.task("b").token], "a")

    assert panel.case.open == ["a"]
    panel.case.complete("a", {"panel": [item_of(_seat(key)) for key in "bcd"]})
    assert panel.asked == ["b", "c", "d"]
    assert (panel.told["votes"], panel.told["outcome"]) == ({}, None)
    panel.vote("b", APPROVE)
    panel.vote("d", APPROVE)
    assert panel.case.open == ["good"]


def test_a_return_to_a_panel_asks_all_its_members_again() -> None:
    panel = Panel("abc", diagram("at_least", "2"))
    panel.vote("a", REJECT)
    panel.vote("b", REJECT)
    (later,) = panel.case.tasks

    relocate(panel, [later.token], "sign")

    assert panel.asked == ["a", "b", "c"]
    assert (panel.told["votes"], panel.told["outcome"], panel.told["opinions"]) == ({}, None, {})
    panel.vote("c", APPROVE)
    panel.vote("b", APPROVE)
    assert panel.case.open == ["good"]


# ── the number needed stands in the case data ────────────────────────────────────────────────────────


def test_a_number_from_the_case_data_is_kept_with_the_panel() -> None:
    panel = Panel("abc", diagram("at_least", "=meeting.needed"), meeting={"needed": 2})
    assert panel.told["needed"] == 2

    panel.case.data["meeting"] = {"needed": 1}
    panel.vote("a", APPROVE)
    assert panel.asked == ["b", "c"]
    panel.change("remove", member="b")
    with pytest.raises(Conflict):
        panel.change("remove", member="c")
    panel.vote("c", APPROVE)

    assert panel.case.open == ["good"]


@pytest.mark.parametrize(
    "meeting", [None, {}, {"needed": 0}, {"needed": -1}, {"needed": "1.5"}, {"needed": True}, {"needed": 4}]
)
def test_a_panel_without_a_number_that_three_can_meet_is_not_entered(meeting: Json) -> None:
    main = diagram("at_least", "=meeting.needed")

    with pytest.raises(EngineFault) as refused:
        Panel("abc", main, meeting=meeting)

    assert refused.value.facts["element"] == "sign"


def test_random_walks_play_a_panel_whose_number_is_not_known() -> None:
    assert simulate(bundle(diagram("at_least", "=meeting.needed"))) == []
