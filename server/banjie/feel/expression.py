"""Compiled expressions and unary tests: the public face of the language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from banjie.feel import ast
from banjie.feel.compiler import compile_node, compile_tests
from banjie.feel.diagnostics import Diagnostic
from banjie.feel.limits import Limits
from banjie.feel.names import names_read
from banjie.feel.parser import parse_expression, parse_unary_tests
from banjie.feel.scope import Run, Scope
from banjie.feel.types import FeelType
from banjie.feel.values import from_python


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """A FEEL value and why it may be null. `value` is a FEEL value: see `values.to_python` and `to_json`."""

    value: object
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """An expression, parsed and compiled once; safe to share between threads.

    reads: the free names it reads (built-in functions left out unless the caller named them).
    run: the closure for use inside the package; takes a Scope, returns a FEEL value.
    """

    text: str
    node: ast.Node
    reads: frozenset[str]
    run: Callable[[Scope], object] = field(repr=False)

    def evaluate(
        self,
        context: Mapping[str, object],
        *,
        functions: Mapping[str, object] | None = None,
        limits: Limits | None = None,
        now: datetime | None = None,
    ) -> Evaluation:
        """The value in a context of Python values. Never raises: what fails is null plus diagnostics.

        functions: host functions by name (`host.host_function`), found after the context's own names.
        now: what `now()` and `today()` tell, an aware datetime; null plus a diagnostic for them when not given.
        """
        run = Run(limits=limits, now=now, functions=functions)
        value = run.guard(self.run, scope_of(self.reads, context, run))
        return Evaluation(value=value, diagnostics=tuple(run.diagnostics))


@dataclass(frozen=True, kw_only=True, slots=True)
class UnaryTests:
    """The content of one input cell, compiled once.

    reads: free names, without `?`.
    run: `run(value, scope)` → True, False, or None where a test is null; `-` is always True.
    """

    text: str
    node: ast.Tests
    reads: frozenset[str]
    run: Callable[[object, Scope], bool | None] = field(repr=False)

    def evaluate(
        self,
        value: object,
        context: Mapping[str, object] | None = None,
        *,
        functions: Mapping[str, object] | None = None,
        limits: Limits | None = None,
        now: datetime | None = None,
    ) -> Evaluation:
        """Whether the Python value `value` passes; never raises."""
        run = Run(limits=limits, now=now, functions=functions)
        tested = from_python(value)
        result = run.guard(lambda scope: self.run(tested, scope), scope_of(self.reads, context or {}, run))
        return Evaluation(value=result, diagnostics=tuple(run.diagnostics))


def compile_expression(
    text: str,
    *,
    names: Collection[str] = (),
    types: Mapping[str, FeelType] | None = None,
    type_names: Mapping[str, FeelType] | None = None,
) -> Expression:
    """Parse and compile. Raises FeelSyntaxError, which carries line, column and what was expected."""
    node = parse_expression(text, names=names, types=types, type_names=type_names or ())
    return Expression(
        text=text,
        node=node,
        reads=names_read(node, declared=names),
        run=compile_node(node, text, type_names or {}, names),
    )


def compile_unary_tests(
    text: str,
    *,
    names: Collection[str] = (),
    types: Mapping[str, FeelType] | None = None,
    type_names: Mapping[str, FeelType] | None = None,
) -> UnaryTests:
    """Parse and compile the content of an input cell: `-`, `<5, [7..9]`, `not("a","b")`, `contains(?, "x")`."""
    node = parse_unary_tests(text, names=names, types=types, type_names=type_names or ())
    return UnaryTests(
        text=text,
        node=node,
        reads=names_read(node, declared=names) - {"?"},
        run=compile_tests(node, text, type_names or {}, names),
    )


def scope_of(reads: frozenset[str], context: Mapping[str, object], run: Run) -> Scope:
    """The outermost scope of an evaluation; only what is read is converted."""
    return Scope({name: from_python(context[name]) for name in reads if name in context}, run)
