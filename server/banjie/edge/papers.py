"""Answers that are a case on paper or as a file; no cache keeps them."""

from __future__ import annotations

from flask import Response

#: Older Chromium shows a PDF in a page of its own making, to which the answer's policy applies: it embeds the file
#: and styles itself. The file can run nothing.
_VIEWER = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)


def sheet_answer(printed: bytes, case_no: str) -> Response:
    """A print sheet, shown by the browser; `case_no` is that of a case that was found, so it fits into a header."""
    answer = Response(printed, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename={case_no}.pdf"
    answer.headers["Content-Security-Policy"] = _VIEWER
    return answer


def export_answer(packed: bytes, case_no: str) -> Response:
    """An export, always as an attachment; `case_no` as in `sheet_answer`."""
    answer = Response(packed, content_type="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename={case_no}.zip"
    return answer
