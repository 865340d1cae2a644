"""FEEL types: `instance of`, conformance, and the adaptation of values to an expected type.

A type answers three questions: whether a value is an instance (`contains`; null is an instance of none, but may stand
for any part of a list or context), whether another type fits where it is expected (`accepts`), and what a value
becomes where the type is expected (`coerce`). Source: DMN 1.5, 10.3.2.9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from banjie.feel.values import (
    Date,
    DateTime,
    DaysDuration,
    Function,
    MonthsDuration,
    Range,
    Time,
    UserFunction,
)

Seen = set[tuple[int, int]]
"""Pairs of type and value (their ids) that one check has already found to fit, so that shared parts cost once."""

Done = dict[tuple[int, int], tuple[object, bool]]
"""Results of one coercion by type and value (their ids)."""


class FeelType:
    """A type. `name` is what people read."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        """Whether the value is an instance of the type, allowed values left aside. False for null."""
        raise NotImplementedError

    def accepts(self, other: FeelType) -> bool:
        """Whether values of the other type fit where this type is expected."""
        return self == other or other is NULL

    def coerce(self, value: object, done: Done | None = None) -> tuple[object, bool]:
        """The value as this type expects it, and whether it fits; (None, False) when it does not.

        null fits every type. A list of one fitting value stands for the value, a value for the list of it, and a date
        for its midnight in UTC.
        """
        if value is None or self.contains(value):
            return value, True
        if isinstance(value, list) and len(value) == 1 and self.contains(value[0]):
            return value[0], True
        return None, False

    def member_names(self) -> Iterable[str]:
        """Names that may follow a dot anywhere below values of this type."""
        return ()

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<FEEL type {self}>"


class SimpleType(FeelType):
    """A built-in type without parts."""

    __slots__ = ("_classes",)

    def __init__(self, name: str, *classes: type) -> None:
        super().__init__(name)
        self._classes = classes

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        return type(value) in self._classes

    def coerce(self, value: object, done: Done | None = None) -> tuple[object, bool]:
        if self is DATE_AND_TIME and type(value) is Date:
            return DateTime(value, Time(0, 0, 0, offset=0)), True
        return super().coerce(value, done)


class AnyType(FeelType):
    """The type of every value."""

    __slots__ = ()

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        return value is not None

    def accepts(self, other: FeelType) -> bool:
        return True

    def coerce(self, value: object, done: Done | None = None) -> tuple[object, bool]:
        return value, True


ANY = AnyType("Any")
NULL = SimpleType("Null")
NUMBER = SimpleType("number", Decimal)
STRING = SimpleType("string", str)
BOOLEAN = SimpleType("boolean", bool)
DATE = SimpleType("date", Date)
TIME = SimpleType("time", Time)
DATE_AND_TIME = SimpleType("date and time", DateTime)
DAYS_DURATION = SimpleType("days and time duration", DaysDuration)
MONTHS_DURATION = SimpleType("years and months duration", MonthsDuration)


class ListType(FeelType):
    """`list<element>`."""

    __slots__ = ("element",)

    def __init__(self, element: FeelType) -> None:
        super().__init__(f"list<{element}>")
        self.element = element

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        if not isinstance(value, list):
            return False
        seen = seen if seen is not None else set()
        if (id(self), id(value)) not in seen:
            if not all(item is None or self.element.contains(item, seen) for item in value):
                return False
            seen.add((id(self), id(value)))
        return True

    def accepts(self, other: FeelType) -> bool:
        return other is NULL or (isinstance(other, ListType) and self.element.accepts(other.element))

    def coerce(self, value: object, done: Done | None = None) -> tuple[object, bool]:
        if value is None:
            return None, True
        done = done if done is not None else {}
        known = done.get((id(self), id(value)))
        if known is not None:
            return known
        coerced: list[object] = []
        fits = True
        for item in value if isinstance(value, list) else [value]:
            adapted, fits = self.element.coerce(item, done)
            if not fits:
                break
            coerced.append(adapted)
        done[id(self), id(value)] = (coerced, True) if fits else (None, False)
        return done[id(self), id(value)]

    def member_names(self) -> Iterable[str]:
        return self.element.member_names()


class ContextType(FeelType):
    """`context<a: type, …>`; values may have more members, and a missing one is not an instance."""

    __slots__ = ("members",)

    def __init__(self, members: Mapping[str, FeelType], name: str = "") -> None:
        super().__init__(name or f"context<{', '.join(f'{key}: {type_}' for key, type_ in members.items())}>")
        self.members = dict(members)

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        if not isinstance(value, dict):
            return False
        seen = seen if seen is not None else set()
        if (id(self), id(value)) not in seen:
            for key, type_ in self.members.items():
                if key not in value or not (value[key] is None or type_.contains(value[key], seen)):
                    return False
            seen.add((id(self), id(value)))
        return True

    def accepts(self, other: FeelType) -> bool:
        return other is NULL or (
            isinstance(other, ContextType)
            and all(
                key in other.members and type_.accepts(other.members[key])
                for key, type_ in self.members.items()
            )
        )

    def coerce(self, value: object, done: Done | None = None) -> tuple[object, bool]:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if value is None:
            return None, True
        if not isinstance(value, dict):
            return None, False
        done = done if done is not None else {}
        known = done.get((id(self), id(value)))
        if known is None:
            known = done[id(self), id(value)] = self._coerced(value, done)
        return known

    def _coerced(self, value: dict[str, object], done: Done) -> tuple[object, bool]:
        coerced = dict(value)
        for key, type_ in self.members.items():
            if key in value:
                coerced[key], fits = type_.coerce(value[key], done)
                if not fits:
                    return None, False
        return coerced, True

    def member_names(self) -> Iterable[str]:
        return _member_names(self, set())


def _member_names(type_: FeelType, seen: set[int]) -> Iterable[str]:
    while isinstance(type_, (ListType, ConstrainedType)):
        type_ = type_.element if isinstance(type_, ListType) else type_.base
    if isinstance(type_, ContextType) and id(type_) not in seen:
        seen.add(id(type_))
        for key, member in type_.members.items():
            yield key
            yield from _member_names(member, seen)


class RangeType(FeelType):
    """`range<element>`."""

    __slots__ = ("element",)

    def __init__(self, element: FeelType) -> None:
        super().__init__(f"range<{element}>")
        self.element = element

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        return isinstance(value, Range) and all(
            end is None or self.element.contains(end) for end in (value.start, value.end)
        )

    def accepts(self, other: FeelType) -> bool:
        return other is NULL or (isinstance(other, RangeType) and self.element.accepts(other.element))


class FunctionType(FeelType):
    """`function<a, b> -> result`."""

    __slots__ = ("parameters", "result")

    def __init__(self, parameters: Sequence[FeelType], result: FeelType) -> None:
        super().__init__(f"function<{', '.join(map(str, parameters))}>->{result}")
        self.parameters = tuple(parameters)
        self.result = result

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        if not isinstance(value, Function):
            return False
        if not isinstance(value, UserFunction):
            return len(value.parameters) == len(self.parameters)
        own = FunctionType(
            [type_ or ANY for type_ in value.parameter_types], value.result_type or self.result
        )
        return self.accepts(own)

    def accepts(self, other: FeelType) -> bool:
        return other is NULL or (
            isinstance(other, FunctionType)
            and len(other.parameters) == len(self.parameters)
            and all(its.accepts(mine) for its, mine in zip(other.parameters, self.parameters, strict=True))
            and self.result.accepts(other.result)
        )


class ConstrainedType(FeelType):
    """An item definition with allowed values. `allows(value)` is asked for values that are not null.

    The constraint counts where a value is expected, not for `instance of`.
    """

    __slots__ = ("allows", "base")

    def __init__(self, name: str, base: FeelType, allows: Callable[[object], bool]) -> None:
        super().__init__(name)
        self.base = base
        self.allows = allows

    def contains(self, value: object, seen: Seen | None = None) -> bool:
        return self.base.contains(value, seen)

    def accepts(self, other: FeelType) -> bool:
        return self.base.accepts(other.base if isinstance(other, ConstrainedType) else other)

    def coerce(self, value: object, done: Done | None = None) -> tuple[object, bool]:
        value, fits = self.base.coerce(value, done)
        if fits and (value is None or self.allows(value)):
            return value, True
        return None, False

    def member_names(self) -> Iterable[str]:
        return self.base.member_names()


class AnyContext(ContextType):
    """`context` without members: every context."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__({}, "context")


