"""Facts that hold for every value: round trips, arithmetic, dates, ranges, conversion at the border."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from banjie.feel import FeelSyntaxError, ast, calendar, compile_expression
from banjie.feel.comparison import equal, make_range, order, within
from banjie.feel.literals import parse_duration, parse_temporal
from banjie.feel.parser import parse_expression, parse_unary_tests
from banjie.feel.unparse import unparse
from banjie.feel.values import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Range,
    Time,
    from_python,
    to_json,
    to_python,
)
from unit.feel.language import value_of

NAMES = ["a", "b", "Full Name", "day-rate", "金额", "item"]
_PLAIN_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def _numbers() -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False)


def _leaves() -> st.SearchStrategy[ast.Node]:
    return st.one_of(
        st.builds(ast.Number, value=st.decimals(min_value=0, max_value=10**9, places=2)),
        st.builds(ast.Text, value=_PLAIN_TEXT),
        st.builds(ast.Boolean, value=st.booleans()),
        st.just(ast.Null()),
        st.just(ast.AtLiteral(text="2024-02-29")),
        st.builds(ast.Name, name=st.sampled_from(NAMES)),
    )


_TYPES = st.sampled_from(
    [
        ast.TypeRef(name="number"),
        ast.TypeRef(name="date and time"),
        ast.TypeRef(name="list", parts=(("", ast.TypeRef(name="string")),)),
        ast.TypeRef(name="context", parts=(("a", ast.TypeRef(name="Any")), ("b", ast.TypeRef(name="date")))),
        ast.TypeRef(name="function", parts=(("", ast.TypeRef(name="time")),), result=ast.TypeRef(name="Any")),
    ]
)


def _nodes(inner: st.SearchStrategy[ast.Node]) -> st.SearchStrategy[ast.Node]:
    def chain(operators: str) -> st.SearchStrategy[ast.Node]:
        step = st.tuples(st.sampled_from(operators.split()), inner)
        rest = st.lists(step, min_size=1, max_size=3).map(tuple)
        return st.builds(ast.Chain, first=inner.filter(_not_chain_of(operators)), rest=rest)

    several = st.lists(inner, min_size=2, max_size=3)
    operators = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    comparison = st.builds(ast.Comparison, operator=operators, operand=inner)
    variables = st.sampled_from(["x", "y"])
    iterator = st.builds(ast.Iterator, name=variables, source=inner, end=st.none() | inner).map(
        lambda one: (one,)
    )
    key = st.sampled_from(["k", "first name", "a+b", "{", "if"])
    return st.one_of(
        chain("+ -"),
        chain("* /"),
        chain("**"),
        st.builds(ast.Negate, operand=inner.filter(lambda node: not isinstance(node, ast.Negate))),
        st.builds(ast.And, operands=several.map(lambda found: _flat(found, ast.And))),
        st.builds(ast.Or, operands=several.map(lambda found: _flat(found, ast.Or))),
        st.builds(ast.Compare, operator=operators, left=inner, right=inner),
        st.builds(ast.Between, value=inner, low=inner, high=inner),
        st.builds(ast.In, value=inner, tests=st.lists(inner | comparison, min_size=1, max_size=3).map(tuple)),
        st.builds(ast.InstanceOf, value=inner, type=_TYPES),
        st.builds(ast.If, condition=inner, then=inner, otherwise=inner),
        st.builds(ast.For, iterators=iterator, body=inner),
        st.builds(ast.Quantified, every=st.booleans(), iterators=iterator, condition=inner),
        st.builds(
            ast.FunctionDefinition,
            parameters=st.lists(
                st.builds(ast.Parameter, name=variables, type=st.none() | _TYPES), max_size=1
            ).map(tuple),
            body=inner,
        ),
        st.builds(ast.Path, base=inner, member=st.sampled_from(["year", "time offset", "名称"])),
        st.builds(ast.Filter, base=inner, condition=inner),
        st.builds(ast.Call, function=inner, arguments=st.lists(inner, max_size=2).map(tuple)),
        st.builds(
            ast.NamedCall, function=inner, arguments=st.tuples(st.tuples(st.just("start position"), inner))
        ),
        st.builds(ast.ListLiteral, items=st.lists(inner | comparison, max_size=3).map(tuple)),
        st.builds(ast.ContextLiteral, entries=st.tuples(st.tuples(key, inner))),
        st.builds(
            ast.RangeLiteral, start=inner, end=inner, start_included=st.booleans(), end_included=st.booleans()
        ),
    )


def _not_chain_of(operators: str) -> Callable[[ast.Node], bool]:
    return lambda node: not (isinstance(node, ast.Chain) and node.rest[0][0] in operators.split())


def _flat(operands: list[ast.Node], kind: type[ast.Node]) -> tuple[ast.Node, ...]:
    """Operands of which the first is not of the same kind, as the parser would have them."""
    return tuple(ast.Negate(operand=one) if isinstance(one, kind) else one for one in operands)


EXPRESSIONS = st.recursive(_leaves(), _nodes, max_leaves=12)


@given(EXPRESSIONS)
def test_text_of_a_tree_parses_to_the_tree(node: ast.Node) -> None:
    assert parse_expression(unparse(node), names=NAMES) == node


@given(EXPRESSIONS)
def test_every_tree_evaluates_without_raising(node: ast.Node) -> None:
    context = {
        "a": 1,
        "b": [1, {"k": "x"}],
        "Full Name": "办",
        "day-rate": None,
        "金额": Decimal("1.5"),
        "item": {},
    }

    evaluation = compile_expression(unparse(node), names=NAMES).evaluate(context)

    to_json(evaluation.value)
    assert all(found.message and found.message_zh for found in evaluation.diagnostics)


@given(st.lists(_leaves(), min_size=1, max_size=3), st.booleans())
def test_text_of_tests_parses_to_the_tests(tests: list[ast.Node], negated: bool) -> None:
    node = ast.Tests(tests=tuple(tests), negated=negated)

    assert parse_unary_tests(unparse(node), names=NAMES) == node


@given(st.text(max_size=40))
def test_any_text_parses_or_names_its_error(text: str) -> None:
    try:
        expression = compile_expression(text)
    except FeelSyntaxError as error:
        place = (error.line, error.column)
    else:
        expression.evaluate({})
        place = (1, 1)

    assert place >= (1, 1)


@given(_numbers(), _numbers(), st.sampled_from("+-*/"))
def test_arithmetic_is_that_of_decimal(left: Decimal, right: Decimal, operator: str) -> None:
    exact = Context(prec=34, rounding=ROUND_HALF_EVEN)
    by_hand = {"+": exact.add, "-": exact.subtract, "*": exact.multiply, "/": exact.divide}[operator]

    found = value_of(f"l {operator} r", {"l": left, "r": right})

    assert found == (None if operator == "/" and not right else by_hand(left, right))


@given(_numbers(), _numbers().filter(bool))
def test_modulo_is_what_floor_division_leaves(dividend: Decimal, divisor: Decimal) -> None:
    exact = Context(prec=60)
    quotient = exact.divide(dividend, divisor).to_integral_value(rounding=ROUND_FLOOR, context=exact)

    assert value_of("modulo(l, r)", {"l": dividend, "r": divisor}) == dividend - divisor * quotient


@given(st.integers(-999_999_999, 999_999_999), st.integers(1, 12), st.integers(1, 28))
def test_day_numbers_go_there_and_back(year: int, month: int, day: int) -> None:
    assert calendar.civil(calendar.day_number(year, month, day)) == (year, month, day)


@given(st.dates())
def test_days_are_those_of_datetime(day: date) -> None:
    found = from_python(day)

    assert isinstance(found, Date)
    assert (found.number, found.weekday) == (day.toordinal(), day.isoweekday())
    assert calendar.week_of_year(found.number) == day.isocalendar().week
    assert str(found) == day.isoformat()
    assert to_python(found) == day


@given(st.dates(), st.integers(-1_000_000, 1_000_000))
def test_date_plus_days_is_that_of_datetime(day: date, days: int) -> None:
    text = f'd + duration("{"-" if days < 0 else ""}P{abs(days)}D")'
    try:
        expected: object = day + timedelta(days=days)
    except OverflowError:
        return

    assert to_python(value_of(text, {"d": day})) == expected


@given(st.datetimes(), st.datetimes())
def test_local_times_differ_as_in_datetime(one: datetime, other: datetime) -> None:
    assert to_python(value_of("a - b", {"a": one, "b": other})) == one - other


_ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/Paris", "America/New_York", "Etc/UTC", "Australia/Melbourne"]
)


@given(
    st.integers(-600_000_000, 2_100_000_000).map(
        lambda at: datetime.fromtimestamp(at, tz=UTC).replace(tzinfo=None)
    ),
    _ZONES,
    _ZONES,
)
def test_instants_are_compared_as_in_datetime(at: datetime, zone: str, other_zone: str) -> None:
    one, other = at.replace(tzinfo=ZoneInfo(zone)), at.replace(tzinfo=ZoneInfo(other_zone))
    by_hand = (one.timestamp() > other.timestamp()) - (one.timestamp() < other.timestamp())

    assert order(from_python(one), from_python(other)) == by_hand


@given(st.datetimes(timezones=st.none() | st.timezones().filter(lambda zone: "/" in str(zone))))
def test_date_times_keep_their_text(at: datetime) -> None:
    found = from_python(at)

    assert isinstance(found, DateTime)
    assert parse_temporal(str(found)) == found


@given(st.integers(-(10**24), 10**24))
def test_durations_keep_their_text(nanos: int) -> None:
    assert parse_duration(str(DaysDuration(nanos))) == DaysDuration(nanos)
    assert parse_duration(str(MonthsDuration(nanos // 10**12))) == MonthsDuration(nanos // 10**12)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(-(10**15), 10**15))
def test_time_of_day_turns_round_the_clock(hour: int, minute: int, second: int, nanos: int) -> None:
    start = Time(hour, minute, second)

    assert start.moved(nanos).moved(-nanos) == start


_BOUNDS = st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.booleans()).filter(
    lambda found: found[0] < found[1] or (found[0] == found[1] and found[2] and found[3])
)


def _range(found: tuple[int, int, bool, bool]) -> Range:
    made = make_range(Decimal(found[0]), Decimal(found[1]), start_included=found[2], end_included=found[3])
    assert made is not None
    return made


_POINTS = [Decimal(step) / 4 for step in range(-2, 30)]


def _held(bounds: Range) -> set[Decimal]:
    """The quarters that a range holds; ranges of whole ends that differ differ in these."""
    return {point for point in _POINTS if within(point, bounds)}


def _told(name: str, one: object, other: object) -> object:
    return value_of(f"{name}(x, y)", {"x": one, "y": other})


@given(_BOUNDS, _BOUNDS)
def test_ranges_are_related_as_the_sets_they_hold(
    one: tuple[int, int, bool, bool], other: tuple[int, int, bool, bool]
) -> None:
    a, b = _range(one), _range(other)
    left, right = _held(a), _held(b)

    assert _told("includes", a, b) == (left >= right)
    assert _told("during", a, b) == (left <= right)
    assert _told("coincides", a, b) == (left == right)
    assert _told("overlaps", a, b) == bool(left & right)
    assert _told("before", a, b) == (max(left) < min(right))
    assert _told("after", a, b) == (min(left) > max(right))
    assert _told("meets", a, b) == (left & right == {max(left)} == {min(right)})
    assert _told("met by", a, b) == (left & right == {min(left)} == {max(right)})
    assert _told("starts", a, b) == (left <= right and min(left) == min(right))
    assert _told("finished by", a, b) == (left >= right and max(left) == max(right))


@given(_BOUNDS, st.integers(-1, 7))
def test_point_and_range_are_related_as_value_and_set(found: tuple[int, int, bool, bool], point: int) -> None:
    bounds, held = _range(found), _held(_range(found))

    assert _told("includes", bounds, point) == (Decimal(point) in held)
    assert _told("before", point, bounds) == (point < min(held))
    assert _told("after", point, bounds) == (point > max(held))
    assert value_of("p in r", {"p": point, "r": bounds}) == (Decimal(point) in held)


_VALUES = st.recursive(
    st.none() | st.booleans() | _numbers() | _PLAIN_TEXT | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_PLAIN_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(_VALUES)
def test_values_go_in_and_come_out_alike(value: object) -> None:
    found = from_python(value)

    assert to_python(found) == value
    assert equal(found, from_python(value)) is True


@given(st.lists(_VALUES, min_size=3, max_size=3))
def test_equality_is_symmetric(values: list[object]) -> None:
    for one, other in itertools.combinations([from_python(value) for value in values], 2):
        assert equal(one, other) == equal(other, one)
        assert (order(one, other) is None) == (order(other, one) is None)


def test_list_inside_itself_becomes_null_there() -> None:
    endless: list[object] = [1]
    endless += [endless, endless]

    assert to_json(from_python(endless)) == [1, None, None]
