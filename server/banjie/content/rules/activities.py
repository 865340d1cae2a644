"""What each kind of task must say: who, with which form, by which table, with which notice, under which law."""

from __future__ import annotations

import re
from collections.abc import Iterator

from banjie.content.rules.diagram import BANJIE, BPMN, Diagram, Node
from banjie.domain.definitions import ReturnLimit
from banjie.domain.effects import Effect
from banjie.domain.errors import Problem

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}/[a-z][a-z0-9_-]{0,79}", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}(/[a-z][a-z0-9_-]{0,59})?", re.ASCII)

#: Words of FEEL and of the engine that cannot name case data.
_TAKEN = frozenset(
    {"typename", "total", "done", "results", "item", "if", "then", "else", "for", "in", "return", "some", "every",
     "satisfies", "between", "and", "or", "not", "true", "false", "null", "function", "external", "instance", "of"}
)  # fmt: skip

_NAMED = frozenset(
    {"startEvent", "endEvent", "userTask", "businessRuleTask", "sendTask", "subProcess", "callActivity",
     "boundaryEvent", "intermediateCatchEvent"}
)  # fmt: skip
_LONGEST_NAME = 100


def nodes_have_names(diagram: Diagram) -> Iterator[Problem]:
    """Events, activities and gateways that choose have names: people read the diagram and the history."""
    for node in diagram.nodes.values():
        chooses = (
            node.tag in ("exclusiveGateway", "inclusiveGateway")
            and len(diagram.outgoing.get(node.id, ())) > 1
        )
        if not node.name and (node.tag in _NAMED or chooses):
            yield diagram.problem(node, "no-name", "it has no name")
        if len(node.name) > _LONGEST_NAME:
            yield diagram.problem(node, "long-name", f"its name has more than {_LONGEST_NAME} characters")


def user_tasks_have_forms(diagram: Diagram) -> Iterator[Problem]:
    """A user task has a form, and a limit only as the key of a policy parameter."""
    for node in _tagged(diagram, "userTask"):
        if not _KEY.fullmatch(node.ours("formKey")):
            yield diagram.problem(node, "form-key", "it needs banjie:formKey as process/form")
        acceptance = node.ours("acceptance")
        if acceptance not in ("", "true", "false"):
            yield diagram.problem(node, "acceptance", "banjie:acceptance is neither true nor false")


def user_tasks_have_roles(diagram: Diagram) -> Iterator[Problem]:
    """A user task says who may do it: by its own candidate role or by the lane it stands in."""
    in_lane = {(ref.text or "").strip() for ref in diagram.root.iter(f"{{{BPMN}}}flowNodeRef")}
    for node in _tagged(diagram, "userTask"):
        role = node.ours("candidateRole")
        if role and not _NAME.fullmatch(role):
            yield diagram.problem(node, "role", f"the role {role[:60]!r} is not a name")
        if not role and not _enclosing(node) & in_lane:
            yield diagram.problem(node, "no-role", "it has neither a candidate role nor a lane")


def limits_are_parameters(diagram: Diagram) -> Iterator[Problem]:
    """A limit names a policy parameter: periods of the law stand in policy/, never in a diagram."""
    for node in diagram.nodes.values():
        limit = node.ours("limit")
        if limit and not _KEY.fullmatch(limit):
            yield diagram.problem(
                node, "limit", "a limit is the key of a policy parameter, process/parameter"
            )


def effects_are_known(diagram: Diagram) -> Iterator[Problem]:
    """A user task names one of the effects that the house has, and a variable that it may fill."""
    for node in _tagged(diagram, "userTask"):
        said = node.ours("effect")
        if said and said not in set(Effect):
            yield diagram.problem(node, "effect", f"banjie:effect is one of {', '.join(Effect)}")
        elif said and not node.ours("variable"):
            yield diagram.problem(node, "effect", "a step with an effect needs banjie:variable")


def return_limits_are_known(diagram: Diagram) -> Iterator[Problem]:
    """A step to which a case is returned has a fresh limit, or what was left of its own."""
    for node in _tagged(diagram, "userTask"):
        said = node.ours("returnLimit")
        if said and said not in set(ReturnLimit):
            yield diagram.problem(node, "return-limit", "banjie:returnLimit is new or rest")


def rule_tasks_have_decisions(diagram: Diagram) -> Iterator[Problem]:
    """A business rule task names its table and the variable that receives the result."""
    for node in _tagged(diagram, "businessRuleTask"):
        if not _KEY.fullmatch(node.ours("decision")):
            yield diagram.problem(node, "decision", "it needs banjie:decision as process/table")
        if not node.ours("variable"):
            yield diagram.problem(node, "variable", "it needs banjie:variable to put the result in")


def send_tasks_have_notices(diagram: Diagram) -> Iterator[Problem]:
    """A send task names the template of its notice."""
    for node in _tagged(diagram, "sendTask"):
        if not _NAME.fullmatch(node.ours("notice")):
            yield diagram.problem(node, "notice", "it needs banjie:notice, the key of a template")


def variables_are_words(diagram: Diagram) -> Iterator[Problem]:
    """Names of case data are plain words that neither FEEL nor the engine uses."""
    for node in diagram.nodes.values():
        variable = node.ours("variable")
        if variable and (not _WORD.fullmatch(variable) or variable in _TAKEN):
            yield diagram.problem(node, "variable", f"{variable[:60]!r} cannot name case data")


def citations_are_complete(diagram: Diagram) -> Iterator[Problem]:
    """A citation has a document, an article and the quoted words."""
    for cited in diagram.root.iter(f"{{{BANJIE}}}citation"):
        extensions = cited.getparent()
        owner = None if extensions is None else extensions.getparent()
        complete = cited.get("document") and cited.get("article") and (cited.text or "").strip()
        if not complete or set(cited.attrib) - {"document", "article"} or len(cited):
            yield diagram.problem(
                cited if owner is None else owner,
                "citation",
                "a citation needs document, article and the exact quote",
            )


def _tagged(diagram: Diagram, tag: str) -> Iterator[Node]:
    return (node for node in diagram.nodes.values() if node.tag == tag)


def _enclosing(node: Node) -> set[str]:
    """The node's id and those of the subprocesses around it."""
    ids = set()
    at = node.xml
    while at is not None:
        ids.add(at.get("id", ""))
        parent = at.getparent()
        if parent is None:
            break
        at = parent
    return ids
