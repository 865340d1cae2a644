"""Yellow and red cards: what a missed limit brings upon an agency, to be answered with a reason.

A step's missed limit is a yellow card, even where the case is in time; the case's own limit, promised or of the law,
a red one. A yellow card that is not answered in time is replaced by a red one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from banjie.domain.assignment import Actor, Role
from banjie.domain.changes import CaseChange, Message
from banjie.domain.clock import deadline_of
from banjie.domain.decisions import Json, MissingValue
from banjie.domain.errors import Forbidden, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.proceedings import (
    ClosedProceeding,
    Proceeding,
    ProceedingKind,
    ProceedingStatus,
    reason_of,
    words_hash,
)
from banjie.domain.worklist import COUNT_CAP
from banjie.persistence.cards import CardCount, OpenCard
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.lateness import Colour, add_card
from banjie.services.reports import watched_agencies
from banjie.services.runtime import Runtime
from banjie.services.walk import agency_calendar

ANSWER_LIMIT = "common/yellow_card_answer_limit"
_MOST = 200
#: Cards are counted back so far.
COUNTED = timedelta(days=365)


def answer(rt: Runtime, actor: Actor, card_id: int, words: str) -> None:
    """Answer a card of one's agency with the reason, as an officer or the head of it.

    Raises NotFound, Conflict where it was answered (saying by whom), InvalidRequest without a reason. Locks the case.
    """
    reason = reason_of(words)
    with rt.store.begin() as uow:
        instance, card = _locked(uow, card_id)
        if not answers_for(actor, card.agency or ""):
            raise NotFound(card=card_id)
        card.require_open()
        _close(rt, uow, instance, card, ProceedingStatus.DONE, "card.answered", reason, actor)


def revoke(rt: Runtime, actor: Actor, card_id: int, words: str) -> None:
    """Take a card back that was issued wrongly, as a manager of the agency's region.

    Raises as `answer`, and Forbidden for people of the agency itself.
    """
    reason = reason_of(words)
    with rt.store.begin() as uow:
        instance, card = _locked(uow, card_id)
        if not may_revoke(rt, actor, card.agency or ""):
            if answers_for(actor, card.agency or ""):
                raise Forbidden("Only a manager of the region takes a card back.", card=card_id)
            raise NotFound(card=card_id)
        card.require_open()
        _close(rt, uow, instance, card, ProceedingStatus.TAKEN_BACK, "card.revoked", reason, actor)


def escalate(rt: Runtime) -> int:
    """Replace yellow cards whose time to be answered is over by red ones; returns how many. For the daily run.

    The time is counted in working days of the agency from the issue on (parameter common/yellow_card_answer_limit).
    """
    with rt.store.read() as uow:
        overdue = [card for card in uow.cards.open_yellow() if _is_unanswered_too_long(rt, card)]
    return sum(_turn_red(rt, card.id) for card in overdue)


@dataclass(frozen=True, kw_only=True)
class Cards:
    """The open cards of the agencies that somebody answers for or watches over, and those of a year by agency."""

    waiting: Sequence[OpenCard]
    counts: Sequence[CardCount]


def cards(rt: Runtime, actor: Actor) -> Cards:
    """The cards of one's own agencies and of those watched over, the oldest first, at most 200."""
    agencies = _agencies(rt, actor)
    with rt.store.read() as uow:
        return Cards(
            waiting=uow.cards.waiting(agencies, limit=_MOST),
            counts=uow.cards.counts(agencies, rt.now() - COUNTED),
        )


def sees_cards(actor: Actor) -> bool:
    """Whether cards are the actor's business: officers and heads of agencies, managers, auditors."""
    return bool(actor.posts) or any(actor.has(role) for role in (Role.HEAD, Role.MANAGER, Role.AUDITOR))


def number_waiting(rt: Runtime, actor: Actor) -> int:
    """How many cards wait in what `cards` shows, counted up to COUNT_CAP; one look at an index."""
    with rt.store.read() as uow:
        return uow.cards.number_waiting(_agencies(rt, actor), cap=COUNT_CAP)


def _agencies(rt: Runtime, actor: Actor) -> list[str]:
    agencies = set(actor.agencies)
    if actor.has(Role.MANAGER) or actor.has(Role.AUDITOR) or actor.has(Role.HEAD):
        agencies.update(watched_agencies(rt, actor))
    return sorted(agencies)


def may_answer(actor: Actor, card: Proceeding) -> bool:
    """Whether the actor is of the agency that the card was issued to, and it is open."""
    return card.kind is ProceedingKind.CARD and card.is_open and answers_for(actor, card.agency or "")


def answers_for(actor: Actor, agency: str) -> bool:
    """Whether the actor answers the cards of an agency: as an officer or the head of it."""
    return agency in {held.agency for held in actor.posts} or actor.holds(Role.HEAD, agency)


def may_revoke(rt: Runtime, actor: Actor, agency: str) -> bool:
    """Whether the actor takes cards of an agency back: as a manager of its region."""
    return actor.has(Role.MANAGER) and agency in watched_agencies(rt, actor)


# ── inside ───────────────────────────────────────────────────────────────────────────────────────────


def _locked(uow: UnitOfWork, card_id: int) -> tuple[Instance, Proceeding]:
    instance, card = uow.cases.lock_by_proceeding(card_id), uow.cases.proceeding(card_id)
    if instance is None or card is None or card.kind is not ProceedingKind.CARD:
        raise NotFound(card=card_id)
    return instance, card


def _close(
    rt: Runtime, uow: UnitOfWork, instance: Instance, card: Proceeding, status: ProceedingStatus, event: str,
    words: str, actor: Actor,
) -> None:  # fmt: skip
    change = CaseChange.of(instance, at=rt.now(), actor_id=actor.account_id)
    change.closed_proceedings.append(ClosedProceeding(id=card.id, status=status, answer=words))
    change.events.append(
        NewEvent(
            type=event, element=card.element, agency=card.agency,
            facts={"card": card.id, "colour": card.facts.get("colour"), "words_sha256": words_hash(words)},
        )
    )  # fmt: skip
    uow.cases.apply(instance, change)


def _is_unanswered_too_long(rt: Runtime, card: OpenCard) -> bool:
    limit = rt.parameter(ANSWER_LIMIT, rt.today(), card.region)
    if isinstance(limit, MissingValue):
        return False
    return deadline_of(card.opened_at, int(limit.value), *agency_calendar(rt, card.agency)).at <= rt.now()


def _turn_red(rt: Runtime, card_id: int) -> bool:
    with rt.store.begin() as uow:
        instance, card = _locked(uow, card_id)
        if not card.is_open or card.agency is None:
            return False
        change = CaseChange.of(instance, at=rt.now(), actor_id=None)
        change.closed_proceedings.append(ClosedProceeding(id=card.id, status=ProceedingStatus.LAPSED))
        facts: dict[str, Json] = {**card.facts, "colour": Colour.RED.value, "instead_of": card.id}
        add_card(change, facts, card.element, card.agency, card.clock_id)
        change.messages.append(Message(recipient=f"head:{card.agency}", template="red_card", facts=facts))
        uow.cases.apply(instance, change)
        return True
