"""Lists that are paid without asking: whole or not at all, once, and every row with its receipt."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from banjie.domain.assignment import Membership
from banjie.domain.awards import PaymentUnderWay
from banjie.domain.errors import Forbidden, FourEyes, InvalidRequest, NotFound
from banjie.domain.payments import Pot
from banjie.domain.rosters import RosterBusy, RosterStatus, RosterUnderWay, RowState
from banjie.domain.step import Siblings
from banjie.persistence.rosters import RowFilter
from banjie.services import instances, jumps, objections
from banjie.services.payments import batches, settling
from banjie.services.rosters import begin, granting, reading, refusals, rows
from support.money import answered, bring_back, make, send, set_budget
from support.office import Office, checked, run_worker
from support.rosters import DAY, SERVICE, as_csv, brought, case_of, granted, ordered, row, seen, start

from .test_pages import Reader

POT = Pot(fund="unemployment_insurance", region="152201", year=2023)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office in the time of the rules of 2023."""
    with checked(Office(database_url, tmp_path)) as running:
        running.clock.set(DAY)
        yield running


def _mixed() -> list[dict[str, Any]]:
    """Thirty rows of every kind: 22 qualify, two of them to be looked at."""
    return [
        *(row(serial) for serial in range(1, 21)),
        row(21, size="大型", average_insured=2000, terminated=110),
        row(22, size="", average_insured=31, terminated=1),
        row(23, size="大型", average_insured=2000, terminated=111),
        row(24, dishonest="是"),
        row(25, polluting="是"),
        row(26, premium="0.00"),
        row(27, account_no="", account_kind=""),
        row(28, size="中型", account_kind="缴费账户"),
        row(29, average_insured="30.5", terminated=2),
        row(30, terminated=7, average_insured=30),
    ]


def _pages(office: Office, roster_id: int, **wish: Any) -> list[int]:
    """The lines of all pages of the wish, in their order."""
    lines: list[int] = []
    cursor: str | None = None
    while True:
        page = rows.page(office.rt, office.actors["zhao"], roster_id, cursor=cursor, limit=4, **wish)
        lines += [one.line for one in page.items]
        cursor = page.cursor
        if cursor is None:
            return lines


def _awards(office: Office) -> tuple[int, Decimal]:
    with office.rt.store.read() as uow:
        count, total = uow.db.only(
            "SELECT count(*), COALESCE(sum(amount), 0) FROM award WHERE status <> 'released'"
        )
    return count, total


def _refuse(office: Office, uscc: str, by: str = "zhao") -> int:
    wish: dict[str, Any] = {"service": SERVICE, "year": 2023, "uscc": uscc, "reason": "书面声明放弃"}
    return refusals.refuse(office.rt, office.actors[by], **wish)


def test_a_list_goes_from_the_file_to_the_bank_to_the_cent(office: Office, tmp_path: Path) -> None:
    roster = brought(office, _mixed())
    assert (roster.status, roster.lines, roster.eligible) == (RosterStatus.READY, 30, 22)
    application: Any = office.view(case_of(roster)).instance.data["application"]
    assert (application["excluded"], application["unclassified"]) == (8, 1)
    assert roster.shared is not None
    assert roster.shared["counts"] == {
        "sme": 20, "large": 1, "unclassified": 1, "layoff_rate": 3, "dishonest": 1, "polluting": 1, "no_premium": 1,
        "account": 2,
    }  # fmt: skip
    case_no = case_of(roster)
    with pytest.raises(FourEyes):
        office.complete(case_no, "CheckRoster", by="dong")
    office.complete(case_no, "CheckRoster")
    with pytest.raises(FourEyes):
        office.complete(case_no, "ApproveRoster", by="zhao")
    office.complete(case_no, "ApproveRoster")
    with pytest.raises(RosterBusy):
        office.complete(case_no, "Publish")
    granting.run_grant(office.rt, roster.id, office.actors["bai"].account_id)
    roster = seen(office, roster.id)
    assert roster.status is RosterStatus.GRANTED
    assert _awards(office) == (22, roster.total)
    roster = ordered(office, roster)
    granting.run_order(office.rt, office.view(case_no).instance.id)

    set_budget(office, 1_000_000, POT)
    made = make(office, pot=POT)
    sent = send(office, made.no)
    bring_back(office, made.no, answered(sent).replace("2026-09-07", office.rt.today().isoformat()), tmp_path)
    with office.rt.store.read() as uow:
        batch = uow.payments.batch(made.no)
        paid = uow.rosters.rows(roster.id, RowFilter(state=RowState.ELIGIBLE), limit=99)
    received = sum((one.amount or Decimal(0) for one in paid), Decimal(0))
    assert batch is not None
    settling.settle_batch(office.rt, batch.id)

    lines = list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))[2:]
    assert made.count == len(lines) == 22
    assert Decimal(made.total) == roster.total == received == sum(Decimal(cells[4]) for cells in lines)
    assert office.view(case_no).instance.outcome == "paid"
    assert seen(office, roster.id).status is RosterStatus.SETTLED
    # A list of the same enterprises pays nobody again.
    again = granted(office, brought(office, [*_mixed(), row(31)]))
    assert again.eligible == 1
    assert _awards(office)[0] == 23
    assert _pages(office, again.id, state="limited") == list(range(2, 24))


