"""External functions: the few pure functions of Java's standard library that models in the wild name, and no others.

No foreign code is run: each is written here. A function is named by class and method signature, as in
`external {java: {class: "java.lang.Math", method signature: "max(double,double)"}}`. Source: DMN 1.5, 10.3.2.13.3.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from banjie.feel.literals import parse_number
from banjie.feel.text import text_of
from banjie.feel.values import UserFunction, from_python

if TYPE_CHECKING:
    from banjie.feel.scope import Run
    from banjie.feel.types import FeelType

_SIGNATURE = re.compile(r"\s*([A-Za-z]\w*)\s*\(\s*([^()]*?)\s*\)\s*\Z")
_WHOLE = {"byte": 8, "short": 16, "int": 32, "long": 64}
_REAL = frozenset({"float", "double"})
_BOXED = {
    "Byte": "byte",
    "Short": "short",
    "Integer": "int",
    "Long": "long",
    "Float": "float",
    "Double": "double",
}
_ONE_REAL: dict[str, Callable[[float], float]] = {
    name: getattr(math, python)
    for name, python in {
        "sin": "sin",
        "cos": "cos",
        "tan": "tan",
        "asin": "asin",
        "acos": "acos",
        "atan": "atan",
        "sinh": "sinh",
        "cosh": "cosh",
        "tanh": "tanh",
        "exp": "exp",
        "log": "log",
        "log10": "log10",
        "sqrt": "sqrt",
        "toRadians": "radians",
        "toDegrees": "degrees",
    }.items()
}
_FORMAT = re.compile(r"%(s|d|%)|%")


class _NoSuchFunctionError(Exception):
    """No function has the class and signature, or the arguments do not fit it."""


def java_function(
    class_name: object,
    signature: object,
    parameters: Sequence[str],
    parameter_types: Sequence[FeelType | None] | None = None,
) -> UserFunction:
    """A function for a class and method signature; calling one that is not here is null, with the reason."""

    def call(arguments: list[object], run: Run) -> object:
        try:
            return from_python(_call(class_name, signature, arguments))
        except (_NoSuchFunctionError, ValueError, OverflowError):
            return run.report(
                "external",
                f"the external function {signature} is unknown or does not take these arguments",
                f"外部函数{signature}未知或参数不符",
            )

    return UserFunction(parameters=parameters, body=call, parameter_types=parameter_types)


def _call(class_name: object, signature: object, arguments: list[object]) -> object:
    match = _SIGNATURE.match(signature) if isinstance(signature, str) else None
    if match is None or not isinstance(class_name, str):
        raise _NoSuchFunctionError
    method = match.group(1)
    types = [part.strip() for part in match.group(2).split(",") if part.strip()]
    if class_name == "java.lang.Math":
        return _math(method, types, arguments)
    if class_name == "java.lang.String" and method == "format":
        return _format(types, arguments)
    if method == "valueOf" and len(types) == len(arguments) == 1:
        return _value_of(class_name.removeprefix("java.lang."), types[0], arguments[0])
    raise _NoSuchFunctionError


def _argument(type_: str, value: object) -> Decimal:
    """A number as Java's type takes it."""
    if type(value) is Decimal:
        if type_ in _REAL:
            return value
        bits = _WHOLE.get(type_)
        if (
            bits is not None
            and value == value.to_integral_value()
            and -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)
        ):
            return value
    raise _NoSuchFunctionError


def _math(method: str, types: list[str], arguments: list[object]) -> object:
    if len(types) != len(arguments) or len(set(types)) != 1:
        raise _NoSuchFunctionError
    numbers = [_argument(types[0], value) for value in arguments]
    if method in ("max", "min") and len(numbers) == 2:
        return max(numbers) if method == "max" else min(numbers)
    if method == "abs" and len(numbers) == 1:
        return abs(numbers[0])
    if types[0] == "double" and len(numbers) == 1 and method in _ONE_REAL:
        return _ONE_REAL[method](float(numbers[0]))
    if types[0] == "double" and len(numbers) == 2 and method == "pow":
        return math.pow(*map(float, numbers))
    if types[0] in _REAL and len(numbers) == 1 and method in ("floor", "ceil", "round"):
        mode = {"floor": "ROUND_FLOOR", "ceil": "ROUND_CEILING", "round": "ROUND_HALF_UP"}[method]
        return numbers[0].to_integral_value(rounding=mode)
    raise _NoSuchFunctionError


def _value_of(boxed: str, type_: str, value: object) -> object:
    text = type_ in ("java.lang.String", "String")
    if boxed == "String":
        if type_ == "char":
            if isinstance(value, str) and len(value) == 1:
                return value
            raise _NoSuchFunctionError
        return text_of(_argument(type_, value))
    primitive = _BOXED.get(boxed)
    if primitive is None or type_ not in (primitive, "java.lang.String", "String"):
        raise _NoSuchFunctionError
    if text:
        value = parse_number(value) if isinstance(value, str) else None
    return _argument(primitive, value)


def _format(types: list[str], arguments: list[object]) -> str:
    """`String.format` with `%s`, `%d` and `%%`; the arguments after the pattern are one list or one by one."""
    if (
        types != ["java.lang.String", "[Ljava.lang.Object;"]
        or not arguments
        or not isinstance(arguments[0], str)
    ):
        raise _NoSuchFunctionError
    rest = arguments[1] if len(arguments) == 2 and isinstance(arguments[1], list) else arguments[1:]
    waiting = iter(rest)

    def shown(match: re.Match[str]) -> str:
        if match.group(1) == "%":
            return "%"
        if match.group(1) is None:
            raise _NoSuchFunctionError
        value = next(waiting, None)
        if value is None:
            raise _NoSuchFunctionError
        return text_of(value)

    return _FORMAT.sub(shown, arguments[0])
