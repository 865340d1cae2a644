"""What is due, batches, the bank's file and its answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response, request, send_file, url_for

from banjie.api.resource import Resource
from banjie.domain.awards import PaymentStatus
from banjie.domain.identity import mask_account
from banjie.domain.payments import BankReturn, Batch, FileFormat, Payment, Pot, Sum
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.lists import given_file, takes_lists
from banjie.edge.schemas import payments as schemas
from banjie.services.payments import bank_file, batches, returns

blueprint = Resource("payments_api", __name__, url_prefix="/api/v1", description="Payments (资金拨付)")

_BINARY = {"type": "string", "format": "binary"}


@blueprint.route("/payments")
@signed_in
@blueprint.arguments(schemas.DueQuery, location="query")
@blueprint.response(200, schemas.Due)
def due(query: dict[str, Any]) -> dict[str, Any]:
    """The orders that are due, with their sums by fund, region and year."""
    found = batches.due(
        runtime(), actor(), fund=query["fund"], region=query["region"], year=query["year"], words=query["q"],
        after=query["after"], limit=query["limit"],
    )  # fmt: skip
    return {
        "groups": [
            {**vars(one.pot), "agency": one.agency, "count": one.count, "total": _yuan(one.total)}
            for one in found.groups
        ],
        "items": [_payment(one) for one in found.payments],
        "next": found.next,
    }


@blueprint.route("/payment-batches")
@signed_in
@blueprint.arguments(schemas.BatchesQuery, location="query")
@blueprint.response(200, schemas.Batches)
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """The batches that one sees, the newest first."""
    found = batches.batches(runtime(), actor(), before=query["before"])
    return {
        "items": [_batch(one) for one in found],
        "next": found[-1].id if len(found) == batches.PAGE else None,
    }


@blueprint.route("/payment-batches", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.BatchRequest)
@blueprint.response(201, schemas.BatchMade)
def make(body: dict[str, Any]) -> tuple[batches.Made, int, dict[str, str]]:
    """Make a batch as a finance officer. With an Idempotency-Key a repetition gets the first answer again."""
    made = batches.make_batch(
        runtime(),
        batches.MakeBatch(
            by=actor(), pot=Pot(fund=body["fund"], region=body["region"], year=body["year"]), ids=body["payments"],
            agency=body["agency"], idempotency_key=request.headers.get("Idempotency-Key"),
        ),
    )  # fmt: skip
    return made, 201, {"Location": url_for("payments_api.read", no=made.no)}


@blueprint.route("/payment-batches/<no>")
@signed_in
@blueprint.arguments(schemas.BatchQuery, location="query")
@blueprint.response(200, schemas.BatchRead)
def read(query: dict[str, Any], no: str) -> dict[str, Any]:
    """A batch with its reconciliation, the files read for it and its orders."""
    status = PaymentStatus(query["status"]) if query["status"] else None
    found = batches.view(runtime(), actor(), no, status=status, after=query["after"], limit=query["limit"])
    stand = found.reconciliation
    return {
        **_batch(found.batch),
        "ordered": _sum(stand.ordered), "paid": _sum(stand.paid), "refused": _sum(stand.refused),
        "open": _sum(stand.open), "difference": _yuan(stand.difference),
        "returns": [_return(one) for one in found.returns], "items": [_payment(one) for one in found.payments],
        "next": found.next,
    }  # fmt: skip


@blueprint.route("/payment-batches/<no>/check", methods=["POST"])
@signed_in
@blueprint.response(204)
def check(no: str) -> None:
    """Approve a batch that another person made."""
    batches.check_batch(runtime(), actor(), no)


@blueprint.route("/payment-batches/<no>/send-back", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.SendBack)
@blueprint.response(204)
def send_back(body: dict[str, Any], no: str) -> None:
    """Refuse a batch that another person made, with the reason; its orders are due again."""
    batches.send_back(runtime(), actor(), no, body["reason"])


@blueprint.route("/payment-batches/<no>/export", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.Export)
@blueprint.response(204)
def export(body: dict[str, Any], no: str) -> None:
    """Make the bank's file of a checked batch, once."""
    bank_file.export(runtime(), actor(), no, FileFormat(body["format"]))


@blueprint.route("/payment-batches/<no>/file")
@signed_in
@blueprint.response(200, _BINARY, content_type="application/octet-stream")
def file(no: str) -> Response:
    """The bank's file, the same bytes each time."""
    found = bank_file.bank_file(runtime(), actor(), no)
    return send_file(
        found.content,
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        etag=found.sha256,
    )


@blueprint.route("/payment-batches/<no>/returns", methods=["POST"])
@takes_lists
@signed_in
@blueprint.response(200, schemas.Return)
def bring_return(no: str) -> dict[str, Any]:
    """Read the bank's return as multipart/form-data: `file`, CSV or xlsx. The same file again changes nothing."""
    given = given_file()
    incoming = runtime().spool.receive(given.stream)
    try:
        return _return(returns.read_return(runtime(), actor(), no, incoming.path, given.filename or ""))
    finally:
        runtime().spool.drop(incoming)


def _payment(one: Payment) -> dict[str, Any]:
    return {
        **vars(one.pot), "id": one.id, "case_no": one.case_no, "service": one.service, "agency": one.agency,
        "attempt": one.attempt, "amount": _yuan(one.amount), "payee": one.payee,
        "account": mask_account(one.account_no), "bank_name": one.bank_name, "status": one.status.value,
        "batch": one.batch_no, "paid_on": one.paid_on, "reference": one.reference, "refusal_code": one.refusal_code,
    }  # fmt: skip


def _batch(one: Batch) -> dict[str, Any]:
    return {
        **vars(one.pot), "no": one.no, "agency": one.agency, "status": one.status.value, "count": one.count,
        "total": _yuan(one.total), "made_by": one.made_by_name, "made_at": one.made_at,
        "checked_by": one.checked_by_name, "checked_at": one.checked_at, "exported_at": one.exported_at,
        "file_format": one.file_format, "file_sha256": one.file_sha256, "reason": one.reason,
    }  # fmt: skip


def _return(one: BankReturn) -> dict[str, Any]:
    return {**vars(one), "paid_total": _yuan(one.paid_total)}


def _sum(one: Sum) -> dict[str, Any]:
    return {"count": one.count, "total": _yuan(one.total)}


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"
