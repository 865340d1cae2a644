"""The state of one running case as bytes: tokens and where they stand, nothing of the diagram, nothing of the case.

Our own format and not SpiffWorkflow's: its serializer carries what a case does not need and goes through a registry
that is not safe for several threads. A snapshot is JSON under zlib: for each workflow (the process first, then its
subprocesses, each after the one around it) parallel lists of its tasks, parents before children. It is stored as
bytes; JSONB would reorder it for nothing. These functions keep no state, so any thread may call them.

The completed trunk is not kept. What stands above the last common ancestor of all active tokens can influence nothing
any more (a join looks only below the split it belongs to), so the tree is hung on its root there. A case returned
forty times costs what a new one costs, and the depth at which SpiffWorkflow stalls is out of reach.

Nor is what is only expected to come, which grows with every way through the rest of the diagram: nine parallel blocks
in a row made six thousand tasks. `foresee` makes the next ones again when a task is about to run. A process with an
inclusive gateway keeps all: its join waits for the tokens that it foresees.
"""

from __future__ import annotations

# ruff: noqa: SLF001 - A snapshot is the private state of tasks; SpiffWorkflow has no public way to set it.
import zlib
from typing import Any
from uuid import UUID, uuid4

import orjson
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from banjie.domain.errors import EngineFault
from banjie.engine.definitions import CompiledDefinition
from banjie.engine.evaluator import FeelEngine, Run

#: Format of the snapshot and release of the engine that made it; no other is loaded.
FORMAT = "1/3.2.0"

#: At a depth of 1,000 SpiffWorkflow 3.2.0 no longer finds ready tasks and stalls in silence; stop well before.
DEEPEST = 500

#: What SpiffWorkflow only expects to come: the whole rest of the diagram, once for each way there.
FORESEEN = TaskState.FUTURE | TaskState.PREDICTED_MASK

ACTIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


def save(compiled: CompiledDefinition, workflow: BpmnWorkflow) -> bytes:
    """The snapshot of a workflow at rest, which is pruned. Raises EngineFault when it is too deep."""
    _prune(workflow)
    places: dict[UUID, tuple[int, int]] = {}
    sections = [_section(compiled, workflow, None, 0, places)]
    for subprocess in _running(workflow):
        _prune(subprocess)
        place = places[subprocess.parent_task_id]
        sections.append(_section(compiled, subprocess, place, len(sections), places))
    return zlib.compress(orjson.dumps({"f": FORMAT, "d": compiled.definition.version, "w": sections}))


def restore(compiled: CompiledDefinition, snapshot: bytes, run: Run) -> BpmnWorkflow:
    """The workflow of a snapshot, ready to go on in `run`. Raises EngineFault unless version and format fit."""
    sections = _read(compiled, snapshot)
    engine = FeelEngine(run)
    specs = dict(compiled.specs)
    top = BpmnWorkflow(specs[compiled.definition.key], specs, script_engine=engine, deserializing=True)
    tasks = [_fill(compiled, top, sections[0])]
    for section in sections[1:]:
        number, index = section["p"]
        around = tasks[number][index]
        subprocess = BpmnSubWorkflow(specs[section["s"]], around.id, top, deserializing=True)
        top.subprocesses[around.id] = subprocess
        subprocess.completed_event.connect(around.task_spec._on_subworkflow_completed, around)
        tasks.append(_fill(compiled, subprocess, section))
    return top


def foresee(task: SpiffTask) -> None:
    """Make the tasks that follow the one that is about to run, where its snapshot has left them out."""
    if all(child.triggered for child in task.children):
        task.task_spec._predict_hook(task)


def _running(workflow: BpmnWorkflow) -> list[BpmnSubWorkflow]:
    """Forget the subprocesses whose activity has finished or was cancelled; answer the others, outer before inner."""
    around = [workflow]
    running: dict[UUID, BpmnSubWorkflow] = {}
    for parent, subprocess in sorted(workflow.subprocesses.items(), key=lambda item: int(item[1].depth)):
        task = next((outer.tasks[parent] for outer in around if parent in outer.tasks), None)
        if task is not None and task.has_state(ACTIVE):
            running[parent] = subprocess
            around.append(subprocess)
    workflow.subprocesses = running
    return list(running.values())


