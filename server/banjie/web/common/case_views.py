"""A case as pages show it: clocks, history, papers and diagram in words, from the services' plain view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from banjie.domain.clock import ClockState, Span
from banjie.domain.definitions import Element, ElementKind
from banjie.domain.identity import mask_name
from banjie.domain.instances import InstanceStatus
from banjie.domain.ledger import ClockKind
from banjie.domain.worklist import EventRow, SubmissionRow
from banjie.edge.context import runtime
from banjie.forms.model import Option, Wording
from banjie.forms.wording import display
from banjie.services import clock_account
from banjie.services.clock_account import AccountRow, ClockAccount
from banjie.services.clock_words import duration, word
from banjie.services.instances import CaseView
from banjie.web.common.frame import agency_name, region_name, service_title
from banjie.web.common.history_words import words_of_applicant, words_of_event
from banjie.web.common.language import current_language, gettext
from banjie.web.common.receipts import Labelled, ReceiptView, receipt_view
from banjie.web.common.task_form import form_options
from banjie.web.common.words import (
    LOUD,
    clock_word,
    event_word,
    status_word,
)

_ = gettext


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """Office time left, or past."""

    days: int
    minutes: int
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """A line of a ledger in the words that `banjie clock` prints; `end` None while it runs."""

    start: datetime
    end: datetime | None
    since: str
    until: str
    party: str
    kind: str
    days: str
    ground: str
    by: str


@dataclass(frozen=True, kw_only=True)
class ClockPanel:
    """A clock with its light, its words and its ledger; `parties` are the time of each, `whole` their sum."""

    name: str
    light: str
    sentence: str
    remaining: Remaining | None
    used_days: int
    limit_days: int
    extension_days: int
    not_counted_days: int
    unit: str
    start: datetime
    due_at: datetime
    held: bool
    provisional: bool
    stopped_at: datetime | None
    citation: str
    lines: tuple[LedgerLine, ...]
    parties: tuple[Labelled, ...]
    whole: str


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """A fact of the record: what, when, by whom, by which rule; `words` are why, where the record keeps a hash."""

    at: datetime
    text: str
    who: str
    rule: str
    loud: bool
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class SubmissionPanel:
    """What somebody submitted, in the words of its form."""

    name: str
    by: str
    at: datetime
    fields: tuple[Labelled, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """An element of the diagram."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class DiagramPanel:
    """Where the drawing is fetched, and what was passed and is open in it."""

    url: str
    passed: tuple[Step, ...]
    current: tuple[Step, ...]


def clock_panels(view: CaseView) -> list[ClockPanel]:
    """The clocks of the open steps, then those of the case."""
    order = sorted(
        clock_account.accounts(runtime(), view),
        key=lambda shown: (shown.kind is not ClockKind.STEP, shown.clock_id),
    )
    return [_clock_panel(view, shown) for shown in order if _is_worth_showing(shown)]


def _is_worth_showing(shown: ClockAccount) -> bool:
    return shown.stopped_at is None or shown.kind is not ClockKind.STEP


def _clock_panel(view: CaseView, shown: ClockAccount) -> ClockPanel:
    language = current_language().code
    return ClockPanel(
        name=clock_word(shown.kind, element_name(view, shown.element)),
        light=shown.light.value,
        sentence=clock_account.plain_sentence(shown, language),
        remaining=_remaining(shown.remaining, shown.overdue),
        used_days=shown.used_days,
        limit_days=shown.limit_days + shown.extension_days,
        extension_days=shown.extension_days,
        not_counted_days=shown.not_counted_days,
        unit=shown.unit.value,
        start=shown.start,
        due_at=shown.due.at,
        held=shown.light is ClockState.PAUSED,
        provisional=shown.due.provisional,
        stopped_at=shown.stopped_at,
        citation=shown.citation or "",
        lines=tuple(_ledger_line(row, language) for row in shown.rows),
        parties=tuple(
            Labelled(label=word(party.value, language), text=duration(held, language))
            for party, held in shown.by_party.items()
        ),
        whole=duration(shown.whole, language),
    )


def _remaining(left: Span | None, past: Span | None) -> Remaining | None:
    span = past or left
    if span is None:
        return None
    return Remaining(days=span.working_days, minutes=span.minutes, overdue=past is not None)


def _ledger_line(row: AccountRow, language: str) -> LedgerLine:
    since, until, party, kind, days, ground, by = clock_account.cells(row, language)
    return LedgerLine(
        start=row.start,
        end=row.end,
        since=since,
        until=until,
        party=party,
        kind=kind,
        days=days,
        ground=ground,
        by=by,
    )


def element_name(view: CaseView, element: str | None) -> str:
    """An element's name in the diagram, empty for none."""
    found = view.definition.elements.get(element or "")
    return found.name if found else element or ""


