"""Paths, filters, `for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from banjie.feel import ast
from banjie.feel.closures import Closure, Place
from banjie.feel.names import reads
from banjie.feel.properties import ABSENT, property_of
from banjie.feel.scope import Scope
from banjie.feel.values import Date, Range

if TYPE_CHECKING:
    from banjie.feel.compiler import Compiler
    from banjie.feel.scope import Run

_LOGICAL = (
    ast.And,
    ast.Or,
    ast.Compare,
    ast.Between,
    ast.In,
    ast.Quantified,
    ast.InstanceOf,
    ast.Boolean,
)
_DEEPEST = 60


def compile_path(compiler: Compiler, node: ast.Path) -> Closure:
    base, member, place = compiler.compile(node.base), node.member, compiler.place(node)

    def run(scope: Scope) -> object:
        value = base(scope)
        if type(value) is dict and member in value:
            return value[member]
        return _member(value, member, place, scope.run, 0)

    return run


def _member(value: object, member: str, place: Place, run: Run, depth: int) -> object:
    if isinstance(value, dict):
        if member in value:
            return value[member]
        if depth:
            return None
        return place.report(
            run, "unknown_member", f"the context has no '{member}'", f"上下文中没有“{member}”"
        )
    if isinstance(value, list) and depth < _DEEPEST:
        run.spend(len(value))
        return [_member(item, member, place, run, depth + 1) for item in value]
    if value is None:
        return None if depth else place.report(run, "null", f"null has no '{member}'", f"空值没有“{member}”")
    found = property_of(value, member)
    if found is ABSENT:
        return place.report(run, "unknown_member", f"the value has no '{member}'", f"该值没有“{member}”")
    return found


def compile_filter(compiler: Compiler, node: ast.Filter) -> Closure:
    base, place = compiler.compile(node.base), compiler.place(node)
    condition = compiler.compile(node.condition)
    needs_item = reads(node.condition, "item")
    if isinstance(node.condition, _LOGICAL):
        choose = _selection(condition, needs_item=needs_item)
    elif isinstance(node.condition, ast.Number) or (
        isinstance(node.condition, ast.Negate) and isinstance(node.condition.operand, ast.Number)
    ):
        choose = _indexing(condition, place)
    else:
        choose = _indexing_or_selection(condition, place, needs_item=needs_item)

    def run(scope: Scope) -> object:
        value = base(scope)
        return choose(value if isinstance(value, list) else ([] if value is None else [value]), scope)

    return run


def _item_scope(item: object, scope: Scope, *, needs_item: bool) -> Scope:
    """The members of the item when it is a context, then `item`, then the scope around."""
    if isinstance(item, dict):
        outer = Scope({"item": item}, scope.run, scope) if needs_item else scope
        return Scope(item, scope.run, outer)
    return Scope({"item": item}, scope.run, scope)


def _selection(condition: Closure, *, needs_item: bool) -> Callable[[list[object], Scope], object]:
    def choose(items: list[object], scope: Scope) -> object:
        spend = scope.run.spend
        chosen = []
        for item in items:
            spend()
            if condition(_item_scope(item, scope, needs_item=needs_item)) is True:
                chosen.append(item)
        return chosen

    return choose


def _indexing(condition: Closure, place: Place) -> Callable[[list[object], Scope], object]:
    return lambda items, scope: _at(items, condition(scope), place, scope.run)


def _indexing_or_selection(
    condition: Closure, place: Place, *, needs_item: bool
) -> Callable[[list[object], Scope], object]:
    """A condition whose kind shows only in its value: a number is a position, anything else a test."""
    select = _selection(condition, needs_item=needs_item)

    def choose(items: list[object], scope: Scope) -> object:
        first = _item_scope(items[0], scope, needs_item=needs_item) if items else scope
        silent = len(scope.run.diagnostics)
        value = condition(first)
        if type(value) is Decimal:
            return _at(items, value, place, scope.run)
        del scope.run.diagnostics[silent:]
        return select(items, scope)

    return choose


def _at(items: list[object], position: object, place: Place, run: Run) -> object:
    if type(position) is Decimal and position == position.to_integral_value() and abs(position) <= len(items):
        index = int(position)
        if index:
            return items[index - 1 if index > 0 else index]
    return place.report(run, "range", f"there is no position {position}", f"位置{position}不存在")


def compile_for(compiler: Compiler, node: ast.For) -> Closure:
    names = [iterator.name for iterator in node.iterators]
    inside = compiler.hiding([*names, "partial"])
    sources = [_source(inside, iterator) for iterator in node.iterators]
    body = inside.compile(node.body)
    partial = any(reads(part, "partial") for part in (node.body, *(one.source for one in node.iterators)))

    def run(scope: Scope) -> object:
        results: list[object] = []
        start = Scope({"partial": []}, scope.run, scope) if partial else scope
        for inner in _scopes(names, sources, start, 0):
            if inner is None:
                return None
            if partial:
                scope.run.spend(len(results))
            results.append(body(Scope({"partial": list(results)}, scope.run, inner) if partial else inner))
        return results

    return run


def compile_quantified(compiler: Compiler, node: ast.Quantified) -> Closure:
    names = [iterator.name for iterator in node.iterators]
    inside = compiler.hiding(names)
    sources = [_source(inside, iterator) for iterator in node.iterators]
    condition = inside.compile(node.condition)
    decisive = not node.every

    def run(scope: Scope) -> object:
        result: bool | None = not decisive
        for inner in _scopes(names, sources, scope, 0):
            if inner is None:
                return None
            value = condition(inner)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                result = None
        return result

    return run


Source = Callable[[Scope], "Iterable[object] | None"]


def _scopes(names: list[str], sources: list[Source], scope: Scope, level: int) -> Iterator[Scope | None]:
    """A scope for each combination of items, the last variable turning fastest; None when a source is none."""
    items = sources[level](scope)
    if items is None:
        yield None
        return
    spend, name = scope.run.spend, names[level]
    last = level == len(names) - 1
    for item in items:
        spend()
        inner = Scope({name: item}, scope.run, scope)
        if last:
            yield inner
        else:
            yield from _scopes(names, sources, inner, level + 1)


def _source(compiler: Compiler, iterator: ast.Iterator) -> Source:
    value, place = compiler.compile(iterator.source), compiler.place(iterator)
    if iterator.end is not None:
        end = compiler.compile(iterator.end)
        return lambda scope: _counted(value(scope), end(scope), place, scope.run)

    def items(scope: Scope) -> Iterable[object] | None:
        found = value(scope)
        if isinstance(found, list):
            return found
        if isinstance(found, Range):
            return _within(found, place, scope.run)
        if found is None:
            return place.report(scope.run, "null", "null cannot be iterated over", "空值不可迭代")
        return [found]

    return items


def _within(bounds: Range, place: Place, run: Run) -> Iterable[object] | None:
    """The whole numbers or days of a range, ascending, without an end that is excluded."""
    found = _counted(bounds.start, bounds.end, place, run)
    if found is None or (bounds.start_included and bounds.end_included):
        return found
    ends = ((bounds.start, bounds.start_included), (bounds.end, bounds.end_included))
    left_out = [end for end, included in ends if not included]
    return (item for item in found if item not in left_out)


def _counted(start: object, end: object, place: Place, run: Run) -> Iterable[object] | None:
    """From one whole number or day to another, both included, downwards when the second is less."""
    if type(start) is Decimal and type(end) is Decimal:
        if start == start.to_integral_value() and end == end.to_integral_value():
            return map(Decimal, _steps(int(start), int(end)))
    elif isinstance(start, Date) and isinstance(end, Date):
        return map(Date.of_number, _steps(start.number, end.number))
    return place.report(
        run,
        "type",
        "only whole numbers and dates can be iterated over from one to another",
        "只能在整数或日期之间迭代",
    )


def _steps(start: int, end: int) -> range:
    return range(start, end + 1) if start <= end else range(start, end - 1, -1)
