"""Taking an absent officer's place: scope, conflicts, both names on record, and an end to the minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.errors import BanjieError, Forbidden, FourEyes, InvalidRequest, NotFound, SubstitutionEnded
from banjie.domain.substitutions import SubstitutionClash
from banjie.domain.worklist import Tab
from banjie.services import demo, people, substitutes, tasks
from support.office import Office

BANK_TABS = "Disburse"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LEGAL_ZONE)


def arrange(office: Office, absent: str = "sun", substitute: str = "li", **more: Any) -> int:
    wish: dict[str, Any] = {
        "by": office.actors[absent], "from_at": at("2026-09-07 09:00"), "until_at": at("2026-09-09 00:00"),
        "reason": "出差", **more,
    }  # fmt: skip
    return substitutes.arrange(office.rt, substitutes.Arrange(absent=absent, substitute=substitute, **wish))


def now(office: Office, username: str) -> Any:
    """The actor as the next request would load it."""
    return people.actor_named(office.rt, username)


def held_by_sun(office: Office) -> int:
    task = office.advance_to(office.apply(), "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)
    return task.id


def test_what_lies_in_the_absent_officers_inbox_falls_to_the_substitute(office: Office) -> None:
    task_id = held_by_sun(office)
    with pytest.raises(BanjieError):
        tasks.claim(office.rt, now(office, "li"), task_id)

    arrange(office)

    page = tasks.inbox(office.rt, now(office, "li"), Tab.SUBSTITUTE)
    assert [row.task_id for row in page.rows] == [task_id]
    assert page.counts[Tab.SUBSTITUTE] == 1
    tasks.claim(office.rt, now(office, "li"), task_id)
    mine = tasks.inbox(office.rt, now(office, "li"), Tab.MINE)
    assert [(row.task_id, row.held_for) for row in mine.rows] == [(task_id, office.actors["sun"].name)]


def test_a_completion_in_anothers_place_bears_both_names(office: Office) -> None:
    task_id = held_by_sun(office)
    arrange(office)

    tasks.claim(office.rt, now(office, "li"), task_id)
    done = tasks.complete(
        office.rt,
        tasks.CompleteTask(
            task_id=task_id, by=now(office, "li"), submission=demo.answer("BankAccept", office.rt.today())
        ),
    )

    view = office.view(done.case_no)
    event = next(
        event for event in view.events if event.type == "task.completed" and event.task_id == task_id
    )
    assert event.actor == office.actors["li"].name
    assert event.facts["in_place_of"] == office.actors["sun"].account_id
    with office.rt.store.read() as uow:
        assert uow.cases.signers(view.instance.id)["BankAccept"] == {
            office.actors["li"].account_id, office.actors["sun"].account_id,
        }  # fmt: skip


def test_the_place_ends_to_the_minute_and_the_task_goes_back(office: Office) -> None:
    task_id = held_by_sun(office)
    arrange(office)
    office.clock.set("2026-09-08 23:59:59")
    tasks.claim(office.rt, now(office, "li"), task_id)
    office.clock.set("2026-09-09 00:00")

    with pytest.raises(SubstitutionEnded):
        tasks.complete(
            office.rt,
            tasks.CompleteTask(
                task_id=task_id, by=now(office, "li"), submission=demo.answer("BankAccept", office.rt.today())
            ),
        )
    assert substitutes.end_due(office.rt) == 1
    assert substitutes.end_due(office.rt) == 0

    assert [row.task_id for row in tasks.inbox(office.rt, now(office, "sun"), Tab.MINE).rows] == [task_id]
    assert tasks.inbox(office.rt, now(office, "li"), Tab.SUBSTITUTE).rows == []


def test_a_place_not_begun_yet_gives_nothing(office: Office) -> None:
    task_id = held_by_sun(office)
    arrange(office, from_at=at("2026-09-07 10:01"))

    assert now(office, "li").places == ()
    with pytest.raises(BanjieError):
        tasks.claim(office.rt, now(office, "li"), task_id)
    office.clock.set("2026-09-07 10:01")
    assert tasks.claim(office.rt, now(office, "li"), task_id) == 3


def test_the_scope_names_the_services(office: Office) -> None:
    task_id = held_by_sun(office)
    arrange(office, services=("guarantee-loan-sme",))

    assert tasks.inbox(office.rt, now(office, "li"), Tab.SUBSTITUTE).rows == []
    with pytest.raises(BanjieError):
        tasks.claim(office.rt, now(office, "li"), task_id)


def test_a_head_takes_the_place_of_an_officer(office: Office) -> None:
    task_id = held_by_sun(office)
    arrange(office, substitute="zheng", by=office.actors["zheng"])

    tasks.claim(office.rt, now(office, "zheng"), task_id)

    with office.rt.store.read() as uow:
        task = uow.cases.task(task_id)
    assert task is not None
    assert (task.assignee_id, task.held_for) == (
        office.actors["zheng"].account_id,
        office.actors["sun"].account_id,
    )


def test_who_has_signed_the_case_does_not_sign_it_for_another(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "BankAccept")
    office.complete(case_no, by="li")
    task = office.advance_to(case_no, BANK_TABS)
    tasks.claim(office.rt, office.actors["sun"], task.id)
    arrange(office)

    with pytest.raises(FourEyes):
        tasks.claim(office.rt, now(office, "li"), task.id)


def test_the_absent_officers_own_signature_counts_for_the_substitute(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "Disburse")
    task = office.open_task(case_no)
    arrange(office, substitute="zheng", by=office.actors["zheng"])

    with pytest.raises(FourEyes):
        tasks.complete(
            office.rt,
            tasks.CompleteTask(
                task_id=task.id,
                by=now(office, "zheng"),
                submission=demo.answer("Disburse", office.rt.today()),
            ),
        )


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"substitute": "sun"}, InvalidRequest),
        ({"substitute": "zhao"}, InvalidRequest),
        ({"substitute": "feng"}, InvalidRequest),
        ({"substitute": "nobody"}, NotFound),
        ({"by": "li"}, Forbidden),
        ({"by": "zhou"}, Forbidden),
        ({"from_at": at("2026-09-09 09:00"), "until_at": at("2026-09-09 09:00")}, InvalidRequest),
        ({"from_at": at("2026-09-01 09:00"), "until_at": at("2026-09-02 09:00")}, InvalidRequest),
        ({"until_at": at("2027-09-30 09:00")}, InvalidRequest),
        ({"services": ("no-such",)}, InvalidRequest),
        ({"agencies": ("no-such",)}, InvalidRequest),
        ({"reason": "  "}, InvalidRequest),
    ],
)
def test_an_arrangement_that_cannot_be_is_refused(
    office: Office, wish: dict[str, Any], error: type[Exception]
) -> None:
    given = {**wish, **({"by": office.actors[wish["by"]]} if "by" in wish else {})}
    with pytest.raises(error):
        arrange(office, **given)


def test_a_substitute_has_no_substitute_and_a_task_only_one(office: Office) -> None:
    arrange(office)

    with pytest.raises(SubstitutionClash) as second:
        arrange(office, substitute="zheng", by=office.actors["zheng"])
    assert second.value.facts["rule"] == "one substitute for a task"
    with pytest.raises(SubstitutionClash) as chain:
        arrange(office, absent="li", substitute="zheng", by=office.actors["zheng"])
    assert chain.value.facts["rule"] == "a substitute has no substitute"
    arrange(
        office,
        substitute="zheng",
        by=office.actors["zheng"],
        from_at=at("2026-09-09 00:00"),
        until_at=at("2026-09-10 00:00"),
    )


def test_of_two_arrangements_at_once_one_stands(office: Office) -> None:
    def attempt(substitute: str) -> str:
        try:
            arrange(office, substitute=substitute, by=office.actors["zheng"])
        except SubstitutionClash:
            return "refused"
        return "arranged"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(attempt, ["li", "zheng"]))

    assert results == ["arranged", "refused"]


def test_an_arrangement_is_ended_early_and_its_people_are_listed(office: Office) -> None:
    task_id = held_by_sun(office)
    substitution = arrange(office)
    tasks.claim(office.rt, now(office, "li"), task_id)
    assert [one.id for one in substitutes.arrangements(office.rt, office.actors["li"]).substituting] == [
        substitution
    ]
    assert [one.id for one in substitutes.arrangements(office.rt, office.actors["zheng"]).in_agencies] == [
        substitution
    ]
    with pytest.raises(NotFound):
        substitutes.end(office.rt, office.actors["qian"], substitution)

    substitutes.end(office.rt, office.actors["sun"], substitution)

    with pytest.raises(BanjieError):
        substitutes.end(office.rt, office.actors["sun"], substitution)
    assert now(office, "li").places == ()
    assert [row.task_id for row in tasks.inbox(office.rt, now(office, "sun"), Tab.MINE).rows] == [task_id]
