"""Cases: apply, list, read, withdraw, cancel."""

from __future__ import annotations

from typing import Any

from flask import request

from banjie.api.resource import Resource
from banjie.domain.identity import mask_name
from banjie.domain.worklist import CaseFilter, CaseRow
from banjie.edge import schemas
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import instances, reports
from banjie.services.clock_account import ClockAccount, accounts, plain_sentence
from banjie.services.instances import CaseView, ClockView

blueprint = Resource("cases", __name__, url_prefix="/api/v1/cases", description="Cases (办件)")


@blueprint.route("", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.StartRequest)
@blueprint.response(201, schemas.Started)
def start(body: dict[str, Any]) -> tuple[instances.Started, int, dict[str, str]]:
    """Apply for a service. With an Idempotency-Key a repetition gets the first answer again."""
    started = instances.start(
        runtime(),
        instances.StartCase(
            service=body["service"], by=actor(), submission=body["submission"],
            idempotency_key=request.headers.get("Idempotency-Key"),
        ),
    )  # fmt: skip
    status = 200 if started.joined else 201
    return started, status, {"Location": f"/api/v1/cases/{started.case_no}"}


@blueprint.route("")
@signed_in
@blueprint.arguments(schemas.CasesQuery, location="query")
@blueprint.response(200, schemas.CasePage)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """Cases: one's own (those applied for, or those of one's agencies; newest first) or those that one watches over.

    With the scope "region" a page may hold fewer cases than its limit, even none, and yet have a next one.
    """
    if query["scope"] == "region":
        return _watched(query)
    rows, following = instances.my_cases(runtime(), actor(), cursor=query["cursor"], limit=query["limit"])
    return {"items": [_row(row) for row in rows], "next": following}


def _watched(query: dict[str, Any]) -> dict[str, Any]:
    chosen = CaseFilter(
        status=query["status"], service=query["service"], agency=query["agency"], late=query["late"],
        text=query["query"].strip(),
    )  # fmt: skip
    page = reports.watched_cases(
        runtime(), actor(), chosen, cursor=query["cursor"], limit=query["limit"],
        oldest_first=query["order"] == "ascending",
    )  # fmt: skip
    return {"items": [_row(case.row) for case in page.cases], "next": page.next}


@blueprint.route("/<case_no>")
@signed_in
@blueprint.response(200, schemas.Case)
def read(case_no: str) -> dict[str, Any]:
    """A case with its tasks, clocks, decisions and record."""
    return _case(instances.view(runtime(), actor(), case_no))


@blueprint.route("/<case_no>/withdraw", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.ReasonRequest)
@blueprint.response(204)
def withdraw(body: dict[str, Any], case_no: str) -> None:
    """Take one's application back."""
    instances.withdraw(runtime(), actor(), case_no, body["reason"])


@blueprint.route("/<case_no>/cancel", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.ReasonRequest)
@blueprint.response(204)
def cancel(body: dict[str, Any], case_no: str) -> None:
    """Void a case, as a head of an agency that handles it."""
    instances.cancel(runtime(), actor(), case_no, body["reason"])


def _row(row: CaseRow) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in CaseRow.__dataclass_fields__},
        "applicant": mask_name(row.applicant),
    }


def _case(view: CaseView) -> dict[str, Any]:
    instance = view.instance
    return {
        "case_no": instance.case_no, "service": instance.service, "region": instance.region,
        "applicant": mask_name(instance.applicant_name), "status": instance.status.value,
        "outcome": instance.outcome, "started_at": instance.started_at, "accepted_at": instance.accepted_at,
        "ended_at": instance.ended_at, "reason": view.reason,
        "tasks": [{**vars(task), "case_no": instance.case_no, "assignee": task.assignee_name} for task in view.tasks],
        "clocks": [
            _clock(clock, shown)
            for clock, shown in zip(view.clocks, accounts(runtime(), view), strict=True)
        ],
        "decisions": [dict(row.receipt) for row in view.decisions],
        "submissions": [
            {"element": row.element, "form": row.form, "by": row.by, "at": row.at, "values": row.values}
            for row in view.submissions
        ],
        "history": view.events,
    }  # fmt: skip


def _clock(view: ClockView, shown: ClockAccount) -> dict[str, Any]:
    due = shown.due
    return {
        "kind": shown.kind.value, "element": shown.element, "agency": view.stored.agency,
        "parameter": shown.parameter, "limit": shown.limit_days, "unit": shown.unit.value,
        "started_at": shown.start, "stopped_at": shown.stopped_at, "due_at": due.at, "warn_at": due.warn_at,
        "state": shown.light.value, "provisional": due.provisional, "used_days": shown.used_days,
        "extension_days": shown.extension_days, "not_counted_days": shown.not_counted_days,
        "by_party": {party.value: int(held.total_seconds()) for party, held in shown.by_party.items()},
        "sentence": plain_sentence(shown, "en"), "sentence_zh": plain_sentence(shown, "zh"),
        "intervals": shown.rows,
    }  # fmt: skip
