"""Sheets and exports over HTTP, for machines and for browsers."""

from __future__ import annotations

import io
import zipfile

from flask.testing import FlaskClient

from banjie.services import demo

from .conftest import Api


def browser(api: Api, username: str) -> FlaskClient:
    client = api.client.application.test_client()
    client.post("/sign-in", data={"name": username, "password": demo.PASSWORD})
    return client


def test_a_machine_fetches_the_sheet(api: Api) -> None:
    case_no = api.office.apply()

    answer = api.get(f"/cases/{case_no}/sheet?lang=en", "zhao")

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")


def test_a_machine_fetches_the_export(api: Api) -> None:
    case_no = api.office.apply()

    answer = api.get(f"/cases/{case_no}/export", "zhao")

    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None


def test_a_language_that_we_do_not_print_is_refused(api: Api) -> None:
    assert api.get(f"/cases/{api.office.apply()}/sheet?lang=fr", "zhao").status_code == 422


def test_papers_need_a_signed_in_person_who_sees_the_case(api: Api) -> None:
    case_no = api.office.apply()

    for path in (f"/cases/{case_no}/sheet", f"/cases/{case_no}/export"):
        assert api.get(path).status_code == 401
        assert api.get(path, "qian").status_code == 404


def test_the_page_of_a_case_leads_to_its_papers(api: Api) -> None:
    case_no = api.office.apply()
    client = browser(api, "zhao")

    page = client.get(f"/cases/{case_no}").text
    sheet, export = client.get(f"/cases/{case_no}/sheet.pdf"), client.get(f"/cases/{case_no}/export.zip")

    assert f'href="/cases/{case_no}/sheet.pdf"' in page
    assert f'href="/cases/{case_no}/export.zip"' in page
    assert (sheet.status_code, sheet.mimetype) == (200, "application/pdf")
    assert sheet.headers["Content-Disposition"] == f"inline; filename={case_no}.pdf"
    assert sheet.headers["Cache-Control"] == "no-store"
    # Older Chromium shows a PDF in a page that embeds it, under the policy of the answer.
    assert "object-src 'self'" in sheet.headers["Content-Security-Policy"]
    assert (export.status_code, export.mimetype) == (200, "application/zip")
    assert export.headers["Content-Disposition"] == f"attachment; filename={case_no}.zip"


def test_applicants_are_led_to_papers_of_their_own(api: Api) -> None:
    case_no = api.office.apply()
    client = browser(api, "wang")

    assert f'href="/cases/{case_no}/sheet.pdf"' in client.get(f"/my/cases/{case_no}").text
    assert client.get(f"/cases/{case_no}/sheet.pdf").status_code == 200
