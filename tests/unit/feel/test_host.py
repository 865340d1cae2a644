"""Host functions: given by name, called with plain values, and never able to break an evaluation."""

from __future__ import annotations

from datetime import date

from banjie.feel import compile_expression
from banjie.feel.host import HostFunctionError, host_function
from banjie.feel.types import NUMBER


def test_host_function_is_called_by_name_with_plain_values() -> None:
    seen: list[object] = []

    def working_days(start: date, days: object) -> date:
        seen.append((start, days))
        return date(2024, 3, 1)

    functions = {"working days": host_function("working days", ["from", "days"], working_days)}
    expression = compile_expression("string(working days(days: 3, from: d))", names=["working days"])

    evaluation = expression.evaluate({"d": date(2024, 2, 27)}, functions=functions)

    assert evaluation.value == "2024-03-01"
    assert seen == [(date(2024, 2, 27), 3)]


def test_refusal_of_a_host_function_is_null_with_its_message() -> None:
    def parameter(_name: str) -> object:
        raise HostFunctionError("no such parameter", "没有该参数")

    evaluation = compile_expression('parameter("x")').evaluate(
        {}, functions={"parameter": host_function("parameter", ["name"], parameter)}
    )

    assert evaluation.value is None
    assert [(found.code, found.message_zh) for found in evaluation.diagnostics] == [("host", "没有该参数")]


def test_fault_of_a_host_function_is_null_with_its_kind() -> None:
    def broken() -> object:
        raise RuntimeError("password=hunter2")

    evaluation = compile_expression("broken()").evaluate(
        {}, functions={"broken": host_function("broken", [], broken)}
    )

    assert evaluation.value is None
    assert "RuntimeError" in evaluation.diagnostics[0].message
    assert "hunter2" not in evaluation.diagnostics[0].message


def test_argument_that_does_not_fit_is_not_passed_on() -> None:
    called: list[object] = []
    function = host_function("f", ["n"], called.append, parameter_types=[NUMBER])

    evaluation = compile_expression('f("x")').evaluate({}, functions={"f": function})

    assert evaluation.value is None
    assert called == []


def test_function_that_is_not_given_is_unknown() -> None:
    evaluation = compile_expression("working_days(1)").evaluate({})

    assert evaluation.value is None
    assert [found.code for found in evaluation.diagnostics] == ["unknown_name", "type"]
