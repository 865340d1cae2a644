"""How built-in functions are called: parameters by position or by name, kinds checked, single values and lists adapted.

A function of the language is a Python function `(run, *arguments)` registered for one line of the catalogue. Its
arguments have the kinds that the line names, so that it checks meanings, not types. What fits no line is null plus a
diagnostic. Source of the adaptation of single values and lists: DMN 1.5, 10.3.2.9.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from banjie.feel.catalogue import SIGNATURES
from banjie.feel.diagnostics import NoValue
from banjie.feel.values import Date, DateTime, DaysDuration, Function, Range, Time

if TYPE_CHECKING:
    from banjie.feel.scope import Run

Implementation = Callable[..., object]

_UNFIT = object()


def _single(wanted: Callable[[object], bool]) -> Callable[[object], object]:
    """A kind of single values; a list of one such value stands for the value."""

    def fit(value: object) -> object:
        if wanted(value):
            return value
        if isinstance(value, list) and len(value) == 1 and wanted(value[0]):
            return value[0]
        return _UNFIT

    return fit


def _list(value: object) -> object:
    if isinstance(value, list):
        return value
    return _UNFIT if value is None else [value]


KINDS: dict[str, Callable[[object], object]] = {
    "any": lambda value: _UNFIT if value is None else value,
    "number": _single(lambda value: type(value) is Decimal),
    "string": _single(lambda value: type(value) is str),
    "list": _list,
    "context": _single(lambda value: isinstance(value, dict)),
    "function": _single(lambda value: isinstance(value, Function)),
    "range": _single(lambda value: isinstance(value, Range)),
    "day": _single(lambda value: isinstance(value, (Date, DateTime))),
    "time": _single(lambda value: isinstance(value, Time)),
    "days": _single(lambda value: isinstance(value, DaysDuration)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One parameter of one way to call a function."""

    name: str
    kind: str
    fit: Callable[[object], object]
    optional: bool
    nullable: bool
    variadic: bool


class Variant:
    """One way to call a function."""

    __slots__ = ("implementation", "least", "most", "names", "parameters", "required", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.parameters = tuple(_parameter(part.strip()) for part in text.split(",") if part.strip())
        self.names = {parameter.name: place for place, parameter in enumerate(self.parameters)}
        self.required = {parameter.name for parameter in self.parameters if not parameter.optional}
        self.least = sum(not parameter.optional for parameter in self.parameters)
        self.most = len(self.parameters)
        if self.parameters and self.parameters[-1].variadic:
            self.most = 1_000_000
            self.least = max(self.least, 2)
        self.implementation: Implementation | None = None

    def fitted(self, arguments: list[object]) -> list[object] | None:
        """The arguments adapted to the parameters; None when one does not fit."""
        fitted: list[object] = []
        last = len(self.parameters) - 1
        for place, value in enumerate(arguments):
            parameter = self.parameters[min(last, place)]
            if value is None:
                if not parameter.nullable:
                    return None
                fitted.append(None)
                continue
            adapted = parameter.fit(value)
            if adapted is _UNFIT:
                return None
            fitted.append(adapted)
        return fitted

    def fitted_by_name(self, named: dict[str, object]) -> list[object] | None:
        """Named arguments in the order of the parameters, adapted; None when names or kinds do not fit.

        An optional parameter left out before one that is given is null, whatever its kind.
        """
        if not (self.required <= named.keys() <= self.names.keys()):
            return None
        fitted: list[object] = []
        for parameter in self.parameters:
            value = named.get(parameter.name)
            if value is None:
                if parameter.name in named and not parameter.nullable:
                    return None
                fitted.append(None)
                continue
            adapted = parameter.fit(value)
            if adapted is _UNFIT:
                return None
            fitted.append(adapted)
        while fitted and self.parameters[len(fitted) - 1].name not in named:
            fitted.pop()
        return fitted


def _parameter(text: str) -> Parameter:
    name, kind = (part.strip() for part in text.split(":"))
    return Parameter(
        name=name.rstrip("?*"),
        kind=kind.rstrip("?"),
        fit=KINDS[kind.rstrip("?")],
        optional=name.endswith("?"),
        nullable=kind.endswith("?"),
        variadic=name.endswith("*"),
    )


class BuiltIn(Function):
    """A function of the language."""

    __slots__ = ("variants",)

    def __init__(self, name: str, texts: tuple[str, ...]) -> None:
        self.variants = tuple(Variant(text) for text in texts)
        super().__init__(name, tuple(parameter.name for parameter in self.variants[0].parameters))

    def call(self, arguments: list[object], run: Run) -> object:
        run.spend()
        given = len(arguments)
        for variant in self.variants:
            if variant.least <= given <= variant.most:
                fitted = variant.fitted(arguments)
                if fitted is not None and variant.implementation is not None:
                    return variant.implementation(run, *fitted)
        return self._unfit(run)

    def call_named(self, arguments: dict[str, object], run: Run) -> object:
        run.spend()
        for variant in self.variants:
            fitted = variant.fitted_by_name(arguments)
            if fitted is not None and variant.implementation is not None:
                return variant.implementation(run, *fitted)
        return self._unfit(run)

    def _unfit(self, run: Run) -> NoValue:
        forms = " or ".join(f"{self.name}({variant.text})" for variant in self.variants)
        forms_zh = "或".join(f"{self.name}({variant.text})" for variant in self.variants)
        return run.report("arguments", f"the arguments do not fit {forms}", f"参数与{forms_zh}不符")


BUILT_INS: dict[str, BuiltIn] = {name: BuiltIn(name, texts) for name, texts in SIGNATURES.items()}


_Function = TypeVar("_Function", bound=Implementation)


def built_in(name: str, *places: int) -> Callable[[_Function], _Function]:
    """Register an implementation for lines of a function's signatures; for all of them when no place is given."""

    def register(implementation: _Function) -> _Function:
        variants = BUILT_INS[name].variants
        for place in places or range(len(variants)):
            variants[place].implementation = implementation
        return implementation

    return register
