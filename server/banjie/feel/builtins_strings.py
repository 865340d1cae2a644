"""Built-in functions of strings, and conversion to strings and numbers. Positions count characters (code points).

Source: DMN 1.5, 10.3.4.1 and 10.3.4.3; patterns as in XPath and XQuery Functions and Operators 3.1, 5.6.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from banjie.feel.diagnostics import NoValue
from banjie.feel.functions import built_in
from banjie.feel.literals import parse_number
from banjie.feel.regex import Spans, find, find_all, pattern
from banjie.feel.regex_parse import PatternError, Program
from banjie.feel.text import text_of

if TYPE_CHECKING:
    from banjie.feel.scope import Run

_GROUPING = frozenset({" ", ",", "."})
_DECIMAL = frozenset({",", "."})
_REPLACEMENT = re.compile(r"\$([0-9]+)|\\([\\$])|[\\$]")


@built_in("string")
def string(run: Run, source: object) -> str:
    made = text_of(source, run.limits.text)
    run.spend_text(len(made))
    return made


@built_in("number")
def number(run: Run, source: str, grouping: str | None = None, decimal: str | None = None) -> Decimal | None:
    """The number that a text writes, with the grouping separator taken out and a point for the decimal separator."""
    point = decimal if decimal is not None else "."
    if point not in _DECIMAL or (grouping is not None and (grouping not in _GROUPING or grouping == point)):
        return run.report("arguments", "the separators are not those of numbers", "分隔符无效")
    run.spend_text(len(source))
    plain = source if grouping is None else source.replace(grouping, "")
    if point != "." and "." in plain:
        return _no_number(run, source)
    found = parse_number(plain.replace(point, "."))
    return _no_number(run, source) if found is None else found


def _no_number(run: Run, source: str) -> NoValue:
    return run.report("conversion", f"{source[:80]!r} is not a number", f"“{source[:80]}”不是数字")


@built_in("substring")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """From a position that exists, at most `length` characters; a fraction of a position or length is cut."""
    place = int(start) if abs(start) < 10**9 else 0
    if place == 0 or abs(place) > len(text) or (length is not None and length < 1):
        return run.report("range", f"there is no position {start} or length", f"位置{start}或长度无效")
    index = place - 1 if place > 0 else len(text) + place
    return text[index:] if length is None else text[index : index + min(int(length), len(text))]


@built_in("string length")
def string_length(_run: Run, text: str) -> Decimal:
    return Decimal(len(text))


@built_in("upper case")
def upper_case(run: Run, text: str) -> str:
    run.spend_text(len(text))
    return text.upper()


@built_in("lower case")
def lower_case(run: Run, text: str) -> str:
    run.spend_text(len(text))
    return text.lower()


@built_in("substring before")
def substring_before(_run: Run, text: str, match: str) -> str:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@built_in("substring after")
def substring_after(_run: Run, text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@built_in("contains")
def contains(_run: Run, text: str, match: str) -> bool:
    return match in text


@built_in("starts with")
def starts_with(_run: Run, text: str, match: str) -> bool:
    return text.startswith(match)


@built_in("ends with")
def ends_with(_run: Run, text: str, match: str) -> bool:
    return text.endswith(match)


@built_in("string join")
def string_join(run: Run, items: list[object], delimiter: str | None = None) -> str | None:
    """The strings with the delimiter between; nulls are left out, other items are refused."""
    run.spend(len(items))
    texts = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in texts):
        return run.report("type", "an item is not a string", "列表中有非字符串项")
    strings = [str(item) for item in texts]
    between = delimiter or ""
    run.spend_text(sum(map(len, strings)) + len(between) * max(len(strings) - 1, 0))
    return between.join(strings)


def _pattern(run: Run, text: str, flags: str) -> Program | None:
    try:
        run.spend(1 + len(text) // 8)
        return pattern(text, flags)
    except PatternError as error:
        return run.report("pattern", f"the pattern has {error}", f"正则表达式无效：{error}")


@built_in("matches")
def matches(run: Run, text: str, wanted: str, flags: str | None = None) -> bool | None:
    program = _pattern(run, wanted, flags or "")
    return None if program is None else find(program, text, 0, run) is not None


@built_in("replace")
def replace(run: Run, text: str, wanted: str, replacement: str, flags: str | None = None) -> str | None:
    """All matches replaced; `$1` stands for a group and `$0` for the match.

    A pattern that matches the empty string is refused.
    """
    program = _pattern(run, wanted, flags or "")
    if program is None:
        return None
    parts = [replacement] if "q" in (flags or "") else _replacement_parts(replacement, program.groups)
    if parts is None:
        return run.report(
            "pattern", "the replacement has a '$' or '\\' that means nothing", "替换串中的“$”或“\\”无效"
        )
    if find(program, "", 0, run) is not None:
        return run.report("pattern", "the pattern matches the empty string", "正则表达式可匹配空串")
    made: list[str] = []
    end = 0
    for spans in find_all(program, text, run):
        made.append(text[end : spans[0]])
        made += [part if isinstance(part, str) else _group(text, spans, part) for part in parts]
        end = spans[1]
        run.spend_text(sum(map(len, made[-len(parts) - 1 :])))
    return "".join([*made, text[end:]])


def _group(text: str, spans: Spans, number: int) -> str:
    low, high = spans[2 * number], spans[2 * number + 1]
    return "" if low < 0 or high < 0 else text[low:high]


def _replacement_parts(replacement: str, groups: int) -> list[str | int] | None:
    """Text and group numbers. As many digits belong to a number as name a group; a group that is none is empty."""
    parts: list[str | int] = []
    end = 0
    for match in _REPLACEMENT.finditer(replacement):
        parts.append(replacement[end : match.start()])
        end = match.end()
        digits, escaped = match.groups()
        if escaped:
            parts.append(escaped)
        elif digits is None:
            return None
        else:
            used = next(
                (size for size in range(min(len(digits), 4), 1, -1) if int(digits[:size]) <= groups), 1
            )
            if int(digits[:used]) <= groups:
                parts.append(int(digits[:used]))
            parts.append(digits[used:])
    return [*parts, replacement[end:]]


@built_in("split")
def split(run: Run, text: str, delimiter: str) -> list[object] | None:
    """The parts between matches of a pattern, empty ones included."""
    program = _pattern(run, delimiter, "")
    if program is None:
        return None
    if find(program, "", 0, run) is not None:
        return run.report("pattern", "the pattern matches the empty string", "正则表达式可匹配空串")
    parts: list[object] = []
    end = 0
    for spans in find_all(program, text, run):
        run.spend()
        parts.append(text[end : spans[0]])
        end = spans[1]
    return [*parts, text[end:]]
