"""Objections (异议) to what an office has published: anybody makes them, an officer of that office answers them.

Name, contact and words of an objector stay in their row; the record of the case keeps the hash of the words. Who the
objector is, only the office that answers learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from banjie.domain.assignment import Actor
from banjie.domain.changes import CaseChange, Message
from banjie.domain.decisions import Json
from banjie.domain.errors import (
    FieldError,
    Forbidden,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
    RateLimited,
)
from banjie.domain.events import NewEvent
from banjie.domain.identity import mask_contact, mask_name
from banjie.domain.proceedings import words_hash
from banjie.domain.publicity import (
    Objection,
    ObjectionStatus,
    receipt_no,
)
from banjie.domain.rosters import ORDER_ROSTER
from banjie.persistence.text import read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.publicity import require
from banjie.services.rosters.refusals import set_aside
from banjie.services.runtime import Runtime
from banjie.services.sight import visible

PAGE = 30
MOST_A_PAGE = 100
MOST_OF_A_CASE = 200
#: Objections within an hour, from one address and to one publicity.
_MOST_FROM, _MOST_TO = 10, 200
_WINDOW = timedelta(hours=1)
#: Field → the fewest and the most characters.
SIZES = {"name": (2, 60), "contact": (5, 100), "reason": (10, 1_000)}
_ANSWER = (2, 1_000)


@dataclass(frozen=True, kw_only=True)
class NewObjection:
    """What an objector says; `line` None where it is about the publicity as a whole."""

    name: str
    contact: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class ObjectionPage:
    """One page of objections, the newest first; `next` is the cursor of the page behind it."""

    rows: Sequence[Objection]
    next: str | None


def make(rt: Runtime, no: str, said: NewObjection, address: str) -> str:
    """Object to a publicity; returns the number of the receipt. The office that published it is told.

    Locks the case. Raises InvalidSubmission for words that are missing, too short or too long and a line that is not
    there, RateLimited after too many from one address or to one publicity, NotFound, PublicityOver from the end of its
    last day on.
    """
    said = _checked(said)
    with rt.store.begin() as uow:
        _count(rt, uow, no, address)
        instance = uow.cases.lock_by_id(require(uow, no).instance_id)
        publicity, at = require(uow, no), rt.now()
        publicity.require_open(at)
        if said.line is not None and not uow.publicity.has_entry(publicity, said.line):
            raise _fault("line", "not_an_option")
        if instance is None:
            raise NotFound(publicity=no[:60])
        made = uow.publicity.add_objection(
            publicity, line=said.line, name=said.name, contact=said.contact, reason=said.reason, at=at
        )
        change = CaseChange.of(instance, at=at, actor_id=None)
        facts: dict[str, Json] = {"objection": made, "line": said.line, "words": words_hash(said.reason)}
        change.events.append(NewEvent(type="objection.received", agency=publicity.agency, facts=facts))
        change.messages += [
            Message(recipient=f"{whom}:{publicity.agency}", template="objection_received", facts={"objection": made})
            for whom in ("desk", "head")
        ]  # fmt: skip
        uow.cases.apply(instance, change)
    return receipt_no(no, made)


def handle(rt: Runtime, actor: Actor, objection_id: int, *, upheld: bool, answer: str) -> None:
    """Answer an objection, for its objector and the record; in a roster an upheld one sets its row aside.

    For the people of the office that published it. Locks the case. Raises NotFound, Forbidden for other offices that
    see the case, FourEyes for the applicant, InvalidRequest for an answer that is too short or too long,
    ObjectionAnswered.
    """
    words = answer.strip()
    least, most = _ANSWER
    if not least <= len(words) <= most:
        raise InvalidRequest("An answer has 2 to 1,000 characters.", field="answer", least=least, most=most)
    with rt.store.begin() as uow:
        found = uow.publicity.objection(objection_id)
        instance = uow.cases.lock_by_id(found.instance_id) if found else None
        found = uow.publicity.objection(objection_id)
        if found is None or instance is None:
            raise NotFound(objection=objection_id)
        if found.agency not in actor.agencies:
            visible(rt, uow, actor, found.case_no)
            raise Forbidden("The office that published answers.", objection=objection_id)
        instance.require_not_applicant(actor.account_id)
        found.require_open()
        at, status = rt.now(), ObjectionStatus.UPHELD if upheld else ObjectionStatus.DISMISSED
        uow.publicity.answer(found.id, status, words, actor.account_id, at)
        if upheld and found.roster_id is not None and found.line is not None:
            set_aside(uow, found.roster_id, found.line, at)
        change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
        if found.roster_id is not None:
            # The answer may come late, after a return: the row may have been the last that was to be paid.
            change.jobs.append((ORDER_ROSTER, {"instance_id": instance.id}))
        facts: dict[str, Json] = {"objection": found.id, "decision": status.value, "words": words_hash(words)}
        change.events.append(NewEvent(type="objection.answered", agency=found.agency, facts=facts))
        change.messages.append(
            Message(
                recipient=f"desk:{found.agency}", template="objection_answered", facts={"objection": found.id}
            )
        )
        uow.cases.apply(instance, change)


def of_case(rt: Runtime, actor: Actor, case_no: str) -> list[Objection]:
    """The objections in a case, open ones first; the applicant learns of none, other offices not who made them.

    Raises NotFound for a case that is not one's own.
    """
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        if actor.account_id == instance.applicant_id:
            return []
        found = uow.publicity.objections_of_case(instance.id, limit=MOST_OF_A_CASE)
    return [_shown(one, actor) for one in found]


def of_offices(
    rt: Runtime,
    actor: Actor,
    *,
    status: ObjectionStatus | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> ObjectionPage:
    """The objections that the actor's offices answer, the newest first.

    Raises Forbidden for people of no office, InvalidRequest for a cursor that is not one of ours.
    """
    if not actor.agencies:
        raise Forbidden("Objections are for the offices.")
    limit = max(1, min(limit, MOST_A_PAGE))
    try:
        before = read_id(cursor) if cursor else None
    except ValueError:
        raise InvalidRequest("This is not a cursor of ours.", cursor=(cursor or "")[:60]) from None
    with rt.store.read() as uow:
        found = uow.publicity.objections_of(actor.agencies, status, before=before, limit=limit + 1)
    rows = found[:limit]
    return ObjectionPage(rows=rows, next=str(rows[-1].id) if len(found) > limit else None)


def _shown(objection: Objection, actor: Actor) -> Objection:
    if objection.agency in actor.agencies:
        return objection
    return replace(objection, name=mask_name(objection.name), contact=mask_contact(objection.contact))


def _count(rt: Runtime, uow: UnitOfWork, no: str, address: str) -> None:
    now, since = rt.now(), rt.now() - _WINDOW
    for bucket, most in ((f"objection:{address}", _MOST_FROM), (f"objection-to:{no[:60]}", _MOST_TO)):
        if uow.people.count_attempt(bucket, now, since) > most:
            raise RateLimited(retry_after_seconds=int(_WINDOW.total_seconds()))


def _checked(said: NewObjection) -> NewObjection:
    """The words without blanks around them. Raises InvalidSubmission naming every field that is wrong."""
    texts = {field: getattr(said, field).strip() for field in SIZES}
    faults = [
        FieldError(path=(field,), code=code, facts=facts)
        for field, (least, most) in SIZES.items()
        for code, facts, wrong in (
            ("required", {}, not texts[field]),
            ("too_short", {"least": least}, 0 < len(texts[field]) < least),
            ("too_long", {"most": most}, len(texts[field]) > most),
            ("bad_character", {}, _is_bad(texts[field], lines=field == "reason")),
        )
        if wrong
    ]
    if faults:
        raise InvalidSubmission(faults)
    return NewObjection(**texts, line=said.line)


def _is_bad(text: str, *, lines: bool) -> bool:
    """Whether a text holds what cannot be stored or shown: control characters, halves of surrogate pairs."""
    allowed = "\n\r\t" if lines else ""
    return any(
        (not one.isprintable() and not one.isspace()) or (one < " " and one not in allowed) for one in text
    )


def _fault(field: str, code: str) -> InvalidSubmission:
    return InvalidSubmission([FieldError(path=(field,), code=code, facts={})])
