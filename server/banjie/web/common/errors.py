"""The page that tells a person of an error: what happened, to whom it matters, and the way on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from flask import g, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from banjie.domain import errors
from banjie.web.common.error_words import words_of
from banjie.web.common.filters import local_time
from banjie.web.common.language import gettext

_ = gettext


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing worth knowing, beside its name."""

    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class ErrorView:
    """An error in words; `facts` say who and when, where that is known."""

    status: int
    title: str
    text: str
    facts: tuple[Fact, ...] = ()
    back_url: str | None = None
    back_label: str | None = None


def error_page(error: errors.BanjieError | HTTPException, status: int) -> str:
    """The page for an error of the domain or of HTTP."""
    g.failed = status >= 500
    if status == 401:
        return render_template("access/sign_in.html", refused=None, name="", next_path=_wanted())
    view = error_view(error, status)
    if isinstance(error, errors.AlreadyOpen) and (case_no := error.facts.get("case_no")):
        url = url_for("portal.mine_case", case_no=case_no)
        view = replace(view, back_url=url, back_label=_("Open your case"))
    return render_template("error.html", error=view)


def error_view(error: errors.BanjieError | HTTPException, status: int) -> ErrorView:
    """An error in words, for a page of its own or for the form that was refused."""
    title, text = words_of(error, status)
    facts = _facts(error) if isinstance(error, errors.BanjieError) else ()
    return ErrorView(status=status, title=title, text=text, facts=facts)


def _wanted() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("portal.catalogue")


def _facts(error: errors.BanjieError) -> tuple[Fact, ...]:
    facts = []
    if by := error.facts.get("by"):
        facts.append(Fact(label=_who(error), value=str(by)))
    if isinstance(at := error.facts.get("at"), datetime):
        facts.append(Fact(label=_("When"), value=local_time(at)))
    for key, label in {"due_at": _("Limit"), "again_at": _("Possible again from")}.items():
        if isinstance(instant := error.facts.get(key), datetime):
            facts.append(Fact(label=label, value=local_time(instant)))
    if isinstance(most := error.facts.get("most"), int):
        facts.append(Fact(label=_("At the most"), value=str(most)))
    if seconds := error.facts.get("retry_after_seconds"):
        minutes = max(1, cast(int, seconds) // 60)
        facts.append(Fact(label=_("Try again in"), value=_("%(count)s minutes") % {"count": minutes}))
    return tuple(facts)


def _who(error: errors.BanjieError) -> str:
    if isinstance(error, errors.TaskTaken):
        return _("Held by")
    return _("Closed by") if isinstance(error, errors.TaskClosed) else _("By")
