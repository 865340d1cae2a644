"""From the bytes of a deployment to what runs: elements in our words, and SpiffWorkflow's specs beside them.

A version is compiled once and shared by all threads; specs are only read while cases run. The content rules have
refused bad diagrams before; what is checked here again is what would make the engine itself unsafe.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.exceptions import SpiffWorkflowException

from banjie.domain.citations import Citation
from banjie.domain.countersign import Rule, read_rule
from banjie.domain.definitions import Definition, Element, ElementKind, ReturnLimit
from banjie.domain.effects import Effect
from banjie.domain.errors import ContentError, Problem
from banjie.engine.parser import DiagramParser

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BANJIE = "{urn:banjie:bpmn:1}"

_KINDS = {
    "startEvent": ElementKind.START,
    "endEvent": ElementKind.END,
    "userTask": ElementKind.USER_TASK,
    "businessRuleTask": ElementKind.RULE_TASK,
    "sendTask": ElementKind.SEND_TASK,
    "subProcess": ElementKind.SUBPROCESS,
    "callActivity": ElementKind.CALL_ACTIVITY,
    "boundaryEvent": ElementKind.TIMER,
    "intermediateCatchEvent": ElementKind.TIMER,
    "exclusiveGateway": ElementKind.OTHER,
    "parallelGateway": ElementKind.OTHER,
    "inclusiveGateway": ElementKind.OTHER,
}


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The resources of one process version.

    `key` is the id of the process in `main`; `process` is its process.yaml as read; `called` the diagrams of its
    call activities, file name → bytes.
    """

    key: str
    process: Mapping[str, Any]
    main: bytes
    called: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """SHA-256 of all the resources, as hexadecimal text."""
        described = json.dumps(self.process, sort_keys=True, ensure_ascii=False, default=str)
        parts = [self.key.encode(), described.encode(), self.main]
        parts += [part for name in sorted(self.called) for part in (name.encode(), self.called[name])]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class CompiledDefinition:
    """A version ready to run.

    `specs` holds the main process under the definition's key and every called process and subprocess by its id;
    `names` lists each one's task specs in the order in which snapshots number them.
    """

    definition: Definition
    specs: Mapping[str, BpmnProcessSpec] = field(repr=False)
    names: Mapping[str, tuple[str, ...]] = field(repr=False)


class DefinitionCache:
    """Compiled versions, by version; safe for all threads. The least recently used is dropped first."""

    def __init__(self, *, most: int = 128) -> None:
        self._most = most
        self._held: OrderedDict[str, CompiledDefinition] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, version: str, load: Callable[[], Bundle]) -> CompiledDefinition:
        """The compiled definition of a version; `load` is called at most once while it is held.

        Raises ContentError when it does not compile. Other threads wait meanwhile: compiling is rare, and the parser
        is not meant for several threads.
        """
        with self._lock:
            held = self._held.get(version)
            if held is None:
                held = self._held[version] = compile_definition(load(), version=version)
            self._held.move_to_end(version)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
            return held


def compile_definition(bundle: Bundle, *, version: str | None = None) -> CompiledDefinition:
    """Compile a bundle; `version` is its stored version where that covers more resources. Raises ContentError."""
    files = {f"{bundle.key}.bpmn": bundle.main, **bundle.called}
    lanes = _roles(bundle)
    parser = DiagramParser()
    elements: dict[str, Element] = {}
    for name, data in files.items():
        root = parse_diagram(name, data)
        for element in _elements(name, root, lanes):
            if element.id in elements:
                raise _refused(
                    name, element.id, "duplicate-id", "the id is used twice in the process and its calls"
                )
            elements[element.id] = element
        try:
            parser.add_bpmn_xml(root, filename=name)
        except SpiffWorkflowException as error:
            raise _refused(name, bundle.key, "engine", str(error)) from None
    specs = _specs(parser, bundle.key)
    definition = Definition(
        key=bundle.key,
        version=version or bundle.version,
        title=str(bundle.process.get("title", bundle.key)),
        title_en=str(bundle.process.get("title_en", bundle.process.get("title", bundle.key))),
        elements=elements,
        roles=_taking_part(bundle),
    )
    names = {process: tuple(sorted(spec.task_specs)) for process, spec in specs.items()}
    return CompiledDefinition(definition=definition, specs=specs, names=names)


def _specs(parser: DiagramParser, key: str) -> dict[str, BpmnProcessSpec]:
    try:
        spec = parser.get_spec(key)
        return {**parser.get_subprocess_specs(key), key: spec}
    except (SpiffWorkflowException, RecursionError) as error:
        file = getattr(error, "file_name", None) or f"{key}.bpmn"
        raise _refused(file, getattr(error, "id", None) or key, "engine", str(error)) from None


