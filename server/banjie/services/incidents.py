"""Jobs that failed too often: kept where a person sees them, and mended by trying again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from banjie.domain.assignment import Actor, Role
from banjie.domain.errors import Conflict, Forbidden, NotFound
from banjie.domain.worklist import IncidentRow
from banjie.services import notices, timers
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
    with rt.store.read() as uow:
        return uow.lists.incidents()


def retry(rt: Runtime, actor: Actor, incident_id: int) -> None:
    """Do the failed job again now, and close the incident when it succeeds; raises what the job raises."""
    _require_admin(actor)
    found = next((row for row in open_incidents(rt, actor) if row.id == incident_id), None)
    if found is None:
        raise NotFound(incident=incident_id)
    instance_id, _, rest = found.subject.partition(":")
    if found.job == "letter" and not notices.tell_again(rt, int(found.subject)):
        raise Conflict("The letter still cannot be sent.", incident=incident_id)
    if found.job == "deliver":
        notices.deliver(rt, int(instance_id))
    elif found.job == "fire_timer":
        timers.fire(
            rt, int(instance_id), int(rest) if rest.isdigit() else None, None if rest.isdigit() else rest
        )
    with rt.store.begin() as uow:
        uow.desk.resolve_incident(incident_id, actor.account_id, rt.now())


def _require_admin(actor: Actor) -> None:
    if not actor.has(Role.ADMIN):
        raise Forbidden(page="incidents")
