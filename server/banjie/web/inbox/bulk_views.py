"""Batches in words: what was chosen, how far a run is, and why something failed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import url_for

from banjie.documents.archive import csv_of
from banjie.domain.bulk import Bulk, BulkItem, BulkKind, BulkProgress, ItemOutcome
from banjie.domain.decisions import Json
from banjie.domain.errors import FieldError, TaskClosed
from banjie.domain.identity import mask_name
from banjie.edge.context import runtime
from banjie.forms.model import Field
from banjie.forms.view import FormView
from banjie.forms.wording import field_text
from banjie.services import bulk
from banjie.services.bulk import Candidate, Selection
from banjie.services.time_left import time_left
from banjie.web.common.error_words import words_of_code
from banjie.web.common.filters import local_time
from banjie.web.common.language import current_language, gettext
from banjie.web.common.task_form import Posted, draw, form_options
from banjie.web.inbox.bulk_form import BulkForm, bulk_form

_ = gettext


@dataclass(frozen=True, kw_only=True)
class Why:
    """A reason in words."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ChosenLine:
    """A task that was chosen. `value` is its id and version; `why` what speaks against completing it here."""

    value: str
    case_url: str
    case_no: str
    applicant_masked: str
    due_at: datetime | None
    light: str
    green: bool
    ticked: bool
    possible: bool
    why: Why | None
    proposals: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChosenPage:
    """What was chosen, as the page shows it before it is completed together."""

    step: str
    lines: tuple[ChosenLine, ...]
    ticked: int
    refused: int
    proposed: tuple[str, ...]
    form: FormView | None
    has_decision: bool
    needs_file: bool
    verb: str


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """A task of a run and how it ended; `outcome` is empty while it waits."""

    number: int
    value: str
    case_no: str
    case_url: str
    outcome: str
    outcome_text: str
    why: Why | None
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """A run in the list of one's own."""

    url: str
    kind: str
    total: int
    created_at: datetime
    state: str


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """How far a run is. `again` are the values of those that failed and may be tried again."""

    id: int
    kind: str
    claims: bool
    total: int
    handled: int
    done: int
    failed: int
    skipped: int
    state: str
    running: bool
    stopping: bool
    created_at: datetime
    failures: tuple[ItemLine, ...]
    items: tuple[ItemLine, ...]
    again: tuple[str, ...]


def chosen_page(
    chosen: Selection,
    *,
    ticked: Collection[int] | None = None,
    sent: Posted | None = None,
    errors: Sequence[FieldError] = (),
) -> ChosenPage:
    """The page of a selection, what is refused first; `ticked` None means all that nothing speaks against."""
    made = bulk_form(runtime().processes.form(chosen.definition, chosen.form)) if chosen.form else None
    first = sorted(chosen.candidates, key=lambda one: one.refusal is None)
    lines = tuple(_chosen_line(chosen, one, made, ticked) for one in first)
    return ChosenPage(
        step=chosen.candidates[0].task.name,
        lines=lines,
        ticked=sum(line.ticked for line in lines),
        refused=sum(line.why is not None for line in lines),
        proposed=tuple(field.label.in_language(_lang()) for field in made.proposed) if made else (),
        form=_drawn(chosen, made, sent, errors) if made and not made.needs_file else None,
        has_decision=chosen.has_decision,
        needs_file=made.needs_file if made else False,
        verb=made.approval.label.in_language(_lang()) if made and made.approval else _("Complete"),
    )


def _drawn(chosen: Selection, made: BulkForm, sent: Posted | None, errors: Sequence[FieldError]) -> FormView:
    return draw(made.form, sent.values if sent else {}, chosen.candidates[0].data, errors=errors)


def _chosen_line(
    chosen: Selection, one: Candidate, made: BulkForm | None, ticked: Collection[int] | None
) -> ChosenLine:
    task = one.task
    left = time_left(
        runtime(), agency=task.agency, opened_at=task.opened_at, warn_at=task.warn_at, due_at=task.due_at
    )
    possible = one.refusal != TaskClosed.code
    return ChosenLine(
        value=f"{task.id}~{task.version}",
        case_url=url_for("case.case", case_no=one.case_no),
        case_no=one.case_no,
        applicant_masked=mask_name(one.applicant),
        due_at=task.due_at,
        light=left.light.value if left else "none",
        green=one.green,
        ticked=possible and (one.refusal is None if ticked is None else task.id in ticked),
        possible=possible,
        why=why(one.refusal),
        proposals=_proposals(chosen, one, made.proposed) if made else (),
    )


