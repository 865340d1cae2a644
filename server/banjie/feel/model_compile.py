"""Compiles the elements of a library: decisions into closures, business knowledge and services into functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from banjie.feel import dmn
from banjie.feel.decision_table import Table
from banjie.feel.dmn_problem import Problem, bounded, label_of, locate
from banjie.feel.model_boxed import BoxCompiler, Closure, Names
from banjie.feel.model_library import Key, Library, Place, evaluation_order
from banjie.feel.model_types import ModelTypes
from banjie.feel.scope import Run, Scope
from banjie.feel.types import ANY, ContextType, FeelType, FunctionType
from banjie.feel.values import UserFunction, from_python

_NOTHING: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Required:
    """A value in a decision's scope: under `name`, or under `name` of the context called `alias`."""

    key: Key
    alias: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledDecision:
    """A decision ready to run.

    required: what its scope takes from this evaluation. known: functions in its scope, the same in every evaluation;
    known_imports: those of imported models, by the name of the import. free: names it reads that no element of its
    model has; dmn-js draws no input data for them, so they are taken from the caller's inputs by name.
    table: when it is nothing but a table.
    """

    place: Place
    type: FeelType | None
    required: tuple[Required, ...]
    known: Mapping[str, object]
    known_imports: Mapping[str, Mapping[str, object]]
    closure: Closure | None
    reads: frozenset[str]
    free: frozenset[str]
    table: Table | None

    def scope(self, values: Mapping[Key, object], given: Mapping[str, object], run: Run) -> Scope:
        """The names that the decision sees, from the values known so far and from what the caller gave."""
        found: dict[str, object] = {name: from_python(given[name]) for name in self.free if name in given}
        found.update(self.known)
        contexts = {alias: dict(members) for alias, members in self.known_imports.items()}
        for one in self.required:
            names = contexts.setdefault(one.alias, {}) if one.alias else found
            names[one.name] = values.get(one.key)
        found.update(contexts)
        return Scope(found, run)


