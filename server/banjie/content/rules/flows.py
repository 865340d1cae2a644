"""Sequence flows: what they join, how many may meet where, and that every token can arrive and leave."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.content.rules.diagram import GATEWAYS, Diagram, reachable, reversed_edges
from banjie.domain.errors import Problem


def flows_have_ends(diagram: Diagram) -> Iterator[Problem]:
    """A flow joins two nodes of its own process or subprocess; others would be dropped in silence."""
    for flow in diagram.flows:
        for side, end in (("source", flow.source), ("target", flow.target)):
            node = diagram.nodes.get(end)
            if node is None:
                yield diagram.problem(
                    flow, "dangling-flow", f"its {side} {end[:80] or '(none)'} does not exist"
                )
            elif node.container != flow.container:
                yield diagram.problem(
                    flow, "crossing-flow", f"its {side} {end[:80]} is in another (sub)process"
                )
        if flow.source == flow.target:
            yield diagram.problem(flow, "self-flow", "it leads back to where it comes from")


def flows_are_single(diagram: Diagram) -> Iterator[Problem]:
    """Two nodes are joined by one flow at most."""
    seen: set[tuple[str, str]] = set()
    for flow in diagram.flows:
        if (flow.source, flow.target) in seen:
            yield diagram.problem(
                flow, "double-flow", f"{flow.source} and {flow.target} are already joined by a flow"
            )
        seen.add((flow.source, flow.target))


def one_flow_in(diagram: Diagram) -> Iterator[Problem]:
    """Flows meet at a gateway: an activity with two would run twice. An end event may have several."""
    for node in diagram.nodes.values():
        count = len(diagram.incoming.get(node.id, ()))
        if count > 1 and node.tag not in GATEWAYS and node.tag != "endEvent":
            yield diagram.problem(
                node, "fake-join", f"{count} flows lead in; let them meet at a gateway first"
            )


def one_flow_out(diagram: Diagram) -> Iterator[Problem]:
    """Flows part at a gateway: exactly one leads out of an activity or event, none out of an end."""
    for node in diagram.nodes.values():
        count = len(diagram.outgoing.get(node.id, ()))
        if node.tag == "endEvent":
            if count:
                yield diagram.problem(node, "flow-out-of-end", "no flow may lead out of an end event")
        elif count == 0:
            yield diagram.problem(node, "no-flow-out", "no flow leads out")
        elif count > 1 and node.tag not in GATEWAYS:
            yield diagram.problem(node, "fake-split", f"{count} flows lead out; let them part at a gateway")


def everything_is_reached(diagram: Diagram) -> Iterator[Problem]:
    """Every node can be reached from the start event; others would be dropped in silence."""
    starts = [node.id for node in diagram.nodes.values() if node.tag == "startEvent"]
    reached = reachable(starts, diagram.successors)
    for node in diagram.nodes.values():
        if node.id not in reached:
            yield diagram.problem(node, "unreachable", "no path leads here from the start event")


def everything_can_end(diagram: Diagram) -> Iterator[Problem]:
    """From every node an end event can be reached."""
    ends = [node.id for node in diagram.nodes.values() if node.tag == "endEvent"]
    leading = reachable(ends, reversed_edges(diagram.successors))
    for node in diagram.nodes.values():
        if node.id not in leading and diagram.outgoing.get(node.id):
            yield diagram.problem(node, "no-way-out", "no path leads from here to an end event")
