"""Walks a scenario of ``scenarios.yaml`` through an office and compares what came of each step.

Every command reads the case from the database and every step looks at it anew, so each save is loaded
before the next step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from banjie.domain.calendar import legal_date
from banjie.domain.errors import BanjieError
from banjie.domain.ledger import ClockKind
from banjie.domain.tasks import Task
from banjie.domain.worklist import EventRow
from banjie.services.instances import CaseView
from support.office import Office

Step = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a step left: the case, the events on record since the step before, and the time."""

    view: CaseView
    new: list[EventRow]
    now: datetime


def differences(office: Office, cast: Mapping[str, str], scenario: Mapping[str, Any]) -> list[str]:
    """What differs from the expectations, each with the number of its step; empty when all holds."""
    office.clock.set(scenario["steps"][0]["at"])
    found: list[str] = []
    case_no, last = "", 0
    for number, step in enumerate(scenario["steps"], start=1):
        office.tick(step["at"])
        refused, case_no = _do(office, cast, scenario["service"], case_no, step)
        if refused != step.get("refused"):
            found.append(f"step {number}: refused with {refused}, not {step.get('refused')}")
            if not case_no:
                return found
        view = office.view(case_no)
        new = [event for event in view.events if event.seq > last]
        last = max((event.seq for event in view.events), default=last)
        seen = Seen(view=view, new=new, now=office.clock())
        found += [f"step {number}: {one}" for one in _compare(step["expect"], seen)]
    return found


def _do(
    office: Office, cast: Mapping[str, str], service: str, case_no: str, step: Step
) -> tuple[str | None, str]:
    """The code of the refusal, if any, and the case's number."""
    changes = step.get("changes", {})
    try:
        if step["do"] == "start":
            case_no = office.apply(service, by=cast[step["by"]], **changes)
        elif step["do"] == "complete":
            office.complete(case_no, step["element"], by=cast[step["by"]], **changes)
    except BanjieError as error:
        return error.code, case_no
    return None, case_no


def _compare(expect: Step, seen: Seen) -> Iterator[str]:
    shown: dict[str, Callable[[], object]] = {
        "open": lambda: [task.element for task in seen.view.tasks],
        "due": lambda: {task.element: _day(task.due_at) for task in seen.view.tasks},
        "case_due": lambda: _case_due(seen.view),
        "light": lambda: _light(seen.view.tasks[0], seen.now),
        "ended": lambda: seen.view.instance.outcome if seen.view.instance.ended_at else None,
        "notice": lambda: next((e.facts["template"] for e in seen.new if e.type == "notice.queued"), None),
    }
    for name, show in shown.items():
        if name in expect and show() != expect[name]:
            yield f"{name} is {show()}, not {expect[name]}"
    for variable, fields in expect.get("data", {}).items():
        value = seen.view.instance.data.get(variable)
        given = {field: value.get(field) if isinstance(value, Mapping) else None for field in fields}
        if given != fields:
            yield f"{variable} is {given}, not {fields}"
    for key, parameters in expect.get("missing", {}).items():
        named = _missing(seen.view, key)
        if named != parameters:
            yield f"without a value for {key} were {named}, not {parameters}"
    for kind in expect.get("events", []):
        if kind not in [event.type for event in seen.new]:
            yield f"no event {kind}, only {[event.type for event in seen.new]}"


def _day(instant: datetime | None) -> str | None:
    return None if instant is None else legal_date(instant).isoformat()


def _case_due(view: CaseView) -> str | None:
    promised = [one.stored for one in view.clocks if one.stored.clock.kind is ClockKind.PROMISED]
    return _day(promised[0].due.at) if promised else None


def _light(task: Task, now: datetime) -> str:
    if task.due_at is None or task.warn_at is None:
        return "none"
    if now > task.due_at:
        return "red"
    return "yellow" if now >= task.warn_at else "green"


def _missing(view: CaseView, key: str) -> list[str]:
    receipts = [row.receipt["missing"] for row in view.decisions if row.key == key]
    latest = receipts[-1] if receipts else []
    assert isinstance(latest, list)
    return [str(value["key"]) for value in latest if isinstance(value, Mapping)]
