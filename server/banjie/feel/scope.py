"""Where names are looked up while an expression runs, and what one evaluation carries with it.

A `Scope` is a dictionary of values with a parent; closures receive the innermost one. All scopes of one evaluation
share a `Run`: diagnostics, the step budget, the instant that `now()` and `today()` tell, and host functions.
Nothing here outlives an evaluation, so compiled expressions are safe to share between threads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from time import thread_time

from banjie.feel.diagnostics import Diagnostic, NoValue
from banjie.feel.limits import DEFAULT_LIMITS, LimitReached, Limits

MOST_DIAGNOSTICS = 50
_TIME_CHECK = 512
_FIRST_CHECK = 64


class Run:
    """The state of one evaluation. Make one per evaluation (or per table, or per model) and never share it."""

    __slots__ = ("_deadline", "_next_check", "depth", "diagnostics", "functions", "limits", "now", "steps")

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        now: datetime | None = None,
        functions: Mapping[str, object] | None = None,
    ) -> None:
        self.limits = limits or DEFAULT_LIMITS
        self.now = now
        self.functions = functions
        self.diagnostics: list[Diagnostic] = []
        self.steps = self.limits.steps
        self.depth = self.limits.depth
        self._deadline: float | None = None
        # The clock starts with the first check: most evaluations end before it, and never ask what time it is.
        self._next_check = max(self.steps - _FIRST_CHECK, 0)

    def spend(self, steps: int = 1) -> None:
        """Take steps from the budget; raises LimitReached when it is used up or time is over."""
        self.steps -= steps
        if self.steps < self._next_check:
            self._check()

    def _check(self) -> None:
        if self.steps < 0:
            raise LimitReached("steps")
        self._next_check = max(self.steps - _TIME_CHECK, 0)
        if self._deadline is None:
            self._deadline = thread_time() + self.limits.seconds
        elif thread_time() > self._deadline:
            raise LimitReached("seconds")

    def spend_text(self, characters: int) -> None:
        """Charge a string of so many characters; raises LimitReached when it is too long for one value."""
        if characters > self.limits.text:
            raise LimitReached("text")
        self.spend(1 + characters // 32)

    def enter(self) -> None:
        """Begin a nested call; raises LimitReached when calls are nested too deeply. Pair with `leave`."""
        self.spend()
        self.depth -= 1
        if self.depth < 0:
            raise LimitReached("depth")

    def leave(self) -> None:
        self.depth += 1

    def report(self, code: str, message: str, message_zh: str, line: int = 0, column: int = 0) -> NoValue:
        """Add a diagnostic; returns None, which is the value of what failed. After 50 the rest is dropped."""
        if len(self.diagnostics) < MOST_DIAGNOSTICS:
            self.diagnostics.append(
                Diagnostic(code=code, message=message, message_zh=message_zh, line=line, column=column)
            )
        return None

    def report_limit(self, reached: BaseException) -> None:
        """Add the diagnostic for a limit: a LimitReached, a RecursionError or a MemoryError."""
        limit = reached.limit if isinstance(reached, LimitReached) else "depth"
        self.report(
            "limit", f"the evaluation exceeded its limit of {limit}", f"求值超出限制：{_LIMITS_ZH[limit]}"
        )

    def guard(self, run: Callable[[Scope], object], scope: Scope) -> object:
        """`run(scope)`, but null plus a diagnostic when a limit is reached. The outermost call of an evaluation."""
        try:
            value = run(scope)
            too_large = (type(value) is list or type(value) is dict) and size_of(value) > self.limits.size
        except (LimitReached, RecursionError, MemoryError) as reached:
            self.report_limit(reached)
            return None
        except Exception as error:  # noqa: BLE001 - a fault of this package must not end a request, but must be seen
            kind = type(error).__name__
            return self.report("internal", f"the evaluation failed: {kind}", f"求值失败：{kind}")
        if too_large:
            self.report_limit(LimitReached("size"))
            return None
        return value


_LIMITS_ZH = {"steps": "步数", "depth": "嵌套深度", "seconds": "时间", "text": "文本长度", "size": "结果大小"}


class Scope:
    """Names and their FEEL values, with a parent. `values` must hold FEEL values (see `values.from_python`)."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, values: Mapping[str, object], run: Run, parent: Scope | None = None) -> None:
        self.values = values
        self.run = run
        self.parent = parent

    def child(self, values: Mapping[str, object]) -> Scope:
        """A scope inside this one; its names hide the outer ones. The mapping is not copied and may grow."""
        return Scope(values, self.run, self)


def size_of(value: object) -> int:
    """How many values a value would hold if no part were shared. Parts that are shared are counted once to find it."""
    sizes: dict[int, int] = {}
    return _size_of(value, sizes)


def _size_of(value: object, sizes: dict[int, int]) -> int:
    if type(value) is not list and type(value) is not dict:
        return 1
    known = sizes.get(id(value))
    if known is None:
        parts = value if isinstance(value, list) else value.values()
        known = sizes[id(value)] = 1 + sum(_size_of(part, sizes) for part in parts)
    return known
