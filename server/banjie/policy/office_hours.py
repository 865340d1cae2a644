"""Office hours as a content file writes them: sessions, seasons and weekdays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

from banjie.domain.calendar import WHOLE_DAY, CalendarFault, HoursVariant, OfficeHours, Session
from banjie.policy.checked import CheckedFile


def read_hours(file: CheckedFile, value: object) -> Iterator[tuple[str, OfficeHours]]:
    for key, raw in file.mapping(value, "hours").items():
        element = f"hours.{key}"
        entry = file.mapping(raw, element, {"sessions", "variants"})
        name = file.text(key, element)
        try:
            yield (
                name,
                OfficeHours(
                    key=name,
                    sessions=_sessions(file, f"{element}.sessions", entry.get("sessions")),
                    variants=tuple(
                        _variant(file, f"{element}.variants[{number}]", item)
                        for number, item in enumerate(file.items(entry.get("variants", []), element))
                    ),
                ),
            )
        except CalendarFault as fault:
            file.broken(element, "hours", str(fault.facts["rule"]))


def _sessions(file: CheckedFile, element: str, value: object) -> tuple[Session, ...]:
    if value == "whole_day":
        return WHOLE_DAY
    sessions = []
    for number, item in enumerate(file.items(value, element)):
        pair = item if isinstance(item, list) and len(item) == 2 else [None, None]
        opens, closes = (_clock_time(text) for text in pair)
        if opens is None or closes is None:
            file.broken(f"{element}[{number}]", "time", 'must be two times as ["09:00", "17:30"]')
            continue
        sessions.append(Session(opens=opens, closes=closes))
    return tuple(sessions)


def _clock_time(value: object) -> time | None:
    if not isinstance(value, str) or len(value) != len("09:00"):
        return None
    try:
        return time.fromisoformat(value)
    except ValueError:
        return None


def _variant(file: CheckedFile, element: str, value: object) -> HoursVariant:
    entry = file.mapping(value, element, {"sessions", "weekdays", "since", "until"})
    weekdays = [
        file.integer(item, f"{element}.weekdays", 1, 7)
        for item in file.items(entry.get("weekdays", []), f"{element}.weekdays")
    ]
    if ("since" in entry) is not ("until" in entry):
        file.broken(element, "season", "needs both since and until")
    return HoursVariant(
        sessions=_sessions(file, f"{element}.sessions", entry.get("sessions")),
        weekdays=frozenset(weekdays),
        since=_month_day(file, f"{element}.since", entry.get("since")),
        until=_month_day(file, f"{element}.until", entry.get("until")),
    )


def _month_day(file: CheckedFile, element: str, value: object) -> tuple[int, int] | None:
    if value is None:
        return None
    try:
        # 2000 is a leap year, so that 02-29 can be said.
        day = date.fromisoformat(f"2000-{value}")
    except ValueError:
        file.broken(element, "season", 'must be month and day as "06-01"')
        return None
    return day.month, day.day
