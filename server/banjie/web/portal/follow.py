"""A case as its applicant follows it: the ledger in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, url_for

from banjie.domain.errors import FieldError
from banjie.domain.instances import InstanceStatus
from banjie.domain.ledger import ClockKind
from banjie.domain.worklist import CaseRow
from banjie.edge.context import runtime
from banjie.services.clock_account import accounts, plain_sentence
from banjie.services.instances import CaseView
from banjie.web.common import case_views
from banjie.web.common.errors import ErrorView
from banjie.web.common.filters import local_time
from banjie.web.common.frame import agency_name, service_title
from banjie.web.common.language import current_language, gettext
from banjie.web.common.task_form import Posted
from banjie.web.common.words import status_word
from banjie.web.portal.matters import held_words, missing, urging

_ = gettext


@dataclass(frozen=True, kw_only=True)
class OwnCase:
    """A case in the list of one's own."""

    url: str
    case_no: str
    service_title: str
    status_text: str
    ended: bool
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnFile:
    """A file that the applicant may have; one of an office's where it is not the applicant's own."""

    url: str
    name: str
    label: str
    size: int
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class PageLinks:
    """Where the neighbouring pages are."""

    shown: int
    first_url: str | None
    next_url: str | None


def own_cases(rows: Sequence[CaseRow], cursor: str | None, following: str | None) -> dict[str, Any]:
    """The names of the list's template: cases and page."""
    page = PageLinks(
        shown=len(rows),
        first_url=url_for("portal.mine") if cursor else None,
        next_url=url_for("portal.mine", cursor=following) if following else None,
    )
    return {"cases": [_own_case(row) for row in rows], "page": page}


def _own_case(row: CaseRow) -> OwnCase:
    return OwnCase(
        url=url_for("portal.mine_case", case_no=row.case_no),
        case_no=row.case_no,
        service_title=service_title(row.service),
        status_text=status_word(row.status, row.outcome),
        ended=row.status != InstanceStatus.RUNNING,
        started_at=row.started_at,
    )


def follow_page(
    view: CaseView, *, for_public: bool, given: Posted | None = None, errors: Sequence[FieldError] = (),
    refused: ErrorView | None = None,
) -> str:  # fmt: skip
    """The page; the public sees neither names of people nor the receipts, which hold the applicant's data.

    `given` and `errors` are those of an answer that was refused, `refused` is what was refused besides.
    """
    diagram_url = url_for("portal.diagram", version=view.instance.definition)
    return render_template(
        "portal/follow.html",
        case=case_views.case_head(view, masked=for_public),
        plain=[*held_words(view), *plain_words(view)],
        clocks=case_views.clock_panels(view),
        decisions=[] if for_public else case_views.receipts(view),
        history=case_views.history(view, for_public=True, with_words=not for_public),
        diagram=case_views.diagram_panel(view, diagram_url),
        may_withdraw=view.may_withdraw and not for_public,
        is_own=not for_public,
        files=[] if for_public else _files(view),
        missing=None if for_public else missing(view, given, errors),
        urging=None if for_public else urging(view),
        refused=refused,
    )


def _files(view: CaseView) -> list[OwnFile]:
    """The applicant's own files, and those that an officer has shared."""
    case_no = view.instance.case_no
    return [
        OwnFile(
            url=url_for("case.file", case_no=case_no, file_id=file.id),
            name=file.name,
            label=file.label,
            size=file.size,
            is_own=file.owner_id == view.instance.applicant_id,
        )
        for file in view.attachments
    ]


def plain_words(view: CaseView) -> list[str]:
    """How far the case is, and in whose hands, as sentences drawn from the same ledger that officers see."""
    lines = [
        plain_sentence(shown, current_language().code)
        for shown in accounts(runtime(), view)
        if shown.kind is not ClockKind.STEP and not (shown.kind is ClockKind.ACCEPTANCE and shown.stopped_at)
    ]
    if view.instance.status is not InstanceStatus.RUNNING:
        return [
            _("The case has ended: %(how)s.")
            % {"how": status_word(view.instance.status, view.instance.outcome)}
        ]
    for task in view.tasks if view.instance.hold is None else ():
        facts = {"agency": agency_name(task.agency), "step": task.name}
        if task.due_at:
            facts["when"] = local_time(task.due_at)
            lines.append(_("%(agency)s is working on “%(step)s”, due by %(when)s.") % facts)
        else:
            lines.append(_("%(agency)s is working on “%(step)s”.") % facts)
    return lines
