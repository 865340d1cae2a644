"""A case on paper and as one file."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from banjie.api.resource import Resource
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.edge.papers import export_answer, sheet_answer
from banjie.services import sheets

blueprint = Resource("sheets", __name__, url_prefix="/api/v1/cases", description="Print sheets and exports")

_BINARY = {"type": "string", "format": "binary"}


class SheetQuery(Schema):
    """The language of the sheet."""

    lang = fields.String(load_default="zh", validate=validate.OneOf(["zh", "en"]))


@blueprint.route("/<case_no>/sheet")
@signed_in
@blueprint.arguments(SheetQuery, location="query")
@blueprint.response(200, _BINARY, content_type="application/pdf")
def sheet(query: dict[str, Any], case_no: str) -> Response:
    """The print sheet (审批单) of a case as PDF."""
    printed = sheets.approval_sheet(runtime(), actor(), case_no, language=query["lang"])
    return sheet_answer(printed, case_no)


@blueprint.route("/<case_no>/export")
@signed_in
@blueprint.arguments(SheetQuery, location="query")
@blueprint.response(200, _BINARY, content_type="application/zip")
def export(query: dict[str, Any], case_no: str) -> Response:
    """Everything of a case that one sees, as one ZIP with a manifest of hashes."""
    packed = sheets.export(runtime(), actor(), case_no, language=query["lang"])
    return export_answer(packed, case_no)
