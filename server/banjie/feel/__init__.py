"""FEEL, the friendly enough expression language of DMN 1.5, conformance level 3, on the standard library alone.

    expression = compile_expression("申请金额 <= 个人贷款上限", names=["申请金额", "个人贷款上限"])
    expression.evaluate({"申请金额": 300000, "个人贷款上限": 500000}).value        # True

Two levels:

**From outside** `compile_expression` / `compile_unary_tests` and `.evaluate(context)`, which converts Python values,
never raises, and answers with a value and diagnostics.

**From inside the package** (boxed expressions, business knowledge models, tables): compiled objects have
`run(scope)`, a plain closure. Make one `Run` per evaluation, `Scope(values, run)` for its names, `scope.child({...})`
for nested ones, and call `run.guard(closure, scope)` at the outermost place; inside, `expression.run(scope)` costs no
more than the expression itself. A closure may raise only `LimitReached`, `RecursionError`, `MemoryError`, which
`guard` turns into null with a diagnostic; everything else that goes wrong is null plus `scope.run.report(...)`.

FEEL values as Python objects (`values.py`): None, bool, `Decimal` (every number), str, `Date`, `Time`, `DateTime`,
`DaysDuration`, `MonthsDuration`, `Range`, list, dict (context), `Function`. `from_python` and `to_python` convert
at the border; `to_json` gives what JSON can hold.

Functions of models: `values.UserFunction(name=, parameters=, body=, parameter_types=, result_type=)`, where
`body(arguments, run)` gets the arguments in order of the parameters, already coerced to their types. A function in a
scope is called like a built-in one, also by named arguments.

Names: `names` lists the variables in scope that the parser cannot see by itself (inputs, decisions, functions). It
needs those with spaces or operator characters ("Full Name", "day-rate"); others do no harm. Member names of contexts
with such characters come from `types` (name → FeelType) and are also accepted in `names`.
`type_names` (name → FeelType) are the item definitions that `instance of` and parameter types may name.

Host functions: `evaluate(context, functions={"working_days": host_function("working_days", ["from", "days"], f)})`.
They are the only way out of the language.
"""

from banjie.feel.diagnostics import Diagnostic, FeelSyntaxError
from banjie.feel.expression import Evaluation, Expression, UnaryTests, compile_expression, compile_unary_tests
from banjie.feel.host import HostFunctionError, host_function
from banjie.feel.limits import DEFAULT_LIMITS, LimitReached, Limits
from banjie.feel.scope import Run, Scope
from banjie.feel.unparse import unparse

__all__ = [
    "DEFAULT_LIMITS",
    "Diagnostic",
    "Evaluation",
    "Expression",
    "FeelSyntaxError",
    "HostFunctionError",
    "LimitReached",
    "Limits",
    "Run",
    "Scope",
    "UnaryTests",
    "compile_expression",
    "compile_unary_tests",
    "host_function",
    "unparse",
]
