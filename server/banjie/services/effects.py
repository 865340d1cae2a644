"""What completing a step does beside moving its case on, by the effect that the diagram names (ADR 0012)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.assignment import Actor
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element
from banjie.domain.effects import Effect
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime


@dataclass(frozen=True, kw_only=True)
class Deed:
    """The completion of a step with an effect. The case's row is locked; `values` is the validated submission."""

    rt: Runtime
    uow: UnitOfWork
    instance: Instance
    task: Task
    element: Element
    values: Mapping[str, Json]
    actor: Actor
    at: datetime


#: What an effect does: it answers the variables of the case data that it sets, whole, or raises to refuse.
Act = Callable[[Deed], Mapping[str, Json]]

#: PAY has no act: `payments` completes its step.
ACTS: dict[Effect, Act] = {}


def act(deed: Deed) -> Mapping[str, Json]:
    """Do what the step's effect says; the variables to be set in the case data, none where it has no effect."""
    effect = deed.element.effect
    return ACTS[effect](deed) if effect in ACTS else {}
