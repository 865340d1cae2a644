"""What holds a case, told on top of its page: what, since when, by whom, until when, and what happens now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.proceedings import Proceeding, ProceedingKind
from banjie.domain.supplements import items_of
from banjie.services.instances import CaseView
from banjie.services.offers import Offer
from banjie.web.case.op_bar import IN_BANNER, Act, act
from banjie.web.common.frame import agency_name
from banjie.web.common.holding import clocks_wait, ground_text, holding
from banjie.web.common.language import gettext, ngettext

_ = gettext


@dataclass(frozen=True, kw_only=True)
class Hold:
    """The banner; `until` is when it lapses of itself, `expected` what was said of its length."""

    title: str
    by: str
    since: datetime
    until: datetime | None
    expected: str
    ground: str
    document: str
    reason: str
    items: tuple[str, ...]
    clocks: str
    now: str
    acts: tuple[Act, ...]


def hold_of(view: CaseView, offers: Sequence[Offer] = ()) -> Hold | None:
    """What holds the case; `offers` are the reader's. None where nothing does."""
    one = holding(view)
    if one is None:
        return None
    return Hold(
        title=_title(one),
        by=" · ".join(part for part in (one.opened_by_name or "", agency_name(one.agency or "")) if part),
        since=one.opened_at,
        until=one.due_at,
        expected=_expected(one),
        ground=ground_text(one),
        document=one.document or "",
        reason=one.reason,
        items=tuple(" — ".join(filter(None, (item.title, item.note))) for item in items_of(one.facts)),
        clocks=_("The clocks wait.") if clocks_wait(one) else _("The clocks run on."),
        now=_now(one),
        acts=tuple(
            act(view.instance.case_no, offer) for offer in offers
            if offer.operation in IN_BANNER and offer.refusal is None
        ),
    )  # fmt: skip


def _title(one: Proceeding) -> str:
    words = {
        ProceedingKind.SUPPLEMENT: _("Held: the applicant was asked for what is missing"),
        ProceedingKind.EXCLUDED: _("Held: a procedure whose time is not counted"),
        ProceedingKind.SUSPENSION: _("Held: the case is suspended"),
    }
    return words.get(one.kind, _("The case is held"))


def _expected(one: Proceeding) -> str:
    days = one.facts.get("expected_days")
    if not isinstance(days, int):
        return ""
    return ngettext("%(count)s working day", "%(count)s working days", days) % {"count": days}


def _now(one: Proceeding) -> str:
    words = {
        ProceedingKind.SUPPLEMENT: _(
            "No step can be completed until the applicant has answered. Without an answer in time"
            " the application counts as withdrawn."
        ),
        ProceedingKind.EXCLUDED: _(
            "No step can be completed until the procedure is ended with its document."
        ),
        ProceedingKind.SUSPENSION: _("No step can be completed until the case is resumed."),
    }  # fmt: skip
    return words.get(one.kind, "")
