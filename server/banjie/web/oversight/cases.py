"""The cases that a manager, an auditor or a head watches over: narrowed down, paged, and as a file."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

from flask import url_for

from banjie.domain.identity import mask_name
from banjie.domain.instances import InstanceStatus
from banjie.domain.worklist import CaseFilter, WatchedCase
from banjie.edge.context import actor, runtime
from banjie.services import reports
from banjie.services.reports import WatchedPage
from banjie.web.common.filters import local_time
from banjie.web.common.frame import agency_name, region_name, service_title
from banjie.web.common.language import gettext
from banjie.web.common.words import status_word

_ = gettext

#: Characters of a search.
_LONGEST_TEXT = 60
#: What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A case in the list; the applicant's name is masked."""

    url: str
    case_no: str
    service_title: str
    region_name: str
    applicant: str
    status_text: str
    ended: bool
    late: bool
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An entry of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PageLinks:
    """Where the neighbouring pages are."""

    shown: int
    first_url: str | None
    next_url: str | None


def asked_filter(asked: Mapping[str, str]) -> CaseFilter:
    """The filter that an address asks for: status, service, agency, late and q; unknown words choose nothing."""
    book = runtime().book
    status, service, agency = (asked.get(name, "") for name in ("status", "service", "agency"))
    return CaseFilter(
        status=status if status in set(InstanceStatus) else "",
        service=service if service in book.services else "",
        agency=agency if agency in book.agencies else "",
        late=asked.get("late") == "1",
        text=asked.get("q", "").strip()[:_LONGEST_TEXT],
    )


def read_page(asked: Mapping[str, str]) -> WatchedPage:
    """The page of cases that an address asks for."""
    return reports.watched_cases(
        runtime(), actor(), asked_filter(asked), cursor=asked.get("cursor") or None,
        oldest_first=asked.get("order") == "ascending",
    )  # fmt: skip


def case_list(asked: Mapping[str, str]) -> dict[str, Any]:
    """The names of the list's template."""
    chosen, page = asked_filter(asked), read_page(asked)
    order = "ascending" if asked.get("order") == "ascending" else "descending"
    kept = _kept(chosen)
    other = "descending" if order == "ascending" else "ascending"
    here: dict[str, Any] = {**kept, "order": order, "cursor": asked.get("cursor") or None}
    following: dict[str, Any] = {**kept, "order": order, "cursor": page.next}
    return {
        "cases": [_line(case) for case in page.cases],
        "chosen": chosen,
        "order": order,
        "statuses": _statuses(chosen),
        "services": _services(chosen),
        "agencies": _agencies(chosen),
        "is_narrowed": not chosen.is_empty,
        "goes_on": page.goes_on,
        "sort_url": url_for("oversight.cases", **{**kept, "order": other}),
        "export_url": url_for("oversight.export", **here),
        "page": PageLinks(
            shown=len(page.cases),
            first_url=url_for("oversight.cases", **{**kept, "order": order}) if asked.get("cursor") else None,
            next_url=url_for("oversight.cases", **following) if page.next else None,
        ),
    }


def export(asked: Mapping[str, str]) -> bytes:
    """The page of cases as CSV (UTF-8 with its mark, for spreadsheets); no cell is taken for a formula."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(
        _safe(label)
        for label in (
            _("Case number"), _("Service"), _("Region"), _("Applicant"), _("State"), _("Overdue"), _("Applied"),
        )
    )  # fmt: skip
    for case in read_page(asked).cases:
        line = _line(case)
        late = _("yes") if line.late else _("no")
        cells = (
            line.case_no, line.service_title, line.region_name, line.applicant, line.status_text, late,
            local_time(line.started_at),
        )  # fmt: skip
        writer.writerow(_safe(cell) for cell in cells)
    return file.getvalue().encode("utf-8-sig")


def _safe(cell: str) -> str:
    """A cell that a spreadsheet shows as it is.

    >>> _safe("=1+1")
    "'=1+1"
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _kept(chosen: CaseFilter) -> dict[str, Any]:
    """The filter as an address carries it; what is empty is left out."""
    return {
        "status": chosen.status or None,
        "service": chosen.service or None,
        "agency": chosen.agency or None,
        "late": "1" if chosen.late else None,
        "q": chosen.text or None,
    }


def _line(case: WatchedCase) -> CaseLine:
    row = case.row
    return CaseLine(
        url=url_for("case.case", case_no=row.case_no),
        case_no=row.case_no,
        service_title=service_title(row.service),
        region_name=region_name(row.region),
        applicant=mask_name(row.applicant),
        status_text=status_word(row.status, row.outcome),
        ended=row.status != InstanceStatus.RUNNING,
        late=case.late,
        started_at=row.started_at,
    )


def _statuses(chosen: CaseFilter) -> Sequence[Choice]:
    words = {
        InstanceStatus.RUNNING: _("In progress"),
        InstanceStatus.ENDED: _("Finished"),
        InstanceStatus.WITHDRAWN: _("Withdrawn"),
        InstanceStatus.CANCELLED: _("Cancelled"),
    }
    return [
        Choice(value=status.value, label=word, chosen=status == chosen.status)
        for status, word in words.items()
    ]


def _services(chosen: CaseFilter) -> Sequence[Choice]:
    return [
        Choice(value=key, label=service_title(key), chosen=key == chosen.service)
        for key in sorted(runtime().book.services)
    ]


def _agencies(chosen: CaseFilter) -> Sequence[Choice]:
    return [
        Choice(value=key, label=agency_name(key), chosen=key == chosen.agency)
        for key in reports.watched_agencies(runtime(), actor())
    ]
