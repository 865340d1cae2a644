"""Reads the XML of DMN 1.1 to 1.6 into the values of `dmn`. Whatever breaks a rule of the format is a DmnError.

Expressions stay text here; whether they are FEEL is found out when the model compiles them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from banjie.feel import dmn
from banjie.feel.dmn_boxed import Boxes
from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_xml import Node, parse_xml

VERSIONS: Final = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
    "https://www.omg.org/spec/DMN/20240513/MODEL/": "1.6",
}


def read_definitions(data: bytes, *, file: str = "") -> dmn.Definitions:
    """The model in the bytes of a `.dmn` file. Raises DmnError naming file, line, element and rule."""
    root, prefixes = parse_xml(data, file=file)
    version = VERSIONS.get(root.namespace)
    if root.name != "definitions" or version is None:
        raise DmnError(
            "the file is not a DMN 1.1 to 1.6 model", element=root.label, file=file, line=root.line
        )
    definitions = dmn.Definitions(
        id=root.get("id"),
        name=root.get("name"),
        namespace=root.get("namespace"),
        file=file,
        version=version,
        prefixes=prefixes,
        imports=tuple(_import(node) for node in root.all("import")),
        types=tuple(_item(node, file) for node in root.all("itemDefinition")),
        elements=_elements(root, file),
    )
    _refuse_repeated_ids(root, file)
    return definitions


def _elements(root: Node, file: str) -> tuple[dmn.Element, ...]:
    readers: dict[str, Callable[[Node, _Reader], dmn.Element]] = {
        "inputData": _input_data,
        "decision": _decision,
        "businessKnowledgeModel": _knowledge,
        "decisionService": _service,
    }
    reader = _Reader(file, root.get("namespace"))
    return tuple(
        readers[node.name](node, reader)
        for node in root.children
        if node.namespace == root.namespace and node.name in readers
    )


class _Reader:
    """What all element readers need: the file for errors and the own namespace for references."""

    def __init__(self, file: str, namespace: str) -> None:
        self.file = file
        self.namespace = namespace
        self.boxes = Boxes(file)

    def name(self, node: Node) -> str:
        name = " ".join(node.get("name").split())
        if not name:
            raise DmnError("it has no name", element=node.label, file=self.file, line=node.line)
        return name

    def variable(self, node: Node) -> dmn.Variable:
        """The element's variable; the element's own name where the variable is missing or nameless."""
        variable = node.find("variable")
        name = self.name(node)
        if variable is None:
            return dmn.Variable(name=name)
        return dmn.Variable(
            name=" ".join(variable.get("name").split()) or name, type_ref=variable.get("typeRef")
        )

    def references(self, node: Node, name: str) -> tuple[dmn.Reference, ...]:
        return tuple(self.reference(child) for child in node.all(name))

    def requirements(self, node: Node, requirement: str, target: str) -> tuple[dmn.Reference, ...]:
        return tuple(self.reference(child) for outer in node.all(requirement) for child in outer.all(target))

    def reference(self, node: Node) -> dmn.Reference:
        """An href is `#id` or `namespace#id`; older files also write the bare id."""
        href = node.get("href").strip()
        namespace, mark, identity = href.rpartition("#")
        if not identity:
            raise DmnError("the reference has no target", element=node.label, file=self.file, line=node.line)
        return dmn.Reference(
            namespace="" if not mark or namespace == self.namespace else namespace, id=identity
        )


def _import(node: Node) -> dmn.Import:
    return dmn.Import(
        name=" ".join(node.get("name").split()),
        namespace=node.get("namespace"),
        type=node.get("importType"),
        location=node.get("locationURI"),
    )


def _item(node: Node, file: str) -> dmn.ItemDefinition:
    name = " ".join(node.get("name").split())
    if not name:
        raise DmnError("it has no name", element=node.label, file=file, line=node.line)
    function = node.find("functionItem")
    return dmn.ItemDefinition(
        id=node.get("id"),
        name=name,
        type_ref=node.text_of("typeRef") or "",
        is_collection=node.get("isCollection") == "true",
        allowed_values=_tests(node, "allowedValues"),
        type_constraint=_tests(node, "typeConstraint"),
        components=tuple(_item(child, file) for child in node.all("itemComponent")),
        function=None if function is None else _function_item(function),
    )


def _tests(node: Node, name: str) -> str | None:
    tests = node.find(name)
    return (tests.text_of("text") or None) if tests is not None else None


def _function_item(node: Node) -> dmn.FunctionItem:
    return dmn.FunctionItem(
        parameters=tuple(
            dmn.Variable(name=" ".join(child.get("name").split()), type_ref=child.get("typeRef"))
            for child in node.all("parameters")
        ),
        result=node.get("outputTypeRef"),
    )


def _input_data(node: Node, reader: _Reader) -> dmn.InputData:
    return dmn.InputData(id=node.get("id"), name=reader.name(node), variable=reader.variable(node))


def _decision(node: Node, reader: _Reader) -> dmn.Decision:
    return dmn.Decision(
        id=node.get("id"),
        name=reader.name(node),
        variable=reader.variable(node),
        inputs=reader.requirements(node, "informationRequirement", "requiredInput"),
        decisions=reader.requirements(node, "informationRequirement", "requiredDecision"),
        knowledge=reader.requirements(node, "knowledgeRequirement", "requiredKnowledge"),
        expression=reader.boxes.inside(node),
    )


def _knowledge(node: Node, reader: _Reader) -> dmn.BusinessKnowledge:
    logic = node.find("encapsulatedLogic")
    return dmn.BusinessKnowledge(
        id=node.get("id"),
        name=reader.name(node),
        variable=reader.variable(node),
        knowledge=reader.requirements(node, "knowledgeRequirement", "requiredKnowledge"),
        function=None if logic is None else reader.boxes.function(logic),
    )


def _service(node: Node, reader: _Reader) -> dmn.DecisionService:
    return dmn.DecisionService(
        id=node.get("id"),
        name=reader.name(node),
        variable=reader.variable(node),
        output_decisions=reader.references(node, "outputDecision"),
        encapsulated_decisions=reader.references(node, "encapsulatedDecision"),
        input_decisions=reader.references(node, "inputDecision"),
        input_data=reader.references(node, "inputData"),
    )


_REFERABLE: Final = frozenset(
    {
        "inputData",
        "decision",
        "businessKnowledgeModel",
        "decisionService",
        "knowledgeSource",
        "itemDefinition",
        "rule",
    }
)


def _refuse_repeated_ids(root: Node, file: str) -> None:
    """Ids that something refers to must be told apart; drawings and requirements may repeat theirs unharmed."""
    seen: dict[str, Node] = {}
    waiting = [child for child in root.children if child.namespace == root.namespace]
    while waiting:
        node = waiting.pop()
        waiting.extend(child for child in node.children if child.namespace == root.namespace)
        identity = node.get("id")
        if not identity or node.name not in _REFERABLE:
            continue
        if identity in seen:
            first, second = sorted((seen[identity], node), key=lambda found: found.line)
            raise DmnError(
                f"its id is taken by {first.label} in line {first.line}",
                element=second.label,
                file=file,
                line=second.line,
            )
        seen[identity] = node
