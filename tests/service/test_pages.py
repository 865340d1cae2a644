"""Pages as the server answers them: what is refused, what is never told, and nothing inline."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from banjie.app import create_app
from banjie.services import demo, instances, tasks
from support.office import Office

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)


class Reader:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, office: Office, username: str | None) -> None:
        self.client: FlaskClient = create_app(office.settings, office.rt).test_client()
        if username:
            self.client.post("/sign-in", data={"name": username, "password": demo.PASSWORD})

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, data: dict[str, Any], *, seen_on: str = "/me", **more: Any) -> TestResponse:
        """Post with the token of a page that was open."""
        found = TOKEN.search(self.get(seen_on).text)
        assert found is not None
        return self.client.post(path, data={"csrf_token": found[1], **data}, **more)


def completion(office: Office, element: str = "Accept", **more: Any) -> dict[str, Any]:
    """What the form of a step posts: ticked boxes are "true", unticked ones are absent."""
    answer = demo.answer(element, office.rt.today())
    ticked = {key: "true" if value is True else value for key, value in answer.items() if value is not False}
    return {**ticked, **more}


def test_another_agencys_case_looks_like_a_missing_one(office: Office) -> None:
    case_no = office.apply()
    reader = Reader(office, "jiang")

    hidden, missing = reader.get(f"/cases/{case_no}"), reader.get("/cases/none")

    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace(case_no, "none") == missing.text


def test_a_post_without_the_token_is_refused(office: Office) -> None:
    task = office.open_task(office.apply())

    answer = Reader(office, "zhao").client.post(f"/tasks/{task.id}/claim")

    assert answer.status_code == 403


def test_a_post_from_another_site_is_refused(office: Office) -> None:
    task = office.open_task(office.apply())

    answer = Reader(office, "zhao").post(
        f"/tasks/{task.id}/claim", {}, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 403


def test_signing_in_never_leads_to_another_site(office: Office) -> None:
    reader = Reader(office, None)

    answer = reader.client.post(
        "/sign-in", data={"name": "zhao", "password": demo.PASSWORD, "next": "//evil.example/inbox"}
    )

    assert answer.headers["Location"] == "/inbox"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(office: Office) -> None:
    reader = Reader(office, None)

    known = reader.client.post("/sign-in", data={"name": "zhao", "password": "wrong"})
    unknown = reader.client.post("/sign-in", data={"name": "nobody", "password": "wrong"})

    assert known.status_code == unknown.status_code == 401
    assert known.text.replace("zhao", "nobody") == unknown.text


def test_sending_the_same_page_twice_completes_once(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)
    reader = Reader(office, "zhao")
    data = completion(office, version=str(task.version), idempotency_key="one-page")

    answers = [reader.post(f"/tasks/{task.id}/complete", data).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert office.open_elements(case_no) == ["Review"]


def test_a_completion_from_an_old_page_is_a_conflict(office: Office) -> None:
    task = office.open_task(office.apply())
    reader = Reader(office, "zhao")
    reader.post(f"/tasks/{task.id}/claim", {})

    answer = reader.post(f"/tasks/{task.id}/complete", completion(office, version=str(task.version)))

    assert answer.status_code == 409


def test_a_field_that_the_form_does_not_have_is_refused(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)

    answer = Reader(office, "zhao").post(f"/tasks/{task.id}/complete", completion(office, __class__="x"))

    assert answer.status_code == 422
    assert office.open_elements(case_no) == ["Accept"]


def test_a_file_of_a_kind_that_is_not_taken_is_a_fault_of_its_field(office: Office) -> None:
    data = {"attachments": (BytesIO(b"MZ\x90"), "a.exe"), "applicant_name": "王小梅"}

    answer = Reader(office, "wang").post("/services/guarantee-loan-individual/apply", data)

    assert answer.status_code == 422
    assert "文件没有上传成功" in answer.text
    assert "王小梅" in answer.text


def test_a_fault_is_told_without_its_details(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(tasks, "inbox", fail)
    reader = Reader(office, "zhao")
    reader.client.application.testing = False

    answer = reader.get("/inbox")

    assert answer.status_code == 500
    assert "系统出错" in answer.text
    assert "secret detail" not in answer.text


def test_the_applicant_is_led_to_the_view_of_the_applicant(office: Office) -> None:
    case_no = office.apply()

    answer = Reader(office, "wang").get(f"/cases/{case_no}")

    assert answer.headers["Location"] == f"/my/cases/{case_no}"


def test_the_applicant_withdraws_from_the_page(office: Office) -> None:
    case_no = office.apply()
    page = f"/my/cases/{case_no}"

    Reader(office, "wang").post(f"{page}/withdraw", {"reason": "改用自有资金"}, seen_on=page)

    assert office.view(case_no).instance.status == "withdrawn"


def test_a_day_without_a_value_in_the_texts_is_said_to_the_officer(office: Office) -> None:
    office.clock.set("2018-06-04T10:00")
    case_no = office.apply()
    office.advance_to(case_no, "Investigate")

    page = Reader(office, "qian").get(f"/cases/{case_no}")

    assert "现有文件没有规定这一天的数值；系统没有推定。" in page.text


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (None, "/"), (None, "/sign-in"), (None, "/follow"), (None, "/nothing"), (None, "/services/guarantee-loan-sme"),
        ("zhao", "/inbox?tab=candidate"), ("zhao", "/cases/{case}"), ("feng", "/oversight"),
        ("wang", "/my/cases/{case}"),
        ("wang", "/services/guarantee-loan-individual/apply"), ("zhou", "/notices"),
    ],
)  # fmt: skip
def test_nothing_stands_inline(office: Office, who: str | None, path: str) -> None:
    case_no = office.apply()

    page = Reader(office, who).get(path.format(case=case_no))

    assert INLINE.findall(page.text) == []
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


def test_a_head_releases_a_colleague_s_task_on_the_page_of_the_case(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["zhao"], task.id)
    head, page = Reader(office, "zhou"), f"/cases/{case_no}"
    assert f"/tasks/{task.id}/release" in head.get(page).text
    assert f"/tasks/{task.id}/complete" not in head.get(page).text

    answer = head.post(
        f"/tasks/{task.id}/release", {"version": str(task.version + 1)}, seen_on=page, follow_redirects=True
    )

    assert answer.status_code == 200
    assert office.open_task(case_no).assignee_id is None
    assert f"/tasks/{task.id}/release" not in head.get(page).text


def test_the_head_of_another_agency_is_offered_no_release(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "Investigate")
    tasks.claim(office.rt, office.actors["qian"], task.id)

    assert "/release" not in Reader(office, "zhou").get(f"/cases/{case_no}").text


def test_an_open_case_is_named_before_a_second_application_and_linked_when_it_is_refused(
    office: Office,
) -> None:
    reader, path = Reader(office, "wang"), "/services/guarantee-loan-individual/apply"
    assert "在办办件" not in reader.get(path).text
    case_no = office.apply()

    assert f'href="/my/cases/{case_no}"' in reader.get(path).text
    sent = {key: "true" if value is True else value for key, value in demo.individual_application(1).items()
            if value is not False}  # fmt: skip
    answer = reader.post(path, sent, seen_on=path)

    assert answer.status_code == 409
    assert f'href="/my/cases/{case_no}"' in answer.text


def test_the_history_tells_why_a_case_was_cancelled(office: Office) -> None:
    case_no = office.apply()
    digits = office.view(case_no).instance.follow_digits
    instances.cancel(office.rt, office.actors["zhou"], case_no, "同一人重复申请")

    public = Reader(office, None).client.post("/follow", data={"case_no": case_no, "last_four": digits})

    assert "同一人重复申请" in Reader(office, "zhao").get(f"/cases/{case_no}").text
    assert "同一人重复申请" in Reader(office, "wang").get(f"/my/cases/{case_no}").text
    assert "同一人重复申请" not in public.text


def test_the_catalogue_is_sorted_by_field_and_searched_in_both_languages(office: Office) -> None:
    visitor = Reader(office, None)
    links = re.compile(r'<h3><a href="/services/([a-z-]+)">')
    fields = re.compile(r'<section class="field" id="([a-z]+)"')

    everything = visitor.get("/").text

    assert sorted(links.findall(everything)) == sorted(office.rt.book.services)
    assert fields.findall(everything) == ["startup", "jobs", "training", "stability"]
    for query in ("见习", "INTERNSHIP subsidy"):
        found = visitor.client.get("/", query_string={"q": query}).text
        assert set(links.findall(found)) == {"internship-subsidy", "internship-remaining-period-subsidy"}, (
            query
        )
        assert fields.findall(found) == ["jobs"]
    assert links.findall(visitor.get("/?q=%3Cscript%3E").text) == []
    assert "/apply" not in visitor.get("/services/job-stabilisation-refund").text
