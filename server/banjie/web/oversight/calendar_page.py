"""The calendar in words: its years, the due times that it would move, and the last audit of the clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from banjie.domain.clock_audit import BUCKET_SECONDS
from banjie.domain.ledger import ClockKind
from banjie.edge.context import actor, runtime
from banjie.persistence.clock_audit import StoredAudit
from banjie.policy.calendars import CalendarYear
from banjie.services import clock_audit, recompute
from banjie.services.recompute import Change, Failure
from banjie.web.common.language import gettext
from banjie.web.common.words import clock_word

_ = gettext
_LINES = 50
#: How the library calls a day off that is made up for at a weekend.
_EXCHANGED = "休息日"
#: Years before the present one that stand open on the page; older ones are folded.
_RECENT_YEARS = 1


@dataclass(frozen=True, kw_only=True)
class YearLine:
    """A year: its notice, empty while it is provisional, its holidays by name, and the days made up for."""

    year: str
    provisional: bool
    notice: str
    url: str
    holidays: str
    days_off: int
    days_worked: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """A clock whose due time moves; for one that cannot be computed `error` says why, and there are no times."""

    case_no: str
    case_url: str
    clock: str
    old: datetime | None
    new: datetime | None
    provisional: bool
    error: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """A heading that sorts; `sorted` as `aria-sort` says it."""

    label: str
    url: str
    sorted: str | None


@dataclass(frozen=True, kw_only=True)
class Pages:
    """What `macros/paging.html` needs."""

    shown: int
    first_url: str | None
    next_url: str | None


@dataclass(frozen=True, kw_only=True)
class LatenessLine:
    """How often something fired, by how late it was."""

    name: str
    counts: Sequence[int]


_KEYS: dict[str, Callable[[Change], Any]] = {
    "case": lambda change: change.case_no,
    "clock": lambda change: (change.element_name or "", change.kind),
    "old": lambda change: change.old.at,
    "new": lambda change: change.new.at,
}


def calendar_parts(asked: Mapping[str, str]) -> dict[str, Any]:
    """The names of the page's template. `asked` may hold preview, sort, order, page and applied.

    Looking for what would change reads all running clocks, so it is done only where `preview` asks for it.
    """
    rt = runtime()
    audit = clock_audit.latest(rt)
    this_year = rt.today().year
    years = [_year(year) for year in rt.calendars.years()]
    return {
        "recent_years": [line for line in years if int(line.year) >= this_year - _RECENT_YEARS],
        "older_years": [line for line in years if int(line.year) < this_year - _RECENT_YEARS],
        "missing_years": [str(year) for year in rt.calendars.missing_notices(rt.today())],
        "may_apply": recompute.may_apply(actor()),
        "applied": _number(asked.get("applied")),
        "preview_url": url_for("oversight.calendar", preview=1, _anchor="preview"),
        "preview": _preview(asked) if asked.get("preview") else None,
        "audit": audit,
        "audit_heads": [*(_bound(seconds) for seconds in BUCKET_SECONDS), _("later")],
        "lateness": _lateness(audit) if audit else [],
    }


def _preview(asked: Mapping[str, str]) -> dict[str, Any]:
    sort = asked.get("sort", "new") if asked.get("sort") in _KEYS else "new"
    order = "descending" if asked.get("order") == "descending" else "ascending"
    page = _number(asked.get("page")) or 1
    changes: list[Change] = []
    failures: list[Failure] = []
    for found in recompute.preview(runtime()):
        if isinstance(found, Change):
            changes.append(found)
        else:
            failures.append(found)
    changes.sort(key=_KEYS[sort], reverse=order == "descending")
    first = (page - 1) * _LINES
    shown = changes[first : first + _LINES]
    return {
        "count": len(changes),
        "columns": _columns(sort, order),
        "lines": [_change(change) for change in shown],
        "failures": [_failure(failure) for failure in failures[:_LINES]],
        "failed": len(failures),
        "page": Pages(
            shown=len(shown),
            first_url=_at(sort, order, 1) if page > 1 else None,
            next_url=_at(sort, order, page + 1) if first + _LINES < len(changes) else None,
        ),
    }


def _at(sort: str, order: str, page: int) -> str:
    return url_for("oversight.calendar", preview=1, sort=sort, order=order, page=page, _anchor="preview")


def _columns(sort: str, order: str) -> list[Column]:
    labels = {
        "case": _("Case number"),
        "clock": _("Clock"),
        "old": _("Due until now"),
        "new": _("New due time"),
    }
    other = "ascending" if order == "descending" else "descending"
    return [
        Column(
            label=label,
            url=_at(key, other if key == sort else "ascending", 1),
            sorted=order if key == sort else None,
        )
        for key, label in labels.items()
    ]


def _change(change: Change) -> ChangeLine:
    return ChangeLine(
        case_no=change.case_no, case_url=url_for("case.case", case_no=change.case_no),
        clock=clock_word(ClockKind(change.kind), change.element_name or ""), old=change.old.at, new=change.new.at,
        provisional=change.new.provisional, error="",
    )  # fmt: skip


def _failure(failure: Failure) -> ChangeLine:
    return ChangeLine(
        case_no=failure.case_no, case_url=url_for("case.case", case_no=failure.case_no),
        clock=clock_word(ClockKind(failure.kind), failure.element_name or ""), old=None, new=None,
        provisional=False, error=failure.error,
    )  # fmt: skip


def _year(year: CalendarYear) -> YearLine:
    notice = year.notice
    return YearLine(
        year=str(year.year),
        provisional=notice is None,
        notice=notice.source if notice else "",
        url=(notice.url or "") if notice else "",
        holidays="、".join(_holidays(year)),
        days_off=len(year.days_off),
        days_worked=[f"{day.day:%m-%d}" for day in year.days_worked],
    )


def _holidays(year: CalendarYear) -> list[str]:
    """The names of the holidays once each, without what the library adds of days in lieu and days exchanged."""
    names = [part.strip() for day in year.days_off for part in day.name.split(";")]
    plain = (name.partition("（")[0] for name in names if not name.startswith(_EXCHANGED))
    return list(dict.fromkeys(plain))


def _lateness(audit: StoredAudit) -> list[LatenessLine]:
    names = {"warned": _("Warnings"), "missed": _("Limits")}
    return [
        LatenessLine(name=names.get(kind, kind), counts=found.counts)
        for kind, found in audit.lateness.items()
    ]


def _bound(seconds: int) -> str:
    if seconds < 60:
        return f"≤ {seconds} s"
    return f"≤ {seconds // 60} min" if seconds < 3600 else f"≤ {seconds // 3600} h"


def _number(text: str | None) -> int | None:
    """The number that an address holds; None where it holds none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
