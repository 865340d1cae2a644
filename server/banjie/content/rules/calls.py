"""Call activities, and what only several files together show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from banjie.content.rules.diagram import BPMN, Diagram, reachable
from banjie.content.rules.expressions import compiled
from banjie.domain.effects import FILLED
from banjie.domain.errors import Problem

#: Names that every case has; submissions and decisions add theirs by `banjie:variable`.
CASE_NAMES = frozenset({"application"})

_VOTES = frozenset({"total", "done", "results"})


def calls_name_a_process(diagram: Diagram) -> Iterator[Problem]:
    """A call activity names a process, and not its own."""
    own = {process.get("id") for process in diagram.processes}
    for node in diagram.nodes.values():
        if node.tag != "callActivity":
            continue
        called = node.xml.get("calledElement", "")
        if not called:
            yield diagram.problem(node, "called-element", "it names no process to call")
        elif called in own:
            yield diagram.problem(node, "recursive-call", "a process may not call itself")


def called_processes_exist(diagrams: Sequence[Diagram]) -> Iterator[Problem]:
    """Every called process is in the deployment, once, and none calls itself by way of others."""
    owners: dict[str, Diagram] = {}
    for diagram in diagrams:
        for process in diagram.processes:
            if process.get("id") in owners:
                yield diagram.problem(process, "duplicate-id", "another file has a process of this id")
            owners[process.get("id", "")] = diagram
    calls = {key: _called(diagram) for key, diagram in owners.items()}
    for key, diagram in owners.items():
        for node in diagram.nodes.values():
            called = node.xml.get("calledElement", "")
            if node.tag != "callActivity" or not called:
                continue
            if called not in owners:
                yield diagram.problem(
                    node, "called-element", f"the process {called[:80]} is not in the deployment"
                )
            elif called != key and key in reachable([called], calls):
                yield diagram.problem(
                    node, "recursive-call", f"the call of {called} leads back to this process"
                )


def ids_differ_between_files(diagrams: Sequence[Diagram]) -> Iterator[Problem]:
    """Nodes of a process and of those it calls have different ids: tasks are told apart by them."""
    seen: dict[str, str] = {}
    for diagram in diagrams:
        for node in diagram.nodes.values():
            if seen.setdefault(node.id, diagram.file) != diagram.file:
                yield diagram.problem(node, "duplicate-id", f"{seen[node.id]} has a node of the same id")


def others_are_user_tasks(diagrams: Sequence[Diagram]) -> Iterator[Problem]:
    """Four eyes are asked for between user tasks of the process and of those it calls."""
    tasks = {node.id: node for one in diagrams for node in one.nodes.values() if node.tag == "userTask"}
    for diagram in diagrams:
        for node in diagram.nodes.values():
            for other in node.ours("notSameAs").split():
                if tasks.get(other, node) is node:
                    message = f"{other[:80]} is not another user task of the process"
                    yield diagram.problem(node, "not-same-as", message)


def names_are_known(diagrams: Sequence[Diagram], names: Collection[str] = CASE_NAMES) -> Iterator[Problem]:
    """Expressions read only what some element of the deployment puts into the case data."""
    nodes = [node for diagram in diagrams for node in diagram.nodes.values()]
    known = {node.ours("variable") for node in nodes} | set(names)
    known |= {FILLED[effect] for effect in FILLED if any(node.ours("effect") == effect for node in nodes)}
    for diagram in diagrams:
        items = {item.get("id", "") for item in diagram.root.iter(f"{{{BPMN}}}inputDataItem")}
        for node, expression in compiled(diagram):
            for name in sorted(expression.reads - known - items - _VOTES):
                yield diagram.problem(
                    node, "unknown-name", f"nothing in the deployment is called {name[:60]}"
                )


def _called(diagram: Diagram) -> list[str]:
    return [
        node.xml.get("calledElement", "") for node in diagram.nodes.values() if node.tag == "callActivity"
    ]
