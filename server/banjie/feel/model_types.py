"""Item definitions as FEEL types: what a `typeRef` in a model means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from banjie.feel import dmn
from banjie.feel.diagnostics import FeelSyntaxError
from banjie.feel.dmn_problem import Label, Problem, label_of
from banjie.feel.expression import UnaryTests, compile_unary_tests
from banjie.feel.scope import Run, Scope
from banjie.feel.types import (
    ANY,
    BUILT_IN_TYPES,
    ConstrainedType,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
)

_FEEL_NAMESPACES: Final = (
    "http://www.omg.org/spec/FEEL/20140401",
    "http://www.omg.org/spec/DMN/20180521/FEEL/",
    "https://www.omg.org/spec/DMN/20191111/FEEL/",
    "https://www.omg.org/spec/DMN/20211108/FEEL/",
    "https://www.omg.org/spec/DMN/20230324/FEEL/",
    "https://www.omg.org/spec/DMN/20240513/FEEL/",
)


class ModelTypes:
    """The types of one model. `imported` are those of the models it imports, by the name of the import."""

    def __init__(self, definitions: dmn.Definitions, imported: Mapping[str, ModelTypes]) -> None:
        self.definitions = definitions
        self.imported = imported
        self.problems: list[Problem] = []
        self.items = {item.name: item for item in definitions.types}
        self._made: dict[str, FeelType] = {}
        self._in_progress: set[str] = set()
        for name in self.items:
            self._item(name)

    def by_name(self) -> dict[str, FeelType]:
        """Every type by the name that expressions of the model have for it."""
        found: dict[str, FeelType] = {}
        for alias, types in self.imported.items():
            for name, type_ in types.by_name().items():
                found[f"{alias}.{name}" if alias else name] = type_
        return {**found, **self._made}

    def of(self, written: str, label: Label) -> FeelType | None:
        """The type that a `typeRef` means; None for Any, for none, and (with a problem) for one not known."""
        name = written.strip()
        if not name or name == "Any":
            return None
        found = self.find(name)
        if found is None:
            self.problems.append(
                Problem(
                    element=label.en,
                    element_zh=label.zh,
                    code="unknown_type",
                    message=f'the type "{written}" is not known',
                    message_zh=f"类型“{written}”不存在",
                )
            )
        return None if found is ANY else found

    def allowed_values(self, written: str) -> str | None:
        """The allowed values of a type as they are written, its own or those of the type it is made of."""
        for _ in range(len(self.items) + 1):
            item = self.items.get(self._local(written.strip()))
            if item is None:
                alias, _, name = written.partition(".")
                return self.imported[alias].allowed_values(name) if alias in self.imported and name else None
            if item.allowed_values or item.is_collection:
                return item.allowed_values
            written = item.type_ref
        return None

    def _local(self, name: str) -> str:
        """The name without its XML prefix, when that is FEEL's or the model's own."""
        prefix, colon, rest = name.partition(":")
        namespace = self.definitions.prefixes.get(prefix) if colon else None
        own = namespace in (*_FEEL_NAMESPACES, self.definitions.namespace)
        return rest if own or prefix == "feel" else name

    def find(self, name: str) -> FeelType | None:
        """The type of that name, with or without prefix; None when there is none."""
        local = self._local(name)
        if local in self.items:
            return self._item(local)
        if local in BUILT_IN_TYPES:
            return BUILT_IN_TYPES[local]
        alias, _, rest = local.partition(".")
        if rest and alias in self.imported:
            return self.imported[alias].find(rest)
        prefix, colon, rest = name.partition(":")
        for types in self.imported.values():
            if colon and types.definitions.namespace == self.definitions.prefixes.get(prefix):
                return types.find(rest)
        nameless = self.imported.get("")
        return None if nameless is None else nameless.find(local)

    def _item(self, name: str) -> FeelType:
        """A type that contains itself is Any inside itself, so that types are trees."""
        if name in self._made:
            return self._made[name]
        if name in self._in_progress:
            return ANY
        self._in_progress.add(name)
        made = self._build(self.items[name], name)
        self._in_progress.discard(name)
        self._made[name] = made
        return made

    def _build(self, item: dmn.ItemDefinition, name: str) -> FeelType:
        label = label_of(item)
        if item.function is not None:
            made: FeelType = FunctionType(
                [self.of(parameter.type_ref, label) or ANY for parameter in item.function.parameters],
                self.of(item.function.result, label) or ANY,
            )
        elif item.components:
            members = {
                component.name: self._build(component, component.name) for component in item.components
            }
            made = ContextType(members, name)
        else:
            made = self.of(item.type_ref, label) or ANY
        made = self._constrained(made, item.allowed_values, name, label)
        if item.is_collection:
            made = ListType(made)
        return self._constrained(made, item.type_constraint, name, label)

    def _constrained(self, base: FeelType, text: str | None, name: str, label: Label) -> FeelType:
        if text is None or text == "-":
            return base
        try:
            tests = compile_unary_tests(text)
        except FeelSyntaxError as error:
            self.problems.append(Problem.syntax(label.part("allowed values", "允许值"), error))
            return base
        return ConstrainedType(name, base, lambda value: _passes(tests, value))


def _passes(tests: UnaryTests, value: object) -> bool:
    run = Run()
    return run.guard(lambda scope: tests.run(value, scope), Scope({}, run)) is True
