"""A panel as the page of a case shows it: its rule, its members, what each has said, and what it has decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from banjie.domain.countersign import Choice, Member, Rule, RuleKind, member_of
from banjie.domain.decisions import Json
from banjie.domain.errors import NotFound
from banjie.edge.context import runtime
from banjie.services import people
from banjie.services.instances import CaseView
from banjie.services.votes import DECISION
from banjie.web.common.language import gettext

_ = gettext


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A member: what they have said (empty: nothing yet) and, in words, the vote and the opinion."""

    username: str
    name: str
    vote: str
    vote_text: str
    opinion: str
    weight: int
    may_veto: bool


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A panel of a step, open or decided; `outcome_text` is empty while it is open."""

    step: str
    rule: str
    is_weighted: bool
    knows_veto: bool
    seats: tuple[Seat, ...]
    voted: int
    outcome_text: str


def panels(view: CaseView) -> list[Panel]:
    """The panels of the case that have begun, in the order of the diagram."""
    found = [
        panel_of(view, element.id) for element in view.definition.elements.values() if element.countersign
    ]
    return [panel for panel in found if panel]


def panel_of(view: CaseView, element_id: str) -> Panel | None:
    """The panel of an element; None where it has not begun."""
    element = view.definition.elements[element_id]
    told = view.instance.data.get(element.variable or "")
    members = told.get("members") if isinstance(told, Mapping) else None
    if element.countersign is None or not isinstance(told, Mapping) or not isinstance(members, list | tuple):
        return None
    seats = tuple(_seat(item, told) for item in members)
    outcomes = {"approved": _("The panel has approved"), "rejected": _("The panel has rejected")}
    return Panel(
        step=element.name,
        rule=_rule(element.countersign, told.get("needed")),
        is_weighted=element.countersign.kind is RuleKind.WEIGHTED,
        knows_veto=element.countersign.veto,
        seats=seats,
        voted=sum(bool(seat.vote) for seat in seats),
        outcome_text=outcomes.get(str(told.get("outcome")), ""),
    )


def _seat(item: Json, told: Mapping[str, Json]) -> Seat:
    member = member_of(item)
    votes, opinions = told.get("votes"), told.get("opinions")
    said = votes.get(member.key) if isinstance(votes, Mapping) else None
    values = opinions.get(member.key) if isinstance(opinions, Mapping) else None
    written = values if isinstance(values, Mapping) else {}
    return Seat(
        username=member.key,
        name=_name(member),
        vote=str(said or ""),
        vote_text=_vote(str(said or "")),
        opinion="; ".join(
            text for key, text in written.items() if key != DECISION and isinstance(text, str) and text
        ),
        weight=member.weight,
        may_veto=member.may_veto,
    )


def _name(member: Member) -> str:
    """The member's name; where the case data gives the user name only, that of the account."""
    if member.name != member.key:
        return member.name
    try:
        return people.actor_named(runtime(), member.key).name
    except NotFound:
        return member.key


def _vote(said: str) -> str:
    words = {
        Choice.APPROVE.value: _("Approves"),
        Choice.REJECT.value: _("Rejects"),
        Choice.ABSTAIN.value: _("Abstains"),
    }
    return words.get(said, _("has not voted yet"))


def _rule(rule: Rule, read: Json) -> str:
    """The rule in words; `read` is the number that the case data gave, where the rule takes it from them."""
    needed = {"needed": str(read if rule.needed_from else rule.needed)}
    words = {
        RuleKind.ALL: _("All must approve."),
        RuleKind.ANY: _("The first vote that is no abstention decides."),
        RuleKind.IN_ORDER: _("The members are asked in order; all must approve."),
        RuleKind.AT_LEAST: (
            _("At least %(needed)s of the members must approve.")
            if isinstance(rule.needed, Fraction)
            else _("At least so many members must approve: %(needed)s.")
        )
        % needed,
        RuleKind.WEIGHTED: _("Approvals with a weight of at least %(needed)s are needed.") % needed,
    }
    return words[rule.kind]
