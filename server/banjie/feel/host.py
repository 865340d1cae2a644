"""Functions that the host gives to expressions by name, such as `working_days` and `parameter`.

They are the only way out of the language, and what they may do is decided by whoever passes them to an evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from banjie.feel.values import UserFunction, from_python, to_python

if TYPE_CHECKING:
    from banjie.feel.scope import Run
    from banjie.feel.types import FeelType


class HostFunctionError(Exception):
    """A host function has no result for its arguments; the message is shown as the diagnostic, in both languages."""

    def __init__(self, message: str, message_zh: str = "") -> None:
        self.message = message
        self.message_zh = message_zh or message
        super().__init__(message)


def host_function(
    name: str,
    parameters: Sequence[str],
    function: Callable[..., object],
    *,
    parameter_types: Sequence[FeelType | None] | None = None,
    result_type: FeelType | None = None,
) -> UserFunction:
    """A FEEL function that calls `function` with plain Python values by position (see `values.to_python`).

    Its result is converted back. Whatever it raises is null plus a diagnostic; HostFunctionError says which.
    """

    def body(arguments: list[object], run: Run) -> object:
        try:
            return from_python(function(*map(to_python, arguments)))
        except HostFunctionError as error:
            return run.report("host", error.message, error.message_zh)
        except (RecursionError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - an evaluation never raises, and its caller sees the diagnostic
            return run.report(
                "host",
                f"{name} has no result: {type(error).__name__}",
                f"函数{name}无结果：{type(error).__name__}",
            )

    return UserFunction(
        name=name, parameters=parameters, body=body, parameter_types=parameter_types, result_type=result_type
    )
