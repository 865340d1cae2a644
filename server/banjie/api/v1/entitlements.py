"""Entitlements (免申即享) and packages (直补快办): searched, invited, accepted, declined, begun together."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import request

from banjie.api.resource import Resource
from banjie.domain.entitlements import Entitlement, MatchRun
from banjie.domain.identity import id_number_fault, mask_id_number, mask_name
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.schemas import entitlements as schemas
from banjie.services import entitlements, packages, subjects

blueprint = Resource(
    "entitlements_api", __name__, url_prefix="/api/v1", description="Entitlements (免申即享)"
)


@blueprint.route("/entitlements")
@signed_in
@blueprint.arguments(schemas.EntitlementsAsked, location="query")
@blueprint.response(200, schemas.Entitlements)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """Who may have what in one's regions, as a bureau."""
    found = entitlements.page(runtime(), actor(), **query)
    return {"items": [_row(one) for one in found.items], "cursor": found.cursor}


@blueprint.route("/entitlements/mine")
@signed_in
@blueprint.response(200, schemas.Entitlements)
def mine() -> dict[str, Any]:
    """What those may have whom one's account was proved to be."""
    return {"items": [_row(one, own=True) for one in entitlements.mine(runtime(), actor())], "cursor": None}


@blueprint.route("/entitlements/runs", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.RunAsked)
@blueprint.response(202, schemas.Run)
def start(body: dict[str, str]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Search the registers for a service in a region; the address of the run comes with the answer."""
    run_id = entitlements.start(runtime(), actor(), body["service"], body["region"])
    found = entitlements.progress(runtime(), actor(), run_id)
    return _run(found), 202, {"Location": f"/api/v1/entitlements/runs/{run_id}"}


@blueprint.route("/entitlements/runs/<int:run_id>")
@signed_in
@blueprint.response(200, schemas.Run)
def progress(run_id: int) -> dict[str, Any]:
    """How far a search is, or how it ended."""
    return _run(entitlements.progress(runtime(), actor(), run_id))


@blueprint.route("/entitlements/invite", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.Invite)
@blueprint.response(200, schemas.Invited)
def invite(body: dict[str, Any]) -> entitlements.Invited:
    """Invite those who were found; others among the ids are passed over."""
    return entitlements.invite(runtime(), actor(), body["ids"])


@blueprint.route("/entitlements/verify", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.Verify)
@blueprint.response(200, schemas.Verified)
def verify(body: dict[str, str]) -> dict[str, Any]:
    """Prove who one is, by name and number, against the registers."""
    proved = subjects.verify(runtime(), actor(), body["number"], body["name"])
    return {"kind": proved.kind, "name": proved.name}


@blueprint.route("/entitlements/<int:entitlement_id>/accept", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.Consent)
@blueprint.response(201, schemas.Begun)
def accept(body: dict[str, Any], entitlement_id: int) -> dict[str, Any]:
    """Consent: a case begins with the application."""
    key = request.headers.get("Idempotency-Key")
    row = entitlements.get(runtime(), actor(), entitlement_id)
    started = entitlements.accept(runtime(), actor(), entitlement_id, body["submission"], key=key)
    return {"cases": {row.service: started.case_no}}


@blueprint.route("/entitlements/<int:entitlement_id>/decline", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.Decline)
@blueprint.response(204)
def decline(body: dict[str, str], entitlement_id: int) -> None:
    """Say no; it is not offered again this year."""
    entitlements.decline(runtime(), actor(), entitlement_id, body["reason"])


@blueprint.route("/packages/<key>", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.Consent)
@blueprint.response(201, schemas.Begun)
def begin(body: dict[str, Any], key: str) -> tuple[dict[str, Any], int]:
    """Begin a case of each service that the request names, all or none; with an Idempotency-Key only once."""
    opened = packages.open_all(
        runtime(), actor(), key, body["submission"], idempotency_key=request.headers.get("Idempotency-Key")
    )
    return {"cases": dict(opened.cases)}, 200 if opened.repeated else 201


def _row(row: Entitlement, *, own: bool = False) -> dict[str, Any]:
    """A row; a person's number is masked, and for others than themselves the name too. The receipt has no inputs."""
    is_person = id_number_fault(row.number, runtime().today()) is None
    told = ("id", "service", "region", "period", "found_on", "case_no")
    return {
        **{name: getattr(row, name) for name in told},
        "name": mask_name(row.name) if is_person and not own else row.name,
        "number": mask_id_number(row.number) if is_person else row.number,
        "status": row.status.value,
        "amount": None if row.amount is None else f"{row.amount:.2f}",
        "receipt": {name: value for name, value in row.receipt.items() if name != "inputs"},
    }


def _run(run: MatchRun) -> dict[str, Any]:
    return {**asdict(run), "status": run.status.value}