BUILT_IN_TYPES: dict[str, FeelType] = {
    **{
        type_.name: type_
        for type_ in (
            ANY,
            NUMBER,
            STRING,
            BOOLEAN,
            DATE,
            TIME,
            DATE_AND_TIME,
            DAYS_DURATION,
            MONTHS_DURATION,
        )
    },
    "dateTime": DATE_AND_TIME,
    "dayTimeDuration": DAYS_DURATION,
    "yearMonthDuration": MONTHS_DURATION,
    "context": AnyContext(),
    "list": ListType(ANY),
    "range": RangeType(ANY),
    "Null": NULL,
}
"""Types by the names that FEEL and DMN's typeRef attributes have for them."""


def type_of(value: object) -> FeelType:
    """The narrowest type of a value; a list of unlike items is `list<Any>`."""
    for type_ in (NUMBER, STRING, BOOLEAN, DATE, DATE_AND_TIME, TIME, DAYS_DURATION, MONTHS_DURATION):
        if type_.contains(value):
            return type_
    if value is None:
        return NULL
    if isinstance(value, list):
        kinds = [type_of(item) for item in value if item is not None]
        same = kinds and all(kinds[0].accepts(kind) and kind.accepts(kinds[0]) for kind in kinds)
        return ListType(kinds[0] if same else ANY)
    if isinstance(value, dict):
        return ContextType({key: type_of(item) for key, item in value.items()})
    if isinstance(value, Range):
        return RangeType(type_of(value.start if value.start is not None else value.end))
    if isinstance(value, UserFunction):
        return FunctionType([type_ or ANY for type_ in value.parameter_types], value.result_type or ANY)
    if isinstance(value, Function):
        return FunctionType([ANY] * len(value.parameters), ANY)
    return ANY
