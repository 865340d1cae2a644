"""What was approved of a list is granted and ordered by workers, some thousands of rows a transaction."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from banjie.domain.changes import CaseChange
from banjie.domain.decisions import Json
from banjie.domain.effects import GRANT, Effect
from banjie.domain.errors import EngineFault, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance, InstanceStatus
from banjie.domain.rosters import BUSY, GRANT_ROSTER, ORDER_ROSTER, Roster, RosterBusy, RosterStatus, RowState
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.awards import APPROVE, grant_roster
from banjie.services.deeds import Deed
from banjie.services.payments.rosters import order_roster
from banjie.services.payments.settling import settle_list
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

_CHUNK = 50_000
_ORDERABLE = frozenset({RosterStatus.GRANTED, RosterStatus.ORDERING, RosterStatus.ORDERED})


def grant(deed: Deed) -> Mapping[str, Json]:
    """Hand the grant of an approved list to the workers; a decision other than to approve releases what was granted.

    Raises EngineFault for a case that has no list.
    """
    uow, instance = deed.uow, deed.instance
    roster = uow.rosters.of_case(instance.id)
    if roster is None:
        raise EngineFault("The case has no list.", case_no=instance.case_no)
    if deed.values.get("decision") != APPROVE:
        if instance.data.get(GRANT) is None:
            return {}
        uow.awards.release(instance.id, deed.at)
        uow.rosters.set_status(roster.id, RosterStatus.READY)
        return {GRANT: None}
    uow.rosters.set_status(roster.id, RosterStatus.GRANTING)
    uow.cases.defer([(None, GRANT_ROSTER, {"roster_id": roster.id, "by": deed.actor.account_id})])
    service = deed.rt.book.services[instance.service]
    return {
        GRANT: {"roster": roster.id, "amount": roster.total, "count": roster.eligible, "fund": service.fund}
    }


def require_idle(uow: UnitOfWork, instance: Instance) -> None:
    """Raise RosterBusy while a worker grants or orders the rows of the case's list."""
    granted = instance.data.get(GRANT)
    if not isinstance(granted, Mapping) or "roster" not in granted:
        return
    roster = uow.rosters.of_case(instance.id)
    if roster is not None and roster.status in BUSY:
        raise RosterBusy(roster=roster.id, status=roster.status.value, done=roster.done, lines=roster.lines)


def run_grant(rt: Runtime, roster_id: int, by: int) -> None:
    """Grant the rows of a list chunk by chunk; killed and run again it goes on where it was.

    Rows that a limit stands against, because another list or case was first, are left out with that reason. Raises
    NotFound for a list without a case.
    """
    while _grant_chunk(rt, roster_id, by):
        pass


def _grant_chunk(rt: Runtime, roster_id: int, by: int) -> bool:
    """One chunk in its own transaction, or the end of it all; False where nothing is left to do."""
    with rt.store.begin() as uow:
        roster, instance = _locked(uow, roster_id)
        if roster.status is not RosterStatus.GRANTING or instance.status is not InstanceStatus.RUNNING:
            return False
        if roster.done == 0:
            uow.rosters.decline_refused(roster.id, roster.service, roster.year)
        last = uow.rosters.chunk_end(roster.id, roster.done, _CHUNK)
        if last is not None:
            grant_roster(
                rt, uow, roster_id=roster.id, instance=instance, year=roster.year, granted_by=by, at=rt.now(),
                state=RowState.ELIGIBLE, refused=RowState.LIMITED, lines=(roster.done + 1, last),
            )  # fmt: skip
            uow.rosters.report(roster.id, last)
            return True
        count, total = uow.rosters.retotal(roster.id)
        uow.rosters.set_status(roster.id, RosterStatus.GRANTED, done=roster.lines)
        if _waiting_step(rt, uow, instance) is not None:
            # A jump has brought the case here while rows were being granted: nothing was ordered then.
            uow.cases.defer([(None, ORDER_ROSTER, {"instance_id": instance.id})])
        _record(
            uow,
            instance,
            rt,
            "roster.granted",
            {"roster": roster.id, "count": count, "total": f"{total:.2f}"},
        )
    return False


def run_order(rt: Runtime, instance_id: int) -> None:
    """Order the payment of all that a list was granted; run again it orders nothing twice.

    Where nothing is left to be paid the step that waits for the money is completed; where none waits, because the
    case has gone back or ended meanwhile, nothing is done. Raises NotFound for a case without a list, CaseHeld where
    the step would be completed and the case is held up.
    """
    with rt.store.read() as uow:
        found = uow.rosters.of_case(instance_id)
    if found is None:
        raise NotFound(instance=instance_id)
    with rt.store.begin() as uow:
        roster, instance = _locked(uow, found.id)
        task = _waiting_step(rt, uow, instance)
        if task is None or roster.status not in _ORDERABLE:
            return
        ordered = order_roster(rt, uow, instance, roster.id)
        uow.rosters.set_status(roster.id, RosterStatus.ORDERED, done=roster.lines)
        facts: dict[str, Json] = {
            "roster": roster.id,
            "count": ordered.count,
            "total": f"{ordered.total:.2f}",
        }
        if ordered.count:
            _record(uow, instance, rt, "roster.ordered", facts)
        else:
            settle_list(rt, uow, instance, task, roster.id)


def _waiting_step(rt: Runtime, uow: UnitOfWork, instance: Instance) -> Task | None:
    """The step of the case that waits for money, if any."""
    elements = rt.processes.compiled(instance.definition).definition.elements
    opened = uow.cases.open_tasks(instance.id)
    return next((task for task in opened if elements[task.element].effect is Effect.PAY), None)


def _locked(uow: UnitOfWork, roster_id: int) -> tuple[Roster, Instance]:
    """The list as it stands once its case is locked."""
    roster = uow.rosters.find(roster_id)
    instance = uow.cases.lock_by_id(roster.instance_id) if roster and roster.instance_id else None
    roster = uow.rosters.find(roster_id)
    if roster is None or instance is None:
        raise NotFound(roster=roster_id)
    return roster, instance


def _record(uow: UnitOfWork, instance: Instance, rt: Runtime, event: str, facts: Mapping[str, Json]) -> None:
    change = CaseChange.of(instance, at=rt.now(), actor_id=None)
    change.events.append(NewEvent(type=event, facts=facts))
    uow.cases.apply(instance, change)
