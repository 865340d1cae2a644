"""Expressions that would take for ever or fill the memory end early, as null with a diagnostic."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import process_time

import pytest

from banjie.feel import FeelSyntaxError, Limits, Run, Scope, compile_expression
from banjie.feel.limits import DEFAULT_LIMITS
from banjie.feel.values import to_json

_MEASURED = """
import json, resource, sys
from time import process_time
from banjie.feel import compile_expression
compile_expression('matches("a", "A", "i")').evaluate({})
expression = compile_expression(json.loads(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = process_time()
evaluation = expression.evaluate({})
print(json.dumps({
    "seconds": process_time() - start,
    "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    "null": evaluation.value is None,
    "codes": [found.code for found in evaluation.diagnostics],
}))
"""

_TWICE = "f: function(x) {a: x, b: x}, g: function(x, n) if n = 0 then x else g(f(x), n - 1)"
_MEMBERS = "f: function(x) {a: [x, x]}, g: function(x, n) if n = 0 then x else g(f(x), n - 1)"
_PAIRS = "f: function(x) [x, x], g: function(x, n) if n = 0 then x else g(f(x), n - 1)"

BOMBS = {
    "long loop": "for i in 1..1000000000 return i",
    "loop in loop": "for i in 1..100000 return for j in 1..100000 return i",
    "cross product": "count(for i in 1..100000, j in 1..100000 return i)",
    "long search": "some x in 1..1000000000 satisfies x < 0",
    "loop over dates": 'for d in @"0001-01-01"..@"999999999-12-31" return d',
    "partial results": "for i in 1..100000 return partial",
    "endless recursion": "{f: function(n) f(n + 1), x: f(1)}.x",
    "self application": "(function(f) f(f))(function(f) f(f))",
    "doubling text": '{d: function(s, n) if n = 0 then s else d(s + s, n - 1), x: d("0123456789", 60)}.x',
    "doubling list": "{d: function(l, n) if n = 0 then l else d(concatenate(l, l), n - 1), x: count(d([1], 60))}.x",
    "branching recursion": "{g: function(n) if n = 0 then [] else append(g(n - 1), g(n - 1)), x: g(60)}.x",
    "joined text": (
        "string join(for i in 1..9000 return string join(for j in 1..9000 return "
        '"0123456789012345678901234567890123456789"))'
    ),
    "text of shared parts": "{" + _TWICE + ", x: string(g(1, 60))}.x",
    "result of shared parts": "{" + _TWICE + ", x: g(1, 60)}.x",
    "flattened pairs": "{" + _PAIRS + ", x: flatten(g(1, 60))}.x",
    "path through pairs": "{" + _MEMBERS + ", x: g(1, 40)" + ".a" * 40 + "}.x",
    "quadratic distinct": "distinct values(for i in 1..20000 return {a: i})",
    "pattern with memory": 'matches("' + "a" * 60 + '", "(a*)*(a*)*(a*)*\\\\1b")',
    "pattern over long text": 'replace(string join(for i in 1..20000 return "a"), "(a?)(a?)(a?)(a?)b", "x")',
    "replacement grows": 'replace(string join(for i in 1..9000 return "a"), "a", "' + "$0" * 600 + '")',
    "sorting many": "sort(for i in 1..60000 return i, function(a, b) a > b)",
}

REFUSED = {
    "great power": "9 ** 9 ** 9 ** 9 ** 9",
    "great product": "10 ** 6000 * 10 ** 6000",
    "nested counts": 'matches("a", "((a{1000}){1000}){1000}")',
    "great duration": 'duration("P999999999999999999D") * 9E6000',
    "year out of range": '@"2020-01-01" + duration("P999999999999999999Y")',
    "great scale": "decimal(1, 1E6000)",
    "great exponent": "exp(1E10)",
}

HARMLESS = {
    "nested quantifiers": ('matches("' + "a" * 60 + '!", "^(a+)+$")', False),
    "equal alternatives": ('matches("' + "a" * 60 + '!", "^(a|a)*$")', False),
    "optional atoms": ('matches("' + "a" * 30 + '", "^(a?){30}a{30}$")', True),
    "empty repeated": ('matches("a", "(?:(?:(?:){4000}){4000}){4000}")', True),
    "shared parts compared": ("{" + _TWICE + ", x: g(1, 60) = g(1, 60)}.x", True),
    "type of shared parts": (
        "{" + _PAIRS + ", x: g(1, 50) instance of " + "list<" * 50 + "number" + ">" * 50 + "}.x",
        True,
    ),
    "long sum": ("1" + " + 1" * 20_000, 20_001),
    "loop of a thousand": ("count(for i in 1..1000 return i * i)", 1000),
}

SOURCES = {
    "brackets": "(" * 100_000 + "1" + ")" * 100_000,
    "brackets within length": "(" * 49_000 + "1" + ")" * 49_000,
    "lists": "[" * 90_000,
    "negations": "-" * 90_000 + "1",
    "conditions": "if " * 30_000,
    "calls": "f" + "()" * 45_000,
    "paths": "a" + ".b" * 45_000,
    "filters": "a" + "[1]" * 30_000,
    "nested filters": "a[" * 45_000,
    "functions": "function(a) " * 8_000 + "1",
    "tests in tests": "1 in (" * 15_000,
    "ranges": "]1.." * 20_000,
    "contexts": "{a: " * 20_000,
    "types": "1 instance of " + "list<" * 19_000,
    "comment": "/*" * 40_000,
    "great number": "1E999999",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bomb_ends_as_null_with_a_limit(bomb: str) -> None:
    evaluation = compile_expression(bomb).evaluate({})

    assert evaluation.value is None
    assert [found.code for found in evaluation.diagnostics][-1] == "limit"


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_result_out_of_range_is_null_with_a_reason(text: str) -> None:
    evaluation = compile_expression(text).evaluate({})

    assert evaluation.value is None
    assert len(evaluation.diagnostics) >= 1


@pytest.mark.parametrize(("text", "expected"), HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_dangerous_has_its_value(text: str, expected: object) -> None:
    assert to_json(compile_expression(text).evaluate({}).value) == expected


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_source_too_deep_or_long_is_refused_at_once(source: str) -> None:
    start = process_time()

    with pytest.raises(FeelSyntaxError):
        compile_expression(source)

    assert process_time() - start < 0.5


@pytest.mark.parametrize("bomb", [*BOMBS.values(), *REFUSED.values()], ids=[*BOMBS, *REFUSED])
def test_bomb_costs_a_fifth_of_a_second_and_fifty_megabytes_at_most(bomb: str) -> None:
    """In a process of its own; processor time, doubled because the machine may be slow, and growth of memory."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, json.dumps(bomb)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    measured = json.loads(done.stdout)

    assert measured["null"]
    assert measured["codes"]
    assert measured["seconds"] < 0.4
    assert measured["megabytes"] < 50


def test_limits_are_given_by_evaluation() -> None:
    expression = compile_expression("count(for i in 1..500 return i)")

    assert expression.evaluate({}, limits=Limits(steps=100)).value is None
    assert expression.evaluate({}, limits=Limits(steps=2000)).value == 500


def test_processor_time_is_a_limit_of_its_own() -> None:
    expression = compile_expression("for i in 1..100000000 return i")

    evaluation = expression.evaluate({}, limits=Limits(steps=10**9, seconds=0.01))

    assert evaluation.value is None
    assert "seconds" in evaluation.diagnostics[-1].message


def test_steps_are_the_same_every_time() -> None:
    expression = compile_expression("sort([3, 1, 2], function(x, y) x < y)[item > 1]")
    left = set()
    for _ in range(3):
        run = Run()
        run.guard(expression.run, Scope({}, run))
        left.add(run.steps)

    assert len(left) == 1
    assert left.pop() < DEFAULT_LIMITS.steps


def test_one_expression_serves_many_threads() -> None:
    expression = compile_expression("sum(for i in 1..n return i * i) + string length(string(now()))")
    now = datetime(2024, 1, 1, tzinfo=UTC)
    wrong: list[object] = []

    def work(size: int) -> None:
        for _ in range(50):
            found = expression.evaluate({"n": size}, now=now).value
            if found != sum(i * i for i in range(1, size + 1)) + 20:
                wrong.append(found)

    _together([partial(work, size) for size in range(10, 18)])

    assert wrong == []


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
