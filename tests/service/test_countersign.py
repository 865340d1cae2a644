"""Panels through the real services: votes, changes while they vote, and what everybody sees of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from banjie.app import create_app
from banjie.content.bundle import load_bundle
from banjie.domain.errors import (
    Conflict,
    EngineFault,
    Forbidden,
    FourEyes,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
    TaskClosed,
)
from banjie.domain.tasks import Task
from banjie.domain.worklist import Tab
from banjie.services import countersign, demo, deployments, handovers, instances, people, returns, tasks
from support.office import Office
from support.panels import write_content

Seat = str | dict[str, Any]
APPLICATION = {"region": "152201", "word": "一事", "bank_name": "bank-hinggan"}
PANEL = ("zhao", "qian", "sun", "li")


class Chamber:
    """An office with the process of one rule, and one case of it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.case_no = ""

    def open(self, members: Sequence[Seat] = PANEL) -> Chamber:
        """Apply, and let 赵敏 choose the members."""
        command = instances.StartCase(service="panel", by=self.office.actors["wang"], submission=APPLICATION)
        self.case_no = instances.start(self.office.rt, command).case_no
        self.choose(members)
        return self

    def choose(self, members: Sequence[Seat]) -> None:
        seats = [{"member": seat} if isinstance(seat, str) else seat for seat in members]
        self._complete(self.office.open_task(self.case_no, "Choose"), "zhao", {"members": seats})

    @property
    def waiting(self) -> dict[str, Task]:
        """User name → open task of the panel."""
        found = [task for task in self.office.view(self.case_no).tasks if task.element == "Countersign"]
        return {task.member or "": task for task in found}

    def vote(self, member: str, decision: str, **more: str) -> tasks.Completed:
        return self._complete(self.waiting[member], member, {"decision": decision, **more})

    def end_rejected(self) -> None:
        self._complete(self.office.open_task(self.case_no, "Reconsider"), "zhao", {"word": "no"})

    def _complete(self, task: Task, by: str, submission: dict[str, Any]) -> tasks.Completed:
        command = tasks.CompleteTask(task_id=task.id, by=self.office.actors[by], submission=submission)
        return tasks.complete(self.office.rt, command)

    @property
    def told(self) -> dict[str, Any]:
        """What the case data have of the panel."""
        told = self.office.view(self.case_no).instance.data["panel"]
        assert isinstance(told, dict)
        return told

    @property
    def outcome(self) -> str | None:
        return self.office.view(self.case_no).instance.outcome

    def events(self, type_: str) -> list[Any]:
        return [event for event in self.office.view(self.case_no).events if event.type == type_]


@pytest.fixture
def chamber(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Chamber]]:
    """Opens an office that has a panel by a rule; checked for consistency when the test has passed."""
    with ExitStack() as offices:

        def build(*rule: str, not_same_as: str = "") -> Chamber:
            content = write_content(tmp_path / "content", *rule, not_same_as=not_same_as)
            office = Office(database_url, tmp_path, content=content)
            deployments.deploy(office.rt, load_bundle(content, "panel"))
            offices.callback(office.close)
            built.append(office)
            return Chamber(office)

        built: list[Office] = []
        yield build
        for office in built:
            assert office.findings() == []


RULES = {
    "all": ("all",), "two of four": ("at_least", "2"), "two thirds": ("at_least", "2/3"),
    "by weight": ("weighted", "4"), "with a veto": ("at_least", "1/2", "true"), "any": ("any",),
    "in order": ("in_order",),
}  # fmt: skip
WEIGHTS = {"zhao": 3, "qian": 1, "sun": 2, "li": 1}


def book(rule: tuple[str, ...], votes: dict[str, str]) -> bool:
    """Whether the panel of four approves, in plain words."""
    kind, words = rule[0], list(votes.values())
    spoken = [word for word in words if word != "abstain"]
    if kind == "any":
        return spoken[:1] == ["approve"]
    if kind in ("all", "in_order"):
        return "approve" in words and "reject" not in words
    if kind == "weighted":
        return sum(WEIGHTS[name] for name, word in votes.items() if word == "approve") >= 4
    if len(rule) == 3 and votes.get("zhao") == "reject":
        return False
    return words.count("approve") >= {"2": 2, "2/3": 3, "1/2": 2}[rule[1]]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_rule_decides_as_it_says_whatever_the_order_of_votes(
    rule: tuple[str, ...], chamber: Callable[..., Chamber]
) -> None:
    room, dice = chamber(*rule), random.Random(repr(rule))  # noqa: S311 - not for secrets
    for _ in range(6):
        room.open([{"member": name, "weight": WEIGHTS[name], "veto": name == "zhao"} for name in PANEL])
        votes: dict[str, str] = {}
        while room.waiting:
            member = dice.choice(sorted(room.waiting))
            votes[member] = dice.choice(["approve", "reject", "abstain"])
            room.vote(member, votes[member])

        approved = book(rule, votes)
        assert room.told["outcome"] == ("approved" if approved else "rejected"), votes
        assert room.told["votes"] == votes
        if not approved:
            room.end_rejected()
        assert room.outcome == ("approved" if approved else "rejected")


