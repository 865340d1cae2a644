"""How many of a review team must attend, and how many must approve."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.errors import InvalidSubmission
from banjie.domain.review_team import Base, Convened, Seat, TeamRole, TeamRules, convene, read_share, votes_of


def team(size: int, *, veto: str = "") -> list[Seat]:
    return [
        Seat(
            member=key, name=key.upper(), agency="office", may_veto=key in veto,
            role=TeamRole.CHAIR if number == 0 else TeamRole.MEMBER,
        )
        for number, key in enumerate("abcdefghij"[:size])
    ]  # fmt: skip


def rules(quorum: str, needed: str, base: Base = Base.PRESENT, *, chair_veto: bool = False) -> TeamRules:
    return TeamRules(quorum=read_share(quorum), needed=read_share(needed), base=base, chair_veto=chair_veto)


def meeting(size: int, attending: int, by: TeamRules) -> Convened:
    return convene(team(size), [seat.member for seat in team(size)[:attending]], by)


@pytest.mark.parametrize(
    ("share", "size", "votes"),
    [
        ("2/3", 3, 2), ("2/3", 4, 3), ("2/3", 7, 5), ("2/3", 6, 4), ("2/3", 1, 1),
        ("1/2", 4, 2), ("1/2", 5, 3), ("1", 5, 5), ("1/100", 3, 1), ("3/4", 4, 3),
    ],
)  # fmt: skip
def test_a_part_of_a_member_is_a_whole_one(share: str, size: int, votes: int) -> None:
    assert votes_of(read_share(share), size) == votes


@given(st.integers(1, 100), st.integers(1, 50), st.integers(0, 50))
def test_no_fewer_would_make_up_the_share(size: int, part: int, more: int) -> None:
    share = Fraction(part, part + more)

    votes = votes_of(share, size)

    assert Fraction(votes - 1, size) < share <= Fraction(votes, size)
    assert 1 <= votes <= size


@pytest.mark.parametrize(
    "text", ["0", "0/3", "1/0", "4/3", "-1/2", "66%", "0.5", "", "/", "1/", "２/３", "1/2/3"]
)
def test_only_a_share_above_0_and_at_most_1_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="share"):
        read_share(text)


@pytest.mark.parametrize(("size", "enough"), [(3, 2), (4, 3), (7, 5)])
def test_one_fewer_than_the_quorum_cannot_meet(size: int, enough: int) -> None:
    by = rules("2/3", "2/3")

    assert meeting(size, enough, by).quorum == enough
    assert meeting(size, enough, by).needed == ceil(enough * 2 / 3)
    with pytest.raises(InvalidSubmission) as refused:
        meeting(size, enough - 1, by)
    (fault,) = refused.value.errors
    assert (fault.path, fault.code) == (("attendees",), "no_quorum")
    assert fault.facts == {"needed": enough, "present": enough - 1, "members": size}


def test_a_share_of_all_members_does_not_fall_with_those_who_stay_away() -> None:
    by = rules("1/2", "2/3", Base.MEMBERS)

    assert meeting(7, 5, by).needed == meeting(7, 7, by).needed == 5
    with pytest.raises(InvalidSubmission) as refused:
        meeting(7, 4, by)
    assert refused.value.errors[0].code == "too_few_to_approve"
    assert meeting(7, 4, rules("1/2", "2/3")).needed == 3


def test_nobody_attends_who_is_not_on_the_team() -> None:
    with pytest.raises(InvalidSubmission) as refused:
        convene(team(3), ["a", "b", "stranger"], rules("1/2", "1/2"))

    assert refused.value.errors[0].code == "not_an_option"


@pytest.mark.parametrize("chair_veto", [True, False])
def test_the_chair_s_veto_is_the_region_s_and_a_member_s_is_their_own(chair_veto: bool) -> None:
    by = rules("1/2", "1/2", chair_veto=chair_veto)

    held = convene(team(3, veto="ab"), ["c", "b", "a"], by)

    assert [member.key for member in held.members] == ["a", "b", "c"]
    assert [member.may_veto for member in held.members] == [chair_veto, True, False]
    assert held.absent == ()
