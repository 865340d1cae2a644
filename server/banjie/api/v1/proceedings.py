"""What stops, resumes and extends clocks: supplements, extensions, excluded procedures, suspensions."""

from __future__ import annotations

from typing import Any

from flask import request

from banjie.api.resource import Resource
from banjie.api.v1.tasks import expected_version
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.edge import schemas
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import proceedings
from banjie.services import extensions, procedures, supplements

blueprint = Resource(
    "proceedings_api", __name__, url_prefix="/api/v1", description="Supplements, extensions, pauses (补正等)"
)


# ── supplements ──────────────────────────────────────────────────────────────────────────────────────


@blueprint.route("/tasks/<int:task_id>/supplement")
@signed_in
@blueprint.response(200, proceedings.SupplementChoices)
def supplement_choices(task_id: int) -> dict[str, Any]:
    """What may be asked for at a task."""
    found = supplements.choices(runtime(), actor(), task_id)
    return {**vars(found), "fields_": found.fields}


@blueprint.route("/tasks/<int:task_id>/supplement", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.SupplementRequest)
@blueprint.response(201, proceedings.Opened)
def ask_supplement(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """Ask the applicant for all that is missing (补正)."""
    items = [MissingItem(**{**item, "kind": ItemKind(item["kind"])}) for item in body["items"]]
    found = supplements.ask(runtime(), actor(), task_id, items, body["words"], expected_version())
    return {"proceeding": found}


@blueprint.route("/cases/<case_no>/supplement")
@signed_in
@blueprint.response(200, proceedings.SupplementState)
def open_supplement(case_no: str) -> dict[str, Any]:
    """What is asked for in a case, if anything."""
    found = supplements.open_request(runtime(), actor(), case_no)
    if found is None:
        return {"open": None}
    opened = found.proceeding
    return {
        "open": {
            "proceeding": opened.id, "opened_at": opened.opened_at, "due_at": opened.due_at,
            "citation": opened.citation, "words": opened.reason, "items": found.items, "form": found.form,
            "may_answer": found.may_answer, "may_withdraw": found.may_withdraw,
        }
    }  # fmt: skip


@blueprint.route("/cases/<case_no>/supplement/second", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.ReasonRequest)
@blueprint.response(201, proceedings.Opened)
def grant_second(body: dict[str, Any], case_no: str) -> dict[str, int]:
    """The head lets the officers ask once more."""
    return {"proceeding": supplements.grant_second(runtime(), actor(), case_no, body["reason"])}


@blueprint.route("/supplements/<int:proceeding_id>/answer", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.SupplementAnswer)
@blueprint.response(200, proceedings.SupplementAnswered)
def answer_supplement(body: dict[str, Any], proceeding_id: int) -> supplements.Answered:
    """Hand in everything that was asked for. With an Idempotency-Key a repetition is answered alike."""
    key = request.headers.get("Idempotency-Key")
    return supplements.answer(runtime(), actor(), proceeding_id, body["values"], key)


@blueprint.route("/supplements/<int:proceeding_id>/withdraw", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.ReasonRequest)
@blueprint.response(204)
def withdraw_supplement(body: dict[str, Any], proceeding_id: int) -> None:
    """Take an open request back."""
    supplements.withdraw(runtime(), actor(), proceeding_id, body["reason"])


# ── extensions ───────────────────────────────────────────────────────────────────────────────────────


@blueprint.route("/tasks/<int:task_id>/extension")
@signed_in
@blueprint.response(200, proceedings.ExtensionChoices)
def extension_choices(task_id: int) -> dict[str, Any]:
    """What may be extended at a task, and by how much."""
    return {"items": extensions.choices(runtime(), actor(), task_id)}


@blueprint.route("/tasks/<int:task_id>/extension", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.ExtensionRequest)
@blueprint.response(201, proceedings.Opened)
def ask_extension(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """Ask the head for more days (延期)."""
    found = extensions.ask(
        runtime(), actor(), task_id, body["days"], body["reason"], scope=extensions.Scope(body["scope"]),
        expected_version=expected_version(),
    )  # fmt: skip
    return {"proceeding": found}


@blueprint.route("/extensions/<int:proceeding_id>/decide", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.ExtensionDecision)
@blueprint.response(200, proceedings.ExtensionDecided)
def decide_extension(body: dict[str, Any], proceeding_id: int) -> dict[str, str]:
    """Grant or refuse an extension."""
    status = extensions.decide(runtime(), actor(), proceeding_id, grant=body["grant"], words=body["words"])
    return {"status": status.value}


# ── procedures and suspensions ───────────────────────────────────────────────────────────────────────


@blueprint.route("/grounds")
@signed_in
@blueprint.response(200, proceedings.Grounds)
def grounds() -> dict[str, Any]:
    """The grounds of the law on which time does not count."""
    return {"items": list(runtime().book.grounds.values())}


@blueprint.route("/tasks/<int:task_id>/excluded", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.ExcludedRequest)
@blueprint.response(201, proceedings.Opened)
def start_excluded(body: dict[str, Any], task_id: int) -> dict[str, int]:
    """Begin a procedure whose time does not count (不计时)."""
    found = procedures.start_excluded(
        runtime(), actor(), task_id, body["ground"], body["document"], body["expected_days"], body["words"],
        expected_version(),
    )  # fmt: skip
    return {"proceeding": found}


@blueprint.route("/procedures/<int:proceeding_id>/end", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.ExcludedEnd)
@blueprint.response(204)
def end_excluded(body: dict[str, Any], proceeding_id: int) -> None:
    """End such a procedure; the clocks count on."""
    procedures.end_excluded(runtime(), actor(), proceeding_id, body["document"], body["words"])


@blueprint.route("/procedures/counts")
@signed_in
@blueprint.arguments(proceedings.ProcedureQuery, location="query")
@blueprint.response(200, proceedings.ProcedureCounts)
def procedure_counts(query: dict[str, Any]) -> dict[str, Any]:
    """Such procedures by ground, officer and agency, for oversight."""
    return {"items": procedures.counts(runtime(), actor(), query["since"])}


@blueprint.route("/cases/<case_no>/suspend", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.SuspensionRequest)
@blueprint.response(201, proceedings.Opened)
def suspend(body: dict[str, Any], case_no: str) -> dict[str, int]:
    """Hold a case up (挂起)."""
    found = procedures.suspend(runtime(), actor(), case_no, body["reason"], body["ground"], body["document"])
    return {"proceeding": found}


@blueprint.route("/suspensions/<int:proceeding_id>/resume", methods=["POST"])
@signed_in
@blueprint.arguments(proceedings.WordsRequest)
@blueprint.response(204)
def resume(body: dict[str, Any], proceeding_id: int) -> None:
    """Let a suspended case go on (恢复)."""
    procedures.resume(runtime(), actor(), proceeding_id, body["words"])