def _section(
    compiled: CompiledDefinition,
    workflow: BpmnWorkflow | BpmnSubWorkflow,
    place: tuple[int, int] | None,
    number: int,
    places: dict[UUID, tuple[int, int]],
) -> dict[str, Any]:
    name = workflow.spec.name
    numbers = {spec: index for index, spec in enumerate(compiled.names[name])}
    specs: list[int] = []
    parents: list[int] = []
    states: list[int] = []
    triggered: list[int] = []
    ids: list[tuple[int, str]] = []
    internal: list[tuple[int, object]] = []
    data: list[tuple[int, object]] = []
    pending = [(workflow.task_tree, -1, 0)]
    keeps_all = any(isinstance(spec, InclusiveGateway) for spec in workflow.spec.task_specs.values())
    while pending:
        task, parent, depth = pending.pop()
        if depth >= DEEPEST:
            raise EngineFault("The case has too many steps behind one open branch.", depth=depth)
        index = len(specs)
        specs.append(numbers[task.task_spec.name])
        parents.append(parent)
        states.append(task.state)
        places[task.id] = (number, index)
        if task.triggered:
            triggered.append(index)
        if task.has_state(ACTIVE):
            ids.append((index, task.id.hex))
        if task.internal_data and (task.triggered or task.has_state(ACTIVE)):
            internal.append((index, task.internal_data))
        if task.data:
            data.append((index, task.data))
        pending.extend(
            (child, index, depth + 1)
            for child in reversed(task.children)
            if keeps_all or not child.has_state(FORESEEN) or task.state == TaskState.COMPLETED
        )
    section: dict[str, Any] = {"s": name, "n": specs, "u": parents, "t": states, "i": ids}
    optional = {"p": place, "c": workflow.completed, "g": triggered, "x": internal, "v": data}
    section.update({key: value for key, value in optional.items() if value})
    return section


def _prune(workflow: BpmnWorkflow | BpmnSubWorkflow) -> None:
    """Hang the last common ancestor of the active tasks on the root and forget all that is not below it."""
    root = workflow.task_tree
    active = [task for task in workflow.tasks.values() if task.has_state(ACTIVE)]
    if root in active:
        return
    if not active:
        root._children = []
        workflow.tasks = {root.id: root}
        return
    trunk = _path(active[0])
    for task in active[1:]:
        path = _path(task)
        trunk = [left for left, right in zip(trunk, path, strict=False) if left is right]
    anchor = trunk[-1]
    if anchor is root:
        return
    root._children = [anchor.id]
    anchor._parent = root.id
    kept = {root.id: root}
    pending = [anchor]
    while pending:
        task = pending.pop()
        kept[task.id] = task
        pending.extend(reversed(task.children))
    workflow.tasks = kept


def _path(task: SpiffTask) -> list[SpiffTask]:
    """From the root down to the task itself."""
    path = []
    at: SpiffTask | None = task
    while at is not None:
        path.append(at)
        at = at.parent
    return path[::-1]


def _read(compiled: CompiledDefinition, snapshot: bytes) -> list[dict[str, Any]]:
    try:
        document = orjson.loads(zlib.decompress(snapshot))
        form, version, sections = document["f"], document["d"], document["w"]
    except (zlib.error, ValueError, KeyError, TypeError):
        raise EngineFault("The stored state is damaged.") from None
    if form != FORMAT:
        raise EngineFault("The stored state is of another release; migrate it first.", format=form)
    if version != compiled.definition.version:
        raise EngineFault("The stored state belongs to another version of the process.", version=version)
    return list(sections)


def _fill(
    compiled: CompiledDefinition, workflow: BpmnWorkflow | BpmnSubWorkflow, section: dict[str, Any]
) -> list[SpiffTask]:
    """Make a workflow's tasks; answers them by their numbers."""
    names = compiled.names[workflow.spec.name]
    ids = {index: UUID(hex=text) for index, text in section["i"]}
    internal = dict(section.get("x", ()))
    data = dict(section.get("v", ()))
    triggered = set(section.get("g", ()))
    tasks: list[SpiffTask] = []
    for index, (spec, parent, state) in enumerate(zip(section["n"], section["u"], section["t"], strict=True)):
        # Not through the constructor: it tells the parent and reads the clock on the wall.
        task = SpiffTask.__new__(SpiffTask)
        task.id = ids.get(index) or uuid4()
        task.workflow = workflow
        task.task_spec = workflow.spec.task_specs[names[spec]]
        task._state = state
        task._children = []
        task.triggered = index in triggered
        task.data = data.get(index, {})
        task.internal_data = internal.get(index, {})
        task.thread_id = 0
        task.last_state_change = float(index)
        task._parent = None
        if parent >= 0:
            task._parent = tasks[parent].id
            tasks[parent]._children.append(task.id)
        workflow.tasks[task.id] = task
        tasks.append(task)
        if state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            workflow.top_workflow.event_manager.add_task(task)
    workflow.task_tree = tasks[0]
    workflow.completed = section.get("c", False)
    return tasks
