"""Publicity: read by anybody, objected to by anybody, answered by the office that published."""

from __future__ import annotations

from typing import Any

from flask import request

from banjie.api.resource import Resource
from banjie.domain.publicity import Objection, ObjectionStatus, Publicity, receipt_no
from banjie.edge.auth import public, signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import publicity as schemas
from banjie.services import objections, publicity

blueprint = Resource("publicity_api", __name__, url_prefix="/api/v1", description="Publicity (公示)")


@blueprint.route("/publicity")
@public
@blueprint.arguments(schemas.PublicityQuery, location="query")
@blueprint.response(200, schemas.PublicityPage)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """What is published; revoked publicities are not shown."""
    found = publicity.listed(
        runtime(), region=query["region"], query=query["q"], cursor=query["cursor"], limit=query["limit"]
    )
    return {"items": [_publicity(one) for one in found.rows], "next": found.next}


@blueprint.route("/publicity/<no>")
@public
@blueprint.arguments(schemas.EntryQuery, location="query")
@blueprint.response(200, schemas.PublicityView)
def one(query: dict[str, Any], no: str) -> dict[str, Any]:
    """A publicity with a page of its entries."""
    found = publicity.look(runtime(), no, query=query["q"], cursor=query["cursor"], limit=query["limit"])
    return {
        "publicity": _publicity(found.publicity), "days_left": found.days_left, "next": found.next,
        "entries": found.entries,
    }  # fmt: skip


@blueprint.route("/publicity/<no>/objections", methods=["POST"])
@public
@blueprint.arguments(schemas.ObjectionRequest)
@blueprint.response(201, schemas.ObjectionMade)
def make(body: dict[str, Any], no: str) -> dict[str, Any]:
    """Object to a publicity; ten an hour from one address."""
    said = objections.NewObjection(**body)
    return {"receipt": objections.make(runtime(), no, said, request.remote_addr or "unknown")}


@blueprint.route("/objections")
@signed_in
@blueprint.arguments(schemas.ObjectionQuery, location="query")
@blueprint.response(200, schemas.ObjectionPage)
def pending(query: dict[str, Any]) -> dict[str, Any]:
    """The objections that one's offices answer."""
    status = ObjectionStatus(query["status"]) if query["status"] else None
    found = objections.of_offices(runtime(), actor(), status=status, cursor=query["cursor"])
    return {"items": [_objection(one) for one in found.rows], "next": found.next}


@blueprint.route("/objections/<int:objection_id>/answer", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.ObjectionAnswer)
@blueprint.response(204)
def answer(body: dict[str, Any], objection_id: int) -> None:
    """Uphold or dismiss an objection, as an officer of the office that published."""
    upheld = body["decision"] == "uphold"
    objections.handle(runtime(), actor(), objection_id, upheld=upheld, answer=body["answer"])


@blueprint.route("/cases/<case_no>/objections")
@signed_in
@blueprint.response(200, schemas.ObjectionPage)
def of_case(case_no: str) -> dict[str, Any]:
    """The objections in a case, open ones first; none for its applicant."""
    return {
        "items": [_objection(one) for one in objections.of_case(runtime(), actor(), case_no)],
        "next": None,
    }


def _publicity(one: Publicity) -> dict[str, Any]:
    return {
        "no": one.no, "title": one.title, "remark": one.remark, "service": one.service, "region": one.region,
        "agency": one.agency, "starts_on": one.starts_on, "ends_on": one.ends_on, "closes_at": one.closes_at,
        "entries": one.entries, "total": one.total, "status": one.status.value,
        "is_open": one.is_open(runtime().now()),
    }  # fmt: skip


def _objection(one: Objection) -> dict[str, Any]:
    return {
        "id": one.id, "receipt": receipt_no(one.no, one.id), "publicity": one.no, "case_no": one.case_no,
        "line": one.line, "name": one.name, "contact": one.contact, "reason": one.reason, "at": one.at,
        "status": one.status.value, "answer": one.answer, "handled_by": one.handled_by, "handled_at": one.handled_at,
    }  # fmt: skip
