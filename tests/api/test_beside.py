"""Comments, copies, files of steps and stock phrases, as machines ask for them."""

from __future__ import annotations

from io import BytesIO

from banjie.services import tasks

from .conftest import Api

PDF = b"%PDF-1.7\n%%EOF\n"


def held(api: Api) -> tuple[str, int]:
    case_no = api.office.apply()
    task_id = api.task_of(case_no)
    tasks.claim(api.office.rt, api.office.actors["zhao"], task_id)
    return case_no, task_id


def test_a_comment_is_added_read_and_withdrawn(api: Api) -> None:
    case_no, task_id = held(api)
    path = f"/cases/{case_no}/comments"

    body = {"words": "@zhou 请阅", "task_id": task_id}
    added = api.post(path, "zhao", json=body, headers={"Idempotency-Key": "one"})
    again = api.post(path, "zhao", json=body, headers={"Idempotency-Key": "one"})
    [read] = api.get(path, "zhou").get_json()["items"]

    assert added.status_code == 201
    assert added.get_json() == again.get_json() == {"id": read["id"]}
    assert (read["words"], read["mentioned"], read["element"]) == ("@zhou 请阅", ["周局长"], "Accept")
    assert api.post(f"{path}/{read['id']}/withdraw", "zhao").status_code == 204
    assert api.get(path, "zhou").get_json()["items"][0]["words"] == ""


def test_the_applicant_asks_for_comments_in_vain(api: Api) -> None:
    case_no, _ = held(api)

    assert api.get(f"/cases/{case_no}/comments", "wang").status_code == 403
    assert api.get(f"/cases/{case_no}/copies", "wang").status_code == 403
    assert api.get(f"/cases/{case_no}/comments", "jiang").status_code == 404


def test_a_refused_mention_names_who(api: Api) -> None:
    case_no, _ = held(api)

    answer = api.post(f"/cases/{case_no}/comments", "zhao", json={"words": "@jiang 看"})

    assert answer.status_code == 400
    assert answer.get_json()["who"] == "jiang"


def test_a_copy_is_sent_once_and_listed(api: Api) -> None:
    case_no, _ = held(api)
    body = {"usernames": ["jiang"], "words": "请阅"}

    sent = [api.post(f"/cases/{case_no}/copies", "zhao", json=body).get_json()["sent"] for _ in range(2)]
    listed = api.get("/copies?limit=5", "jiang").get_json()

    assert sent == [1, 0]
    assert (listed["total"], listed["unread"], listed["next"]) == (1, 1, None)
    [row] = listed["items"]
    assert (row["case"]["case_no"], row["case"]["applicant"], row["words"]) == (case_no, "王*梅", "请阅")
    assert [one["to"] for one in api.get(f"/cases/{case_no}/copies", "zhao").get_json()["items"]] == ["蒋平"]


def test_a_file_comes_to_a_step_and_goes(api: Api) -> None:
    case_no, task_id = held(api)
    data = {"label": "核查记录", "shared": "true", "file": (BytesIO(PDF), "a.pdf")}

    added = api.post(f"/tasks/{task_id}/files", "zhao", data=data, content_type="multipart/form-data")
    file_id = added.get_json()["id"]

    assert added.status_code == 201
    assert [file.shared for file in api.office.view(case_no).attachments] == [True]
    assert api.ask("DELETE", f"/tasks/{task_id}/files/{file_id}", "zhao").status_code == 204
    assert api.office.view(case_no).attachments == []


def test_phrases_are_added_changed_arranged_and_deleted(api: Api) -> None:
    first, second = (api.post("/phrases", "zhao", json={"words": words}).get_json()["id"] for words in "甲乙")

    assert api.ask("PUT", f"/phrases/{first}", "zhao", json={"words": "丙"}).status_code == 204
    assert api.ask("PUT", "/phrases/order", "zhao", json={"ids": [second, first]}).status_code == 204
    assert api.post(f"/phrases/{second}/use", "zhao").status_code == 204
    listed = api.get("/phrases", "zhao").get_json()
    assert [(one["words"], one["uses"]) for one in listed["items"]] == [("乙", 1), ("丙", 0)]
    assert {"decision": "approve", "words": "经审核，情况属实，同意。",
            "words_en": "Checked and found true; agreed."} in listed["house"]  # fmt: skip
    assert api.ask("DELETE", f"/phrases/{first}", "zhao").status_code == 204
    assert api.get("/phrases", "wang").status_code == 403
