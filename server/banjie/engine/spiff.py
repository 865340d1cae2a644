"""The adapter: one run of one case, from the command to where only people or clocks can go on.

Every run makes its own workflow object and throws it away; nothing is shared between runs but compiled definitions.
A run that fails leaves no trace: the caller still holds the snapshot it came with.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from banjie.domain.countersign import Member
from banjie.domain.decisions import Json
from banjie.domain.definitions import ElementKind
from banjie.domain.errors import BanjieError, Conflict, EngineFault, TaskClosed
from banjie.domain.step import ClosedTask, EngineStep, EngineTimer, OpenedTask, Passed, Scope, Siblings
from banjie.engine import routes
from banjie.engine.definitions import CompiledDefinition
from banjie.engine.evaluator import Decide, FeelEngine, Run
from banjie.engine.members import Countersign, panel_of
from banjie.engine.parser import DueTimer
from banjie.engine.relocation import carry_out, plan, undo
from banjie.engine.snapshot import ACTIVE, foresee, restore, save

#: Automatic steps of one run; a diagram that wants more is looping.
MOST_STEPS = 2_000

#: Depth of the tree at which a run is stopped. From 1,000 on SpiffWorkflow 3.2.0 finds no ready task any more and takes
#: the case for ended, without a word.
STALLING = 800

# SpiffWorkflow 3.2.0 copies task data into every log record it makes unless the logger's own level is above INFO.
for _name in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)


#: The instant of runs that only look: nothing is computed from it.
_NEVER = datetime.min.replace(tzinfo=UTC)


class SpiffEngine:
    """Starts cases, completes user tasks and fires timers. Holds no state: one object may serve all threads.

    `data` is the case data, name → value, including the submission just made; it is read, never kept. `decide` is
    called for business rule tasks with the decision's key and the case data as they stand. `now` is aware.

    A domain error raised by `decide` passes through; everything else that goes wrong in a run is an EngineFault that
    names the element.
    """

    def start(
        self, definition: CompiledDefinition, *, data: Mapping[str, Json], decide: Decide, now: datetime
    ) -> EngineStep:
        """Begin a case: run from the start event to the first tasks."""
        walk = _Walk(compiled=definition, run=self._run(definition, data, decide, now))
        with walk:
            specs = dict(definition.specs)
            walk.workflow = BpmnWorkflow(
                specs[definition.definition.key], specs, script_engine=FeelEngine(walk.run)
            )
            return walk.finish()

    def complete_user_task(
        self,
        definition: CompiledDefinition,
        snapshot: bytes,
        *,
        token: str,
        data: Mapping[str, Json],
        decide: Decide,
        now: datetime,
        result: Json = None,
    ) -> EngineStep:
        """Complete the user task that `token` names; TaskClosed unless it is ready.

        `result` is what a member of a multi-instance task contributes to its completion condition's `results`; keep it
        small, it stays in the snapshot until the last member has finished. On a panel it is the member's vote, a
        mapping of `member`, the key, and `decision`.
        """
        walk = _Walk(compiled=definition, run=self._run(definition, data, decide, now))
        with walk:
            walk.load(snapshot)
            task = walk.ready(token)
            if task.triggered:
                task.internal_data["result"] = result
            walk.at = task
            foresee(task)
            task.run()
            walk.completed = token
            return walk.finish()

    def fire_timer(
        self,
        definition: CompiledDefinition,
        snapshot: bytes,
        *,
        token: str,
        data: Mapping[str, Json],
        decide: Decide,
        now: datetime,
    ) -> EngineStep:
        """Fire exactly the timer that `token` names; Conflict unless it waits and is due at `now`."""
        walk = _Walk(compiled=definition, run=self._run(definition, data, decide, now))
        with walk:
            walk.load(snapshot)
            task = walk.find(token)
            if task is None or not _is_waiting_timer(task):
                raise Conflict("The timer no longer waits.", token=token)
            if _due(task) > now:
                raise Conflict("The timer is not due yet.", token=token)
            walk.at = task
            task.internal_data["event_fired"] = True
            task.task_spec._update(task)  # noqa: SLF001 - the one way to wake a waiting task
            return walk.finish()

    def add_member(
        self, definition: CompiledDefinition, snapshot: bytes, *, token: str, member: Member,
        data: Mapping[str, Json], decide: Decide, now: datetime,
    ) -> EngineStep:  # fmt: skip
        """Seat one more on the panel that the open task of `token` belongs to; asked in order, as the last.

        TaskClosed unless the panel still votes, Conflict where it is full or the member sits on it.
        """
        run = self._run(definition, data, decide, now)
        return self._reseat(definition, snapshot, token, run, lambda spec, panel: spec.add(panel, member))

    def remove_member(
        self, definition: CompiledDefinition, snapshot: bytes, *, token: str, member: str,
        data: Mapping[str, Json], decide: Decide, now: datetime,
    ) -> EngineStep:  # fmt: skip
        """Unseat the member of a key, open or still queued, which may decide the panel.

        TaskClosed unless the panel still votes, NotFound for a stranger, Conflict where the member has voted, is the
        last, or those who stay could not meet the rule.
        """
        run = self._run(definition, data, decide, now)
        return self._reseat(definition, snapshot, token, run, lambda spec, panel: spec.remove(panel, member))

    def replace_member(
        self, definition: CompiledDefinition, snapshot: bytes, *, token: str, member: str, by: Member,
        data: Mapping[str, Json], decide: Decide, now: datetime,
    ) -> EngineStep:  # fmt: skip
        """Seat another in the place of the member of a key, who has not voted; their open task becomes a new one.

        TaskClosed unless the panel still votes, NotFound for a stranger, Conflict where the member has voted, the
        other sits on the panel already, or the rule could not be met any more.
        """
        run = self._run(definition, data, decide, now)
        return self._reseat(
            definition, snapshot, token, run, lambda spec, panel: spec.replace(panel, member, by)
        )

    def _reseat(
        self, definition: CompiledDefinition, snapshot: bytes, token: str, run: Run,
        change: Callable[[Countersign, SpiffTask], None],
    ) -> EngineStep:  # fmt: skip
        walk = _Walk(compiled=definition, run=run)
        with walk:
            walk.load(snapshot)
            task = walk.find(token)
            panel = None if task is None or task.state != TaskState.READY else panel_of(task)
            if panel is None:
                raise TaskClosed(token=token)
            walk.at = panel
            change(panel.task_spec, panel)
            return walk.finish()

    def relocate(
        self, definition: CompiledDefinition, snapshot: bytes, *, tokens: Collection[str], target: str,
        siblings: Siblings, data: Mapping[str, Json], decide: Decide, now: datetime,
    ) -> EngineStep:  # fmt: skip
        """Take open user tasks out of their places and open an element instead.

        Where the target lies outside a block of parallel tokens around the tasks, `siblings` says what becomes of the
        others in it; those that go on are met again at the join, and the new token takes only its own branch.
        TaskClosed unless every token is ready; Conflict, naming the element, where a token would be lost, doubled or
        wait for ever.
        """
        walk = _Walk(compiled=definition, run=self._run(definition, data, decide, now))
        with walk:
            walk.load(snapshot)
            tasks = [walk.ready(token) for token in tokens]
            walk.at = next(iter(tasks), None)
            carry_out(plan(definition, tasks, target, keep=siblings is Siblings.KEEP))
            return walk.finish()

    def parallel_with(
        self, definition: CompiledDefinition, snapshot: bytes, *, token: str, target: str
    ) -> tuple[OpenedTask, ...]:
        """The other open user tasks that a relocation of `token` to `target` would cancel. Raises as `relocate`."""
        walk = _Walk(compiled=definition, run=self._run(definition, {}, _decide_nothing, _NEVER))
        with walk:
            walk.load(snapshot)
            lost = plan(definition, [walk.ready(token)], target, keep=False).lost
            return tuple(
                walk.opened_before[str(task.id)] for task in lost if str(task.id) != str(UUID(token))
            )

    def reopen(
        self, definition: CompiledDefinition, snapshot: bytes, *, element: str, opened: Collection[str],
        data: Mapping[str, Json], decide: Decide, now: datetime,
    ) -> EngineStep:  # fmt: skip
        """Undo the last completion of `element`, which opened exactly `opened`; none where its token waits.

        TaskClosed unless all of `opened` are ready; Conflict where the case has gone on since or what the completion
        did cannot be told.
        """
        walk = _Walk(compiled=definition, run=self._run(definition, data, decide, now))
        with walk:
            walk.load(snapshot)
            tasks = [walk.ready(token) for token in opened]
            carry_out(undo(definition, walk.workflow, element, tasks))
            return walk.finish()

    def passed_before(self, definition: CompiledDefinition, *, element: str) -> tuple[str, ...]:
        """The user tasks from which `element` can be reached, in the order of the diagram."""
        return routes.passed_before(definition, element)

    def may_return(self, definition: CompiledDefinition, *, token_element: str, target: str) -> bool:
        """Whether the diagram allows a return from one user task to another; a running case may still refuse it."""
        return routes.may_return(definition, token_element, target)

    def ready(self, definition: CompiledDefinition, snapshot: bytes) -> tuple[OpenedTask, ...]:
        """The open user tasks of a stored case."""
        return tuple(_opened(self._look(definition, snapshot)).values())

    def waiting_timers(self, definition: CompiledDefinition, snapshot: bytes) -> tuple[EngineTimer, ...]:
        """The waiting timers of a stored case, the earliest first."""
        return _timers(self._look(definition, snapshot))

    def postpone_timers(
        self, definition: CompiledDefinition, snapshot: bytes, *, by: timedelta
    ) -> tuple[bytes, tuple[EngineTimer, ...]]:
        """The snapshot with all waiting timers set later, and those timers, the earliest first."""
        workflow = self._look(definition, snapshot)
        for task in _active(workflow):
            if _is_waiting_timer(task):
                task.internal_data["event_value"] = (_due(task) + by).isoformat()
        return save(definition, workflow), _timers(workflow)

    def _run(
        self, definition: CompiledDefinition, data: Mapping[str, Json], decide: Decide, now: datetime
    ) -> Run:
        return Run(definition=definition.definition, data=dict(data), decide=decide, now=now)

    def _look(self, definition: CompiledDefinition, snapshot: bytes) -> BpmnWorkflow:
        return restore(definition, snapshot, self._run(definition, {}, _decide_nothing, _NEVER))


@dataclass(kw_only=True)
class _Walk:
    """One run: what stood before, what was passed, and what to say afterwards."""

    compiled: CompiledDefinition
    run: Run
    workflow: BpmnWorkflow = None
    #: The task that is being worked on, to name its element when something fails.
    at: SpiffTask = None
    completed: str | None = None
    steps: int = 0
    outcome: str | None = None
    opened_before: dict[str, OpenedTask] = field(default_factory=dict)
    scopes_before: dict[str, Scope] = field(default_factory=dict)
    trail: list[Passed] = field(default_factory=list)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Turn what the engine raises into an EngineFault that names the element."""
        if error is None or isinstance(error, BanjieError) or not isinstance(error, Exception):
            return
        reason = "the automatic steps do not end" if isinstance(error, RecursionError) else str(error)
        element = "" if self.at is None else self.at.task_spec.bpmn_id or self.at.task_spec.name
        raise EngineFault("The diagram could not go on.", element=element, reason=reason) from error

    def load(self, snapshot: bytes) -> None:
        self.workflow = restore(self.compiled, snapshot, self.run)
        self.opened_before = _opened(self.workflow)
        self.scopes_before = _scopes(self.workflow)

    def find(self, token: str) -> SpiffTask | None:
        try:
            wanted = UUID(token)
        except ValueError:
            return None
        for workflow in (self.workflow, *self.workflow.subprocesses.values()):
            if wanted in workflow.tasks:
                return workflow.tasks[wanted]
        return None

    def ready(self, token: str) -> SpiffTask:
        """The open user task of a token; TaskClosed when there is none."""
        task = self.find(token)
        if task is None or task.state != TaskState.READY or not task.task_spec.manual:
            raise TaskClosed(token=token)
        return task

    def finish(self) -> EngineStep:
        """Run what is automatic, save, and tell what has changed."""
        self.workflow.do_engine_steps(will_complete_task=self._about_to_run, did_complete_task=self._has_run)
        # The diagram's data live in our tables; what SpiffWorkflow gathers at an end is dropped.
        self.workflow.data = {}
        self._nothing_is_left_over()
        ended = self.workflow.is_completed()
        snapshot = save(self.compiled, self.workflow)
        opened, scopes, timers = _opened(self.workflow), _scopes(self.workflow), _timers(self.workflow)
        if not ended and not opened and not timers:
            raise EngineFault(
                "Nothing is open and nothing waits, yet the case has not ended.", waiting=self._waiting()
            )
        return EngineStep(
            snapshot=snapshot,
            opened=tuple(task for token, task in opened.items() if token not in self.opened_before),
            closed=tuple(
                ClosedTask(token=token, element=task.element, completed=token == self.completed)
                for token, task in self.opened_before.items()
                if token not in opened
            ),
            entered=tuple(scope for token, scope in scopes.items() if token not in self.scopes_before),
            left=tuple(scope for token, scope in self.scopes_before.items() if token not in scopes),
            timers=timers,
            decisions=tuple(self.run.decisions),
            notices=tuple(self.run.notices),
            trail=tuple(self.trail),
            variables=dict(self.run.variables),
            ended=ended,
            outcome=self.outcome if ended else None,
        )

    def _about_to_run(self, task: SpiffTask) -> None:
        self.at = task
        foresee(task)
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise EngineFault(
                "The automatic steps do not end.", element=task.task_spec.bpmn_id or "", steps=self.steps
            )
        if self.steps % 50 == 0 and task.depth > STALLING:
            raise EngineFault(
                "The automatic steps do not end.", element=task.task_spec.bpmn_id or "", depth=task.depth
            )

    def _has_run(self, task: SpiffTask) -> None:
        element = self.compiled.definition.elements.get(task.task_spec.bpmn_id or "")
        if element is None:
            return
        self.trail.append(Passed(element=element.id, token=str(task.id)))
        if element.kind is ElementKind.END and task.workflow is self.workflow:
            self.outcome = element.outcome

    def _nothing_is_left_over(self) -> None:
        """Fault where an automatic task is still ready: SpiffWorkflow would take the case for ended."""
        for task in _active(self.workflow):
            if task.state == TaskState.READY and not task.task_spec.manual:
                raise EngineFault("An automatic step was not run.", element=task.task_spec.bpmn_id or "")

    def _waiting(self) -> str:
        names = {task.task_spec.bpmn_id or task.task_spec.name for task in _active(self.workflow)}
        return ", ".join(sorted(names))


