"""What departments know: held, looked up, compared, and read in from files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import request, url_for

from banjie.api.resource import Resource
from banjie.domain.identity import mask_account
from banjie.domain.loads import Load
from banjie.domain.registers import Fact
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.lists import given_day, given_file, takes_lists
from banjie.edge.schemas import registers as schemas
from banjie.services import comparison, loads, registers
from banjie.services.comparison import Comparison

blueprint = Resource(
    "registers_api", __name__, url_prefix="/api/v1", description="Registers and loads (登记库)"
)


@blueprint.route("/registers")
@signed_in
@blueprint.response(200, schemas.Holdings)
def held() -> dict[str, Any]:
    """What sources last brought for one's regions."""
    return {"items": [asdict(one) for one in registers.holdings(runtime(), actor())]}


@blueprint.route("/registers/look-up", methods=["POST"])
@signed_in
@blueprint.arguments(schemas.LookUp)
@blueprint.response(200, schemas.Entry)
def look_up(body: dict[str, str]) -> dict[str, Any]:
    """What is held of a person or an enterprise of one's regions; the look-up is recorded."""
    found = registers.look_up(runtime(), actor(), body["number"])
    return {
        "kind": found.kind.value, "name": found.name, "region": found.region,
        "facts": [_fact(fact) for fact in found.facts],
        "accounts": [{**asdict(one), "account_no": mask_account(one.account_no)} for one in found.accounts],
        "months": [asdict(one) for one in found.months],
        "certificates": [asdict(one) for one in found.certificates],
    }  # fmt: skip


@blueprint.route("/cases/<case_no>/comparisons")
@signed_in
@blueprint.response(200, schemas.Comparisons)
def comparisons(case_no: str) -> dict[str, Any]:
    """What was compared in a case, and how the declaration stands to the registers now."""
    now = comparison.preview(runtime(), actor(), case_no)
    kept = comparison.of_case(runtime(), actor(), case_no)
    return {"now": _comparison(now) if now else None, "items": [_comparison(one) for one in kept]}


@blueprint.route("/loads", methods=["POST"])
@takes_lists
@signed_in
@blueprint.response(202, schemas.LoadStarted)
def start() -> tuple[dict[str, int], int, dict[str, str]]:
    """Hand in a file as multipart/form-data.

    `file`, `kind`, `source`, `as_of` (YYYY-MM-DD), `region`, and `skip_bad` (true: bad rows are left out). The address
    of the load comes with the answer.
    """
    given = given_file()
    load_id = loads.start(
        runtime(), actor(), request.form.get("kind", ""), given.stream, name=given.filename or "",
        source=request.form.get("source", ""), as_of=given_day(),
        region=request.form.get("region", ""), skip_bad=request.form.get("skip_bad") == "true",
    )  # fmt: skip
    return {"id": load_id}, 202, {"Location": url_for("registers_api.read", load_id=load_id)}


@blueprint.route("/loads")
@signed_in
@blueprint.response(200, schemas.Loads)
def listing() -> dict[str, Any]:
    """The newest loads for one's regions."""
    return {"items": [_load(one) for one in loads.newest(runtime(), actor())]}


@blueprint.route("/loads/<int:load_id>")
@signed_in
@blueprint.response(200, schemas.Load)
def read(load_id: int) -> dict[str, Any]:
    """How far a load is, or how it ended."""
    return _load(loads.progress(runtime(), actor(), load_id))


@blueprint.route("/loads/<int:load_id>/problems")
@signed_in
@blueprint.arguments(schemas.ProblemsAsked, location="query")
@blueprint.response(200, schemas.Problems)
def problems(query: dict[str, Any], load_id: int) -> dict[str, Any]:
    """What is wrong with the rows of a load, by line."""
    page = loads.problems(runtime(), actor(), load_id, cursor=query["cursor"], limit=query["limit"])
    return {"items": [asdict(one) for one in page.items], "cursor": page.cursor}


def _load(one: Load) -> dict[str, Any]:
    return {**asdict(one), "status": one.status.value}


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "element": one.element, "by": one.by, "at": one.at, "facts": [_fact(fact) for fact in one.facts],
        "people": [
            {"list": person.list, "row": person.row, "facts": [_fact(fact) for fact in person.facts]}
            for person in one.people
        ],
    }  # fmt: skip


def _fact(fact: Fact) -> dict[str, Any]:
    """A fact for machines; the numbers of accounts are masked as on the pages."""
    hides = fact.key == "account_no"
    shown = {"value": fact.value, "declared": fact.declared}
    if hides:
        shown = {name: value and mask_account(str(value)) for name, value in shown.items()}
    return {
        "key": fact.key, "source": fact.source, "as_of": fact.as_of, "state": fact.state.value, **shown,
        "said": [
            {"value": mask_account(str(one.value)) if hides else one.value, "source": one.source,
             "as_of": one.as_of}
            for one in fact.said
        ],
    }  # fmt: skip
