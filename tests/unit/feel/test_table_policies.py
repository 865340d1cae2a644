"""Hit policies, defaults and allowed values of decision tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from banjie.feel.decision_table import Table
from banjie.feel.model import load_model
from support.dmn_files import decision, input_data, model, table

_CELLS = [(["> 1"], ['"甲"']), (["> 2"], ['"乙"']), (["> 3"], ['"甲"'])]


def _table(**options: Any) -> Table:
    rules = options.pop("rules", _CELLS)
    outputs = options.pop("outputs", ["o"])
    inputs = options.pop("inputs", [("a", "number")])
    text = table(inputs, outputs, rules, **options)
    names = [name for name, _ in inputs]
    return load_model(model(*map(input_data, names), decision("d", text, inputs=names))).table("d")


@pytest.mark.parametrize(
    ("policy", "a", "expected", "rules"),
    [
        ("UNIQUE", 2, "甲", [1]),
        ("UNIQUE", 0, None, []),
        ("FIRST", 9, "甲", [1]),
        ("ANY", 2, "甲", [1]),
        ("RULE ORDER", 9, ["甲", "乙", "甲"], [1, 2, 3]),
        ("COLLECT", 3, ["甲", "乙"], [1, 2]),
        ("PRIORITY", 9, "乙", [2]),
        ("OUTPUT ORDER", 9, ["乙", "甲", "甲"], [2, 1, 3]),
    ],
)
def test_hit_policies(policy: str, a: int, expected: object, rules: list[int]) -> None:
    result = _table(hit_policy=policy, output_values=['"乙","甲"']).evaluate({"a": a})

    assert result.value == expected
    assert [rule.index for rule in result.matched_rules] == rules
    assert result.diagnostics == ()


def test_two_matches_of_a_unique_table_are_an_error_naming_the_rules() -> None:
    result = _table().evaluate({"a": 3})

    assert result.value is None
    assert [rule.index for rule in result.matched_rules] == [1, 2]
    assert "1 (r1), 2 (r2)" in result.diagnostics[0].message
    assert "1 (r1), 2 (r2)" in result.diagnostics[0].message_zh


def test_different_outputs_of_an_any_table_are_an_error() -> None:
    result = _table(hit_policy="ANY").evaluate({"a": 3})

    assert (result.value, result.diagnostics[0].code) == (None, "hit_policy")


@pytest.mark.parametrize("policy", ["PRIORITY", "OUTPUT ORDER"])
def test_priorities_need_listed_values(policy: str) -> None:
    result = _table(hit_policy=policy).evaluate({"a": 3})

    assert (result.value, result.diagnostics[0].code) == (None, "hit_policy")


@pytest.mark.parametrize(
    ("aggregation", "a", "expected"),
    [
        ("SUM", 9, 600), ("MIN", 9, 100), ("MAX", 9, 300), ("COUNT", 9, 3), ("COUNT", 0, 0), ("SUM", 0, None),
        ("SUM", 2, 100),
    ],
)  # fmt: skip
def test_aggregations(aggregation: str, a: int, expected: int | None) -> None:
    rules = [(["> 1"], ["100"]), (["> 2"], ["200"]), (["> 3"], ["a * 0 + 300"])]

    result = _table(hit_policy="COLLECT", aggregation=aggregation, rules=rules).evaluate({"a": a})

    assert result.value == (None if expected is None else Decimal(expected))
    assert result.diagnostics == ()


def test_the_sum_of_texts_is_null_with_a_reason() -> None:
    result = _table(hit_policy="COLLECT", aggregation="SUM").evaluate({"a": 3})

    assert (result.value, result.diagnostics[0].code) == (None, "hit_policy")


def test_several_outputs_are_a_context_with_defaults() -> None:
    made = _table(outputs=["利率:number", "说明"], rules=[(["> 1"], ["0.05", '"可"'])], defaults=["0", ""])

    assert made.evaluate({"a": 2}).value == {"利率": Decimal("0.05"), "说明": "可"}
    assert made.evaluate({"a": 1}).value == {"利率": Decimal(0), "说明": None}


def test_an_output_of_the_wrong_type_or_value_is_null_with_a_reason() -> None:
    wrong_type = _table(outputs=["o:number"], rules=[(["-"], ['"一"'])]).evaluate({"a": 1})
    wrong_value = _table(rules=[(["-"], ['"丙"'])], output_values=['"甲","乙"']).evaluate({"a": 1})

    assert (wrong_type.value, wrong_type.diagnostics[0].code) == (None, "type")
    assert (wrong_value.value, wrong_value.diagnostics[0].code) == (None, "not_allowed")


@pytest.mark.parametrize(("a", "code"), [(11, "not_allowed"), ("一", "type")])
def test_an_input_that_is_not_allowed_is_null_with_a_reason(a: object, code: str) -> None:
    result = _table(input_values=["[0..10]"]).evaluate({"a": a})

    assert result.value is None
    assert result.diagnostics[0].code == code


@pytest.mark.parametrize(
    ("value", "expected"),
    [(["甲"], True), (["甲", "乙"], True), (["甲", "丙"], None), ("甲", True), ("丙", None)],
)
def test_allowed_values_hold_for_each_member_of_a_list(value: object, expected: object) -> None:
    made = _table(inputs=[("a", "")], rules=[(["-"], ["true"])], input_values=['"甲","乙"'])

    assert made.evaluate({"a": value}).value is expected


def test_empty_and_dash_cells_match_everything_even_null() -> None:
    made = _table(inputs=[("a", ""), ("b", "")], rules=[(["", "-"], ["1"])])

    assert made.evaluate({"a": None, "b": [1]}).value == 1


def test_a_cell_that_is_not_feel_makes_the_table_null_and_is_named() -> None:
    text = table([("a", "number")], ["o"], [(["> 1"], ["1"]), (["> > 2"], ["2"])])
    loaded = load_model(model(input_data("a"), decision("d", text, inputs=["a"])))

    assert [one.element for one in loaded.problems] == ['decision "d" (d), rule 2, input 1 "a"']
    assert loaded.table("d").evaluate({"a": 5}).value is None
    assert loaded.evaluate_decision("d", {"a": 5}).diagnostics[0].code == "syntax"


def test_a_reason_names_the_rule_and_the_column() -> None:
    made = _table(inputs=[("a", "")], rules=[(["> 1"], ['"x" + 1'])])

    (compared,) = made.evaluate({"a": True}).diagnostics
    (computed,) = made.evaluate({"a": 2}).diagnostics

    assert compared.message.startswith('rule 1, input "a": ')
    assert compared.message_zh.startswith("规则1，输入“a”：")
    assert computed.message.startswith("rule 1: ")


def test_cells_may_read_other_names_and_call_functions() -> None:
    rules = [(["< 上限"], ['"内"']), (['? > 上限 and string(?) = "9"'], ['"九"']), (["> 上限"], ['"外"'])]
    text = table([("a", "number")], ["o"], rules, hit_policy="FIRST")
    made = load_model(
        model(input_data("a"), input_data("上限"), decision("d", text, inputs=["a", "上限"]))
    ).table("d")

    assert [made.evaluate({"a": a, "上限": 5}).value for a in (4, 5, 9, 10)] == ["内", None, "九", "外"]
