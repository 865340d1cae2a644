"""Batches of due orders: made by one officer, checked by another person, sent back or approved.

The budget's row is locked before any order is taken, so that two who make batches from one fund wait for each other
and neither overspends it. Locks are taken in one order everywhere: batch, budget, orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from banjie.domain.assignment import Actor
from banjie.domain.awards import PaymentStatus
from banjie.domain.calendar import legal_date
from banjie.domain.decisions import Json
from banjie.domain.errors import FourEyes, IdempotencyMismatch, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.payments import (
    MOST_ORDERS,
    BankReturn,
    Batch,
    BatchStatus,
    BudgetExceeded,
    DueGroup,
    NotDue,
    Payment,
    Pot,
    Reconciliation,
    Sum,
)
from banjie.domain.proceedings import reason_of, words_hash
from banjie.persistence.payments import PaymentFilter
from banjie.persistence.text import canonical, dumps, loads
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.instances import LONGEST_KEY
from banjie.services.payments.access import (
    agency_to_act_for,
    locked_batch,
    require_checker,
    require_no_case_held,
    require_seen,
    stream_of,
)
from banjie.services.payments.budgets import require_sight
from banjie.services.runtime import Runtime

PAGE = 50
MOST_A_PAGE = 200
#: The first characters of a batch's number: 付款批次.
_PREFIX = "FK"


@dataclass(frozen=True, kw_only=True)
class MakeBatch:
    """The wish to put due orders of one pot into a batch: those named, or (None) all, the first million.

    `agency` None: the only one that the officer works for.
    """

    by: Actor
    pot: Pot
    ids: Sequence[int] | None = None
    agency: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """The answer to the making of a batch; `repeated` where the same request made it before."""

    no: str
    count: int
    total: str
    repeated: bool = False


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a batch would hold, and what its budget has left before it."""

    agency: str
    wanted: Sum
    left: Decimal


@dataclass(frozen=True, kw_only=True)
class DuePage:
    """What is due: the sums by agency and pot, and a page of orders; `next` is where the following one begins."""

    groups: Sequence[DueGroup]
    payments: Sequence[Payment]
    next: int | None


@dataclass(frozen=True, kw_only=True)
class BatchView:
    """A batch with what became of it, the files read for it, and a page of its orders."""

    batch: Batch
    reconciliation: Reconciliation
    returns: Sequence[BankReturn]
    payments: Sequence[Payment]
    next: int | None


def due(rt: Runtime, actor: Actor, *, fund: str | None = None, region: str | None = None, year: int | None = None,
        words: str = "", after: int = 0, limit: int = PAGE) -> DuePage:  # fmt: skip
    """The due orders that the actor sees, narrowed down; raises NotFound for people who see none."""
    agencies = require_seen(rt, actor)
    limit = max(1, min(limit, MOST_A_PAGE))
    wanted = PaymentFilter(
        agencies=agencies, statuses=(PaymentStatus.DUE,), fund=fund, region=region, year=year,
        words="".join(char for char in words if char.isprintable()).strip(), after=after,
    )  # fmt: skip
    with rt.store.read() as uow:
        groups = uow.payments.due_groups(agencies)
        payments = uow.payments.listed(wanted, limit=limit + 1)
    return DuePage(groups=groups, payments=payments[:limit], next=_next(payments, limit))


def batches(rt: Runtime, actor: Actor, *, before: int | None = None, limit: int = PAGE) -> Sequence[Batch]:
    """The newest batches that the actor sees, older than an id; raises NotFound for people who see none."""
    with rt.store.read() as uow:
        return uow.payments.batches(
            require_seen(rt, actor), before=before, limit=max(1, min(limit, MOST_A_PAGE))
        )


