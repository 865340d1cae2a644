"""Words for the codes of the domain, in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from banjie.domain.instances import InstanceStatus
from banjie.domain.ledger import ClockKind, LimitUnit
from banjie.web.common.language import current_language
from banjie.web.common.language import gettext as _


def role_word(role: str) -> str:
    """A role or post."""
    words = {
        "applicant": _("Applicant"),
        "head": _("Head of the agency"),
        "manager": _("Manager"),
        "process_owner": _("Process owner"),
        "auditor": _("Auditor"),
        "admin": _("System administrator"),
        "bureau_officer": _("Officer of the bureau"),
        "guarantor_officer": _("Officer of the guarantor"),
        "bank_officer": _("Officer of the bank"),
        "finance_officer": _("Officer of the finance bureau"),
        "government_officer": _("Officer of the government"),
        "development_officer": _("Officer of development and reform"),
        "industry_officer": _("Officer of the industry bureau"),
        "tax_officer": _("Officer of the tax bureau"),
        "civil_affairs_officer": _("Officer of civil affairs"),
    }
    return words.get(role, role)


def status_word(status: str, outcome: str | None) -> str:
    """Where a case stands; of an ended one its outcome."""
    words = {
        InstanceStatus.RUNNING: _("In progress"),
        InstanceStatus.WITHDRAWN: _("Withdrawn by the applicant"),
        InstanceStatus.CANCELLED: _("Cancelled"),
    }
    if status == InstanceStatus.ENDED or outcome == "supplement_lapsed":
        return outcome_word(outcome)
    return words.get(InstanceStatus(status), status)


def outcome_word(outcome: str | None) -> str:
    """How a case ended, by the outcome of its end event."""
    words = {
        "approved": _("Approved"),
        "refused": _("Refused"),
        "not_accepted": _("Not accepted"),
        "review_refused": _("Refused at the review"),
        "investigation_refused": _("Refused by the guarantor"),
        "bank_refused": _("Refused by the bank"),
        "supplement_lapsed": _("Counts as withdrawn: nothing was supplied in time"),
    }
    return words.get(outcome or "", _("Finished"))


def event_word(kind: str, element_name: str) -> str:
    """What an event says, with the name of its step where it has one."""
    text = _event_words(current_language().code).get(kind, kind)
    return _("%(what)s: %(step)s") % {"what": text, "step": element_name} if element_name else text


@lru_cache(maxsize=2)
def _event_words(_code: str) -> Mapping[str, str]:
    """What each event says in the language of the request, whose code is given; a history asks for many."""
    return {
        "instance.started": _("Application submitted"),
        "instance.joined": _("Another application was added"),
        "instance.accepted": _("Application accepted"),
        "instance.ended": _("Case finished"),
        "instance.withdrawn": _("Application withdrawn"),
        "instance.cancelled": _("Case cancelled"),
        "supplement.asked": _("Asked for what is missing"),
        "supplement.answered": _("What was missing was supplied"),
        "supplement.withdrawn": _("Request for what is missing taken back"),
        "supplement.granted": _("A second supplement was granted"),
        "supplement.lapsed": _("Nothing was supplied in time"),
        "instance.deemed_accepted": _("Counts as accepted: no decision in time"),
        "extension.asked": _("Extension asked for"),
        "extension.granted": _("Extension granted"),
        "extension.refused": _("Extension refused"),
        "extension.lapsed": _("Extension not decided in time"),
        "excluded.started": _("Procedure begun whose time does not count"),
        "excluded.ended": _("Procedure ended whose time does not count"),
        "suspension.started": _("Case suspended"),
        "suspension.ended": _("Case resumed"),
        "task.opened": _("Step opened"),
        "task.claimed": _("Claimed"),
        "task.released": _("Released"),
        "task.completed": _("Completed"),
        "payment.ordered": _("Payment ordered"),
        "task.cancelled": _("Step cancelled"),
        "clock.started": _("Clock started"),
        "clock.not_started": _("No limit in force; no clock started"),
        "clock.stopped": _("Clock stopped"),
        "clock.recomputed": _("Due time computed anew"),
        "deadline.warned": _("Warning: due soon"),
        "deadline.missed": _("Deadline missed"),
        "deadline.escalated": _("Escalated to the head"),
        "decision.made": _("Decided by the rules"),
        "notice.queued": _("Notice sent"),
        "timer.fired": _("Timer fired"),
        "card.issued": _("Card issued"),
        "card.answered": _("Card answered"),
        "card.revoked": _("Card taken back"),
        "comment.added": _("Comment added"),
        "help.added": _("Entry in the helper's log"),
        "comment.withdrawn": _("Comment withdrawn"),
        "case.copied": _("Copy sent"),
        "file.attached": _("File added"),
        "file.removed": _("File removed"),
        "task.transferred": _("Transferred"),
        "task.transfer_taken_back": _("Transfer taken back"),
        "task.delegated": _("Opinion asked for"),
        "task.resolved": _("Opinion given"),
        "task.recalled": _("Opinion no longer asked for"),
        "task.reassigned": _("Reassigned by the head"),
        "task.urged": _("Urged"),
        "task.returned": _("Returned to an earlier step"),
        "task.return_deferred": _("Return waits for the other branches"),
        "task.return_given_up": _("Return given up"),
        "task.taken_back": _("Completion taken back"),
        "jump.proposed": _("Jump proposed"),
        "jump.done": _("Jumped"),
        "jump.refused": _("Jump refused"),
        "jump.taken_back": _("Proposal of a jump taken back"),
        "objection.received": _("Objection received"),
        "objection.answered": _("Objection answered"),
        "roster.granted": _("List granted"),
        "roster.ordered": _("Payments of the list ordered"),
        "roster.declined": _("An enterprise of the list declined"),
        "countersign.member_added": _("Member added to the panel"),
        "countersign.member_removed": _("Member taken off the panel"),
        "countersign.member_replaced": _("Member of the panel replaced"),
    }


#: Events that a reader of the history must not overlook.
LOUD = frozenset(
    {"deadline.warned", "deadline.missed", "deadline.escalated", "instance.cancelled", "instance.deemed_accepted",
     "supplement.lapsed", "extension.lapsed"}
)  # fmt: skip


def clock_word(kind: ClockKind, element_name: str) -> str:
    """What a clock measures."""
    if kind is ClockKind.STEP:
        return _("Limit of the step: %(step)s") % {"step": element_name}
    words = {
        ClockKind.ACCEPTANCE: _("Limit of acceptance"),
        ClockKind.STATUTORY: _("Statutory limit of the case"),
        ClockKind.PROMISED: _("Promised limit of the case"),
    }
    return words[kind]


def unit_word(unit: LimitUnit | str) -> str:
    """A unit of a parameter, empty where the value says it all."""
    words = {
        "CNY": _("yuan"),
        "percent": "%",
        "persons": _("persons"),
        "times": _("times"),
        "years": _("years"),
        "months": _("months"),
        "working_days": _("working days"),
        "natural_days": _("natural days"),
    }
    return words.get(str(unit), "")


def help_word(kind: str) -> str:
    """What a helper did."""
    words = {
        "visit": _("Visit"),
        "post_offered": _("Post offered"),
        "training": _("Training offered"),
        "interview": _("Interview"),
        "other": _("Other help"),
    }
    return words[str(kind)]


def notice_word(template: str) -> str:
    """The line of a notice."""
    words = {
        "guarantee_loan/approved": _("Your start-up guarantee loan has been paid out"),
        "guarantee_loan/refused": _("Your application for a start-up guarantee loan was refused"),
        "guarantee_loan/not_accepted": _("Your application for a start-up guarantee loan was not accepted"),
        "subsidy/paid": _("The subsidy you applied for has been paid"),
        "subsidy/refused": _("Your application for a subsidy was refused"),
        "subsidy/not_accepted": _("Your application for a subsidy was not accepted"),
        "hardship_enterprise/determined": _("Your enterprise has been determined as one in hardship"),
        "hardship_enterprise/refused": _("Your application as a hardship enterprise was refused"),
        "zero_employment_family/not_accepted": _(
            "Your application as a zero-employment family was not accepted"
        ),
        "zero_employment_family/not_recognised": _(
            "Your family was not recognised as a zero-employment family"
        ),
        "zero_employment_family/recognised": _("Your family was recognised; your helper will be in touch"),
        "zero_employment_family/placed": _("The work of a member of your family has been registered"),
        "zero_employment_family/ended": _("Help for your family has ended"),
        "zero_employment_family/help_again": _("Your family may ask for help again"),
        "entitlement_found": _("By the registers you may have a subsidy"),
        "application_joined": _("Another application was added to an open case"),
        "supplement_asked": _("Something is missing from your application; please supply it"),
        "supplement_withdrawn": _("Nothing needs to be supplied any more"),
        "supplement_answered": _("What you asked for was supplied"),
        "supplement_lapsed": _("Nothing was supplied in time; the application counts as withdrawn"),
        "deemed_accepted": _("No decision in time: the application counts as accepted"),
        "extension_asked": _("An extension waits for your decision"),
        "extension_granted": _("The extension you asked for was granted"),
        "extension_refused": _("The extension you asked for was refused"),
        "extension_lapsed": _("The extension you asked for was not decided in time"),
        "extension_told": _("The time for your case was extended"),
        "excluded_started": _("Your case needs a procedure whose time does not count"),
        "excluded_ended": _("The procedure has ended; the time counts on"),
        "suspended": _("Your case was suspended"),
        "suspension_ended": _("Your case goes on"),
        "cancelled": _("Your case was cancelled by the office"),
        "deadline_warned": _("A step is due soon"),
        "deadline_missed": _("A step is overdue"),
        "deadline_escalated": _("An overdue step was escalated to you"),
        "red_card": _("A yellow card was not answered in time and has become a red one"),
        "mentioned": _("You were mentioned in a comment"),
        "copied": _("A case was sent to you to read"),
        "task_transferred": _("A step was transferred to you"),
        "task_transfer_taken_back": _("A step transferred to you was taken back"),
        "task_delegated": _("You are asked for an opinion on a step"),
        "task_resolved": _("The opinion that you asked for has come"),
        "task_recalled": _("An opinion is no longer asked of you"),
        "task_reassigned": _("The head gave you a step"),
        "task_given_to_another": _("The head gave a step of yours to another officer"),
        "task_urged": _("A step was urged"),
        "objection_received": _("Somebody objects to what is published; answer the objection"),
        "objection_answered": _("An objection to what is published was answered"),
        "task_returned": _("A case came back to a step of yours"),
        "jump_proposed": _("A jump of a case waits for your consent"),
        "jump_done": _("The jump that you proposed was made"),
        "jump_refused": _("The jump that you proposed was refused"),
    }
    return words.get(template, _("There is news of a case"))
