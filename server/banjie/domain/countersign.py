"""Several officers decide together (会签): who sits on a panel, how their votes are counted, when it is decided.

A panel is counted over those who sit on it now: a member added counts from then on, a member removed no longer. It is
decided at the first moment at which no vote still open can change the outcome, and not before; in which order the same
votes come in makes no difference. Two rules are about the order itself: with `any` the first vote that is no abstention
decides, with `in_order` the members are asked one after the other and the first rejection ends it.

An abstention counts neither for nor against:

- `all`, `in_order`: approved when nobody rejects and at least one approves;
- `at_least`, `weighted`: it adds nothing to the approvals, and whoever abstains still sits on the panel, so that a
  share is of all members and is not easier to reach by abstaining;
- `any`: it leaves the decision to the others.

A panel on which all abstain has approved nothing: rejected, with the reason `no_votes`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, FourEyes
from banjie.domain.instances import Instance


class RuleKind(StrEnum):
    """How many must approve."""

    ALL = "all"
    AT_LEAST = "at_least"
    WEIGHTED = "weighted"
    ANY = "any"
    IN_ORDER = "in_order"


class Choice(StrEnum):
    """What a member says."""

    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"


class Outcome(StrEnum):
    """What a panel has decided."""

    APPROVED = "approved"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why a panel's outcome is what it is: by its votes, by one member's veto, or since nobody voted."""

    VOTES = "votes"
    VETO = "veto"
    NO_VOTES = "no_votes"


