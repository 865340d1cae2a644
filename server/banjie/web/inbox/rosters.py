"""Lists that are paid without asking (免申即享): brought, followed while they are worked on, row by row."""

from __future__ import annotations

from typing import BinaryIO, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.documents.archive import csv_of
from banjie.domain.columns import UnreadableFile
from banjie.domain.errors import BanjieError, InvalidRequest
from banjie.domain.loads import MOST_PROBLEMS, LoadProblem
from banjie.domain.rosters import COLUMNS, RosterUnderWay
from banjie.edge.auth import roles, signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.lists import given_day, given_file, given_year, takes_lists
from banjie.persistence.text import read_id
from banjie.services.registers import regions_of
from banjie.services.rosters import begin, refusals, rows
from banjie.web.common.cell_words import cell_words, column_title, unreadable_words
from banjie.web.common.error_words import words_of_code
from banjie.web.common.frame import local_name, region_name
from banjie.web.common.language import current_language
from banjie.web.common.language import gettext as _
from banjie.web.common.receipts import receipt_view
from banjie.web.common.roster_lines import counts, reason_word, roster_line, row_line, states

blueprint = Blueprint("rosters", __name__)

_OFFICERS = ("bureau_officer",)
_SHOWN = 100


@blueprint.get("/batches")
@signed_in
def listing() -> str:
    """The newest lists, and the form for another."""
    return _listing()


@blueprint.post("/batches")
@takes_lists
@roles(*_OFFICERS)
def start() -> AnyResponse | tuple[str, int]:
    """Bring a list; what is wrong with it as a whole comes back with the form."""
    try:
        given = given_file()
        wish = begin.BeginRoster(
            by=actor(), service=request.form.get("service", ""), region=request.form.get("region", ""),
            year=given_year(), name=given.filename or "", source=request.form.get("source", ""),
            as_of=given_day(), title=request.form.get("title", ""),
            skip_bad=bool(request.form.get("skip_bad")),
        )  # fmt: skip
        roster_id = begin.begin(runtime(), wish, cast("BinaryIO", given.stream))
    except (InvalidRequest, RosterUnderWay) as error:
        return _listing(refused=_refusal(error)), 422
    return redirect(url_for("rosters.roster", roster_id=roster_id), 303)


@blueprint.get("/batches/template.csv")
@signed_in
def template() -> Response:
    """An empty list."""
    return _file(begin.template_csv(english=current_language().code == "en"), "roster.csv")


@blueprint.get("/batches/<int:roster_id>")
@signed_in
def roster(roster_id: int) -> str:
    """A list: how far it is, what it came to, its rows page by page."""
    return _roster(roster_id)


@blueprint.get("/batches/<int:roster_id>/progress")
@signed_in
def progress(roster_id: int) -> Response:
    """The part of the page that a script asks for while the list is worked on; at its end the whole page is due."""
    view = begin.view(runtime(), actor(), roster_id)
    response = Response(
        render_template("batches/_roster.html", roster=roster_line(view.roster, view.load)),
        content_type="text/html; charset=utf-8",
    )
    if not view.roster.is_moving:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/batches/<int:roster_id>/rows/<int:line>")
@signed_in
def row(roster_id: int, line: int) -> str:
    """A row with its receipt; prints as the enterprise's own receipt."""
    found = rows.row_receipt(runtime(), actor(), roster_id, line)
    table = local_name(*_titles(found.decision.key))
    return render_template(
        "batches/row.html",
        roster=roster_line(found.roster, None),
        row=row_line(found.roster.id, found.row),
        decision=receipt_view(found.decision, table),
        recomputed=found.recomputed,
    )


