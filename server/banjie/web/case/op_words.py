"""Operations in words: what they are called, what they do, and what is said once they are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from banjie.services.offers import Operation
from banjie.web.common.language import gettext as _


@dataclass(frozen=True, kw_only=True)
class OperationWords:
    """`label` stands on the bar, `title` over the form, `lead` says what it does; `key` is its letter, if any.

    `said` is the code of the sentence with which the next page begins. What is grave is drawn as a warning.
    """

    label: str
    title: str
    lead: str
    submit: str
    said: str
    key: str = ""
    is_grave: bool = False


def operation_words(operation: Operation) -> OperationWords:
    """The words of an operation in the language of the request."""
    return _all()[operation]


def _all() -> Mapping[Operation, OperationWords]:
    return {**_asking(), **_holding(), **_moving(), **_handing(), **_leading()}


def _asking() -> dict[Operation, OperationWords]:
    return {
        Operation.SUPPLEMENT: OperationWords(
            label=_("Ask for what is missing"),
            title=_("Ask for what is missing"),
            lead=_(
                "The law lets you ask once only: name everything that is missing. The case is held, "
                "and its clocks wait for the applicant."
            ),
            submit=_("Send to the applicant"),
            said="supplement_asked",
            key="s",
        ),
        Operation.SUPPLEMENT_ANSWER: OperationWords(
            label=_("Answer at the window"),
            title=_("Answer for the applicant at the window"),
            lead=_(
                "You fill this in for the applicant, who is with you; the record says so. The clocks "
                "count on from the next working day."
            ),
            submit=_("Hand in everything"),
            said="supplement_answered",
            key="w",
        ),
        Operation.SUPPLEMENT_WITHDRAW: OperationWords(
            label=_("Take the request back"),
            title=_("Take the request for what is missing back"),
            lead=_("The clocks count on, the applicant is told, and you may ask again."),
            submit=_("Take the request back"),
            said="supplement_withdrawn",
        ),
        Operation.SUPPLEMENT_GRANT: OperationWords(
            label=_("Allow a second request"),
            title=_("Allow a second request for what is missing"),
            lead=_("The officers of the case may then ask the applicant once more."),
            submit=_("Allow it"),
            said="supplement_granted",
            key="g",
        ),
        Operation.EXTENSION: OperationWords(
            label=_("Extension"),
            title=_("Ask for an extension"),
            lead=_(
                "The head of the agency decides before the limit ends. It is granted once, and the "
                "applicant is told the reason."
            ),
            submit=_("Ask the head"),
            said="extension_asked",
            key="e",
        ),
        Operation.EXTENSION_DECIDE: OperationWords(
            label=_("Decide the extension"),
            title=_("Decide the extension"),
            lead=_("Where you grant it, the applicant is told the reason of who asked."),
            submit=_("Decide"),
            said="extension_decided",
            key="y",
        ),
    }


def _holding() -> dict[Operation, OperationWords]:
    return {
        Operation.PROCEDURE: OperationWords(
            label=_("Procedure not counted"),
            title=_("Begin a procedure whose time is not counted"),
            lead=_(
                "A hearing, an inspection, an appraisal or an expert review. The case is held, and its"
                " clocks wait until it ends; the applicant is told."
            ),
            submit=_("Begin"),
            said="procedure_started",
            key="p",
        ),
        Operation.PROCEDURE_END: OperationWords(
            label=_("End the procedure"),
            title=_("End the procedure"),
            lead=_("The clocks count on from the next working day, and the applicant is told."),
            submit=_("End it"),
            said="procedure_ended",
            key="p",
        ),
        Operation.SUSPEND: OperationWords(
            label=_("Suspend"),
            title=_("Suspend the case"),
            lead=_(
                "No step can be completed until it is resumed. The clocks run on, unless a ground of "
                "the law has them wait."
            ),
            submit=_("Suspend"),
            said="suspended",
            key="h",
        ),
        Operation.RESUME: OperationWords(
            label=_("Resume"),
            title=_("Let the case go on"),
            lead=_(
                "Its steps can be completed again; clocks that waited count on from the next working day."
            ),
            submit=_("Resume"),
            said="resumed",
            key="h",
        ),
    }


def _moving() -> dict[Operation, OperationWords]:
    return {
        Operation.RETURN: OperationWords(
            label=_("Return"),
            title=_("Return to an earlier step"),
            lead=_(
                "The step opens again with who did it, and with what was submitted. The clocks of the "
                "case run on."
            ),
            submit=_("Return"),
            said="returned",
            key="r",
        ),
        Operation.RETURN_GIVE_UP: OperationWords(
            label=_("Give the return up"),
            title=_("Give up the return that waits"),
            lead=_("The step can be worked on again."),
            submit=_("Give it up"),
            said="return_given_up",
        ),
        Operation.TAKE_BACK: OperationWords(
            label=_("Undo"),
            title=_("Take a completion back"),
            lead=_(
                "Your step opens again with what you submitted, as long as nobody has gone on with the"
                " next one."
            ),
            submit=_("Take it back"),
            said="taken_back",
            key="z",
        ),
        Operation.CANCEL: OperationWords(
            label=_("Cancel the case"),
            title=_("Cancel the case"),
            lead=_("All steps and clocks end. The reason stays on record."),
            submit=_("Cancel the case"),
            said="cancelled",
            is_grave=True,
        ),
    }


def _handing() -> dict[Operation, OperationWords]:
    return {
        Operation.TRANSFER: OperationWords(
            label=_("Transfer"),
            title=_("Transfer the step"),
            lead=_("A colleague of the same role gets it for good, with your draft. The clock runs on."),
            submit=_("Transfer"),
            said="transferred",
            key="t",
        ),
        Operation.TRANSFER_TAKE_BACK: OperationWords(
            label=_("Take the transfer back"),
            title=_("Take the transfer back"),
            lead=_("The step is yours again, as long as your colleague has not touched it."),
            submit=_("Take it back"),
            said="transfer_taken_back",
        ),
        Operation.DELEGATE: OperationWords(
            label=_("Ask for an opinion"),
            title=_("Ask for an opinion"),
            lead=_(
                "An officer of an agency of the case answers in writing, and the step comes back to "
                "you. The clock runs on."
            ),
            submit=_("Ask"),
            said="delegated",
            key="d",
        ),
        Operation.RESOLVE: OperationWords(
            label=_("Give your opinion"),
            title=_("Give your opinion"),
            lead=_("The step goes back to who has asked you."),
            submit=_("Send the opinion"),
            said="resolved",
            key="o",
        ),
        Operation.RECALL: OperationWords(
            label=_("Recall"),
            title=_("Recall the step without an opinion"),
            lead=_("The step is yours again, and nobody is asked any more."),
            submit=_("Recall"),
            said="recalled",
        ),
        Operation.URGE: OperationWords(
            label=_("Urge"),
            title=_("Urge"),
            lead=_("Whoever has the case in hand is reminded, on record; once an hour."),
            submit=_("Urge"),
            said="urged",
            key="u",
        ),
    }


def _leading() -> dict[Operation, OperationWords]:
    return {
        Operation.REASSIGN: OperationWords(
            label=_("Reassign"),
            title=_("Reassign a step"),
            lead=_("Another officer of the role gets the step, whoever holds it; both are told."),
            submit=_("Reassign"),
            said="reassigned",
            key="a",
        ),
        Operation.PANEL: OperationWords(
            label=_("Change the panel"),
            title=_("Change the panel"),
            lead=_("Add, remove or replace a member. A vote that is cast stands."),
            submit=_("Change the panel"),
            said="panel_changed",
            key="v",
        ),
    }
