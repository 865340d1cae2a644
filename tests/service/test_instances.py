"""Applying, seeing, following, withdrawing and cancelling."""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from banjie.domain.errors import (
    Forbidden,
    IdempotencyMismatch,
    InstanceEnded,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
    RateLimited,
)
from banjie.forms.model import Field, FieldType
from banjie.services import demo, files, instances, notices, people
from banjie.services.deployments import start_form
from support.office import Office

PDF = b"%PDF-1.7 licence"


def applying(office: Office, by: str = "wang", key: str | None = None, **more: object) -> instances.StartCase:
    return instances.StartCase(
        service="guarantee-loan-individual", by=office.actors[by], idempotency_key=key,
        submission={**demo.individual_application(1), **more},
    )  # fmt: skip


def count(office: Office, table: str) -> int:
    with office.rt.store.read() as uow:
        return int(uow.db.rows(f"SELECT count(*) FROM {table}")[0][0])


def last_digits(office: Office, case_no: str) -> str:
    return office.view(case_no).instance.follow_digits


def test_an_application_opens_a_case_with_a_number_that_names_county_and_day(office: Office) -> None:
    started = instances.start(office.rt, applying(office))

    assert started.case_no.startswith("152201-20260907-")
    assert office.open_elements(started.case_no) == ["Accept"]


def test_the_bank_that_the_applicant_names_handles_the_case(office: Office) -> None:
    case_no = office.apply(bank_name="乌兰浩特示例村镇银行")

    assert office.view(case_no).instance.agencies["bank_officer"] == "bank-ulanhot"


@pytest.mark.parametrize("officer", ["zhao", "feng", "wei"])
def test_only_applicants_apply(office: Office, officer: str) -> None:
    with pytest.raises(Forbidden):
        instances.start(office.rt, applying(office, officer))


def test_an_unknown_service_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        instances.start(
            office.rt, instances.StartCase(service="none", by=office.actors["wang"], submission={})
        )


def test_a_faulty_application_leaves_nothing(office: Office) -> None:
    before = [count(office, table) for table in ("instance", "task", "event", "submission", "answered")]

    with pytest.raises(InvalidSubmission) as refused:
        instances.start(
            office.rt, applying(office, key="k", id_number="152201199001010000", amount=-1, typename="X")
        )

    assert {error.path[0] for error in refused.value.errors} >= {"id_number", "amount", "typename"}
    assert [
        count(office, table) for table in ("instance", "task", "event", "submission", "answered")
    ] == before


def test_a_repeated_application_gets_the_first_number_again(office: Office) -> None:
    first = instances.start(office.rt, applying(office, key="k-1"))

    again = instances.start(office.rt, applying(office, key="k-1"))

    assert (again.case_no, again.repeated) == (first.case_no, True)
    assert count(office, "instance") == 1


def test_a_key_used_for_another_application_is_refused(office: Office) -> None:
    instances.start(office.rt, applying(office, key="k-1"))

    with pytest.raises(IdempotencyMismatch):
        instances.start(office.rt, applying(office, key="k-1", amount=90_000))


def test_keys_of_two_people_do_not_meet(office: Office) -> None:
    first = instances.start(office.rt, applying(office, "wang", key="k-1"))
    second = instances.start(
        office.rt, applying(office, "liu", key="k-1", id_number=demo.individual_application(2)["id_number"])
    )

    assert first.case_no != second.case_no


def test_an_endless_key_is_refused(office: Office) -> None:
    with pytest.raises(InvalidRequest):
        instances.start(office.rt, applying(office, key="k" * 201))


def test_one_key_sent_four_times_at_once_opens_one_case(office: Office) -> None:
    barrier, numbers = threading.Barrier(4), list[str]()

    def send() -> None:
        barrier.wait()
        numbers.append(instances.start(office.rt, applying(office, key="k-1")).case_no)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(numbers) == 4
    assert len(set(numbers)) == 1


# ── seeing ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["wang", "zhao", "zhou", "feng", "chu"])
def test_the_applicant_the_agencies_and_the_watching_see_a_case(office: Office, who: str) -> None:
    case_no = office.apply()

    assert office.view(case_no, by=who).instance.case_no == case_no


@pytest.mark.parametrize("who", ["liu", "jiang", "chen", "wei"])
def test_to_everybody_else_a_case_is_as_missing(office: Office, who: str) -> None:
    case_no = office.apply()
    actor = office.actors[who]
    asked: list[Callable[[str], object]] = [
        lambda number: instances.view(office.rt, actor, number),
        lambda number: instances.withdraw(office.rt, actor, number, "因故"),
        lambda number: instances.cancel(office.rt, actor, number, "因故"),
        lambda number: files.download(office.rt, actor, number, 1),
    ]

    for ask in asked:
        with pytest.raises(NotFound) as hidden:
            ask(case_no)
        with pytest.raises(NotFound) as missing:
            ask("152201-20260907-999999")
        assert (hidden.value.message, set(hidden.value.facts)) == (
            missing.value.message,
            set(missing.value.facts),
        )


