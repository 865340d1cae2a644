"""Errors of the domain in words: a title and a sentence for each code, and for each refusal that says why."""

from __future__ import annotations

from banjie.domain.awards import LimitReached
from banjie.domain.errors import BanjieError
from banjie.edge.context import runtime
from banjie.web.common.frame import local_name
from banjie.web.common.language import gettext as _


def words_of(error: BaseException, status: int) -> tuple[str, str]:
    """What an error is, as a title and a sentence; of an unknown one by its HTTP status."""
    by_status = words_of_status(status)
    code = getattr(error, "code", None)
    title, text = _by_code().get(code if isinstance(code, str) else "", by_status)
    if isinstance(error, BanjieError):
        return title, _own_sentence(error) or text
    return title, text


def words_of_code(code: str) -> tuple[str, str]:
    """The title and the sentence of a refusal by its code alone."""
    return _by_code().get(code, words_of_status(409))


def _own_sentence(error: BanjieError) -> str:
    """What the refusal itself says, where it says more than its kind; empty where there are no words for it."""
    if isinstance(error, LimitReached):
        return _limit_reached(error)
    return _sentences().get(error.message, "")


def _limit_reached(error: LimitReached) -> str:
    """Which limit stands in the way, who came first as far as it may be told, and where the limit stands."""
    facts = error.facts
    title = local_name(str(facts["limit_title"]), str(facts["limit_title_en"]))
    told = {"limit": title, "day": facts.get("granted_on"), "case": facts.get("case_no")}
    basis = _("set locally")
    if "document" in facts:
        document = runtime().book.documents.get(str(facts["document"]))
        basis = f"{document.label if document else facts['document']} {facts['article']}"
    if facts.get("case_no"):
        sentence = _("“%(limit)s”: granted on %(day)s with case %(case)s") % told
    elif facts.get("granted_on"):
        sentence = _("“%(limit)s”: granted on %(day)s in another region") % told
    else:
        sentence = _("“%(limit)s”: this application alone asks for more") % told
    return _("%(sentence)s (%(basis)s). Nothing was stored.") % {"sentence": sentence, "basis": basis}


def _sentences() -> dict[str, str]:
    """What refusals say in the services → what people read."""
    panels = {
        "A member of a panel is replaced; a vote is not passed on.": _(
            "A vote is not passed on; the head of the agency replaces the member."
        ),
        "A member of a panel works for an agency of the case.": _(
            "Who sits on the panel works for an agency of the case."
        ),
        "A panel decides by its votes; a member does not return the case.": _(
            "A panel decides by its votes; no member returns the case."
        ),
        "A vote that was given stands.": _("A vote that is cast stands."),
        "The task is not a panel's.": _("There is no panel at this step."),
        "Nobody who works here has this user name.": _("Nobody who works here has this user name."),
    }
    moves = {
        "A jump of this case is proposed already.": _("A jump of this case is proposed already."),
        "A return of one of the tasks waits.": _("A return of one of the steps waits."),
        "A return of this task waits for the other branches.": _(
            "A return of this step waits for the other branches."
        ),
        "Another return of this case waits.": _("Another return of this case waits."),
        "No return of this task waits.": _("No return of this step waits."),
        "Not all of the tasks are open.": _("Not all of the chosen steps are open."),
        "Name the tasks that jump.": _("Choose the steps that are taken away."),
        "The case cannot jump to this.": _("Choose the step that is to open."),
        "The case has moved since this was proposed.": _(
            "The case has moved since this was proposed. Propose it anew."
        ),
        "Another person must consent.": _("Who has proposed it cannot consent to it."),
        "The task is not completed.": _("The step is not completed."),
        "Only who completed a task takes it back.": _("Only who completed a step takes it back."),
        "The diagram says which limit holds; only a head may say another.": _(
            "The diagram says which limit holds; only a head may say another."
        ),
    }
    return {**panels, **moves, **_sentences_of_hands(), **_sentences_of_proceedings()}


def _sentences_of_hands() -> dict[str, str]:
    return {
        "Claim the task first.": _("Claim the step first."),
        "The task is theirs already.": _("They have the step already."),
        "The task is gone.": _("The step is not open any more."),
        "Nobody has asked you about this task.": _("Nobody asks you about this step any more."),
        "The task is not out for an opinion.": _("Nobody is asked about this step any more."),
        "You have not given this task away.": _("You have not given this step away."),
        "Nobody else has it in hand.": _("Nobody else has the case in hand."),
        "No candidate for the task has this name.": _("Choose a colleague who may do this step."),
        "No officer of an agency of the case has this name.": _(
            "Choose an officer of an agency that has had a step of the case."
        ),
        "Nobody decides on an application of their own.": _("Nobody decides on an application of their own."),
        "A substitute who has signed this case may not sign it for another.": _(
            "A substitute who has signed this case may not sign it for another."
        ),
        "The page is too old; load it again.": _("The page was open for too long. Load it again."),
    }


