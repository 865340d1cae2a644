"""The orders of a list that is paid without asking: made by one statement, ordered again one by one."""

from __future__ import annotations

from banjie.domain.assignment import Actor
from banjie.domain.effects import Effect
from banjie.domain.errors import Conflict, EngineFault, Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.payments import FINANCE_OFFICER, Payment, Sum, sound_account
from banjie.domain.proceedings import reason_of
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.payments.access import seen_agencies, stream_of
from banjie.services.runtime import Runtime


def order_roster(rt: Runtime, uow: UnitOfWork, instance: Instance, roster_id: int) -> Sum:
    """Order the payment of every granted award of a roster whose case waits for the money; answers what was ordered.

    The case's row must be locked. Run again it orders nothing twice. Raises EngineFault where no step of the case
    waits for money.
    """
    task = _step(rt, uow, instance)
    return uow.payments.order_roster(roster_id, agency=task.agency, token=task.token, at=rt.now())


def order_again(
    rt: Runtime, actor: Actor, payment_id: int, *, payee: str, account_no: str, bank_name: str
) -> int:
    """Order once more what the bank refused of a roster, to a corrected account, while its case waits; the new id.

    A single case corrects its account by its own step. Locks the case. Raises NotFound, Forbidden for anybody but an
    officer of the agency, InvalidRequest for what is no account, Conflict where the case waits no longer or an order
    lives already.
    """
    payee, bank_name = reason_of(payee, "payee"), reason_of(bank_name, "bank_name")
    if not sound_account(account_no):
        raise InvalidRequest("This is no account number.", field="account_no")
    with rt.store.begin() as uow:
        payment = _own(rt, uow, actor, payment_id)
        if payment.roster_id is None:
            raise Conflict("The case itself corrects its account.", payment=payment_id)
        instance = uow.cases.lock_by_id(payment.instance_id)
        waits = {task.token for task in uow.cases.open_tasks(payment.instance_id)}
        new_id = None
        if instance is not None and payment.token in waits:
            new_id = uow.payments.order_again(
                payment, payee=payee, account_no=account_no.strip(), bank_name=bank_name, at=rt.now()
            )
        if new_id is None:
            raise Conflict("The order cannot be made again.", payment=payment_id)
        event = NewEvent(
            type="payment.ordered_again",
            agency=payment.agency,
            facts={"payment": payment_id, "by_payment": new_id},
        )
        uow.desk.record(stream_of(payment.agency), [event], actor.account_id, rt.now())
        return new_id


def _own(rt: Runtime, uow: UnitOfWork, actor: Actor, payment_id: int) -> Payment:
    payment = uow.payments.find(payment_id)
    if payment is None or payment.agency not in seen_agencies(rt, actor):
        raise NotFound(payment=payment_id)
    if not actor.holds(FINANCE_OFFICER, payment.agency):
        raise Forbidden("Only a finance officer does this.", payment=payment_id)
    return payment


def _step(rt: Runtime, uow: UnitOfWork, instance: Instance) -> Task:
    elements = rt.processes.compiled(instance.definition).definition.elements
    for task in uow.cases.open_tasks(instance.id):
        if elements[task.element].effect is Effect.PAY:
            return task
    raise EngineFault("No step of the case waits for money.", case_no=instance.case_no)
