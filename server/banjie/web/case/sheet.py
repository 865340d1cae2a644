"""A case on paper and as one file, for whoever sees it."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, send_file

from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import sheets
from banjie.web.common.language import current_language

blueprint = Blueprint("sheet", __name__)


@blueprint.get("/cases/<case_no>/sheet.pdf")
@signed_in
def sheet(case_no: str) -> Response:
    """The print sheet in the language of the page, shown by the browser itself."""
    printed = sheets.approval_sheet(runtime(), actor(), case_no, language=current_language().code)
    return send_file(BytesIO(printed), "application/pdf", download_name=f"{case_no}.pdf")


@blueprint.get("/cases/<case_no>/export.zip")
@signed_in
def export(case_no: str) -> Response:
    """Everything of the case that the reader sees, as an attachment."""
    packed = sheets.export(runtime(), actor(), case_no, language=current_language().code)
    return send_file(BytesIO(packed), "application/zip", as_attachment=True, download_name=f"{case_no}.zip")
