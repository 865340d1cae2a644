"""Operators, control, names and three-valued logic."""

from __future__ import annotations

import pytest

from banjie.feel import FeelSyntaxError, compile_expression, compile_unary_tests
from banjie.feel.types import BOOLEAN, NUMBER, STRING, ContextType
from unit.feel.language import codes_of, json_of, value_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("-3 ** 2", 9),
        ("2 ** 3 ** 2", 64),
        ("10 - 3 - 2", 5),
        ("0.1 + 0.2 = 0.3", True),
        ('"办" + "结"', "办结"),
        ('if 1 < 2 then "yes" else "no"', "yes"),
        ("if null then 1 else 2", 2),
        ("for i in 3..1 return i * i", [9, 4, 1]),
        ("for i in 1..3, j in [10, 20] return i + j", [11, 21, 12, 22, 13, 23]),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
        ('for d in @"2024-02-28"..@"2024-03-01" return day of week(d)', ["Wednesday", "Thursday", "Friday"]),
        ("for i in [1..4) return i", [1, 2, 3]),
        ("some x in [1, 2, 3] satisfies x > 2", True),
        ("every x in [1, 2, 3] satisfies x > 2", False),
        ("every x in [] satisfies x > 2", True),
        ("5 between 1 and 5", True),
        ("5 in (1, [4..6])", True),
        ("5 in ]5..6]", False),
        ("5 in >= 5", True),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[1, 2, 3][-1]", 3),
        ("[{a: 1}, {a: 2}][a = 2].a", [2]),
        ("{a: 1, b: a + 1}.b", 2),
        ("{first name: 1, total: first name + 1}.total", 2),
        ("(function(x, y) x - y)(y: 1, x: 3)", 2),
        ("{fact: function(n) if n < 2 then 1 else n * fact(n - 1), r: fact(10)}.r", 3628800),
        ("1 /* one */ + 1 // two", 2),
        ("[1..10].end included", True),
        ("(< 5).start", None),
        ('string(@"2024-01-31" + @"P1M")', "2024-02-29"),
        ('string(@"2024-01-01" - @"PT1H")', "2023-12-31"),
        ('string(@"23:00:00" + @"PT2H")', "01:00:00"),
        ('string(@"2024-03-31T01:30:00@Europe/Paris" + @"PT1H")', "2024-03-31T03:30:00@Europe/Paris"),
        ('string(@"2024-01-02" - @"2024-01-01T12:00:00Z")', "PT12H"),
        ('@"2024-01-02" - @"2024-01-01T12:00:00"', None),
        ('@"P1Y" / @"P6M"', 2),
        ('string(@"P1D" * 1.5)', "P1DT12H"),
        ('"\\uD83D" = "\ufffd"', True),
        ('"\\U01F40E" = "🐎"', True),
        ('string length("\\uD83D\\uDC0E")', 1),
        ("[1, 2] instance of list<number>", True),
        ("null instance of Any", False),
        ('{a: "x"} instance of context<a: string>', True),
        ("(function(a: number) a) instance of function<number> -> number", True),
        ('@"P1D" instance of days and time duration', True),
    ],
)
def test_expression_has_its_value(text: str, expected: object) -> None:
    assert json_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true and null", None),
        ("false and null", False),
        ("null or true", True),
        ("null or false", None),
        ("not(null)", None),
        ("true and 1", None),
        ("null = null", True),
        ("1 = null", False),
        ('1 = "1"', None),
        ("null < 1", None),
        ("1 in [null..3]", None),
        ("[3..1]", None),
        ("all([true, null])", None),
        ("any([false, true, null])", True),
        ("1 / 0", None),
        ("null + 1", None),
        ('"a" + 1', None),
    ],
)
def test_null_spreads_by_three_valued_logic(text: str, expected: object) -> None:
    assert value_of(text) is expected


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("申请金额 <= 个人贷款上限", {"申请金额": 300_000, "个人贷款上限": 500_000}, True),
        ('Full Name + "!"', {"Full Name": "Ann"}, "Ann!"),
        ("day-rate * 2", {"day-rate": 3}, 6),
        ("day-rate", {"day": 5, "rate": 3}, 2),
        ("a + b", {"a": 1, "b": 2, "a + b": 40}, 40),
        ("date and time + 1", {"date and time": 1}, 2),
        ("if it rains then 1 else 2", {"it rains": True}, 1),
        ('employees[first name = "Bo"].pay', {"employees": [{"first name": "Bo", "pay": 7}]}, [7]),
        ("企业（法人）.注册资本", {"企业（法人）": {"注册资本": 5}}, 5),
        ("count + 1", {"count": 1}, 2),
        ("count([1, 2]) + count", {"count": 1}, 3),
    ],
)
def test_declared_names_are_read_whole(text: str, context: dict[str, object], expected: object) -> None:
    assert json_of(text, context) == expected


