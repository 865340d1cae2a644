"""The bar of operations on the page of a case: what the reader may do beside completing, and what not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from banjie.services.offers import Offer, Operation
from banjie.web.case.op_words import operation_words
from banjie.web.common.error_words import words_of_code
from banjie.web.common.filters import local_clock
from banjie.web.common.language import gettext

_ = gettext

#: What stands in the banner of what holds the case, and not on the bar.
IN_BANNER = frozenset(
    {Operation.SUPPLEMENT_ANSWER, Operation.SUPPLEMENT_WITHDRAW, Operation.PROCEDURE_END, Operation.RESUME}
)


@dataclass(frozen=True, kw_only=True)
class Act:
    """An operation that is possible now: where its form is, and its letter."""

    url: str
    label: str
    key: str
    is_grave: bool


@dataclass(frozen=True, kw_only=True)
class NotNow:
    """An operation that is not possible now, and why."""

    label: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """The operations of the reader; `answer` is what the reader was asked to do first, if anything."""

    acts: tuple[Act, ...]
    not_now: tuple[NotNow, ...]
    answer: Act | None

    @property
    def keys(self) -> list[Act]:
        return [act for act in (self.answer, *self.acts) if act and act.key]


def bar(case_no: str, offers: Sequence[Offer]) -> Bar:
    """The bar for these offers."""
    possible = [one for one in offers if one.refusal is None and one.operation not in IN_BANNER]
    first = next((one for one in possible if one.operation is Operation.RESOLVE), None)
    times = Counter(one.operation for one in possible)
    return Bar(
        acts=tuple(
            act(case_no, one, with_step=times[one.operation] > 1) for one in possible if one is not first
        ),
        not_now=tuple(
            NotNow(label=operation_words(one.operation).label, why=_why(one)) for one in offers if one.refusal
        ),
        answer=act(case_no, first) if first else None,
    )


def act(case_no: str, offer: Offer, *, with_step: bool = False) -> Act:
    """The link to the form of an offer; with the name of its step where several have the same operation."""
    words = operation_words(offer.operation)
    url = url_for(
        "operations.form", case_no=case_no, operation=offer.operation.value, task=offer.task_id,
        proceeding=offer.proceeding,
    )  # fmt: skip
    label = _("%(what)s: %(step)s") % {"what": words.label, "step": offer.step} if with_step else words.label
    return Act(url=url, label=label, key="" if with_step else words.key, is_grave=words.is_grave)


def _why(offer: Offer) -> str:
    title, _text = words_of_code(offer.refusal or "")
    if offer.again_at:
        return _("again from %(when)s") % {"when": local_clock(offer.again_at)}
    return title
