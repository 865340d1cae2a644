"""What an enterprise sees of the lists that it stands in, and its refusal: by an account proved to be it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from banjie.domain.assignment import Actor
from banjie.domain.errors import Conflict, NotFound
from banjie.domain.rosters import OwnRow
from banjie.services.rosters import refusals
from banjie.services.rosters.rows import RowReceipt, receipt_in
from banjie.services.runtime import Runtime

#: An enterprise stands in a list or two a year.
_MOST = 100


@dataclass(frozen=True, kw_only=True)
class OwnReceipt:
    """A row as its enterprise sees it, with the receipt in full."""

    own: OwnRow
    receipt: RowReceipt


def own(rt: Runtime, actor: Actor) -> Sequence[OwnRow]:
    """The rows of the enterprises that the actor's account was proved to be, newest list first, at most a hundred."""
    with rt.store.read() as uow:
        return uow.rosters.own(actor.account_id, limit=_MOST)


def own_receipt(rt: Runtime, actor: Actor, roster_id: int, line: int) -> OwnReceipt:
    """One of the rows of `own`, with its receipt. Raises NotFound, for officers of the list too."""
    with rt.store.read() as uow:
        found = uow.rosters.own_row(actor.account_id, roster_id, line)
        roster = uow.rosters.find(roster_id)
        if found is None or roster is None:
            raise NotFound(roster=roster_id, line=line)
        return OwnReceipt(own=found, receipt=receipt_in(rt, uow, roster, line))


def refuse_own(rt: Runtime, actor: Actor, roster_id: int, line: int, reason: str) -> int:
    """Refuse what the list would pay one's enterprise, and the service for its year; returns out of how many lists.

    Locks as `refusals.refuse` does. Raises NotFound for a row that is not one's own, Conflict where nothing is to be
    paid any more, InvalidRequest without a reason, PaymentUnderWay where the money is in a batch or with the bank.
    """
    with rt.store.read() as uow:
        found = uow.rosters.own_row(actor.account_id, roster_id, line)
    if found is None:
        raise NotFound(roster=roster_id, line=line)
    if not found.may_refuse:
        raise Conflict("Nothing is left to refuse.", roster=roster_id, line=line)
    return refusals.refuse(rt, actor, service=found.service, year=found.year, uscc=found.uscc, reason=reason)
