"""Built-in functions of contexts, and of values of every kind. Source: DMN 1.5, 10.3.4.2 and 10.3.4.9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from banjie.feel.comparison import identical
from banjie.feel.functions import built_in

if TYPE_CHECKING:
    from banjie.feel.scope import Run


@built_in("get value")
def get_value(_run: Run, context: dict[str, object], key: str) -> object:
    return context.get(key)


@built_in("get entries")
def get_entries(run: Run, context: dict[str, object]) -> list[object]:
    run.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@built_in("context")
def context(run: Run, entries: list[object]) -> dict[str, object] | None:
    """The context of entries with `key` and `value`; null when one has neither, or a key comes twice."""
    made: dict[str, object] = {}
    run.spend(len(entries))
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry:
            return run.report("type", "an entry has no key or no value", "某条目缺少key或value")
        key = entry.get("key")
        if not isinstance(key, str) or key in made:
            return run.report("type", "a key is not a string or comes twice", "键不是字符串或重复")
        made[key] = entry["value"]
    return made


@built_in("context put", 0)
def context_put(run: Run, whole: dict[str, object], key: str, value: object) -> dict[str, object]:
    run.spend(len(whole))
    return {**whole, key: value}


@built_in("context put", 1)
def context_put_deep(
    run: Run, whole: dict[str, object], keys: list[object], value: object
) -> dict[str, object] | None:
    """With the value at the end of a path of keys; contexts on the way are made where there are none."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return run.report("type", "the keys are not strings", "键不是字符串")
    return _put(run, whole, [str(key) for key in keys], value)


def _put(run: Run, whole: dict[str, object], keys: list[str], value: object) -> dict[str, object] | None:
    run.spend(len(whole) + 1)
    if len(keys) == 1:
        return {**whole, keys[0]: value}
    inner = whole.get(keys[0])
    if not isinstance(inner, dict):
        return run.report("type", f"there is no context under '{keys[0]}'", f"“{keys[0]}”下没有上下文")
    changed = _put(run, inner, keys[1:], value)
    return None if changed is None else {**whole, keys[0]: changed}


@built_in("context merge")
def context_merge(run: Run, contexts: list[object]) -> dict[str, object] | None:
    merged: dict[str, object] = {}
    for one in contexts:
        if not isinstance(one, dict):
            return run.report("type", "an item is not a context", "某项不是上下文")
        run.spend(len(one))
        merged.update(one)
    return merged


@built_in("not")
def not_(_run: Run, negand: object) -> bool | None:
    return not negand if isinstance(negand, bool) else None


@built_in("is")
def is_(_run: Run, value1: object = None, value2: object = None) -> bool:
    return identical(value1, value2)