def _sentences_of_proceedings() -> dict[str, str]:
    return {
        "Give a reason.": _("Say why, in 1 to 500 characters."),
        "The words are too long.": _("Write at most 500 characters."),
        "The note is too long.": _("A note has at most 500 characters."),
        "Name the document.": _("Name the document, in 1 to 200 characters."),
        "Name 1 to 50 items.": _("Choose at least one thing that is missing, and at most 50."),
        "An item is named twice.": _("Something is named twice."),
        "There is no such item to ask for.": _("Something that you chose cannot be asked for."),
        "This is no whole number.": _("Write a whole number."),
        "So many days are not allowed.": _("So many days are not allowed."),
        "So many days are not possible.": _("So many days are not possible."),
        "No law has time on this ground not counted.": _("Choose the procedure that begins."),
        "No law has the clocks stop on this ground.": _("No law has the clocks wait on this ground."),
        "The application counts as accepted.": _(
            "The application counts as accepted: what is missing was not told in time."
        ),
        "No limit of this step runs.": _("No limit of this step runs."),
        "No limit of the case runs.": _("No limit of the case runs."),
        "No value of the extension is in force.": _("No text in force says by how much."),
        "The extension is counted in another unit than the limit.": _(
            "The extension is counted in another unit than the limit."
        ),
        "The promise would end after the statutory limit; ask for the case's extension first.": _(
            "The promised limit would end after the statutory one; ask for the extension of the case first."
        ),
        "The officers may ask already.": _("The officers may ask already."),
        "This was decided or closed before.": _("This was decided or closed before."),
        "Only the head of the agency may do that.": _("Only the head of the agency may do that."),
        "Only the head of an agency of the case may do that.": _(
            "Only the head of an agency of the case may do that."
        ),
        "Nobody grants what they have asked for themselves.": _(
            "Nobody grants what they have asked for themselves."
        ),
        "The applicant answers, or an officer of the agency that asked.": _(
            "The applicant answers, or an officer of the agency that asked."
        ),
        "A file of the submission is not yours or is used already.": _(
            "A file was used already; send it anew."
        ),
    }


def words_of_status(status: int) -> tuple[str, str]:
    """The title and the sentence for an HTTP status."""
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
    return by_status.get(status, trouble)


def _by_code() -> dict[str, tuple[str, str]]:
    return {
        **_of_tasks(),
        **_of_proceedings(),
        **_of_publicity(),
        **_of_payments(),
        **_of_entitlements(),
        "already_open": (
            _("There is an open case already"),
            _("This service takes one application of an applicant at a time. What you entered was not stored."),
        ),
        "instance_ended": (_("This case has ended"), _("Nothing more can be done with it.")),
        "idempotency_mismatch": (
            _("This form was sent before"),
            _("Open the page again to see how the case stands."),
        ),
        "load_under_way": (
            _("This file is being loaded already"),
            _("Wait until it has been read; the same file again changes nothing."),
        ),
        "unreadable_file": (
            _("The file cannot be read"),
            _("Only xlsx and CSV files are taken; save the list as one of these."),
        ),
        "missing_columns": (
            _("The first row is not that of the template"),
            _("Load a file with the titles of the template in its first row."),
        ),
        "no_value_in_force": (
            _("The law gives no value for this day"),
            _("No text has a value in force for this day and place, and nothing is assumed."),
        ),
        "engine_fault": (
            _("The process could not go on"),
            _("The case stands where it stood. The administrator has been told."),
        ),
        "invalid_request": (_("Something is not filled in rightly"), _("Go back and correct the form.")),
        "invalid_submission": (_("Something is not filled in rightly"), _("Go back and correct the form.")),
        "not_of_one_kind": (
            _("These tasks are not of one kind"),
            _("Choose tasks of one step of one service, and approve them together."),
        ),
        "receipt_not_green": (
            _("The rules do not say yes to this case"),
            _("Open the case and decide it by itself."),
        ),
    }  # fmt: skip


