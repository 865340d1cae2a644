"""Moving tokens against the flow: return, jump, and undoing a completion.

A token is not reset, as SpiffWorkflow would do it (which rebuilds a whole subtree and leaves timers behind): what the
move gives up is cut from the tree, and a new token is hung where the cut was. `plan` only looks and says what a move
would do; `carry_out` does it. The workflow must be run to rest afterwards.

What decides is which blocks around the token the target lies outside of (`blocks`), and what is drawn (`routes`).
"""

from __future__ import annotations

# ruff: noqa: SLF001 - Moving a token is editing SpiffWorkflow's tree, for which it has no public way.
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from banjie.domain.errors import Conflict
from banjie.engine import routes
from banjie.engine.blocks import Block, Kind, blocks_around, comes_back, count_staying, just_back, stands_in
from banjie.engine.definitions import CompiledDefinition
from banjie.engine.members import EachItem
from banjie.engine.parser import BRANCHES
from banjie.engine.snapshot import ACTIVE
from banjie.engine.tree import above, activities, below, cut, hang, has_ended, hosts, remove, resting, waits


@dataclass(frozen=True, kw_only=True)
class _Met:
    """A block whose branches have met: its split and join, and the last nodes of the branches that were there first."""

    split: str
    join: str
    first: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Move:
    """What is cut (`leaving`, with all below it) and what is opened in its place.

    `route` leads from the workflow of the cut to the target: activities, then the target's id. `branches` is what the
    new token carries: split → the one branch it may take when it comes there again. `met` lists the blocks that are
    opened again around a name of the route, outermost first, because their join is undone.
    """

    leaving: SpiffTask
    route: tuple[str, ...]
    branches: dict[str, str]
    met: Mapping[str, Sequence[_Met]]

    @property
    def lost(self) -> list[SpiffTask]:
        """The open user tasks that are cut."""
        return [
            task for task in below(self.leaving) if task.state == TaskState.READY and task.task_spec.manual
        ]


def plan(
    compiled: CompiledDefinition,
    tokens: Sequence[SpiffTask],
    target: str,
    *,
    keep: bool,
    undone: bool = False,
) -> Move:
    """How tokens leave their places for a target. Conflict, naming the element, where it cannot be made right.

    With `keep`, what runs beside them goes on; else the blocks that are left are given up. With `undone` the target
    was completed last and let joins fire, at which the other branches are to wait again.
    """
    if not tokens:
        raise Conflict("No task is named that is to leave its place.", element=target)
    if not routes.may_be_target(compiled, target):
        raise Conflict("A case is returned to a user task, a subprocess or a call activity.", element=target)
    token = tokens[0]
    chain, leaver = _meeting(compiled, token, target)
    if keep and leaver is not token and any(task not in tokens for task in resting(leaver)):
        raise _others_inside(leaver)
    together = keep and len(tokens) > 1
    move = _within(leaver, (*chain, target), keep=keep and not together, undone=undone)
    if together and any(task not in tokens for task in resting(move.leaving)):
        raise Conflict(
            "Several tasks leave a block together only where nothing else is in it.",
            element=token.task_spec.bpmn_id,
        )
    inside = set(map(id, below(move.leaving)))
    for task in tokens:
        if id(task) not in inside:
            raise Conflict(
                "The tasks do not stand in one block.", element=task.task_spec.bpmn_id, target=target
            )
    return move


def carry_out(move: Move) -> None:
    """Cut what is left and open the target."""
    parent = cut(move.leaving)
    _open(parent, move.route, move)


def undo(
    compiled: CompiledDefinition, workflow: BpmnWorkflow, element: str, opened: Sequence[SpiffTask]
) -> Move:
    """How the completion of `element`, which opened exactly `opened`, is undone. Conflict where that is not clear."""
    if _is_shared(compiled, element):
        raise Conflict("One of several people's completions cannot be undone.", element=element)
    tokens = list(opened) or [_resting_place(compiled, workflow, element)]
    move = plan(compiled, tokens, element, keep=False, undone=True)
    if not routes.follows(move.leaving.workflow.spec, move.route[0], move.leaving.task_spec.name):
        raise Conflict("The element cannot have opened the tasks.", element=element)
    strangers = [task for task in move.lost if task not in opened]
    if strangers:
        raise Conflict(
            "Other tasks have been opened since.", element=element, other=strangers[0].task_spec.bpmn_id
        )
    since = next((task for task in below(move.leaving) if _is_done_by_hand(task)), None)
    if since is not None:
        raise Conflict("The case has gone on since.", element=element, other=since.task_spec.bpmn_id)
    return move


