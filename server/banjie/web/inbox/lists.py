"""Rows of the inbox as its lines show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from banjie.domain.identity import mask_name
from banjie.domain.worklist import COUNT_CAP, InboxPage, InboxRow, Tab
from banjie.edge.context import actor, runtime
from banjie.services import take_backs
from banjie.services.tasks import MOST_A_PAGE, PAGE
from banjie.services.time_left import time_left
from banjie.web.common.frame import service_title
from banjie.web.common.language import current_language, gettext

_ = gettext

#: How many lines a page may have.
SIZES = (PAGE, 50, MOST_A_PAGE)


@dataclass(frozen=True, kw_only=True)
class TabView:
    """A tab with its count, "99+" where there are more than are counted."""

    key: str
    label: str
    count: str
    url: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """A task in the list. `share` of the limit is used, 0 to 2; days and minutes are left or past.

    `held_for` is the absent officer in whose place it is held, `absent` whose place one would take.
    """

    task_id: int
    url: str
    case_no: str
    service_title: str
    element_name: str
    applicant_masked: str
    assignee: str | None
    version: int
    light: str
    due_at: datetime | None
    completed_at: datetime | None
    days: int
    minutes: int
    overdue: bool
    share: float
    urged_at: datetime | None
    on_hold: bool
    held_for: str | None
    absent: str


@dataclass(frozen=True, kw_only=True)
class SizeLink:
    """A length that a page of the list may have."""

    lines: int
    url: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class PageLinks:
    """Where the neighbouring pages are."""

    shown: int
    first_url: str | None
    next_url: str | None


def tab_views(here: Tab | None, counts: Mapping[Tab, int]) -> list[TabView]:
    """The tabs in their order; that of a substitute only while there is somebody absent.

    None is open where another list is.
    """
    labels = {
        Tab.MINE: _("To do"), Tab.CANDIDATE: _("Candidates"), Tab.SUBSTITUTE: _("For the absent"), Tab.DONE: _("Done")
    }  # fmt: skip
    if Tab.SUBSTITUTE not in counts and here is not Tab.SUBSTITUTE:
        del labels[Tab.SUBSTITUTE]
    return [
        TabView(
            key=tab.value,
            label=label,
            count=_count(counts.get(tab, 0)),
            url=url_for("inbox.inbox", tab=tab),
            here=tab is here,
        )
        for tab, label in labels.items()
    ]


def _count(count: int) -> str:
    return f"{COUNT_CAP - 1}+" if count >= COUNT_CAP else str(count)


def page_links(tab: Tab, query: str, cursor: str | None, page: InboxPage, limit: int) -> PageLinks:
    """The first page, from a later one, and the next, each as long as this one."""
    kept: dict[str, Any] = {"tab": tab, "q": query or None, "limit": limit if limit != PAGE else None}
    return PageLinks(
        shown=len(page.rows),
        first_url=url_for("inbox.inbox", **kept) if cursor else None,
        next_url=url_for("inbox.inbox", **kept, cursor=page.next) if page.next else None,
    )


def page_size(asked: str | None) -> int:
    """How many lines a page has: one of SIZES as asked for, else PAGE."""
    return next((size for size in SIZES if str(size) == asked), PAGE)


def size_links(tab: Tab, query: str, limit: int, page: InboxPage) -> list[SizeLink]:
    """The lengths to choose from; none where the shortest page holds all."""
    if limit == PAGE and page.next is None:
        return []
    return [
        SizeLink(
            lines=size,
            url=url_for("inbox.inbox", tab=tab, q=query or None, limit=size if size != PAGE else None),
            here=size == limit,
        )
        for size in SIZES
    ]


def undoable(tab: Tab, rows: Sequence[InboxRow]) -> frozenset[int]:
    """The tasks among the newest completed ones whose completion the reader may still take back."""
    if tab is not Tab.DONE:
        return frozenset()
    return frozenset(take_backs.possible(runtime(), actor(), [row.task_id for row in rows[:PAGE]]))


def lines(rows: Sequence[InboxRow]) -> list[Line]:
    """The rows in their order, names masked."""
    return [_line(row) for row in rows]


def _line(row: InboxRow) -> Line:
    left = time_left(
        runtime(), agency=row.agency, opened_at=row.opened_at, warn_at=row.warn_at, due_at=row.due_at
    )
    return Line(
        task_id=row.task_id,
        url=url_for("case.case", case_no=row.case_no),
        case_no=row.case_no,
        service_title=service_title(row.service),
        element_name=row.element_name,
        applicant_masked=mask_name(row.applicant),
        assignee=row.assignee,
        version=row.version,
        light=left.light.value if left else "none",
        due_at=row.due_at,
        completed_at=row.closed_at,
        days=left.days if left else 0,
        minutes=left.minutes if left else 0,
        overdue=left.overdue if left else False,
        share=left.share if left else 0.0,
        urged_at=row.urged_at,
        on_hold=row.on_hold,
        held_for=row.held_for,
        absent=_absent(row),
    )


def _absent(row: InboxRow) -> str:
    """The absent officers to one of whose inboxes the task has come, of those whose places the reader takes."""
    places = [
        place
        for place in actor().places
        if any(post.agency == row.agency for post in place.posts)
        and (not place.services or row.service in place.services)
    ]
    holders = [place for place in places if place.absent_id == row.assignee_id]
    names = [place.absent_name for place in holders or places if row.assignee_id is None or holders]
    return current_language().comma.join(dict.fromkeys(names))
