"""What a reader with fresh eyes found in the operations, each as the fact that must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from banjie.content.bundle import load_bundle
from banjie.domain.assignment import Role
from banjie.domain.bulk import BulkKind, ItemOutcome
from banjie.domain.errors import Conflict, Forbidden, FourEyes, NotFound, SubstitutionEnded
from banjie.domain.proceedings import SupplementAskedBefore
from banjie.domain.step import Siblings
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import (
    bulk,
    copies,
    demo,
    deployments,
    extensions,
    handovers,
    jumps,
    people,
    procedures,
    returns,
    substitutes,
    supplements,
    task_files,
    tasks,
)
from support import positions
from support.office import Office
from support.positions import Positions
from support.scenes import _MEMBERS, Stage, _panel

REASON = "核实情况"
MISSING = [MissingItem(kind=ItemKind.OTHER, key="", title="补充说明")]


@pytest.fixture
def places(database_url: str, tmp_path: Path) -> Iterator[Positions]:
    running = Positions(database_url, tmp_path)
    yield running
    assert running.office.findings() == []
    running.office.close()


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    running = Stage(database_url, tmp_path)
    yield running
    assert running.office.findings() == []
    running.office.close()


def grant(office: Office, username: str, role: str, agency: str) -> None:
    """Give somebody a post more."""
    with office.rt.store.begin() as uow:
        uow.db.run(
            "INSERT INTO membership (account_id, role, agency) VALUES (%s, %s, %s)",
            (office.actors[username].account_id, role, agency),
        )
    office.actors[username] = people.actor_named(office.rt, username)


def asked_for_an_opinion(office: Office) -> tuple[str, int]:
    """A case at the bank whose task 孙丽 holds and 钱进 of the guarantor is asked about."""
    case_no = office.apply()
    task = office.advance_to(case_no, "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)
    handovers.delegate(office.rt, office.actors["sun"], task.id, "qian", REASON)
    return case_no, task.id


# ── whoever is asked for an opinion answers, and does nothing else ───────────────────────────────────


def test_whoever_is_asked_for_an_opinion_does_not_hold_the_case_up(office: Office) -> None:
    case_no, _ = asked_for_an_opinion(office)

    with pytest.raises(Forbidden):
        procedures.suspend(office.rt, office.actors["qian"], case_no, REASON)

    assert not procedures.holding(office.rt, office.actors["qian"], case_no).may_suspend


def test_whoever_is_asked_for_an_opinion_sends_no_copies(office: Office) -> None:
    case_no, _ = asked_for_an_opinion(office)

    with pytest.raises(Forbidden):
        copies.send(office.rt, office.actors["qian"], case_no, ["zheng"], "请阅")


def test_whoever_is_asked_for_an_opinion_adds_no_files_to_the_step(office: Office) -> None:
    _, task_id = asked_for_an_opinion(office)

    with pytest.raises(Conflict):
        task_files.attach(
            office.rt,
            office.actors["qian"],
            task_id,
            label="说明",
            name="a.pdf",
            content=b"%PDF-1.4\n",
            shared=True,
        )


# ── a member of a panel votes ────────────────────────────────────────────────────────────────────────


def test_a_member_of_a_panel_neither_stops_nor_extends_the_clocks(stage: Stage) -> None:
    task = _panel(stage)[_MEMBERS[1]]
    member = stage.actor(_MEMBERS[1])
    case_no = stage.office.case_of(task)

    acts: list[Callable[[], object]] = [
        lambda: supplements.ask(stage.rt, member, task.id, MISSING, REASON),
        lambda: extensions.ask(stage.rt, member, task.id, 1, REASON, scope=extensions.Scope.CASE),
        lambda: procedures.start_excluded(stage.rt, member, task.id, "hearing", "第1号", 5, REASON),
    ]
    for act in acts:
        with pytest.raises(Conflict) as refused:
            act()
        assert "panel" in refused.value.message
    with pytest.raises(Forbidden):
        procedures.suspend(stage.rt, member, case_no, REASON)


# ── nobody decides on an application of their own ────────────────────────────────────────────────────


def test_nobody_decides_in_the_place_of_the_applicant(office: Office) -> None:
    grant(office, "wang", "bureau_officer", demo.BUREAU)
    now = office.clock()
    substitutes.arrange(
        office.rt,
        substitutes.Arrange(
            by=office.actors["wang"], absent="wang", substitute="zhou", from_at=now,
            until_at=now + timedelta(days=3), reason=REASON,
        ),
    )  # fmt: skip
    case_no = office.apply()
    task = office.open_task(case_no)

    with pytest.raises(FourEyes):
        tasks.claim(office.rt, people.actor_named(office.rt, "zhou"), task.id)


def test_a_head_does_not_extend_the_time_for_an_application_of_their_own(office: Office) -> None:
    grant(office, "wang", Role.HEAD, demo.GUARANTOR)
    case_no = office.apply()
    task = office.advance_to(case_no, "Investigate")
    tasks.claim(office.rt, office.actors["qian"], task.id)
    proceeding = extensions.ask(office.rt, office.actors["qian"], task.id, 1, REASON)

    with pytest.raises(FourEyes):
        extensions.decide(office.rt, office.actors["wang"], proceeding, grant=True, words=REASON)


def test_a_head_does_not_choose_who_decides_on_an_application_of_their_own(office: Office) -> None:
    grant(office, "wang", Role.HEAD, demo.BUREAU)
    task = office.open_task(office.apply())

    with pytest.raises(FourEyes):
        handovers.reassign(office.rt, office.actors["wang"], task.id, "zhao", REASON)


def test_nobody_consents_to_a_jump_of_an_application_of_their_own(office: Office) -> None:
    grant(office, "wang", Role.HEAD, demo.BANK)
    case_no = office.apply()
    task = office.advance_to(case_no, "Review")
    number = jumps.propose(
        office.rt, office.actors["chen"], case_no, [task.id], "BankAccept", REASON, Siblings.CANCEL
    )

    with pytest.raises(FourEyes):
        jumps.consent(office.rt, office.actors["wang"], number)


def test_a_substitutes_right_ends_to_the_minute_for_every_operation(office: Office) -> None:
    task = office.advance_to(office.apply(), "BankAccept")
    now = office.clock()
    substitutes.arrange(
        office.rt,
        substitutes.Arrange(
            by=office.actors["sun"], absent="sun", substitute="li", from_at=now,
            until_at=now + timedelta(minutes=5), reason=REASON,
        ),
    )  # fmt: skip
    tasks.claim(office.rt, office.actors["sun"], task.id)
    tasks.claim(office.rt, people.actor_named(office.rt, "li"), task.id)
    office.clock.pass_(minutes=5)
    li = people.actor_named(office.rt, "li")

    acts: list[Callable[[], object]] = [
        lambda: supplements.ask(office.rt, li, task.id, MISSING, REASON),
        lambda: procedures.start_excluded(office.rt, li, task.id, "hearing", "第1号", 5, REASON),
        lambda: handovers.delegate(office.rt, li, task.id, "qian", REASON),
        lambda: returns.send_back(office.rt, li, task.id, "Review", REASON),
    ]
    for act in acts:
        with pytest.raises(SubstitutionEnded):
            act()


def test_what_was_held_for_somebody_who_has_left_goes_back_to_its_group(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "BankAccept")
    now = office.clock()
    number = substitutes.arrange(
        office.rt,
        substitutes.Arrange(
            by=office.actors["sun"], absent="sun", substitute="li", from_at=now,
            until_at=now + timedelta(days=5), reason=REASON,
        ),
    )  # fmt: skip
    tasks.claim(office.rt, office.actors["sun"], task.id)
    tasks.claim(office.rt, people.actor_named(office.rt, "li"), task.id)
    with office.rt.store.begin() as uow:
        uow.db.run("DELETE FROM membership WHERE account_id = %s", (office.actors["sun"].account_id,))

    substitutes.end(office.rt, office.actors["li"], number)

    assert office.open_task(case_no).assignee_id is None


# ── the walls of agencies ────────────────────────────────────────────────────────────────────────────


def test_a_head_arranges_substitutes_only_for_the_posts_of_their_own_agency(office: Office) -> None:
    grant(office, "sun", "guarantor_officer", demo.GUARANTOR)
    grant(office, "li", "guarantor_officer", demo.GUARANTOR)
    now = office.clock()
    wish: dict[str, Any] = {
        "absent": "sun", "substitute": "li", "from_at": now, "until_at": now + timedelta(days=2),
    }  # fmt: skip

    with pytest.raises(Forbidden):
        substitutes.arrange(
            office.rt,
            substitutes.Arrange(by=office.actors["zheng"], reason=REASON, agencies=(demo.GUARANTOR,), **wish),
        )
    substitutes.arrange(office.rt, substitutes.Arrange(by=office.actors["zheng"], reason=REASON, **wish))

    place = people.actor_named(office.rt, "li").places[0]
    assert {post.agency for post in place.posts} == {demo.BANK}


def test_whoever_goes_to_another_agency_no_longer_sees_the_cases_of_the_old_one(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "BankAccept")
    with office.rt.store.begin() as uow:
        uow.db.run(
            "UPDATE membership SET role = 'bank_officer', agency = %s WHERE account_id = %s",
            (demo.OTHER_BANK, office.actors["qian"].account_id),
        )
    office.actors["qian"] = people.actor_named(office.rt, "qian")

    with pytest.raises(NotFound):
        office.view(case_no, by="qian")


# ── the law ──────────────────────────────────────────────────────────────────────────────────────────


def test_asking_and_taking_back_again_and_again_stops_no_clock(office: Office) -> None:
    task, zhao = office.open_task(office.apply()), office.actors["zhao"]
    tasks.claim(office.rt, zhao, task.id)
    for _ in range(2):
        number = supplements.ask(office.rt, zhao, task.id, MISSING, REASON)
        supplements.withdraw(office.rt, zhao, number, REASON)

    with pytest.raises(SupplementAskedBefore):
        supplements.ask(office.rt, zhao, task.id, MISSING, REASON)


def test_a_case_does_not_jump_past_its_acceptance(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)

    with pytest.raises(Conflict):
        jumps.propose(
            office.rt, office.actors["chen"], case_no, [task.id], "BankAccept", REASON, Siblings.CANCEL
        )


def test_a_timer_of_the_diagram_survives_a_procedure_where_no_clock_runs(
    places: Positions, tmp_path: Path
) -> None:
    office = places.office
    root = positions.write_content(tmp_path / "without_limits")
    for file in ("positions", "called"):
        path = root / f"bpmn/positions/{file}.bpmn"
        plain = re.sub(r' banjie:(limit|extension|acceptance)="[^"]*"', "", path.read_text(encoding="utf-8"))
        path.write_text(plain, encoding="utf-8")
    deployments.deploy(office.rt, load_bundle(root, "positions"))
    case_no = places.start()
    while "Guarded" not in office.open_elements(case_no):
        places.complete(places.open(case_no)[0])
    assert office.view(case_no).clocks == []
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["zhao"], task.id)
    proceeding = procedures.start_excluded(
        office.rt, office.actors["zhao"], task.id, "hearing", "第1号", 5, REASON
    )
    office.tick(days=10)
    procedures.end_excluded(office.rt, office.actors["zhao"], proceeding, "第2号", REASON)

    office.tick(days=29)
    assert office.open_elements(case_no) == ["Guarded"]
    office.tick(days=2)

    assert office.open_elements(case_no) == ["Late"]


def test_lateness_is_on_record_though_the_timer_came_too_late(office: Office) -> None:
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")
    office.clock.pass_(days=30)  # nothing sweeps: the worker is down

    office.complete(case_no, "Review", approved_amount=80_000)

    missed = [event.element for event in office.view(case_no).events if event.type == "deadline.missed"]
    assert missed[:1] == ["Review"]


# ── one failing item ─────────────────────────────────────────────────────────────────────────────────


def test_a_fault_in_one_item_of_a_run_does_not_hold_up_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [office.open_task(office.apply()).id for _ in range(3)]
    claim = tasks.claim

    def fails_once(rt: object, actor: object, task_id: int, version: int | None = None) -> int:
        if task_id == ids[1]:
            raise RuntimeError("a fault of ours")
        return claim(office.rt, office.actors["zhao"], task_id, version)

    monkeypatch.setattr(tasks, "claim", fails_once)
    wish = bulk.StartBulk(
        by=office.actors["zhao"], kind=BulkKind.CLAIM, items=[(one, None) for one in ids], submission={}
    )
    run = bulk.start(office.rt, wish)

    bulk.run(office.rt, run)

    items = bulk.progress(office.rt, office.actors["zhao"], run).items
    assert [item.outcome for item in items] == [ItemOutcome.DONE, ItemOutcome.FAILED, ItemOutcome.DONE]


# ── what applicants learn ────────────────────────────────────────────────────────────────────────────


def test_an_applicant_learns_nothing_of_an_extension_that_was_not_granted(office: Office) -> None:
    case_no = office.apply()
    task = office.advance_to(case_no, "Investigate")
    tasks.claim(office.rt, office.actors["qian"], task.id)
    proceeding = extensions.ask(office.rt, office.actors["qian"], task.id, 1, "内部原因")
    extensions.decide(office.rt, office.actors["wu"], proceeding, grant=False, words="不同意，人手足够")

    view = office.view(case_no, by="wang")

    assert view.proceedings == []
    assert not [event.type for event in view.events if event.type.startswith("extension.")]


def test_an_applicant_is_told_no_ids_of_officers(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)
    now = office.clock()
    substitutes.arrange(
        office.rt,
        substitutes.Arrange(
            by=office.actors["zhao"], absent="zhao", substitute="zhou", from_at=now,
            until_at=now + timedelta(days=3), reason=REASON,
        ),
    )  # fmt: skip
    zhou = people.actor_named(office.rt, "zhou")
    tasks.claim(office.rt, zhou, task.id)
    tasks.complete(
        office.rt,
        tasks.CompleteTask(task_id=task.id, by=zhou, submission=demo.answer("Accept", office.rt.today())),
    )

    told = {key for event in office.view(case_no, by="wang").events for key in event.facts}

    assert "in_place_of" in {key for event in office.view(case_no).events for key in event.facts}
    assert "in_place_of" not in told
