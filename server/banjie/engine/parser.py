"""Which BPMN elements may run, and the classes that run them; everything else is refused by the parser.

Four stock behaviours are replaced: the parallel join (from the second round of a drawn loop it fires with a branch
missing), the exclusive gateway (it takes the highest drawn of several flows whose conditions hold), the
multi-instance tasks (`members`) and the timer (it reads the wall clock). SpiffWorkflow 3.2.0.
"""

from __future__ import annotations

# ruff: noqa: SLF001 - SpiffWorkflow's hooks have private names; they are its documented way to subclass.
from typing import ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    IntermediateCatchEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    CallActivity,
    EndEvent,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
    StartEvent,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.util.event import PendingBpmnEvent
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

from banjie.engine.evaluator import fault, run_of
from banjie.engine.members import Countersign, EachItem

#: The attribute that makes a multi-instance user task a panel.
COUNTERSIGN = "{urn:banjie:bpmn:1}countersign"


#: Key of a token's data; no FEEL name can have a colon.
BRANCHES = "banjie:branches"


class RuleTask(BpmnSpecMixin):
    """A business rule task: its decision is made by the run, not by a table of SpiffWorkflow's."""

    def _run_hook(self, my_task: SpiffTask) -> bool:
        run_of(my_task).rule(my_task)
        return True


class NoticeTask(BpmnSpecMixin):
    """A send task: it records that somebody is to be told."""

    def _run_hook(self, my_task: SpiffTask) -> bool:
        run_of(my_task).send(my_task)
        return True


