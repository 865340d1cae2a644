"""Extension: asked for before the limit, granted by the head, once, by no more than a text allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.domain.calendar import legal_date
from banjie.domain.clock import ClockKind
from banjie.domain.errors import BanjieError, Conflict, Forbidden, InvalidRequest, NotFound
from banjie.domain.proceedings import CaseHeld, ExtendedBefore, LimitPassed, NotExtensible, ProceedingStatus
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.services import extensions, instances, notices, people, supplements, tasks
from banjie.services.extensions import Scope
from banjie.services.instances import ClockView
from support.content import copy_content
from support.office import Office

REASON = "需办理抵押登记"


def at_investigation(office: Office) -> tuple[str, int]:
    """A case at the guarantor's step (three days, extensible), held by its officer: its number and the task."""
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")
    office.complete(case_no, "Review", approved_amount=80_000)
    task = office.open_task(case_no, "Investigate")
    tasks.claim(office.rt, office.actors["qian"], task.id)
    return case_no, task.id


def asked(office: Office, days: int = 3) -> tuple[str, int]:
    case_no, task_id = at_investigation(office)
    return case_no, extensions.ask(office.rt, office.actors["qian"], task_id, days, REASON)


def decided(office: Office, proceeding: int, *, grant: bool = True, by: str = "wu") -> ProceedingStatus:
    return extensions.decide(office.rt, office.actors[by], proceeding, grant=grant, words="情况属实")


def clock(office: Office, case_no: str, kind: ClockKind, element: str | None = None) -> ClockView:
    return next(
        one
        for one in office.view(case_no).clocks
        if one.stored.clock.kind is kind and element in (None, one.stored.clock.subject.element)
    )


def day_of(office: Office, case_no: str, kind: ClockKind, element: str | None = None) -> str:
    return clock(office, case_no, kind, element).stored.due.day.isoformat()


def told(office: Office, case_no: str, who: str) -> list[str]:
    notices.deliver(office.rt, office.view(case_no).instance.id)
    with office.rt.store.read() as uow:
        return [notice.template for notice in uow.lists.notices(office.actors[who].account_id, limit=20)]


def test_a_granted_extension_moves_the_step_and_the_promise_by_the_same_days(office: Office) -> None:
    # Monday 7 September 2026: the step ends on Thursday the 10th; the promise of 11 days on Monday the 21st, for
    # Sunday the 20th is worked for National Day.
    case_no, proceeding = asked(office)
    assert day_of(office, case_no, ClockKind.STEP, "Investigate") == "2026-09-10"
    assert day_of(office, case_no, ClockKind.PROMISED) == "2026-09-21"

    assert decided(office, proceeding) is ProceedingStatus.GRANTED

    # Three days more: the 11th, 14th and 15th; for the promise the 22nd, 23rd and 24th.
    assert day_of(office, case_no, ClockKind.STEP, "Investigate") == "2026-09-15"
    due = office.open_task(case_no).due_at
    assert due is not None
    assert legal_date(due).isoformat() == "2026-09-15"
    assert day_of(office, case_no, ClockKind.PROMISED) == "2026-09-24"
    event = next(event for event in office.view(case_no).events if event.type == "extension.granted")
    assert event.facts["moved"] == [
        {"clock": "promised", "asked": False}, {"clock": "step", "asked": True},
    ]  # fmt: skip


def test_the_ledger_keeps_the_ground_of_what_was_granted(office: Office) -> None:
    case_no, proceeding = asked(office)
    decided(office, proceeding)

    last = clock(office, case_no, ClockKind.STEP, "Investigate").stored.clock.intervals[-1]
    assert (last.extra_days, last.ground, last.citation) == (3, "extension", "xjgf-2023-4 一（三）6")
    assert (
        clock(office, case_no, ClockKind.PROMISED).stored.clock.intervals[-1].ground == "extension_with_step"
    )


def test_the_applicant_is_told_of_a_grant_with_its_reason_and_the_head_of_the_request(office: Office) -> None:
    case_no, proceeding = asked(office)
    assert "extension_asked" in told(office, case_no, "wu")

    decided(office, proceeding)

    assert "extension_told" in told(office, case_no, "wang")
    assert "extension_granted" in told(office, case_no, "qian")
    with office.rt.store.read() as uow:
        notice = next(
            one
            for one in uow.lists.notices(office.actors["wang"].account_id, limit=20)
            if one.template == "extension_told"
        )
    assert (notice.facts["reason"], notice.facts["days"]) == (REASON, 3)


def test_a_refused_request_moves_nothing_and_may_be_made_again(office: Office) -> None:
    case_no, proceeding = asked(office)

    decided(office, proceeding, grant=False)

    assert day_of(office, case_no, ClockKind.STEP, "Investigate") == "2026-09-10"
    assert "extension_refused" in told(office, case_no, "qian")
    assert "extension_told" not in told(office, case_no, "wang")
    task = office.open_task(case_no)
    extensions.ask(office.rt, office.actors["qian"], task.id, 1, "补充说明")


