"""What the bank has answered is carried on to the cases: the step that waited for the money is completed by nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from banjie.domain.assignment import Actor
from banjie.domain.awards import PaymentStatus
from banjie.domain.decisions import Json
from banjie.domain.errors import NotFound
from banjie.domain.instances import Instance
from banjie.domain.payments import Payment, Sum
from banjie.domain.tasks import Task
from banjie.persistence.bank_returns import Waiting
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.machine import completed
from banjie.services.payments.access import locked_batch, require_officer
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

#: The job of a batch, and the name under which a case that fails becomes an incident.
JOB = "settle_batch"
INCIDENT = "settle_payment"
_PAGE = 200
_UNPAID = (PaymentStatus.DUE, PaymentStatus.BATCHED, PaymentStatus.SENT)


def settle_batch(rt: Runtime, batch_id: int) -> int:
    """Complete the steps whose money the bank has answered for, one transaction a case; returns how many.

    Done again it does nothing twice. A case that fails becomes an incident and does not hold up the others.
    """
    done, after = 0, 0
    while True:
        with rt.store.read() as uow:
            page = uow.bank_returns.waiting(batch_id, after=after, limit=_PAGE)
        for waiting in page:
            done += _tried(rt, waiting, _settle_case)
            after = waiting.payment_id
        if len(page) < _PAGE:
            break
    with rt.store.read() as uow:
        rosters = uow.bank_returns.rosters(batch_id)
    return done + sum(_tried(rt, waiting, _settle_roster) for waiting in rosters)


def settle_payment(rt: Runtime, payment_id: int) -> bool:
    """Carry on the case of one order that was answered; False where its step waits no longer, or still has to.

    Raises NotFound, and whatever keeps the case from going on.
    """
    with rt.store.read() as uow:
        payment = uow.payments.find(payment_id)
    if payment is None:
        raise NotFound(payment=payment_id)
    waiting = Waiting(
        payment_id=payment.id,
        instance_id=payment.instance_id,
        roster_id=payment.roster_id,
        token=payment.token,
    )
    settle = _settle_case if payment.roster_id is None else _settle_roster
    return settle(rt, waiting)


def _tried(rt: Runtime, waiting: Waiting, settle: Callable[[Runtime, Waiting], bool]) -> bool:
    try:
        return settle(rt, waiting)
    except Exception as error:
        # A case that cannot go on must not hold up the others; a person sees it and tries again.
        kind = type(error).__name__
        log.warning("payment.not_settled", extra={"payment": waiting.payment_id, "kind": kind}, exc_info=True)
        with rt.store.begin() as uow:
            uow.desk.add_incident(INCIDENT, str(waiting.payment_id), waiting.instance_id, kind, rt.now())
        return False


def _settle_case(rt: Runtime, waiting: Waiting) -> bool:
    with rt.store.begin() as uow:
        instance, task = _locked(uow, waiting)
        payment = uow.payments.find(waiting.payment_id)
        if (
            task is None
            or payment is None
            or payment.status not in (PaymentStatus.PAID, PaymentStatus.REFUSED)
        ):
            return False
        instance.require_free()
        _complete(
            rt, uow, instance, task, _answer(payment), {"payment": payment.id, "result": payment.status.value}
        )
        return True


def _settle_roster(rt: Runtime, waiting: Waiting) -> bool:
    """Complete the step of a roster whose orders are all paid or refused."""
    with rt.store.begin() as uow:
        instance, task = _locked(uow, waiting)
        if task is None or waiting.roster_id is None:
            return False
        return settle_list(rt, uow, instance, task, waiting.roster_id)


def settle_list(rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task, roster_id: int) -> bool:
    """Complete the step of a list that waits for money, unless an order of it is still open; False where one is.

    The case's row must be locked. Raises CaseHeld.
    """
    stand = uow.payments.of_roster(instance.id, roster_id)
    if any(status in stand for status in _UNPAID):
        return False
    instance.require_free()
    paid, refused = (stand.get(status, Sum()) for status in (PaymentStatus.PAID, PaymentStatus.REFUSED))
    values: dict[str, Json] = {
        "result": PaymentStatus.PAID.value, "paid_count": paid.count, "refused_count": refused.count,
        "paid_total": paid.total, "paid_on": rt.today().isoformat(),
    }  # fmt: skip
    _complete(rt, uow, instance, task, values, {"paid": paid.count, "refused": refused.count})
    return True


def _locked(uow: UnitOfWork, waiting: Waiting) -> tuple[Instance, Task | None]:
    """The case, locked, and the step that waits for the order; None where it no longer does."""
    instance = uow.cases.lock_by_id(waiting.instance_id)
    if instance is None:
        raise NotFound(instance=waiting.instance_id)
    opened = uow.cases.open_tasks(instance.id)
    return instance, next((task for task in opened if task.token == waiting.token), None)


def _answer(payment: Payment) -> Mapping[str, Json]:
    """What the case learns of its payment."""
    if payment.status is PaymentStatus.PAID:
        paid_on = payment.paid_on.isoformat() if payment.paid_on else None
        return {
            "result": "paid",
            "paid_on": paid_on,
            "reference": payment.reference or "",
            "amount": payment.amount,
        }
    return {
        "result": "refused", "refusal_code": payment.refusal_code or "",
        "refusal_reason": payment.refusal_words or "",
    }  # fmt: skip


def _complete(
    rt: Runtime, uow: UnitOfWork, instance: Instance, task: Task, values: Mapping[str, Json],
    facts: Mapping[str, Json],
) -> None:  # fmt: skip
    compiled = rt.processes.compiled(instance.definition)
    uow.cases.apply(instance, completed(rt, uow, instance, compiled, task, values, at=rt.now(), facts=facts))


def settle_again(rt: Runtime, actor: Actor, no: str) -> None:
    """Have a worker carry on once more the cases of a batch that still wait; those that went on stay as they are.

    Raises NotFound, Forbidden for anybody but officers of the agency.
    """
    with rt.store.begin() as uow:
        batch = locked_batch(uow, no)
        require_officer(rt, actor, batch)
        uow.cases.defer([(None, JOB, {"batch_id": batch.id})])
