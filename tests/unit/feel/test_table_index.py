"""The masks of a table find the same rules as testing every cell of every rule."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.feel.decision_table import Table
from banjie.feel.expression import compile_unary_tests
from banjie.feel.model import load_model
from banjie.feel.table_many import decide_many
from support.dmn_files import decision, input_data, model, table

_NUMBERS = st.sampled_from(["-3", "0", "1", "1.5", "2", "1E3", "99.99"])
_STRINGS = st.sampled_from(['"甲"', '"乙"', '""', '"a"', '"aa"', '"b"'])
_DATES = st.sampled_from(['date("2024-02-29")', '@"2024-03-01"', 'date("2020-01-01")'])
_OTHERS = st.sampled_from(
    [
        "true",
        "false",
        "null",
        '@"P1D"',
        '@"P2D"',
        '@"P1Y"',
        '@"2024-01-01T00:00:00"',
        '@"2024-01-01T08:00:00+08:00"',
    ]
)


@st.composite
def _ranges(draw: st.DrawFn, ends: st.SearchStrategy[str]) -> str:
    first, last = draw(ends), draw(ends)
    return f"{draw(st.sampled_from('[(]'))}{first}..{last}{draw(st.sampled_from('])['))}"


def _simple(constants: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    compared = st.builds("{}{}".format, st.sampled_from(["", "<", "<=", ">", ">=", "="]), constants)
    question = st.builds("? {} {}".format, st.sampled_from(["<", ">=", "!=", "="]), constants)
    between = st.builds("? between {} and {}".format, constants, constants)
    return st.one_of(
        compared, _ranges(constants), question, between, st.builds("[{}, {}]".format, constants, constants)
    )


_SIMPLE = st.one_of(_simple(_NUMBERS), _simple(_STRINGS), _simple(_DATES), _OTHERS, _simple(_OTHERS))
_CELLS = st.one_of(
    st.just("-"),
    _SIMPLE,
    st.lists(_SIMPLE, min_size=2, max_size=3).map(", ".join),
    st.lists(_SIMPLE, min_size=1, max_size=2).map(lambda cells: f"not({', '.join(cells)})"),
    st.builds("? != {} or ? > {}".format, _NUMBERS, _NUMBERS),
    st.just("< b"),
    st.just("? * 2 > 3"),
)
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-4, 101),
    st.sampled_from([Decimal("1.5"), Decimal("1.50001"), Decimal(1000), Decimal("99.99"), 0.5, 10**40]),
    st.sampled_from(["甲", "乙", "丙", "", "a", "aa", "a\0", "b", "ab"]),
    st.sampled_from(
        [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2019, 1, 1), date(2030, 1, 1)]
    ),
    st.sampled_from([timedelta(days=1), timedelta(hours=30), datetime(2024, 1, 1), datetime(2025, 1, 1)]),  # noqa: DTZ001
    st.lists(st.sampled_from([1, "甲", None]), max_size=2),
)


def _made(cells: list[list[str]], policy: str = "COLLECT", values: str = "") -> Table:
    inputs = [(name, "") for name in "ab"[: len(cells[0])]]
    rules = [(row, [str(number)]) for number, row in enumerate(cells, 1)]
    text = table(inputs, ["o"], rules, hit_policy=policy, input_values=[values])
    loaded = load_model(model(input_data("a"), input_data("b"), decision("d", text, inputs=["a", "b"])))
    assert loaded.problems == ()
    return loaded.table("d")


def _naive(cells: list[list[str]], row: dict[str, object]) -> list[int]:
    """Rules, counted from 1, of which every cell passes when it is tested by itself."""
    return [
        number
        for number, tests in enumerate(cells, 1)
        if all(
            compile_unary_tests(text, names=["a", "b"]).evaluate(row[name], row).value is True
            for name, text in zip("ab", tests, strict=True)
        )
    ]


@settings(max_examples=250, deadline=None)
@given(
    cells=st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=1, max_size=6),
    rows=st.lists(st.fixed_dictionaries({"a": _VALUES, "b": _VALUES}), min_size=1, max_size=12),
)
def test_masks_find_the_rules_that_testing_every_cell_finds(
    cells: list[list[str]], rows: list[dict[str, object]]
) -> None:
    made = _made(cells)

    for row in rows:
        assert [rule.index for rule in made.evaluate(row).matched_rules] == _naive(cells, row)


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=1, max_size=5),
    policy=st.sampled_from(["UNIQUE", "FIRST", "COLLECT", "ANY"]),
    values=st.sampled_from(["", "[0..50]", '"甲","乙"', "? != 2"]),
    rows=st.lists(st.fixed_dictionaries({"a": _VALUES, "b": _VALUES}), max_size=30),
)
def test_many_rows_are_decided_as_each_row_is(
    cells: list[list[str]], policy: str, values: str, rows: list[dict[str, object]]
) -> None:
    made = _made(cells, policy, values)
    columns = {name: [row[name] for row in rows] for name in "ab"}

    singly = [made.evaluate(row) for row in rows]

    for together in (decide_many(made, rows), decide_many(made, columns)):
        assert list(together.values) == [one.value for one in singly]
        assert list(together.matched_rules) == [one.matched_rules for one in singly]
        assert together.diagnostics == {
            row: one.diagnostics for row, one in enumerate(singly) if one.diagnostics
        }


def test_a_cell_without_a_constant_of_the_value_kind_still_answers() -> None:
    made = _made([['> date("2024-01-01")'], ["null"], ["not(null)"], ["? != 3"]])

    assert [rule.index for rule in made.evaluate({"a": date(2024, 1, 2)}).matched_rules] == [1, 3]


@settings(max_examples=40, deadline=None)
@given(
    points=st.lists(st.integers(-50, 50), min_size=1, max_size=6),
    values=st.lists(st.integers(-60, 60), min_size=40, max_size=120, unique=True),
    divisor=st.sampled_from([0, 1, 3]),
)
def test_nearly_distinct_numbers_are_bisected_to_the_same_answers(
    points: list[int], values: list[int], divisor: int
) -> None:
    empty: list[object] = [None] * len(values)
    column: list[object] = [Decimal(value) / divisor if divisor else value for value in values]
    made = _made([[f">= {point}", "-"] for point in points])

    together = decide_many(made, {"a": column, "b": empty})

    assert list(together.values) == [made.evaluate({"a": value, "b": None}).value for value in column]


@pytest.mark.parametrize(
    ("cell", "value", "passes"),
    [
        ("(1..5]", 1, False), ("[1..5)", 1, True), ("]1..5]", 1, False), ("[1..5)", 5, False),
        ("[1..5[", Decimal("4.99"), True), ("< 5", None, False), ("1", True, False), ("true", True, True),
        ('not("甲","乙")', "丙", True), ('not("甲","乙")', "甲", False), ('"甲","乙"', "乙", True),
        ("null", None, True), ("not(null)", None, False), ("not(null)", 1, True),
        ('> date("2024-02-28")', date(2024, 2, 29), True), ("-0.5", -0.5, True), ("[1,2,3]", 2, True),
    ],
)  # fmt: skip
def test_what_one_cell_lets_pass(cell: str, value: object, passes: bool) -> None:
    assert bool(_made([[cell]]).evaluate({"a": value}).matched_rules) is passes


def test_a_value_that_cannot_be_compared_leaves_its_reason() -> None:
    result = _made([["> 5"]]).evaluate({"a": "五"})

    assert (result.value, [one.code for one in result.diagnostics]) == (None, ["type"])


def test_inputs_that_compute_are_decided_together_as_singly() -> None:
    text = table(
        [("金额 / 期数", "number"), ("申请人.年龄", "number")], ["o"], [(["> 10", "< 60"], ['"可"'])]
    )
    names = ["金额", "期数", "申请人"]
    made = load_model(model(*map(input_data, names), decision("d", text, inputs=names))).table("d")
    rows: list[dict[str, object]] = [
        {"金额": amount, "期数": terms, "申请人": {"年龄": age}}
        for amount in (5, 100)
        for terms in (0, 3)
        for age in (59, 60)
    ]

    together = decide_many(made, rows)

    assert list(together.values) == [None, None, None, None, None, None, "可", None]
    assert list(together.values) == [made.evaluate(row).value for row in rows]
    assert sorted(together.diagnostics) == [0, 1, 4, 5]


def test_not_a_number_is_null() -> None:
    made = _made([["> 5"], ["null"]])

    assert [made.evaluate({"a": value}).value for value in (Decimal("NaN"), float("nan"), float("inf"))] == [
        [Decimal(2)]
    ] * 3
    assert list(decide_many(made, {"a": [Decimal("NaN"), Decimal(9)]}).values) == [[Decimal(2)], [Decimal(1)]]


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        decide_many(_made([["1", "2"]]), {"a": [1], "b": []})


def test_no_rows_give_no_answers() -> None:
    assert len(decide_many(_made([["1"]]), [])) == 0
    assert len(decide_many(_made([["1"]]), {"a": []})) == 0


def test_a_table_of_five_thousand_rules_is_indexed() -> None:
    made = _made([[f"[{n}..{n + 1})", f'"{n}"'] for n in range(5000)], policy="UNIQUE")

    assert made.evaluate({"a": Decimal("4321.5"), "b": "4321"}).value == Decimal(4322)
    assert made.evaluate({"a": 4321, "b": "4320"}).value is None
