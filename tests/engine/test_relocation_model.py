"""Return and jump against a model: after every random command exactly the right tasks are open, to the end.

The model knows nothing of tokens: a case is the set of tasks that are done. A block is a sequence, a parallel block, a
subprocess or a task. Where siblings go on, a branch is `away` until the token that was taken out of it is back.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from banjie.domain.errors import Conflict
from banjie.domain.step import Siblings
from support.diagrams import Case, boundary, choice, end, flows, parallel, process, start, sub, user


@dataclass(kw_only=True, eq=False)
class Node:
    """`task`, `seq`, `par` (its parts are sequences) or `sub` (its one part is a sequence)."""

    kind: str
    name: str = ""
    parts: list[Node] = field(default_factory=list)
    timed: bool = False

    def nodes(self) -> Iterator[Node]:
        yield self
        for part in self.parts:
            yield from part.nodes()

    def tasks(self) -> set[str]:
        return {node.name for node in self.nodes() if node.kind == "task"}

    def path_to(self, name: str) -> list[Node]:
        """From this node down to the task or subprocess of a name; empty where it is not inside."""
        if self.name == name and self.kind in ("task", "sub"):
            return [self]
        for part in self.parts:
            path = part.path_to(name)
            if path:
                return [self, *path]
        return []


class TwoAway(Exception):
    """The model knows of one token at a time that was taken out of its block."""


class Grower:
    """Random block-structured diagrams."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.counts = dict.fromkeys("tpw", 0)

    def new(self, letter: str) -> str:
        self.counts[letter] += 1
        return f"{letter}{self.counts[letter]}"

    def sequence(self, depth: int, most: int = 3) -> Node:
        return Node(kind="seq", parts=[self.part(depth) for _ in range(self.dice.randint(1, most))])

    def part(self, depth: int) -> Node:
        kind = self.dice.choice(["task", "task", "par", "par", "sub"]) if depth else "task"
        if kind == "task":
            return Node(kind=kind, name=self.new("t"), timed=self.dice.random() < 0.3)
        if kind == "sub":
            return Node(
                kind=kind,
                name=self.new("w"),
                parts=[self.sequence(depth - 1)],
                timed=self.dice.random() < 0.3,
            )
        branches = [self.sequence(depth - 1, 2) for _ in range(self.dice.randint(2, 3))]
        return Node(kind=kind, name=self.new("p"), parts=branches)


def drawn(tree: Node) -> bytes:
    """The diagram of a tree, with a loop from its end to its beginning."""
    parts, ways = [start(), choice("M"), user("z"), choice("G", "G_e"), end()], ["s M", "z G M", "G e"]
    _draw(tree, "M", "z", parts, ways)
    return process(*parts, flows(*ways, G_M="z.again"))


def _draw(seq: Node, source: str, goal: str, parts: list[str], ways: list[str]) -> None:
    for node in seq.parts:
        if node.kind == "task":
            parts.append(user(node.name))
        elif node.kind == "sub":
            inner = [start(f"{node.name}s"), end(f"{node.name}e")]
            inner_ways: list[str] = []
            _draw(node.parts[0], f"{node.name}s", f"{node.name}e", inner, inner_ways)
            parts.append(sub(node.name, *inner, flows(*inner_ways)))
        else:
            parts += [parallel(node.name), parallel(f"{node.name}j")]
            for branch in node.parts:
                _draw(branch, node.name, f"{node.name}j", parts, ways)
        if node.timed:
            late, beside, last = (f"{node.name}{suffix}" for suffix in ("late", "x", "f"))
            parts += [boundary(late, node.name, cancel=False), user(beside), end(last)]
            ways.append(f"{late} {beside} {last}")
        ways.append(f"{source} {node.name}")
        source = f"{node.name}j" if node.kind == "par" else node.name
    ways.append(f"{source} {goal}")