def test_every_row_has_the_receipt_that_it_would_have_alone(office: Office) -> None:
    roster = brought(office, _mixed())
    officer = office.actors["zhao"]

    for line in range(2, 32):
        receipt = rows.row_receipt(office.rt, officer, roster.id, line)
        assert receipt.recomputed is True
        assert receipt.decision.receipt["value"]
        assert receipt.decision.green

    found = rows.row_receipt(office.rt, officer, roster.id, 30).decision.receipt
    assert found["inputs"]["月均参保人数"] == "30.5"  # type: ignore[call-overload, index]
    assert found["value"]["reason_code"] == "layoff_rate"  # type: ignore[call-overload, index]
    with pytest.raises(NotFound):
        rows.row_receipt(office.rt, officer, roster.id, 1)
    with pytest.raises(NotFound):
        rows.row_receipt(office.rt, office.actors["qian"], roster.id, 2)
    assert _pages(office, roster.id) == list(range(2, 32))
    assert sorted(_pages(office, roster.id, by="name")) == list(range(2, 32))
    assert _pages(office, roster.id, by="amount")[:3] == [21, 20, 19]
    assert _pages(office, roster.id, words="第23食品") == [24]
    assert _pages(office, roster.id, state="excluded", reason="dishonest") == [25]
    exported = b"".join(rows.export_csv(office.rt, officer, roster.id)).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(exported)))) == 31


def test_a_bad_row_refuses_the_list_unless_it_is_left_out(office: Office) -> None:
    bad = [row(1), row(2, uscc="91152201MA00000020"), row(3, premium="1.005"), row(4, terminated=""), row(1)]

    refused = brought(office, bad)

    assert (refused.status, refused.case_no) == (RosterStatus.REFUSED, None)
    told = begin.problems(office.rt, office.actors["zhao"], refused.id).items
    assert [(one.line, one.field, one.code) for one in told] == [
        (3, "uscc", "credit_code"), (4, "premium", "money"), (5, "terminated", "required"), (6, "uscc", "twice"),
    ]  # fmt: skip
    assert rows.page(office.rt, office.actors["zhao"], refused.id).items == []
    kept = brought(office, bad, skip_bad=True)
    assert (kept.status, kept.lines, kept.eligible) == (RosterStatus.READY, 1, 1)


def test_without_a_rule_in_force_a_list_is_refused(office: Office) -> None:
    office.clock.set("2023-06-24T09:00")
    refused = brought(office, [row(1, laid_off=0, year_end_staff=9)], as_of=office.rt.today())

    assert refused.status is RosterStatus.REFUSED
    load = begin.view(office.rt, office.actors["zhao"], refused.id).load
    assert load is not None
    assert load.message is not None
    assert "local_unemployment_rate" in load.message


