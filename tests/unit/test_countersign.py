"""Counting the votes of a panel, judged by a reference that plays out every ending."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.domain.countersign import (
    Choice,
    Member,
    Outcome,
    Reason,
    Rule,
    RuleKind,
    Vote,
    item_of,
    member_of,
    read_rule,
    tally,
)

APPROVE, REJECT, ABSTAIN = Choice.APPROVE, Choice.REJECT, Choice.ABSTAIN
COUNTED = (RuleKind.AT_LEAST, RuleKind.WEIGHTED)
ORDERED = (RuleKind.ANY, RuleKind.IN_ORDER)


def panel(size: int) -> list[Member]:
    return [Member(key=key) for key in "abcdef"[:size]]


def votes(**said: Choice) -> list[Vote]:
    return [Vote(member=member, decision=decision) for member, decision in said.items()]


@st.composite
def rules(draw: st.DrawFn, kinds: tuple[RuleKind, ...] = tuple(RuleKind)) -> Rule:
    kind = draw(st.sampled_from(kinds))
    if kind not in COUNTED:
        return Rule(kind=kind)
    share = st.builds(lambda part, more: Fraction(part, part + more), st.integers(1, 6), st.integers(0, 6))
    return Rule(kind=kind, needed=draw(st.integers(1, 9) | share), veto=draw(st.booleans()))


@st.composite
def panels(draw: st.DrawFn) -> list[Member]:
    members = st.builds(lambda weight, may_veto: (weight, may_veto), st.integers(1, 4), st.booleans())
    drawn = draw(st.lists(members, min_size=1, max_size=5))
    return [
        Member(key=key, weight=weight, may_veto=may_veto)
        for key, (weight, may_veto) in zip("abcdef", drawn, strict=False)
    ]


@st.composite
def elections(
    draw: st.DrawFn, kinds: tuple[RuleKind, ...] = tuple(RuleKind)
) -> tuple[Rule, list[Member], list[Vote]]:
    """A rule, a panel, and a vote of each member in some order; of those asked in turn in their own."""
    rule, members = draw(rules(kinds)), draw(panels())
    said = [Vote(member=member.key, decision=draw(st.sampled_from(Choice))) for member in members]
    return rule, members, said if rule.kind is RuleKind.IN_ORDER else draw(st.permutations(said))


def by_the_book(rule: Rule, members: list[Member], cast: list[Vote]) -> Outcome:
    """The outcome of a panel where all have voted, as the rule's words say it."""
    said = {vote.member: vote.decision for vote in cast}
    approving = [member for member in members if said[member.key] is APPROVE]
    rejecting = [member for member in members if said[member.key] is REJECT]
    words = [vote.decision for vote in cast if vote.decision is not ABSTAIN]
    if rule.kind is RuleKind.ANY:
        good = bool(words) and words[0] is APPROVE
    elif rule.kind in (RuleKind.ALL, RuleKind.IN_ORDER):
        good = bool(approving) and not rejecting
    else:

        def of(some: list[Member]) -> int:
            return sum(member.weight if rule.kind is RuleKind.WEIGHTED else 1 for member in some)

        assert rule.needed is not None
        enough = of(approving) >= (
            rule.needed * of(members) if isinstance(rule.needed, Fraction) else rule.needed
        )
        good = enough and not (rule.veto and any(member.may_veto for member in rejecting))
    return Outcome.APPROVED if good else Outcome.REJECTED


def endings(rule: Rule, members: list[Member], cast: list[Vote]) -> set[Outcome]:
    """Every outcome that the open votes can still bring about."""
    waiting = [member.key for member in members if member.key not in {vote.member for vote in cast}]
    return {
        by_the_book(rule, members, [*cast, *map(_vote, waiting, rest)])
        for rest in itertools.product(Choice, repeat=len(waiting))
    }


def _vote(member: str, decision: Choice) -> Vote:
    return Vote(member=member, decision=decision)