class Model:
    """Which tasks are open, and what a relocation must do."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        self.done: set[str] = set()
        self.running: set[Node] = set()
        self.away: set[tuple[Node, int]] = set()

    @property
    def open(self) -> set[str]:
        return self._open(self.tree)

    def complete(self, name: str) -> None:
        self.done.add(name)
        self.running = {par for par in self.running if not self._is_done(par)}

    def _is_done(self, node: Node) -> bool:
        return node.tasks() <= self.done

    def _open(self, node: Node) -> set[str]:
        if self._is_done(node):
            return set()
        if node.kind == "task":
            return {node.name}
        if node.kind == "sub":
            return self._open(node.parts[0])
        if node.kind == "par":
            self.running.add(node)
            self.away = {(par, branch) for par, branch in self.away if par is not node}
            return set().union(*map(self._open, node.parts))
        front = next(part for part in node.parts if not self._is_done(part))
        later = node.parts[node.parts.index(front) + 1 :]
        return self._open(front).union(*map(self._going_on, later))

    def _going_on(self, node: Node) -> set[str]:
        """What is open in a part that the token has left while others in it go on."""
        if node.kind == "par" and node in self.running:
            return set().union(*(
                self._going_on(part) if (node, number) in self.away else self._open(part)
                for number, part in enumerate(node.parts)
            ))  # fmt: skip
        return set().union(*map(self._going_on, node.parts)) if node.kind == "seq" else set()

    def relocate(self, name: str, target: str, siblings: Siblings) -> set[str]:
        """Do it, and answer what else is closed. Conflict where it must be refused."""
        before = self.open
        here, there = self.tree.path_to(name), self.tree.path_to(target)
        shared = self._shared_scope(here, there)
        leaver = next((node for node in here[shared:] if node.kind == "sub"), here[-1])
        if siblings is Siblings.KEEP and leaver.kind == "sub" and self._rests_beside(leaver, name, before):
            raise Conflict
        around = self._blocks(here[: here.index(leaver) + 1], shared)
        blocks = [(par, branch) for par, branch, _ in around]
        staying = self._staying(around, there)
        left = blocks[staying:]
        if left and siblings is Siblings.KEEP:
            if not self._comes_before(there, left[0][0]):
                raise Conflict
            if self.away - set(blocks):
                raise TwoAway
            self._refuse_closed(there[shared:], blocks)
            self.away |= set(left)
        else:
            self._refuse_closed(there[shared:], blocks[:staying])
            if left:
                self._forget(left[0][0])
        self._forget(leaver)
        for par, branch, away in around:
            if away and self._branch_of(there, par) == branch:
                self.away.discard((par, branch))
        self._fill(self._meeting(here, there), there)
        return before - self.open - {name}

    def _shared_scope(self, here: list[Node], there: list[Node]) -> int:
        """The index below the innermost subprocess around both."""
        shared = 0
        for number, (left, right) in enumerate(zip(here[:-1], there[:-1], strict=False)):
            if left is not right:
                break
            if left.kind == "sub":
                shared = number + 1
        return shared

    def _rests_beside(self, leaver: Node, name: str, open_now: set[str]) -> bool:
        waits = any(
            self._is_done(part) for par in leaver.nodes() if par in self.running for part in par.parts
        )
        return waits or bool(open_now & leaver.tasks() - {name})

    def _blocks(self, here: list[Node], shared: int) -> list[tuple[Node, int, bool]]:
        """The parallel blocks around a task in its scope, outermost first; its branch; whether it is away from it."""
        found: list[tuple[Node, int, bool]] = []
        for node, below in zip(here[shared:], here[shared + 1 :], strict=False):
            if node.kind == "par":
                found.append((node, node.parts.index(below), False))
            if node.kind == "seq":
                for later in node.parts[node.parts.index(below) + 1 :]:
                    found += self._left_behind(later)
        return found

    def _left_behind(self, node: Node) -> list[tuple[Node, int, bool]]:
        found = []
        if node.kind == "par" and node in self.running:
            for number, part in enumerate(node.parts):
                if (node, number) in self.away:
                    found.append((node, number, True))
                    for inner in part.parts:
                        found += self._left_behind(inner)
        return found

    def _staying(self, blocks: list[tuple[Node, int, bool]], there: list[Node]) -> int:
        before = False
        for number, (par, branch, away) in enumerate(blocks):
            if self._branch_of(there, par) == branch:
                continue
            before = before or self._comes_before(there, par)
            if not away or not before:
                return number
        return len(blocks)

    def _branch_of(self, path: list[Node], par: Node) -> int | None:
        return par.parts.index(path[path.index(par) + 1]) if par in path[:-1] else None

    def _comes_before(self, there: list[Node], par: Node) -> bool:
        path = next(path for path in self._paths(self.tree, []) if path[-1] is par)
        for above, (mine, theirs) in zip(path, zip(path[1:], there[1:], strict=False), strict=False):
            if mine is not theirs:
                return above.kind == "seq" and above.parts.index(theirs) < above.parts.index(mine)
        return False

    def _paths(self, node: Node, above: list[Node]) -> Iterator[list[Node]]:
        yield [*above, node]
        for part in node.parts:
            yield from self._paths(part, [*above, node])

    def _refuse_closed(self, there: list[Node], blocks: list[tuple[Node, int]]) -> None:
        for node in there:
            if node.kind == "par" and (node, self._branch_of(there, node)) not in blocks:
                raise Conflict

    def _forget(self, node: Node) -> None:
        inside = set(node.nodes())
        self.running -= inside
        self.away = {(par, branch) for par, branch in self.away if par not in inside}

    def _meeting(self, here: list[Node], there: list[Node]) -> Node:
        """The innermost sequence around both."""
        both = [left for left, right in zip(here[:-1], there[:-1], strict=False) if left is right]
        return both[-1]

    def _fill(self, node: Node, there: list[Node]) -> None:
        """What comes before the target is done, the target and what comes after it is not."""
        if node is there[-1]:
            self.done -= node.tasks()
            return
        below = there[there.index(node) + 1]
        if node.kind == "seq":
            at = node.parts.index(below)
            for part in node.parts[:at]:
                self.done |= part.tasks()
            for part in node.parts[at + 1 :]:
                self._reset(part)
        self._fill(below, there)

    def _reset(self, node: Node) -> None:
        if node.kind == "par" and node in self.running:
            for number, part in enumerate(node.parts):
                if (node, number) in self.away:
                    self._reset(part)
        elif node.kind == "seq":
            for part in node.parts:
                self._reset(part)
        else:
            self.done -= node.tasks()


def complete(case: Case, model: Model, name: str, *, again: bool) -> None:
    """Complete a task in both; with `again` the last one begins another round."""
    case.complete(name, {"again": again})
    model.complete(name)
    if name == "z" and again:
        model.done.clear()


def complete_and_undo(case: Case, name: str) -> None:
    """Complete a task and take it back: the model need not know."""
    opened = [task.token for task in case.complete(name, {"again": True}).opened]
    step = case.engine.reopen(
        case.compiled, case.step.snapshot, element=name, opened=opened, data=case.data, decide=case._decide,
        now=case.now,
    )  # fmt: skip
    case._keep(step)


def relocate(case: Case, name: str, target: str, siblings: Siblings) -> set[str]:
    """Relocate a case's task; answers what it closed besides."""
    token = next(task.token for task in case.tasks if task.element == name)
    step = case.engine.relocate(
        case.compiled, case.step.snapshot, tokens=[token], target=target, siblings=siblings, data=case.data,
        decide=case._decide, now=case.now,
    )  # fmt: skip
    case._keep(step)
    return {task.element for task in step.closed} - {name}


