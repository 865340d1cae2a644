"""Examples of decisions: what a table must answer on a day in a region. They are content, and run as tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import cast

from banjie.domain.decisions import Decision, Json
from banjie.domain.errors import NotFound, Problem
from banjie.policy.decide import Decider
from banjie.policy.yaml_reader import Node, read_file


@dataclass(frozen=True, kw_only=True)
class Example:
    """One example. `value` are the outputs that matter, empty where nothing may be decided.

    `rule` is the row that must hold, None for any; `parameters` the values that must have been used, by
    key; `missing` all parameters without a value.
    """

    file: str
    name: str
    decision: str
    on: date
    region: str
    facts: Mapping[str, Json]
    value: Mapping[str, Json]
    rule: int | None
    parameters: Mapping[str, Json]
    missing: tuple[str, ...]


def read_examples(root: Path) -> list[Example]:
    """The examples of all processes, in order. Raises ContentError."""
    return [
        _example(node)
        for path in sorted((root / "policy").glob("*/examples.yaml"))
        for node in read_file(root, path).children("examples")
    ]


def _example(node: Node) -> Example:
    expect = node.child("expect")
    example = Example(
        file=node.file,
        name=node.text("name"),
        decision=node.text("decision"),
        on=node.get("date", date),
        region=node.text("region"),
        facts=cast("Mapping[str, Json]", node.get("facts", dict)),
        value=cast("Mapping[str, Json]", expect.get("value", dict)),
        rule=expect.find("rule", int),
        parameters=cast("Mapping[str, Json]", expect.find("parameters", dict) or {}),
        missing=expect.texts("missing"),
    )
    expect.close()
    node.close()
    return example


def failing_examples(decider: Decider, examples: list[Example]) -> list[Problem]:
    """What differs from the examples, each difference named."""
    return [
        Problem(file=example.file, element=example.name, rule="example", message=difference)
        for example in examples
        for difference in _decided(decider, example)
    ]


def _decided(decider: Decider, example: Example) -> Iterator[str]:
    try:
        decision = decider.decide(example.decision, example.facts, on=example.on, region=example.region)
    except NotFound as error:
        yield f"there is no {' and no '.join(f'{kind} {name!r}' for kind, name in error.facts.items())}"
        return
    yield from _differences(example, decision)


def _differences(example: Example, decision: Decision) -> Iterator[str]:
    if bool(example.value) != bool(decision.value):
        yield f"decided {dict(decision.value)}; {'; '.join(decision.diagnostics)}"
    for name, wanted in example.value.items():
        if decision.value.get(name) != wanted:
            yield f"{name} is {decision.value.get(name)!r}, not {wanted!r}"
    if example.value and not decision.green:
        yield f"the receipt is not green: {'; '.join(decision.diagnostics)}"
    if example.rule is not None and [rule.row for rule in decision.rules] != [example.rule]:
        yield f"rules {[rule.row for rule in decision.rules]} held, not {example.rule}"
    used = {value.key: value.value for value in decision.parameters}
    for key, wanted in example.parameters.items():
        if used.get(key) != (Decimal(wanted) if type(wanted) is int else wanted):
            yield f"{key} was {used.get(key)}, not {wanted}"
    missing = tuple(value.key for value in decision.missing)
    if missing != example.missing:
        yield f"without a value were {missing}, not {example.missing}"