def test_each_member_finds_a_task_of_their_own_whatever_their_agency(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open()
    office = room.office

    for name in PANEL:
        mine = tasks.inbox(office.rt, office.actors[name], Tab.MINE).rows
        assert [row.task_id for row in mine] == [room.waiting[name].id]
        assert instances.view(office.rt, office.actors[name], room.case_no).instance.case_no == room.case_no


def test_nobody_votes_in_anothers_place(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["qian", "sun"])

    for stranger in ("zhao", "li", "sun"):
        with pytest.raises(NotFound):
            room._complete(room.waiting["qian"], stranger, {"decision": "approve"})
        with pytest.raises(NotFound):
            tasks.claim(room.office.rt, room.office.actors[stranger], room.waiting["qian"].id)


def test_a_member_cannot_put_the_vote_back_to_the_group(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])

    for actor in ("zhao", "zhou"):
        with pytest.raises(Conflict):
            tasks.release(room.office.rt, room.office.actors[actor], room.waiting["zhao"].id)


def test_a_vote_is_neither_given_away_nor_handed_over(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office, task = room.office, room.waiting["zhao"]

    for attempt in (handovers.transfer, handovers.delegate):
        with pytest.raises(Conflict):
            attempt(office.rt, office.actors["zhao"], task.id, "zhou", "理由")
    with pytest.raises(Conflict):
        handovers.reassign(office.rt, office.actors["zhou"], task.id, "zhou", "理由")


def test_of_two_votes_at_once_that_could_decide_one_does(chamber: Callable[..., Chamber]) -> None:
    room = chamber("any")
    for _ in range(10):
        waiting = room.open(["zhao", "sun"]).waiting

        def vote(name: str, waiting: dict[str, Task] = waiting) -> object:
            try:
                return room._complete(waiting[name], name, {"decision": "approve"})
            except TaskClosed as closed:
                return closed

        with ThreadPoolExecutor(2) as threads:
            ends = list(threads.map(vote, ["zhao", "sun"]))

        assert sorted(type(end).__name__ for end in ends) == ["Completed", "TaskClosed"]
        assert room.outcome == "approved"


def test_a_member_who_leaves_the_house_keeps_the_seat_until_replaced(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office = room.office

    people.set_active(office.rt, "sun", active=False)

    assert room.waiting["sun"].assignee_id == office.actors["sun"].account_id
    countersign.replace(office.rt, office.actors["zhou"], room.waiting["sun"].id, "li", "孙丽已离岗")
    assert sorted(room.waiting) == ["li", "zhao"]


def test_a_late_voter_is_told_who_decided(chamber: Callable[..., Chamber]) -> None:
    room = chamber("at_least", "2").open()
    late = room.waiting["li"]
    room.vote("zhao", "approve")
    room.vote("sun", "approve")

    with pytest.raises(TaskClosed) as refused:
        room._complete(late, "li", {"decision": "reject"})

    assert (refused.value.facts["status"], refused.value.facts["by"]) == ("cancelled", "孙丽")
    assert room.outcome == "approved"


def test_all_votes_and_opinions_are_kept(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["qian", "zhao"])
    room.vote("zhao", "approve", opinion="同意")
    room.vote("qian", "abstain", opinion="无意见")

    assert room.told["votes"] == {"zhao": "approve", "qian": "abstain"}
    assert room.told["opinions"] == {
        "zhao": {"decision": "approve", "opinion": "同意"}, "qian": {"decision": "abstain", "opinion": "无意见"},
    }  # fmt: skip
    papers = [row for row in room.office.view(room.case_no).submissions if row.element == "Countersign"]
    assert [row.values["opinion"] for row in papers] == ["同意", "无意见"]
    assert room.outcome == "approved"


def test_a_panel_on_which_all_abstain_rejects(chamber: Callable[..., Chamber]) -> None:
    room = chamber("any").open(["qian", "zhao"])
    room.vote("zhao", "abstain")
    room.vote("qian", "abstain")

    assert (room.told["outcome"], room.told["reason"]) == ("rejected", "no_votes")


def test_a_panel_entered_again_begins_without_votes(chamber: Callable[..., Chamber]) -> None:
    room = chamber("at_least", "2").open(["qian", "zhao"])
    room.vote("zhao", "reject", opinion="材料不全")
    room._complete(room.office.open_task(room.case_no, "Reconsider"), "zhao", {"word": "again"})

    room.choose(["zhao", "qian", "sun"])

    assert sorted(room.waiting) == ["qian", "sun", "zhao"]
    assert (room.told["votes"], room.told["opinions"], room.told["outcome"]) == ({}, {}, None)
    room.vote("qian", "approve")
    room.vote("zhao", "approve")
    assert room.outcome == "approved"


def test_a_case_returned_to_its_panel_is_voted_on_anew_by_all(chamber: Callable[..., Chamber]) -> None:
    room = chamber("at_least", "2").open(["qian", "zhao", "sun"])
    office = room.office
    room.vote("zhao", "reject", opinion="材料不全")
    room.vote("sun", "reject")
    later = office.open_task(room.case_no, "Reconsider")
    tasks.claim(office.rt, office.actors["zhao"], later.id)

    returns.send_back(office.rt, office.actors["zhao"], later.id, "Countersign", "材料已补齐，请重新表决")

    assert sorted(room.waiting) == ["qian", "sun", "zhao"]
    assert (room.told["votes"], room.told["opinions"], room.told["outcome"]) == ({}, {}, None)
    room.vote("qian", "approve")
    room.vote("zhao", "approve")
    assert room.outcome == "approved"


def test_a_member_does_not_return_the_case(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])

    with pytest.raises(Conflict):
        returns.send_back(
            room.office.rt, room.office.actors["zhao"], room.waiting["zhao"].id, "Choose", "重新确定人员"
        )


def test_a_member_of_another_agency_votes_on_the_page_of_the_case(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    client = create_app(room.office.settings, room.office.rt).test_client()
    client.post("/sign-in", data={"name": "sun", "password": demo.PASSWORD})

    page = client.get(f"/cases/{room.case_no}").get_data(as_text=True)

    assert 'value="abstain"' in page
    assert f"/tasks/{room.waiting['sun'].id}/release" not in page
    assert f"/tasks/{room.waiting['zhao'].id}/" not in page


@pytest.mark.parametrize(
    ("members", "error"),
    [
        (["zhao", "zhao"], EngineFault), (["zhao"], EngineFault), ([], EngineFault),
        (["zhao", "nobody"], Conflict), (["zhao", "wang"], FourEyes), (["zhao", "chen"], Conflict),
    ],
)  # fmt: skip
def test_a_list_that_is_no_panel_is_refused_where_it_is_made(
    members: list[Seat], error: type[Exception], chamber: Callable[..., Chamber]
) -> None:
    room = chamber("at_least", "2")

    with pytest.raises(error):
        room.open(members)

    assert room.office.open_elements(room.case_no) == ["Choose"]


def test_a_vote_is_one_of_three_words(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open()

    with pytest.raises(InvalidSubmission):
        room.vote("zhao", "perhaps")


# ── the panel changes while it votes ─────────────────────────────────────────────────────────────────


def test_the_head_adds_a_member_who_is_then_asked_and_counted(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office = room.office
    room.vote("zhao", "approve")

    answer = countersign.add(
        office.rt, office.actors["zhou"], room.waiting["sun"].id, "wu", "请担保机构负责人参加"
    )

    assert answer.opened == (room.waiting["wu"].id,)
    room.vote("sun", "approve")
    assert room.outcome is None
    room.vote("wu", "approve")
    assert room.outcome == "approved"


def test_removing_the_one_who_is_missing_decides_and_tells_them(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office, missing = room.office, room.waiting["sun"]
    room.vote("zhao", "approve")

    answer = countersign.remove(office.rt, office.actors["zhou"], missing.id, "孙丽出差")

    assert (answer.status, answer.outcome) == ("ended", "approved")
    with pytest.raises(TaskClosed) as refused:
        room._complete(missing, "sun", {"decision": "reject"})
    assert refused.value.facts["by"] == "周局长"


def test_a_member_replaced_hands_the_seat_with_its_weight_to_another(chamber: Callable[..., Chamber]) -> None:
    room = chamber("weighted", "3").open([{"member": "zhao", "weight": 1}, {"member": "sun", "weight": 3}])
    office, old = room.office, room.waiting["sun"]

    countersign.replace(office.rt, office.actors["zhou"], old.id, "zheng", "由郑行长表决")

    assert sorted(room.waiting) == ["zhao", "zheng"]
    with pytest.raises(TaskClosed):
        room._complete(old, "sun", {"decision": "reject"})
    room.vote("zheng", "approve")
    assert room.outcome == "approved"


def test_a_member_replaced_leaves_the_other_what_is_left_of_the_limit(
    chamber: Callable[..., Chamber],
) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office, old = room.office, room.waiting["sun"]

    office.tick(days=1)
    countersign.replace(office.rt, office.actors["zhou"], old.id, "li", "换人")
    office.tick(days=1)
    countersign.replace(office.rt, office.actors["zhou"], room.waiting["li"].id, "zheng", "再换人")

    assert room.waiting["zheng"].due_at == room.waiting["zhao"].due_at == old.due_at


def test_one_who_is_queued_may_be_replaced_and_removed_by_name(chamber: Callable[..., Chamber]) -> None:
    room = chamber("in_order").open()
    office, asked = room.office, room.waiting["zhao"].id

    countersign.replace(office.rt, office.actors["zhou"], asked, "wu", "换人", member="qian")
    countersign.remove(office.rt, office.actors["zhou"], asked, "减签", member="sun")
    countersign.add(office.rt, office.actors["zhou"], asked, "zheng", "加签")

    order = []
    while room.waiting:
        (member,) = room.waiting
        order.append(member)
        room.vote(member, "approve")
    assert order == ["zhao", "wu", "li", "zheng"]
    assert room.outcome == "approved"


def test_each_change_leaves_one_record_and_its_reason_beside_it(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office, head = room.office, room.office.actors["zhou"]
    countersign.add(office.rt, head, room.waiting["sun"].id, "wu", "加一人")
    countersign.replace(office.rt, head, room.waiting["wu"].id, "qian", "换一人")
    countersign.remove(office.rt, head, room.waiting["qian"].id, "减一人")

    for what in ("added", "replaced", "removed"):
        (event,) = room.events(f"countersign.member_{what}")
        assert "人" not in str(event.facts)
    kept = office.view(room.case_no).proceedings
    assert sorted(proceeding.reason for proceeding in kept) == ["减一人", "加一人", "换一人"]


@pytest.mark.parametrize(
    ("actor", "username", "error"),
    [
        ("zhou", "qian", Conflict), ("zhou", "zhao", Conflict), ("zhou", "wang", FourEyes), ("zhou", "chen", Conflict),
        ("zhou", "nobody", InvalidRequest), ("zhao", "li", Forbidden), ("sun", "li", Forbidden),
        ("zheng", "li", NotFound), ("wang", "li", NotFound),
    ],
)  # fmt: skip
def test_who_may_not_be_added_and_by_whom(
    actor: str, username: str, error: type[Exception], chamber: Callable[..., Chamber]
) -> None:
    room = chamber("all").open(["zhao", "qian", "sun"])
    room.vote("zhao", "approve")
    office = room.office

    with pytest.raises(error):
        countersign.add(office.rt, office.actors[actor], room.waiting["sun"].id, username, "理由")

    assert sorted(room.waiting) == ["qian", "sun"]


def test_a_vote_that_is_cast_stands(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office, voted, waiting = room.office, room.waiting["zhao"].id, room.waiting["sun"].id
    room.vote("zhao", "approve")

    with pytest.raises(TaskClosed):
        countersign.remove(office.rt, office.actors["zhou"], voted, "理由")
    with pytest.raises(Conflict):
        countersign.remove(office.rt, office.actors["zhou"], waiting, "理由", member="zhao")
    with pytest.raises(Conflict):
        countersign.replace(office.rt, office.actors["zhou"], waiting, "li", "理由", member="zhao")


def test_the_last_member_and_those_the_rule_needs_stay(chamber: Callable[..., Chamber]) -> None:
    room = chamber("at_least", "2").open(["zhao", "sun"])

    with pytest.raises(Conflict):
        countersign.remove(room.office.rt, room.office.actors["zhou"], room.waiting["sun"].id, "理由")


def test_a_change_needs_a_reason_and_a_panel(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all").open(["zhao", "sun"])
    office, head = room.office, room.office.actors["zhou"]
    other = office.open_task(office.apply())

    with pytest.raises(InvalidRequest):
        countersign.add(office.rt, head, room.waiting["sun"].id, "li", "  ")
    with pytest.raises(InvalidRequest):
        countersign.add(office.rt, head, room.waiting["sun"].id, "li", "理由", weight=0)
    with pytest.raises(Conflict):
        countersign.add(office.rt, head, other.id, "li", "理由")


def test_four_eyes_hold_on_a_panel(chamber: Callable[..., Chamber]) -> None:
    room = chamber("all", not_same_as="Choose").open(["zhao", "sun"])
    office = room.office

    with pytest.raises(FourEyes):
        room.vote("zhao", "approve")
    with pytest.raises(FourEyes):
        countersign.replace(office.rt, office.actors["zhou"], room.waiting["sun"].id, "zhao", "理由")
    countersign.replace(office.rt, office.actors["zhou"], room.waiting["zhao"].id, "li", "回避")
    assert sorted(room.waiting) == ["li", "sun"]