@blueprint.get("/batches/<int:roster_id>/rows.csv")
@signed_in
def export(roster_id: int) -> Response:
    """The whole list with what became of each row."""
    response = Response(
        rows.export_csv(runtime(), actor(), roster_id), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="roster-{roster_id}.csv"'
    return response


@blueprint.get("/batches/<int:roster_id>/problems.csv")
@signed_in
def problems(roster_id: int) -> Response:
    """All that is kept of what was wrong with the file."""
    page = begin.problems(runtime(), actor(), roster_id, limit=MOST_PROBLEMS)
    titles = (_("Line"), _("Column"), _("What is wrong"))
    return _file(csv_of(titles, [_problem(one) for one in page.items]), f"roster-{roster_id}-problems.csv")


@blueprint.post("/batches/<int:roster_id>/refusals")
@roles(*_OFFICERS)
def refuse(roster_id: int) -> AnyResponse | tuple[str, int]:
    """Keep that an enterprise wants nothing, on its written statement."""
    found = begin.view(runtime(), actor(), roster_id).roster
    try:
        refusals.refuse(
            runtime(), actor(), service=found.service, year=found.year, uscc=request.form.get("uscc", ""),
            reason=request.form.get("reason", ""),
        )  # fmt: skip
    except InvalidRequest as error:
        wanted = {"uscc": _("This is no valid unified social credit code; check its characters.")}
        return _roster(roster_id, refused=wanted.get(str(error.facts.get("field")), _("Give a reason."))), 422
    return redirect(url_for("rosters.roster", roster_id=roster_id), 303)


def _roster(roster_id: int, refused: str = "") -> str:
    view = begin.view(runtime(), actor(), roster_id)
    asked = {name: request.args.get(name, "") for name in ("state", "reason", "words", "by", "cursor")}
    asked["by"] = asked["by"] or "line"
    page = rows.page(
        runtime(), actor(), roster_id, state=asked["state"], reason=asked["reason"], words=asked["words"],
        by=asked["by"], cursor=asked["cursor"] or None,
    )  # fmt: skip
    kept = {name: value for name, value in asked.items() if value and name != "cursor"}
    wrong = begin.problems(runtime(), actor(), roster_id, limit=_SHOWN)
    return render_template(
        "batches/roster.html",
        roster=roster_line(view.roster, view.load),
        counts=counts(view),
        problems=[_problem(one) for one in wrong.items],
        rows=[row_line(roster_id, one) for one in page.items],
        asked=asked,
        states=states(),
        orders=[("line", _("By line")), ("name", _("By name")), ("amount", _("By amount"))],
        reason_text=reason_word(asked["reason"]) if asked["reason"] else "",
        may_refuse=view.roster.region in regions_of(runtime(), actor()),
        refused=refused,
        page={
            "shown": len(page.items),
            "first_url": _address(roster_id, kept) if asked["cursor"] else None,
            "next_url": _address(roster_id, {**kept, "cursor": page.cursor}) if page.cursor else None,
        },
    )


def _address(roster_id: int, asked: dict[str, str]) -> str:
    """The rows of a list as asked for."""
    return f"{url_for('rosters.roster', roster_id=roster_id)}?{urlencode(asked)}#rows"


def _listing(refused: str = "") -> str:
    names = ("service", "region", "year", "source", "as_of", "title", "skip_bad")
    before = _before()
    found = begin.newest(runtime(), actor(), before=before, limit=begin.PAGE + 1)
    shown = found[: begin.PAGE]
    return render_template(
        "batches/batches.html",
        rosters=[roster_line(one, None) for one in shown],
        services=[
            (one.key, local_name(one.title, one.title_en)) for one in begin.automatic_services(runtime())
        ],
        regions=[(code, region_name(code)) for code in sorted(regions_of(runtime(), actor()))],
        may_begin=any(actor().has(role) for role in _OFFICERS),
        typed={name: request.form.get(name, "") for name in names},
        today=runtime().today(),
        refused=refused,
        page={
            "shown": len(shown),
            "first_url": url_for("rosters.listing") if before else None,
            "next_url": url_for("rosters.listing", before=shown[-1].id) if len(found) > begin.PAGE else None,
        },
    )


def _refusal(error: BanjieError) -> str:
    """Why a list was not taken, in a sentence."""
    if isinstance(error, UnreadableFile):
        return unreadable_words(str(error.facts.get("reason", "")))
    if isinstance(error, RosterUnderWay):
        return words_of_code(error.code)[1]
    return {
        "file": _("Choose a file."),
        "region": _("Choose the region."),
        "year": _("The list is for this year or the one before."),
        "source": _("Name the source of the file."),
        "as_of": _("Write the day of which the file tells; it cannot lie ahead."),
    }.get(str(error.facts.get("field", "")), _("The file is empty or too large."))


def _problem(one: LoadProblem) -> tuple[str, str, str]:
    columns = {column.key: column for column in COLUMNS}
    title = column_title(columns[one.field]) if one.field in columns else one.field
    return str(one.line), title, cell_words(one.code, one.facts)


def _titles(key: str) -> tuple[str, str]:
    service = next(
        (one for one in begin.automatic_services(runtime()) if key.startswith(f"{one.process}/")), None
    )
    return (service.title, service.title_en) if service else (key, key)


def _file(content: bytes, name: str) -> Response:
    response = Response(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _before() -> int | None:
    """The list behind which the page goes on, None for the first page."""
    try:
        return read_id(request.args.get("before", ""))
    except ValueError:
        return None