@settings(max_examples=400)
@given(elections())
def test_a_panel_is_decided_exactly_when_no_open_vote_can_change_it(
    election: tuple[Rule, list[Member], list[Vote]],
) -> None:
    rule, members, cast = election
    for count in range(len(cast) + 1):
        possible = endings(rule, members, cast[:count])

        counted = tally(rule, members, cast[:count])

        assert counted.outcome == (possible.pop() if len(possible) == 1 else None)


@settings(max_examples=300)
@given(elections(kinds=(RuleKind.ALL, *COUNTED)), st.randoms(use_true_random=False))
def test_the_order_of_the_votes_changes_nothing(
    election: tuple[Rule, list[Member], list[Vote]], dice: object
) -> None:
    rule, members, cast = election
    other = list(cast)
    dice.shuffle(other)  # type: ignore[attr-defined]

    assert tally(rule, members, cast).outcome == tally(rule, members, other).outcome


@given(elections())
def test_a_decided_panel_stays_as_it_was_decided(election: tuple[Rule, list[Member], list[Vote]]) -> None:
    rule, members, cast = election
    outcomes = [tally(rule, members, cast[:count]).outcome for count in range(len(cast) + 1)]

    first = next(index for index, outcome in enumerate(outcomes) if outcome is not None)
    assert len(set(outcomes[first:])) == 1


