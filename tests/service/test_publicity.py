"""What an office publishes: how long it runs, who objects, who answers, and what it lets the case do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from banjie.domain.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    InvalidSubmission,
    NotFound,
    RateLimited,
)
from banjie.domain.publicity import (
    ObjectionAnswered,
    ObjectionHolds,
    ObjectionsOpen,
    ObjectionStatus,
    PublicityOver,
    PublicityStatus,
)
from banjie.services import instances, objections, publicity, returns, tasks
from banjie.services.objections import NewObjection
from support.office import Office

SAID = NewObjection(name="张大山", contact="13912345678", reason="该申请人去年已经领取过这项补贴。", line=1)


def published(office: Office, *, at: str = "2026-09-24T10:00", by: str = "wang") -> tuple[str, str]:
    """A case whose publicity runs, and the number of that: published at the instant, at the bureau."""
    office.clock.set("2026-09-21T09:00")
    case_no = office.apply("startup-subsidy", by=by)
    office.advance_to(case_no, "Publish")
    office.clock.set(at)
    office.complete(case_no)
    return case_no, str(value(office, case_no, "publicity", "no"))


def value(office: Office, case_no: str, variable: str, field: str) -> object:
    held = office.view(case_no).instance.data[variable]
    assert isinstance(held, dict)
    return held[field]


def test_a_publicity_runs_over_the_holidays_and_takes_objections_to_its_last_instant(office: Office) -> None:
    case_no, no = published(office)

    (shown,) = publicity.listed(office.rt, region="152200").rows
    assert (shown.no, shown.starts_on.isoformat(), shown.ends_on.isoformat()) == (
        no,
        "2026-09-25",
        "2026-10-09",
    )
    assert no.startswith("GS-152201-20260924-")
    seen = publicity.look(office.rt, no)
    (entry,) = seen.entries
    assert (entry.name, entry.detail) == ("王*梅", "")
    assert entry.amount == value(office, case_no, "second_review", "approved_amount")
    assert publicity.look(office.rt, no, query="小").entries == []
    assert (seen.is_open, seen.days_left) == (True, 16)
    assert publicity.listed(office.rt, region="150500").rows == []

    office.tick("2026-10-09T23:59:59.999999")
    assert office.open_elements(case_no) == []
    first = objections.make(office.rt, no, SAID, "10.0.0.1")
    assert first.startswith(f"{no}-Y")

    office.tick("2026-10-10T00:00")
    assert office.open_elements(case_no) == ["ClosePublicity"]
    with pytest.raises(PublicityOver):
        objections.make(office.rt, no, SAID, "10.0.0.1")
    assert publicity.look(office.rt, no).entries == []
    assert publicity.look(office.rt, no).days_left == 0
    with pytest.raises(ObjectionsOpen):
        office.complete(case_no)

    (made,) = objections.of_offices(office.rt, office.actors["zhao"], status=ObjectionStatus.OPEN).rows
    objections.handle(office.rt, office.actors["zhao"], made.id, upheld=False, answer="经查上年度未领取。")
    office.complete(case_no)
    (closed,) = publicity.of_case(office.rt, office.actors["zhao"], case_no)
    assert closed.status is PublicityStatus.CLOSED
    assert office.open_elements(case_no) == ["Disburse"]


def test_an_upheld_objection_lets_the_case_be_refused_only(office: Office) -> None:
    case_no, no = published(office)
    objections.make(office.rt, no, SAID, "10.0.0.1")
    (made,) = objections.of_case(office.rt, office.actors["zhao"], case_no)
    assert (made.name, made.contact, made.reason) == (SAID.name, SAID.contact, SAID.reason)
    (masked,) = objections.of_case(office.rt, office.actors["feng"], case_no)
    assert (masked.name, masked.contact) == ("张*山", "1*********8")
    assert objections.of_case(office.rt, office.actors["wang"], case_no) == []
    assert {event.type for event in office.view(case_no, by="wang").events}.isdisjoint(
        {"objection.received", "objection.answered"}
    )

    handle: Callable[..., None] = lambda by, **given: objections.handle(  # noqa: E731
        office.rt, office.actors[by], made.id, **{"upheld": True, "answer": "异议成立，取消补贴。", **given}
    )
    for stranger, refusal in (("feng", Forbidden), ("qian", NotFound), ("wang", Forbidden)):
        with pytest.raises(refusal):
            handle(stranger)
    with pytest.raises(InvalidRequest):
        handle("zhou", answer=" x ")
    handle("zhou")
    with pytest.raises(ObjectionAnswered):
        handle("zhao", upheld=False)

    office.tick("2026-10-10T00:00")
    with pytest.raises(ObjectionHolds):
        office.complete(case_no)
    office.complete(case_no, submission={"decision": "revoke", "reasons": "公示期间异议成立。"})
    (revoked,) = publicity.of_case(office.rt, office.actors["zhao"], case_no)
    assert revoked.status is PublicityStatus.REVOKED
    assert office.view(case_no).instance.outcome == "refused"
    with pytest.raises(NotFound):
        publicity.look(office.rt, no)
    words = " ".join(str(event.facts) for event in office.view(case_no, by="zhao").events)
    assert SAID.reason not in words
    assert SAID.name not in words


def test_a_publicity_ends_with_its_case_and_with_a_return(office: Office) -> None:
    case_no, no = published(office)
    objections.make(office.rt, no, SAID, "10.0.0.1")
    office.tick("2026-10-10T00:00")
    task = office.open_task(case_no)

    tasks.claim(office.rt, office.actors["zhao"], task.id)
    returns.send_back(office.rt, office.actors["zhao"], task.id, "FirstReview", "金额有误")

    with pytest.raises(NotFound):
        publicity.look(office.rt, no)
    office.advance_to(case_no, "Publish")
    office.complete(case_no)
    again, before = publicity.of_case(office.rt, office.actors["zhao"], case_no)
    assert (again.status, before.status) == (PublicityStatus.RUNNING, PublicityStatus.REVOKED)
    office.tick("2026-11-10T00:00")
    with pytest.raises(ObjectionsOpen):
        office.complete(case_no)
    instances.withdraw(office.rt, office.actors["wang"], case_no, "不再申请")
    assert publicity.listed(office.rt).rows == []
    with pytest.raises(NotFound):
        objections.make(office.rt, again.no, SAID, "10.0.0.1")


def test_hostile_and_endless_objections_are_refused(office: Office) -> None:
    _, no = published(office)
    faults = {
        "name": ["", " ", "a", "x" * 61, "张\x00山", "张\u202e山"],
        "contact": ["", "1234", "1" * 101, "\ud800" * 6],
        "reason": ["", "太短", "长" * 1001, "a\x1b" * 10],
    }
    for field, given in faults.items():
        for words in given:
            with pytest.raises(InvalidSubmission) as refused:
                objections.make(office.rt, no, NewObjection(**{**vars(SAID), field: words}), "10.0.0.9")
            assert refused.value.errors[0].path == (field,)
    with pytest.raises(InvalidSubmission):
        objections.make(office.rt, no, NewObjection(**{**vars(SAID), "line": 2}), "10.0.0.9")
    for unknown in ("", "GS-1", no + "'", "x" * 500, "%"):
        with pytest.raises(NotFound):
            objections.make(office.rt, unknown, SAID, "10.0.0.9")
    for cursor in ("x", "1", "2~1", "1~", "1~-1", "9" * 40):
        with pytest.raises(InvalidRequest):
            publicity.listed(office.rt, cursor=cursor)
    assert publicity.listed(office.rt, query="%").rows == []
    assert publicity.look(office.rt, no, query="_").entries == []

    for _ in range(10):
        objections.make(office.rt, no, SAID, "10.0.0.1")
    with pytest.raises(RateLimited):
        objections.make(office.rt, no, SAID, "10.0.0.1")
    objections.make(office.rt, no, SAID, "10.0.0.2")
    page = objections.of_offices(office.rt, office.actors["zhou"], limit=6)
    rest = objections.of_offices(office.rt, office.actors["zhou"], limit=6, cursor=page.next)
    assert [len(page.rows), len(rest.rows), rest.next] == [6, 5, None]
    assert objections.of_offices(office.rt, office.actors["qian"]).rows == []
    office.clock.pass_(hours=1, seconds=1)
    objections.make(office.rt, no, SAID, "10.0.0.1")


def test_what_is_not_published_is_not_closed(office: Office) -> None:
    case_no, _ = published(office)
    office.tick("2026-10-10T00:00")
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE publicity SET status = 'revoked'")

    with pytest.raises(Conflict, match="published"):
        office.complete(case_no)