def _decide_nothing(key: str, _data: Mapping[str, Json]) -> NoReturn:
    raise EngineFault("A case that is only looked at decides nothing.", decision=key)


def _active(workflow: BpmnWorkflow) -> Iterator[SpiffTask]:
    """The tasks of the process and of its running subprocesses that wait, are ready or have begun."""
    yield from (task for task in workflow.tasks.values() if task.has_state(ACTIVE))
    for subprocess in workflow.subprocesses.values():
        if not subprocess.completed:
            yield from (task for task in subprocess.tasks.values() if task.has_state(ACTIVE))


def _opened(workflow: BpmnWorkflow) -> dict[str, OpenedTask]:
    """Token → open user task."""
    return {
        str(task.id): OpenedTask(
            token=str(task.id),
            element=task.task_spec.bpmn_id,
            scope=_scope_of(task),
            item=task.internal_data.get("item"),
        )
        for task in _active(workflow)
        if task.state == TaskState.READY and task.task_spec.manual
    }


def _scopes(workflow: BpmnWorkflow) -> dict[str, Scope]:
    """Token → running activation of a subprocess or call activity."""
    return {
        str(task.id): Scope(token=str(task.id), element=task.task_spec.bpmn_id, scope=_scope_of(task))
        for task in _active(workflow)
        if isinstance(task.task_spec, SubWorkflowTask)
    }


def _scope_of(task: SpiffTask) -> tuple[str, ...]:
    """The tokens of the activations around a task, outermost first."""
    path: list[str] = []
    workflow = task.workflow
    while isinstance(workflow, BpmnSubWorkflow):
        path.insert(0, str(workflow.parent_task_id))
        workflow = workflow.parent_workflow
    return tuple(path)


def _timers(workflow: BpmnWorkflow) -> tuple[EngineTimer, ...]:
    timers = [
        EngineTimer(token=str(task.id), element=task.task_spec.bpmn_id, due_at=_due(task))
        for task in _active(workflow)
        if _is_waiting_timer(task)
    ]
    return tuple(sorted(timers, key=lambda timer: (timer.due_at, timer.token)))


def _is_waiting_timer(task: SpiffTask) -> bool:
    return task.state == TaskState.WAITING and isinstance(
        getattr(task.task_spec, "event_definition", None), DueTimer
    )


def _due(task: SpiffTask) -> datetime:
    return datetime.fromisoformat(task.internal_data["event_value"])
