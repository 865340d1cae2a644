"""What FEEL brings along: the built-in functions with their parameters, the properties of values, the built-in types.

One text for each way to call a function. A parameter is `name: kind`; `name?` may be left out, `name*` takes all
further arguments (at least one; at least two when it is the only parameter, because one is the list itself), and
`kind?` may be null. The kinds are those of `functions.py`. Source: DMN 1.5, 10.3.4.
"""

from __future__ import annotations

_STRING_MATCH = ("string: string, match: string",)
_ROUNDED = ("n: number, scale?: number",)
_LIST_OR_ITEMS = ("list: list", "items*: any")
_DAY = ("date: day",)
_POINTS_AND_RANGES = (
    "point1: any, point2: any",
    "point: any, range: any",
    "range: any, point: any",
    "range1: any, range2: any",
)
_RANGES = ("range1: any, range2: any",)
_POINT_FIRST = ("point: any, range: any", "range1: any, range2: any")
_RANGE_FIRST = ("range: any, point: any", "range1: any, range2: any")

SIGNATURES: dict[str, tuple[str, ...]] = {
    # Conversion
    "date": ("from: any", "year: number, month: number, day: number"),
    "date and time": (
        "from: any",
        "date: day, time: time",
        "date: day, timezone: string",
        "year: number, month: number, day: number, hour: number, minute: number, second: number, offset?: days?",
        "year: number, month: number, day: number, hour: number, minute: number, second: number, timezone: string",
    ),
    "time": ("from: any", "hour: number, minute: number, second: number, offset?: days?"),
    "number": ("from: string, grouping separator?: string?, decimal separator?: string?",),
    "string": ("from: any",),
    "duration": ("from: any",),
    "years and months duration": ("from: day, to: day",),
    # Logic
    "not": ("negand: any?",),
    "is": ("value1?: any?, value2?: any?",),
    # Strings
    "substring": ("string: string, start position: number, length?: number",),
    "string length": ("string: string",),
    "upper case": ("string: string",),
    "lower case": ("string: string",),
    "substring before": _STRING_MATCH,
    "substring after": _STRING_MATCH,
    "replace": ("input: string, pattern: string, replacement: string, flags?: string?",),
    "contains": _STRING_MATCH,
    "starts with": _STRING_MATCH,
    "ends with": _STRING_MATCH,
    "matches": ("input: string, pattern: string, flags?: string?",),
    "split": ("string: string, delimiter: string",),
    "string join": ("list: list, delimiter?: string?",),
    # Lists
    "list contains": ("list: list, element: any?",),
    "count": _LIST_OR_ITEMS,
    "min": _LIST_OR_ITEMS,
    "max": _LIST_OR_ITEMS,
    "sum": _LIST_OR_ITEMS,
    "mean": _LIST_OR_ITEMS,
    "all": _LIST_OR_ITEMS,
    "any": _LIST_OR_ITEMS,
    "sublist": ("list: list, start position: number, length?: number",),
    "append": ("list: list, item*: any?",),
    "concatenate": ("list: list", "list*: any?"),
    "insert before": ("list: list, position: number, newItem: any?",),
    "remove": ("list: list, position: number",),
    "list replace": (
        "list: list, position: number, newItem: any?",
        "list: list, match: function, newItem: any?",
    ),
    "reverse": ("list: list",),
    "index of": ("list: list, match: any?",),
    "union": ("list: list", "list*: any?"),
    "distinct values": ("list: list",),
    "duplicate values": ("list: list",),
    "flatten": ("list: list",),
    "product": _LIST_OR_ITEMS,
    "median": _LIST_OR_ITEMS,
    "stddev": _LIST_OR_ITEMS,
    "mode": _LIST_OR_ITEMS,
    "sort": ("list: list, precedes?: function",),
    # Numbers
    "decimal": ("n: number, scale: number",),
    "floor": _ROUNDED,
    "ceiling": _ROUNDED,
    "round up": ("n: number, scale: number",),
    "round down": ("n: number, scale: number",),
    "round half up": ("n: number, scale: number",),
    "round half down": ("n: number, scale: number",),
    "abs": ("n: any",),
    "modulo": ("dividend: number, divisor: number",),
    "sqrt": ("number: number",),
    "log": ("number: number",),
    "exp": ("number: number",),
    "odd": ("number: number",),
    "even": ("number: number",),
    # Dates and times
    "day of year": _DAY,
    "day of week": _DAY,
    "month of year": _DAY,
    "week of year": _DAY,
    "now": ("",),
    "today": ("",),
    # Ranges
    "before": _POINTS_AND_RANGES,
    "after": _POINTS_AND_RANGES,
    "meets": _RANGES,
    "met by": _RANGES,
    "overlaps": _RANGES,
    "overlaps before": _RANGES,
    "overlaps after": _RANGES,
    "finishes": _POINT_FIRST,
    "finished by": _RANGE_FIRST,
    "includes": _RANGE_FIRST,
    "during": _POINT_FIRST,
    "starts": _POINT_FIRST,
    "started by": _RANGE_FIRST,
    "coincides": ("point1: any, point2: any", "range1: any, range2: any"),
    "range": ("from: string",),
    # Contexts
    "get value": ("m: context, key: string", "context: context, key: string"),
    "get entries": ("m: context", "context: context"),
    "context": ("entries: list",),
    "context put": (
        "context: context, key: string, value: any?",
        "context: context, keys: list, value: any?",
    ),
    "context merge": ("contexts: list",),
}

BUILT_IN_NAMES = frozenset(SIGNATURES)

MEMBER_NAMES = frozenset({"time offset", "start included", "end included"})

TYPE_NAMES = frozenset({"date and time", "years and months duration", "days and time duration"})
