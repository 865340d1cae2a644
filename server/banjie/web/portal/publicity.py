"""What offices publish, for everybody: the list, one publicity with its entries, and objecting to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from banjie.domain.errors import FieldError, InvalidRequest, InvalidSubmission, NotFound, RateLimited
from banjie.domain.publicity import Entry, PublicityOver
from banjie.edge.auth import public
from banjie.edge.context import runtime
from banjie.edge.field_messages import field_message
from banjie.services import objections, publicity
from banjie.services.objections import NewObjection
from banjie.web.common.frame import region_name
from banjie.web.common.language import current_language, gettext
from banjie.web.common.numbers import whole_number
from banjie.web.common.publicity_lines import PageLinks, publicity_line

_ = gettext
blueprint = Blueprint("publicity", __name__)

Answer = str | Response | tuple[str, int]

#: The number of a receipt: that of its publicity and its own.
_LONGEST_RECEIPT = 80


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    """A line of what is published; `object_url` leads to the form about it."""

    line: int
    name: str
    detail: str
    amount: str
    object_url: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An entry of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """A field of the objection: what was typed, and what is wrong with it (empty: nothing)."""

    value: str
    error: str
    least: int
    most: int


@blueprint.get("/publicity")
@public
def listing() -> str:
    """What is published now and was published before, those that run first."""
    region, query = request.args.get("region", ""), request.args.get("q", "").strip()
    region = region if runtime().knows_region(region) else ""
    cursor = request.args.get("cursor")
    found = publicity.listed(runtime(), region=region, query=query, cursor=cursor)
    asked = {"region": region or None, "q": query[: publicity.LONGEST_QUERY] or None}
    return render_template(
        "portal/publicity_list.html",
        lines=[publicity_line(one) for one in found.rows],
        regions=_regions(region),
        query=asked["q"] or "",
        is_narrowed=bool(region or query),
        page=_links("publicity.listing", found.rows, cursor, found.next, asked),
    )


@blueprint.get("/publicity/<no>")
@public
def one(no: str) -> str:
    """A publicity: its days, its entries while it runs, and how to object."""
    query, cursor = request.args.get("q", "").strip(), request.args.get("cursor")
    found = publicity.look(runtime(), no, query=query, cursor=cursor)
    asked = {"no": no, "q": query[: publicity.LONGEST_QUERY] or None}
    return render_template(
        "portal/publicity.html",
        shown=publicity_line(found.publicity),
        days_left=found.days_left,
        entries=[_entry_line(no, entry) for entry in found.entries],
        query=asked["q"] or "",
        object_url=url_for("publicity.object_form", no=no),
        page=_links("publicity.one", found.entries, cursor, found.next, asked),
    )


@blueprint.get("/publicity/<no>/object")
@public
def object_form(no: str) -> str:
    """The empty objection, about one entry or the whole."""
    return _form(no, {"line": request.args.get("line", "")})


@blueprint.post("/publicity/<no>/object")
@public
def send(no: str) -> Answer:
    """Take an objection; one with faults comes back with them marked."""
    typed = {name: request.form.get(name, "") for name in ("line", *objections.SIZES)}
    try:
        said = NewObjection(
            name=typed["name"], contact=typed["contact"], reason=typed["reason"], line=_line(typed["line"])
        )
        receipt = objections.make(runtime(), no, said, request.remote_addr or "unknown")
    except InvalidSubmission as refused:
        return _form(no, typed, refused.errors), 422
    except PublicityOver:
        return render_template(
            "portal/objection_over.html", shown=publicity_line(publicity.look(runtime(), no).publicity)
        ), 409
    except RateLimited:
        refused_text = _("Too many objections have come from here. Please try again in an hour.")
        return _form(no, typed, refused_text=refused_text), 429
    return redirect(url_for("publicity.received", no=no, receipt=receipt), 303)


@blueprint.get("/publicity/<no>/received")
@public
def received(no: str) -> str:
    """The receipt of an objection: its number, and what comes next."""
    receipt = request.args.get("receipt", "")
    known = publicity.look(runtime(), no, limit=1).publicity
    number = receipt.removeprefix(f"{no}-Y")
    if number == receipt or not (number.isascii() and number.isdigit()) or len(receipt) > _LONGEST_RECEIPT:
        raise NotFound(receipt=receipt[:80])
    return render_template("portal/objection_received.html", shown=publicity_line(known), receipt=receipt)


def _entry_line(no: str, entry: Entry) -> EntryLine:
    return EntryLine(
        line=entry.line, name=entry.name, detail=entry.detail,
        amount="" if entry.amount is None else f"{entry.amount:,.2f}",
        object_url=url_for("publicity.object_form", no=no, line=entry.line),
    )  # fmt: skip


def _form(
    no: str, typed: Mapping[str, str], errors: Sequence[FieldError] = (), refused_text: str = ""
) -> str:
    found = publicity.look(runtime(), no, limit=1)
    if not found.is_open:
        return render_template("portal/objection_over.html", shown=publicity_line(found.publicity))
    wrong = {str(fault.path[0]): field_message(fault, current_language().code) for fault in errors}
    fields = {
        name: FieldView(value=typed.get(name, ""), error=wrong.get(name, ""), least=least, most=most)
        for name, (least, most) in objections.SIZES.items()
    }
    fields["line"] = FieldView(
        value=typed.get("line", "")[:18], error=wrong.get("line", ""), least=1, most=18
    )
    return render_template(
        "portal/objection.html", shown=publicity_line(found.publicity), fields=fields, refused_text=refused_text,
        has_errors=bool(wrong),
    )  # fmt: skip


def _line(typed: str) -> int | None:
    """The line that was typed, None for the whole. Raises InvalidSubmission."""
    try:
        return whole_number(typed.strip(), "line") if typed.strip() else None
    except InvalidRequest:
        fault = FieldError(path=("line",), code="not_a_number", facts={})
        raise InvalidSubmission([fault]) from None


def _regions(chosen: str) -> list[Choice]:
    return [
        Choice(value=code, label=region_name(code), chosen=code == chosen)
        for code in runtime().book.regions.by_code
    ]


def _links(
    endpoint: str,
    rows: Sequence[object],
    cursor: str | None,
    following: str | None,
    asked: Mapping[str, Any],
) -> PageLinks:
    return PageLinks(
        shown=len(rows),
        first_url=url_for(endpoint, **asked) if cursor else None,
        next_url=url_for(endpoint, **asked, cursor=following) if following else None,
    )
