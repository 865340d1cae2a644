"""Money is granted once: what limits across cases hold, and what gives them back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from banjie.domain.awards import LimitReached, NotAwarded
from banjie.domain.decisions import Json
from banjie.domain.errors import InvalidSubmission
from banjie.domain.limits import Refused
from banjie.persistence.awards import LiveAward, NewAward
from banjie.persistence.roster_awards import RosterGranted
from banjie.policy.limits import CrossLimit, Within
from banjie.services import cross_limits, demo, instances, tasks
from banjie.services.award_claims import Asked, NothingThere, claims_of
from banjie.services.awards import grant_roster
from support.office import Office
from support.threads import at_once

SUBSIDY = "startup-subsidy"


def awards_of(office: Office) -> list[tuple[str, Decimal, str]]:
    """Service, amount and status of every award, in order."""
    with office.rt.store.read() as uow:
        return [tuple(row) for row in uow.db.rows("SELECT service, amount, status FROM award ORDER BY id")]


def rows_left(office: Office) -> int:
    """How many rows of limits are taken."""
    with office.rt.store.read() as uow:
        return int(
            uow.db.only(
                "SELECT (SELECT count(*) FROM award_slot) + (SELECT count(*) FROM award_span) "
                "+ (SELECT count(*) FROM award_part)"
            )[0]
        )


def at_review(office: Office, count: int, service: str = SUBSIDY) -> list[str]:
    """So many cases that wait for the step that grants."""
    cases = [office.apply(service) for _ in range(count)]
    for case_no in cases:
        office.advance_to(case_no, "SecondReview")
    return cases


def make_one_applicant(office: Office, cases: list[str]) -> None:
    """As if the same person had applied for all: what `while_open` prevents, and a second office may not know."""
    with office.rt.store.begin() as uow:
        uow.db.run(
            "UPDATE instance SET subject = (SELECT subject FROM instance WHERE case_no = %s) WHERE case_no = ANY(%s)",
            (cases[0], cases),
        )


def approve(office: Office, case_no: str, **more: Any) -> tasks.Completed:
    return office.complete(case_no, "SecondReview", **more)


def test_fifty_officers_at_the_same_moment_grant_once(office: Office) -> None:
    cases = at_review(office, 50)
    make_one_applicant(office, cases)
    commands = []
    for case_no in cases:
        task = office.open_task(case_no)
        officer, answer = office.usual_answer(case_no, "SecondReview")
        commands.append(tasks.CompleteTask(task_id=task.id, by=office.actors[officer], submission=answer))
    ends = at_once([partial(tasks.complete, office.rt, command) for command in commands])
    assert Counter(type(end) for end in ends) == {tasks.Completed: 1, LimitReached: 49}
    assert len(awards_of(office)) == 1
    winner = next(end for end in ends if isinstance(end, tasks.Completed))
    refusals = [end for end in ends if isinstance(end, LimitReached)]
    assert {refusal.facts["case_no"] for refusal in refusals} == {winner.case_no}
    assert {refusal.facts["document"] for refusal in refusals} == {"nzf-2019-4"}


def test_what_was_granted_is_given_back_when_the_case_ends_unpaid(office: Office) -> None:
    first, second, other = at_review(office, 3)
    make_one_applicant(office, [first, second])
    approve(office, first)
    shown = cross_limits.limits(office.rt, office.actors["zhao"], second)
    assert [(one.is_free, one.earlier.case_no if one.earlier else None) for one in shown] == [(False, first)]
    assert [one.is_free for one in cross_limits.limits(office.rt, office.actors["zhao"], first)] == [True]
    with pytest.raises(LimitReached):
        approve(office, second)
    instances.withdraw(office.rt, office.actors["wang"], first, "不再申请")
    assert rows_left(office) == 0
    approve(office, second)
    approve(office, other, approved_amount=1234.56)
    given = [(Decimal(5000), "released"), (Decimal(5000), "granted"), (Decimal("1234.56"), "granted")]
    assert [(amount, status) for _, amount, status in awards_of(office)] == given
    granted = office.view(other).instance.data["grant"]
    assert isinstance(granted, dict)
    assert (granted["amount"], granted["fund"]) == (Decimal("1234.56"), "employment_subsidy")
    assert granted["limits"] == ["once"]


def test_no_money_goes_out_that_the_rules_do_not_give(office: Office) -> None:
    case_no = at_review(office, 1)[0]
    for amount in (0, -1, 5000.01, 0.001):
        with pytest.raises(InvalidSubmission):
            approve(office, case_no, approved_amount=amount)
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE decision SET green = false")
    with pytest.raises(NotAwarded):
        approve(office, case_no)
    assert awards_of(office) == []
    office.complete(case_no, submission={"decision": "reject", "reasons": "不符合条件"})
    assert awards_of(office) == []


def test_services_of_one_group_exclude_each_other_to_the_person(office: Office) -> None:
    office.clock.set("2023-09-04T10:00")
    cases: list[str] = []
    for service in ("hiring-subsidy-youth", "hiring-subsidy-graduate"):
        young = office.usual.application("hiring-subsidy-youth", 7, office.rt.today())["hires"]
        rows = office.usual.application(service, 7, office.rt.today())["hires"]
        assert isinstance(young, list)
        assert isinstance(rows, list)
        hires = [{**row, "id_number": same["id_number"]} for row, same in zip(rows, young, strict=True)]
        case_no = office.apply(service, uscc=demo.credit_code(77), hires=hires[len(cases) :])
        office.advance_to(case_no, "SecondReview")
        cases.append(case_no)
    approve(office, cases[0])
    with pytest.raises(LimitReached) as refused:
        approve(office, cases[1])
    assert (refused.value.facts["case_no"], refused.value.facts["entry"]) == (cases[0], 1)


# ── the limits themselves, by rows ───────────────────────────────────────────────────────────────────


def a_limit(**more: object) -> CrossLimit:
    """A limit of once for good an applicant, changed by `more`."""
    usual: dict[str, object] = {
        "key": "limit", "title": "限次", "title_en": "Limit", "group": "group", "by": ("applicant",), "each": None,
        "within": Within.EVER, "months": None, "on": "granted", "times": 1, "most": None, "amount": None,
        "citation": None, "note": "本地设定",
    }  # fmt: skip
    return CrossLimit(**{**usual, **more})  # type: ignore[arg-type]  # as they are named


class Taken(Exception):
    """A limit stood against a grant."""


class Desk:
    """Grants under one limit, each for a case of its own."""

    def __init__(self, office: Office, limit: CrossLimit) -> None:
        self.office = office
        self.limit = limit
        self.cases: list[int] = []

    def asked(self, on: str = "2026-09-07", amount: str = "100", who: bytes = b"a", **data: Json) -> Asked:
        day = date.fromisoformat(on)
        return Asked(
            data={"application": data}, subject=sha256(who).digest(), region="152201", accepted_on=day,
            granted_on=day, amount=Decimal(amount),
        )  # fmt: skip

    def grants(self, **asked: Any) -> bool:
        """Whether a grant goes through; what is refused leaves nothing."""
        case_id = self.office.view(self.office.apply()).instance.id
        try:
            self.write(case_id, self.asked(**asked))
        except Taken:
            return False
        self.cases.append(case_id)
        return True

    def write(self, case_id: int, asked: Asked, instead_of: LiveAward | None = None) -> None:
        claims = claims_of(self.office.rt, self.limit, asked)
        assert asked.subject is not None
        new = NewAward(
            service="startup-subsidy", subject=asked.subject, payee="收款人", region="152201", fund="fund",
            year=2026, amount=asked.amount, instance_id=case_id,
            granted_by=self.office.actors["zhao"].account_id, granted_at=self.office.rt.now(), facts={},
        )  # fmt: skip
        with self.office.rt.store.begin() as uow:
            if isinstance(uow.awards.grant(new, claims, instead_of), Refused):
                raise Taken

    def release(self, number: int) -> None:
        with self.office.rt.store.begin() as uow:
            uow.awards.release(self.cases[number], self.office.rt.now())

    def left(self) -> Decimal:
        """How much of the limit others hold."""
        with self.office.rt.store.read() as uow:
            return uow.awards.held(claims_of(self.office.rt, self.limit, self.asked()), None)[0].taken


def test_so_many_times_a_calendar_year_and_no_more(office: Office) -> None:
    desk = Desk(office, a_limit(within=Within.CALENDAR_YEAR, times=3))
    assert [desk.grants(on=day) for day in ("2026-01-01", "2026-06-01", "2026-12-31")] == [True] * 3
    assert not desk.grants(on="2026-12-31")
    assert desk.grants(on="2027-01-01")
    assert desk.grants(who=b"another")
    desk.release(1)
    assert desk.grants(on="2026-12-31")
    assert not desk.grants(on="2026-12-31")


def test_twelve_months_run_from_the_earlier_grant_to_the_same_day(office: Office) -> None:
    desk = Desk(office, a_limit(within=Within.MONTHS, months=12, by=("applicant", "application.level")))
    assert desk.grants(on="2026-03-15", level="3")
    assert not desk.grants(on="2027-03-15", level=" 3 ")
    assert desk.grants(on="2027-03-15", level="4")
    assert desk.grants(on="2027-03-16", level="3")
    desk.release(0)
    assert desk.grants(on="2026-03-15", level="3")


def test_months_may_hold_several(office: Office) -> None:
    desk = Desk(office, a_limit(within=Within.MONTHS, months=12, times=2))
    assert [desk.grants(on=day) for day in ("2026-01-31", "2026-05-01", "2026-06-01", "2027-02-01")] == [
        True, True, False, True,
    ]  # fmt: skip


def test_sums_are_held_to_the_cent(office: Office) -> None:
    limit = a_limit(within=Within.CALENDAR_YEAR, times=None, most="startup_subsidy/amount")
    desk = Desk(office, limit)
    assert desk.grants(amount="4999.99")
    assert not desk.grants(amount="0.02")
    assert desk.left() == Decimal("4999.99")
    assert desk.grants(amount="0.01")
    desk.release(0)
    assert desk.left() == Decimal("0.01")
    assert not desk.grants(amount="5000")
    assert desk.grants(on="2027-01-01", amount="5000")


def test_entries_of_one_application_count_against_each_other_and_other_applications(office: Office) -> None:
    limit = a_limit(each="application.people", by=("item.id_number",), within=Within.CALENDAR_YEAR, times=2)
    desk = Desk(office, limit)
    person: dict[str, Json] = {"id_number": "15220119900307123x"}
    shouted: dict[str, Json] = {"id_number": " 15220119900307123X"}
    assert not desk.grants(people=[person, shouted, person])
    assert desk.grants(people=[person, {"id_number": "another"}])
    assert desk.grants(people=[shouted], who=b"another employer")
    assert not desk.grants(people=[person], who=b"a third")
    assert desk.grants(people=[])


def test_an_applicant_and_an_entry_with_the_same_number_are_the_same(office: Office) -> None:
    number = "152201199003071234"
    entries = a_limit(each="application.people", by=("item.id_number",))
    alone = a_limit(by=("applicant",))
    desk = Desk(office, entries)
    assert desk.grants(people=[{"id_number": number}])
    asked = replace(desk.asked(), subject=office.rt.subject_key(number))
    with office.rt.store.read() as uow:
        assert uow.awards.held(claims_of(office.rt, alone, asked), None)[0].taken == 1
        taken = uow.awards.used_up({b"s": claims_of(office.rt, alone, asked)[0]})
    assert taken == {b"s"}


def test_an_approval_anew_keeps_what_it_needs_and_frees_the_rest(office: Office) -> None:
    limit = a_limit(each="application.people", by=("item",))
    desk = Desk(office, limit)
    assert desk.grants(people=["a", "b"])
    with office.rt.store.read() as uow:
        earlier = uow.awards.live(desk.cases[0])
    desk.write(desk.cases[0], desk.asked(people=["b", "c"]), earlier)
    assert desk.grants(people=["a"])
    assert not desk.grants(people=["b"])
    assert not desk.grants(people=["c"])
    assert [status for _, _, status in awards_of(office)] == ["released", "granted", "granted"]


@pytest.mark.parametrize(
    "limit",
    [
        a_limit(within=Within.CALENDAR_YEAR, times=3),
        a_limit(within=Within.MONTHS, months=12, times=3),
        a_limit(times=None, most="startup_subsidy/amount"),
    ],
    ids=["slots", "spans", "sums"],
)
def test_grants_at_the_same_moment_never_pass_a_limit(office: Office, limit: CrossLimit) -> None:
    desk = Desk(office, limit)
    cases = [office.view(office.apply()).instance.id for _ in range(16)]

    def ask(case_id: int) -> object:
        try:
            desk.write(case_id, desk.asked(amount="1500"))
        except Taken:
            return False
        return True

    ends = at_once([partial(ask, case_id) for case_id in cases])
    assert sorted(map(bool, ends)) == [False] * 13 + [True] * 3


def test_a_limit_whose_parameter_has_no_value_on_the_day_was_not_there(office: Office) -> None:
    desk = Desk(office, a_limit(times=None, most="startup_subsidy/amount"))
    assert claims_of(office.rt, desk.limit, desk.asked(on="2000-01-01")) == []
    with pytest.raises(NothingThere):
        claims_of(office.rt, a_limit(by=("application.level",)), desk.asked())


def test_a_list_and_a_case_exclude_each_other_and_a_second_run_grants_nothing(office: Office) -> None:
    case = replace(office.view(office.apply()).instance, service="job-stabilisation-refund")
    service = office.rt.book.services[case.service]
    day = date(2023, 9, 4)
    subjects = [sha256(bytes([number])).digest() for number in range(3)]
    desk = Desk(office, service.limits[0])
    assert desk.grants(who=bytes([0]), on=day.isoformat())
    with office.rt.store.begin() as uow:
        roster_id = uow.db.only(
            "INSERT INTO roster (service, region, year, title, on_day, status, made_by, made_at) "
            "VALUES (%s, '152201', 2023, '名单', %s, 'granting', %s, %s) RETURNING id",
            (case.service, day, office.actors["zhao"].account_id, office.rt.now()),
        )[0]
        for line, subject in enumerate(subjects, start=1):
            uow.db.run(
                "INSERT INTO roster_row (roster_id, line, uscc, subject, name, inputs, eligible, amount, state) "
                "VALUES (%s, %s, %s, %s, '企业', '{}', true, 0.01, 'eligible')",
                (roster_id, line, f"U{line}", subject),
            )

    def run(lines: tuple[int, int]) -> RosterGranted:
        with office.rt.store.begin() as uow:
            return grant_roster(
                office.rt, uow, roster_id=roster_id, instance=case, year=2023, at=office.rt.now(), lines=lines,
                granted_by=office.actors["zhao"].account_id, state="eligible", refused="limited",
            )  # fmt: skip

    assert run((1, 2)) == RosterGranted(granted=1, total=Decimal("0.01"), refused=1)
    assert run((1, 3)) == RosterGranted(granted=1, total=Decimal("0.01"), refused=0)
    assert run((1, 3)) == RosterGranted(granted=0, total=Decimal(0), refused=0)
    assert not desk.grants(who=bytes([2]), on=day.isoformat())
    with office.rt.store.read() as uow:
        assert cross_limits.used_up(office.rt, uow, service, subjects, "152201", day) == set(subjects)
        assert cross_limits.used_up(office.rt, uow, service, subjects, "152201", date(2024, 1, 1)) == set()
