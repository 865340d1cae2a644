"""Who deals with payments: the officers and the head of a finance agency; who oversees it looks on."""

from __future__ import annotations

from collections.abc import Sequence

from banjie.domain.assignment import Actor, Role, oversight_scope
from banjie.domain.errors import Forbidden, NotFound
from banjie.domain.payments import FINANCE_OFFICER, Batch
from banjie.domain.proceedings import CaseHeld
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.regions import AgencyKind
from banjie.services.runtime import Runtime


def own_agencies(rt: Runtime, actor: Actor) -> Sequence[str]:
    """The finance agencies that the actor is an officer or the head of, by key."""
    return sorted(key for key in actor.agencies if _is_finance(rt, key) and _works_at(actor, key))


def seen_agencies(rt: Runtime, actor: Actor) -> Sequence[str]:
    """The finance agencies whose payments the actor sees, by key: their own and those of regions watched over."""
    regions, _ = oversight_scope(actor)
    watched = {
        key
        for key, unit in rt.book.agencies.items()
        if _is_finance(rt, key) and not regions.isdisjoint(rt.region_path(unit.region))
    }
    return sorted(watched.union(own_agencies(rt, actor)))


def require_seen(rt: Runtime, actor: Actor) -> Sequence[str]:
    """As `seen_agencies`; raises NotFound where there is none: payments do not exist for others."""
    agencies = seen_agencies(rt, actor)
    if not agencies:
        raise NotFound(page="payments")
    return agencies


def agency_to_act_for(rt: Runtime, actor: Actor, wished: str | None) -> str:
    """The finance agency for which the actor makes batches: the one wished for, or the only one.

    Raises NotFound for one that the actor does not see, Forbidden unless the actor is an officer of it.
    """
    held = [key for key in own_agencies(rt, actor) if actor.holds(FINANCE_OFFICER, key)]
    if wished is None and len(held) == 1:
        return held[0]
    if wished not in seen_agencies(rt, actor):
        raise NotFound(agency=wished)
    if wished not in held:
        raise Forbidden("Only a finance officer does this.", agency=wished)
    return wished


def require_officer(rt: Runtime, actor: Actor, batch: Batch) -> None:
    """Raise NotFound for people who do not see the batch, Forbidden unless they are officers of its agency."""
    _require_sight(rt, actor, batch)
    if not actor.holds(FINANCE_OFFICER, batch.agency):
        raise Forbidden("Only a finance officer does this.", batch=batch.no)


def require_checker(rt: Runtime, actor: Actor, batch: Batch) -> None:
    """As `require_officer`; the head of the agency may too."""
    _require_sight(rt, actor, batch)
    if not _works_at(actor, batch.agency):
        raise Forbidden("Only finance officers and their head do this.", batch=batch.no)


def locked_batch(uow: UnitOfWork, no: str) -> Batch:
    """A batch by its number, locked; raises NotFound."""
    batch = uow.payments.lock_batch(no)
    if batch is None:
        raise NotFound(batch=no)
    return batch


def require_no_case_held(uow: UnitOfWork, batch: Batch) -> None:
    """Raise CaseHeld, naming the case, where one of a batch is held up: its money does not go to the bank."""
    case_no = uow.payments.held_case(batch.id)
    if case_no is not None:
        raise CaseHeld(case_no=case_no, batch=batch.no)


def stream_of(agency: str) -> str:
    """The stream that keeps the record of an agency's payments.

    >>> stream_of("finance-hinggan")
    'payments:finance-hinggan'
    """
    return f"payments:{agency}"


def _require_sight(rt: Runtime, actor: Actor, batch: Batch) -> None:
    if batch.agency not in seen_agencies(rt, actor):
        raise NotFound(batch=batch.no)


def _is_finance(rt: Runtime, agency: str) -> bool:
    unit = rt.book.agencies.get(agency)
    return unit is not None and unit.kind is AgencyKind.FINANCE


def _works_at(actor: Actor, agency: str) -> bool:
    return actor.holds(FINANCE_OFFICER, agency) or actor.holds(Role.HEAD, agency)
