"""What the page of a case shows: the step to be done first, then everything known about the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for

from banjie.domain.assignment import Actor, Role
from banjie.domain.effects import Effect
from banjie.domain.errors import BanjieError, FieldError, InvalidRequest, TaskClosed, TaskTaken
from banjie.domain.handovers import last_of
from banjie.domain.proceedings import ProceedingKind
from banjie.domain.tasks import Task
from banjie.edge.context import actor, runtime
from banjie.forms.model import Form
from banjie.forms.view import FormView
from banjie.services import tasks
from banjie.services.instances import CaseView
from banjie.services.offers import offers
from banjie.services.phrases import LONGEST_PHRASE
from banjie.services.tasks import SeenTask
from banjie.web.case.beside import Refused, beside, phrase_lines
from banjie.web.case.comparison import comparison_panel
from banjie.web.case.help_panel import help_panel
from banjie.web.case.hold import hold_of
from banjie.web.case.limits import limit_lines
from banjie.web.case.objections import case_publicity
from banjie.web.case.op_bar import bar
from banjie.web.case.panel import panels
from banjie.web.common import case_views
from banjie.web.common.card_lines import case_cards
from banjie.web.common.filters import local_time
from banjie.web.common.frame import NavigationItem, home_of
from banjie.web.common.language import gettext
from banjie.web.common.payment_lines import case_payments
from banjie.web.common.task_form import NOTHING, Posted, draw, new_key, posted

_ = gettext


@dataclass(frozen=True, kw_only=True)
class TaskPanel:
    """The open step: what the reader may do with it, and its form where the reader holds it.

    `stopped` says why it cannot be completed though the reader holds it, empty where it can; `question` what the
    reader is asked about it, empty where nobody asks.
    """

    id: int
    name: str
    holder: str | None
    version: int
    can_claim: bool
    can_release: bool
    can_complete: bool
    waits_for_money: bool
    stopped: str
    question: str
    idempotency_key: str
    draft_url: str
    form: FormView | None


def form_of(seen: SeenTask) -> Form | None:
    """The form of a task in the version that its case runs on; None for a step without one."""
    return runtime().processes.form(seen.definition, seen.form) if seen.form else None


def submitted(form: Form | None) -> Posted:
    """What was posted for a form; nothing for a step without one."""
    return posted(form) if form else NOTHING


def case_page(
    view: CaseView,
    *,
    sent: Posted | None = None,
    errors: Sequence[FieldError] = (),
    refused: Refused | None = None,
) -> str:
    """The page; `sent` and `errors` are those of a refused submission, `refused` what was refused beside it."""
    reader = actor()
    task = _task_for(reader, view.tasks, view.instance.service)
    held = task.id if task and task.assignee_id == reader.account_id else None
    diagram_url = url_for("portal.diagram", version=view.instance.definition)
    offered = offers(runtime(), reader, view.instance.case_no)
    return render_template(
        "case/case.html",
        case=case_views.case_head(view, masked=False),
        task=_panel(view, task, reader, sent, errors) if task else None,
        submissions=case_views.submissions(view),
        decisions=case_views.receipts(view),
        clocks=case_views.clock_panels(view),
        history=case_views.history(view),
        beside=beside(view, held, refused),
        phrases=phrase_lines() if held else [],
        longest_phrase=LONGEST_PHRASE,
        diagram=case_views.diagram_panel(view, diagram_url),
        hold=hold_of(view, offered),
        operations=bar(view.instance.case_no, offered),
        panels=panels(view),
        comparison=comparison_panel(view),
        help=help_panel(view),
        limits=limit_lines(view),
        cards=case_cards(view),
        publicity=case_publicity(view),
        **case_payments(view),
        back=NavigationItem(url=home_of(reader), label=_("Back"), here=False),
    )


def _task_for(reader: Actor, open_tasks: Sequence[Task], service: str) -> Task | None:
    """The reader's own task, else one that the reader might claim, else one that the reader might release."""
    possible = [task for task in open_tasks if _is_offered(reader, task, service)]
    own = [task for task in possible if task.assignee_id == reader.account_id]
    led = [task for task in open_tasks if _may_put_back(reader, task)]
    return next(iter(own or possible or led), None)


