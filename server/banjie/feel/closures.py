"""What the parts of the compiler share: the shapes of closures, places in the text, and the meaning of comparisons.

A closure takes the innermost `Scope` and returns a FEEL value. Closures report to `scope.run` and raise nothing but
`LimitReached`, `RecursionError` and `MemoryError`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from banjie.feel.comparison import equal, order
from banjie.feel.diagnostics import Diagnostic, NoValue, line_and_column
from banjie.feel.scope import MOST_DIAGNOSTICS, Run, Scope

Closure = Callable[[Scope], object]
Test = Callable[[object, Scope], bool | None]

ORDERS: dict[str, tuple[int, ...]] = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (1, 0)}
QUICK_ORDERS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": Decimal.__lt__,
    "<=": Decimal.__le__,
    ">": Decimal.__gt__,
    ">=": Decimal.__ge__,
}


class Place:
    """Where in the text something may go wrong; line and column are counted only when it does."""

    __slots__ = ("offset", "text")

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset

    def report(self, run: Run, code: str, message: str, message_zh: str) -> NoValue:
        """Add a diagnostic with this place, unless there are enough; returns None, the value of what failed."""
        if len(run.diagnostics) >= MOST_DIAGNOSTICS:
            return None
        line, column = line_and_column(self.text, self.offset)
        return run.report(code, message, message_zh, line, column)

    def locate(self, run: Run, before: int) -> None:
        """Give this place to the last diagnostic when it came after the first `before` ones and has none."""
        found = run.diagnostics
        if len(found) > before and not found[-1].line:
            line, column = line_and_column(self.text, self.offset)
            last = found[-1]
            found[-1] = Diagnostic(
                code=last.code, message=last.message, message_zh=last.message_zh, line=line, column=column
            )


def constant(value: object) -> Closure:
    """The closure that is always the value."""
    return lambda _scope: value


def unlike(place: Place, run: Run) -> NoValue:
    """Report that two values cannot be compared."""
    return place.report(run, "type", "values of different types are not compared", "不同类型的值不可比较")


def compared(operator: str, left: object, right: object, place: Place, run: Run) -> bool | None:
    """`left operator right`; null for null operands of an order, and reported null for unlike ones."""
    if operator in ("=", "!="):
        same = equal(left, right, run)
        return unlike(place, run) if same is None else same is (operator == "=")
    found = order(left, right)
    if found is None:
        return None if left is None or right is None else unlike(place, run)
    return found in ORDERS[operator]
