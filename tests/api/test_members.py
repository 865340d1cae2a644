"""Members of a panel by API: seated, unseated, replaced; every answer is held against the published document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from banjie.content.bundle import load_bundle
from banjie.services import deployments, instances, tasks
from support.office import Office, checked
from support.panels import write_content

from .conftest import Api


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office whose content has a panel, all of whom must approve."""
    content = write_content(tmp_path / "content", "all")
    with checked(Office(database_url, tmp_path, content=content)) as running:
        deployments.deploy(running.rt, load_bundle(content, "panel"))
        yield running


def panel_of_two(api: Api) -> int:
    """The task of 赵敏 on a panel with 钱进."""
    office = api.office
    application = {"region": "152201", "word": "一事", "bank_name": "兴安盟示例农村商业银行"}
    command = instances.StartCase(service="panel", by=office.actors["wang"], submission=application)
    case_no = instances.start(office.rt, command).case_no
    chosen = tasks.CompleteTask(
        task_id=office.open_task(case_no, "Choose").id, by=office.actors["zhao"],
        submission={"members": [{"member": "zhao"}, {"member": "qian"}]},
    )  # fmt: skip
    tasks.complete(office.rt, chosen)
    return next(task.id for task in office.view(case_no).tasks if task.member == "zhao")


def test_the_head_changes_a_panel_while_it_votes(api: Api) -> None:
    task = panel_of_two(api)

    added = api.post(f"/tasks/{task}/members", "zhou", json={"username": "sun", "reason": "涉及银行"})
    twice = api.post(f"/tasks/{task}/members", "zhou", json={"username": "sun", "reason": "涉及银行"})
    other = api.post(f"/tasks/{task}/members/sun/replace", "zhou", json={"by": "li", "reason": "出差"})
    removed = api.post(f"/tasks/{task}/members/li/remove", "zhou", json={"reason": "不再需要"})

    assert [answer.status_code for answer in (added, twice, other, removed)] == [200, 409, 200, 200]
    assert len(added.get_json()["opened"]) == 1
    assert removed.get_json()["status"] == "running"


def test_nobody_but_the_head_changes_a_panel(api: Api) -> None:
    task = panel_of_two(api)
    wish = {"username": "sun", "reason": "涉及银行"}

    assert api.post(f"/tasks/{task}/members", "zhao", json=wish).status_code == 403
    assert api.post(f"/tasks/{task}/members", "zheng", json=wish).status_code in (403, 404)
    assert api.post(f"/tasks/{task}/members", "zhou", json={**wish, "reason": ""}).status_code == 422