@given(elections())
def test_every_member_is_counted_once(election: tuple[Rule, list[Member], list[Vote]]) -> None:
    rule, members, cast = election
    half = cast[: len(cast) // 2]

    counted = tally(rule, members, half)

    everybody = [*counted.approvals, *counted.rejections, *counted.abstentions, *counted.open]
    assert sorted(everybody) == [member.key for member in members]


def test_two_of_three_are_decided_by_the_second_approval() -> None:
    two = Rule(kind=RuleKind.AT_LEAST, needed=2)

    assert not tally(two, panel(3), votes(a=APPROVE)).decided
    assert tally(two, panel(3), votes(a=APPROVE, c=APPROVE)).outcome is Outcome.APPROVED


def test_two_thirds_of_four_are_three() -> None:
    share = Rule(kind=RuleKind.AT_LEAST, needed=Fraction(2, 3))

    assert not tally(share, panel(4), votes(a=APPROVE, b=APPROVE)).decided
    assert tally(share, panel(4), votes(a=REJECT, b=REJECT)).outcome is Outcome.REJECTED


def test_an_abstention_does_not_stand_in_the_way_of_all() -> None:
    counted = tally(Rule(kind=RuleKind.ALL), panel(3), votes(a=APPROVE, b=ABSTAIN, c=APPROVE))

    assert (counted.outcome, counted.reason) == (Outcome.APPROVED, Reason.VOTES)


def test_an_abstention_does_not_make_a_share_easier_to_reach() -> None:
    half = Rule(kind=RuleKind.AT_LEAST, needed=Fraction(1, 2))

    assert not tally(half, panel(4), votes(a=APPROVE, b=ABSTAIN)).decided
    assert (
        tally(half, panel(4), votes(a=APPROVE, b=ABSTAIN, c=ABSTAIN, d=ABSTAIN)).outcome is Outcome.REJECTED
    )


@pytest.mark.parametrize("kind", [RuleKind.ALL, *ORDERED])
def test_a_panel_on_which_all_abstain_has_approved_nothing(kind: RuleKind) -> None:
    counted = tally(Rule(kind=kind), panel(2), votes(a=ABSTAIN, b=ABSTAIN))

    assert (counted.outcome, counted.reason) == (Outcome.REJECTED, Reason.NO_VOTES)


def test_only_who_may_veto_can() -> None:
    members = [Member(key="a", may_veto=True), Member(key="b"), Member(key="c")]
    rule = Rule(kind=RuleKind.AT_LEAST, needed=2, veto=True)

    assert not tally(rule, members, votes(b=REJECT)).decided
    vetoed = tally(rule, members, votes(a=REJECT))
    assert (vetoed.outcome, vetoed.reason) == (Outcome.REJECTED, Reason.VETO)


def test_a_majority_waits_for_who_may_veto() -> None:
    members = [Member(key="a", may_veto=True), Member(key="b"), Member(key="c")]
    rule = Rule(kind=RuleKind.AT_LEAST, needed=2, veto=True)

    assert not tally(rule, members, votes(b=APPROVE, c=APPROVE)).decided


@pytest.mark.parametrize(("first", "outcome"), [(APPROVE, Outcome.APPROVED), (REJECT, Outcome.REJECTED)])
def test_the_first_word_decides_where_any_may(first: Choice, outcome: Outcome) -> None:
    assert tally(Rule(kind=RuleKind.ANY), panel(3), votes(c=ABSTAIN, b=first)).outcome is outcome


def test_a_rule_knows_whether_a_panel_can_meet_it() -> None:
    rule = Rule(kind=RuleKind.WEIGHTED, needed=5)

    assert not rule.can_be_met([Member(key="a", weight=4)])
    assert rule.can_be_met([Member(key="a", weight=4), Member(key="b")])
    assert not Rule(kind=RuleKind.ALL).can_be_met([])


@pytest.mark.parametrize("cast", [votes(x=APPROVE), [*votes(a=APPROVE), *votes(a=REJECT)]])
def test_only_members_vote_and_once(cast: list[Vote]) -> None:
    with pytest.raises(ValueError, match="votes once"):
        tally(Rule(kind=RuleKind.ALL), panel(2), cast)


@pytest.mark.parametrize(
    ("kind", "needed", "veto", "told"),
    [
        ("most", "", "", "none of"), ("all", "2", "", "no number"), ("any", "", "true", "no veto"),
        ("at_least", "", "", "how many"), ("at_least", "0", "", "from 1"), ("weighted", "3/2", "", "at most 1"),
        ("at_least", "2/0", "", "nobody"), ("at_least", "-1", "", "neither"), ("at_least", "１", "", "neither"),
        ("at_least", "99999", "", "neither"), ("at_least", "2", "yes", "neither true"),
    ],
)  # fmt: skip
def test_a_rule_that_means_nothing_is_refused(kind: str, needed: str, veto: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_rule(kind, needed, veto)


def test_a_rule_is_read_as_a_diagram_writes_it() -> None:
    assert read_rule("weighted", "2/3", "true") == Rule(
        kind=RuleKind.WEIGHTED, needed=Fraction(2, 3), veto=True
    )
    assert read_rule("in_order", "", "false") == Rule(kind=RuleKind.IN_ORDER)


@pytest.mark.parametrize(
    "item", [None, "zhao", {}, {"member": ""}, {"member": "zhao", "weight": 0}, {"member": "zhao", "weight": True},
             {"member": "zhao", "weight": "2"}, {"member": "zhao", "veto": "yes"}, {"member": "zhao", "name": 3}]
)  # fmt: skip
def test_an_item_that_is_no_member_is_refused(item: object) -> None:
    with pytest.raises(ValueError, match="member"):
        member_of(item)  # type: ignore[arg-type]


def test_a_member_needs_only_a_user_name() -> None:
    member = member_of({"member": "zhao"})

    assert (member.weight, member.may_veto) == (1, False)
    assert member_of(item_of(member)) == member


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("at_least", "=meeting"), ("at_least", "=meeting.needed + 1"), ("at_least", "=a.b.c"), ("at_least", "="),
        ("at_least", "meeting.needed"), ("weighted", "=meeting.needed"), ("all", "=meeting.needed"),
    ],
)  # fmt: skip
def test_a_number_is_read_by_a_plain_path_and_for_at_least_alone(kind: str, needed: str) -> None:
    with pytest.raises(ValueError, match=r"path|number|case data"):
        read_rule(kind, needed, "")
