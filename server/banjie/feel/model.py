"""DMN models: loading, and evaluating their decisions, services and business knowledge.

    model = load_model(data, file="loan.dmn")
    result = model.evaluate_decision("担保额度", {"申请金额": 300000})
    result.value, result.diagnostics, result.receipts

Loading raises DmnError for what breaks the format or the references; evaluating never raises for the data it is
given: what fails is null plus a diagnostic naming the element. A model is immutable and shared between threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from banjie.feel import dmn
from banjie.feel.decision_table import Table
from banjie.feel.diagnostics import Diagnostic
from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_problem import Problem, label_of, locate
from banjie.feel.limits import Limits
from banjie.feel.model_boxed import ModelRun, TableReceipt
from banjie.feel.model_compile import Compiled, CompiledDecision, fitted
from banjie.feel.model_library import ImportResolver, Key, Place, evaluation_order, load_library
from banjie.feel.scope import Run, Scope
from banjie.feel.types import FeelType
from banjie.feel.values import from_python, to_python


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionResult:
    """The FEEL value of a decision, why it may be null, and what its tables decided on the way, in that order."""

    value: object
    diagnostics: tuple[Diagnostic, ...]
    receipts: tuple[TableReceipt, ...]

    @property
    def python(self) -> object:
        """The value as plain Python, see `values.to_python`."""
        return to_python(self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class NeededInput:
    """An input that a decision needs. `type` is None for Any. `key` is how inputs name it."""

    key: str
    name: str
    type: FeelType | None


class Model:
    """A loaded model. Elements are found by name or id, those of the model itself before imported ones."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._library = compiled.library

    @property
    def definitions(self) -> dmn.Definitions:
        return self._library.root

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in texts and types; the elements concerned are null when evaluated."""
        return tuple(self._compiled.problems)

    @property
    def decision_names(self) -> tuple[str, ...]:
        """The model's own decisions, in the order of the file."""
        return tuple(one.name for one in self.definitions.elements if isinstance(one, dmn.Decision))

    @property
    def service_names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.definitions.elements if isinstance(one, dmn.DecisionService))

    @property
    def table_names(self) -> tuple[str, ...]:
        """The model's own decisions that are nothing but a table, in the order of the file."""
        return tuple(name for name in self.decision_names if self.decision(name).table is not None)

    def table(self, decision: str) -> Table:
        """The compiled table of a decision that is nothing but a table. Raises DmnError when it is not."""
        place = self._find(decision, dmn.Decision)
        table = self._compiled.decisions[place.key].table
        if table is None:
            raise place.error("it is not a decision table")
        return table

    def names_read(self, decision: str) -> frozenset[str]:
        """The names that the texts of a decision read, without those of other decisions."""
        return self._compiled.decisions[self._find(decision, dmn.Decision).key].reads

    def free_names(self, decision: str) -> frozenset[str]:
        """Names that a decision and what it requires read and no element has: further inputs, or host functions."""
        order = evaluation_order(self._library, [self._find(decision, dmn.Decision)])
        return frozenset().union(*(self._compiled.decisions[step.key].free for step in order))

    def inputs_of(self, decision: str) -> tuple[NeededInput, ...]:
        """All input data that the decision and what it requires need, in the order in which they are needed."""
        place = self._find(decision, dmn.Decision)
        found: dict[Key, NeededInput] = {}
        for step in evaluation_order(self._library, [place]):
            for one in self._compiled.decisions[step.key].required:
                target = self._library.places[one.key]
                if isinstance(target.element, dmn.InputData):
                    found[one.key] = NeededInput(
                        key=self._input_key(target),
                        name=target.element.variable.name,
                        type=self._compiled.variable_types[one.key],
                    )
        return tuple(found.values())

    def evaluate_decision(
        self,
        name_or_id: str,
        inputs: Mapping[str, object],
        *,
        functions: Mapping[str, object] | None = None,
        now: datetime | None = None,
        limits: Limits | None = None,
    ) -> DecisionResult:
        """The value of a decision for Python values by name of the input data.

        A name that no element of the model has, as in a table drawn without input data, is an input as well.
        An imported model's inputs are found under `{namespace}name`, in a mapping under the name of the import, or
        by their plain name. Raises DmnError when the model has no such decision.
        """
        place = self._find(name_or_id, dmn.Decision)
        order = evaluation_order(self._library, [place])

        def run(scope: Scope) -> object:
            values = self._given(order, inputs, scope.run)
            self._compiled.decide_all(order, values, scope.run, inputs)
            return values[place.key]

        return _evaluate(run, functions=functions, now=now, limits=limits)

    def evaluate_service(
        self,
        name_or_id: str,
        inputs: Mapping[str, object],
        *,
        functions: Mapping[str, object] | None = None,
        now: datetime | None = None,
        limits: Limits | None = None,
    ) -> DecisionResult:
        """The value of a decision service for its inputs by name: its decision's, or a context of several by name.

        An input that is missing or not of its type is null. Raises DmnError when there is no such service.
        """
        place, element = self._service(name_or_id)
        parameters = self._compiled.service_inputs(place, element)

        def run(scope: Scope) -> object:
            arguments = [self._input(one, inputs, scope.run) for one in parameters]
            return self._compiled.functions[place.key].call(arguments, scope.run)

        return _evaluate(run, functions=functions, now=now, limits=limits)

    def service_outputs(self, name_or_id: str) -> tuple[str, ...]:
        """The names of the decisions that a service answers."""
        place, element = self._service(name_or_id)
        targets = [self._library.target(place.home, one) for one in element.output_decisions]
        return tuple(one.element.variable.name for one in targets)

    def evaluate_bkm(
        self,
        name_or_id: str,
        arguments: Mapping[str, object],
        *,
        functions: Mapping[str, object] | None = None,
        now: datetime | None = None,
        limits: Limits | None = None,
    ) -> DecisionResult:
        """The result of business knowledge for arguments by parameter; those not given are null.

        Raises DmnError when there is no such business knowledge model.
        """
        place = self._find(name_or_id, dmn.BusinessKnowledge)
        function = self._compiled.functions[place.key]
        given = [from_python(arguments.get(name)) for name in function.parameters]
        return _evaluate(
            lambda scope: function.call(given, scope.run), functions=functions, now=now, limits=limits
        )

    def decision(self, name_or_id: str) -> CompiledDecision:
        """A compiled decision, for analysis. Raises DmnError when there is none."""
        return self._compiled.decisions[self._find(name_or_id, dmn.Decision).key]

    def _service(self, name_or_id: str) -> tuple[Place, dmn.DecisionService]:
        place = self._find(name_or_id, dmn.DecisionService)
        if not isinstance(place.element, dmn.DecisionService):
            raise place.error("it is not a decision service")
        return place, place.element

    def _find(self, name_or_id: str, kind: type[dmn.Element]) -> Place:
        of_kind = [place for place in self._library.places.values() if isinstance(place.element, kind)]
        own = [place for place in of_kind if place.home is self._library.root]
        for places in (own, of_kind):
            for place in places:
                if place.element.name == name_or_id:
                    return place
            for place in places:
                if place.element.id == name_or_id:
                    return place
        raise DmnError(f'there is no {_KINDS[kind]} "{name_or_id}"', file=self._library.root.file)

    def _input_key(self, place: Place) -> str:
        name = place.element.variable.name
        return name if place.home is self._library.root else f"{{{place.home.namespace}}}{name}"

    def _given(self, order: list[Place], inputs: Mapping[str, object], run: Run) -> dict[Key, object]:
        """Values from outside: required input data, and decisions without logic."""
        values: dict[Key, object] = {}
        for step in order:
            decision = self._compiled.decisions[step.key]
            if decision.closure is None:
                values[step.key] = self._input(step, inputs, run)
            for one in decision.required:
                target = self._library.places[one.key]
                if isinstance(target.element, dmn.InputData) and one.key not in values:
                    values[one.key] = self._input(target, inputs, run)
        return values

    def _input(self, place: Place, inputs: Mapping[str, object], run: Run) -> object:
        """One input as its type; null when it is not given, null plus a diagnostic when it does not fit."""
        value = from_python(self._python_input(place, inputs))
        type_ = self._compiled.variable_types[place.key]
        if type_ is None or value is None:
            return value
        start = len(run.diagnostics)
        value = fitted(value, type_, run)
        locate(run, start, label_of(place.element))
        return value

    def _python_input(self, place: Place, inputs: Mapping[str, object]) -> object:
        variable = place.element.variable.name
        qualified = f"{{{place.home.namespace}}}{variable}"
        if qualified in inputs:
            return inputs[qualified]
        if place.home is not self._library.root:
            nested = inputs.get(self._library.alias(self._library.root, place))
            if isinstance(nested, Mapping) and variable in nested:
                return nested[variable]
        return inputs[variable] if variable in inputs else inputs.get(place.element.name)


_KINDS: Mapping[type[dmn.Element], str] = {
    dmn.Decision: "decision",
    dmn.DecisionService: "decision service",
    dmn.BusinessKnowledge: "business knowledge model",
}


def _evaluate(
    closure: Callable[[Scope], object],
    *,
    functions: Mapping[str, object] | None,
    now: datetime | None,
    limits: Limits | None,
) -> DecisionResult:
    run = ModelRun(functions=functions, now=now, limits=limits)
    value = run.guard(closure, Scope({}, run))
    return DecisionResult(value=value, diagnostics=tuple(run.diagnostics), receipts=tuple(run.receipts))


def load_model(data: bytes, *, resolve_import: ImportResolver | None = None, file: str = "") -> Model:
    """The model in the bytes of a `.dmn` file, with what it imports.

    resolve_import: gives file name and bytes for an import, None when it does not know it; without it a model that
    imports others cannot be loaded. file: how errors name the file. Raises DmnError.
    """
    return Model(Compiled(load_library(data, resolve_import=resolve_import, file=file)))