def test_member_names_come_from_types() -> None:
    person = ContextType({"day-rate": NUMBER, "first name": STRING})

    expression = compile_expression("p.day-rate * 2", types={"p": person})

    assert expression.evaluate({"p": {"day-rate": 4}}).value == 8
    assert expression.reads == {"p"}


def test_reads_are_the_free_names() -> None:
    text = "for i in xs return {a: i, b: a + y, f: function(z) z + q}.b + count(ws[item > v])"

    assert compile_expression(text).reads == {"xs", "y", "q", "ws", "v"}


def test_named_types_are_known_to_instance_of() -> None:
    expression = compile_expression("x instance of t Flag", type_names={"t Flag": BOOLEAN})

    assert expression.evaluate({"x": True}).value is True


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", None, True),
        ("5", 5, True),
        ("< 5", 4, True),
        ("< 5, > 10", 7, False),
        ("[1..5), 9", 9, True),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "a", False),
        ('"a", "b"', "b", True),
        ('starts with(?, "办")', "办结", True),
        ("? > 3 and ? < 6", 5, True),
        ("null", None, True),
        ("< 5", None, None),
        ("true", True, True),
        ("false", True, False),
        ("limit", 3, True),
        ("> limit * 2", 7, True),
        ("limits", 8, True),
        ('[date("2024-01-01")..date("2024-12-31")]', "not a date", None),
        ("limit = 3", 99, True),
    ],
)
def test_cell_lets_a_value_pass(tests: str, value: object, expected: object) -> None:
    context = {"limit": 3, "limits": [7, 8]}

    assert compile_unary_tests(tests, names=list(context)).evaluate(value, context).value is expected


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("1 +", 1, 4),
        ("(1", 1, 3),
        ("if true then 1", 1, 15),
        ("a\n  + * 2", 2, 5),
        ('"open', 1, 1),
        ("for i in [1] i", 1, 14),
        ("{a: 1, a: 2}", 1, 8),
        ("1 2", 1, 3),
        ("", 1, 1),
        ("f(a: 1, 2)", 1, 9),
        ("#", 1, 1),
    ],
)
def test_syntax_error_names_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text, names=["a", "f"])

    assert (caught.value.line, caught.value.column) == (line, column)
    assert "expected" in caught.value.message
    assert "应为" in caught.value.message_zh


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nobody", "unknown_name"),
        ("{a: 1}.b", "unknown_member"),
        ("[1][5]", "range"),
        ('1 < "a"', "type"),
        ("1 / 0", "arithmetic"),
        ("abs()", "arguments"),
        ('date("2023-02-29")', "conversion"),
        ('matches("a", "(")', "pattern"),
        ("3(1)", "type"),
        ("now()", "clock"),
    ],
)
def test_diagnostic_says_why_and_where(text: str, code: str) -> None:
    evaluation = compile_expression(text).evaluate({})

    assert evaluation.value is None
    assert [found.code for found in evaluation.diagnostics] == [code]
    assert evaluation.diagnostics[0].line == 1
    assert evaluation.diagnostics[0].message_zh


def test_missing_branch_is_not_reported() -> None:
    assert codes_of("if true then 1 else 1 / 0") == []
