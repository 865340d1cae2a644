"""Runs cases of the DMN Technology Compatibility Kit: `.dmn` models beside their `*-test-*.xml` files.

    python -m banjie.feel.tck DIR… [--json] [--failing]

A case passes when all its result nodes do. Values are compared as the kit's own runner does: numbers to 8 decimals,
everything else exactly, lists in order, contexts by entry; a node with `errorResult` passes when the answer is null,
which is how this engine answers an error. The last line is `N passed, M failed`; the exit code is 1 when any failed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from banjie.feel.diagnostics import Diagnostic
from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_xml import Node, parse_xml
from banjie.feel.model import Model, load_model
from banjie.feel.tck_files import Siblings
from banjie.feel.tck_values import matches, read_value
from banjie.feel.values import to_json


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeResult:
    """One expected result, and what came (both as JSON can hold them)."""

    name: str
    passed: bool
    expected: object
    actual: object
    diagnostics: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseResult:
    """One test case; it passes when all its nodes do."""

    file: str
    case: str
    nodes: tuple[NodeResult, ...]

    @property
    def passed(self) -> bool:
        return all(node.passed for node in self.nodes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All cases in the order of their files."""

    cases: tuple[CaseResult, ...]

    @property
    def passed(self) -> int:
        return sum(case.passed for case in self.cases)

    @property
    def failed(self) -> int:
        return len(self.cases) - self.passed


def run(dirs: Iterable[str | Path], *, now: datetime | None = None) -> Report:
    """Every case found under the directories, however deep. `now`: what `now()` tells, by default the present."""
    files = sorted({path for directory in dirs for path in Path(directory).rglob("*-test-*.xml")})
    moment = now or datetime.now(UTC)
    return Report(cases=tuple(case for path in files for case in _run_file(path, moment)))


def _run_file(path: Path, now: datetime) -> list[CaseResult]:
    try:
        root, _ = parse_xml(path.read_bytes(), file=path.name)
        model = _load(path, root)
    except (DmnError, OSError) as error:
        return [_broken(path.name, "", str(error))]
    return [_readable_case(path.name, node, model, now) for node in root.all("testCase")]


def _load(path: Path, root: Node) -> Model:
    """The model the file names; the one whose name the file shares when it names none that exists."""
    named = path.parent / (root.text_of("modelName") or "")
    own = path.parent / (path.name.rpartition("-test-")[0] + ".dmn")
    model = named if named.is_file() else own
    return load_model(model.read_bytes(), resolve_import=Siblings(path.parent).resolve, file=model.name)


def _broken(file: str, case: str, reason: str) -> CaseResult:
    node = NodeResult(name="", passed=False, expected=None, actual=None, diagnostics=(reason,))
    return CaseResult(file=file, case=case, nodes=(node,))


def _readable_case(file: str, node: Node, model: Model, now: datetime) -> CaseResult:
    try:
        return _run_case(file, node, model, now)
    except DmnError as error:
        return _broken(file, node.get("id"), str(error))


def _run_case(file: str, node: Node, model: Model, now: datetime) -> CaseResult:
    inputs: dict[str, object] = {}
    for given in node.all("inputNode"):
        namespace = given.get("namespace")
        name = given.get("name")
        inputs[f"{{{namespace}}}{name}" if namespace else name] = read_value(given)
    nodes = tuple(_run_node(expected, node, inputs, model, now) for expected in node.all("resultNode"))
    return CaseResult(file=file, case=node.get("id"), nodes=nodes)


def _run_node(node: Node, case: Node, inputs: dict[str, object], model: Model, now: datetime) -> NodeResult:
    name = node.get("name")
    expected = read_value(node.find("expected"))
    try:
        value, diagnostics = _evaluate(name, case, inputs, model, now)
    except DmnError as error:
        value, diagnostics = None, ()
        reasons: tuple[str, ...] = (str(error),)
        passed = False
    else:
        reasons = tuple(str(diagnostic) for diagnostic in diagnostics)
        passed = value is None if node.get("errorResult") == "true" else matches(expected, value)
    return NodeResult(
        name=name, passed=passed, expected=to_json(expected), actual=to_json(value), diagnostics=reasons
    )


def _evaluate(
    name: str, case: Node, inputs: dict[str, object], model: Model, now: datetime
) -> tuple[object, tuple[Diagnostic, ...]]:
    invocable = case.get("invocableName")
    match case.get("type"):
        case "decisionService":
            result = model.evaluate_service(invocable or name, inputs, now=now)
            outputs = model.service_outputs(invocable or name)
            value = result.value
            if len(outputs) > 1 and name in outputs and isinstance(value, dict):
                value = value.get(name)
        case "bkm":
            result = model.evaluate_bkm(invocable or name, inputs, now=now)
            value = result.value
        case _ if name in model.service_names:
            result = model.evaluate_service(name, inputs, now=now)
            value = result.value
        case _:
            result = model.evaluate_decision(name, inputs, now=now)
            value = result.value
    return value, result.diagnostics


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="banjie tck", description="Run DMN TCK cases.")
    parser.add_argument("dirs", nargs="+", metavar="DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object per case")
    parser.add_argument("--failing", action="store_true", help="show only the cases that failed")
    options = parser.parse_args(arguments)
    report = run(options.dirs)
    for line in lines_of(report, as_json=options.json, failing=options.failing):
        sys.stdout.write(f"{line}\n")
    return 1 if report.failed else 0


def lines_of(report: Report, *, as_json: bool = False, failing: bool = False) -> Iterable[str]:
    """What the command prints, without line ends; always ends with the count."""
    for case in report.cases:
        if failing and case.passed:
            continue
        yield _as_json(case) if as_json else _as_text(case)
    yield f"{report.passed} passed, {report.failed} failed"


def _as_json(case: CaseResult) -> str:
    nodes = [
        {
            "name": node.name,
            "passed": node.passed,
            "expected": node.expected,
            "actual": node.actual,
            "diagnostics": node.diagnostics,
        }
        for node in case.nodes
    ]
    record = {"file": case.file, "case": case.case, "passed": case.passed, "results": nodes}
    return json.dumps(record, ensure_ascii=False, default=str)


def _as_text(case: CaseResult) -> str:
    if case.passed:
        return f"ok   {case.file} {case.case}"
    reasons = [
        f"     {node.name}: expected {node.expected!r}, got {node.actual!r}"
        + "".join(f"\n       {reason}" for reason in node.diagnostics)
        for node in case.nodes
        if not node.passed
    ]
    return "\n".join([f"FAIL {case.file} {case.case}", *reasons])


if __name__ == "__main__":
    sys.exit(main())
