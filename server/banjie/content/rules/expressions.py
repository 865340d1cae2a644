"""Expressions are FEEL, and multi-instance tasks say what they run over."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from banjie.content.rules.diagram import BPMN, Diagram, local
from banjie.domain.errors import Problem
from banjie.domain.timer_text import is_literal
from banjie.feel import Expression, FeelSyntaxError, compile_expression

LONGEST = 2_000
MOST_ITEMS = 100

_TIMERS = ("timeDate", "timeDuration")
_EXPRESSIONS = ("conditionExpression", "loopDataInputRef", "loopCardinality", "completionCondition", *_TIMERS)


def expressions_are_feel(diagram: Diagram) -> Iterator[Problem]:
    """Conditions, lists, completion conditions and timers are FEEL, with or without a leading `=`."""
    for node, text in _texts(diagram):
        if len(text) > LONGEST:
            yield diagram.problem(
                _owner(node), "feel", f"the expression has more than {LONGEST:,} characters"
            )
        elif not text:
            yield diagram.problem(_owner(node), "feel", f"the {local(node)} is empty")
        else:
            try:
                compile_expression(source_of(text))
            except FeelSyntaxError as error:
                yield diagram.problem(_owner(node), "feel", f"{text[:60]!r} is not FEEL: {error}"[:400])


def multi_instances_are_bounded(diagram: Diagram) -> Iterator[Problem]:
    """A multi-instance task runs over a list, or a fixed number of at most 100."""
    for loop in diagram.root.iter(f"{{{BPMN}}}multiInstanceLoopCharacteristics"):
        lists, counts = (
            loop.findall(f"{{{BPMN}}}loopDataInputRef"),
            loop.findall(f"{{{BPMN}}}loopCardinality"),
        )
        if len(lists) + len(counts) != 1:
            yield diagram.problem(
                _owner(loop), "multi-instance", "it needs one list or one number to run over"
            )
        for count in counts:
            text = source_of(count.text or "")
            if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST_ITEMS):
                yield diagram.problem(_owner(loop), "cardinality", f"the number must be 1 to {MOST_ITEMS}")
        for item in loop.findall(f"{{{BPMN}}}inputDataItem"):
            if not item.get("id", "").isidentifier():
                yield diagram.problem(
                    _owner(loop), "multi-instance", "the item's id is its name in expressions"
                )


def compiled(diagram: Diagram) -> Iterator[tuple[etree._Element, Expression]]:
    """The expressions that compile, each with the element it belongs to."""
    for node, text in _texts(diagram):
        try:
            yield _owner(node), compile_expression(source_of(text[:LONGEST]))
        except FeelSyntaxError:
            continue


def source_of(text: str) -> str:
    """The FEEL text, without the `=` that bpmn.io's tools put before it."""
    return text.strip().removeprefix("=").strip()


def _texts(diagram: Diagram) -> Iterator[tuple[etree._Element, str]]:
    for node in diagram.root.iter(*(f"{{{BPMN}}}{tag}" for tag in _EXPRESSIONS)):
        text = (node.text or "").strip()
        if local(node) not in _TIMERS or (text and not is_literal(text)):
            yield node, text


def _owner(node: etree._Element) -> etree._Element:
    """The nearest element around that has an id of the diagram's own."""
    at = node.getparent()
    while at is not None and local(at) in ("timerEventDefinition", "multiInstanceLoopCharacteristics"):
        at = at.getparent()
    return node if at is None else at
