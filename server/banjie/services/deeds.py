"""The completion of a step with an effect, as what the effect does is given it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from banjie.domain.assignment import Actor
from banjie.domain.calendar import legal_date
from banjie.domain.decisions import Json, ParameterValue
from banjie.domain.definitions import Element
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

    @property
    def law_day(self) -> date:
        """The day whose law holds for the case: that of its acceptance, before it today."""
        return legal_date(self.instance.accepted_at or self.at)

    def parameter(self, key: str) -> ParameterValue:
        """The value that holds for the case. Raises NoValueInForce where there is none."""
        return self.rt.book.parameter(key, on=self.law_day, region=self.instance.region)

    def value(self, key: str) -> Decimal | bool | str:
        """As `parameter`, the bare value."""
        return self.parameter(key).value


#: What an effect does: it answers the variables of the case data that it sets, whole, or raises to refuse.
Act = Callable[[Deed], Mapping[str, Json]]
