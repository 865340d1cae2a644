"""Ids: unique, plain, and none that the engine uses for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from banjie.content.rules.diagram import BPMN, Diagram, local
from banjie.domain.errors import Problem

#: No dots, brackets or spaces: `x.BoundaryEventJoin`, `p.EndJoin` and `x [child]` are names of the engine's own.
PLAIN_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,79}", re.ASCII)

#: Names of the engine's own tasks; `End` would be overwritten in silence.
RESERVED = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin", "typename"})

_ENGINE_NAME = re.compile(r".*\.(EndJoin|BoundaryEventSplit|BoundaryEventJoin)|.* \[child\]", re.DOTALL)

_NEEDS_ID = frozenset(
    {
        "process", "subProcess", "startEvent", "endEvent", "userTask", "businessRuleTask", "sendTask", "callActivity",
        "boundaryEvent", "intermediateCatchEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
        "sequenceFlow", "lane",
    }
)  # fmt: skip


def unique_ids(diagram: Diagram) -> Iterator[Problem]:
    """No id occurs twice; the engine would keep the last of the two."""
    seen: set[str] = set()
    for node in diagram.root.iter(f"{{{BPMN}}}*"):
        identity = node.get("id")
        if identity is not None and identity in seen:
            yield diagram.problem(node, "duplicate-id", f"the id {identity[:80]} is used twice")
        seen.add(identity or "")


def plain_ids(diagram: Diagram) -> Iterator[Problem]:
    """Ids are ASCII letters, digits, `_` and `-`, at most 80, and not one of the engine's own names."""
    for node in diagram.root.iter(f"{{{BPMN}}}*"):
        identity = node.get("id")
        if identity is None:
            if local(node) in _NEEDS_ID:
                yield diagram.problem(node, "bad-id", f"a {local(node)} needs an id")
        elif identity in RESERVED or identity.startswith("__") or _ENGINE_NAME.fullmatch(identity):
            yield diagram.problem(
                node, "reserved-id", f"the id {identity[:80]} is one of the engine's own names"
            )
        elif not PLAIN_ID.fullmatch(identity):
            yield diagram.problem(
                node, "bad-id", f"the id {identity[:80]!r} may only have letters, digits, _ and -, at most 80"
            )