def _meeting(
    compiled: CompiledDefinition, token: SpiffTask, target: str
) -> tuple[tuple[str, ...], SpiffTask]:
    """Where the token's and the target's activities part: those to open, and the task that leaves its place."""
    around = [*activities(token), token]
    shared: dict[tuple[str, ...], int] = {}
    for chain in routes.chains(compiled, target):
        names = [task.task_spec.name for task in around[:-1]]
        pairs = zip(chain, names, strict=False)
        level = next((number for number, (left, right) in enumerate(pairs) if left != right), None)
        shared[chain] = min(len(chain), len(names)) if level is None else level
    deepest = max(shared.values())
    nearest = [chain for chain, level in shared.items() if level == deepest]
    if len(nearest) > 1:
        raise Conflict("The target is called from several places.", element=target)
    return nearest[0][deepest:], around[deepest]


def _within(leaver: SpiffTask, route: tuple[str, ...], *, keep: bool, undone: bool) -> Move:
    """The move in the workflow of the task that leaves its place."""
    goal = routes.entry(leaver.workflow.spec, route[0]).name
    blocks = blocks_around(leaver)
    # What waits at a join has not taken over yet what its token carries.
    carried = {**leaver.parent.data.get(BRANCHES, {}), **leaver.data.get(BRANCHES, {})}
    if undone:
        carried |= just_back(leaver, blocks)
    staying = count_staying(blocks, goal, carried)
    leaving = leaver
    if staying < len(blocks):
        if keep:
            leaving = _beside_the_others(leaver, goal, blocks, staying)
            blocks = [block for block in blocks if block.kind is not Kind.MEMBERS]
        else:
            leaving = _given_up(blocks[staying])
            blocks = blocks[:staying]
    met = {name: [_met(*block, name, undone=undone) for block in closed]
           for name, closed in _closed_blocks(leaver, route, blocks)}  # fmt: skip
    branches = {
        block.split: block.branch for block in blocks
        if block.kind is Kind.PARALLEL and not stands_in(block, goal)
    }  # fmt: skip
    return Move(leaving=leaving, route=route, branches=branches, met=met)


def _beside_the_others(leaver: SpiffTask, goal: str, blocks: Sequence[Block], staying: int) -> SpiffTask:
    """What is cut when the others in the blocks that are left go on. Conflict where they could not end."""
    name, leaving = leaver.task_spec.bpmn_id, leaver
    for number, block in enumerate(blocks[staying:], start=staying):
        if block.kind is Kind.MEMBERS:
            if any(task is not leaver for task in resting(block.root)):
                raise Conflict("The others of a multi-instance task cannot go on without one.", element=name)
            leaving = block.root
        elif block.kind is not Kind.PARALLEL:
            raise Conflict(
                "What runs beside the task cannot go on without it.", element=name, block=block.split
            )
        elif not comes_back(blocks, number, goal):
            raise Conflict(
                "The branches beside the task would wait in vain: not every way leads back to their split.",
                element=name, block=block.split,
            )  # fmt: skip
    return leaving


def _given_up(block: Block) -> SpiffTask:
    if block.kind is Kind.BESIDE and not any(task.has_state(ACTIVE) for task in hosts(block.root)):
        raise Conflict("The task that this one runs beside has gone on.", element=block.branch)
    return block.root


