"""What is done with a step beside completing it: handed on, urged, returned, taken back, jumped over."""

from __future__ import annotations

from typing import Any

from banjie.api.resource import Resource
from banjie.api.v1.tasks import expected_version
from banjie.domain.definitions import ReturnLimit
from banjie.domain.returns import OtherBranches, ReturnChoice
from banjie.domain.step import Siblings
from banjie.edge import schemas
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import operations
from banjie.services import handovers, jumps, returns, take_backs, urging

blueprint = Resource(
    "operations_api", __name__, url_prefix="/api/v1", description="Operations beside completing (转办、退回等)"
)  # fmt: skip


@blueprint.route("/tasks/<int:task_id>/colleagues")
@signed_in
@blueprint.response(200, operations.TaskColleagues)
def colleagues(task_id: int) -> dict[str, Any]:
    """To whom a task may be given, and who may be asked about it."""
    return {
        "receivers": handovers.receivers(runtime(), actor(), task_id),
        "advisers": handovers.advisers(runtime(), actor(), task_id),
    }


@blueprint.route("/tasks/<int:task_id>/transfer", methods=["POST"])
@signed_in
@blueprint.arguments(operations.HandOverRequest)
@blueprint.response(200, schemas.Claimed)
def transfer(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """Give a task that one holds to a colleague for good (转办)."""
    version = handovers.transfer(runtime(), actor(), task_id, body["to"], body["reason"], expected_version())
    return {"id": task_id, "version": version}


@blueprint.route("/tasks/<int:task_id>/transfer/take-back", methods=["POST"])
@signed_in
@blueprint.response(200, schemas.Claimed)
def take_back_transfer(task_id: int) -> dict[str, int]:
    """Take back a task that one has given away, while the colleague has not touched it."""
    return {"id": task_id, "version": handovers.take_back_transfer(runtime(), actor(), task_id)}


@blueprint.route("/tasks/<int:task_id>/delegate", methods=["POST"])
@signed_in
@blueprint.arguments(operations.HandOverRequest)
@blueprint.response(200, schemas.Claimed)
def delegate(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """Ask an officer of an agency of the case for an opinion (委派)."""
    version = handovers.delegate(runtime(), actor(), task_id, body["to"], body["reason"], expected_version())
    return {"id": task_id, "version": version}


@blueprint.route("/tasks/<int:task_id>/resolve", methods=["POST"])
@signed_in
@blueprint.arguments(operations.OpinionRequest)
@blueprint.response(200, schemas.Claimed)
def resolve(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """Answer what one was asked; the task goes back (回复)."""
    return {"id": task_id, "version": handovers.resolve(runtime(), actor(), task_id, body["words"])}


@blueprint.route("/tasks/<int:task_id>/recall", methods=["POST"])
@signed_in
@blueprint.response(200, schemas.Claimed)
def recall(task_id: int) -> dict[str, int]:
    """Take back a task that one has handed over for an opinion."""
    return {"id": task_id, "version": handovers.recall(runtime(), actor(), task_id)}


@blueprint.route("/tasks/<int:task_id>/reassign", methods=["POST"])
@signed_in
@blueprint.arguments(operations.HandOverRequest)
@blueprint.response(200, schemas.Claimed)
def reassign(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """The head gives an open task to another officer (改派)."""
    version = handovers.reassign(runtime(), actor(), task_id, body["to"], body["reason"], expected_version())
    return {"id": task_id, "version": version}


@blueprint.route("/tasks/<int:task_id>/urge", methods=["POST"])
@signed_in
@blueprint.arguments(operations.UrgeRequest)
@blueprint.response(200, operations.Urged)
def urge(body: dict[str, Any], task_id: int) -> dict[str, list[int]]:
    """Remind whoever has a task in hand; once an hour (催办)."""
    urging.urge(runtime(), actor(), task_id, body["words"])
    return {"tasks": [task_id]}


@blueprint.route("/cases/<case_no>/urge", methods=["POST"])
@signed_in
@blueprint.arguments(operations.UrgeRequest)
@blueprint.response(200, operations.Urged)
def urge_case(body: dict[str, Any], case_no: str) -> dict[str, Any]:
    """Remind all who have a case in hand; each once an hour."""
    return {"tasks": urging.urge_case(runtime(), actor(), case_no, body["words"])}


@blueprint.route("/tasks/<int:task_id>/return")
@signed_in
@blueprint.response(200, operations.ReturnChoices)
def return_choices(task_id: int) -> dict[str, Any]:
    """The steps to which a task may be returned, the latest first."""
    return {"items": [_choice(one) for one in returns.choices(runtime(), actor(), task_id)]}


@blueprint.route("/tasks/<int:task_id>/return", methods=["POST"])
@signed_in
@blueprint.arguments(operations.ReturnRequest)
@blueprint.response(200, operations.Returned)
def send_back(body: dict[str, Any], task_id: int) -> dict[str, Any]:
    """Return the case to a step it has passed (退回)."""
    done = returns.send_back(
        runtime(), actor(), task_id, body["target"], body["reason"],
        siblings=OtherBranches(body["siblings"]) if body["siblings"] else None,
        limit=ReturnLimit(body["limit"]) if body["limit"] else None, expected_version=expected_version(),
    )  # fmt: skip
    return {"id": task_id, "returned": done}


@blueprint.route("/tasks/<int:task_id>/return/give-up", methods=["POST"])
@signed_in
@blueprint.response(200, schemas.Claimed)
def give_up_return(task_id: int) -> dict[str, int]:
    """Give up a return that waits for other branches."""
    return {"id": task_id, "version": returns.cancel_wait(runtime(), actor(), task_id)}


@blueprint.route("/tasks/<int:task_id>/take-back", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.ReasonRequest)
@blueprint.response(200, operations.Reopened)
def take_back(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """Undo one's own completion while nobody has gone on from it (撤回)."""
    return {"id": take_backs.take_back(runtime(), actor(), task_id, body["reason"])}


# ── jumps ────────────────────────────────────────────────────────────────────────────────────────────


@blueprint.route("/jumps")
@signed_in
@blueprint.response(200, operations.Jumps)
def pending_jumps() -> dict[str, Any]:
    """The proposed jumps to which one may consent, oldest first."""
    return {"items": [_jump(one) for one in jumps.pending(runtime(), actor())]}


@blueprint.route("/cases/<case_no>/jumps")
@signed_in
@blueprint.response(200, operations.JumpBoard)
def jump_board(case_no: str) -> dict[str, Any]:
    """Where a case stands, for process owners of its region."""
    board = jumps.board(runtime(), actor(), case_no)
    return {**vars(board), "jumps": [_jump(one) for one in board.jumps]}


@blueprint.route("/cases/<case_no>/jumps", methods=["POST"])
@signed_in
@blueprint.arguments(operations.JumpRequest)
@blueprint.response(201, operations.Proposed)
def propose_jump(body: dict[str, Any], case_no: str) -> dict[str, int]:
    """Propose to take open tasks of a case to another step (跳转); another person must consent."""
    number = jumps.propose(
        runtime(), actor(), case_no, body["tasks"], body["target"], body["reason"], Siblings(body["siblings"])
    )
    return {"id": number}


@blueprint.route("/jumps/<int:jump_id>/consent", methods=["POST"])
@signed_in
@blueprint.response(204)
def consent_to_jump(jump_id: int) -> None:
    """Consent to a proposed jump: the case moves."""
    jumps.consent(runtime(), actor(), jump_id)


@blueprint.route("/jumps/<int:jump_id>/refuse", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.ReasonRequest)
@blueprint.response(204)
def refuse_jump(body: dict[str, Any], jump_id: int) -> None:
    """Refuse a proposed jump, or take one's own proposal back."""
    jumps.refuse(runtime(), actor(), jump_id, body["reason"])


def _choice(choice: ReturnChoice) -> dict[str, Any]:
    passed = choice.passed
    return {
        "element": passed.element, "name": passed.name, "by": passed.by_name, "at": passed.at,
        "values": passed.values, "siblings": choice.siblings, "limit": choice.limit.value,
    }  # fmt: skip


def _jump(jump: jumps.Jump) -> dict[str, Any]:
    opened = jump.proceeding
    return {
        "id": opened.id, "case_no": jump.case_no, "target": jump.target, "target_name": jump.target_name,
        "siblings": jump.siblings.value, "tasks": jump.tasks, "reason": opened.reason, "by": opened.opened_by_name,
        "at": opened.opened_at,
    }  # fmt: skip
