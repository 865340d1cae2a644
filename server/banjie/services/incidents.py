"""Jobs that failed too often: kept where a person sees them, and mended by trying again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from banjie.domain.assignment import Actor, Role
from banjie.domain.errors import Conflict, Forbidden, NotFound
from banjie.domain.worklist import IncidentRow
from banjie.services import clock_audit, notices, recompute, timers
from banjie.services.payments import settling
from banjie.services.runtime import Runtime

_LONGEST_MESSAGE = 300


def record(rt: Runtime, job: str, arguments: Mapping[str, Any], error: BaseException) -> None:
    """Keep a failure, by kind of error; its text may hold personal data and is left out."""
    instance_id = arguments.get("instance_id")
    # The queue keeps arguments as JSONB, which has an order of its own.
    named = (instance_id, arguments.get("clock_id"), arguments.get("token"))
    subject = ":".join(str(value) for value in named if value is not None)
    with rt.store.begin() as uow:
        uow.desk.add_incident(job, subject, instance_id, type(error).__name__[:_LONGEST_MESSAGE], rt.now())


def open_incidents(rt: Runtime, actor: Actor) -> Sequence[IncidentRow]:
    """What waits for somebody; raises Forbidden for all but administrators."""
    _require_admin(actor)
    return waiting(rt)


def waiting(rt: Runtime) -> Sequence[IncidentRow]:
    """What waits for somebody, for whoever is at the machine itself."""
    with rt.store.read() as uow:
        return uow.lists.incidents()


def retry(rt: Runtime, actor: Actor, incident_id: int) -> None:
    """As `mend`, by an administrator, whose name is kept; raises Forbidden for others."""
    _require_admin(actor)
    mend(rt, incident_id, by=actor.account_id)


def mend(rt: Runtime, incident_id: int, *, by: int | None = None) -> None:
    """Do the failed job again now, and close the incident when its work is done or no longer to be done.

    Raises NotFound for one that is not open, Conflict where the work is still to be done, and what the job raises.
    """
    found = next((row for row in waiting(rt) if row.id == incident_id), None)
    if found is None:
        raise NotFound(incident=incident_id)
    instance_id, _, rest = found.subject.partition(":")
    if found.job == "letter" and not notices.tell_again(rt, int(found.subject)):
        raise Conflict("The letter still cannot be sent.", incident=incident_id)
    if found.job == "deliver":
        notices.deliver(rt, int(instance_id))
    elif found.job == "fire_timer":
        _fire_again(rt, int(instance_id), rest, by)
    elif found.job == recompute.JOB:
        recompute.retry(rt, int(instance_id), int(rest))
    elif found.job == settling.INCIDENT:
        settling.settle_payment(rt, int(found.subject))
    elif found.job == clock_audit.JOB:
        clock_audit.audit_again(rt)
    with rt.store.begin() as uow:
        uow.desk.resolve_incident(incident_id, by, rt.now())


def _fire_again(rt: Runtime, instance_id: int, named: str, by: int | None) -> None:
    """Fire the timer of a clock's id or a token; raises Conflict where it neither fires nor is gone."""
    clock_id, token = (int(named), None) if named.isdigit() else (None, named)
    if timers.fire(rt, instance_id, clock_id, token, by=by):
        return
    with rt.store.read() as uow:
        timer = uow.desk.timer(instance_id, clock_id, token)
    if timer is not None:
        raise Conflict("The timer still waits for its instant.", fires_at=timer[1])


def _require_admin(actor: Actor) -> None:
    if not actor.has(Role.ADMIN):
        raise Forbidden(page="incidents")
