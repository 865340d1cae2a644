"""Lanes and pools."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.content.rules.diagram import BPMN, Diagram, local
from banjie.domain.errors import Problem


def one_process(diagram: Diagram) -> Iterator[Problem]:
    """A file holds one process; pools of other parties are empty."""
    if len(diagram.processes) != 1:
        yield diagram.problem(
            diagram.root, "one-process", f"{len(diagram.processes)} processes; exactly one is needed"
        )
    known = {process.get("id") for process in diagram.processes}
    for pool in diagram.root.iter(f"{{{BPMN}}}participant"):
        if pool.get("processRef") is not None and pool.get("processRef") not in known:
            yield diagram.problem(pool, "one-process", "its process does not exist")


def lanes_are_complete(diagram: Diagram) -> Iterator[Problem]:
    """Where a process has lanes, each of its nodes stands in one innermost lane; a boundary event with its host."""
    references: dict[str, int] = {}
    for lane in diagram.root.iter(f"{{{BPMN}}}lane"):
        innermost = lane.find(f"{{{BPMN}}}childLaneSet") is None
        for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            target = (reference.text or "").strip()
            if target not in diagram.nodes:
                yield diagram.problem(lane, "lane", f"its node {target[:80] or '(none)'} does not exist")
            if innermost:
                references[target] = references.get(target, 0) + 1
    for process in diagram.processes:
        if process.find(f"{{{BPMN}}}laneSet") is None:
            continue
        for node in diagram.inside(process.get("id", "")):
            count = references.get(node.id, 0)
            if count > 1 or (count == 0 and node.tag != "boundaryEvent"):
                yield diagram.problem(node, "lane", f"it stands in {count} lanes; exactly one is needed")


def lanes_have_names(diagram: Diagram) -> Iterator[Problem]:
    """Lanes and pools have names."""
    for node in diagram.root.iter(f"{{{BPMN}}}lane", f"{{{BPMN}}}participant"):
        if not node.get("name", "").strip():
            yield diagram.problem(node, "no-name", f"a {local(node)} needs a name")
