"""The board in words: sums, groups that sort, and pressing steps that one may narrow down to a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from banjie.domain.worklist import LoadRow, OversightRow
from banjie.edge.context import runtime
from banjie.services.procedures import Count
from banjie.services.reports import OVERTIME_DAYS, Oversight
from banjie.services.time_left import time_left
from banjie.web.common.frame import agency_name, service_title
from banjie.web.common.holding import ground_title
from banjie.web.common.language import gettext

_ = gettext


@dataclass(frozen=True, kw_only=True)
class Group:
    """The open tasks of a step in an agency, by light."""

    agency_name: str
    element_name: str
    overdue: int
    due_soon: int
    in_time: int
    url: str


@dataclass(frozen=True, kw_only=True)
class OvertimeLine:
    """The steps of an agency that missed their own limit lately, by whether their case was late as well."""

    agency_name: str
    element_name: str
    case_in_time: int
    case_late: int


@dataclass(frozen=True, kw_only=True)
class ExcludedLine:
    """The procedures of a ground whose time did not count, as one officer began them."""

    ground: str
    agency_name: str
    officer: str
    open: int
    total: int
    days: int


@dataclass(frozen=True, kw_only=True)
class Sums:
    """The groups together."""

    overdue: int
    due_soon: int
    in_time: int
    open: int


@dataclass(frozen=True, kw_only=True)
class Column:
    """A heading that sorts; `sorted` as `aria-sort` says it."""

    label: str
    url: str
    right: bool
    sorted: str | None


@dataclass(frozen=True, kw_only=True)
class PressingLine:
    """A late or soon late step."""

    url: str
    case_no: str
    service_title: str
    element_name: str
    agency_name: str
    assignee_name: str | None
    due_at: datetime
    light: str
    days: int
    minutes: int
    overdue: bool


_KEYS: dict[str, Callable[[Group], str | int]] = {
    "agency": lambda group: group.agency_name,
    "step": lambda group: group.element_name,
    "overdue": lambda group: group.overdue,
    "due_soon": lambda group: group.due_soon,
    "in_time": lambda group: group.in_time,
}
_TEXTS = ("agency", "step")


def board(found: Oversight, excluded: Sequence[Count], asked: Mapping[str, str]) -> dict[str, Any]:
    """The names of the board's template. `asked` may hold sort, order, agency and step."""
    groups = [_group(row) for row in found.load]
    sort = asked.get("sort", "overdue") if asked.get("sort") in _KEYS else "overdue"
    order = asked.get("order", "")
    if order not in ("ascending", "descending"):
        order = _first_order(sort)
    rows = [row for row in found.pressing if _fits(row, asked)]
    return {
        "now": runtime().now(),
        "groups": sorted(groups, key=_KEYS[sort], reverse=order == "descending"),
        "widest": max((group.overdue + group.due_soon + group.in_time for group in groups), default=1),
        "sums": _sums(groups),
        "columns": _columns(sort, order),
        "rows": [_line(row) for row in rows],
        "overtime": [
            OvertimeLine(
                agency_name=agency_name(row.agency),
                element_name=row.element_name,
                case_in_time=row.case_in_time,
                case_late=row.case_late,
            )
            for row in found.overtime
        ],
        "overtime_days": OVERTIME_DAYS,
        "excluded": [
            ExcludedLine(
                ground=ground_title(row.ground),
                agency_name=agency_name(row.agency),
                officer=row.officer,
                open=row.open,
                total=row.total,
                days=row.days,
            )
            for row in excluded
        ],
        "filter_text": _filter_text(found.load, asked),
        "missing_years": [str(year) for year in found.missing_notices],
    }


def _first_order(sort: str) -> str:
    return "ascending" if sort in _TEXTS else "descending"


def _group(row: LoadRow) -> Group:
    return Group(
        agency_name=agency_name(row.agency),
        element_name=row.element_name,
        overdue=row.overdue,
        due_soon=row.due_soon,
        in_time=row.open - row.overdue - row.due_soon,
        url=url_for("oversight.oversight", agency=row.agency, step=row.element, _anchor="steps"),
    )


def _sums(groups: Sequence[Group]) -> Sums:
    overdue, due_soon = sum(group.overdue for group in groups), sum(group.due_soon for group in groups)
    in_time = sum(group.in_time for group in groups)
    return Sums(overdue=overdue, due_soon=due_soon, in_time=in_time, open=overdue + due_soon + in_time)


def _columns(sort: str, order: str) -> list[Column]:
    labels = {
        "agency": _("Agency"),
        "step": _("Step"),
        "overdue": _("Overdue"),
        "due_soon": _("Due soon"),
        "in_time": _("In time"),
    }
    return [
        Column(
            label=label,
            url=url_for("oversight.oversight", sort=key, order=_next_order(key, sort, order)),
            right=key not in _TEXTS,
            sorted=order if key == sort else None,
        )
        for key, label in labels.items()
    ]


def _next_order(key: str, sort: str, order: str) -> str:
    if key != sort:
        return _first_order(key)
    return "ascending" if order == "descending" else "descending"


def _fits(row: OversightRow, asked: Mapping[str, str]) -> bool:
    return asked.get("agency") in (None, row.agency) and asked.get("step") in (None, row.element)


def _filter_text(load: Sequence[LoadRow], asked: Mapping[str, str]) -> str:
    for row in load:
        if row.agency == asked.get("agency") and row.element == asked.get("step"):
            return f"{agency_name(row.agency)} · {row.element_name}"
    return ""


def _line(row: OversightRow) -> PressingLine:
    left = time_left(
        runtime(), agency=row.agency, opened_at=row.opened_at, warn_at=row.warn_at, due_at=row.due_at
    )
    return PressingLine(
        url=url_for("case.case", case_no=row.case_no),
        case_no=row.case_no,
        service_title=service_title(row.service),
        element_name=row.element_name,
        agency_name=agency_name(row.agency),
        assignee_name=row.assignee,
        due_at=row.due_at,
        light=left.light.value if left else "none",
        days=left.days if left else 0,
        minutes=left.minutes if left else 0,
        overdue=left.overdue if left else False,
    )
