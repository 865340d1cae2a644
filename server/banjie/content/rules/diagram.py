"""A diagram as the rules see it: nodes, flows and graphs, read leniently, because the rules are what judges it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from lxml import etree

from banjie.content.xml import line_of
from banjie.domain.errors import Problem

_K = TypeVar("_K")
_V = TypeVar("_V")

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BANJIE = "urn:banjie:bpmn:1"

ACTIVITIES = frozenset({"userTask", "businessRuleTask", "sendTask", "subProcess", "callActivity"})
EVENTS = frozenset({"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway"})
#: Elements that must have an id; a missing one is their own fault and not their parent's.
_OWN_ID = frozenset({"process", "sequenceFlow", "lane"})
FLOW_NODES = ACTIVITIES | EVENTS | GATEWAYS


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """One flow node: `tag` is its local name, `container` the id of the process or subprocess it stands in."""

    id: str
    tag: str
    name: str
    container: str
    xml: etree._Element

    def ours(self, attribute: str) -> str:
        """An attribute of our namespace, empty where absent."""
        return self.xml.get(f"{{{BANJIE}}}{attribute}", "").strip()

    def children(self, tag: str) -> list[etree._Element]:
        return self.xml.findall(f"{{{BPMN}}}{tag}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Flow:
    """One sequence flow; `condition` is None where there is none."""

    id: str
    source: str
    target: str
    condition: str | None
    container: str
    xml: etree._Element


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagram:
    """One file. With duplicate ids the last node wins here; a rule of its own refuses them."""

    file: str
    root: etree._Element

    @cached_property
    def processes(self) -> list[etree._Element]:
        return self.root.findall(f"{{{BPMN}}}process")

    @cached_property
    def containers(self) -> dict[str, etree._Element]:
        """Processes and subprocesses by id."""
        found = [node for node in self._bpmn() if local(node) in ("process", "subProcess")]
        return {node.get("id", ""): node for node in found}

    @cached_property
    def nodes(self) -> dict[str, Node]:
        return {node.id: node for node in self.all_nodes}

    @cached_property
    def all_nodes(self) -> list[Node]:
        """Every flow node in the order of the file, those with the same id too."""
        return [
            Node(
                id=node.get("id", ""),
                tag=local(node),
                name=node.get("name", "").strip(),
                container=_container(node),
                xml=node,
            )
            for node in self._bpmn()
            if local(node) in FLOW_NODES
        ]

    @cached_property
    def flows(self) -> list[Flow]:
        return [
            Flow(
                id=node.get("id", ""),
                source=node.get("sourceRef", ""),
                target=node.get("targetRef", ""),
                condition=_condition(node),
                container=_container(node),
                xml=node,
            )
            for node in self._bpmn()
            if local(node) == "sequenceFlow"
        ]

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        return _grouped((flow.source, flow) for flow in self.flows)

    @cached_property
    def incoming(self) -> dict[str, list[Flow]]:
        return _grouped((flow.target, flow) for flow in self.flows)

    @cached_property
    def attached(self) -> dict[str, list[str]]:
        """Activity id → ids of its boundary events."""
        found: dict[str, list[str]] = {}
        for node in self.all_nodes:
            if node.tag == "boundaryEvent":
                found.setdefault(node.xml.get("attachedToRef", ""), []).append(node.id)
        return found

    @cached_property
    def successors(self) -> dict[str, list[str]]:
        """Node id → the nodes a token may reach next, boundary events of an activity included."""
        return {
            node: [flow.target for flow in self.outgoing.get(node, ()) if flow.target in self.nodes]
            + self.attached.get(node, [])
            for node in self.nodes
        }

    def inside(self, container: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.container == container]

    def problem(self, at: Node | Flow | etree._Element, rule: str, message: str) -> Problem:
        """A problem that names the element by its id, and its name where it has one.

        A part without an id of its own (a condition, a timer's duration) is named by the element it belongs to.
        """
        xml = at if not isinstance(at, (Node, Flow)) else at.xml
        while not xml.get("id") and (tag := local(xml)) not in FLOW_NODES and tag not in _OWN_ID:
            parent = xml.getparent()
            if parent is None:
                break
            xml = parent
        name = xml.get("name", "").strip()
        return Problem(
            file=self.file,
            element=(xml.get("id") or local(xml))[:80] + (f" “{name[:60]}”" if name else ""),
            rule=rule,
            message=message,
            line=line_of(xml),
        )

    def _bpmn(self) -> Iterator[etree._Element]:
        return self.root.iter(f"{{{BPMN}}}*")


def local(node: etree._Element) -> str:
    """The local name of an element."""
    return etree.QName(node).localname


def reachable(starts: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """Everything that can be reached from `starts`, themselves included."""
    seen = set()
    pending = list(starts)
    while pending:
        at = pending.pop()
        if at not in seen:
            seen.add(at)
            pending.extend(edges.get(at, ()))
    return seen


def reversed_edges(edges: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return _grouped((target, source) for source, targets in edges.items() for target in targets)


def on_cycle(nodes: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """The nodes of the subgraph `nodes` that can come back to themselves within it."""
    kept = set(nodes)
    inner = {node: [target for target in edges.get(node, ()) if target in kept] for node in kept}
    # Nodes without a way in or out of the rest cannot be on a cycle; what remains is checked one by one.
    shrinking = True
    while shrinking:
        entered = {target for targets in inner.values() for target in targets}
        dead = [node for node, targets in inner.items() if not targets or node not in entered]
        shrinking = bool(dead)
        for node in dead:
            del inner[node]
        if dead:
            inner = {
                node: [target for target in targets if target in inner] for node, targets in inner.items()
            }
    return {node for node in inner if node in reachable(inner[node], inner)}


def _container(node: etree._Element) -> str:
    parent = node.getparent()
    return "" if parent is None else parent.get("id", "")


def _condition(flow: etree._Element) -> str | None:
    found = flow.find(f"{{{BPMN}}}conditionExpression")
    return None if found is None else (found.text or "").strip()


def _grouped(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, list[_V]]:
    found: dict[_K, list[_V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
