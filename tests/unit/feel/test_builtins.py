"""Functions of the language: each is there, and the examples of the specification hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from banjie.feel import compile_expression
from banjie.feel.builtins import BUILT_INS
from banjie.feel.values import to_json
from unit.feel.language import json_of


def test_every_catalogued_function_is_implemented() -> None:
    missing = [name for name, one in BUILT_INS.items() if not all(v.implementation for v in one.variants)]

    assert missing == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring("\\U01F40Eab", 2)', "ab"),
        ('substring("foobar", 7)', None),
        ('substring before("foobar", "xyz")', ""),
        ('substring after("foobar", "ob")', "ar"),
        ('substring after("foobar", "")', "foobar"),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('replace("abracadabra", ".*?", "$1")', None),
        ('split("John Doe", "\\\\s")', ["John", "Doe"]),
        ('split("a;b;c;;", ";")', ["a", "b", "c", "", ""]),
        ('string join(["a", null, "c"], "-")', "a-c"),
        ('string join(["a", 1])', None),
        ('contains("foobar", "of")', False),
        ("string(1.50)", "1.50"),
        ("string(1e3)", "1000"),
        ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
        ('string(@"2024-02-29")', "2024-02-29"),
        ('number("1 000,5", " ", ",")', 1000.5),
        ('number("1,0", null, ".")', None),
        ('number("abc")', None),
        ("min([3, 1, 2])", 1),
        ("max(1, 2, 3)", 3),
        ('max(["b", "a"])', "b"),
        ("min([])", None),
        ("sum([])", None),
        ("sum(1, 2)", 3),
        ("mean([1, 2, 3, 4])", 2.5),
        ("median([8, 2, 5, 3, 4])", 4),
        ("mode([6, 1, 9, 6, 1])", [1, 6]),
        ("mode([])", []),
        ("stddev([2, 4, 7, 5]) = sqrt(13 / 3)", True),
        ("stddev([1])", None),
        ("product([2, 3, 4])", 24),
        ("count([])", 0),
        ("count(null)", None),
        ("all([])", True),
        ("any([])", False),
        ("sublist([4, 5, 6], 1, 2)", [4, 5]),
        ("sublist([4, 5, 6], -2)", [5, 6]),
        ("sublist([4, 5, 6], 4)", None),
        ("append([1], 2, 3)", [1, 2, 3]),
        ("concatenate([1, 2], [3])", [1, 2, 3]),
        ("insert before([1, 3], 1, 2)", [2, 1, 3]),
        ("insert before([1, 3], -1, 2)", [1, 2, 3]),
        ("insert before([1, 3], 3, 2)", None),
        ("remove([1, 2, 3], 2)", [1, 3]),
        ("reverse([1, 2, 3])", [3, 2, 1]),
        ("index of([1, 2, 3, 2], 2)", [2, 4]),
        ("index of([1, null], null)", [2]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 2, 3, 2, 1, null, null])", [1, 2, 3, None]),
        ("duplicate values([1, 2, 3, 2, 1])", [2, 1]),
        ("flatten([[1, 2], [[3]], 4])", [1, 2, 3, 4]),
        ("list contains([1, null], null)", True),
        ("list replace([2, 4, 7], 3, 6)", [2, 4, 6]),
        ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", [5, 5, 7, 8]),
        ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
        ("sort([3, 1, 2])", [1, 2, 3]),
        ("decimal(1 / 3, 2)", 0.33),
        ("decimal(2.5, 0)", 2),
        ("floor(-1.5)", -2),
        ("ceiling(1.56, 1)", 1.6),
        ("round up(-5.5, 0)", -6),
        ("round down(5.5, 0)", 5),
        ("round half up(-5.5, 0)", -6),
        ("round half down(5.5, 0)", 5),
        ("round half up(1.125, 2)", 1.13),
        ("abs(-10)", 10),
        ('string(abs(@"-PT5H"))', "PT5H"),
        ("modulo(-12, 5)", 3),
        ("modulo(12, -5)", -3),
        ("modulo(10.1, 4.5)", 1.1),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("decimal(log(10), 8)", 2.30258509),
        ("odd(5)", True),
        ("even(1.5)", False),
        ('is(@"23:00:50Z", @"23:00:50+00:00")', True),
        ('is(@"P0D", @"P0Y")', False),
        ('day of year(@"2019-09-17")', 260),
        ('month of year(@"2019-09-17")', "September"),
        ('week of year(@"2005-01-01")', 53),
        ('get value({a: 1}, "a")', 1),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context([{key: "a", value: 1}, {key: "b", value: 2}])', {"a": 1, "b": 2}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        ('context put({x: 1, y: {a: 0}}, ["y", "a"], 2)', {"x": 1, "y": {"a": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ('string(duration("P26M"))', "P2Y2M"),
        ('string(years and months duration(@"2011-12-22", @"2013-08-24"))', "P1Y8M"),
        ('string(years and months duration(@"2013-08-24", @"2011-12-25"))', "-P1Y7M"),
        ('range("[1..3]") = [1..3]', True),
        ('range("[1..x]")', None),
        ("before(1, [2..3]) and after([5..6], 4) and meets([1..5], [5..10])", True),
        ("overlaps before([1..5], [3..8]) and overlaps after([5..10], [1..6])", True),
        ("during(5, [1..10]) and includes([1..10], [4..6]) and started by([1..10], 1)", True),
        ("coincides([1..5), [1..5])", False),
        ('upper case("aBc4")', "ABC4"),
        ('upper case(["a"])', "A"),
        ("abs(n: -1)", 1),
        ("abs(number: -1)", None),
    ],
)
def test_function_has_its_value(text: str, expected: object) -> None:
    assert json_of(text) == expected


@pytest.mark.parametrize("name", sorted(BUILT_INS))
def test_function_answers_null_to_what_it_does_not_take(name: str) -> None:
    strange = "{odd thing: [[]]}"
    calls = [f"{name}({', '.join([strange] * size)})" for size in range(8)] + [f"{name}(nonsense: 1)"]

    for call in calls:
        compile_expression(call).evaluate({})


def test_now_and_today_tell_the_given_time() -> None:
    now = datetime(2024, 2, 29, 8, 30, tzinfo=UTC)

    told = compile_expression("[now(), today()]").evaluate({}, now=now).value

    assert to_json(told) == ["2024-02-29T08:30:00Z", "2024-02-29"]