def parse_diagram(name: str, data: bytes) -> etree._Element:
    """Parse stored bytes. The content rules bound their size; entities and DOCTYPEs are refused here as well."""
    reader = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, reader)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _refused(name, "definitions", "xml", str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(name, "definitions", "doctype", "a DOCTYPE is not allowed")
    return root


def _roles(bundle: Bundle) -> dict[str, str]:
    """Lane id → candidate role, as process.yaml has it."""
    lanes = bundle.process.get("lanes") or {}
    if not isinstance(lanes, Mapping) or not all(isinstance(role, str) for role in lanes.values()):
        raise _refused("process.yaml", "lanes", "lanes", "lanes must be a mapping of lane id to role")
    return {str(lane): role for lane, role in lanes.items()}


def _taking_part(bundle: Bundle) -> frozenset[str]:
    """The candidate roles that process.yaml names; its own check tells of what is no mapping."""
    said = bundle.process.get("roles")
    return frozenset(map(str, said)) if isinstance(said, Mapping) else frozenset()


def _refused(file: str, element: str, rule: str, message: str) -> ContentError:
    return ContentError([Problem(file=file, element=element, rule=rule, message=message)])


def _elements(file: str, root: etree._Element, roles: Mapping[str, str]) -> Iterator[Element]:
    lanes = _lanes(root)
    for node in root.iter(BPMN + "*"):
        kind = _KINDS.get(etree.QName(node).localname)
        if kind is None:
            continue
        own = _lane_path(node, lanes)
        role = next((roles[lane.get("id", "")] for lane in own if lane.get("id", "") in roles), None)
        parent = node.getparent()
        enclosing = parent is not None and parent.tag == BPMN + "subProcess"
        yield Element(
            id=node.get("id", ""),
            name=node.get("name", ""),
            kind=kind,
            lane=own[0].get("name") if own else None,
            parent=parent.get("id") if parent is not None and enclosing else None,
            role=_ours(node, "candidateRole") or role,
            form=_ours(node, "formKey"),
            limit=_ours(node, "limit"),
            variable=_ours(node, "variable"),
            decision=_ours(node, "decision"),
            notice=_ours(node, "notice"),
            not_same_as=tuple((_ours(node, "notSameAs") or "").split()),
            acceptance=_ours(node, "acceptance") == "true",
            stage=_ours(node, "stage"),
            outcome=_ours(node, "outcome"),
            countersign=_rule(file, node),
            extension=_ours(node, "extension"),
            return_limit=_return_limit(file, node),
            effect=_effect(file, node),
            citations=tuple(_citations(node)),
        )


def _rule(file: str, node: etree._Element) -> Rule | None:
    """The rule of a panel; ContentError where it means nothing."""
    kind = _ours(node, "countersign")
    if kind is None:
        return None
    try:
        return read_rule(kind, _ours(node, "needed") or "", _ours(node, "veto") or "")
    except ValueError as error:
        raise _refused(file, node.get("id", ""), "countersign", str(error)) from None


def _return_limit(file: str, node: etree._Element) -> ReturnLimit:
    """How much of its limit a step has when it is returned to; ContentError for anything but `new` and `rest`."""
    said = _ours(node, "returnLimit") or ReturnLimit.NEW
    if said not in set(ReturnLimit):
        raise _refused(file, node.get("id", ""), "return-limit", "returnLimit is new or rest")
    return ReturnLimit(said)


def _effect(file: str, node: etree._Element) -> Effect | None:
    """What completing the step does beside; ContentError for what is no effect."""
    said = _ours(node, "effect")
    if said is not None and said not in set(Effect):
        raise _refused(file, node.get("id", ""), "effect", f"effect is one of {', '.join(Effect)}")
    return Effect(said) if said else None


def _ours(node: etree._Element, attribute: str) -> str | None:
    return node.get(BANJIE + attribute) or None


def _citations(node: etree._Element) -> Iterator[Citation]:
    for cited in node.iterfind(f"{BPMN}extensionElements/{BANJIE}citation"):
        yield Citation(
            document=cited.get("document", ""),
            article=cited.get("article", ""),
            quote="".join((cited.text or "").split()),
        )


def _lanes(root: etree._Element) -> dict[str, etree._Element]:
    """Node id → its innermost lane; inner lanes come later in the document than those around them."""
    lanes = {}
    for reference in root.iter(BPMN + "flowNodeRef"):
        lane = reference.getparent()
        if lane is not None:
            lanes[(reference.text or "").strip()] = lane
    return lanes


def _lane_path(node: etree._Element, lanes: Mapping[str, etree._Element]) -> list[etree._Element]:
    """The lanes of a node, innermost first; a node without one is in its subprocess's lane."""
    at: etree._Element | None = node
    while at is not None and at.get("id", "") not in lanes:
        at = at.getparent()
    path = []
    lane = None if at is None else lanes[at.get("id", "")]
    while lane is not None:
        if lane.tag == BPMN + "lane":
            path.append(lane)
        lane = lane.getparent()
    return path