def _closed_blocks(
    leaver: SpiffTask, route: Sequence[str], blocks: Sequence[Block]
) -> Iterator[tuple[str, list[tuple[BpmnProcessSpec, str]]]]:
    """For each name of the route the splits in a branch of which it stands and that are not open, outermost first."""
    process, around = leaver.workflow.spec, blocks
    for level, name in enumerate(route):
        node = routes.entry(process, name).name
        closed = [
            (process, split) for split in routes.enclosing(process, node)
            if not any(block.split == split and stands_in(block, node) for block in around)
        ]  # fmt: skip
        yield name, sorted(closed, key=lambda one: len(list(routes.enclosing(*one))))
        if level + 1 < len(route):
            inner = process.task_specs[name].spec
            process, around = leaver.workflow.top_workflow.subprocess_specs[inner], ()


def _met(process: BpmnProcessSpec, split: str, name: str, *, undone: bool) -> _Met:
    """A closed block as it stood before the branch of an element came to its join as the last one.

    Conflict unless it is undone, and where the diagram does not say which arrivals were there: opened in one branch
    alone, the join would wait for ever.
    """
    refused = Conflict(
        "The target stands in one branch of a block that is not open.", element=name, block=split
    )
    closers = routes.closers(process, split)
    join = process.task_specs[next(iter(closers), split)]
    if not undone or len(closers) != 1 or not isinstance(join, ParallelGateway):
        raise refused
    mine = routes.branches_to(process, split, routes.entry(process, name).name)
    last = {node.name: routes.branches_to(process, split, node.name) for node in join.inputs}
    first = tuple(node for node, branches in last.items() if branches != mine)
    clear = len(mine) == 1 and all(len(branches) == 1 for branches in last.values())
    if not clear or len(first) + 1 != len(last) or not routes.follows(process, name, join.name):
        raise refused
    return _Met(split=split, join=join.name, first=first)


def _others_inside(activity: SpiffTask) -> Conflict:
    return Conflict(
        "What else is open inside would be lost with the activity.", element=activity.task_spec.bpmn_id
    )


def _resting_place(compiled: CompiledDefinition, workflow: BpmnWorkflow, element: str) -> SpiffTask:
    """Where the token of a completed element waits, behind automatic steps only."""
    found = [
        task for task in below(workflow.task_tree)
        if (waits(task) or has_ended(task)) and _comes_from(compiled, task, element)
    ]  # fmt: skip
    if len(found) != 1:
        raise Conflict("Where the case has gone from here is not clear any more.", element=element)
    return found[0]


def _comes_from(compiled: CompiledDefinition, task: SpiffTask, element: str) -> bool:
    for passed in above(task):
        if isinstance(passed.task_spec, SubWorkflowTask):
            return any(passed.task_spec.name in chain for chain in routes.chains(compiled, element))
        if routes.rests(passed.task_spec):
            return bool(passed.task_spec.bpmn_id == element)
    # What the token left behind it is pruned where nothing else is open.
    return routes.follows(task.workflow.spec, element, task.task_spec.name)


def _is_done_by_hand(task: SpiffTask) -> bool:
    return bool(task.task_spec.manual and task.state == TaskState.COMPLETED)


def _is_shared(compiled: CompiledDefinition, element: str) -> bool:
    return any(isinstance(process.task_specs.get(element), EachItem) for process in compiled.specs.values())


def _open(parent: SpiffTask, route: Sequence[str], move: Move) -> None:
    """Hang an element below a finished task and let its events begin; in an activity, open what the route says."""
    carried = {BRANCHES: dict(move.branches)} if move.branches and route == move.route else {}
    for block in move.met[route[0]]:
        parent = _reopen_block(parent, block, carried)
    spec = routes.entry(parent.workflow.spec, route[0])
    task = hang(parent, spec.name, TaskState.FUTURE, carried)
    spec._update(task)
    if isinstance(spec, BoundaryEventSplit):
        task.run()
        (task,) = hosts(task)
    if len(route) > 1:
        start = task.workflow.top_workflow.subprocesses[task.id].task_tree
        for begun in start.children:
            remove(begun)
        _open(start, route[1:], move)


def _reopen_block(parent: SpiffTask, block: _Met, carried: Mapping[str, object]) -> SpiffTask:
    """A split that has been passed, with the arrivals of the other branches at its join."""
    split = hang(parent, block.split, TaskState.COMPLETED, carried)
    for name in block.first:
        done = hang(split, name, TaskState.COMPLETED, carried)
        hang(done, block.join, TaskState.WAITING, carried)
    return split
