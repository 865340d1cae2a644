"""Reads boxed expressions: what stands inside decisions, business knowledge models and each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from banjie.feel import dmn
from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_xml import Node

_MOST_CELLS: Final = 1_000_000


class Boxes:
    """Reader of the boxed expressions of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.readers: dict[str, Callable[[Node], dmn.Boxed]] = {
            "literalExpression": self.literal,
            "invocation": self.invocation,
            "context": self.context,
            "list": self.list,
            "relation": self.relation,
            "functionDefinition": self.function,
            "conditional": self.conditional,
            "filter": self.filter,
            "for": self.iterator,
            "some": self.iterator,
            "every": self.iterator,
            "decisionTable": self.table,
        }

    def refuse(self, node: Node, rule: str) -> DmnError:
        return DmnError(rule, element=node.label, file=self.file, line=node.line)

    def inside(self, node: Node) -> dmn.Boxed | None:
        """The boxed expression among the children; None when there is none. Two are an error."""
        found = [
            child
            for child in node.children
            if child.namespace == node.namespace and child.name in self.readers
        ]
        if len(found) > 1:
            raise self.refuse(node, f"it holds {len(found)} expressions where one is allowed")
        return self.readers[found[0].name](found[0]) if found else None

    def needed(self, node: Node, name: str) -> dmn.Boxed:
        """The boxed expression of the child called `name`."""
        child = node.find(name)
        boxed = None if child is None else self.inside(child)
        if boxed is None:
            raise self.refuse(node, f"its <{name}> has no expression")
        return boxed

    def text(self, node: Node) -> str:
        """FEEL text of an entry; another expression language is refused."""
        language = node.get("expressionLanguage").strip()
        if language and "feel" not in language.lower():
            raise self.refuse(node, f"the expression language {language} is not FEEL")
        return node.text_of("text") or ""

    def literal(self, node: Node) -> dmn.Literal:
        if node.find("importedValues") is not None:
            raise self.refuse(node, "imported values are not supported")
        return dmn.Literal(id=node.get("id"), type_ref=node.get("typeRef"), text=self.text(node))

    def invocation(self, node: Node) -> dmn.Invocation:
        function = self.inside(node)
        if function is None:
            raise self.refuse(node, "it does not say what to invoke")
        return dmn.Invocation(
            id=node.get("id"),
            type_ref=node.get("typeRef"),
            function=function,
            bindings=tuple(self.binding(child) for child in node.all("binding")),
        )

    def binding(self, node: Node) -> dmn.Binding:
        parameter = node.find("parameter")
        if parameter is None or not parameter.get("name"):
            raise self.refuse(node, "the binding has no parameter")
        return dmn.Binding(parameter=" ".join(parameter.get("name").split()), value=self.inside(node))

    def context(self, node: Node) -> dmn.BoxedContext:
        entries = tuple(self.entry(child) for child in node.all("contextEntry"))
        results = [position for position, entry in enumerate(entries) if entry.variable is None]
        if results and results != [len(entries) - 1]:
            raise self.refuse(node, "only the last entry of a context may be without a variable")
        return dmn.BoxedContext(id=node.get("id"), type_ref=node.get("typeRef"), entries=entries)

    def entry(self, node: Node) -> dmn.ContextEntry:
        variable = node.find("variable")
        named = None if variable is None else self.named(variable)
        return dmn.ContextEntry(variable=named, value=self.inside(node))

    def named(self, node: Node) -> dmn.Variable:
        name = " ".join(node.get("name").split())
        if not name:
            raise self.refuse(node, "it has no name")
        return dmn.Variable(name=name, type_ref=node.get("typeRef"))

    def list(self, node: Node) -> dmn.BoxedList:
        items = tuple(
            self.readers[child.name](child)
            for child in node.children
            if child.namespace == node.namespace and child.name in self.readers
        )
        return dmn.BoxedList(id=node.get("id"), type_ref=node.get("typeRef"), items=items)

    def relation(self, node: Node) -> dmn.Relation:
        columns = tuple(self.named(child) for child in node.all("column"))
        rows = tuple(self.list(child).items for child in node.all("row"))
        for position, row in enumerate(rows, 1):
            if len(row) != len(columns):
                raise self.refuse(node, f"row {position} has {len(row)} cells for {len(columns)} columns")
        return dmn.Relation(id=node.get("id"), type_ref=node.get("typeRef"), columns=columns, rows=rows)

    def function(self, node: Node) -> dmn.FunctionDefinition:
        try:
            kind = dmn.FunctionKind(node.get("kind") or "FEEL")
        except ValueError:
            raise self.refuse(node, f'the kind "{node.get("kind")}" is none of FEEL, Java, PMML') from None
        parameters = tuple(self.named(child) for child in node.all("formalParameter"))
        if len({parameter.name for parameter in parameters}) < len(parameters):
            raise self.refuse(node, "two parameters have the same name")
        return dmn.FunctionDefinition(
            id=node.get("id"),
            type_ref=node.get("typeRef"),
            kind=kind,
            parameters=parameters,
            body=self.inside(node),
        )

    def conditional(self, node: Node) -> dmn.Conditional:
        return dmn.Conditional(
            id=node.get("id"),
            type_ref=node.get("typeRef"),
            condition=self.needed(node, "if"),
            then=self.needed(node, "then"),
            otherwise=self.needed(node, "else"),
        )

    def filter(self, node: Node) -> dmn.Filter:
        return dmn.Filter(
            id=node.get("id"),
            type_ref=node.get("typeRef"),
            source=self.needed(node, "in"),
            match=self.needed(node, "match"),
        )

    def iterator(self, node: Node) -> dmn.Iterator:
        variable = " ".join(node.get("iteratorVariable").split())
        if not variable:
            raise self.refuse(node, "it has no iterator variable")
        kind = dmn.IteratorKind(node.name)
        return dmn.Iterator(
            id=node.get("id"),
            type_ref=node.get("typeRef"),
            kind=kind,
            variable=variable,
            source=self.needed(node, "in"),
            body=self.needed(node, "return" if kind is dmn.IteratorKind.FOR else "satisfies"),
        )

    def table(self, node: Node) -> dmn.DecisionTable:
        inputs = tuple(self.input(child) for child in node.all("input"))
        outputs = tuple(self.output(child) for child in node.all("output"))
        if not outputs:
            raise self.refuse(node, "the table has no output")
        if len(outputs) > 1 and len({output.name for output in outputs} - {""}) < len(outputs):
            raise self.refuse(node, "with several outputs each needs a name of its own")
        notes = tuple(child.get("name") for child in node.all("annotation"))
        rules = node.all("rule")
        if len(rules) * (len(inputs) + len(outputs)) > _MOST_CELLS:
            raise self.refuse(node, f"the table has more than {_MOST_CELLS} cells")
        return dmn.DecisionTable(
            id=node.get("id"),
            type_ref=node.get("typeRef"),
            hit_policy=self.hit_policy(node),
            aggregation=self.aggregation(node),
            inputs=inputs,
            outputs=outputs,
            rules=tuple(self.rule(child, len(inputs), len(outputs), notes) for child in rules),
        )

    def hit_policy(self, node: Node) -> dmn.HitPolicy:
        written = node.get("hitPolicy") or "UNIQUE"
        try:
            return dmn.HitPolicy(written)
        except ValueError:
            raise self.refuse(node, f'the hit policy "{written}" is not known') from None

    def aggregation(self, node: Node) -> dmn.Aggregation | None:
        written = node.get("aggregation")
        if not written or self.hit_policy(node) is not dmn.HitPolicy.COLLECT:
            return None
        try:
            return dmn.Aggregation(written)
        except ValueError:
            raise self.refuse(node, f'the aggregation "{written}" is not known') from None

    def input(self, node: Node) -> dmn.InputClause:
        expression = node.find("inputExpression")
        if expression is None:
            raise self.refuse(node, "the input has no expression")
        values = node.find("inputValues")
        return dmn.InputClause(
            id=node.get("id"),
            label=node.get("label"),
            text=self.text(expression),
            type_ref=expression.get("typeRef"),
            values=None if values is None else (self.text(values) or None),
        )

    def output(self, node: Node) -> dmn.OutputClause:
        values = node.find("outputValues")
        default = node.find("defaultOutputEntry")
        return dmn.OutputClause(
            id=node.get("id"),
            label=node.get("label"),
            name=" ".join(node.get("name").split()),
            type_ref=node.get("typeRef"),
            values=None if values is None else (self.text(values) or None),
            default=None if default is None else (self.text(default) or None),
        )

    def rule(self, node: Node, inputs: int, outputs: int, notes: tuple[str, ...]) -> dmn.Rule:
        tests = tuple(self.text(child) for child in node.all("inputEntry"))
        answers = tuple(self.text(child) for child in node.all("outputEntry"))
        if len(tests) != inputs or len(answers) != outputs:
            raise self.refuse(
                node,
                f"it has {len(tests)} input and {len(answers)} output cells for {inputs} and {outputs} columns",
            )
        return dmn.Rule(
            id=node.get("id"), inputs=tests, outputs=answers, annotations=self.annotations(node, notes)
        )

    def annotations(self, node: Node, notes: tuple[str, ...]) -> dict[str, str]:
        """Notes of a rule; dmn-js writes its own column as the rule's description."""
        found: dict[str, str] = {}
        description = node.text_of("description")
        if description:
            found["description"] = description
        for position, entry in enumerate(node.all("annotationEntry")):
            name = notes[position] if position < len(notes) else ""
            text = entry.text_of("text")
            if text:
                found[name or f"annotation {position + 1}"] = text
        return found
