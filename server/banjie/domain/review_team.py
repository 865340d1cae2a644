"""A review team (审核小组) meets: who sits on it, how many must come, and how many votes its panel then needs.

No text states a quorum, a majority, a chair's word or a veto; all of it is set locally, per region, by parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from banjie.domain.countersign import Member
from banjie.domain.errors import FieldError, InvalidSubmission

#: The field of the convening form that holds the user names of those who attend.
ATTENDEES = "attendees"


class TeamRole(StrEnum):
    """Who presides (组长) and who sits on the team (成员)."""

    CHAIR = "chair"
    MEMBER = "member"


class Base(StrEnum):
    """Of whom a share must approve: of those who attend, or of all the team."""

    PRESENT = "present"
    MEMBERS = "members"


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One place on a team: `member` is the account's user name, `agency` the agency it speaks for.

    `may_veto` is a member's; whether the chair may veto is a parameter of the region.
    """

    member: str
    name: str
    agency: str
    role: TeamRole
    may_veto: bool


@dataclass(frozen=True, kw_only=True)
class TeamRules:
    """How a team decides: the share that must attend, and the share of `base` that must approve."""

    quorum: Fraction
    needed: Fraction
    base: Base
    chair_veto: bool


@dataclass(frozen=True, kw_only=True)
class Convened:
    """A meeting that may vote: who attends and who does not, in the team's order.

    `quorum` is how many must attend, `needed` how many must approve.
    """

    present: tuple[Seat, ...]
    absent: tuple[Seat, ...]
    members: tuple[Member, ...]
    quorum: int
    needed: int


def read_share(text: str) -> Fraction:
    """A share above 0 and at most 1, as `2/3` or `1`. Raises ValueError.

    >>> read_share("2/3")
    Fraction(2, 3)
    """
    part, slash, whole = text.strip().partition("/")
    numbers = [part, whole if slash else "1"]
    if not all(number.isascii() and number.isdigit() and len(number) <= _DIGITS for number in numbers):
        raise ValueError(f"{text[:40]!r} is no share as 2/3")
    if int(numbers[1]) == 0 or not 0 < Fraction(int(numbers[0]), int(numbers[1])) <= 1:
        raise ValueError(f"{text[:40]!r} is no share above 0 and at most 1")
    return Fraction(int(numbers[0]), int(numbers[1]))


def votes_of(share: Fraction, size: int) -> int:
    """How many make up a share of so many, a part counting as a whole one.

    >>> [votes_of(Fraction(2, 3), size) for size in (3, 4, 7)]
    [2, 3, 5]
    """
    return ceil(share * size)


def convene(seats: Sequence[Seat], attending: Collection[str], rules: TeamRules) -> Convened:
    """The meeting of those who attend, by user name.

    Raises InvalidSubmission at `attendees`: for a name that is not on the team (`not_an_option`), too few for the
    quorum (`no_quorum`), or too few to reach the votes needed of all members (`too_few_to_approve`).
    """
    if not set(attending) <= {seat.member for seat in seats}:
        raise _refused("not_an_option")
    present = tuple(seat for seat in seats if seat.member in attending)
    quorum = votes_of(rules.quorum, len(seats))
    if len(present) < quorum:
        raise _refused("no_quorum", needed=quorum, present=len(present), members=len(seats))
    needed = votes_of(rules.needed, len(present) if rules.base is Base.PRESENT else len(seats))
    if len(present) < needed:
        raise _refused("too_few_to_approve", needed=needed, present=len(present), members=len(seats))
    return Convened(
        present=present,
        absent=tuple(seat for seat in seats if seat.member not in attending),
        members=tuple(_member(seat, rules) for seat in present),
        quorum=quorum,
        needed=needed,
    )


def _member(seat: Seat, rules: TeamRules) -> Member:
    may_veto = rules.chair_veto if seat.role is TeamRole.CHAIR else seat.may_veto
    return Member(key=seat.member, name=seat.name, may_veto=may_veto)


def _refused(code: str, **facts: int) -> InvalidSubmission:
    return InvalidSubmission([FieldError(path=(ATTENDEES,), code=code, facts=facts)])


#: Digits of either number of a share.
_DIGITS = 4
