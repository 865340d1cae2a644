"""The forms of operations, each a page of its own that the page of the case may open in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.errors import BanjieError, FieldError, InvalidSubmission, NotFound, StaleVersion
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.errors import status_of
from banjie.forms.view import FormView
from banjie.services import instances, supplements, take_backs
from banjie.services.instances import CaseView
from banjie.services.offers import Offer, Operation, offers
from banjie.services.phrases import LONGEST_PHRASE
from banjie.web.case.beside import phrase_lines
from banjie.web.case.op_deeds import DEEDS, answer, posted_answer
from banjie.web.case.op_forms import names_for
from banjie.web.case.op_sent import NOTHING_SENT, Sent, sent
from banjie.web.case.op_words import OperationWords, operation_words
from banjie.web.common import case_views
from banjie.web.common.error_words import words_of_code
from banjie.web.common.errors import ErrorView, Fact, error_view
from banjie.web.common.filters import local_time
from banjie.web.common.frame import done
from banjie.web.common.language import gettext
from banjie.web.common.numbers import whole_number
from banjie.web.common.supplement_form import answer_form, draw_answer
from banjie.web.common.task_form import Posted, new_key

_ = gettext
blueprint = Blueprint("operations", __name__)

Answer = Response | str | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Page:
    """The form of an operation: what it is about, its words, and what was refused."""

    operation: str
    offer: Offer
    words: OperationWords
    refused: ErrorView | None
    is_open: bool
    idempotency_key: str
    longest: int = 500


@blueprint.get("/cases/<case_no>/operations/<operation>")
@signed_in
def form(case_no: str, operation: str) -> Answer:
    """The form of an operation; of one that is not possible now, why not."""
    view, offer = _offered(case_no, operation)
    if offer.refusal is None:
        return _page(view, offer)
    title, text = words_of_code(offer.refusal)
    return _page(view, offer, refused=ErrorView(status=409, title=title, text=text), is_open=False), 409


@blueprint.post("/cases/<case_no>/operations/<operation>")
@signed_in
def perform(case_no: str, operation: str) -> Answer:
    """Do it; what is refused comes back with what was typed."""
    kind, typed = _operation(operation), sent()
    if typed.text("preview"):
        return _page(*_offered(case_no, operation), typed=typed)
    if kind is Operation.SUPPLEMENT_ANSWER:
        return _answer(case_no, typed)
    try:
        DEEDS[kind](case_no, typed)
    except NotFound:
        raise
    except BanjieError as refused:
        return _refused(case_no, kind, typed, refused)
    return done("case.case", operation_words(kind).said, case_no=case_no)


@blueprint.get("/tasks/<int:task_id>/undo")
@signed_in
def undo(task_id: int) -> Response:
    """The form to take one's completion back, by the task that was completed."""
    case_no = take_backs.possible(runtime(), actor(), [task_id]).get(task_id)
    if case_no is None:
        raise NotFound(task=task_id)
    where = url_for("operations.form", case_no=case_no, operation=Operation.TAKE_BACK.value, task=task_id)
    return redirect(where, 303)


def _answer(case_no: str, typed: Sent) -> Answer:
    """Hand in what is missing, at the window."""
    asked = supplements.open_request(runtime(), actor(), case_no)
    if asked is None:
        raise NotFound(case=case_no[:40])
    given = posted_answer(asked)
    try:
        answer(asked, given, typed)
    except InvalidSubmission as refused:
        view, offer = _offered(case_no, Operation.SUPPLEMENT_ANSWER.value)
        return _page(view, offer, given=given, errors=refused.errors), 422
    return done("case.case", operation_words(Operation.SUPPLEMENT_ANSWER).said, case_no=case_no)


def _operation(name: str) -> Operation:
    if name not in set(Operation):
        raise NotFound(operation=name[:40])
    return Operation(name)


def _offered(case_no: str, name: str) -> tuple[CaseView, Offer]:
    """The case with the reader's offer, of the task or proceeding that is named. Raises NotFound."""
    kind, view = _operation(name), instances.view(runtime(), actor(), case_no)
    found = [one for one in offers(runtime(), actor(), case_no) if one.operation is kind]
    for key in ("task", "proceeding"):
        named = request.values.get(key)
        if named:
            number = whole_number(named, key)
            found = [one for one in found if number in (one.task_id, one.proceeding)]
    if not found:
        raise NotFound(operation=kind.value, case=case_no[:40])
    return view, found[0]


def _refused(case_no: str, kind: Operation, typed: Sent, refused: BanjieError) -> Answer:
    """The form again with the refusal and what was typed; without its fields where it is not possible any more."""
    status = status_of(refused)
    view = instances.view(runtime(), actor(), case_no)
    told = error_view(refused, status)
    if isinstance(refused, StaleVersion):
        told = replace(told, facts=_last_deed(view))
    try:
        _view, offer = _offered(case_no, kind.value)
    except NotFound:
        offer = Offer(operation=kind)
        return _page(view, offer, refused=told, is_open=False), status
    return _page(view, offer, typed=typed, refused=told, is_open=offer.refusal is None), status


def _last_deed(view: CaseView) -> tuple[Fact, ...]:
    """Who changed the case last, and when."""
    last = next((event for event in reversed(view.events) if event.actor), None)
    if last is None:
        return ()
    return (Fact(label=_("By"), value=last.actor or ""), Fact(label=_("When"), value=local_time(last.at)))


def _page(
    view: CaseView, offer: Offer, *, typed: Sent = NOTHING_SENT, refused: ErrorView | None = None,
    is_open: bool = True, given: Posted | None = None, errors: Sequence[FieldError] = (),
) -> str:  # fmt: skip
    page = Page(
        operation=offer.operation.value, offer=offer, words=operation_words(offer.operation), refused=refused,
        is_open=is_open, idempotency_key=new_key(),
    )  # fmt: skip
    return render_template(
        "case/op.html",
        case=case_views.case_head(view, masked=False),
        op=page,
        typed=typed,
        part=_TEMPLATES.get(offer.operation, "case/op_words.html"),
        answer=_answer_view(view, offer, given, errors),
        phrases=phrase_lines(),
        longest_phrase=LONGEST_PHRASE,
        given=names_for(view, offer, typed) if is_open else {},
    )


def _answer_view(
    view: CaseView, offer: Offer, given: Posted | None, errors: Sequence[FieldError]
) -> FormView | None:
    if offer.operation is not Operation.SUPPLEMENT_ANSWER:
        return None
    asked = supplements.open_request(runtime(), actor(), view.instance.case_no)
    return draw_answer(asked, answer_form(asked), sent=given, errors=errors) if asked else None


_TEMPLATES = {
    Operation.SUPPLEMENT: "case/op_supplement.html",
    Operation.SUPPLEMENT_ANSWER: "case/op_supplement_answer.html",
    Operation.EXTENSION: "case/op_extension.html",
    Operation.EXTENSION_DECIDE: "case/op_extension_decide.html",
    Operation.PROCEDURE: "case/op_procedure.html",
    Operation.PROCEDURE_END: "case/op_procedure.html",
    Operation.SUSPEND: "case/op_procedure.html",
    Operation.RETURN: "case/op_return.html",
    Operation.TRANSFER: "case/op_person.html",
    Operation.DELEGATE: "case/op_person.html",
    Operation.REASSIGN: "case/op_person.html",
    Operation.PANEL: "case/op_panel.html",
}
