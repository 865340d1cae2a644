"""FEEL and decision tables beside SpiffWorkflow's DMN engine and zen-engine, in one run on one machine.

Processor time is measured: the figures are for one core, whatever else the machine does.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from banjie.feel.expression import compile_expression
from banjie.feel.model import load_model
from banjie.feel.table_many import decide_many
from support.dmn_files import NAMESPACE_1_3, decision, input_data, model, table

_NAMES = [f"x{place}" for place in range(6)]
_RULES = [
    ([f"> {100 * (rule + 1)}" if place == 5 else f">= {place}" for place in range(6)], [f'"r{rule}"'])
    for rule in range(19)
] + [([">= 0"] * 6, ['"last"'])]
"""Twenty rules over six numbers; for the case below only the last one matches."""

_CASE: dict[str, object] = dict.fromkeys(_NAMES, 50)
_ROWS = 1_000_000
_SECONDS = 0.4

EXPRESSIONS: dict[str, dict[str, object]] = {
    "amount <= limit": {"amount": 300000, "limit": 500000},
    'kind = "individual" and amount > 0': {"kind": "individual", "amount": 5},
    "amount * rate / 12": {"amount": 300000, "rate": 0.05},
    "if age >= 60 then limit * 0.5 else limit": {"age": 59, "limit": 300000},
    'region in ("A", "B", "C")': {"region": "B"},
    "score in [60..100]": {"score": 75},
    "applicant.age >= 18": {"applicant": {"age": 30}},
    "sum(amounts) > 100": {"amounts": [10, 20, 30, 50]},
    "not(rejected) or override": {"rejected": False, "override": False},
    'applied_on >= date("2024-01-01")': {"applied_on": date(2024, 6, 1)},
}


def run() -> list[dict[str, object]]:
    """Figures with name, value, unit, target and ok (None where nothing is asked)."""
    return [*_tables(), *_expressions(), *_many()]


def _figure(
    name: str, value: float, unit: str, target: str = "", *, ok: bool | None = None
) -> dict[str, object]:
    return {"name": name, "value": round(value, 2), "unit": unit, "target": target, "ok": ok}


def _per_second(action: Callable[[], object], seconds: float = _SECONDS) -> float:
    """Calls a second, the best of three stretches of time."""
    action()
    best = 0.0
    for _ in range(3):
        count, start = 0, time.process_time()
        while (spent := time.process_time() - start) < seconds / 3:
            for _ in range(20):
                action()
            count += 20
        best = max(best, count / spent)
    return best


def _tables() -> list[dict[str, object]]:
    ours = _our_table()
    if ours.evaluate(_CASE).value != "last":
        raise AssertionError(ours.evaluate(_CASE))
    rate, spiff, zen = _per_second(lambda: ours.evaluate(_CASE)), _per_second(_spiff()), _per_second(_zen())
    return [
        _figure("table of 20 rules × 6 inputs", rate, "/s", ">= 50,000", ok=rate >= 50_000),
        _figure("the same table in SpiffWorkflow's DMN engine", spiff, "/s"),
        _figure("the same table in zen-engine", zen, "/s"),
        _figure("table, ours / SpiffWorkflow", rate / spiff, "×", ">= 100", ok=rate / spiff >= 100),
        _figure("table, ours / zen-engine", rate / zen, "×", ">= 20", ok=rate / zen >= 20),
    ]


def _our_table() -> Any:
    written = table([(name, "number") for name in _NAMES], ["r:string"], _RULES)
    return load_model(model(*map(input_data, _NAMES), decision("D", written, inputs=_NAMES))).table("D")


def _spiff() -> Callable[[], object]:
    """The table in a business rule task, evaluated as the workflow would."""
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.camunda.parser import CamundaParser

    written = table([(name, "number") for name in _NAMES], ["r:string"], _RULES).replace(
        "><text>", ' id="c"><text>'
    )
    diagram = (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><bpmn:process id="p" isExecutable="true">'
        '<bpmn:startEvent id="s"/><bpmn:businessRuleTask id="x" camunda:decisionRef="D"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="x"/><bpmn:sequenceFlow id="f2" sourceRef="x" '
        'targetRef="e"/></bpmn:process></bpmn:definitions>'
    )
    parser = CamundaParser()
    parser.add_dmn_str(model(f'<decision id="D" name="D">{written}</decision>', version=NAMESPACE_1_3))
    parser.add_bpmn_str(diagram.encode())
    task = BpmnWorkflow(parser.get_spec("p")).get_next_task(spec_name="x")
    task.data = dict(_CASE)
    engine = task.task_spec.dmnEngine
    if engine.result(task) != {"r": "last"}:
        raise AssertionError(engine.result(task))
    return lambda: engine.result(task)


def _zen() -> Callable[[], object]:
    import zen

    content = {
        "hitPolicy": "first",
        "inputs": [{"id": f"c{place}", "field": name, "name": name} for place, name in enumerate(_NAMES)],
        "outputs": [{"id": "o", "field": "r", "name": "r"}],
        "rules": [
            {"_id": f"r{number}", **{f"c{place}": cell for place, cell in enumerate(cells)}, "o": answers[0]}
            for number, (cells, answers) in enumerate(_RULES)
        ],
    }
    place = {"x": 0, "y": 0}
    graph = {
        "nodes": [
            {"id": "i", "type": "inputNode", "name": "i", "position": place},
            {"id": "t", "type": "decisionTableNode", "name": "t", "position": place, "content": content},
            {"id": "o", "type": "outputNode", "name": "o", "position": place},
        ],
        "edges": [
            {"id": "e1", "sourceId": "i", "targetId": "t", "type": "edge"},
            {"id": "e2", "sourceId": "t", "targetId": "o", "type": "edge"},
        ],
    }
    made = zen.ZenEngine().create_decision(json.dumps(graph))
    if made.evaluate(_CASE)["result"]["r"] != "last":
        raise AssertionError(made.evaluate(_CASE))
    return lambda: made.evaluate(_CASE)["result"]


def _expressions() -> list[dict[str, object]]:
    return [_expression(text, context) for text, context in EXPRESSIONS.items()]


def _expression(text: str, context: dict[str, object]) -> dict[str, object]:
    compiled = compile_expression(text, names=list(context))
    if compiled.evaluate(context).value is None:
        raise AssertionError(text)
    micros = 1e6 / _per_second(lambda: compiled.evaluate(context), 0.15)
    return _figure(f"expression {text}", micros, "µs", "<= 5", ok=micros <= 5)


def _many() -> list[dict[str, object]]:
    """A million rows: few distinct values, nearly all distinct, and rows as mappings."""
    made = _our_table()
    chance = random.Random(1)  # noqa: S311 - the same numbers in every run
    few = {name: [chance.randrange(0, 2500) for _ in range(_ROWS)] for name in _NAMES}
    distinct = {name: [chance.randrange(0, 10**9) for _ in range(_ROWS)] for name in _NAMES}
    figures = [_many_figure("columns, values that recur", made, few)]
    rows = [dict(zip(_NAMES, values, strict=True)) for values in zip(*few.values(), strict=True)]
    figures.append(_many_figure("rows as mappings", made, rows))
    figures.append(_many_figure("columns, nearly all values distinct", made, distinct))
    return figures


def _many_figure(name: str, made: Any, rows: Any) -> dict[str, object]:
    start = time.process_time()
    decided = decide_many(made, rows)
    rate = _ROWS / (time.process_time() - start)
    if len(decided) != _ROWS:
        raise AssertionError(len(decided))
    return _figure(f"decide_many over {_ROWS:,} rows, {name}", rate, "/s", ">= 200,000", ok=rate >= 200_000)