class OneWay(ExclusiveGateway):
    """An exclusive gateway that goes on only where exactly one condition holds, or none and there is a default."""

    def _run_hook(self, my_task: SpiffTask) -> bool:
        ways = [
            (condition.args[0], name) for condition, name in self.cond_task_specs if condition is not None
        ]
        chosen = run_of(my_task).choose(my_task, [condition for condition, _ in ways])
        name = self.default_task_spec if chosen is None else ways[chosen][1]
        if name is None:
            raise fault(my_task, "no condition holds and there is no default flow")
        output = my_task.workflow.spec.get_task_spec_from_name(name)
        my_task._sync_children([output], TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


class ParallelJoin(ParallelGateway):
    """A parallel gateway that counts one completed arrival for each incoming flow since it last fired.

    "Since it last fired" is read from the tree: arrivals that do not descend from the nearest firing above the
    arriving token belong to a finished round. Every arrival waits until the gateway fires, and is then forgotten; the
    stock class lets only the latest wait, and an arrival that does not wait is pruned from a snapshot.

    A token that was taken back over this gateway while the other branches went on carries the one branch that it may
    take (`BRANCHES`: name of the gateway → name of its output).
    """

    def _check_threshold_unstructured(self, my_task: SpiffTask) -> bool:
        missing = set(self._inputs)
        above = _ancestors(my_task)
        round_start = next((task for task in above if task.task_spec is self), None)
        above_ids = {task.id for task in above}
        for arrival in my_task.workflow.tasks.values():
            if (
                arrival.task_spec is not self
                or arrival.id in above_ids
                or arrival.state == TaskState.COMPLETED
            ):
                continue
            path = _ancestors(arrival)
            if round_start is not None and round_start not in path:
                continue
            if my_task in path:
                # A loop drawn behind this gateway leads back to it: that flow can only bring a token after it fires.
                between = path[: path.index(my_task)]
                back = next((task.task_spec.name for task in between if task.task_spec.name in missing), None)
                missing.discard(back)
            elif _has_come(arrival) and _of_one_token(arrival, my_task):
                missing.discard(arrival.parent.task_spec.name)
        return not missing

    def _update_hook(self, my_task: SpiffTask) -> bool:
        if not self._check_threshold_unstructured(my_task):
            my_task._set_state(TaskState.WAITING)
            return False
        for other in list(my_task.workflow.tasks.values()):
            if other.task_spec is not self or other is my_task or other.state != TaskState.WAITING:
                continue
            if _of_one_token(other, my_task):
                other.cancel()
        my_task._inherit_data()
        return True

    def _run_hook(self, my_task: SpiffTask) -> bool:
        for arrival in list(my_task.workflow.tasks.values()):
            if arrival.task_spec is self and arrival.state == TaskState.CANCELLED:
                DeepMerge.merge(my_task.data, arrival.parent.data)
                my_task.workflow._remove_task(arrival.id)
        my_task._inherit_data()
        self._keep_to_branch(my_task)
        return True

    def _keep_to_branch(self, my_task: SpiffTask) -> None:
        branches = dict(my_task.data.pop(BRANCHES, {}))
        branch = branches.pop(self.name, None)
        if branches:
            my_task.data[BRANCHES] = branches
        for child in my_task.children:
            if branch is not None and child.task_spec.name != branch:
                my_task.workflow._remove_task(child.id)


class DueTimer(TimerEventDefinition):
    """A timer whose due time is fixed by the run in which it begins to wait, and which fires when it is told to."""

    def has_fired(self, my_task: SpiffTask) -> bool:
        if my_task.internal_data.get("event_value") is None:
            due = run_of(my_task).timer(my_task, self.expression)
            my_task.internal_data["event_value"] = due.isoformat()
        return bool(my_task.internal_data.get("event_fired"))

    def details(self, my_task: SpiffTask) -> PendingBpmnEvent:
        return PendingBpmnEvent(self.name, "DueTimer", my_task.internal_data.get("event_value"))


class _UserTaskParser(TaskParser):
    PARALLEL_MI_CLASS = EachItem

    def _add_multiinstance_task(self, loop_characteristics: etree._Element) -> None:
        if self.node.get(COUNTERSIGN):
            self.PARALLEL_MI_CLASS = self.SEQUENTIAL_MI_CLASS = Countersign
        elif loop_characteristics.get("isSequential") == "true":
            self.raise_validation_exception("only a panel whose members vote in order is sequential")
        super()._add_multiinstance_task(loop_characteristics)
        # The stock class connects this when the first child is made, and a loaded case in a new process never does.
        child = self.spec.task_specs[self.task.task_spec]
        child.completed_event.connect(self.task.merge_child)


class _TimerMixin:
    def parse_timer_event(self, event: object) -> DueTimer:
        text = self.xpath(".//bpmn:timeDate | .//bpmn:timeDuration")  # type: ignore[attr-defined]
        if len(text) != 1:
            self.raise_validation_exception("a timer needs one date or duration")  # type: ignore[attr-defined]
        return DueTimer(self.node.get("name"), (text[0].text or "").strip())  # type: ignore[attr-defined]


class _BoundaryParser(_TimerMixin, BoundaryEventParser):
    pass


class _CatchParser(_TimerMixin, IntermediateCatchEventParser):
    pass


class DiagramParser(BpmnParser):
    """Knows the allowed elements only, so that an element the content rules missed cannot run either."""

    PARSER_CLASSES: ClassVar = {
        full_tag("startEvent"): (StartEventParser, StartEvent),
        full_tag("endEvent"): (EndEventParser, EndEvent),
        full_tag("userTask"): (_UserTaskParser, UserTask),
        full_tag("businessRuleTask"): (TaskParser, RuleTask),
        full_tag("sendTask"): (TaskParser, NoticeTask),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, OneWay),
        full_tag("parallelGateway"): (GatewayParser, ParallelJoin),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, InclusiveGateway),
        full_tag("subProcess"): (SubWorkflowParser, SubWorkflowTask),
        full_tag("callActivity"): (CallActivityParser, CallActivity),
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
    }


def _has_come(arrival: SpiffTask) -> bool:
    return arrival.parent is not None and bool(arrival.parent.state == TaskState.COMPLETED)


def _of_one_token(arrival: SpiffTask, other: SpiffTask) -> bool:
    """Whether two tokens at a join parted at one split: two that were taken back from two branches did not."""
    left, right = arrival.parent.data.get(BRANCHES), other.parent.data.get(BRANCHES)
    return bool(left == right)


def _ancestors(task: SpiffTask) -> list[SpiffTask]:
    """The tasks above, nearest first."""
    path = []
    parent = task.parent
    while parent is not None:
        path.append(parent)
        parent = parent.parent
    return path
