"""Completing a step for which no person answers: the law stood in for a silent office, or the bank has answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from banjie.domain.calendar import legal_date
from banjie.domain.changes import CaseChange, NewSubmission
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task
from banjie.engine.definitions import CompiledDefinition
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.walk import Completion, case_change, moment


def completed(
    rt: Runtime, uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition, task: Task,
    values: Mapping[str, Json], *, at: datetime, facts: Mapping[str, Json],
) -> CaseChange:  # fmt: skip
    """What changes when a step is completed with these values by nobody; the caller applies it.

    `at` is the earliest instant of it; `facts` go on record with the completion. The case's row must be locked.
    """
    element: Element = compiled.definition.elements[task.element]
    variable = element.variable or element.id
    instance.data = {**instance.data, variable: values}
    clocks = uow.cases.clocks(instance.id)
    at = max(at, moment(rt, clocks))
    on = legal_date(instance.accepted_at or at)
    step = rt.engine.complete_user_task(
        compiled, instance.snapshot, token=task.token, data=instance.data,
        decide=rt.decider(on, instance.region), now=at,
    )  # fmt: skip
    trail: list[Json] = [passed.element for passed in step.trail]
    change = case_change(
        rt, instance, compiled.definition, step, clocks, at=at, actor_id=None,
        completion=Completion(element=element.id, token=task.token, task_id=task.id, agency=task.agency, by=None),
        first_event=NewEvent(
            type="task.completed", element=element.id, task_id=task.id, agency=task.agency,
            facts={"trail": trail, **facts},
        ),
    )  # fmt: skip
    change.submissions.append(
        NewSubmission(
            element=element.id, variable=variable, form=element.form or "", by=None, values=values,
            task_id=task.id,
        )
    )  # fmt: skip
    return change
