"""What waits for somebody's decision beside the diagram: extensions for heads, jumps for a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.assignment import Actor, Role
from banjie.domain.instances import Instance
from banjie.domain.proceedings import Proceeding, ProceedingKind
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services import jumps
from banjie.services.extensions import Scope
from banjie.services.jumps import Jump
from banjie.services.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class AskedExtension:
    """An open request for an extension with its case; it must be decided before `until`."""

    proceeding: Proceeding
    case_no: str
    service: str
    element_name: str
    days: int
    scope: Scope
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Requests:
    """What waits for the actor, soonest due first; at most a hundred of each."""

    extensions: Sequence[AskedExtension]
    jumps: Sequence[Jump]


def waiting(rt: Runtime, actor: Actor) -> Requests:
    """What waits for the actor's decision. Nobody decides what they have asked for themselves."""
    with rt.store.read() as uow:
        found = _extensions(uow, actor)
        cases = {case.id: case for case in uow.cases.find_all([one.instance_id for one in found])}
    asked = sorted(
        (_asked(rt, cases[one.instance_id], one) for one in found),
        key=lambda one: (one.until, one.proceeding.id),
    )
    return Requests(extensions=asked, jumps=jumps.pending(rt, actor))


def count(rt: Runtime, actor: Actor) -> int:
    """How many wait for the actor's decision."""
    with rt.store.read() as uow:
        asked = len(_extensions(uow, actor))
    return asked + len(jumps.pending(rt, actor))


def _extensions(uow: UnitOfWork, actor: Actor) -> list[Proceeding]:
    headed = sorted(held.agency for held in actor.memberships if held.role == Role.HEAD and held.agency)
    found = uow.cases.open_of_kind(ProceedingKind.EXTENSION, headed) if headed else []
    return [one for one in found if one.opened_by != actor.account_id]


def _asked(rt: Runtime, instance: Instance, one: Proceeding) -> AskedExtension:
    elements = rt.processes.compiled(instance.definition).definition.elements
    element = elements.get(one.element or "")
    return AskedExtension(
        proceeding=one,
        case_no=instance.case_no,
        service=instance.service,
        element_name=element.name if element else "",
        days=int(str(one.facts["days"])),
        scope=Scope(str(one.facts["scope"])),
        until=datetime.fromisoformat(str(one.facts["until"])),
    )
