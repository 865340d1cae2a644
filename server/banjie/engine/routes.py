"""What a drawn process says about ways: what comes after what, which branch an element stands in, what lies inside.

Read from SpiffWorkflow's specs, which are only read; nothing here knows of a running case. An element is named by its
BPMN id, a node by the name of its spec: a task that has events on its edge stands behind a node of its own, which
opens it and them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
)
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import MultiInstanceTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.specs.base import TaskSpec

from banjie.domain.definitions import ElementKind
from banjie.engine.definitions import CompiledDefinition

#: SpiffWorkflow's name of the last node of every process.
LAST = "End"

_TARGETS = (ElementKind.USER_TASK, ElementKind.SUBPROCESS, ElementKind.CALL_ACTIVITY)


def entry(process: BpmnProcessSpec, element: str) -> TaskSpec:
    """The node that opens an element: itself, or what opens it together with the events on its edge."""
    wrapped: TaskSpec = process.task_specs.get(f"{element}.BoundaryEventSplit")
    return process.task_specs[element] if wrapped is None else wrapped


def is_split(node: TaskSpec) -> bool:
    """Whether tokens part here."""
    return isinstance(node, (ParallelGateway, InclusiveGateway)) and len(node.outputs) > 1


def branches_to(process: BpmnProcessSpec, split: str, node: str) -> frozenset[str]:
    """The outputs of a split from which a node is reached without passing the split again."""
    outputs = [output.name for output in process.task_specs[split].outputs]
    return frozenset(output for output in outputs if node in _reach(process, output, frozenset([split])))


def is_inside(process: BpmnProcessSpec, split: str, node: str) -> bool:
    """Whether a node stands in some branches of a split and not behind all of them."""
    branches = branches_to(process, split, node)
    return bool(branches) and len(branches) < len(process.task_specs[split].outputs)


def closers(process: BpmnProcessSpec, split: str) -> frozenset[str]:
    """The gateways at which the branches of a split meet; not those that come only after another."""
    count = len(process.task_specs[split].outputs)
    meeting = frozenset(
        name for name, spec in process.task_specs.items()
        if isinstance(spec, (ParallelGateway, InclusiveGateway)) and len(spec.inputs) > 1
        and len(branches_to(process, split, name)) == count
    )  # fmt: skip
    outputs = [output.name for output in process.task_specs[split].outputs]
    return frozenset(
        name for name in meeting
        if any(name in _reach(process, output, meeting - {name} | {split}) for output in outputs)
    )  # fmt: skip


def rests(node: TaskSpec) -> bool:
    """Whether a token stays at a node until somebody, a clock or another process moves it on."""
    return bool(node.manual) or isinstance(
        node, (BoundaryEvent, IntermediateCatchEvent, MultiInstanceTask, SubWorkflowTask)
    )


def follows(process: BpmnProcessSpec, element: str, node: str) -> bool:
    """Whether a node is reached from an element through automatic steps only."""
    resting = frozenset(name for name, spec in process.task_specs.items() if rests(spec) and name != node)
    spec = process.task_specs.get(element)
    return spec is not None and any(node in _reach(process, output.name, resting) for output in spec.outputs)


def always_leads(process: BpmnProcessSpec, node: str, goal: str) -> bool:
    """Whether a token at a node cannot end without passing the goal; what events open beside it is another token."""
    return LAST not in _reach(process, node, frozenset([goal]), beside=False)


def enclosing(process: BpmnProcessSpec, node: str) -> Iterator[str]:
    """The splits in one of whose branches a node stands."""
    for spec in process.task_specs.values():
        if is_split(spec) and is_inside(process, spec.name, node):
            yield spec.name


def chains(compiled: CompiledDefinition, element: str) -> list[tuple[str, ...]]:
    """The activities around an element, outermost first; several where its process is called from several places."""
    return list(_chains(compiled, element, compiled.definition.key, ()))


def passed_before(compiled: CompiledDefinition, element: str) -> tuple[str, ...]:
    """The user tasks from which an element can be reached, in the order of the diagram, itself only by a loop.

    The tasks in an activity that is passed before count, and those before the activities around the element.
    """
    before: set[str] = set()
    for chain in chains(compiled, element):
        for level, name in enumerate((*chain, element)):
            process = compiled.specs[_process_at(compiled, chain[:level])]
            before |= _inner(compiled, process, _ahead(process, entry(process, name).name))
    elements = compiled.definition.elements.values()
    return tuple(one.id for one in elements if one.id in before and one.kind is ElementKind.USER_TASK)


def may_return(compiled: CompiledDefinition, token_element: str, target: str) -> bool:
    """Whether a task may be returned to a target as far as the diagram can say.

    The target comes before it, and opening the target alone leaves no branch of a parallel block without a token.
    """
    if target not in passed_before(compiled, token_element):
        return False
    around = chains(compiled, token_element)
    return any(_may_open(compiled, here, token_element, there, target)
               for here in around for there in chains(compiled, target))  # fmt: skip


def may_be_target(compiled: CompiledDefinition, element: str) -> bool:
    """Whether an element is something that is done, in a process that the case can come to."""
    known = compiled.definition.elements.get(element)
    return known is not None and known.kind in _TARGETS and bool(chains(compiled, element))


def _may_open(
    compiled: CompiledDefinition, here: tuple[str, ...], element: str, there: tuple[str, ...], target: str
) -> bool:
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] == there[shared]:
        shared += 1
    leaver = (*here, element)[shared]
    for level in range(shared, len(there) + 1):
        process = compiled.specs[_process_at(compiled, there[:level])]
        node = (*there, target)[level]
        for split in enclosing(process, node):
            if level > shared or not branches_to(process, split, node) & branches_to(process, split, leaver):
                return False
            if not is_inside(process, split, leaver):
                return False
    return True


def _chains(
    compiled: CompiledDefinition, element: str, process: str, around: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    specs = compiled.specs[process].task_specs
    if element in specs:
        yield around
    for name, spec in specs.items():
        if isinstance(spec, SubWorkflowTask) and name not in around:
            yield from _chains(compiled, element, spec.spec, (*around, name))


def _process_at(compiled: CompiledDefinition, chain: tuple[str, ...]) -> str:
    process = compiled.definition.key
    for name in chain:
        process = compiled.specs[process].task_specs[name].spec
    return process


def _ahead(process: BpmnProcessSpec, node: str) -> set[str]:
    """The nodes from which a node is reached by at least one flow, or by an event on their edge."""
    sources: dict[str, list[str]] = {}
    for name, spec in process.task_specs.items():
        for output in spec.outputs:
            sources.setdefault(output.name, []).append(name)
    ahead: set[str] = set()
    pending = list(sources.get(node, ()))
    while pending:
        name = pending.pop()
        if name in ahead:
            continue
        ahead.add(name)
        pending.extend(sources.get(name, ()))
        spec = process.task_specs[name]
        if isinstance(spec, BoundaryEventSplit):
            ahead.update(one.name for one in spec.outputs if not isinstance(one, BoundaryEvent))
    return ahead


def _inner(compiled: CompiledDefinition, process: BpmnProcessSpec, names: set[str]) -> set[str]:
    """The names and all that lies inside those of activities."""
    found = set(names)
    for name in names:
        spec = process.task_specs[name]
        if isinstance(spec, SubWorkflowTask):
            inside = compiled.specs[spec.spec]
            found |= _inner(compiled, inside, set(inside.task_specs))
    return found


@lru_cache(maxsize=4096)
def _reach(
    process: BpmnProcessSpec, node: str, past: frozenset[str], *, beside: bool = True
) -> frozenset[str]:
    """What is reached from a node, itself included, without passing `past`; specs do not change once compiled."""
    found: set[str] = set()
    pending = [node]
    while pending:
        name = pending.pop()
        if name in found or name in past:
            continue
        found.add(name)
        spec = process.task_specs[name]
        for output in spec.outputs:
            if isinstance(output, BoundaryEventJoin) or not (beside or _goes_on(spec, output)):
                continue
            pending.append(output.name)
    return frozenset(found)


def _goes_on(spec: TaskSpec, output: TaskSpec) -> bool:
    return not (
        isinstance(spec, BoundaryEventSplit)
        and isinstance(output, BoundaryEvent)
        and not output.cancel_activity
    )
