"""Deemed acceptance: an office that does not say in time whether it accepts an application has accepted it.

From the day of receipt, or of the answer to what was missing. Source: 行政许可法 Art. 32(1)(4), cited where the
limit is kept (`policy/common/parameters/acceptance_limit.yaml`).
"""

from __future__ import annotations

from datetime import datetime

from banjie.domain.calendar import legal_date
from banjie.domain.changes import Message, NewSubmission
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element
from banjie.domain.errors import EngineFault
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task
from banjie.engine.definitions import CompiledDefinition
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.walk import ACCEPTED, Completion, case_change, moment

#: The template with which the applicant and the head are told.
TEMPLATE = "deemed_accepted"


def deem(rt: Runtime, uow: UnitOfWork, instance: Instance, at: datetime) -> None:
    """Let the law complete the step of acceptance of a case whose limit for it has passed; the case goes on.

    The walk dates the acceptance and the case's clocks back. The case's row must be locked and its clock of
    acceptance be due. Raises EngineFault where no such step is open.
    """
    compiled = rt.processes.compiled(instance.definition)
    task, element = _step(uow, instance, compiled)
    values: dict[str, Json] = {"decision": ACCEPTED, "deemed": True}
    variable = element.variable or element.id
    instance.data = {**instance.data, variable: values}
    clocks = uow.cases.clocks(instance.id)
    at = max(at, moment(rt, clocks))
    step = rt.engine.complete_user_task(
        compiled, instance.snapshot, token=task.token, data=instance.data,
        decide=rt.decider(legal_date(at), instance.region), now=at,
    )  # fmt: skip
    trail: list[Json] = [passed.element for passed in step.trail]
    change = case_change(
        rt, instance, compiled.definition, step, clocks, at=at, actor_id=None,
        completion=Completion(element=element.id, token=task.token, task_id=task.id, agency=task.agency, by=None),
        first_event=NewEvent(
            type="task.completed", element=element.id, task_id=task.id, agency=task.agency,
            facts={"trail": trail, "decision": ACCEPTED, "deemed": True},
        ),
    )  # fmt: skip
    change.submissions.append(
        NewSubmission(
            element=element.id, variable=variable, form=element.form or "", by=None, values=values,
            task_id=task.id,
        )
    )  # fmt: skip
    since = change.accepted_at or at
    change.messages += [
        Message(recipient=recipient, template=TEMPLATE, facts={"since": since.isoformat()})
        for recipient in (f"head:{task.agency}", "applicant")
    ]
    uow.cases.apply(instance, change)


def _step(uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition) -> tuple[Task, Element]:
    for task in uow.cases.open_tasks(instance.id):
        element = compiled.definition.elements[task.element]
        if element.acceptance:
            return task, element
    raise EngineFault("No step of acceptance is open.", case_no=instance.case_no)
