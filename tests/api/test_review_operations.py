"""The operations asked with nonsense by everybody, and what the errors tell applicants."""

from __future__ import annotations

import json
import re
from typing import Any

from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import supplements, tasks

from .conftest import Api

HUGE = 2**70
#: Texts of a body's values, as JSON.
VALUES = (
    "null", "true", "-1", str(2**63 - 1), str(2**63), '""', '" "', '"a\\u0000b"', '"\\ud800"', '"\\u202e@zhao"',
    json.dumps("长" * 5000), '"2026-09-08T10:00:00"', '"0001-01-01T00:00:00+14:00"',
    '"9999-12-31T23:59:59-12:00"', '"99999-01-01T00:00:00Z"', "[]", "[null]", "{}", '["zhao", "zhao"]', "1e400", "0.5",
)  # fmt: skip
#: A value for every name that a body has, with which the request could be meant.
USUAL: dict[str, Any] = {
    "reason": "核实", "words": "核实", "to": "li", "target": "Review", "siblings": "cancel", "limit": "new",
    "tasks": [1], "items": [{"kind": "other", "title": "说明"}], "values": {}, "days": 1, "scope": "step",
    "grant": True, "ground": "hearing", "document": "第1号", "expected_days": 3, "usernames": ["zheng"],
    "files": [1], "task_id": 1, "ids": [1], "absent": "sun", "substitute": "li", "from_at": "2026-09-07T10:00:00+08:00",
    "until_at": "2026-09-09T10:00:00+08:00", "services": [], "agencies": [], "kind": "claim", "submission": {},
}  # fmt: skip


#: Names of queries, and values that mean nothing to them.
QUERIES = (
    "cursor", "limit", "query", "since", "tab", "scope", "status", "order", "from", "to", "start",
)  # fmt: skip
QUERY_VALUES = (
    "%00", "~", "1~2", "9" * 40, "0~" + "9" * 18, "infinity~1", "0001-01-01T00:00:00%2B14:00~1",
    "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00%2B14:00", "-1", "%ED%A0%80", "长" * 500,
)  # fmt: skip


def written_of(api: Api) -> list[tuple[str, str, tuple[str, ...]]]:
    """Every route of the API: method, path and the names that its body has."""
    document = api.client.get("/api/v1/openapi.json").get_json()
    found = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method == "parameters" or "/tokens" in path:
                continue
            body = (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema", {})
            )
            name = body.get("$ref", "").rpartition("/")[2]
            properties = document["components"]["schemas"].get(name, {}).get("properties", {})
            found.append((method.upper(), path.removeprefix("/api/v1"), tuple(properties)))
    return found


def test_no_route_answers_nonsense_with_a_fault_of_ours(api: Api) -> None:
    case_no = api.office.apply()
    task = api.office.advance_to(case_no, "BankAccept")
    tasks.claim(api.office.rt, api.office.actors["sun"], task.id)
    faults = []
    for method, template, names in written_of(api):
        for number in (str(task.id), "1", "0", str(2**63 - 1), str(2**63), str(HUGE)):
            path = re.sub(r"\{(\w*_no)\}", case_no, template)
            path = re.sub(r"\{\w+\}", number, path)
            texts = [json.dumps({name: USUAL.get(name) for name in names})]
            if number == str(task.id):
                texts += [
                    json.dumps({**{one: USUAL.get(one) for one in names}, name: "@@"}).replace('"@@"', value)
                    for name in names
                    for value in VALUES
                ]
            for by in ("sun", "wang") if number == str(task.id) else ("zheng",):
                for text in texts if names else texts[:1]:
                    headers = {"Authorization": f"Bearer {api.token(by)}", "Content-Type": "application/json"}
                    answer = api.client.open("/api/v1" + path, method=method, data=text, headers=headers)
                    if answer.status_code >= 500:
                        faults.append((method, template, number, by, text[:160], answer.status_code))
    assert faults == []


def test_queries_that_mean_nothing_are_refused(api: Api) -> None:
    api.office.apply()
    faults = []
    for _, template, _ in [one for one in written_of(api) if one[0] == "GET" and "{" not in one[1]]:
        for name in QUERIES:
            for value in QUERY_VALUES:
                headers = {"Authorization": f"Bearer {api.token('sun')}"}
                url = f"/api/v1{template}?{name}={value}"
                answer = api.client.get(url, headers=headers)
                if answer.status_code >= 500:
                    faults.append((url[:120], answer.status_code))
    assert faults == []


def test_a_case_number_of_nonsense_is_not_found(api: Api) -> None:
    faults = []
    for method, template, names in written_of(api):
        if "_no}" not in template:
            continue
        for case_no in ("%00", "%F0%9F%98%80", "长" * 300, "%ED%A0%80", "152201-20260907-000001%00"):
            path = re.sub(r"\{\w+\}", "1", re.sub(r"\{(\w*_no)\}", case_no, template))
            headers = {"Authorization": f"Bearer {api.token('sun')}"}
            body = {name: USUAL.get(name) for name in names}
            answer = api.client.open("/api/v1" + path, method=method, json=body, headers=headers)
            if not 400 <= answer.status_code < 500:
                faults.append((method, path[:100], answer.status_code))
    assert faults == []


# ── what errors tell applicants ──────────────────────────────────────────────────────────────────────


def test_an_applicant_who_urges_a_closed_step_is_told_no_name(api: Api) -> None:
    case_no = api.office.apply()
    task = api.office.open_task(case_no)
    api.office.complete(case_no, "Accept")

    answer = api.post(f"/tasks/{task.id}/urge", "wang", json={})

    assert (answer.status_code, answer.get_json()["code"]) == (409, "task_closed")
    assert "赵敏" not in answer.get_data(as_text=True)


def test_an_applicant_who_answers_what_was_taken_back_is_told_no_name(api: Api) -> None:
    case_no = api.office.apply()
    task, zhao = api.office.open_task(case_no), api.office.actors["zhao"]
    tasks.claim(api.office.rt, zhao, task.id)
    item = MissingItem(kind=ItemKind.OTHER, key="", title="说明")
    number = supplements.ask(api.office.rt, zhao, task.id, [item], "请补正")
    supplements.withdraw(api.office.rt, zhao, number, "已收到")

    answer = api.post(f"/supplements/{number}/answer", "wang", json={"values": {"other:1": "好"}})

    assert answer.status_code == 409
    assert "赵敏" not in answer.get_data(as_text=True)