def timers(tree: Node, open_now: set[str]) -> list[str]:
    """The timers of the open tasks and of the subprocesses around them."""
    hosts = {node.name for name in open_now for node in tree.path_to(name) if node.timed}
    return sorted(f"{host}late" for host in hosts)


@pytest.mark.parametrize("seed", range(60))
def test_after_every_return_and_jump_exactly_the_right_tasks_are_open(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    tree = Grower(dice).sequence(2, 4)
    case = Case(drawn(tree))
    model = Model(Node(kind="seq", parts=[*tree.parts, Node(kind="task", name="z")]))
    targets = sorted(node.name for node in model.tree.nodes() if node.kind in ("task", "sub"))

    for _ in range(40):
        if case.step.ended:
            break
        name = dice.choice(sorted(case.open))
        if dice.random() < 0.15:
            complete_and_undo(case, name)
        elif dice.random() < 0.5:
            complete(case, model, name, again=True)
        else:
            target, siblings = dice.choice(targets), dice.choice(list(Siblings))
            try:
                lost = model.relocate(name, target, siblings)
            except TwoAway:
                continue
            except Conflict:
                with pytest.raises(Conflict):
                    relocate(case, name, target, siblings)
                continue
            assert relocate(case, name, target, siblings) - set(case.open) == lost - {target}
        assert case.open == sorted(model.open)
        assert [timer.element for timer in sorted(case.timers, key=lambda one: one.element)] == timers(
            model.tree, model.open
        )
    while not case.step.ended:
        name = dice.choice(case.open)
        complete(case, model, name, again=False)
        assert case.open == sorted(model.open)
    assert model.done == model.tree.tasks()
