"""Lists that are paid without asking (免申即享): brought, followed, read row by row, refused."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from flask import request, url_for

from banjie.api.resource import Resource
from banjie.domain.identity import mask_account
from banjie.domain.rosters import Roster, RosterRow
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.lists import given_day, given_file, given_year, takes_lists
from banjie.edge.schemas import registers as load_schemas
from banjie.edge.schemas import rosters as schemas
from banjie.services.rosters import begin, refusals, rows

blueprint = Resource(
    "rosters_api", __name__, url_prefix="/api/v1", description="Lists paid without application (免申即享)"
)


@blueprint.route("/rosters", methods=["POST"])
@takes_lists
@signed_in
@blueprint.response(202, schemas.RosterBegun)
def start() -> tuple[dict[str, int], int, dict[str, str]]:
    """Bring a list as multipart/form-data.

    `file`, `service`, `region`, `year`, `source`, `as_of` (YYYY-MM-DD), `title`, and `skip_bad` (true: bad rows are
    left out). The address of the list comes with the answer.
    """
    given = given_file()
    form = request.form
    wish = begin.BeginRoster(
        by=actor(), service=form.get("service", ""), region=form.get("region", ""), year=given_year(),
        name=given.filename or "", source=form.get("source", ""), as_of=given_day(),
        title=form.get("title", ""), skip_bad=form.get("skip_bad") == "true",
    )  # fmt: skip
    roster_id = begin.begin(runtime(), wish, cast("Any", given.stream))
    return {"id": roster_id}, 202, {"Location": url_for("rosters_api.read", roster_id=roster_id)}


@blueprint.route("/rosters")
@signed_in
@blueprint.response(200, schemas.Rosters)
def listing() -> dict[str, Any]:
    """The newest lists for one's regions."""
    return {"items": [_roster(one) for one in begin.newest(runtime(), actor())]}


@blueprint.route("/rosters/<int:roster_id>")
@signed_in
@blueprint.response(200, schemas.Roster)
def read(roster_id: int) -> dict[str, Any]:
    """How far a list is, and what it came to."""
    return _roster(begin.view(runtime(), actor(), roster_id).roster)


@blueprint.route("/rosters/<int:roster_id>/problems")
@signed_in
@blueprint.arguments(load_schemas.ProblemsAsked, location="query")
@blueprint.response(200, load_schemas.Problems)
def problems(query: dict[str, Any], roster_id: int) -> dict[str, Any]:
    """What is wrong with the rows of a list's file, by line."""
    page = begin.problems(runtime(), actor(), roster_id, cursor=query["cursor"], limit=query["limit"])
    return {"items": [asdict(one) for one in page.items], "cursor": page.cursor}


@blueprint.route("/rosters/<int:roster_id>/rows")
@signed_in
@blueprint.arguments(schemas.RowsAsked, location="query")
@blueprint.response(200, schemas.Rows)
def rows_of(query: dict[str, Any], roster_id: int) -> dict[str, Any]:
    """Rows of a list, narrowed down and in order."""
    page = rows.page(runtime(), actor(), roster_id, **query)
    return {"items": [_row(one) for one in page.items], "cursor": page.cursor}


@blueprint.route("/rosters/<int:roster_id>/rows/<int:line>")
@signed_in
@blueprint.response(200, schemas.RowReceipt)
def receipt(roster_id: int, line: int) -> dict[str, Any]:
    """A row with the receipt of its decision."""
    found = rows.row_receipt(runtime(), actor(), roster_id, line)
    return {"row": _row(found.row), "receipt": found.decision.receipt, "recomputed": found.recomputed}


@blueprint.route("/roster-refusals", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.Refuse)
@blueprint.response(200, schemas.Refused)
def refuse(body: dict[str, Any]) -> dict[str, int]:
    """Refuse a year's payment for an enterprise: by its own account, or by an officer on its written statement."""
    return {"lists": refusals.refuse(runtime(), actor(), **body)}


def _roster(one: Roster) -> dict[str, Any]:
    return {**asdict(one), "status": one.status.value, "total": f"{one.total:.2f}"}


def _row(one: RosterRow) -> dict[str, Any]:
    account = mask_account(one.account_no) if one.account_no else None
    amount = None if one.amount is None else f"{one.amount:.2f}"
    return {**asdict(one), "state": one.state.value, "account_no": account, "amount": amount}
