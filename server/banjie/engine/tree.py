"""The tree of tasks in which SpiffWorkflow keeps the tokens of a case: looked through, cut and added to."""

from __future__ import annotations

# ruff: noqa: SLF001 - Moving a token is editing SpiffWorkflow's tree, for which it has no public way.
from collections.abc import Iterator, Mapping

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
)
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from banjie.engine.snapshot import ACTIVE


def above(task: SpiffTask) -> list[SpiffTask]:
    """The tasks above in the same workflow, nearest first."""
    path = []
    parent = task.parent
    while parent is not None:
        path.append(parent)
        parent = parent.parent
    return path


def below(root: SpiffTask) -> Iterator[SpiffTask]:
    """A task and all below it, those of subprocesses too."""
    subprocesses = root.workflow.top_workflow.subprocesses
    pending = [root]
    while pending:
        task = pending.pop()
        yield task
        pending.extend(reversed(task.children))
        if task.id in subprocesses:
            pending.append(subprocesses[task.id].task_tree)


def activities(task: SpiffTask) -> list[SpiffTask]:
    """The activities around a task, outermost first."""
    path: list[SpiffTask] = []
    workflow = task.workflow
    while isinstance(workflow, BpmnSubWorkflow):
        path.insert(0, workflow.top_workflow.get_task_from_id(workflow.parent_task_id))
        workflow = workflow.parent_workflow
    return path


def hosts(around: SpiffTask) -> list[SpiffTask]:
    """The task whose events a BoundaryEventSplit opens; none where it was taken away from them."""
    return [child for child in around.children if not isinstance(child.task_spec, BoundaryEvent)]


def resting(root: SpiffTask) -> list[SpiffTask]:
    """The tokens at and below a task: on open user tasks, at joins and on timers of the diagram's ways."""
    return [
        task for task in below(root)
        if (task.state == TaskState.READY and task.task_spec.manual) or waits(task)
    ]  # fmt: skip


def waits(task: SpiffTask) -> bool:
    """Whether a token waits here for others or for a clock; for events on an edge nobody's token waits."""
    return task.state == TaskState.WAITING and isinstance(
        task.task_spec, (ParallelGateway, InclusiveGateway, IntermediateCatchEvent)
    )


def has_ended(task: SpiffTask) -> bool:
    """Whether a token has come to the end of its process while others are open."""
    return isinstance(task.task_spec, _EndJoin) and task.has_state(TaskState.WAITING | TaskState.CANCELLED)


def cut(task: SpiffTask) -> SpiffTask:
    """Remove a task with all below it, and above it what nothing hangs on any more; answers the place of the cut."""
    parent = task.parent
    remove(task)
    if isinstance(parent.task_spec, BoundaryEventSplit):
        _disarm(parent)
    while parent.parent is not None and not any(one.has_state(ACTIVE) for one in below(parent)):
        task, parent = parent, parent.parent
        remove(task)
    return parent.parent if isinstance(parent.task_spec, BoundaryEventSplit) else parent


def _disarm(around: SpiffTask) -> None:
    """Take down the timers of a task that was left; the path of one that has fired goes on."""
    for event in around.children:
        if event.has_state(TaskState.NOT_FINISHED_MASK):
            remove(event)
            continue
        for join in event.children:
            # It waits for the task that was left, and the case would never end.
            if isinstance(join.task_spec, BoundaryEventJoin) and join.has_state(TaskState.NOT_FINISHED_MASK):
                remove(join)


def remove(task: SpiffTask) -> None:
    """Remove a task with all below it, and what SpiffWorkflow would still look for afterwards."""
    top = task.workflow.top_workflow
    for one in list(below(task)):
        # SpiffWorkflow 3.2.0 forgets neither, and its next step fails on them.
        top.event_manager.remove_task(one)
        top.subprocesses.pop(one.id, None)
    task.workflow._remove_task(task.id)


def hang(parent: SpiffTask, name: str, state: int, data: Mapping[str, object]) -> SpiffTask:
    """Add a task for the node of a name; `data` is added to what its parent carries."""
    task = parent._add_child(parent.workflow.spec.task_specs[name], state)
    task.data = {**parent.data, **data}
    if not task.has_state(TaskState.FINISHED_MASK):
        task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    return task
