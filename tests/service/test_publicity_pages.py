"""What the public reads of a publicity, how it objects, and where officers answer."""

from __future__ import annotations

import re

import pytest

from banjie.domain.errors import NotFound
from banjie.services import objections
from support.office import Office

from .test_pages import INLINE, Reader
from .test_publicity import SAID, published

FORM = {"name": SAID.name, "contact": SAID.contact, "line": "1", "reason": SAID.reason}


def test_anybody_reads_masked_names_and_objects(office: Office) -> None:
    case_no, no = published(office)
    visitor = Reader(office, None)

    home, listed, page = (
        visitor.get(path).text for path in ("/", "/publicity?region=152201&q=拟", f"/publicity/{no}")
    )
    assert "/publicity" in home
    assert f"/publicity/{no}" in listed
    assert "王*梅" in page
    id_number = str(dict(office.view(case_no).instance.data["application"])["id_number"])  # type: ignore[arg-type]
    for text in (listed, page):
        assert "王小梅" not in text
        assert id_number not in text
        assert case_no not in text
        assert not INLINE.search(text)

    form = visitor.get(f"/publicity/{no}/object?line=1")
    assert 'value="1"' in form.text
    refused = visitor.client.post(f"/publicity/{no}/object", data={**FORM, "reason": "<b>", "line": "x"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert "<b>" not in refused.text
    sent = visitor.client.post(f"/publicity/{no}/object", data=FORM)
    assert sent.status_code == 303
    assert SAID.name not in sent.headers["Location"]
    assert SAID.contact not in sent.headers["Location"]
    receipt = re.search(r"GS-[\d-]+-Y\d+", visitor.get(sent.headers["Location"]).text)
    assert receipt is not None
    assert visitor.get(f"/publicity/{no}/received?receipt=<script>").status_code == 404
    assert visitor.client.post(
        f"/publicity/{no}/object", data=FORM, headers={"Origin": "https://evil.example"}
    ).status_code == 403  # fmt: skip

    for path in ("/publicity/GS-1", "/publicity/GS-1/object"):
        assert visitor.get(path).status_code == 404
    for path in ("/publicity?cursor=x", f"/publicity/{no}?cursor=x"):
        assert visitor.get(path).status_code == 400
    assert visitor.get("/publicity?region='&q=%25%00").status_code == 400
    office.tick("2026-10-10T00:00")
    assert "王*梅" not in visitor.get(f"/publicity/{no}").text
    assert visitor.client.post(f"/publicity/{no}/object", data=FORM).status_code == 409
    assert "人力资源和社会保障局" in visitor.get(f"/publicity/{no}/object").text


def test_the_office_answers_and_others_do_not_learn_who_objects(office: Office) -> None:
    case_no, no = published(office)
    objections.make(office.rt, no, SAID, "10.0.0.1")
    (made,) = objections.of_case(office.rt, office.actors["zhao"], case_no)
    officer, manager, applicant = Reader(office, "zhao"), Reader(office, "feng"), Reader(office, "wang")

    assert SAID.contact in officer.get("/objections").text
    case_page = officer.get(f"/cases/{case_no}").text
    assert SAID.contact in case_page
    assert no in case_page
    watched = manager.get(f"/cases/{case_no}").text
    assert SAID.reason in watched
    assert SAID.contact not in watched
    assert SAID.name not in watched
    assert SAID.reason not in applicant.get(f"/my/cases/{case_no}").text
    assert manager.get("/objections").status_code == 403
    assert Reader(office, None).get("/objections").status_code in (303, 401)

    path = f"/objections/{made.id}/answer"
    for wrong in ({"decision": "", "words": "经查不属实。"}, {"decision": "dismiss", "words": ""}):
        assert officer.post(path, wrong).status_code == 422
    assert applicant.post(path, {"decision": "dismiss", "words": "经查不属实。"}).status_code == 403
    answered = officer.post(
        path, {"decision": "dismiss", "words": "经查不属实。", "next": f"/cases/{case_no}"}
    )
    assert answered.headers["Location"] == f"/cases/{case_no}#publicity"
    assert "经查不属实。" in officer.get("/objections?status=dismissed").text
    assert SAID.contact not in officer.get("/objections").text
    with pytest.raises(NotFound):
        objections.handle(office.rt, office.actors["zhao"], made.id + 1, upheld=True, answer="成立。")
