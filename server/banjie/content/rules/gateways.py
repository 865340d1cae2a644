"""Gateways: where a case may part, it must be said which way it goes; conditions belong to no other flow."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.content.rules.diagram import Diagram, Flow, Node, on_cycle
from banjie.domain.errors import Problem

_CHOOSING = ("exclusiveGateway", "inclusiveGateway")


def choices_are_complete(diagram: Diagram) -> Iterator[Problem]:
    """Every flow out of a gateway that chooses is its default or has a condition.

    Without a default the engine stops the case where no condition holds, rather than guess.
    """
    for node in diagram.nodes.values():
        if node.tag in _CHOOSING:
            yield from _judge_choice(diagram, node, diagram.outgoing.get(node.id, []))


def conditions_are_on_choices(diagram: Diagram) -> Iterator[Problem]:
    """Only flows out of an exclusive or inclusive gateway have conditions."""
    for flow in diagram.flows:
        source = diagram.nodes.get(flow.source)
        if flow.condition is not None and source is not None and source.tag not in _CHOOSING:
            yield diagram.problem(
                flow, "conditional-flow", f"a flow out of a {source.tag} may not have a condition"
            )


def no_inclusive_loop(diagram: Diagram) -> Iterator[Problem]:
    """No inclusive gateway on a loop: from the second round its join fires with a branch missing."""
    looping = on_cycle(diagram.nodes, diagram.successors)
    for node in diagram.nodes.values():
        if node.tag == "inclusiveGateway" and node.id in looping:
            yield diagram.problem(node, "inclusive-loop", "an inclusive gateway may not stand on a loop")


def gateways_have_use(diagram: Diagram) -> Iterator[Problem]:
    """A parallel or inclusive gateway with one flow in and one out does nothing, and often is a branch forgotten."""
    for node in diagram.nodes.values():
        ways = len(diagram.incoming.get(node.id, ())), len(diagram.outgoing.get(node.id, ()))
        if node.tag in ("parallelGateway", "inclusiveGateway") and ways == (1, 1):
            yield diagram.problem(
                node, "superfluous-gateway", "one flow leads in and one out; is a branch missing?"
            )


def _judge_choice(diagram: Diagram, node: Node, flows: list[Flow]) -> Iterator[Problem]:
    default = node.xml.get("default")
    if default is not None and default not in {flow.id for flow in flows}:
        yield diagram.problem(
            node, "default-flow", f"its default {default[:80]} is not one of its outgoing flows"
        )
        return
    if len(flows) < 2:
        for flow in flows:
            if flow.condition is not None:
                yield diagram.problem(flow, "useless-condition", "the only way on may not have a condition")
        return
    for flow in flows:
        if flow.id == default and flow.condition is not None:
            yield diagram.problem(flow, "default-flow", "a default flow may not have a condition")
        if flow.id != default and not flow.condition:
            yield diagram.problem(flow, "no-condition", "neither the default flow nor a condition")
