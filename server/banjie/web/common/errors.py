"""The page that tells a person of an error: what happened, to whom it matters, and the way on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from flask import g, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from banjie.domain import errors
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
    title, text = _words(error, status)
    facts = _facts(error) if isinstance(error, errors.BanjieError) else ()
    view = ErrorView(status=status, title=title, text=text, facts=facts)
    if isinstance(error, errors.AlreadyOpen) and (case_no := error.facts.get("case_no")):
        url = url_for("portal.mine_case", case_no=case_no)
        view = replace(view, back_url=url, back_label=_("Open your case"))
    return render_template("error.html", error=view)


def _wanted() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("portal.catalogue")


def _words(error: errors.BanjieError | HTTPException, status: int) -> tuple[str, str]:
    by_code = {
        "task_closed": (
            _("This step is already closed"),
            _("Somebody was here before you. What you entered was not stored."),
        ),
        "task_taken": (
            _("Another officer holds this task"),
            _("It can be worked on only by who has claimed it."),
        ),
        "stale_version": (
            _("This has changed since you opened it"),
            _("Open the page again to see how it stands now; nothing was stored."),
        ),
        "already_open": (
            _("There is an open case already"),
            _("This service takes one application of an applicant at a time. What you entered was not stored."),
        ),
        "instance_ended": (_("This case has ended"), _("Nothing more can be done with it.")),
        "four_eyes": (
            _("Another person must do this step"),
            _("You have done an earlier step of this case; the rule of four eyes asks for somebody else."),
        ),
        "idempotency_mismatch": (
            _("This form was sent before"),
            _("Open the page again to see how the case stands."),
        ),
        "no_value_in_force": (
            _("The law gives no value for this day"),
            _("No text has a value in force for this day and place, and nothing is assumed."),
        ),
        "engine_fault": (
            _("The process could not go on"),
            _("The case stands where it stood. The administrator has been told."),
        ),
    }
    by_status = {
        400: (_("The request could not be understood"), _("Go back and try again.")),
        403: (_("You may not do that"), _("Your role does not allow it, or the page was open for too long.")),
        404: (_("There is no such page"), _("It does not exist, or it is not for you to see.")),
        405: (_("This page cannot be asked for in this way"), _("Go back and try again.")),
        409: (_("This is no longer possible"), _("The state has changed since you looked.")),
        413: (_("That is too large"), _("Send smaller files.")),
        422: (_("Something is not filled in rightly"), _("Go back and correct the form.")),
        429: (_("Too many attempts"), _("Please wait for a while and try again.")),
    }
    trouble = (
        _("Something went wrong"),
        _("It is not your fault, and nothing was stored. Please try again later."),
    )
    return by_code.get(getattr(error, "code", "") or "", by_status.get(status, trouble))


def _facts(error: errors.BanjieError) -> tuple[Fact, ...]:
    facts = []
    if by := error.facts.get("by"):
        label = _("Held by") if isinstance(error, errors.TaskTaken) else _("Closed by")
        facts.append(Fact(label=label, value=str(by)))
    if isinstance(at := error.facts.get("at"), datetime):
        facts.append(Fact(label=_("When"), value=local_time(at)))
    if seconds := error.facts.get("retry_after_seconds"):
        minutes = max(1, cast(int, seconds) // 60)
        facts.append(Fact(label=_("Try again in"), value=_("%(count)s minutes") % {"count": minutes}))
    return tuple(facts)