def test_a_limit_is_extended_once(office: Office) -> None:
    case_no, proceeding = asked(office)
    task, qian = office.open_task(case_no), office.actors["qian"]
    with pytest.raises(ExtendedBefore):
        extensions.ask(office.rt, qian, task.id, 1, REASON)
    decided(office, proceeding)

    with pytest.raises(ExtendedBefore) as refused:
        extensions.ask(office.rt, qian, task.id, 1, REASON)
    assert (refused.value.facts["by"], refused.value.facts["at"]) == ("钱进", office.rt.now())


def test_a_step_that_had_its_own_days_does_not_stand_against_more_time_for_the_case(office: Office) -> None:
    case_no, proceeding = asked(office, days=2)
    decided(office, proceeding)
    step = clock(office, case_no, ClockKind.STEP, "Investigate").stored.due.at
    promised = clock(office, case_no, ClockKind.PROMISED).stored.due.day
    office.clock.pass_(minutes=1)

    task = office.open_task(case_no)
    more = extensions.ask(office.rt, office.actors["qian"], task.id, 4, REASON, scope=Scope.CASE)
    decided(office, more)

    assert clock(office, case_no, ClockKind.STEP, "Investigate").stored.due.at == step
    calendar = office.rt.calendars.calendar_for()
    assert clock(office, case_no, ClockKind.PROMISED).stored.due.day == calendar.nth(promised, 4)


@pytest.mark.parametrize("days", [0, -1, 6])
def test_days_outside_what_the_text_allows_are_refused(office: Office, days: int) -> None:
    _, task_id = at_investigation(office)

    with pytest.raises(InvalidRequest):
        extensions.ask(office.rt, office.actors["qian"], task_id, days, REASON)


def test_the_bureaus_review_is_extended_only_with_the_case(office: Office) -> None:
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["zhao"], task.id)
    with pytest.raises(NotExtensible):
        extensions.ask(office.rt, office.actors["zhao"], task.id, 1, REASON)

    offered = {one.scope: one for one in extensions.choices(office.rt, office.actors["zhao"], task.id)}
    assert offered[Scope.STEP].refusal == "not_extensible"
    assert (offered[Scope.CASE].refusal, offered[Scope.CASE].most) == (None, 10)
    proceeding = extensions.ask(office.rt, office.actors["zhao"], task.id, 10, REASON, scope=Scope.CASE)
    decided(office, proceeding, by="zhou")

    calendar = office.rt.calendars.calendar_for()
    today = office.rt.today()
    assert clock(office, case_no, ClockKind.STEP, "Review").stored.due.day == calendar.nth(today, 2 + 10)
    promised = clock(office, case_no, ClockKind.PROMISED).stored
    assert promised.due.day == calendar.nth(today, 11 + 10)
    assert promised.clock.intervals[-1].citation == "licensing-law 第四十二条"


def test_before_the_acceptance_there_is_nothing_to_extend(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["zhao"], task.id)

    for scope in Scope:
        with pytest.raises(NotExtensible):
            extensions.ask(office.rt, office.actors["zhao"], task.id, 1, REASON, scope=scope)


def test_the_span_of_the_bank_is_extended_from_any_step_within(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "ArrangeSecurity")
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors["sun"], task.id)
    before = clock(office, case_no, ClockKind.STEP, "BankLoan").stored.due.day

    proceeding = extensions.ask(office.rt, office.actors["sun"], task.id, 5, REASON)
    decided(office, proceeding, by="zheng")

    after = clock(office, case_no, ClockKind.STEP, "BankLoan").stored.due
    assert after.day == office.rt.calendars.calendar_for().nth(before, 5)
    office.complete(case_no)
    assert office.open_task(case_no, "Disburse").due_at == after.at


def test_a_request_after_the_limit_is_refused_and_the_case_counts_as_overdue(office: Office) -> None:
    case_no, task_id = at_investigation(office)
    office.tick("2026-09-10 17:30")

    with pytest.raises(LimitPassed) as refused:
        extensions.ask(office.rt, office.actors["qian"], task_id, 1, REASON)

    assert refused.value.code == "limit_passed"
    assert clock(office, case_no, ClockKind.STEP, "Investigate").stored.missed


def test_a_request_that_waits_when_the_limit_passes_lapses_and_who_asked_is_told(office: Office) -> None:
    case_no, proceeding = asked(office)
    office.clock.set("2026-09-10 17:30")
    with pytest.raises(LimitPassed):
        decided(office, proceeding)

    office.tick(seconds=0)

    with office.rt.store.read() as uow:
        row = uow.cases.proceeding(proceeding)
    assert row is not None
    assert row.status is ProceedingStatus.LAPSED
    assert "extension_lapsed" in told(office, case_no, "qian")
    with pytest.raises(Conflict):
        decided(office, proceeding)
    assert clock(office, case_no, ClockKind.STEP, "Investigate").stored.missed