def test_killed_in_the_middle_and_run_again_gives_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading dies after rows were written, granting after its first chunk; both are taken up again."""
    monkeypatch.setattr(reading, "_CHUNK", 7)
    monkeypatch.setattr(granting, "_CHUNK", 7)
    roster_id = start(office, as_csv(_mixed()))
    decide, calls = reading._Reading._decide, iter((False, False, True))

    def dies(self: Any, chunk: Any) -> Any:
        if next(calls, False):
            raise ConnectionError
        return decide(self, chunk)

    monkeypatch.setattr(reading._Reading, "_decide", dies)
    with pytest.raises(ConnectionError):
        reading.run(office.rt, roster_id)
    assert rows.page(office.rt, office.actors["zhao"], roster_id).items == []
    reading.run(office.rt, roster_id)
    roster = seen(office, roster_id)
    assert (roster.status, roster.lines, roster.eligible) == (RosterStatus.READY, 30, 22)
    reading.run(office.rt, roster_id)
    for element in ("CheckRoster", "ApproveRoster"):
        office.complete(case_of(roster), element)
    assert granting._grant_chunk(office.rt, roster_id, office.actors["bai"].account_id)
    before = _awards(office)
    granting.run_grant(office.rt, roster_id, office.actors["bai"].account_id)
    granting.run_grant(office.rt, roster_id, office.actors["bai"].account_id)

    assert before[0] == 7
    assert _awards(office) == (22, seen(office, roster_id).total)


def test_who_refuses_or_is_objected_to_is_not_paid(office: Office, tmp_path: Path) -> None:
    code = row(3)["uscc"]
    _refuse(office, code)
    roster = brought(office, [row(serial) for serial in range(1, 7)])
    assert roster.eligible == 5
    roster = granted(office, roster)
    case_no = case_of(roster)
    with pytest.raises(Forbidden):
        _refuse(office, code, by="liu")
    office.complete(case_no, "Publish")
    publicity: Any = office.view(case_no).instance.data["publicity"]
    office.tick(days=1)
    said = objections.NewObjection(
        name="群众甲", contact="13912345678", reason="该企业已经停产多时，没有职工", line=6
    )
    objections.make(office.rt, publicity["no"], said, "::1")
    (made,) = objections.of_case(office.rt, office.actors["zhao"], case_no)
    objections.handle(office.rt, office.actors["zhao"], made.id, upheld=True, answer="经核实情况属实")
    assert _refuse(office, row(2)["uscc"]) == 1
    office.tick(days=30)
    office.complete(case_no, "ClosePublicity")
    granting.run_order(office.rt, office.view(case_no).instance.id)

    view = begin.view(office.rt, office.actors["zhao"], roster.id)
    assert view.left_out == {RowState.DECLINED: 2, RowState.OBJECTED: 1}
    assert (view.roster.eligible, _awards(office)) == (3, (3, view.roster.total))
    set_budget(office, 1_000_000, POT)
    assert make(office, pot=POT).count == 3
    with pytest.raises(PaymentUnderWay):
        _refuse(office, row(1)["uscc"])


def test_a_list_that_pays_nobody_goes_on_and_one_that_is_refused_pays_nobody(office: Office) -> None:
    roster = granted(office, brought(office, [row(1), row(2, dishonest="是")]))
    _refuse(office, row(1)["uscc"])
    assert office.view(case_of(ordered(office, roster))).instance.outcome == "paid"

    other = brought(office, [row(5)])
    office.complete(case_of(other), "CheckRoster")
    office.complete(
        case_of(other), "ApproveRoster", submission={"decision": "reject", "reasons": "名单来源不明"}
    )

    assert office.view(case_of(other)).instance.outcome == "refused"
    assert _awards(office)[0] == 0


def test_a_list_goes_on_when_its_last_open_row_is_refused_and_after_a_jump_while_it_was_granted(
    office: Office, tmp_path: Path
) -> None:
    roster = brought(office, [row(1), row(2)])
    case_no = case_of(roster)
    for element in ("CheckRoster", "ApproveRoster"):
        office.complete(case_no, element)
    task = office.open_task(case_no)
    jump = jumps.propose(
        office.rt, office.actors["chen"], case_no, [task.id], "Disburse", "公示已在别处完成", Siblings.CANCEL
    )
    jumps.consent(office.rt, office.actors["qiu"], jump)
    granting.run_order(office.rt, office.view(case_no).instance.id)
    assert _awards(office)[0] == 0
    run_worker(office.rt, office.database_url)
    assert _awards(office)[0] == 2

    zhao = office.actors["zhao"]
    elsewhere = replace(
        zhao, memberships=frozenset({Membership(role="bureau_officer", agency="bureau-arxan")})
    )
    with pytest.raises(Forbidden):
        refusals.refuse(
            office.rt, elsewhere, service=SERVICE, year=2023, uscc=row(2)["uscc"], reason="书面声明放弃"
        )
    set_budget(office, 1_000_000, POT)
    first = batches.due(office.rt, office.actors["caiwei"]).payments[0]
    made = make(office, pot=POT, ids=[first.id])
    back = answered(send(office, made.no)).replace("2026-09-07", office.rt.today().isoformat())
    bring_back(office, made.no, back, tmp_path)
    run_worker(office.rt, office.database_url)
    assert office.open_elements(case_no) == ["Disburse"]
    _refuse(office, row(2)["uscc"])
    run_worker(office.rt, office.database_url)

    instance = office.view(case_no).instance
    assert instance.outcome == "paid"
    paid: Any = instance.data["disbursement"]
    assert (paid["paid_count"], paid["refused_count"], paid["paid_total"]) == (1, 0, first.amount)


def test_lists_are_brought_by_officers_of_the_region_for_services_that_pay_by_list(office: Office) -> None:
    content = as_csv([row(1)])
    with pytest.raises(Forbidden):
        start(office, content, by=office.actors["qian"])
    with pytest.raises(Forbidden):
        start(office, content, region="152202")
    with pytest.raises(NotFound):
        start(office, content, service="guarantee-loan-sme")
    with pytest.raises(InvalidRequest):
        start(office, content, year=2024)
    start(office, content)
    with pytest.raises(RosterUnderWay):
        start(office, content)
    with pytest.raises(Forbidden):
        instances.start(
            office.rt, instances.StartCase(service=SERVICE, by=office.actors["liu"], submission={})
        )
    with pytest.raises(NotFound):
        begin.newest(office.rt, office.actors["liu"])
    assert Reader(office, "dong").get("/batches?before=²").status_code == 200
