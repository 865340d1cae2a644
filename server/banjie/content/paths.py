"""The longest way through a process, in days of the limits of its steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from banjie.content.rules.diagram import Diagram, Node
from banjie.content.xml import parse_xml


@dataclass(frozen=True, kw_only=True)
class Way:
    """Steps one after the other, by id, and the days of their limits together."""

    days: int
    steps: tuple[str, ...]


_NOWHERE = Way(days=0, steps=())


def longest_way(diagrams: Mapping[str, bytes], process: str, limits: Mapping[str, int]) -> Way:
    """The way from the acceptance to an end whose limits are longest together.

    `diagrams` is file name → bytes and has passed the rules; `limits` is element id → days. What comes
    before the acceptance is not counted, because the limits of the case begin with it; without one all is.
    Branches taken together count as the longest of them. A return is bounded to once: each step counts
    once. A step with a limit and steps within counts as its own limit, or as those within where they have
    limits that are longer together.
    """
    return _Ways(
        [Diagram(file=file, root=parse_xml(file, data)) for file, data in diagrams.items()], limits
    ).through(process)


class _Ways:
    """The diagrams of one process and of those it calls, by container."""

    def __init__(self, diagrams: Iterable[Diagram], limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._nodes: dict[str, Node] = {}
        self._inside: dict[str, list[Node]] = {}
        self._next: dict[str, list[str]] = {}
        for diagram in diagrams:
            self._nodes.update(diagram.nodes)
            self._next.update(diagram.successors)
            for node in diagram.nodes.values():
                self._inside.setdefault(node.container, []).append(node)

    def through(self, container: str) -> Way:
        """The longest way through a process or subprocess."""
        inside = self._inside.get(container, [])
        accepting = {node.id for node in inside if node.ours("acceptance") == "true"}
        entered = {target for node in inside for target in self._next[node.id]}
        starts = (
            [target for node in accepting for target in self._next[node]]
            if accepting
            else [node.id for node in inside if node.id not in entered]
        )
        ways = self._from_each(starts, accepting)
        return max((ways[start] for start in starts if start in ways), key=_days, default=_NOWHERE)

    def _from_each(self, starts: Iterable[str], closed: Collection[str]) -> dict[str, Way]:
        """Node → the longest way from it; flows back to a node on the way are not taken."""
        ways: dict[str, Way] = {}
        on_way: set[str] = set()
        for start in starts:
            stack: list[tuple[str, Iterator[str]]] = [(start, iter(self._next[start]))]
            while stack:
                at, targets = stack[-1]
                on_way.add(at)
                following = next(
                    (to for to in targets if to not in ways and to not in on_way | {*closed}), None
                )
                if following is not None:
                    stack.append((following, iter(self._next[following])))
                    continue
                stack.pop()
                on_way.discard(at)
                if at not in closed:
                    ways[at] = self._onward(at, ways)
        return ways

    def _onward(self, node: str, ways: Mapping[str, Way]) -> Way:
        own = self._across(self._nodes[node])
        rest = max((ways[to] for to in self._next[node] if to in ways), key=_days, default=_NOWHERE)
        return Way(days=own.days + rest.days, steps=own.steps + rest.steps)

    def _across(self, node: Node) -> Way:
        """The node alone, with what lies in it."""
        within = _NOWHERE
        if node.tag == "subProcess":
            within = self.through(node.id)
        elif node.tag == "callActivity":
            within = self.through(node.xml.get("calledElement", ""))
        days = self._limits.get(node.id, 0)
        return (
            within if within.days > days or node.id not in self._limits else Way(days=days, steps=(node.id,))
        )


def _days(way: Way) -> int:
    return way.days
