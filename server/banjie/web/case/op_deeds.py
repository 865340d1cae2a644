"""What is done when the form of an operation is sent: one call of a service each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from banjie.domain.returns import OtherBranches
from banjie.edge.context import actor, runtime
from banjie.services import (
    countersign,
    extensions,
    handovers,
    instances,
    procedures,
    returns,
    supplements,
    take_backs,
    urging,
)
from banjie.services.extensions import Scope
from banjie.services.offers import Operation
from banjie.web.case.op_sent import Sent, missing_items
from banjie.web.common.supplement_form import answer_form
from banjie.web.common.task_form import IDEMPOTENCY_FIELD, Posted, posted

#: Does what was sent for a case; raises as the service does.
Deed = Callable[[str, Sent], object]


def _ask(_case_no: str, sent: Sent) -> object:
    items, words = missing_items(sent), sent.text("words")
    return supplements.ask(runtime(), actor(), sent.task, items, words, sent.version)


def posted_answer(request: supplements.Request) -> Posted:
    """What was handed in for an open request; its files are stored."""
    return posted(answer_form(request), beside=("task", "proceeding"))


def answer(request: supplements.Request, given: Posted, sent: Sent) -> supplements.Answered:
    """Hand in what was asked for."""
    given.require_files()
    key = sent.text(IDEMPOTENCY_FIELD) or None
    return supplements.answer(runtime(), actor(), request.proceeding.id, given.values, key)


def _extension(_case_no: str, sent: Sent) -> object:
    scope = Scope(sent.text("scope")) if sent.text("scope") in set(Scope) else Scope.STEP
    days, reason = sent.number("days"), sent.text("reason")
    return extensions.ask(
        runtime(), actor(), sent.task, days, reason, scope=scope, expected_version=sent.version
    )


def _procedure(_case_no: str, sent: Sent) -> object:
    return procedures.start_excluded(
        runtime(), actor(), sent.task, sent.text("ground"), sent.text("document"), sent.number("expected_days"),
        sent.text("words"), sent.version,
    )  # fmt: skip


def _suspend(case_no: str, sent: Sent) -> object:
    ground, document = sent.text("ground") or None, sent.text("document") or None
    return procedures.suspend(runtime(), actor(), case_no, sent.text("reason"), ground, document)


def _return(_case_no: str, sent: Sent) -> object:
    said = sent.text("siblings")
    siblings = OtherBranches(said) if said in set(OtherBranches) else None
    return returns.send_back(
        runtime(), actor(), sent.task, sent.text("target"), sent.text("reason"), siblings=siblings,
        expected_version=sent.version,
    )  # fmt: skip


def _panel(_case_no: str, sent: Sent) -> object:
    rt, who, reason = runtime(), actor(), sent.text("reason")
    member, newcomer = sent.text("member") or None, sent.text("username")
    if sent.text("what") == "remove":
        return countersign.remove(rt, who, sent.task, reason, member=member)
    if sent.text("what") == "replace":
        return countersign.replace(rt, who, sent.task, newcomer, reason, member=member)
    weight = sent.number("weight") if sent.text("weight") else 1
    may_veto = sent.text("veto") == "true"
    return countersign.add(rt, who, sent.task, newcomer, reason, weight=weight, may_veto=may_veto)


def _reassign(_case_no: str, sent: Sent) -> object:
    to, reason = sent.text("to"), sent.text("reason")
    return handovers.reassign(runtime(), actor(), sent.task, to, reason, sent.version)


DEEDS: Mapping[Operation, Deed] = {
    Operation.SUPPLEMENT: _ask,
    Operation.SUPPLEMENT_WITHDRAW: lambda _case_no, sent: supplements.withdraw(
        runtime(), actor(), sent.proceeding, sent.text("reason")
    ),
    Operation.SUPPLEMENT_GRANT: lambda case_no, sent: supplements.grant_second(
        runtime(), actor(), case_no, sent.text("reason")
    ),
    Operation.EXTENSION: _extension,
    Operation.EXTENSION_DECIDE: lambda _case_no, sent: extensions.decide(
        runtime(), actor(), sent.proceeding, grant=sent.text("grant") == "true", words=sent.text("words")
    ),
    Operation.PROCEDURE: _procedure,
    Operation.PROCEDURE_END: lambda _case_no, sent: procedures.end_excluded(
        runtime(), actor(), sent.proceeding, sent.text("document"), sent.text("words")
    ),
    Operation.SUSPEND: _suspend,
    Operation.RESUME: lambda _case_no, sent: procedures.resume(
        runtime(), actor(), sent.proceeding, sent.text("words")
    ),
    Operation.RETURN: _return,
    Operation.RETURN_GIVE_UP: lambda _case_no, sent: returns.cancel_wait(runtime(), actor(), sent.task),
    Operation.TAKE_BACK: lambda _case_no, sent: take_backs.take_back(
        runtime(), actor(), sent.task, sent.text("reason")
    ),
    Operation.TRANSFER: lambda _case_no, sent: handovers.transfer(
        runtime(), actor(), sent.task, sent.text("to"), sent.text("reason"), sent.version
    ),
    Operation.TRANSFER_TAKE_BACK: lambda _case_no, sent: handovers.take_back_transfer(
        runtime(), actor(), sent.task
    ),
    Operation.DELEGATE: lambda _case_no, sent: handovers.delegate(
        runtime(), actor(), sent.task, sent.text("to"), sent.text("reason"), sent.version
    ),
    Operation.RESOLVE: lambda _case_no, sent: handovers.resolve(
        runtime(), actor(), sent.task, sent.text("words")
    ),
    Operation.RECALL: lambda _case_no, sent: handovers.recall(runtime(), actor(), sent.task),
    Operation.REASSIGN: _reassign,
    Operation.PANEL: _panel,
    Operation.URGE: lambda case_no, sent: urging.urge_case(runtime(), actor(), case_no, sent.text("words")),
    Operation.CANCEL: lambda case_no, sent: instances.cancel(
        runtime(), actor(), case_no, sent.text("reason")
    ),
}