_COUNTED = frozenset({RuleKind.AT_LEAST, RuleKind.WEIGHTED})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule of a panel.

    `needed` belongs to `at_least` (votes) and `weighted` (weight) and is None elsewhere: a whole number of at least 1,
    or a share of all members above 0 and at most 1, a fraction reaching up (2/3 of four members are three). With `veto`
    one rejection by a member who may veto rejects. Raises ValueError for anything else.

    `needed_from` stands in the place of `needed` with `at_least` alone: the path `variable.field` of a number in the
    case data. Such a rule counts nothing before `fixed` has given it that number.
    """

    kind: RuleKind
    needed: int | Fraction | None = None
    veto: bool = False
    needed_from: str | None = None

    def __post_init__(self) -> None:
        if self.needed_from is not None:
            if self.kind is not RuleKind.AT_LEAST or self.needed is not None:
                raise ValueError("only the rule at_least reads its number from the case data")
        elif self.kind not in _COUNTED:
            if self.needed is not None:
                raise ValueError(f"the rule {self.kind} needs no number")
            if self.veto:
                raise ValueError(f"the rule {self.kind} knows no veto")
        elif self.needed is None:
            raise ValueError(
                f"the rule {self.kind} says how many are needed: a whole number or a share as 2/3"
            )
        elif self.needed <= 0 or (isinstance(self.needed, Fraction) and self.needed > 1):
            raise ValueError("what is needed is a whole number from 1, or a share above 0 and at most 1")

    def fixed(self, needed: object) -> Rule:
        """The rule with the number that the case data gave. Raises ValueError unless it is whole and at least 1.

        >>> read_rule("at_least", "=meeting.needed", "").fixed(3).needed
        3
        """
        is_whole = isinstance(needed, Decimal) and needed == needed.to_integral_value()
        number = int(Decimal(str(needed))) if is_whole else needed
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ValueError(f"what is needed is a whole number from 1, and not {str(needed)[:40]!r}")
        return replace(self, needed=number, needed_from=None)

    def threshold(self, members: Sequence[Member]) -> int:
        """The votes, or the weight, that approve on a panel of these members."""
        present = self.strength(members)
        if self.needed is None:
            return present
        return ceil(self.needed * present) if isinstance(self.needed, Fraction) else self.needed

    def strength(self, members: Sequence[Member]) -> int:
        """The votes, or the weight, of these members together."""
        return sum(member.weight for member in members) if self.kind is RuleKind.WEIGHTED else len(members)

    def can_be_met(self, members: Sequence[Member]) -> bool:
        """Whether a panel of these members could approve at all."""
        return bool(members) and self.strength(members) >= self.threshold(members)


@dataclass(frozen=True, kw_only=True)
class Member:
    """Who sits on a panel: `key` is the account's user name, `weight` a whole number from 1."""

    key: str
    name: str = ""
    weight: int = 1
    may_veto: bool = False


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What the member of a key has said."""

    member: str
    decision: Choice


@dataclass(frozen=True, kw_only=True)
class Tally:
    """A panel counted: `outcome` and `reason` are None until it is decided; the rest are keys of members.

    Approvals, rejections and abstentions come in the order of the votes, `open` in that of the members.
    """

    outcome: Outcome | None
    reason: Reason | None
    approvals: tuple[str, ...]
    rejections: tuple[str, ...]
    abstentions: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def decided(self) -> bool:
        return self.outcome is not None


def tally(rule: Rule, members: Sequence[Member], votes: Sequence[Vote]) -> Tally:
    """Count the votes, in the order in which they were cast, of a panel.

    Raises ValueError where two members have one key, somebody votes twice, or a vote is nobody's.

    >>> panel = [Member(key=key) for key in "abc"]
    >>> two = Rule(kind=RuleKind.AT_LEAST, needed=2)
    >>> tally(two, panel, [Vote(member="a", decision=Choice.REJECT)]).decided
    False
    >>> tally(two, panel, [Vote(member=key, decision=Choice.REJECT) for key in "ac"]).outcome
    <Outcome.REJECTED: 'rejected'>
    """
    said = {vote.member: vote.decision for vote in votes}
    keys = [member.key for member in members]
    if len(set(keys)) < len(keys) or len(said) < len(votes) or not said.keys() <= set(keys):
        raise ValueError("each member votes once, and nobody else")
    outcome = _first_word(votes) if rule.kind is RuleKind.ANY else _certain(rule, members, said)
    if outcome is None and len(said) == len(keys):
        outcome = Outcome.REJECTED  # only with `any`, where all have abstained
    return Tally(
        outcome=outcome,
        reason=None if outcome is None else _reason(rule, members, said),
        approvals=_who(votes, Choice.APPROVE),
        rejections=_who(votes, Choice.REJECT),
        abstentions=_who(votes, Choice.ABSTAIN),
        open=tuple(key for key in keys if key not in said),
    )


def _first_word(votes: Sequence[Vote]) -> Outcome | None:
    word = next((vote.decision for vote in votes if vote.decision is not Choice.ABSTAIN), None)
    if word is None:
        return None
    return Outcome.APPROVED if word is Choice.APPROVE else Outcome.REJECTED


def _certain(rule: Rule, members: Sequence[Member], said: Mapping[str, Choice]) -> Outcome | None:
    """The outcome that the open votes cannot change.

    No rule turns an approval into a loss or a rejection into a gain, so the two extremes bound all other endings.
    """
    best = _ending(rule, members, said, Choice.APPROVE)
    worst = _ending(rule, members, said, Choice.REJECT)
    return best if best is worst else None


def _ending(rule: Rule, members: Sequence[Member], said: Mapping[str, Choice], rest: Choice) -> Outcome:
    """The outcome where all open votes are the same."""
    of = {member.key: said.get(member.key, rest) for member in members}
    for_it = [member for member in members if of[member.key] is Choice.APPROVE]
    against = [member for member in members if of[member.key] is Choice.REJECT]
    if rule.needed is None:
        approved = bool(for_it) and not against
    else:
        vetoed = rule.veto and any(member.may_veto for member in against)
        approved = not vetoed and rule.strength(for_it) >= rule.threshold(members)
    return Outcome.APPROVED if approved else Outcome.REJECTED


def _reason(rule: Rule, members: Sequence[Member], said: Mapping[str, Choice]) -> Reason:
    if rule.veto and any(member.may_veto and said.get(member.key) is Choice.REJECT for member in members):
        return Reason.VETO
    return Reason.NO_VOTES if set(said.values()) == {Choice.ABSTAIN} else Reason.VOTES


def _who(votes: Sequence[Vote], decision: Choice) -> tuple[str, ...]:
    return tuple(vote.member for vote in votes if vote.decision is decision)


def require_eligible(account_id: int, agencies: Collection[str], instance: Instance, *, member: str) -> None:
    """Raise FourEyes for the applicant, Conflict for anybody who works for none of the case's agencies.

    `agencies` are the person's, `member` their user name.
    """
    if account_id == instance.applicant_id:
        raise FourEyes("Nobody decides on an application of their own.", member=member)
    if set(instance.agencies.values()).isdisjoint(agencies):
        raise Conflict("A member of a panel works for an agency of the case.", member=member)


# ── as diagrams and case data write them ─────────────────────────────────────────────────────────────


def read_rule(kind: str, needed: str, veto: str) -> Rule:
    """A rule from the attributes of a diagram, each empty where it is not there. Raises ValueError.

    >>> read_rule("at_least", "2/3", "").needed
    Fraction(2, 3)
    """
    if kind not in set(RuleKind):
        raise ValueError(f"{kind[:40]!r} is none of {', '.join(RuleKind)}")
    if veto not in ("", "true", "false"):
        raise ValueError("the veto is neither true nor false")
    if needed.strip().startswith("="):
        return Rule(kind=RuleKind(kind), needed_from=_read_path(needed), veto=veto == "true")
    return Rule(kind=RuleKind(kind), needed=_read_needed(needed.strip()), veto=veto == "true")


def _read_path(text: str) -> str:
    """`variable.field`, and no other expression: what a rule reads must be plain to see in the diagram."""
    path = text.strip().removeprefix("=").strip()
    names = path.split(".")
    if len(names) != _PATH or not all(name.isascii() and name.isidentifier() for name in names):
        raise ValueError(f"{text[:40]!r} is no path of a number in the case data as =meeting.needed")
    return path


def _read_needed(text: str) -> int | Fraction | None:
    if not text:
        return None
    whole, slash, part = text.partition("/")
    numbers = [whole, part] if slash else [whole]
    if not all(number.isascii() and number.isdigit() and len(number) <= _DIGITS for number in numbers):
        raise ValueError(f"{text[:40]!r} is neither a whole number nor a share as 2/3")
    if not slash:
        return int(whole)
    if int(part) == 0:
        raise ValueError("nothing is shared among nobody")
    return Fraction(int(whole), int(part))


def member_of(item: Json) -> Member:
    """A member from an item of the case data, a mapping with `member`, `name`, `weight` and `veto`.

    Only `member`, the user name, must be there. Raises ValueError.
    """
    said = item if isinstance(item, Mapping) else {}
    key, name, weight, veto = (said.get(word) for word in ("member", "name", "weight", "veto"))
    if not isinstance(key, str) or not key:
        raise ValueError("a member is a mapping with the user name as member")
    if name is not None and not isinstance(name, str):
        raise ValueError(f"the name of the member {key[:40]} is no text")
    if weight is None:
        weight = 1
    if not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight < 10**_DIGITS:
        raise ValueError(f"the weight of the member {key[:40]} is no whole number from 1")
    if veto is not None and not isinstance(veto, bool):
        raise ValueError(f"the veto of the member {key[:40]} is neither true nor false")
    return Member(key=key, name=name or key, weight=weight, may_veto=bool(veto))


def item_of(member: Member) -> dict[str, Json]:
    """A member as an item of the case data."""
    return {"member": member.key, "name": member.name, "weight": member.weight, "veto": member.may_veto}


#: Digits of a number in a diagram or of a weight.
_DIGITS = 4

#: Names of the path of a number in the case data: the variable and its field.
_PATH = 2