def _of_tasks() -> dict[str, tuple[str, str]]:
    return {
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
        "four_eyes": (
            _("Another person must do this step"),
            _("You have done an earlier step of this case; the rule of four eyes asks for somebody else."),
        ),
        "nobody_else": (
            _("There is nobody who could be chosen"),
            _("Nobody else holds the post, or may do this step."),
        ),
        "handed_on": (
            _("The step is out for an opinion"),
            _("Whoever was asked answers first, or who has asked recalls it."),
        ),
        "substitution_ended": (
            _("The substitution has ended"),
            _("The step is held in the place of an officer for whom you no longer act. Release it."),
        ),
        "substitution_clash": (
            _("There is a substitution in this time already"),
            _("An officer has one substitute at a time in an agency."),
        ),
        "urged_before": (_("It was urged within the hour"), _("A case is urged once an hour, whoever does it.")),
        "touched": (
            _("Somebody has gone on with it"),
            _("It cannot be taken back any more; ask the next officer to return it."),
        ),
        "already_told": (
            _("The applicant was told already"),
            _("What the applicant has been told cannot be taken back."),
        ),
        "not_passed": (
            _("There is no earlier step to return to"),
            _("The case has not come by this step, or cannot go back to it from here."),
        ),
        "siblings_undecided": (
            _("Other branches would be lost"),
            _("Say what becomes of the other open steps: they go on, they are given up, or the return waits for them."),
        ),
        "too_many_returns": (
            _("The case was returned to this step too often"),
            _("Somebody must look at it: ask the head of the agency."),
        ),
    }  # fmt: skip


def _of_entitlements() -> dict[str, tuple[str, str]]:
    return {
        "match_under_way": (
            _("The registers are being searched already"),
            _("This service and region are being searched. Wait until that has ended."),
        ),
        "already_answered": (
            _("This has been answered"),
            _("It was accepted or declined before, or the rules do not give it any more."),
        ),
        "not_verified": (
            _("Your real name is not proved"),
            _("Prove first that you are, or act for, whom this is about."),
        ),
    }


def _of_payments() -> dict[str, tuple[str, str]]:
    return {
        "limit_reached": (
            _("This was granted before, as often or as much as the rules allow"),
            _("Nothing was granted. The limits across cases on the page say what is used up."),
        ),
        "not_awarded": (
            _("The rules give no money to this case"),
            _("Its newest receipt does not say yes; nothing can be granted on it."),
        ),
        "waits_for_payment": (
            _("This step waits for the money"),
            _("The bank's answer completes it; nobody does so by hand."),
        ),
        "payment_under_way": (
            _("The money is on its way"),
            _("The payment is in a batch or with the bank. Wait for the bank's answer."),
        ),
        "budget_exceeded": (
            _("The budget does not reach so far"),
            _("What is committed and paid may not exceed the budget. Nothing was changed."),
        ),
        "payment_not_due": (
            _("An order is not due any more"),
            _("Somebody has put it into a batch, or it was cancelled. Choose anew."),
        ),
        "batch_status": (
            _("The batch has gone on"),
            _("Somebody was here before you. Open the page again to see how it stands."),
        ),
        "return_refused": (
            _("The file does not fit the batch"),
            _("The file does not fit the batch; nothing of it was read."),
        ),
    }  # fmt: skip


def _of_publicity() -> dict[str, tuple[str, str]]:
    return {
        "roster_busy": (
            _("The list is being worked on"),
            _("Its rows are being granted or ordered; go on when that is done."),
        ),
        "roster_under_way": (
            _("The list is being read already"),
            _("The same file is being read for this region; look at the newest lists."),
        ),
        "publicity_running": (
            _("The publicity has not ended yet"),
            _("Its result can be confirmed from the end of its last day on."),
        ),
        "objections_open": (
            _("Objections wait for an answer"),
            _("Answer every objection first; then the result of the publicity can be confirmed."),
        ),
        "objection_upheld": (
            _("An objection was upheld"),
            _("What was published cannot be confirmed. Revoke it, or return the case to an earlier step."),
        ),
        "publicity_over": (
            _("The publicity is over"),
            _(
                "Objections are no longer taken here. Turn to the office that published it, or to its superior."
            ),
        ),
        "objection_answered": (
            _("This objection has been answered"),
            _("Somebody was here before you. What you entered was not stored."),
        ),
    }


def _of_proceedings() -> dict[str, tuple[str, str]]:
    return {
        "case_held": (
            _("The case is held"),
            _("Something missing is asked for, a procedure goes on, or it is suspended; no step can be completed now."),
        ),
        "limit_passed": (_("The limit has passed"), _("It can be asked for before the limit ends only.")),
        "supplement_asked_before": (
            _("What is missing was asked for before"),
            _("The law allows it once; the head of the agency may allow a second request."),
        ),
        "extended_before": (
            _("An extension was asked for before"),
            _("A limit is extended once, and one request for it can be open."),
        ),
        "not_extensible": (_("This limit cannot be extended"), _("No text lets this limit be extended.")),
    }  # fmt: skip
