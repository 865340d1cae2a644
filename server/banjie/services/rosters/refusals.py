"""An enterprise wants nothing of a service for a year; and rows are set aside after an objection."""

from __future__ import annotations

from datetime import datetime

from banjie.domain.assignment import Actor
from banjie.domain.changes import CaseChange
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, Forbidden, InvalidRequest
from banjie.domain.events import NewEvent
from banjie.domain.identity import credit_code_fault
from banjie.domain.proceedings import reason_of, words_hash
from banjie.domain.rosters import ORDER_ROSTER, Reason, RowState
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.registers import regions_of
from banjie.services.rosters.begin import automatic_service
from banjie.services.runtime import Runtime


def refuse(rt: Runtime, actor: Actor, *, service: str, year: int, uscc: str, reason: str) -> int:
    """Keep that an enterprise refuses a year's payment, and take it out of the lists; returns out of how many.

    By an account that is verified for the enterprise, or by an officer on its written statement: of the regions in
    whose lists it stands, and of the one in whose register. Locks the cases of its lists. Raises NotFound,
    InvalidRequest for a code or reason that is none, Forbidden, PaymentUnderWay where the money is in a batch or with
    the bank already, Conflict where it has been paid.
    """
    automatic_service(rt, service)
    code, words = "".join(uscc.split()).upper(), reason_of(reason)
    if credit_code_fault(code):
        raise InvalidRequest("This is no credit code.", field="uscc")
    subject, at = rt.subject_key(code), rt.now()
    with rt.store.begin() as uow:
        found = uow.rosters.rows_of_subject(subject, service, year)
        if not uow.rosters.holds_subject(actor.account_id, subject):
            listed = [uow.rosters.find(roster_id) for roster_id, _line, _case in found]
            held = [one.region for one in (*listed, *uow.registers.enterprise(code)) if one is not None]
            served = regions_of(rt, actor)
            if not served or not served.issuperset(held):
                raise Forbidden(
                    "The enterprise itself refuses, or an officer on its statement.", service=service
                )
        uow.rosters.refuse(subject, service, year, words, actor.account_id, at)
        for roster_id, line, instance_id in found:
            _leave_out(uow, roster_id, line, instance_id, actor, words, at)
    return len(found)


def _leave_out(
    uow: UnitOfWork,
    roster_id: int,
    line: int,
    instance_id: int | None,
    actor: Actor,
    words: str,
    at: datetime,
) -> None:
    instance = uow.cases.lock_by_id(instance_id) if instance_id else None
    row = uow.rosters.row(roster_id, line)
    if row is not None and row.payment == "paid":
        raise Conflict("The money has been paid.", roster=roster_id, line=line)
    if instance is None or not uow.rosters.leave_out(roster_id, line, RowState.DECLINED, Reason.DECLINED, at):
        return
    change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
    facts: dict[str, Json] = {"roster": roster_id, "line": line, "words": words_hash(words)}
    change.events.append(NewEvent(type="roster.declined", facts=facts))
    # It may have been the last row that was to be paid: then nothing else lets the case go on.
    change.jobs.append((ORDER_ROSTER, {"instance_id": instance.id}))
    uow.cases.apply(instance, change)


def set_aside(uow: UnitOfWork, roster_id: int, line: int, at: datetime) -> bool:
    """Take a row out of what its list pays because an objection to it was upheld; the case must be locked."""
    return uow.rosters.leave_out(roster_id, line, RowState.OBJECTED, None, at)
