"""Gaps, overlaps and types found without evaluating."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.feel.analysis import TableAnalysis, analyse, names_of
from banjie.feel.decision_table import Table
from banjie.feel.expression import compile_expression, compile_unary_tests
from banjie.feel.model import load_model
from banjie.feel.values import Date, to_python
from support.dmn_files import decision, input_data, model, table


def _made(inputs: list[tuple[str, str]], rules: list[tuple[list[str], list[str]]], values: str = "") -> Table:
    text = table(inputs, ["o"], rules, input_values=[values])
    names = [name for name, _ in inputs]
    loaded = load_model(
        model(*map(input_data, dict.fromkeys([*names, "上限"])), decision("d", text, inputs=[*names, "上限"]))
    )
    return loaded.table("d")


def _gaps(found: TableAnalysis) -> list[tuple[dict[str, object], dict[str, str]]]:
    return [(dict(gap.example), dict(gap.where)) for gap in found.gaps]


def test_a_gap_between_two_ranges_is_found_with_an_example() -> None:
    found = analyse(_made([("金额", "number")], [(["< 100"], ["1"]), (["> 100"], ["2"])]))

    assert _gaps(found) == [({"金额": Decimal(100)}, {"金额": "100"})]
    assert found.overlaps == ()
    assert found.complete


def test_an_overlap_is_found_with_an_example_and_whether_it_matters() -> None:
    found = analyse(
        _made([("金额", "number")], [(["<= 100"], ["1"]), ([">= 100"], ["2"]), ([">= 100"], ["2"])])
    )

    assert [(one.rules, dict(one.example), one.same_outputs) for one in found.overlaps] == [
        ((1, 2), {"金额": Decimal(100)}, False),
        ((1, 3), {"金额": Decimal(100)}, False),
        ((2, 3), {"金额": Decimal(100)}, True),
    ]
    assert found.gaps == ()


def test_listed_values_that_no_rule_names_are_a_gap() -> None:
    rules = [(['"个人"'], ["1"]), (['"企业"'], ["2"])]

    assert _gaps(analyse(_made([("类型", "string")], rules, values='"个人","企业","合伙"'))) == [
        ({"类型": "合伙"}, {"类型": '"合伙"'})
    ]
    assert analyse(_made([("类型", "string")], rules, values='"个人","企业"')).gaps == ()
    assert _gaps(analyse(_made([("类型", "string")], rules))) == [
        ({"类型": "其他"}, {"类型": 'not("个人", "企业")'})
    ]


def test_dates_and_booleans_are_analysed() -> None:
    found = analyse(
        _made(
            [("日", "date"), ("首次", "boolean")],
            [(['< date("2024-01-01")', "-"], ["1"]), (["-", "true"], ["2"])],
        )
    )

    assert _gaps(found) == [
        (
            {"日": Date(2024, 1, 1), "首次": False},
            {"日": '@"2024-01-01", > @"2024-01-01"', "首次": "false"},
        )
    ]
    assert [one.rules for one in found.overlaps] == [(1, 2)]


def test_a_column_with_cells_that_read_names_is_said_to_be_left_out() -> None:
    found = analyse(
        _made([("金额", "number"), ("级", "")], [(["< 上限", "1"], ["1"]), (["> 5", "2"], ["2"])])
    )

    assert found.not_analysed == ("金额",)
    assert not found.complete


def test_an_input_that_is_asked_twice_is_said_to_be_left_out() -> None:
    found = analyse(
        _made([("a", "number"), ("a", "number")], [(["< 5", "> 0"], ["1"]), (["-", "> 9"], ["2"])])
    )

    assert found.not_analysed == ("a",)
    assert (found.gaps, found.overlaps) == ((), ())


def test_a_complete_table_has_no_findings() -> None:
    found = analyse(_made([("a", "number")], [(["<= 0"], ["1"]), (["(0..10]"], ["2"]), (["> 10"], ["3"])]))

    assert (found.gaps, found.overlaps, found.complete) == ((), (), True)


def test_only_so_many_findings_are_listed() -> None:
    found = analyse(_made([("a", "number")], [(["-"], ["1"])] * 30), most=10)

    assert (len(found.overlaps), found.complete) == (10, False)


_CELL = st.one_of(
    st.just("-"),
    st.builds("{}{}".format, st.sampled_from(["", "<", "<=", ">", ">="]), st.integers(0, 4)),
    st.builds("[{}..{}]".format, st.integers(0, 2), st.integers(2, 4)),
)


@settings(max_examples=200, deadline=None)
@given(cells=st.lists(st.tuples(_CELL, _CELL), min_size=1, max_size=5))
def test_findings_are_exact(cells: list[tuple[str, str]]) -> None:
    """Every example shows what it claims, and a table without findings has none on a grid of all cases."""
    made = _made([("a", "number"), ("b", "number")], [(list(row), [str(n)]) for n, row in enumerate(cells)])
    grid = [Decimal(n) / 2 for n in range(-2, 11)]
    matched = {
        (a, b): {rule.index for rule in made.evaluate({"a": a, "b": b}).matched_rules}
        for a in grid
        for b in grid
    }

    found = analyse(made)

    for gap in found.gaps:
        example = {"a": 0, "b": 0, **{key: to_python(value) for key, value in gap.example.items()}}
        assert made.evaluate(example).matched_rules == ()
    for overlap in found.overlaps:
        example = {"a": 0, "b": 0, **{key: to_python(value) for key, value in overlap.example.items()}}
        assert set(overlap.rules) <= {rule.index for rule in made.evaluate(example).matched_rules}
    assert bool(found.gaps) == any(not rules for rules in matched.values())
    pairs = {(one, other) for rules in matched.values() for one in rules for other in rules if one < other}
    assert {overlap.rules for overlap in found.overlaps} == pairs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + 1 > b", {"a": "number", "b": "number"}),
        ('姓名 = "王" and 已婚', {"姓名": "string", "已婚": "boolean"}),
        ("if ok then x else y", {"ok": "boolean", "x": "Any", "y": "Any"}),
        ('日期 < date("2024-01-01")', {"日期": "date"}),
        ("额度 in [1..5]", {"额度": "number"}),
        ('string length(s) > 3 and contains(t, "x")', {"s": "string", "t": "string"}),
        ("企业.注册资本 >= 100", {"企业": "context"}),
        ("count(人员[年龄 > 60])", {"人员": "list", "年龄": "number"}),
        ("a > 1 and a = \"x\"", {"a": "Any"}),
        ("today() > d", {"d": "Any"}),
    ],
)  # fmt: skip
def test_types_are_guessed_from_use(text: str, expected: dict[str, str]) -> None:
    assert names_of(compile_expression(text)) == expected


def test_names_of_a_cell_leave_out_the_value_under_test() -> None:
    assert names_of(compile_unary_tests("? > 上限 * 2")) == {"上限": "number"}
