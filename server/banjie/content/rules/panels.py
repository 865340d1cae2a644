"""Panels: multi-instance user tasks whose members vote."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.content.rules.diagram import BPMN, Diagram, Node
from banjie.content.rules.expressions import MOST_ITEMS
from banjie.domain.countersign import Rule, RuleKind, read_rule
from banjie.domain.errors import Problem

_LOOP = f"{{{BPMN}}}multiInstanceLoopCharacteristics"


def panels_have_rules(diagram: Diagram) -> Iterator[Problem]:
    """A panel runs over a list, says when it is decided by its rule alone, and keeps its votes under a variable.

    Members asked in order are drawn as a sequential multi-instance task, all others as a parallel one.
    """
    for node in diagram.nodes.values():
        if node.tag != "userTask":
            continue
        kind = node.ours("countersign")
        if kind:
            for message in _faults(node, kind):
                yield diagram.problem(node, "countersign", message)
        elif node.ours("needed") or node.ours("veto"):
            yield diagram.problem(
                node, "countersign", "banjie:needed and banjie:veto belong to banjie:countersign"
            )
        if _is_sequential(node) and kind != RuleKind.IN_ORDER:
            message = 'only a panel with banjie:countersign="in_order" is sequential'
            yield diagram.problem(node, "multi-instance", message)


def _faults(node: Node, kind: str) -> Iterator[str]:
    try:
        rule = read_rule(kind, node.ours("needed"), node.ours("veto"))
    except ValueError as error:
        yield str(error)
    else:
        if _asks_too_many(rule):
            yield f"a panel has at most {MOST_ITEMS} members"
    loop = node.xml.find(_LOOP)
    if loop is None or loop.find(f"{{{BPMN}}}loopDataInputRef") is None:
        yield "a panel is a multi-instance task over the list of its members"
    elif loop.find(f"{{{BPMN}}}completionCondition") is not None:
        yield "a panel has its rule and no completion condition"
    elif kind == RuleKind.IN_ORDER and not _is_sequential(node):
        yield 'members asked in order need isSequential="true"'
    if not node.ours("variable"):
        yield "it needs banjie:variable to put votes and outcome in"


def _asks_too_many(rule: Rule) -> bool:
    return rule.kind is RuleKind.AT_LEAST and isinstance(rule.needed, int) and rule.needed > MOST_ITEMS


def _is_sequential(node: Node) -> bool:
    loop = node.xml.find(_LOOP)
    return loop is not None and loop.get("isSequential", "false") != "false"
