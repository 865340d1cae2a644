"""The usual answers of a process, kept beside its diagram: what is applied with, and what lets a case pass each step.

Demonstration, scenarios and tests use them, so that a form and its usual answer change together. ``usual.yaml`` of a
process is laid over that of the shared steps. A text that begins with ``$`` is made up for the serial number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

from banjie.domain.decisions import Json
from banjie.policy.yaml_reader import load_yaml
from banjie.services import demo

_SHARED = "common"


@dataclass(frozen=True, kw_only=True)
class Usual:
    """`start`: service → its application; `answers` and `officers`: process → element → answer and user name."""

    start: Mapping[str, Mapping[str, Json]]
    answers: Mapping[str, Mapping[str, Mapping[str, Json]]]
    officers: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, root: Path) -> Usual:
        """Those of a content tree. Raises ContentError for a file that cannot be read."""
        files: dict[str, dict[str, Any]] = {}
        for path in sorted(root.glob("bpmn/*/usual.yaml")):
            read = load_yaml(path, file=path.relative_to(root).as_posix())
            files[path.parent.name] = cast("dict[str, Any]", read)
        shared = files.pop(_SHARED, {})
        return cls(
            start={service: given for one in files.values() for service, given in one["start"].items()},
            answers={
                process: {**shared.get("answers", {}), **one.get("answers", {})}
                for process, one in files.items()
            },
            officers={
                process: {**shared.get("officers", {}), **one.get("officers", {})}
                for process, one in files.items()
            },
        )

    def application(self, service: str, serial: int, today: date, **more: Json) -> dict[str, Json]:
        """A valid application by a serial number; `more` replaces or adds fields."""
        return {**_filled(self.start[service], serial, today), **more}

    def answer(self, process: str, element: str, serial: int, today: date, **more: Json) -> dict[str, Json]:
        """What lets a case pass a step; `more` replaces or adds fields."""
        return {**_filled(self.answers[process][element], serial, today), **more}


def _filled(given: Mapping[str, Json], serial: int, today: date) -> dict[str, Json]:
    return {key: _value(value, serial, today) for key, value in given.items()}


def _value(value: object, serial: int, today: date) -> Json:
    if isinstance(value, Mapping):
        return _filled(value, serial, today)
    if isinstance(value, list):
        return [_value(item, serial * 50 + number, today) for number, item in enumerate(value)]
    if isinstance(value, str) and value.startswith("$"):
        name, _, days = value[1:].partition(" ")
        return _MADE_UP[name](serial, today + timedelta(days=int(days or 0)))
    if isinstance(value, date):
        return value.isoformat()
    return cast("Json", value)


#: ``$today -30`` is thirty days ago, ``$month -30`` the month of that day.
_MADE_UP: Mapping[str, Callable[[int, date], str]] = {
    "id_number": lambda serial, _: demo.id_number(serial),
    "young_id_number": demo.young_id_number,
    "credit_code": lambda serial, _: demo.credit_code(serial),
    "bank_card": lambda serial, _: demo.bank_card(serial),
    "account": lambda serial, _: f"0512{serial:010d}",
    "phone": lambda serial, _: f"139{serial % 100_000_000:08d}",
    "serial": lambda serial, _: f"{serial:06d}",
    "today": lambda _, day: day.isoformat(),
    "month": lambda _, day: f"{day:%Y-%m}",
}
