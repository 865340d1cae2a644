"""What specs may ask while a workflow runs: FEEL values, decisions, due times. Scripts are refused.

The stock environment evaluates Python, and so does the one a loaded workflow begins with; `FeelEngine` is set when a
workflow is made and again after every load. One `Run` belongs to one run of one case and is never shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.task import Task as SpiffTask

from banjie.domain.decisions import Decision, Json
from banjie.domain.definitions import Definition
from banjie.domain.errors import EngineFault
from banjie.domain.step import Notice
from banjie.domain.timer_text import TimerRefused, due_at, is_literal
from banjie.feel import Expression, FeelSyntaxError, compile_expression
from banjie.feel.values import to_python

Decide = Callable[[str, Mapping[str, Json]], Decision]

#: Items of one multi-instance task; a larger list is a mistake, and every item is a task of somebody's.
MOST_ITEMS = 100


@dataclass(kw_only=True)
class Run:
    """One run of one case: what it may read, and what it decided on the way.

    `data` is the case data and grows by the results of decisions, which `variables` keeps apart. `now` is aware.
    """

    definition: Definition
    data: dict[str, Json]
    decide: Decide
    now: datetime
    variables: dict[str, Json] = field(default_factory=dict)
    decisions: list[tuple[str, Decision]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def value(self, task: SpiffTask, expression: str, extra: Mapping[str, object] | None = None) -> object:
        """The FEEL value over the case data, the task's own item and `extra`, as a plain Python value."""
        compiled = _compiled(expression)
        names = {**self.data, **task.data, **(extra or {})}
        evaluation = compiled.evaluate(names, now=self.now)
        value = to_python(evaluation.value)
        if value is None:
            reasons = "; ".join(str(diagnostic) for diagnostic in evaluation.diagnostics) or "null"
            raise fault(task, f"the expression {expression.strip()!r} has no value: {reasons}")
        return value

    def holds(self, task: SpiffTask, condition: str, extra: Mapping[str, object] | None = None) -> bool:
        """Whether a condition holds. No value is a fault: a gateway must not send a case on by a missing field."""
        value = self.value(task, condition, extra)
        if not isinstance(value, bool):
            raise fault(task, f"the condition {condition.strip()!r} is neither true nor false")
        return value

    def choose(self, task: SpiffTask, conditions: Sequence[str]) -> int | None:
        """The index of the one condition that holds, or None for the default flow."""
        held = [index for index, condition in enumerate(conditions) if self.holds(task, condition)]
        if len(held) > 1:
            # SpiffWorkflow would take the flow drawn highest; a moved line must not change a decision.
            raise fault(
                task, "several conditions hold at once: " + ", ".join(conditions[index] for index in held)
            )
        return held[0] if held else None

    def items(self, task: SpiffTask, expression: str) -> list[Json]:
        """The items of a multi-instance task: a list, or a whole number meaning 0, 1 … n - 1."""
        value = self.value(task, expression)
        if not isinstance(value, list):
            try:
                count = int(str(value))
            except ValueError:
                raise fault(task, f"{expression.strip()!r} is neither a list nor a whole number") from None
            if not 0 <= count <= MOST_ITEMS:
                raise fault(task, f"{count} items; at most {MOST_ITEMS} are allowed")
            return list(range(count))
        if len(value) > MOST_ITEMS:
            raise fault(task, f"{len(value)} items; at most {MOST_ITEMS} are allowed")
        return [_storable(item) for item in value]

    def timer(self, task: SpiffTask, text: str) -> datetime:
        """When a timer that begins to wait now is due, in UTC."""
        value = text if is_literal(text) else self.value(task, text)
        try:
            return due_at(value, self.now)
        except TimerRefused as refused:
            raise fault(task, f"the timer {text.strip()!r} is refused: {refused}") from None

    def rule(self, task: SpiffTask) -> None:
        """Let the decision of a business rule task be made and add its outputs to the case data."""
        element = self.definition.elements[task.task_spec.bpmn_id]
        if element.decision is None or element.variable is None:
            raise fault(task, "a business rule task needs a decision and a variable")
        decision = self.decide(element.decision, self.data)
        self.decisions.append((element.id, decision))
        self.data[element.variable] = self.variables[element.variable] = decision.value

    def send(self, task: SpiffTask) -> None:
        """Record that a send task was passed."""
        element = self.definition.elements[task.task_spec.bpmn_id]
        if element.notice is None:
            raise fault(task, "a send task needs a notice")
        self.notices.append(Notice(element=element.id, notice=element.notice))


class FeelEnvironment(BasePythonScriptEngineEnvironment):
    """The script environment of one run; `run` is what our own specs talk to."""

    def __init__(self, run: Run) -> None:
        super().__init__({})
        self.run = run

    def evaluate(self, expression: str, context: object, external_context: object = None) -> NoReturn:
        raise EngineFault("An expression was evaluated outside a task.", expression=expression)

    def execute(self, script: str, context: object, external_context: object = None) -> NoReturn:
        raise EngineFault("Scripts are refused.")

    def call_service(self, context: object, **parameters: object) -> NoReturn:
        raise EngineFault("Service calls are refused.")


class FeelEngine(PythonScriptEngine):
    """The script engine of one run: every condition is FEEL, everything else is refused."""

    def __init__(self, run: Run) -> None:
        super().__init__(FeelEnvironment(run))

    def validate(self, expression: str) -> None:
        _compiled(expression)

    def evaluate(
        self, task: SpiffTask, expression: str, external_context: Mapping[str, object] | None = None
    ) -> bool:
        run: Run = self.environment.run
        return run.holds(task, expression, external_context)

    def execute(self, task: SpiffTask, script: str, external_context: object = None) -> NoReturn:
        raise fault(task, "scripts are refused")

    def call_service(self, task: SpiffTask, **parameters: object) -> NoReturn:
        raise fault(task, "service calls are refused")


def run_of(task: SpiffTask) -> Run:
    """The run that the task's workflow is in."""
    run: Run = task.workflow.top_workflow.script_engine.environment.run
    return run


def fault(task: SpiffTask, reason: str) -> EngineFault:
    """A fault that names the element it happened at."""
    spec = task.task_spec
    return EngineFault("The diagram could not go on.", element=spec.bpmn_id or spec.name, reason=reason)


def feel_source(text: str) -> str:
    """The FEEL text of an attribute or condition, which may begin with `=` as bpmn.io's tools write it."""
    return text.strip().removeprefix("=").strip()


def _storable(item: object) -> Json:
    """An item as the snapshot holds it: numbers as int or text, so that a reload changes nothing."""
    if isinstance(item, Decimal):
        return int(item) if item == item.to_integral_value() else str(item)
    if isinstance(item, list):
        return [_storable(part) for part in item]
    if isinstance(item, dict):
        return {str(key): _storable(part) for key, part in item.items()}
    return item if item is None or isinstance(item, (bool, int)) else str(item)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Expression:
    try:
        return compile_expression(feel_source(text))
    except FeelSyntaxError as error:
        raise EngineFault("The expression is not FEEL.", expression=text, reason=str(error)) from None
