"""What holds a case and what its applicant is asked for, in plain words and as a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.errors import FieldError
from banjie.domain.proceedings import ProceedingKind
from banjie.edge.context import actor, runtime
from banjie.forms.view import FormView
from banjie.services import supplements
from banjie.services.clock_account import cited
from banjie.services.instances import CaseView
from banjie.services.offers import may_urge_case
from banjie.web.common.filters import local_clock, local_time
from banjie.web.common.frame import agency_name
from banjie.web.common.holding import clocks_wait, ground_text, holding
from banjie.web.common.language import gettext, ngettext
from banjie.web.common.supplement_form import answer_form, draw_answer
from banjie.web.common.task_form import Posted, new_key

_ = gettext


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What is asked for: by whom, until when, why, and the form for it."""

    agency: str
    until: datetime | None
    citation: str
    words: str
    count: int
    form: FormView
    idempotency_key: str


@dataclass(frozen=True, kw_only=True)
class Urging:
    """Whether the applicant may remind the office now, and if not, from when."""

    possible: bool
    again: str


def missing(view: CaseView, given: Posted | None = None, errors: Sequence[FieldError] = ()) -> Missing | None:
    """What the applicant is asked for; `given` and `errors` are those of an answer that was refused."""
    asked = supplements.open_request(runtime(), actor(), view.instance.case_no)
    if asked is None or not asked.may_answer:
        return None
    one = asked.proceeding
    return Missing(
        agency=agency_name(one.agency or ""),
        until=one.due_at,
        citation=cited(runtime(), one.citation) or "",
        words=one.reason,
        count=len(asked.items),
        form=draw_answer(asked, answer_form(asked), sent=given, errors=errors),
        idempotency_key=new_key(),
    )


def urging(view: CaseView) -> Urging | None:
    """The reminder that the applicant may send; None where there is nobody to remind."""
    offer = may_urge_case(runtime(), actor(), view.instance.case_no)
    if offer is None:
        return None
    return Urging(possible=offer.refusal is None, again=local_clock(offer.again_at) if offer.again_at else "")


def held_words(view: CaseView) -> list[str]:
    """What holds the case, for its applicant and for whoever follows it."""
    one = holding(view)
    if one is None:
        return []
    told = {
        "since": local_time(one.opened_at),
        "ground": ground_text(one),
        "agency": agency_name(one.agency or ""),
    }
    if one.kind is ProceedingKind.SUPPLEMENT:
        until = {"until": local_time(one.due_at) if one.due_at else ""}
        return [
            _(
                "Something is missing: %(agency)s has asked for it on %(since)s, and it must be handed in by %(until)s."
            )
            % {**told, **until}
        ]
    if one.kind is ProceedingKind.EXCLUDED:
        said = [_("Since %(since)s: %(ground)s. This time is not counted.") % told]
        days = one.facts.get("expected_days")
        if isinstance(days, int):
            length = ngettext("%(count)s working day", "%(count)s working days", days) % {"count": days}
            said.append(_("It is expected to take %(length)s.") % {"length": length})
        return said
    clocks = _("This time is not counted.") if clocks_wait(one) else _("The time goes on being counted.")
    return [_("The case is suspended since %(since)s: %(why)s") % {**told, "why": one.reason}, clocks]