def test_a_request_ends_with_its_step(office: Office) -> None:
    case_no, proceeding = asked(office)

    office.complete(case_no)

    with pytest.raises(Conflict):
        decided(office, proceeding)
    assert extensions.pending(office.rt, office.actors["wu"], case_no) == ()


@pytest.mark.parametrize(
    ("by", "refusal"), [("qian", Forbidden), ("zhou", Forbidden), ("wang", Forbidden), ("jiang", NotFound)]
)
def test_only_the_head_of_the_steps_agency_decides(
    office: Office, by: str, refusal: type[BanjieError]
) -> None:
    _, proceeding = asked(office)

    with pytest.raises(refusal):
        decided(office, proceeding, by=by)


def test_a_head_does_not_grant_a_request_of_their_own(office: Office) -> None:
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")
    office.complete(case_no, "Review", approved_amount=80_000)
    task = office.open_task(case_no)
    qian, wu = office.actors["qian"], office.actors["wu"]
    people.add_person(
        office.rt, username="both", password="a long password", display_name="两职", is_demo=True,
        memberships=tuple(qian.memberships | wu.memberships),
    )  # fmt: skip
    both = people.actor_named(office.rt, "both")
    tasks.claim(office.rt, both, task.id)
    proceeding = extensions.ask(office.rt, both, task.id, 1, REASON)

    with pytest.raises(Forbidden):
        extensions.decide(office.rt, both, proceeding, grant=True, words="同意")
    assert not extensions.pending(office.rt, both, case_no)[0].may_decide
    assert extensions.pending(office.rt, wu, case_no)[0].may_decide


def test_nothing_is_asked_or_decided_while_the_case_is_held(office: Office) -> None:
    case_no, proceeding = asked(office)
    task, qian = office.open_task(case_no), office.actors["qian"]
    phone = MissingItem(kind=ItemKind.FIELD, key="phone", title="")
    request = supplements.ask(office.rt, qian, task.id, [phone], "请补正")

    with pytest.raises(CaseHeld):
        decided(office, proceeding)
    with pytest.raises(CaseHeld):
        extensions.ask(office.rt, qian, task.id, 1, REASON)
    supplements.withdraw(office.rt, qian, request, "不需要")
    decided(office, proceeding)


def test_an_extension_is_decided_once(office: Office) -> None:
    _, proceeding = asked(office)
    decided(office, proceeding)

    with pytest.raises(Conflict) as refused:
        decided(office, proceeding, grant=False)

    assert (refused.value.facts["by"], refused.value.facts["at"]) == ("吴主任", office.rt.now())


def test_the_applicants_withdrawal_ends_a_request(office: Office) -> None:
    case_no, proceeding = asked(office)
    instances.withdraw(office.rt, office.actors["wang"], case_no, "不再需要贷款")

    with pytest.raises(Conflict):
        decided(office, proceeding)


def test_a_warned_step_that_is_extended_is_warned_again(office: Office) -> None:
    case_no, task_id = at_investigation(office)
    office.tick("2026-09-09 17:30")
    proceeding = extensions.ask(office.rt, office.actors["qian"], task_id, 3, REASON)
    decided(office, proceeding)

    office.tick("2026-09-14 17:30")

    warned = [
        event.at
        for event in office.view(case_no).events
        if event.type == "deadline.warned" and event.element == "Investigate"
    ]
    assert [legal_date(at).isoformat() for at in warned] == ["2026-09-09", "2026-09-14"]


def test_a_promise_never_moves_past_the_limit_of_the_law(database_url: str, tmp_path: Path) -> None:
    # A law that gives the case no more than what is promised.
    content = copy_content(tmp_path / "content")
    service = content / "policy/services/guarantee-loan-individual.yaml"
    service.write_text(service.read_text() + "\nstatutory_limit: guarantee_loan/promised_total\n")
    office = Office(database_url, tmp_path / "var", content=content)
    case_no, task_id = at_investigation(office)
    qian = office.actors["qian"]

    with pytest.raises(NotExtensible):
        extensions.ask(office.rt, qian, task_id, 3, REASON)
    proceeding = extensions.ask(office.rt, qian, task_id, 3, REASON, scope=Scope.CASE)
    decided(office, proceeding)

    moved = {kind: day_of(office, case_no, kind) for kind in (ClockKind.STATUTORY, ClockKind.PROMISED)}
    assert set(moved.values()) == {"2026-09-24"}
    assert office.findings() == []
    office.close()
