"""A case on paper and as one file, for whoever sees it."""

from __future__ import annotations

from flask import Blueprint, Response

from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.papers import export_answer, sheet_answer
from banjie.services import sheets
from banjie.web.common.language import current_language

blueprint = Blueprint("sheet", __name__)


@blueprint.get("/cases/<case_no>/sheet.pdf")
@signed_in
def sheet(case_no: str) -> Response:
    """The print sheet in the language of the page, shown by the browser itself."""
    printed = sheets.approval_sheet(runtime(), actor(), case_no, language=current_language().code)
    return sheet_answer(printed, case_no)


@blueprint.get("/cases/<case_no>/export.zip")
@signed_in
def export(case_no: str) -> Response:
    """Everything of the case that the reader sees, as an attachment."""
    packed = sheets.export(runtime(), actor(), case_no, language=current_language().code)
    return export_answer(packed, case_no)