def _may_put_back(reader: Actor, task: Task) -> bool:
    """Whether the reader may release somebody's task as the head of its agency: who holds it may be away."""
    return task.assignee_id is not None and task.member is None and reader.holds(Role.HEAD, task.agency)


def _is_offered(reader: Actor, task: Task, service: str) -> bool:
    """Whether the reader holds it, or may work on it: as a candidate, or in the place of one who is absent."""
    if task.assignee_id == reader.account_id:
        return True
    is_candidate = reader.holds(task.role, task.agency) or task.place_of(reader, service) is not None
    return task.member is None and is_candidate


def _may_claim(reader: Actor, task: Task, service: str) -> bool:
    """Whether nobody holds it, or the absent officer in whose place the reader stands."""
    place = task.place_of(reader, service)
    is_absents = place is not None and place.absent_id == task.assignee_id
    return task.owner_id is None and (task.assignee_id is None or is_absents)


def _panel(
    view: CaseView,
    task: Task,
    reader: Actor,
    sent: Posted | None,
    errors: Sequence[FieldError],
) -> TaskPanel:
    elements = view.definition.elements
    waits = elements[task.element].effect is Effect.PAY
    holds = task.assignee_id == reader.account_id and task.owner_id is None and not waits
    form = None
    if holds:
        seen = tasks.read(runtime(), reader, task.id)
        entered = sent.values if sent else seen.draft or {}
        named = form_of(seen)
        uploaded = sent.uploaded if sent else None
        form = draw(named, entered, view.instance.data, errors=errors, uploaded=uploaded) if named else None
    return TaskPanel(
        id=task.id,
        name=task.name,
        holder=task.assignee_name,
        version=task.version,
        can_claim=not holds and not waits and _may_claim(reader, task, view.instance.service),
        can_release=((holds and task.member is None) or _may_put_back(reader, task))
        and task.owner_id is None,
        can_complete=holds,
        waits_for_money=waits,
        stopped=_stopped(view, task),
        question=_question(view, task) if task.is_asked(reader) else "",
        idempotency_key=new_key(),
        draft_url=url_for("case.save_draft", task_id=task.id),
        form=form,
    )


def _stopped(view: CaseView, task: Task) -> str:
    """Why the step cannot be completed now, in a sentence."""
    if view.instance.hold is not None:
        return _("The case is held: this step cannot be completed now. Drafts are kept.")
    if task.waits is not None:
        return _("The return of this step waits for the other branches.")
    return ""


def _question(view: CaseView, task: Task) -> str:
    """What the reader is asked about the step, and by whom."""
    asked = [one for one in view.proceedings if one.kind is ProceedingKind.DELEGATION and one.is_open]
    found = last_of(asked, task)
    if found is None:
        return ""
    return _("%(who)s asks: %(what)s") % {"who": found.opened_by_name or "", "what": found.reason}


def draft_refused(error: BanjieError) -> str:
    """Why a draft was not kept, in one sentence for the line below the form."""
    by, at = error.facts.get("by"), error.facts.get("at")
    if isinstance(error, TaskClosed) and by and isinstance(at, datetime):
        told = {"who": by, "when": local_time(at)}
        return _("Not saved: %(who)s closed this step at %(when)s.") % told
    if isinstance(error, TaskClosed):
        return _("Not saved: this step is closed.")
    if isinstance(error, TaskTaken):
        return _("Not saved: %(who)s holds this step now.") % {"who": by}
    if isinstance(error, InvalidRequest) and "limit" in error.facts:
        return _("Not saved: it is too much for a draft.")
    return _("Not saved: you do not hold this step any more.")
