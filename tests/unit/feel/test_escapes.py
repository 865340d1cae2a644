"""Attempts to reach the host from an expression: null, a plain value or a syntax error, and nothing touched."""

from __future__ import annotations

import sys

import pytest

from banjie.feel import Evaluation, FeelSyntaxError, compile_expression
from banjie.feel.host import host_function
from banjie.feel.values import from_python

_SUBJECTS = (
    '"text"',
    "1",
    "true",
    "[1]",
    "{a: 1}",
    '@"2024-01-01"',
    '@"10:00:00"',
    '@"P1D"',
    '@"P1M"',
    "[1..2]",
    "abs",
    "null",
    "(function(x) x)",
    "secret",
    "tool",
)
_MEMBERS = (
    "__class__",
    "__class__.__mro__",
    "__class__.__base__.__subclasses__",
    "__dict__",
    "__globals__",
    "__init__.__globals__",
    "body",
    "numbers",
    "values",
    "parent",
    "run",
    "call",
    "body.__globals__",
    "func_globals",
    "gi_frame",
    "number",
)
_WALKS = [f"{subject}.{member}" for subject in _SUBJECTS for member in _MEMBERS[:8]]
_SIGNATURE = "format(java.lang.String, [Ljava.lang.Object;)"
_FORMAT = f'external {{java: {{class: "java.lang.String", method signature: "{_SIGNATURE}"}}}}'
_CALLS = [
    '__import__("os")',
    '__import__("os").system("touch escaped")',
    'eval("1+1")',
    'exec("import os")',
    'open("/etc/passwd")',
    'open("escaped", "w")',
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    'compile("1", "", "eval")',
    "input()",
    "breakpoint()",
    "exit()",
    "quit()",
    "help()",
    'getattr("a", "__class__")',
    'setattr(secret, "a", 1)',
    "type(1)",
    "object()",
    "super()",
    'system("touch escaped")',
    'os.system("touch escaped")',
    'subprocess.run("touch escaped")',
    "sys.exit(1)",
    "import os",
    'importlib.import_module("os")',
    'builtins.open("escaped")',
    '"{0.__class__}".format(1)',
    'string("{0.__class__}")',
    '"%s" % 1',
    '"a".upper()',
    "[].append(1)",
    "{}.keys()",
    "secret.__getattribute__",
    "lambda: 1",
    'f"{1}"',
    "`id`",
    "$(id)",
    "${7*7}",
    "{{7*7}}",
    "1; 2",
    "a = 1; a",
    "(x := 1)",
    "print(1)",
    "tool.__code__",
    "tool.body(1)",
    "tool.__call__",
    'date("2024-01-01@../../etc/passwd")',
    'time("10:00:00@../../../etc/passwd")',
    'time("10:00:00@/etc/passwd")',
    '@"2024-01-01T10:00:00@../zoneinfo/Etc/UTC"',
    'date and time(@"2024-01-01T10:00:00", "../../etc/passwd")',
    'time("10:00:00@localtime\\u0000")',
    'matches("a", "(?{system(1)})")',
    'matches("a", "(?P<x>a)(?(x)b)")',
    'replace("a", "a", "${__class__}")',
    'replace("a", "a", "\\\\g<0>")',
    'split("a", "(?i:a)")',
    '(function() external {java: {class: "java.lang.Runtime", method signature: "getRuntime()"}})()',
    '(function(c) external {java: {class: "java.lang.Runtime", method signature: "exec(java.lang.String)"}})("touch")',
    '(function(c) external {java: {class: "java.lang.System", method signature: "getenv(java.lang.String)"}})("HOME")',
    '(function(c) external {java: {class: "java.lang.Math", method signature: "__class__(double)"}})(1)',
    '(function(c) external {java: {class: "os", method signature: "system(java.lang.String)"}})("touch escaped")',
    f'(function(a, b) {_FORMAT})("%1$s{{0.__class__}}", tool)',
    '(function() external {pmml: {document: "/etc/passwd", model: "x"}})()',
    'get value(secret, "__class__")',
    'get value(tool, "body")',
    "get entries(tool)",
    'context put(tool, "body", 1)',
    "context merge([tool, {a: 1}])",
    "tool[1].body",
    "[tool].body",
    "tool instance of __class__",
    "secret[__class__ = 1]",
    "for x in tool return x.body",
    "sort([tool, tool], tool)",
    "some x in [tool] satisfies x.body",
    "string(tool).__class__",
]
ATTEMPTS = _WALKS + _CALLS


class _Secret:
    """An object of the host that has no business in an expression."""

    password = "hunter2"

    def __getattr__(self, name: str) -> object:
        raise AssertionError(name)


class _Watch:
    """What the interpreter reports of the host's use while the watch is on; audit hooks cannot be taken away again."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event != "builtins.id" and event.split(".", maxsplit=1)[0] in _GUARDED:
            self.events.append(f"{event} {arguments}")


_GUARDED = {
    "open",
    "import",
    "exec",
    "compile",
    "os",
    "subprocess",
    "socket",
    "ctypes",
    "shutil",
    "builtins",
    "pickle",
}
_WATCH = _Watch()


@pytest.fixture
def watch() -> _Watch:
    """The watch, still off; what the language loads lazily is loaded before it goes on."""
    for warm in (
        'matches("a", "A", "i")',
        '@"2024-01-01T10:00:00@Etc/UTC" = @"2024-01-01T10:00:00@Europe/Paris"',
    ):
        compile_expression(warm).evaluate({})
    _WATCH.events.clear()
    return _WATCH


def test_there_are_enough_attempts() -> None:
    assert len(set(ATTEMPTS)) >= 150


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_attempt_reaches_nothing(attempt: str, watch: _Watch) -> None:
    tool = host_function("tool", ["x"], lambda x: x)
    context = {"secret": _Secret(), "tool": tool}
    watch.on = True
    try:
        evaluation = compile_expression(attempt, names=list(context)).evaluate(context)
    except FeelSyntaxError:
        evaluation = Evaluation(value=None, diagnostics=())
    finally:
        watch.on = False

    assert watch.events == []
    assert "hunter2" not in str(evaluation.value)
    assert "0x" not in str(evaluation.value)
    assert evaluation.value is None or _is_plain(evaluation.value)


def _is_plain(value: object) -> bool:
    """Whether a value is one that FEEL has, made of nothing else."""
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return value is None or from_python(value) is value or from_python(value) == value


@pytest.mark.parametrize("attempt", _WALKS)
def test_walk_along_attributes_is_null_with_a_reason(attempt: str) -> None:
    evaluation = compile_expression(attempt, names=["secret", "tool"]).evaluate(
        {"secret": _Secret(), "tool": host_function("tool", ["x"], lambda x: x)}
    )

    assert evaluation.value in (None, [None])
    assert evaluation.diagnostics or evaluation.value == [None]
