"""What pages say after a change, by the code that the address carries."""

from __future__ import annotations

from banjie.web.common.language import gettext as _


def said_words() -> dict[str, str]:
    """Code → the sentence about what has just been done."""
    return {
        **_said_of_operations(),
        **_said_of_payments(),
        "claimed": _("You have claimed the task."),
        "released": _("The task lies with the candidates again."),
        "completed": _("The step is complete; the case goes on."),
        "saved": _("The draft is saved."),
        "subject_verified": _("Your real name is proved."),
        "entitlement_declined": _("Declined; it is not offered to you again this year."),
        "roster_refused": _("Refused; your enterprise gets nothing of this service for the year."),
        "invited": _("Those chosen are invited; the notice is in their boxes."),
        "invited_by_letter": _("Those chosen are invited; some have no account and need a letter on paper."),
        "applied": _("Your application has been submitted. Keep the case number."),
        "joined": _("Your application has been added to your open case."),
        "withdrawn": _("Your application has been withdrawn."),
        "cancelled": _("The case has been cancelled."),
        "read": _("All notices are marked as read."),
        "arranged": _("The substitution is arranged."),
        "substitution_over": _("The substitution has been ended."),
        "card_answered": _("The card is answered."),
        "card_revoked": _("The card is taken back."),
        "objection_answered": _("The objection is answered."),
    }


def _said_of_payments() -> dict[str, str]:
    return {
        "batch_made": _("The batch is made; another person checks it."),
        "batch_checked": _("The batch is approved; the bank file can be made."),
        "batch_sent_back": _("The batch was sent back; its orders are due again."),
        "batch_exported": _("The bank file is made; download it and send it to the bank."),
        "return_read": _("The bank's answers are read; the cases go on."),
        "return_repeated": _("This file was read before; nothing has changed."),
        "batch_settled": _("Cases that still wait are carried on once more."),
        "ordered_again": _("The payment is ordered once more."),
        "budget_set": _("The budget is set."),
    }


def warning_words() -> dict[str, str]:
    """Code → the sentence about what could not be done."""
    return {
        "none_chosen": _("Choose at least one line first."),
        "none_left": _("None of what you chose is yours any more."),
    }


def _said_of_operations() -> dict[str, str]:
    return {
        "supplement_asked": _("The applicant was asked for what is missing; the case is held."),
        "supplement_answered": _("What was missing has been handed in; the case goes on."),
        "supplement_withdrawn": _("The request was taken back; the case goes on."),
        "supplement_granted": _("A second request for what is missing is allowed."),
        "extension_asked": _("The head of the agency was asked for the extension."),
        "extension_decided": _("The extension is decided."),
        "procedure_started": _("The procedure has begun; the case is held."),
        "procedure_ended": _("The procedure has ended; the case goes on."),
        "suspended": _("The case is suspended."),
        "resumed": _("The case goes on."),
        "returned": _("The case is on its way back."),
        "return_given_up": _("The return was given up."),
        "taken_back": _("Your completion was taken back; the step is yours again."),
        "transferred": _("The step was given to your colleague."),
        "transfer_taken_back": _("The step is yours again."),
        "delegated": _("The opinion was asked for; the step comes back to you."),
        "resolved": _("Your opinion was sent; the step is with who asked."),
        "recalled": _("The step is yours again."),
        "reassigned": _("The step was given to another officer."),
        "panel_changed": _("The panel was changed."),
        "urged": _("Whoever has the case in hand was reminded."),
        "handed_in": _("Thank you: everything that was missing is handed in. The case goes on."),
        "jump_proposed": _("The jump was proposed; a second person must consent."),
        "jump_done": _("The case has jumped."),
        "jump_refused": _("The jump was refused."),
    }