def history(view: CaseView, *, for_public: bool = False, with_words: bool = True) -> list[HistoryLine]:
    """The record in words, in order; the public sees agencies, never people.

    A step opens when the one before is completed, so its opening is not told apart. `with_words`: with what was
    written about it, as far as the reader sees it.
    """
    lines = [
        (event, _history_line(view, event, for_public=for_public)) for event in view.events if _is_told(event)
    ]
    if not with_words:
        return [line for _event, line in lines]
    told = words_of_applicant if for_public else words_of_event
    return [
        line if line.words else replace(line, words=told(event, view.proceedings)) for event, line in lines
    ]


def _is_told(event: EventRow) -> bool:
    return event.type not in ("task.opened", "timer.fired", "clock.started", "clock.stopped")


def _history_line(view: CaseView, event: EventRow, *, for_public: bool) -> HistoryLine:
    # What the process does of itself is nobody's deed, though somebody's step set it off.
    is_deed = event.type not in ("decision.made", "instance.ended", "notice.queued", "clock.not_started")
    names = [event.actor] if is_deed and not for_public else []
    names.append(agency_name(event.agency) if event.agency else None)
    element = view.definition.elements.get(event.element or "")
    cited = element.citations[0] if element and element.citations and event.type == "task.completed" else None
    return HistoryLine(
        at=event.at,
        text=event_word(event.type, element_name(view, event.element)),
        who=" · ".join(name for name in names if name),
        rule=clock_account.cited(runtime(), f"{cited.document} {cited.article}") or "" if cited else "",
        loud=event.type in LOUD,
        words=view.reason or "" if event.type in ("instance.withdrawn", "instance.cancelled") else "",
    )


def submissions(view: CaseView) -> list[SubmissionPanel]:
    """What was submitted, oldest first."""
    uploaded: dict[str, list[Option]] = {}
    for row in view.attachments:
        name = Wording(zh=row.name, en=row.name)
        uploaded.setdefault(row.field, []).append(Option(value=str(row.id), label=name))
    options = form_options(view.instance.data, uploaded)
    return [_submission(view, row, options) for row in view.submissions]


def _submission(
    view: CaseView, row: SubmissionRow, options: Mapping[str, Sequence[Option]]
) -> SubmissionPanel:
    form = runtime().processes.form(view.instance.definition, row.form) if row.form else None
    shown = display(form, row.values, current_language().code, options) if form else []
    return SubmissionPanel(
        name=element_name(view, row.element),
        by=row.by,
        at=row.at,
        fields=tuple(Labelled(label=label, text=text) for label, text in shown),
    )


def receipts(view: CaseView) -> list[ReceiptView]:
    """The receipts of the case's decisions, oldest first."""
    return [receipt_view(row, element_name(view, row.element)) for row in view.decisions]


def diagram_panel(view: CaseView, url: str) -> DiagramPanel:
    """The path of the case; gateways and other nameless elements are marked in the drawing only."""
    elements = view.definition.elements
    current = tuple(Step(id=key, name=element_name(view, key)) for key in dict.fromkeys(view.current))
    passed = tuple(
        Step(id=key, name=elements[key].name if _is_step(elements[key]) else "")
        for key in view.trail
        if key in elements and key not in view.current
    )
    return DiagramPanel(url=url, passed=passed, current=current)


def _is_step(element: Element) -> bool:
    """Whether a passed element is a step of the path in words: not where a shared diagram was entered and left."""
    if element.kind is ElementKind.START:
        return element.variable is not None
    if element.kind is ElementKind.END:
        return element.outcome is not None
    return element.kind not in (ElementKind.OTHER, ElementKind.CALL_ACTIVITY)


@dataclass(frozen=True, kw_only=True)
class CaseHead:
    """The first line of a case's page."""

    case_no: str
    service_title: str
    status_text: str
    ended: bool
    light: str
    applicant: str
    region: str


def case_head(view: CaseView, *, masked: bool) -> CaseHead:
    """Number, service, state and the worst light of the running clocks."""
    instance = view.instance
    lights = [clock.state for clock in view.clocks]
    worst = next((light for light in _WORST_FIRST if light in lights), None)
    return CaseHead(
        case_no=instance.case_no,
        service_title=service_title(instance.service),
        status_text=status_word(instance.status, instance.outcome),
        ended=instance.status is not InstanceStatus.RUNNING,
        light=worst.value if worst else "",
        applicant=mask_name(instance.applicant_name) if masked else instance.applicant_name,
        region=region_name(instance.region),
    )


_WORST_FIRST = (ClockState.RED, ClockState.YELLOW, ClockState.PAUSED, ClockState.GREEN)
