"""How large a diagram may be, and that it cannot run for ever by itself.

The engine predicts the future of a token as a tree: behind parallel splits it doubles with every one, and without a
choice on a loop it never ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from banjie.content.rules.diagram import BPMN, Diagram, Node, on_cycle
from banjie.domain.errors import Problem

MOST_NODES = 200
MOST_FLOWS = 600
DEEPEST_NESTING = 5
LONGEST_AUTOMATIC = 100
MOST_PREDICTED = 500

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_RESTING = frozenset({"userTask", "intermediateCatchEvent"})


def not_too_large(diagram: Diagram) -> Iterator[Problem]:
    """At most 200 nodes and 600 flows, subprocesses at most five deep."""
    if len(diagram.all_nodes) > MOST_NODES:
        count = len(diagram.all_nodes)
        yield diagram.problem(diagram.root, "too-large", f"{count} nodes; at most {MOST_NODES} are allowed")
    if len(diagram.flows) > MOST_FLOWS:
        message = f"{len(diagram.flows)} flows; at most {MOST_FLOWS} are allowed"
        yield diagram.problem(diagram.root, "too-large", message)
    for container in diagram.containers.values():
        depth = sum(1 for _ in container.iterancestors(f"{{{BPMN}}}subProcess"))
        if depth >= DEEPEST_NESTING:
            yield diagram.problem(container, "too-deep", f"subprocesses nested deeper than {DEEPEST_NESTING}")


def loops_have_choices(diagram: Diagram) -> Iterator[Problem]:
    """Every loop passes a gateway that can leave it."""
    unchosen = [node.id for node in diagram.nodes.values() if node.tag not in _CHOOSING]
    for identity in sorted(on_cycle(unchosen, diagram.successors)):
        yield diagram.problem(
            diagram.nodes[identity], "endless-loop", "it stands on a loop that no gateway leaves"
        )


def loops_have_people(diagram: Diagram) -> Iterator[Problem]:
    """Every loop waits for a person or a clock; one that does not would spin inside one run."""
    automatic = [node.id for node in diagram.nodes.values() if not _rests(diagram, node)]
    for identity in sorted(on_cycle(automatic, diagram.successors)):
        yield diagram.problem(
            diagram.nodes[identity], "automatic-loop", "it stands on a loop without a user task or timer"
        )


def chains_have_people(diagram: Diagram) -> Iterator[Problem]:
    """At most 100 automatic steps follow each other."""
    lengths: dict[str, int] = {}
    for node in diagram.nodes.values():
        if not _rests(diagram, node) and _length(diagram, node.id, lengths) > LONGEST_AUTOMATIC:
            yield diagram.problem(
                node, "long-chain", f"more than {LONGEST_AUTOMATIC} automatic steps follow from here"
            )
            return


def branches_are_few(diagram: Diagram) -> Iterator[Problem]:
    """What the engine predicts behind any node stays below 500 tasks."""
    sizes: dict[str, int] = {}
    for node in diagram.nodes.values():
        if _predicted(diagram, node.id, sizes) > MOST_PREDICTED:
            yield diagram.problem(
                node,
                "too-many-branches",
                f"parallel branches multiply to more than {MOST_PREDICTED:,} predicted tasks",
            )
            return


def _rests(diagram: Diagram, node: Node) -> bool:
    """Whether a token waits here. A subprocess does when a node in it does; a called process is taken to."""
    if node.tag == "callActivity" or node.tag in _RESTING:
        return True
    if node.tag != "subProcess":
        return False
    return any(_rests(diagram, inner) for inner in diagram.inside(node.id))


def _length(diagram: Diagram, start: str, lengths: dict[str, int]) -> int:
    return _fold(
        start,
        lengths,
        lambda node: [] if _rests(diagram, diagram.nodes[node]) else diagram.successors.get(node, []),
        lambda _node, found: 1 + max(found, default=0),
    )


def _predicted(diagram: Diagram, start: str, sizes: dict[str, int]) -> int:
    return _fold(
        start,
        sizes,
        lambda node: [] if diagram.nodes[node].tag in _CHOOSING else diagram.successors.get(node, []),
        lambda node, found: 1 + (sum(found) or _two_ahead(diagram, node)),
    )


def _two_ahead(diagram: Diagram, node: str) -> int:
    """What is predicted behind a gateway that chooses: two steps of every way."""
    ways = diagram.successors.get(node, [])
    return len(ways) + sum(len(diagram.successors.get(way, [])) for way in ways)


def _fold(
    start: str,
    known: dict[str, int],
    follow: Callable[[str], list[str]],
    combine: Callable[[str, list[int]], int],
) -> int:
    """A value for `start` from those of what follows, without recursion; a node met on its own loop counts 0."""
    pending = [start]
    open_ones: set[str] = set()
    while pending:
        at = pending[-1]
        if at in known:
            pending.pop()
            continue
        new = [node for node in follow(at) if node not in known and node not in open_ones]
        waiting = [] if at in open_ones else new
        open_ones.add(at)
        if waiting:
            pending.extend(waiting)
        else:
            known[at] = combine(at, [known.get(node, 0) for node in follow(at)])
            pending.pop()
    return known[start]
