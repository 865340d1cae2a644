"""The limits across cases on a case's page: what is free and what is used up, before anybody approves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from banjie.domain.calendar import legal_date
from banjie.domain.money import format_yuan
from banjie.edge.context import actor, runtime
from banjie.services import cross_limits
from banjie.services.cross_limits import LimitState
from banjie.services.instances import CaseView
from banjie.web.common.frame import local_name
from banjie.web.common.language import gettext
from banjie.web.common.receipts import CitationView, citation_view

_ = gettext


@dataclass(frozen=True, kw_only=True)
class LimitLine:
    """One limit: whether it is free, how much of it is used, who came first, and where it stands."""

    title: str
    is_free: bool
    state: str
    used: str
    first: str
    citation: CitationView | None
    note: str


def limit_lines(view: CaseView) -> list[LimitLine]:
    """The limits of the case's service as they stand; none for the applicant."""
    service = runtime().book.services.get(view.instance.service)
    if service is None or not service.limits or actor().account_id == view.instance.applicant_id:
        return []
    states = cross_limits.limits(runtime(), actor(), view.instance.case_no)
    return [_line(state, entries) for state, entries in _joined(states)]


def _joined(states: Sequence[LimitState]) -> list[tuple[LimitState, int]]:
    """The states with how many entries each tells of: those of one limit that nobody has used stand together."""
    joined: dict[object, tuple[LimitState, int]] = {}
    for number, state in enumerate(states):
        is_unused = state.entry is not None and state.is_free and not state.taken
        key: object = (state.limit.key, state.allowed) if is_unused else number
        first, entries = joined.get(key, (state, 0))
        joined[key] = (first, entries + 1)
    return list(joined.values())


def _line(state: LimitState, entries: int) -> LimitLine:
    limit = state.limit
    title = local_name(limit.title, limit.title_en)
    if entries > 1:
        title = _("%(title)s (%(count)s entries)") % {"title": title, "count": entries}
    elif state.entry is not None:
        title = _("%(title)s (entry %(number)s)") % {"title": title, "number": state.entry}
    return LimitLine(
        title=title, is_free=state.is_free, state=_state(state), used=_used(state), first=_first(state),
        citation=citation_view(limit.citation) if limit.citation else None, note=limit.note or "",
    )  # fmt: skip


def _state(state: LimitState) -> str:
    if state.missing is not None:
        return _("Cannot be told yet")
    return _("Free") if state.is_free else _("Used up")


def _used(state: LimitState) -> str:
    if state.missing is not None:
        return ""
    if state.limit.most is not None:
        told = {"taken": format_yuan(state.taken), "allowed": format_yuan(state.allowed)}
        return _("%(taken)s of %(allowed)s yuan granted to other cases") % told
    counted = {"taken": _whole(state.taken), "allowed": _whole(state.allowed)}
    return _("%(taken)s of %(allowed)s granted to other cases") % counted


def _whole(number: Decimal) -> str:
    return f"{number:.0f}"


def _first(state: LimitState) -> str:
    """Who came first, by the case's number where it may be told, else by the day alone."""
    if state.earlier is None:
        return ""
    day = legal_date(state.earlier.granted_at).isoformat()
    if state.earlier.case_no is None:
        return _("First granted on %(day)s, in another region") % {"day": day}
    return _("First granted on %(day)s with case %(case)s") % {"day": day, "case": state.earlier.case_no}
