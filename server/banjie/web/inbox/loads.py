"""Files for the registers: handed in, followed while they are read, and what was wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.documents.archive import csv_of
from banjie.domain.columns import UnreadableFile
from banjie.domain.errors import BanjieError, InvalidRequest
from banjie.domain.loads import MOST_PROBLEMS, Load, LoadProblem, LoadStatus, LoadUnderWay, columns_of
from banjie.domain.registers import RegisterKind
from banjie.edge.auth import roles
from banjie.edge.context import actor, runtime
from banjie.edge.lists import given_day, given_file, takes_lists
from banjie.services import loads, registers
from banjie.web.common.cell_words import cell_words, column_title, file_words, unreadable_words
from banjie.web.common.error_words import words_of_code
from banjie.web.common.frame import region_name
from banjie.web.common.language import current_language
from banjie.web.common.language import gettext as _
from banjie.web.inbox.registers import KEEPERS, kind_word

blueprint = Blueprint("loads", __name__)

_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class LoadLine:
    """A load; `tone` of its state: good, bad, on. `percent` is how far it is."""

    id: int
    url: str
    kind: str
    name: str
    source: str
    region: str
    as_of: date
    state: str
    tone: str
    running: bool
    percent: int
    lines: int
    good: int
    bad: int
    size: int
    skip_bad: bool
    why: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ProblemLine:
    """What is wrong with a cell."""

    line: int
    field: str
    words: str


@dataclass(frozen=True, kw_only=True)
class PageLinks:
    """The links below a list; None where there is nowhere to go."""

    shown: int
    first_url: str | None
    next_url: str | None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An entry of a choice."""

    value: str
    label: str


@blueprint.get("/registers/loads")
@roles(*KEEPERS)
def listing() -> str:
    """The newest loads, and the form for another."""
    return _listing()


@blueprint.post("/registers/loads")
@takes_lists
@roles(*KEEPERS)
def start() -> AnyResponse | tuple[str, int]:
    """Hand in a file; what is wrong with it as a whole comes back with the form."""
    try:
        given = given_file()
        load_id = loads.start(
            runtime(), actor(), request.form.get("kind", ""), given.stream, name=given.filename or "",
            source=request.form.get("source", ""), as_of=given_day(),
            region=request.form.get("region", ""), skip_bad=bool(request.form.get("skip_bad")),
        )  # fmt: skip
    except (InvalidRequest, LoadUnderWay) as error:
        return _listing(refused=_refusal(error)), 422
    return redirect(url_for("loads.load", load_id=load_id), 303)


@blueprint.get("/registers/loads/<int:load_id>")
@roles(*KEEPERS)
def load(load_id: int) -> str:
    """How far a load is, or how it ended; what was wrong, page by page."""
    found = loads.progress(runtime(), actor(), load_id)
    cursor = request.args.get("cursor")
    page = loads.problems(runtime(), actor(), load_id, cursor=cursor, limit=_SHOWN)
    return render_template(
        "registers/load.html",
        load=_line(found),
        problems=[_problem(found, one) for one in page.items],
        most=MOST_PROBLEMS,
        page=PageLinks(
            shown=len(page.items),
            first_url=url_for("loads.load", load_id=load_id) if cursor else None,
            next_url=url_for("loads.load", load_id=load_id, cursor=page.cursor) if page.cursor else None,
        ),
    )


@blueprint.get("/registers/loads/<int:load_id>/progress")
@roles(*KEEPERS)
def progress(load_id: int) -> Response:
    """The part of the page that a script asks for while the file is read; at its end the whole page is due."""
    found = _line(loads.progress(runtime(), actor(), load_id))
    response = Response(
        render_template("registers/_load.html", load=found), content_type="text/html; charset=utf-8"
    )
    if not found.running:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/registers/loads/<int:load_id>/problems.csv")
@roles(*KEEPERS)
def problems(load_id: int) -> Response:
    """All that is kept of what was wrong, for spreadsheets."""
    found = loads.progress(runtime(), actor(), load_id)
    page = loads.problems(runtime(), actor(), load_id, limit=MOST_PROBLEMS)
    lines = [_problem(found, one) for one in page.items]
    content = csv_of(
        (_("Line"), _("Column"), _("What is wrong")), [(str(one.line), one.field, one.words) for one in lines]
    )
    return _file(content, f"load-{load_id}-problems.csv")


@blueprint.get("/registers/templates/<kind>.csv")
@roles(*KEEPERS)
def template(kind: str) -> Response:
    """An empty file of a register's kind."""
    english = current_language().code == "en"
    return _file(loads.template_csv(kind, english=english), f"{kind}.csv")


def _file(content: bytes, name: str) -> Response:
    response = Response(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _listing(refused: str = "") -> str:
    typed = {name: request.form.get(name, "") for name in ("kind", "source", "as_of", "region", "skip_bad")}
    regions = sorted(registers.require_keeper(runtime(), actor()))
    names: dict[str, Any] = {
        "loads": [_line(one) for one in loads.newest(runtime(), actor())],
        "kinds": [Choice(value=kind.value, label=kind_word(kind.value)) for kind in RegisterKind],
        "regions": [Choice(value=code, label=region_name(code)) for code in regions],
        "typed": typed,
        "today": runtime().today().isoformat(),
        "refused": refused,
    }
    return render_template("registers/loads.html", **names)


def _refusal(error: BanjieError) -> str:
    """Why a file was not taken, in a sentence."""
    if isinstance(error, UnreadableFile):
        return unreadable_words(str(error.facts.get("reason", "")))
    if isinstance(error, LoadUnderWay):
        return words_of_code(error.code)[1]
    field = str(error.facts.get("field", ""))
    return {
        "file": _("Choose a file."),
        "kind": _("Choose the register."),
        "region": _("Choose the region."),
        "source": _("Name the source of the file."),
        "as_of": _("Write the day of which the file tells; it cannot lie ahead."),
    }.get(field, _("The file is empty or too large."))


def _line(one: Load) -> LoadLine:
    state, tone = _state(one)
    return LoadLine(
        id=one.id, url=url_for("loads.load", load_id=one.id), kind=kind_word(one.kind), name=one.name,
        source=one.source, region=region_name(one.region), as_of=one.as_of, state=state, tone=tone,
        running=one.is_running, percent=one.done_bytes * 100 // max(one.size, 1), lines=one.lines, good=one.good,
        bad=one.bad, size=one.size, skip_bad=one.skip_bad, why=file_words(one.message), started_at=one.started_at,
        ended_at=one.ended_at,
    )  # fmt: skip


def _state(one: Load) -> tuple[str, str]:
    return {
        LoadStatus.WAITING: (_("Waits for its turn"), "on"),
        LoadStatus.READING: (_("Is being read"), "on"),
        LoadStatus.DONE: (_("Entered whole") if not one.bad else _("Entered without the bad rows"), "good"),
        LoadStatus.REFUSED: (_("Refused: nothing entered"), "bad"),
        LoadStatus.FAILED: (_("Failed: nothing entered"), "bad"),
    }[one.status]


def _problem(found: Load, one: LoadProblem) -> ProblemLine:
    columns = {column.key: column for column in columns_of(RegisterKind(found.kind))}
    title = column_title(columns[one.field]) if one.field in columns else one.field
    return ProblemLine(line=one.line, field=title, words=cell_words(one.code, one.facts))