def _proposals(chosen: Selection, one: Candidate, fields: Sequence[Field]) -> tuple[str, ...]:
    if not fields or chosen.form is None:
        return ()
    proposed = bulk.proposed(runtime(), chosen.form, chosen.definition, one.data)
    options = form_options(one.data)
    return tuple(
        field_text(field, _exact(proposed[field.key]), _lang(), options) if field.key in proposed else "–"
        for field in fields
    )


def _exact(value: Json) -> Json:
    """A whole number as one that is written with separators, like those of submissions."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def why(code: str | None) -> Why | None:
    """Why something was or would be refused, by its code."""
    if code is None:
        return None
    own = {
        "not_found": (
            _("This task is not yours"),
            _("It does not exist, or it has gone to another office or officer."),
        ),
        "invalid_submission": (
            _("What was filled in does not fit this case"),
            _("Open the case and decide it by itself."),
        ),
    }
    title, text = own.get(code) or words_of_code(code)
    return Why(title=title, text=text)


def run_page(progress: BulkProgress) -> RunPage:
    """How far a run is, in words; those that failed first."""
    run = progress.bulk
    items = tuple(_item_line(item) for item in progress.items)
    failures = tuple(line for line in items if line.outcome == ItemOutcome.FAILED)
    lost = {item.position for item in progress.items if item.code == "not_found"}
    return RunPage(
        id=run.id,
        kind=_kind(run.kind),
        claims=run.kind is BulkKind.CLAIM,
        total=run.total,
        handled=progress.handled,
        done=progress.done,
        failed=progress.failed,
        skipped=progress.skipped,
        state=_state(run),
        running=run.finished_at is None,
        stopping=run.finished_at is None and run.cancelled_at is not None,
        created_at=run.created_at,
        failures=failures,
        items=items if run.finished_at else (),
        again=tuple(line.value for line in failures if line.number not in lost) if run.finished_at else (),
    )


def run_lines(runs: Sequence[Bulk]) -> list[RunLine]:
    """One's runs, the newest first."""
    return [
        RunLine(
            url=url_for("bulk.run", bulk_id=one.id), kind=_kind(one.kind), total=one.total,
            created_at=one.created_at, state=_state(one),
        )
        for one in runs
    ]  # fmt: skip


def result_file(progress: BulkProgress) -> bytes:
    """How each task of a run ended, as CSV for spreadsheets."""
    columns = (_("Number"), _("Case number"), _("Result"), _("Reason"), _("When"))
    lines = [_item_line(item) for item in progress.items]
    return csv_of(
        columns,
        [
            (
                str(line.number), line.case_no, line.outcome_text,
                _("%(title)s: %(text)s") % {"title": line.why.title, "text": line.why.text} if line.why else "",
                local_time(line.at) if line.at else "",
            )
            for line in lines
        ],
    )  # fmt: skip


def _item_line(item: BulkItem) -> ItemLine:
    words = {
        ItemOutcome.DONE: _("Succeeded"),
        ItemOutcome.FAILED: _("Failed"),
        ItemOutcome.SKIPPED: _("Skipped"),
    }
    return ItemLine(
        number=item.position,
        value=str(item.task_id),
        case_no=item.case_no,
        case_url=url_for("case.case", case_no=item.case_no) if item.case_no else "",
        outcome=item.outcome.value if item.outcome else "",
        outcome_text=words[item.outcome] if item.outcome else _("Waiting"),
        why=why(item.code) if item.outcome is ItemOutcome.FAILED else None,
        at=item.at,
    )


def _kind(kind: BulkKind) -> str:
    return _("Claiming together") if kind is BulkKind.CLAIM else _("Completing together")


def _state(run: Bulk) -> str:
    if run.finished_at is not None:
        return _("Stopped") if run.cancelled_at else _("Finished")
    return _("Stopping …") if run.cancelled_at else _("Running")


def _lang() -> str:
    return current_language().code
