"""A review team meets: who must come, how many votes it needs, and what stays on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from banjie.app import create_app
from banjie.content.bundle import load_bundle
from banjie.domain.errors import Conflict, InvalidSubmission
from banjie.services import countersign, demo, deployments, instances, tasks
from support.office import Office, checked
from support.teams import write_team

from .test_sheets import printed

ALL = ("gao", "fang", "lin", "tao")
MEETING = {"meeting_no": "2026-01", "held_on": "2026-09-07", "place": "三楼会议室", "agenda": "审核一件申请"}


class Room:
    """An office with the process of a team, and one case of it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        command = instances.StartCase(
            service="team", by=office.actors["wang"], submission={"region": "152201", "word": "一事"}
        )
        self.case_no = instances.start(office.rt, command).case_no

    def convene(self, *attendees: str) -> None:
        self.office.complete(self.case_no, by="zhao", submission={**MEETING, "attendees": list(attendees)})

    def vote(self, **said: str) -> None:
        for username, decision in said.items():
            task = next(task for task in self.office.view(self.case_no).tasks if task.member == username)
            words = {"reasons": "材料不实"} if decision == "reject" else {"opinion": f"{username} 的意见"}
            tasks.complete(
                self.office.rt,
                tasks.CompleteTask(
                    task_id=task.id,
                    by=self.office.actors[username],
                    submission={"decision": decision, **words},
                ),
            )

    def remove(self, username: str) -> None:
        """The head of the bureau takes a member off the panel."""
        task = next(task for task in self.office.view(self.case_no).tasks if task.member == username)
        countersign.remove(self.office.rt, self.office.actors["zhou"], task.id, "临时有事，不再参会")

    def held(self, variable: str) -> Mapping[str, Any]:
        held = self.office.view(self.case_no).instance.data[variable]
        assert isinstance(held, Mapping)
        return held


@pytest.fixture
def room(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Room]]:
    """Opens the room of a team with its rules, once a test."""
    with ExitStack() as offices:

        def open_room(**rules: str) -> Room:
            content = write_team(tmp_path / "content", **rules)
            office = offices.enter_context(checked(Office(database_url, tmp_path, content=content)))
            deployments.deploy(office.rt, load_bundle(content, "team"))
            return Room(office)

        yield open_room


def test_a_team_of_four_needs_three_to_meet_and_two_thirds_of_them_to_approve(
    room: Callable[..., Room],
) -> None:
    chamber = room()
    client = create_app(chamber.office.settings, chamber.office.rt).test_client()
    client.post("/sign-in", data={"name": "zhao", "password": demo.PASSWORD})
    task = chamber.office.open_task(chamber.case_no)
    tasks.claim(chamber.office.rt, chamber.office.actors["zhao"], task.id)
    assert "高秘书（兴安盟行政公署（示例）" in client.get(f"/cases/{chamber.case_no}").text

    for few, code in (
        (("gao", "fang"), "no_quorum"),
        ((), "required"),
        (("gao", "fang", "zhao"), "not_an_option"),
    ):
        with pytest.raises(InvalidSubmission) as refused:
            chamber.convene(*few)
        assert refused.value.errors[0].code == code
    chamber.convene("tao", "gao", "lin")

    meeting = chamber.held("meeting")
    assert (meeting["team_size"], meeting["quorum"], meeting["needed"]) == (4, 3, 2)
    assert [one["member"] for one in meeting["members"]] == ["gao", "lin", "tao"]
    assert [one["member"] for one in meeting["absent"]] == ["fang"]
    assert chamber.held("team_vote")["needed"] == 2
    chamber.vote(lin="approve")
    chamber.remove("gao")
    with pytest.raises(Conflict):
        chamber.remove("tao")
    chamber.vote(tao="approve")
    assert chamber.office.open_elements(chamber.case_no) == ["Minutes"]
    page = client.get(f"/cases/{chamber.case_no}").text
    assert "至少 2 名成员同意" in page
    chamber.office.complete(chamber.case_no, by="zhao", submission={"minutes": "会议同意该申请。"})
    assert chamber.office.view(chamber.case_no).instance.outcome == "approved"
    sheet = printed(chamber.office, chamber.case_no, "zhao")
    for said in (
        "会签会议",
        "到会成员的2/3，即2人同意",
        "未到会成员方科长",
        "陶科长同意tao的意见",
        "会签通过",
    ):
        assert said in sheet
    assert "会签会议" not in printed(chamber.office, chamber.case_no, "wang")


def test_a_share_of_all_members_is_refused_where_too_few_attend_and_a_member_vetoes(
    room: Callable[..., Room],
) -> None:
    chamber = room(quorum="1/2", needed="3/4", base="members")

    with pytest.raises(InvalidSubmission) as refused:
        chamber.convene("gao", "fang")
    assert refused.value.errors[0].facts == {"needed": 3, "present": 2, "members": 4}
    chamber.convene(*ALL)
    chamber.vote(gao="approve", lin="approve", tao="approve")
    assert chamber.office.open_elements(chamber.case_no) == ["TeamVote"]
    chamber.vote(fang="reject")

    vote = chamber.held("team_vote")
    assert (vote["outcome"], vote["reason"]) == ("rejected", "veto")
    chamber.office.complete(chamber.case_no, by="zhao", submission={"minutes": "一票否决。"})
    assert chamber.office.view(chamber.case_no).instance.outcome == "rejected"


def test_the_chair_vetoes_where_the_region_says_so(room: Callable[..., Room]) -> None:
    chamber = room(chair_veto="true")
    chamber.convene(*ALL)
    assert {one["member"]: one["veto"] for one in chamber.held("meeting")["members"]} == {
        "gao": True, "fang": True, "lin": False, "tao": False,
    }  # fmt: skip
    chamber.vote(gao="reject")

    assert chamber.held("team_vote")["reason"] == "veto"
