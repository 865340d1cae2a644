"""The rules of BPMN in a small token game: the measure by which `simulate` judges the engine.

It shares no code with the engine and is read straight from the XML of diagrams that passed the content rules. A token
rests on a user task or timer until it is moved; at a gateway that chooses, `choose` says where it goes. A parallel
gateway takes one token from each incoming flow. Nothing is evaluated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"

#: Gateway id and the ids of the targets of its flows → the chosen target.
Choose = Callable[[str, tuple[str, ...]], str]


class NotPlayable(Exception):
    """The diagram has something that the game does not play; the engine is then judged by its own endings only."""


@dataclass(kw_only=True, eq=False)
class Board:
    """The fixed part: nodes by id, where flows lead, and what stands on whose edge."""

    nodes: dict[str, etree._Element]
    outgoing: dict[str, list[str]]
    incoming: dict[str, list[str]]
    attached: dict[str, list[str]]

    @classmethod
    def of(cls, roots: list[etree._Element]) -> Board:
        nodes: dict[str, etree._Element] = {}
        outgoing: dict[str, list[str]] = {}
        incoming: dict[str, list[str]] = {}
        attached: dict[str, list[str]] = {}
        for root in roots:
            for node in root.iter(BPMN + "*"):
                identity = node.get("id")
                if node.tag == BPMN + "sequenceFlow":
                    outgoing.setdefault(node.get("sourceRef", ""), []).append(node.get("targetRef", ""))
                    incoming.setdefault(node.get("targetRef", ""), []).append(node.get("sourceRef", ""))
                elif identity:
                    nodes[identity] = node
                if node.tag == BPMN + "boundaryEvent":
                    attached.setdefault(node.get("attachedToRef", ""), []).append(identity or "")
                if node.tag in (BPMN + "inclusiveGateway", BPMN + "multiInstanceLoopCharacteristics"):
                    raise NotPlayable(node.tag)
        return cls(nodes=nodes, outgoing=outgoing, incoming=incoming, attached=attached)

    def kind(self, node: str) -> str:
        return str(etree.QName(self.nodes[node]).localname)

    def start_of(self, container: str) -> str:
        started = self.nodes[container].find(BPMN + "startEvent")
        if started is None:
            raise NotPlayable(container)
        return str(started.get("id"))


@dataclass(kw_only=True, eq=False)
class Level:
    """One running process or subprocess: how many tokens rest where, and who has arrived at which join."""

    container: str
    resting: Counter[str] = field(default_factory=Counter)
    arrived: Counter[tuple[str, str]] = field(default_factory=Counter)
    inner: list[tuple[str, Level]] = field(default_factory=list)

    def is_over(self) -> bool:
        return not +self.resting and not self.inner and not +self.arrived


class Game:
    """One game. `open_tasks` counts the tokens on user tasks; `waiting` those on timers."""

    def __init__(self, board: Board, process: str, choose: Choose) -> None:
        self._board = board
        self._choose = choose
        self._top = Level(container=process)
        self._arrive(self._top, board.start_of(process), None)
        self._settle()

    @property
    def ended(self) -> bool:
        return self._top.is_over()

    @property
    def open_tasks(self) -> Counter[str]:
        return self._resting("userTask")

    @property
    def waiting(self) -> Counter[str]:
        timers = self._resting("intermediateCatchEvent")
        for level in self._levels(self._top):
            hosts = Counter(level.resting)
            hosts.update(host for host, _ in level.inner)
            for host, count in hosts.items():
                timers.update(dict.fromkeys(self._armed(level, host), count))
        return +timers

    def complete(self, task: str) -> None:
        """Move the token on a user task on."""
        level = next(level for level in self._levels(self._top) if level.resting[task])
        level.resting[task] -= 1
        self._leave(level, task)
        self._settle()

    def fire(self, event: str) -> None:
        """Let a timer fire: one on the edge takes its activity's token away when it interrupts."""
        if self._board.kind(event) == "intermediateCatchEvent":
            self.complete(event)
            return
        host = self._board.nodes[event].get("attachedToRef", "")
        level = next(level for level in self._levels(self._top) if self._holds(level, host))
        if self._board.nodes[event].get("cancelActivity", "true") == "true":
            if level.resting[host]:
                level.resting[host] -= 1
            else:
                level.inner.remove(next(pair for pair in level.inner if pair[0] == host))
        else:
            # A timer that does not interrupt fires once; the mark says that it has.
            level.arrived[("", event)] = -1
        self._leave(level, event)
        self._settle()

    def _holds(self, level: Level, host: str) -> bool:
        return bool(level.resting[host]) or any(pair[0] == host for pair in level.inner)

    def _armed(self, level: Level, host: str) -> list[str]:
        return [event for event in self._board.attached.get(host, []) if not level.arrived[("", event)]]

    def _resting(self, kind: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for level in self._levels(self._top):
            found.update(
                {node: count for node, count in level.resting.items() if self._board.kind(node) == kind}
            )
        return +found

    def _levels(self, level: Level) -> list[Level]:
        return [level, *(deeper for _, inner in level.inner for deeper in self._levels(inner))]

    def _arrive(self, level: Level, node: str, source: str | None) -> None:
        kind = self._board.kind(node)
        for event in self._board.attached.get(node, []):
            level.arrived.pop(("", event), None)
        if kind in ("userTask", "intermediateCatchEvent"):
            level.resting[node] += 1
        elif kind in ("subProcess", "callActivity"):
            container = node if kind == "subProcess" else self._board.nodes[node].get("calledElement", "")
            inner = Level(container=container)
            level.inner.append((node, inner))
            self._arrive(inner, self._board.start_of(container), None)
        elif kind == "parallelGateway":
            level.arrived[(node, source or "")] += 1
            sources = self._board.incoming[node]
            if all(level.arrived[(node, origin)] > 0 for origin in sources):
                for origin in sources:
                    level.arrived[(node, origin)] -= 1
                self._leave(level, node)
        elif kind == "endEvent":
            if self._board.nodes[node].find(BPMN + "terminateEventDefinition") is not None:
                level.resting.clear()
                level.arrived.clear()
                level.inner.clear()
        else:
            self._leave(level, node)

    def _leave(self, level: Level, node: str) -> None:
        targets = self._board.outgoing.get(node, [])
        if self._board.kind(node) == "exclusiveGateway" and len(targets) > 1:
            targets = [self._choose(node, tuple(targets))]
        for target in targets:
            self._arrive(level, target, node)

    def _settle(self) -> None:
        """Let finished subprocesses hand their token on, the innermost first."""
        for level in reversed(self._levels(self._top)):
            for pair in [pair for pair in level.inner if pair[1].is_over()]:
                level.inner.remove(pair)
                self._leave(level, pair[0])
                self._settle()
                return


def play(roots: Mapping[str, etree._Element], process: str, choose: Choose) -> Game:
    """A new game of a process, its token moved to where it first rests. Raises NotPlayable."""
    return Game(Board.of(list(roots.values())), process, choose)
