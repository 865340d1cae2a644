"""Deemed acceptance: an office that does not say in time whether it accepts an application has accepted it.

From the day of receipt, or of the answer to what was missing. Source: 行政许可法 Art. 32(1)(4), cited where the
limit is kept (`policy/common/parameters/acceptance_limit.yaml`).
"""

from __future__ import annotations

from datetime import datetime

from banjie.domain.changes import Message
from banjie.domain.decisions import Json
from banjie.domain.errors import EngineFault
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task
from banjie.engine.definitions import CompiledDefinition
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.machine import completed
from banjie.services.runtime import Runtime
from banjie.services.walk import ACCEPTED

#: The template with which the applicant and the head are told.
TEMPLATE = "deemed_accepted"


def deem(rt: Runtime, uow: UnitOfWork, instance: Instance, at: datetime) -> None:
    """Let the law complete the step of acceptance of a case whose limit for it has passed; the case goes on.

    The walk dates the acceptance and the case's clocks back. The case's row must be locked and its clock of
    acceptance be due. Raises EngineFault where no such step is open.
    """
    compiled = rt.processes.compiled(instance.definition)
    task = _step(uow, instance, compiled)
    values: dict[str, Json] = {"decision": ACCEPTED, "deemed": True}
    change = completed(
        rt, uow, instance, compiled, task, values, at=at, facts={"decision": ACCEPTED, "deemed": True}
    )
    since = change.accepted_at or change.at
    change.messages += [
        Message(recipient=recipient, template=TEMPLATE, facts={"since": since.isoformat()})
        for recipient in (f"head:{task.agency}", "applicant")
    ]
    uow.cases.apply(instance, change)


def _step(uow: UnitOfWork, instance: Instance, compiled: CompiledDefinition) -> Task:
    for task in uow.cases.open_tasks(instance.id):
        if compiled.definition.elements[task.element].acceptance:
            return task
    raise EngineFault("No step of acceptance is open.", case_no=instance.case_no)
