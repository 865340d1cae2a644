"""Start, end, boundary and timer events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from banjie.content.rules.diagram import BPMN, Diagram, Node, local
from banjie.domain.errors import Problem
from banjie.domain.timer_text import TimerRefused, due_at, is_literal

_OUTCOME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_HOSTS = ("userTask", "subProcess", "callActivity")

#: Only to see whether a duration is within bounds; no date is judged by it.
_SOME_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def one_start(diagram: Diagram) -> Iterator[Problem]:
    """A process or subprocess has exactly one start event, and nothing leads into it."""
    for identity, container in diagram.containers.items():
        starts = [node for node in diagram.inside(identity) if node.tag == "startEvent"]
        if len(starts) != 1:
            yield diagram.problem(
                container, "one-start", f"{len(starts)} start events; exactly one is needed"
            )
        for node in starts:
            if diagram.incoming.get(node.id):
                yield diagram.problem(node, "flow-into-start", "no flow may lead into a start event")


def some_end(diagram: Diagram) -> Iterator[Problem]:
    """A process or subprocess has an end event."""
    for identity, container in diagram.containers.items():
        if not any(node.tag == "endEvent" for node in diagram.inside(identity)):
            yield diagram.problem(container, "no-end", "an end event is needed")


def outcomes_are_codes(diagram: Diagram) -> Iterator[Problem]:
    """An end event's outcome is a code; people read its name."""
    for node in diagram.nodes.values():
        outcome = node.ours("outcome")
        if outcome and not _OUTCOME.fullmatch(outcome):
            yield diagram.problem(
                node, "outcome", "an outcome is lower case letters, digits and _, at most 40"
            )


def boundaries_are_attached(diagram: Diagram) -> Iterator[Problem]:
    """A boundary event stands on a user task, subprocess or call activity beside it, and nothing leads into it."""
    for node in diagram.nodes.values():
        if node.tag != "boundaryEvent":
            continue
        host = diagram.nodes.get(node.xml.get("attachedToRef", ""))
        if host is None or host.container != node.container or host.tag not in _HOSTS:
            yield diagram.problem(
                node,
                "attached-to",
                "it must be attached to a user task, subprocess or call activity beside it",
            )
        if diagram.incoming.get(node.id):
            yield diagram.problem(node, "flow-into-boundary", "no flow may lead into a boundary event")


def timers_have_a_time(diagram: Diagram) -> Iterator[Problem]:
    """A boundary or catch event has one timer with one date or duration, within ten years and longer than nothing."""
    for node in diagram.nodes.values():
        if node.tag in ("boundaryEvent", "intermediateCatchEvent"):
            yield from _judge_timer(diagram, node)


def _judge_timer(diagram: Diagram, node: Node) -> Iterator[Problem]:
    times = [child for timer in node.children("timerEventDefinition") for child in timer.iter(f"{{{BPMN}}}*")]
    texts = [(child.text or "").strip() for child in times if local(child) in ("timeDate", "timeDuration")]
    if len(node.children("timerEventDefinition")) != 1 or len(texts) != 1 or not texts[0]:
        yield diagram.problem(node, "timer", "exactly one timer with one date or duration is needed")
    elif is_literal(texts[0]) and texts[0].startswith("P"):
        try:
            due_at(texts[0], _SOME_DAY)
        except TimerRefused as refused:
            yield diagram.problem(node, "timer", str(refused))
    elif is_literal(texts[0]):
        try:
            datetime.fromisoformat(texts[0])
        except ValueError:
            yield diagram.problem(node, "timer", f"{texts[0][:60]!r} is no ISO 8601 date and time")
