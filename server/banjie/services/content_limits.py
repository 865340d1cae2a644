"""Whether the limits of the steps fit into the limit promised for the case, and that into the statutory one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from banjie.content.paths import longest_way
from banjie.domain.decisions import ParameterValue
from banjie.domain.definitions import Definition
from banjie.domain.errors import Problem
from banjie.policy.book import Book
from banjie.policy.parameters import Parameter

RULE = "path-within-promise"


def check_limits(definition: Definition, diagrams: Mapping[str, bytes], book: Book) -> Iterator[Problem]:
    """Each day and region from which the longest way no longer fits, with the way in the message.

    Days are those on which a value of one of the limits begins or has ended; `diagrams` is file → bytes.
    Where no value of the promised or statutory limit is in force there is nothing to compare with.
    Source: clock.md of the design; local rules of supervision: the limits of all steps together may not
    exceed the promise, the promise may not exceed the law. Extensions need no comparing: what is promised moves
    with an extended step by as many days, and never past the law's limit (`services/extensions.py`).
    """
    steps = {one.id: one.limit for one in definition.elements.values() if one.limit in book.parameters}
    for promised, statutory in _bounds(definition.key, book):
        wanted = {key for key in (*steps.values(), promised, statutory) if key in book.parameters}
        parameters = [book.parameters[key] for key in sorted(key for key in wanted if key)]
        for region, day in sorted(_beginnings(parameters)):
            held = _Held(book=book, region=region, day=day)
            for message in _faults(definition, diagrams, steps, promised, statutory, held):
                yield Problem(
                    file=f"bpmn/{definition.key}/{definition.key}.bpmn",
                    element=definition.key,
                    rule=RULE,
                    message=f"from {day} in {region}: {message}",
                )


class _Held:
    """The limits in force on one day in one region."""

    def __init__(self, *, book: Book, region: str, day: date) -> None:
        self._book = book
        self._region = region
        self._day = day

    def find(self, key: str | None) -> ParameterValue | None:
        if key is None or key not in self._book.parameters:
            return None
        found = self._book.find_parameter(key, on=self._day, region=self._region)
        return found if isinstance(found, ParameterValue) else None


def _bounds(process: str, book: Book) -> list[tuple[str | None, str | None]]:
    """The promised and the statutory limit of each service of the process, each pair once."""
    found = [
        (one.promised_limit, one.statutory_limit) for one in book.services.values() if one.process == process
    ]
    return list(dict.fromkeys(found))


def _beginnings(parameters: list[Parameter]) -> set[tuple[str, date]]:
    """Region and day of every change of any of the parameters, for every region that any of them names."""
    periods = [period for parameter in parameters for period in parameter.periods]
    days = {period.since for period in periods}
    days |= {one.until + timedelta(days=1) for one in periods if one.until and one.until < date.max}
    return {(period.region, day) for period in periods for day in days}


def _faults(
    definition: Definition,
    diagrams: Mapping[str, bytes],
    steps: Mapping[str, str | None],
    promised: str | None,
    statutory: str | None,
    held: _Held,
) -> Iterator[str]:
    values = {step: value for step, key in steps.items() if (value := held.find(key))}
    promise, statute = held.find(promised), held.find(statutory)
    bound = promise or statute
    if bound is None:
        return
    way = longest_way(diagrams, definition.key, {step: _days(value) for step, value in values.items()})
    units = {values[step].unit for step in way.steps} | {one.unit for one in (promise, statute) if one}
    if len(units) > 1:
        yield f"{_told(definition, way.steps, values)}: limits in {' and '.join(sorted(units))} cannot be compared"
        return
    if way.days > _days(bound):
        kind = "promised" if promise else "statutory"
        path = _told(definition, way.steps, values)
        yield f"{path} = {way.days} {bound.unit} exceed the {kind} limit of {_days(bound)} ({bound.key})"
    if promise and statute and _days(promise) > _days(statute):
        yield (
            f"the promised limit of {_days(promise)} {promise.unit} ({promise.key}) exceeds the statutory "
            f"limit of {_days(statute)} ({statute.key})"
        )


def _told(definition: Definition, steps: tuple[str, ...], values: Mapping[str, ParameterValue]) -> str:
    return " + ".join(f"{step} “{definition.elements[step].name}” {_days(values[step])}" for step in steps)


def _days(value: ParameterValue) -> int:
    return int(value.value)