def test_a_list_of_cases_holds_one_s_own_newest_first_page_by_page(office: Office) -> None:
    mine = [office.apply() for _ in range(5)]
    office.apply(by="liu")

    first, cursor = instances.my_cases(office.rt, office.actors["wang"], limit=3)
    second, end = instances.my_cases(office.rt, office.actors["wang"], cursor=cursor, limit=3)

    assert [row.case_no for row in (*first, *second)] == mine[::-1]
    assert end is None


@pytest.mark.parametrize("cursor", ["x", "-1", "²", "9" * 30, "1.5", " 1"])
def test_a_forged_cursor_is_refused(office: Office, cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        instances.my_cases(office.rt, office.actors["wang"], cursor=cursor)


def test_the_way_that_a_case_took_is_told_in_order(office: Office) -> None:
    case_no = office.apply(amount=80_000)
    office.complete(case_no, "Accept")

    view = office.view(case_no)

    assert list(view.current) == ["Review"]
    assert list(view.trail)[:4] == ["Applied", "Accept", "Accepted", "Eligibility"]


# ── following in public ──────────────────────────────────────────────────────────────────────────────


def test_number_and_last_digits_show_a_case_to_anybody(office: Office) -> None:
    case_no = office.apply()

    followed = instances.follow(office.rt, case_no, last_digits(office, case_no), "10.0.0.1")

    assert followed.instance.case_no == case_no
    assert (followed.may_withdraw, followed.may_cancel) == (False, False)


def test_wrong_digits_are_answered_as_an_unknown_number(office: Office) -> None:
    case_no = office.apply()
    for number, digits in ((case_no, "0000"), (case_no, ""), ("152201-20260907-999999", "0000")):
        with pytest.raises(NotFound) as refused:
            instances.follow(office.rt, number, digits, "10.0.0.1")
        assert refused.value.facts == {"case": number}


def test_guessing_from_one_address_or_at_one_case_is_stopped_for_an_hour(office: Office) -> None:
    case_no = office.apply()
    digits = last_digits(office, case_no)
    for number in range(20):
        with pytest.raises(NotFound):
            instances.follow(office.rt, case_no, f"{number:04d}", f"10.0.1.{number}")

    with pytest.raises(RateLimited):
        instances.follow(office.rt, case_no, digits, "10.0.2.1")
    office.clock.pass_(hours=1, seconds=1)
    assert instances.follow(office.rt, case_no, digits, "10.0.2.1").instance.case_no == case_no


# ── ending early ─────────────────────────────────────────────────────────────────────────────────────


def test_the_applicant_withdraws_and_nothing_stays_open(office: Office) -> None:
    case_no = office.apply()
    office.complete(case_no, "Accept")

    instances.withdraw(office.rt, office.actors["wang"], case_no, " 改向其他银行贷款 ")

    view = office.view(case_no)
    assert (view.instance.status.value, view.instance.outcome) == ("withdrawn", "withdrawn")
    assert (view.tasks, view.may_withdraw) == ([], False)
    assert view.reason == "改向其他银行贷款"


def test_the_reason_of_an_early_end_stays_out_of_the_record_which_keeps_its_hash(office: Office) -> None:
    case_no = office.apply()

    instances.cancel(office.rt, office.actors["zhou"], case_no, "同一人重复申请")

    (ended,) = [event for event in office.view(case_no).events if event.type == "instance.cancelled"]
    assert ended.facts == {"reason_sha256": sha256("同一人重复申请".encode()).hexdigest()}
    with office.rt.store.read() as uow:
        assert "重复申请" not in str(uow.db.rows("SELECT facts FROM event"))


def test_officers_and_the_applicant_learn_the_reason_and_the_public_does_not(office: Office) -> None:
    case_no = office.apply()
    digits = last_digits(office, case_no)
    instances.cancel(office.rt, office.actors["zhou"], case_no, "同一人重复申请")

    assert office.view(case_no, "zhao").reason == office.view(case_no, "wang").reason == "同一人重复申请"
    assert instances.follow(office.rt, case_no, digits, "10.0.0.1").reason is None


def test_a_head_of_a_handling_agency_cancels(office: Office) -> None:
    case_no = office.apply()

    instances.cancel(office.rt, office.actors["wu"], case_no, "重复申请")

    assert office.view(case_no).instance.status.value == "cancelled"


@pytest.mark.parametrize(
    ("end", "who"),
    [(instances.withdraw, "zhao"), (instances.withdraw, "zhou"), (instances.cancel, "wang"),
     (instances.cancel, "zhao"), (instances.cancel, "feng")],
)  # fmt: skip
def test_nobody_else_ends_a_case(office: Office, end: Callable[..., None], who: str) -> None:
    case_no = office.apply()

    with pytest.raises(Forbidden):
        end(office.rt, office.actors[who], case_no, "因故")

    assert office.open_elements(case_no) == ["Accept"]


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
def test_ending_a_case_needs_a_reason_of_some_length(office: Office, reason: str) -> None:
    case_no = office.apply()

    with pytest.raises(InvalidRequest):
        instances.withdraw(office.rt, office.actors["wang"], case_no, reason)


def test_an_ended_case_cannot_be_ended_again(office: Office) -> None:
    case_no = office.apply()
    instances.withdraw(office.rt, office.actors["wang"], case_no, "因故")

    for end, who in ((instances.withdraw, "wang"), (instances.cancel, "zhou")):
        with pytest.raises(InstanceEnded):
            end(office.rt, office.actors[who], case_no, "因故")


# ── files ────────────────────────────────────────────────────────────────────────────────────────────


def attachment_field(office: Office) -> str:
    form = start_form(office.rt, "guarantee-loan-individual")
    return next(
        key for key, placed in form.fields.items()
        if isinstance(placed.component, Field) and placed.component.type is FieldType.FILEPICKER
    )  # fmt: skip


def attach(office: Office, named: dict[str, Any]) -> str:
    """Apply with files."""
    return office.apply(**named)


def test_a_file_named_by_an_application_belongs_to_its_case(office: Office) -> None:
    key = attachment_field(office)
    kept = files.upload(office.rt, office.actors["wang"], field=key, name="执照.pdf", content=PDF)

    case_no = attach(office, {key: [str(kept.id)]})

    got = files.download(office.rt, office.actors["zhao"], case_no, kept.id)
    assert (got.name, got.media_type, got.content) == ("执照.pdf", "application/pdf", PDF)


def test_a_file_of_somebody_else_or_of_another_case_is_refused(office: Office) -> None:
    key = attachment_field(office)
    strangers = files.upload(office.rt, office.actors["liu"], field=key, name="a.pdf", content=PDF)
    used = files.upload(office.rt, office.actors["wang"], field=key, name="a.pdf", content=PDF)
    attach(office, {key: [str(used.id)]})

    for file_id in (strangers.id, used.id, 999_999):
        with pytest.raises(InvalidRequest):
            attach(office, {key: [str(file_id)]})


@pytest.mark.parametrize("named", ["²", "9" * 30, "-1", "1.5", "a"])
def test_what_is_no_number_of_a_file_is_refused(office: Office, named: str) -> None:
    with pytest.raises((InvalidRequest, InvalidSubmission)):
        attach(office, {attachment_field(office): [named]})


def test_a_file_of_another_case_is_not_handed_out(office: Office) -> None:
    key = attachment_field(office)
    kept = files.upload(office.rt, office.actors["wang"], field=key, name="a.pdf", content=PDF)
    attach(office, {key: [str(kept.id)]})
    other = office.apply()

    with pytest.raises(NotFound):
        files.download(office.rt, office.actors["zhao"], other, kept.id)


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>", b"MZ\x90\x00", b"\x89PNG", b"%PDF-" + b"0" * (20 * 1024 * 1024)]
)
def test_an_empty_too_large_or_unknown_kind_of_file_is_refused(office: Office, content: bytes) -> None:
    with pytest.raises(InvalidRequest):
        files.upload(office.rt, office.actors["wang"], field="licence", name="a.pdf", content=content)

    assert count(office, "attachment") == 0


def test_a_file_s_name_loses_its_folders_and_unprintable_characters(office: Office) -> None:
    kept = files.upload(
        office.rt,
        office.actors["wang"],
        field="licence\x00",
        name="..\\..\\etc/pass\x00wd\r\n.pdf",
        content=PDF,
    )

    assert kept.name == "passwd.pdf"


def test_the_applicant_is_told_that_the_office_cancelled_the_case_and_why(office: Office) -> None:
    case_no = office.apply()

    instances.cancel(office.rt, office.actors["zhou"], case_no, "重复申请")
    notices.deliver(office.rt, office.view(case_no).instance.id)

    told = people.notices(office.rt, office.actors["wang"])
    assert [(row.template, row.facts["reason"]) for row in told] == [("cancelled", "重复申请")]