class Compiled:
    """All elements of a library, compiled."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.problems: list[Problem] = []
        self.types: dict[str, ModelTypes] = {}
        for home in library.models.values():
            imported = {
                one.name: self.types[one.namespace] for one in home.imports if one.namespace in self.types
            }
            self.types[home.namespace] = ModelTypes(home, imported)
        self.variable_types: dict[Key, FeelType | None] = {}
        self.functions: dict[Key, UserFunction] = {}
        self.decisions: dict[Key, CompiledDecision] = {}
        for place in library.places.values():
            self.variable_types[place.key] = self._variable_type(place)
        for place in _knowledge_first(library):
            match place.element:
                case dmn.BusinessKnowledge():
                    self.functions[place.key] = self._knowledge(place, place.element)
                case dmn.DecisionService():
                    self.functions[place.key] = self._service(place, place.element)
                case _:
                    pass
        for place in library.places.values():
            if isinstance(place.element, dmn.Decision):
                self.decisions[place.key] = self._decision(place, place.element)
        for types in self.types.values():
            self.problems.extend(types.problems)
        for home in library.models.values():
            self.problems.extend(_repeated_names((*home.elements,)))
            self.problems.extend(_repeated_names(home.types))

    def _variable_type(self, place: Place) -> FeelType | None:
        element = place.element
        types = self.types[place.home.namespace]
        if not isinstance(element, dmn.BusinessKnowledge):
            return types.of(element.variable.type_ref, label_of(element))
        if element.function is None:
            return None
        described = label_of(element)
        parameters = [types.of(one.type_ref, described) or ANY for one in element.function.parameters]
        return FunctionType(parameters, types.of(element.function.type_ref, described) or ANY)

    def _names(self, place: Place, references: tuple[dmn.Reference, ...]) -> Names:
        """The names that an element's requirements bring into its scope, with their types."""
        own: dict[str, FeelType | None] = {}
        imported: dict[str, dict[str, FeelType]] = {}
        for reference in references:
            target = self.library.target(place.home, reference)
            alias = self.library.alias(place.home, target)
            type_ = self.variable_types[target.key]
            if alias:
                imported.setdefault(alias, {})[target.element.variable.name] = type_ or ANY
            else:
                own[target.element.variable.name] = type_
        return Names().plus({**own, **{alias: ContextType(members) for alias, members in imported.items()}})

    def _known(
        self, place: Place, references: tuple[dmn.Reference, ...]
    ) -> tuple[dict[str, object], dict[str, dict[str, object]]]:
        """The functions that knowledge requirements bring into scope: by name, and by import and name."""
        own: dict[str, object] = {}
        imported: dict[str, dict[str, object]] = {}
        for reference in references:
            target = self.library.target(place.home, reference)
            if target.key in self.functions:
                alias = self.library.alias(place.home, target)
                names = imported.setdefault(alias, {}) if alias else own
                names[target.element.variable.name] = self.functions[target.key]
        return own, imported

    def _boxes(self, place: Place) -> BoxCompiler:
        return BoxCompiler(label_of(place.element), self.types[place.home.namespace])

    def _knowledge(self, place: Place, element: dmn.BusinessKnowledge) -> UserFunction:
        boxes = self._boxes(place)
        names = self._names(place, element.knowledge).plus(
            {element.variable.name: self.variable_types[place.key]}
        )
        definition = element.function or dmn.FunctionDefinition(
            id="", type_ref="", kind=dmn.FunctionKind.FEEL, parameters=(), body=None
        )
        types = self.types[place.home.namespace]
        written = types.of(element.variable.type_ref, boxes.label)
        make = boxes.function_of(definition, element.name, names)
        self.problems.extend(boxes.problems)
        own, imported = self._known(place, element.knowledge)
        known: dict[str, object] = {**own, **imported}

        def body(arguments: list[object], run: Run) -> object:
            start = len(run.diagnostics)
            value = make(Scope(known, run)).body(arguments, run)
            locate(run, start, boxes.label)
            return value

        sample = make(None)
        result = sample.result_type or (None if isinstance(written, FunctionType) else written)
        function = UserFunction(
            name=element.name,
            parameters=sample.parameters,
            body=body,
            parameter_types=sample.parameter_types,
            result_type=result,
        )
        # Business knowledge may call itself: its own name is in its scope.
        known[element.variable.name] = function
        return function

    def _service(self, place: Place, element: dmn.DecisionService) -> UserFunction:
        inputs = self.service_inputs(place, element)
        outputs = [self.library.target(place.home, one) for one in element.output_decisions]
        order = evaluation_order(self.library, outputs, given=frozenset(one.key for one in inputs))
        described = label_of(element)

        def body(arguments: list[object], run: Run) -> object:
            start = len(run.diagnostics)
            values: dict[Key, object] = {one.key: value for one, value in zip(inputs, arguments, strict=True)}
            self.decide_all(order, values, run)
            locate(run, start, described)
            if len(outputs) == 1:
                return values.get(outputs[0].key)
            return {one.element.variable.name: values.get(one.key) for one in outputs}

        return UserFunction(
            name=element.name,
            parameters=tuple(one.element.variable.name for one in inputs),
            body=body,
            parameter_types=tuple(self.variable_types[one.key] for one in inputs),
            result_type=self.variable_types[place.key],
        )

    def service_inputs(self, place: Place, element: dmn.DecisionService) -> list[Place]:
        """What a service is given, in the order of its parameters: input data, then input decisions."""
        references = (*element.input_data, *element.input_decisions)
        return [self.library.target(place.home, one) for one in references]

    def _decision(self, place: Place, element: dmn.Decision) -> CompiledDecision:
        boxes = self._boxes(place)
        references = (*element.inputs, *element.decisions)
        names = self._names(place, (*references, *element.knowledge))
        expression = element.expression
        closure = None if expression is None else boxes.compile(expression, names)
        self.problems.extend(boxes.problems)
        known, known_imports = self._known(place, element.knowledge)
        required = []
        for reference in references:
            target = self.library.target(place.home, reference)
            alias = self.library.alias(place.home, target)
            required.append(Required(key=target.key, alias=alias, name=target.element.variable.name))
        table = boxes.tables.get(expression.id) if isinstance(expression, dmn.DecisionTable) else None
        return CompiledDecision(
            place=place,
            type=self.variable_types[place.key],
            required=tuple(required),
            known=known,
            known_imports=known_imports,
            closure=closure,
            reads=frozenset(boxes.reads),
            free=frozenset(boxes.reads - names.types.keys() - _element_names(place.home)),
            table=table,
        )

    def decide_all(
        self, order: list[Place], values: dict[Key, object], run: Run, given: Mapping[str, object] = _NOTHING
    ) -> None:
        """Adds the values of the decisions in their order; a decision without logic keeps the value it was given."""
        for place in order:
            decision = self.decisions[place.key]
            if decision.closure is None:
                values.setdefault(place.key, None)
                continue
            start = len(run.diagnostics)
            run.spend()
            value = bounded(decision.closure(decision.scope(values, given, run)), run)
            if decision.type is not None:
                value = fitted(value, decision.type, run)
            values[place.key] = value
            locate(run, start, label_of(place.element))


def _element_names(home: dmn.Definitions) -> set[str]:
    return {one.variable.name for one in home.elements} | {one.name for one in home.imports}


def _repeated_names(elements: tuple[dmn.Element | dmn.ItemDefinition, ...]) -> Iterator[Problem]:
    """Elements whose name is taken by one before them; by name only the first is found."""
    seen: set[str] = set()
    for element in elements:
        if element.name in seen:
            label = label_of(element)
            yield Problem(
                element=label.en,
                element_zh=label.zh,
                code="repeated_name",
                message="another element has the same name",
                message_zh="另有元素同名",
            )
        seen.add(element.name)


def fitted(value: object, type_: FeelType, run: Run) -> object:
    """The value as the type expects it, or null plus a diagnostic."""
    coerced, fits = type_.coerce(value)
    return coerced if fits else run.report("type", f"the value is not {type_}", f"值不是{type_}")


def _knowledge_first(library: Library) -> list[Place]:
    """Functions in such an order that each comes after those it requires; the library has no cycles."""
    order: dict[Key, Place] = {}
    for start in library.places.values():
        stack = [(start, False)]
        while stack:
            place, ready = stack.pop()
            if place.key in order or not isinstance(
                place.element, (dmn.BusinessKnowledge, dmn.DecisionService)
            ):
                continue
            if ready:
                order[place.key] = place
                continue
            stack.append((place, True))
            references = place.element.knowledge if isinstance(place.element, dmn.BusinessKnowledge) else ()
            targets = [library.target(place.home, one) for one in references]
            stack.extend((target, False) for target in targets if target.key != place.key)
    return list(order.values())
