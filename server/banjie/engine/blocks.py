"""Where tokens run side by side: the blocks around a token, and which of them it leaves on its way to a goal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, ParallelGateway
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from banjie.domain.errors import Conflict
from banjie.engine import routes
from banjie.engine.members import EachItem
from banjie.engine.parser import BRANCHES
from banjie.engine.snapshot import ACTIVE
from banjie.engine.tree import above, below


class Kind(Enum):
    """What makes tokens run side by side: a gateway, members of one task, an event that did not interrupt."""

    PARALLEL = auto()
    INCLUSIVE = auto()
    MEMBERS = auto()
    BESIDE = auto()


@dataclass(frozen=True, kw_only=True)
class Block:
    """Tokens that run side by side: `root` goes, with all below it, when the block is given up.

    `split` and `branch` are the nodes at which they part and behind which the token in question stands.
    """

    kind: Kind
    root: SpiffTask
    split: str
    branch: str


def blocks_around(token: SpiffTask) -> list[Block]:
    """The blocks around a token, outermost first."""
    process = token.workflow.spec
    blocks: list[Block] = []
    for task, under in pairwise([*reversed(above(token)), token]):
        spec = task.task_spec
        if isinstance(spec, EachItem) and task.has_state(ACTIVE):
            blocks.append(Block(kind=Kind.MEMBERS, root=task, split=spec.name, branch=under.task_spec.name))
        elif isinstance(spec, BoundaryEvent) and not spec.cancel_activity:
            edge = task.parent
            blocks.append(Block(kind=Kind.BESIDE, root=edge, split=edge.task_spec.name, branch=spec.name))
        elif routes.is_split(spec) and all(block.split != spec.name for block in blocks) and _is_open(task):
            kind = Kind.PARALLEL if isinstance(spec, ParallelGateway) else Kind.INCLUSIVE
            branch = _branch(process, spec.name, under)
            blocks.append(Block(kind=kind, root=task, split=spec.name, branch=branch))
    return blocks


def count_staying(blocks: Sequence[Block], goal: str, carried: Mapping[str, str]) -> int:
    """How many of the blocks, from the outermost, a token that goes to the goal stays in.

    A token that was taken back over a split is still in its branch while it is before that split.
    """
    for number, block in enumerate(blocks):
        if stands_in(block, goal) or (block.split in carried and comes_back(blocks, number, goal)):
            continue
        return number
    return len(blocks)


def comes_back(blocks: Sequence[Block], number: int, goal: str) -> bool:
    """Whether a token at the goal cannot but come to the split of one of the blocks."""
    block = blocks[number]
    around = next((one for one in reversed(blocks[:number]) if stands_in(one, block.split)), None)
    begin = goal if around is None or stands_in(around, goal) else around.branch
    return routes.always_leads(block.root.workflow.spec, begin, block.split)


def stands_in(block: Block, goal: str) -> bool:
    """Whether a node stands in the token's branch of a block and nowhere else."""
    if block.kind is Kind.MEMBERS:
        return False
    process = block.root.workflow.spec
    branches = routes.branches_to(process, block.split, goal)
    return block.branch in branches and routes.is_inside(process, block.split, goal)


def just_back(leaver: SpiffTask, blocks: Sequence[Block]) -> dict[str, str]:
    """The branches to which the token, taken back over their splits, has returned by the last completion."""
    around = {block.split: block for block in blocks}
    back = {}
    for task in above(leaver):
        if routes.rests(task.task_spec) and task.state == TaskState.COMPLETED:
            break
        block = around.get(task.task_spec.name)
        if block is not None and block.root is not task:
            back[block.split] = block.branch
    return back


def _is_open(split: SpiffTask) -> bool:
    """Whether the branches of a split have not met yet."""
    closers = routes.closers(split.workflow.spec, split.task_spec.name)
    return not any(
        task.state == TaskState.COMPLETED
        and task.task_spec.name in closers
        and task.workflow is split.workflow
        for task in below(split)
    )


def _branch(process: BpmnProcessSpec, split: str, under: SpiffTask) -> str:
    """The output of a split behind which the task hung below it stands; it may have been moved there."""
    name = under.task_spec.name
    if split in under.data.get(BRANCHES, {}):
        return str(under.data[BRANCHES][split])
    branches = routes.branches_to(process, split, name)
    if len(branches) != 1:
        raise Conflict("The task stands in several branches at once.", element=name, block=split)
    return next(iter(branches))