def view(
    rt: Runtime,
    actor: Actor,
    no: str,
    *,
    status: PaymentStatus | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> BatchView:
    """A batch with its reconciliation and orders, of one status only; raises NotFound."""
    agencies = require_seen(rt, actor)
    with rt.store.read() as uow:
        batch = uow.payments.batch(no)
        if batch is None or batch.agency not in agencies:
            raise NotFound(batch=no)
        wanted = PaymentFilter(
            agencies=[batch.agency], statuses=(status,) if status else (), batch_id=batch.id, after=after
        )
        payments = uow.payments.listed(wanted, limit=limit + 1)
        return BatchView(
            batch=batch,
            reconciliation=uow.payments.reconciliation(batch),
            returns=uow.bank_returns.of(batch.id),
            payments=payments[:limit],
            next=_next(payments, limit),
        )


def preview(rt: Runtime, command: MakeBatch) -> Preview:
    """What a batch would hold and what its budget has left, before it is made. Raises NotFound, Forbidden."""
    agency = agency_to_act_for(rt, command.by, command.agency)
    require_sight(rt, command.by, command.pot)
    with rt.store.read() as uow:
        budget = uow.budgets.find(command.pot)
        wanted = uow.payments.due_sum(agency, command.pot, command.ids)
    return Preview(agency=agency, wanted=wanted, left=budget.left if budget else Decimal(0))


def make_batch(rt: Runtime, command: MakeBatch) -> Made:
    """Put due orders of a pot into a new batch and commit its budget.

    Raises NotFound, Forbidden for anybody but an officer of the agency, NotDue where a named order is not due there,
    its case is held up, or nothing is due, BudgetExceeded saying what is left, IdempotencyMismatch. Locks the
    budget's row, then the orders.
    """
    agency = agency_to_act_for(rt, command.by, command.agency)
    key, at = command.idempotency_key, rt.now()
    if len(key or "") > LONGEST_KEY:
        raise InvalidRequest("The idempotency key is too long.", limit=LONGEST_KEY)
    named = sorted(set(command.ids)) if command.ids is not None else None
    if named is not None and not 1 <= len(named) <= MOST_ORDERS:
        raise InvalidRequest("Choose at least one order and not too many.", field="ids", most=MOST_ORDERS)
    request = sha256(canonical(["batch", agency, command.pot, named]).encode()).digest()
    with rt.store.begin() as uow:
        if key and not uow.cases.reserve_answer(command.by.account_id, key, request, at):
            return _repeated(uow, command.by, key, request)
        made = _make(uow, command.by, agency, command.pot, named, at)
        if key:
            said = {"no": made.no, "count": made.count, "total": made.total}
            uow.cases.fill_answer(command.by.account_id, key, dumps(said))
        return made


def _make(
    uow: UnitOfWork, actor: Actor, agency: str, pot: Pot, named: Sequence[int] | None, at: datetime
) -> Made:
    budget = uow.budgets.lock(pot)
    prefix = f"{_PREFIX}{legal_date(at):%Y%m%d}-"
    batch_id, no = uow.payments.add_batch(pot, agency, actor.account_id, at, prefix)
    taken = uow.payments.take(batch_id, pot, agency, named, most=MOST_ORDERS)
    if not taken.count or (named is not None and taken.count != len(named)):
        raise NotDue(wanted=len(named) if named is not None else 0, due=taken.count)
    left = budget.left if budget else 0
    if taken.total > left:
        raise BudgetExceeded(
            fund=pot.fund, region=pot.region, year=pot.year, left=f"{left:.2f}", wanted=f"{taken.total:.2f}"
        )
    uow.budgets.move(pot, committed=taken.total)
    _record(uow, agency, "batch.made", actor, at, no, taken)
    return Made(no=no, count=taken.count, total=f"{taken.total:.2f}")


def check_batch(rt: Runtime, actor: Actor, no: str) -> None:
    """Approve a batch that another person made, so that it may go to the bank. Locks the batch.

    Raises NotFound, Forbidden for anybody but officers and the head of the agency, FourEyes for its maker,
    WrongBatchStatus, CaseHeld where a case of it has been held up meanwhile.
    """
    with rt.store.begin() as uow:
        batch = _to_check(rt, uow, actor, no, BatchStatus.MADE)
        require_no_case_held(uow, batch)
        at = rt.now()
        uow.payments.check(batch.id, actor.account_id, at)
        _record(uow, batch.agency, "batch.checked", actor, at, no, Sum(count=batch.count, total=batch.total))


def send_back(rt: Runtime, actor: Actor, no: str, reason: str) -> None:
    """Refuse a batch that another person made, or one approved whose file was not made: its orders are due again.

    Its budget is free again. Locks the batch, the budget and the orders. Raises NotFound, Forbidden, FourEyes,
    WrongBatchStatus as `check_batch`, and InvalidRequest without a reason.
    """
    words = reason_of(reason)
    with rt.store.begin() as uow:
        batch = _to_check(rt, uow, actor, no, BatchStatus.MADE, BatchStatus.CHECKED)
        at = rt.now()
        uow.budgets.lock(batch.pot)
        uow.payments.send_back(batch.id, actor.account_id, words, at)
        uow.budgets.move(batch.pot, committed=-batch.total)
        taken = Sum(count=batch.count, total=batch.total)
        _record(uow, batch.agency, "batch.sent_back", actor, at, no, taken, reason_sha256=words_hash(words))


def _to_check(rt: Runtime, uow: UnitOfWork, actor: Actor, no: str, *status: BatchStatus) -> Batch:
    batch = locked_batch(uow, no)
    require_checker(rt, actor, batch)
    batch.require(*status)
    if batch.made_by == actor.account_id:
        raise FourEyes("Whoever made the batch does not check it.", batch=no)
    return batch


def _record(
    uow: UnitOfWork, agency: str, event: str, actor: Actor, at: datetime, no: str, of: Sum, **more: str
) -> None:
    facts: dict[str, Json] = {"batch": no, "count": of.count, "total": f"{of.total:.2f}", **more}
    uow.desk.record(
        stream_of(agency), [NewEvent(type=event, agency=agency, facts=facts)], actor.account_id, at
    )


def _repeated(uow: UnitOfWork, actor: Actor, key: str, request: bytes) -> Made:
    found = uow.cases.answered(actor.account_id, key)
    if found is None or found[0] != request or not found[1]:
        raise IdempotencyMismatch(key=key)
    return Made(**loads(found[1]), repeated=True)


def _next(payments: Sequence[Payment], limit: int) -> int | None:
    return payments[limit - 1].id if len(payments) > limit else None
