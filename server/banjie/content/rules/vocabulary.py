"""Which elements and attributes a diagram may use, where they may stand, and why the others are refused.

An allow-list: what is not named here has not been tried with the engine, or was tried and does the wrong thing
without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from banjie.content.rules.diagram import BANJIE, BPMN, Diagram, local
from banjie.domain.errors import Problem

XSI = "http://www.w3.org/2001/XMLSchema-instance"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
_DRAWING = frozenset(
    {
        BPMNDI,
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
    }
)

_NODE = {"documentation", "extensionElements", "incoming", "outgoing"}
_FLOW_CONTENT = {
    "documentation", "extensionElements", "laneSet", "sequenceFlow", "startEvent", "endEvent", "userTask",
    "businessRuleTask", "sendTask", "subProcess", "callActivity", "boundaryEvent", "intermediateCatchEvent",
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "textAnnotation", "association", "group",
}  # fmt: skip

#: Element → the elements that may stand in it.
CHILDREN: dict[str, set[str]] = {
    "definitions": {"process", "collaboration", "category", "documentation"},
    "collaboration": {"participant", "messageFlow", "textAnnotation", "association", "group", "documentation"},
    "participant": {"documentation"},
    "messageFlow": {"documentation"},
    "category": {"categoryValue"},
    "categoryValue": set(),
    "process": _FLOW_CONTENT,
    "subProcess": _FLOW_CONTENT | _NODE,
    "laneSet": {"lane"},
    "lane": {"flowNodeRef", "childLaneSet", "documentation"},
    "childLaneSet": {"lane"},
    "startEvent": _NODE,
    "endEvent": _NODE | {"terminateEventDefinition"},
    "userTask": _NODE | {"multiInstanceLoopCharacteristics"},
    "businessRuleTask": _NODE,
    "sendTask": _NODE,
    "callActivity": _NODE,
    "boundaryEvent": _NODE | {"timerEventDefinition"},
    "intermediateCatchEvent": _NODE | {"timerEventDefinition"},
    "exclusiveGateway": _NODE,
    "parallelGateway": _NODE,
    "inclusiveGateway": _NODE,
    "sequenceFlow": {"conditionExpression", "documentation", "extensionElements"},
    "timerEventDefinition": {"timeDate", "timeDuration"},
    "multiInstanceLoopCharacteristics": {
        "loopDataInputRef", "loopCardinality", "inputDataItem", "completionCondition",
    },
    "textAnnotation": {"text"},
    "association": set(),
    "group": set(),
    "extensionElements": set(),
}  # fmt: skip

_TEXT = {
    "documentation", "incoming", "outgoing", "flowNodeRef", "text", "conditionExpression", "timeDate",
    "timeDuration", "loopDataInputRef", "loopCardinality", "completionCondition",
}  # fmt: skip

_EXPRESSION = {"id", f"{{{XSI}}}type", "language"}

#: Element → attributes beside `id` and `name`.
ATTRIBUTES: dict[str, set[str]] = {
    "definitions": {
        "targetNamespace", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage",
        f"{{{XSI}}}schemaLocation",
    },
    "process": {"isExecutable", "isClosed", "processType"},
    "collaboration": {"isClosed"},
    "participant": {"processRef"},
    "messageFlow": {"sourceRef", "targetRef"},
    "categoryValue": {"value"},
    "group": {"categoryValueRef"},
    "startEvent": {"isInterrupting"},
    "boundaryEvent": {"attachedToRef", "cancelActivity"},
    "callActivity": {"calledElement"},
    "subProcess": {"triggeredByEvent"},
    "exclusiveGateway": {"default", "gatewayDirection"},
    "inclusiveGateway": {"default", "gatewayDirection"},
    "parallelGateway": {"gatewayDirection"},
    "sequenceFlow": {"sourceRef", "targetRef"},
    "multiInstanceLoopCharacteristics": {"isSequential"},
    "association": {"sourceRef", "targetRef", "associationDirection"},
    "textAnnotation": {"textFormat"},
    "documentation": {"textFormat"},
    **dict.fromkeys(("conditionExpression", "timeDate", "timeDuration"), _EXPRESSION),
    **dict.fromkeys(("loopCardinality", "completionCondition"), _EXPRESSION),
}  # fmt: skip

#: Element → attributes of our namespace.
OURS: dict[str, set[str]] = {
    "startEvent": {"variable", "stage"},
    "userTask": {
        "formKey",
        "limit",
        "extension",
        "candidateRole",
        "variable",
        "notSameAs",
        "acceptance",
        "stage",
        "countersign",
        "needed",
        "veto",
        "returnLimit",
        "effect",
    },
    "subProcess": {"limit", "extension", "stage"},
    "callActivity": {"stage"},
    "businessRuleTask": {"decision", "variable"},
    "sendTask": {"notice"},
    "endEvent": {"outcome", "stage"},
}

#: What a modeller may well draw, and why it is refused: element → (rule, reason).
REFUSED: dict[str, tuple[str, str]] = {
    "scriptTask": ("no-script", "script tasks are not allowed; use a business rule task"),
    "script": ("no-script", "scripts are not allowed"),
    "serviceTask": ("no-service-task", "service tasks are not allowed; the engine would never leave one"),
    "task": ("no-plain-task", "a task must say who or what does it; use a user, business rule or send task"),
    "manualTask": ("no-manual-task", "nobody would be told of a manual task; use a user task"),
    "receiveTask": ("no-message", "messages cannot be received; use a user task"),
    "messageEventDefinition": ("no-message", "messages cannot be received or sent; use a send task or a user task"),
    "intermediateThrowEvent": ("no-throw-event", "throw events are not allowed; use a send task"),
    "linkEventDefinition": ("no-link-event", "link events are not allowed; the token would end at the link"),
    "signalEventDefinition": ("no-signal-event", "signal events are not allowed; nobody would receive the signal"),
    "compensateEventDefinition": ("no-compensation", "compensation is not allowed; it would do nothing"),
    "cancelEventDefinition": ("no-transaction", "transactions are not allowed"),
    "transaction": ("no-transaction", "transactions are not allowed"),
    "errorEventDefinition": ("no-error-event", "error events are not allowed; leave by a gateway"),
    "escalationEventDefinition": ("no-escalation-event", "escalation events are not allowed; limits escalate"),
    "conditionalEventDefinition": (
        "no-conditional-event", "conditional events are not allowed; they would not see a parallel branch's data",
    ),
    "eventBasedGateway": ("no-event-gateway", "event gateways are not allowed; two timers behind one would hang"),
    "complexGateway": ("no-complex-gateway", "complex gateways are not allowed"),
    "adHocSubProcess": ("no-ad-hoc", "ad-hoc subprocesses are not allowed"),
    "standardLoopCharacteristics": ("no-standard-loop", "loop markers are not allowed; draw the loop with a gateway"),
    "timeCycle": ("timer-cycle", "repeating timers are not allowed"),
    "dataObject": ("no-data-object", "data objects are not allowed; case data have names of their own"),
    "dataObjectReference": ("no-data-object", "data objects are not allowed; case data have names of their own"),
    "dataStoreReference": ("no-data-object", "data stores are not allowed"),
    "dataInputAssociation": ("no-data-object", "data associations are not allowed"),
    "dataOutputAssociation": ("no-data-object", "data associations are not allowed"),
    "ioSpecification": ("no-data-object", "input and output sets are not allowed"),
    "loopDataOutputRef": ("multi-instance", "results are kept by the case, not by the diagram"),
    "outputDataItem": ("multi-instance", "results are kept by the case, not by the diagram"),
}  # fmt: skip


def known_elements(diagram: Diagram) -> Iterator[Problem]:
    """Every element is one we know, where it may stand."""
    if diagram.root.tag != f"{{{BPMN}}}definitions":
        yield diagram.problem(diagram.root, "not-bpmn", "the root element is not bpmn:definitions")
        return
    pending = [diagram.root]
    while pending:
        node = pending.pop()
        for child in node:
            problem = _judge(diagram, node, child)
            if problem is not None:
                yield problem
            elif child.tag.startswith(f"{{{BPMN}}}"):
                pending.append(child)


def known_attributes(diagram: Diagram) -> Iterator[Problem]:
    """Every attribute is one we know, on the element it belongs to."""
    for node in diagram.root.iter(f"{{{BPMN}}}*"):
        tag = local(node)
        for key in node.attrib:
            name = etree.QName(key)
            if name.namespace == BANJIE:
                if name.localname not in OURS.get(tag, ()):
                    yield diagram.problem(
                        node, "unknown-attribute", f"banjie:{name.localname} is not known on {tag}"
                    )
            elif str(key) not in {"id", "name"} | ATTRIBUTES.get(tag, set()):
                rule = "foreign-attribute" if name.namespace not in (None, XSI) else "unknown-attribute"
                shown = f"{{{name.namespace}}}{name.localname}" if name.namespace else name.localname
                yield diagram.problem(node, rule, f"the attribute {shown[:120]} is not allowed on {tag}")


def fixed_attributes(diagram: Diagram) -> Iterator[Problem]:
    """Attributes that may only have the value they have by default."""
    for node in diagram.root.iter(f"{{{BPMN}}}*"):
        tag = local(node)
        if node.get("triggeredByEvent") == "true":
            yield diagram.problem(
                node, "no-event-subprocess", "event subprocesses are not allowed; none would interrupt"
            )
        if tag == "process" and node.get("isExecutable") != "true":
            yield diagram.problem(node, "not-executable", 'the process must say isExecutable="true"')
        if tag == "multiInstanceLoopCharacteristics" and node.get("isSequential", "false") not in _FLAGS:
            yield diagram.problem(node, "multi-instance", "isSequential is neither true nor false")
        if tag == "boundaryEvent" and node.get("cancelActivity", "true") not in _FLAGS:
            yield diagram.problem(node, "unknown-attribute", "cancelActivity is neither true nor false")
        if node.get("language", "").rstrip("/").lower() not in _FEEL_NAMES:
            yield diagram.problem(node, "feel", f"expressions are FEEL, not {node.get('language', '')[:80]}")


_FLAGS = ("true", "false")
_FEEL_NAMES = {
    "", "feel", "https://www.omg.org/spec/dmn/20230324/feel", "https://www.omg.org/spec/dmn/20191111/feel",
    "http://www.omg.org/spec/feel/20140401",
}  # fmt: skip


def _judge(diagram: Diagram, node: etree._Element, child: etree._Element) -> Problem | None:
    name = etree.QName(child)
    parent = local(node)
    if name.namespace == BPMNDI and parent == "definitions":
        return _judge_drawing(diagram, child)
    if parent == "extensionElements":
        if name.namespace != BANJIE:
            what = f"{{{name.namespace}}}{name.localname}"[:160]
            return diagram.problem(_owner(node), "foreign-extension", f"the extension {what} is not allowed")
        if name.localname != "citation":
            return diagram.problem(_owner(node), "unknown-extension", f"banjie:{name.localname} is not known")
        return None
    if name.namespace != BPMN:
        return diagram.problem(
            child, "unknown-element", f"{{{name.namespace}}}{name.localname} is not allowed"[:200]
        )
    if name.localname in REFUSED:
        rule, reason = REFUSED[name.localname]
        shown_by = node if name.localname.endswith("Definition") or not child.get("id") else child
        return diagram.problem(shown_by, rule, reason)
    if name.localname not in CHILDREN.get(parent, ()):
        known = name.localname in CHILDREN or name.localname in _TEXT
        rule = "misplaced-element" if known else "unknown-element"
        return diagram.problem(child, rule, f"{name.localname} is not allowed in {parent}")
    return None


def _owner(extensions: etree._Element) -> etree._Element:
    parent = extensions.getparent()
    return extensions if parent is None else parent


def _judge_drawing(diagram: Diagram, drawing: etree._Element) -> Problem | None:
    for node in drawing.iter("*"):
        if etree.QName(node).namespace not in _DRAWING:
            return diagram.problem(node, "unknown-element", "only shapes and edges are allowed in a diagram")
    return None
