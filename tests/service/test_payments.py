"""Payments: budgets, batches with maker and checker, the bank's file and its answers, to the cent."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from banjie.cli import main
from banjie.domain.awards import PaymentUnderWay, WaitsForPayment
from banjie.domain.errors import Conflict, Forbidden, FourEyes, IdempotencyMismatch, InvalidRequest, NotFound
from banjie.domain.payments import (
    BankReturn,
    BatchStatus,
    BudgetExceeded,
    FileFormat,
    NotDue,
    Pot,
    ReturnRefused,
    WrongBatchStatus,
)
from banjie.domain.proceedings import CaseHeld
from banjie.domain.step import Siblings
from banjie.services import incidents, instances, jumps, procedures, tasks
from banjie.services import returns as returning
from banjie.services.payments import bank_file, batches, budgets, returns, rosters, settling
from support import rosters as rosters_support
from support.money import (
    POT,
    all_paid,
    all_refused,
    answered,
    bring_back,
    exported,
    make,
    order_list,
    send,
    set_budget,
)
from support.office import Office, run_worker
from support.threads import at_once

#: Nothing is committed and nothing paid.
NOTHING = (Decimal(0), Decimal(0))


def _budget(office: Office) -> tuple[Decimal, Decimal]:
    """What is committed and what is paid."""
    with office.rt.store.begin() as uow:
        held = uow.budgets.lock(POT)
    assert held is not None
    return held.committed, held.paid


def _due(office: Office) -> list[int]:
    return [one.id for one in batches.due(office.rt, office.actors["caiwei"], limit=200).payments]


def test_a_batch_goes_from_maker_to_checker_to_the_bank_and_back_to_the_cent(
    office: Office, tmp_path: Path
) -> None:
    order_list(office, 30, payee="=cmd|' /C calc'!A0")
    total = sum((Decimal(100) + Decimal(line) / 100 for line in range(1, 31)), Decimal(0))
    with pytest.raises(BudgetExceeded) as refused:
        make(office)
    assert refused.value.facts["left"] == "0.00"
    set_budget(office, 4_000)

    made = make(office, idempotency_key="k")

    assert (made.count, made.total) == (30, f"{total:.2f}")
    assert make(office, idempotency_key="k").no == made.no
    with pytest.raises(IdempotencyMismatch):
        make(office, idempotency_key="k", ids=[1])
    assert _budget(office) == (total, Decimal(0))
    with pytest.raises(FourEyes):
        batches.check_batch(office.rt, office.actors["caiwei"], made.no)
    for stranger in ("zhao", "wei", "wang"):
        with pytest.raises(NotFound):
            batches.check_batch(office.rt, office.actors[stranger], made.no)
    with pytest.raises(Forbidden):
        batches.check_batch(office.rt, office.actors["feng"], made.no)
    with pytest.raises(WrongBatchStatus):
        bank_file.export(office.rt, office.actors["caiwei"], made.no, FileFormat.CSV)

    sent = send(office, made.no)
    with pytest.raises(WrongBatchStatus):
        bank_file.export(office.rt, office.actors["caiwei"], made.no, FileFormat.XLSX)

    assert exported(office, made.no) == sent
    control, _titles, *lines = csv.reader(io.StringIO(sent.decode("utf-8-sig")))
    assert control == ["批次号", made.no, "笔数", "30", "金额合计", f"{total:.2f}"]
    assert sum(Decimal(line[4]) for line in lines) == total
    assert {line[1][:2] for line in lines} == {"'="}
    assert [line[2] for line in lines] == [str(6228480000000000000 + line) for line in range(1, 31)]

    # The bank pays all but the first, refuses the second, and says nothing of the third.
    first, second, third = (line[0] for line in lines[:3])

    def answer(cells: list[str]) -> tuple[str, str, str, str, str]:
        if cells[0] == third:
            return "", "", "", "", ""
        return all_refused(cells) if cells[0] == second else all_paid(cells)

    back = answered(sent, answer)
    wrong = {
        "a cent too much": back.replace(lines[4][4], str(Decimal(lines[4][4]) + Decimal("0.01"))),
        "an order of nobody": back.replace(f"\r\n{first},", "\r\n999999,"),
        "an order twice": f"{back}\r\n{back.splitlines()[2]}",
        "another account": back.replace(lines[5][2], "6228480000009999999"),
        "paid before it was sent": back.replace("2026-09-07", "2026-09-06"),
        "a refusal without a code": back.replace("E01", ""),
    }
    for name, text in wrong.items():
        with pytest.raises(ReturnRefused) as told:
            bring_back(office, made.no, text, tmp_path)
        assert told.value.faults, name
    assert _budget(office) == (total, Decimal(0))

    read = bring_back(office, made.no, back, tmp_path)
    again = bring_back(office, made.no, back, tmp_path, "other-name.csv")

    assert (read.paid, read.refused, read.repeated) == (28, 1, False)
    assert (again.id, again.paid, again.repeated) == (read.id, 28, True)
    stand = batches.view(office.rt, office.actors["feng"], made.no).reconciliation
    assert (stand.paid.count, stand.refused.count, stand.open.count) == (28, 1, 1)
    assert stand.difference == 0
    assert _budget(office) == (stand.open.total, stand.paid.total)

    # A later file brings what was missing and repeats the rest; one that says otherwise is refused.
    with pytest.raises(ReturnRefused):
        bring_back(office, made.no, answered(sent, all_refused), tmp_path)
    bring_back(
        office, made.no, answered(sent, lambda cells: all_refused(cells) if cells[0] == second else all_paid(cells)),
        tmp_path,
    )  # fmt: skip
    view = batches.view(office.rt, office.actors["caiwei"], made.no)
    assert view.batch.status is BatchStatus.SETTLED
    assert (view.reconciliation.paid.count, len(view.returns)) == (29, 2)


def test_what_is_sent_back_is_due_again_and_its_budget_free(office: Office) -> None:
    order_list(office, 10)
    set_budget(office, 600)
    with pytest.raises(BudgetExceeded):
        make(office)
    some = _due(office)[:5]

    made = make(office, ids=some)

    with pytest.raises(NotDue):
        make(office, ids=some[:1])
    with pytest.raises(BudgetExceeded):
        budgets.set_budget(office.rt, office.actors["qiu"], POT, Decimal(1), "减少")
    with pytest.raises(Forbidden):
        budgets.set_budget(office.rt, office.actors["caiwei"], POT, Decimal(1000), "增加")
    batches.send_back(office.rt, office.actors["qiu"], made.no, "开户行不全")
    with pytest.raises(WrongBatchStatus):
        batches.check_batch(office.rt, office.actors["hu"], made.no)

    assert len(_due(office)) == 10
    assert _budget(office) == NOTHING
    assert batches.view(office.rt, office.actors["caiwei"], made.no).batch.reason == "开户行不全"

    seen = budgets.budgets(office.rt, office.actors["qiu"], 2026)
    league = next(line for line in seen.lines if (line.region, line.fund) == ("152200", POT.fund))
    county = next(line for line in seen.lines if (line.region, line.fund) == ("152201", POT.fund))
    assert league.own is None
    assert league.sum.amount == county.sum.amount == 600
    assert [change.reason for change in budgets.changes(office.rt, office.actors["qiu"], POT)] == ["年初预算"]
    elsewhere = Pot(fund=POT.fund, region="150000", year=POT.year)
    with pytest.raises(NotFound):
        budgets.changes(office.rt, office.actors["qiu"], elsewhere)
    with pytest.raises(NotFound):
        batches.preview(office.rt, batches.MakeBatch(by=office.actors["caiwei"], pot=elsewhere))


def test_a_workbook_holds_texts_only_and_comes_back_as_the_return(office: Office, tmp_path: Path) -> None:
    order_list(office, 3, payee="@SUM(1)")
    set_budget(office, 1_000)
    made = make(office)

    sent = send(office, made.no, FileFormat.XLSX)

    path = tmp_path / "sent.xlsx"
    path.write_bytes(sent)
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert {type(cell) for row in rows for cell in row} == {str}
    assert [row[1] for row in rows[2:]] == [f"'@SUM(1){line}" for line in (1, 2, 3)]
    assert rows[2][2] == "6228480000000000001"
    nothing = returns.read_return(office.rt, office.actors["caiwei"], made.no, path, "sent.xlsx")
    assert (nothing.paid, nothing.refused) == (0, 0)


def test_fifty_at_once_put_no_order_into_two_batches_and_pay_nothing_twice(
    office: Office, tmp_path: Path
) -> None:
    order_list(office, 100)
    set_budget(office, 100_000)
    ids = _due(office)

    ends = at_once(
        [partial(make, office, by="hu" if place % 2 else "caiwei", ids=ids[place : place + 50])
         for place in range(50)]
    )  # fmt: skip

    made = [end for end in ends if isinstance(end, batches.Made)]
    assert {type(end) for end in ends} <= {batches.Made, NotDue}
    assert len(made) in (1, 2)
    batches.check_batch(office.rt, office.actors["qiu"], made[0].no)
    at_once([lambda: bank_file.export(office.rt, office.actors["caiwei"], made[0].no, FileFormat.CSV)] * 10)
    back = answered(exported(office, made[0].no))
    texts = [back, f"{back}\r\n", f"{back}\r\n\r\n"]
    ends = at_once(
        [partial(bring_back, office, made[0].no, texts[place % 3], tmp_path, f"{place}.csv")
         for place in range(50)]
    )  # fmt: skip
    assert {type(end) for end in ends} <= {BankReturn, WrongBatchStatus}
    stand = batches.view(office.rt, office.actors["caiwei"], made[0].no).reconciliation
    assert stand.paid.total == Decimal(made[0].total)
    assert stand.difference == 0


def _ordered_case(office: Office) -> str:
    """A case whose step waits for money."""
    case_no = office.apply("startup-subsidy")
    office.advance_to(case_no, "Publish")
    office.complete(case_no)
    closes = office.view(case_no).instance.data["publicity"]["closes_at"]  # type: ignore[index,call-overload]
    office.tick(str(closes))
    office.advance_to(case_no, "Disburse")
    return case_no


def test_a_refused_payment_is_corrected_ordered_anew_and_paid(office: Office, tmp_path: Path) -> None:
    case_no = _ordered_case(office)
    set_budget(office, 5_000)
    with pytest.raises(WaitsForPayment):
        office.complete(case_no, by="caiwei", submission={"result": "paid"})
    today = office.rt.today().isoformat()
    made = make(office)
    with pytest.raises(PaymentUnderWay):
        instances.cancel(office.rt, office.actors["zhou"], case_no, "重复申请")

    back = answered(send(office, made.no), all_refused)
    bring_back(office, made.no, back, tmp_path)
    run_worker(office.rt, office.database_url)

    assert office.open_elements(case_no) == ["CorrectAccount"]
    assert _budget(office) == NOTHING
    office.complete(case_no)
    order = batches.due(office.rt, office.actors["caiwei"]).payments[0]
    assert (order.attempt, order.payee) == (2, "更正后的户名")

    again = make(office)
    sent = send(office, again.no)
    bring_back(office, again.no, answered(sent).replace("2026-09-07", today), tmp_path)
    run_worker(office.rt, office.database_url)
    with office.rt.store.read() as uow:
        batch = uow.payments.batch(again.no)
        assert batch is not None
        assert settling.settle_batch(office.rt, batch.id) == 0

    view = office.view(case_no)
    assert view.instance.outcome == "paid"
    assert _budget(office) == (Decimal(0), Decimal(5_000))
    paid = view.instance.data["disbursement"]
    assert isinstance(paid, dict)
    assert (paid["result"], paid["amount"], paid["paid_on"]) == ("paid", 5_000, today)


def _jump_over_the_grant(office: Office, case_no: str) -> None:
    """The case goes back to its review and on; no jump orders what was granted before it went back."""
    officer = office.actors["caiwei"]
    task = office.open_task(case_no)
    tasks.claim(office.rt, officer, task.id)
    returning.send_back(office.rt, officer, task.id, "FirstReview", "金额有误")
    assert _due(office) == []
    back = office.open_task(case_no).id
    with pytest.raises(Conflict, match="granted"):
        jumps.propose(
            office.rt, office.actors["chen"], case_no, [back], "Disburse", "金额无误", Siblings.CANCEL
        )
    office.advance_to(case_no, "Publish")
    office.complete(case_no)
    office.tick(days=30)
    office.advance_to(case_no, "Disburse")


def test_a_case_that_is_held_up_is_not_paid_and_one_that_is_paid_goes_nowhere_else(
    office: Office, tmp_path: Path
) -> None:
    case_no = _ordered_case(office)
    _jump_over_the_grant(office, case_no)
    set_budget(office, 5_000)
    head, officer = office.actors["qiu"], office.actors["caiwei"]
    check = partial(batches.check_batch, office.rt, office.actors["hu"])
    export = partial(bank_file.export, office.rt, officer, kind=FileFormat.CSV)

    def held() -> int:
        return procedures.suspend(office.rt, head, case_no, "核实领取资格")

    def freed(proceeding: int) -> None:
        procedures.resume(office.rt, head, proceeding, "核实完毕")

    before = held()
    with pytest.raises(NotDue):
        make(office)
    freed(before)
    made = make(office)
    after_making = held()
    with pytest.raises(CaseHeld):
        check(made.no)
    freed(after_making)
    check(made.no)
    after_checking = held()
    with pytest.raises(CaseHeld):
        export(no=made.no)
    with pytest.raises(FourEyes):
        batches.send_back(office.rt, officer, made.no, "案件中止")
    batches.send_back(office.rt, head, made.no, "案件中止")
    assert _budget(office) == NOTHING
    with pytest.raises(NotDue):
        make(office)
    freed(after_checking)

    made = make(office)
    back = answered(send(office, made.no)).replace("2026-09-07", office.rt.today().isoformat())
    bring_back(office, made.no, back, tmp_path)
    task = office.open_task(case_no)
    tasks.claim(office.rt, officer, task.id)
    with pytest.raises(PaymentUnderWay):
        returning.send_back(office.rt, officer, task.id, "SecondReview", "金额有误")
    with pytest.raises(PaymentUnderWay):
        instances.withdraw(office.rt, office.actors["wang"], case_no, "不再申请")
    run_worker(office.rt, office.database_url)
    assert office.view(case_no).instance.outcome == "paid"


def test_an_order_goes_with_its_step_and_a_case_that_cannot_go_on_holds_up_no_other(
    office: Office, tmp_path: Path
) -> None:
    cancelled, stuck, sound = (_ordered_case(office) for _ in range(3))
    set_budget(office, 20_000)
    instances.cancel(office.rt, office.actors["zhou"], cancelled, "重复申请")
    assert len(_due(office)) == 2
    made = make(office)
    back = answered(send(office, made.no)).replace("2026-09-07", office.rt.today().isoformat())
    bring_back(office, made.no, back, tmp_path)
    with office.rt.store.begin() as uow:
        held = uow.db.only("SELECT snapshot FROM instance WHERE case_no = %s", (stuck,))[0]
        uow.db.run("UPDATE instance SET snapshot = '\\x00' WHERE case_no = %s", (stuck,))

    run_worker(office.rt, office.database_url)

    assert [office.view(case_no).instance.outcome for case_no in (cancelled, stuck, sound)] == [
        "cancelled",
        None,
        "paid",
    ]
    (incident,) = incidents.waiting(office.rt)
    assert (incident.job, incident.case_no) == (settling.INCIDENT, stuck)
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE instance SET snapshot = %s WHERE case_no = %s", (held, stuck))
    incidents.retry(office.rt, office.actors["wei"], incident.id)
    assert office.view(stuck).instance.outcome == "paid"
    assert incidents.waiting(office.rt) == []


def test_a_refused_row_of_a_list_is_ordered_again_while_others_are_open(
    office: Office, tmp_path: Path
) -> None:
    office.clock.set(rosters_support.DAY)
    pot = Pot(fund="unemployment_insurance", region="152201", year=2023)
    list_ = rosters_support.granted(
        office, rosters_support.brought(office, [rosters_support.row(n) for n in (1, 2, 3)])
    )
    rosters_support.ordered(office, list_)
    case_no, today = rosters_support.case_of(list_), office.rt.today().isoformat()
    set_budget(office, 100_000, pot)
    finance = office.actors["caiwei"]
    ids = [one.id for one in batches.due(office.rt, finance).payments]
    first, second = make(office, pot=pot, ids=ids[:2]), make(office, pot=pot, ids=ids[2:])
    sent, later = send(office, first.no), send(office, second.no)
    back = answered(sent, lambda cells: all_refused(cells) if cells[0] == str(ids[0]) else all_paid(cells))
    bring_back(office, first.no, back.replace("2026-09-07", today), tmp_path)
    run_worker(office.rt, office.database_url)
    assert office.view(case_no).instance.outcome is None

    wish = {"payee": "更正后的户名", "account_no": "0512 0000 9999", "bank_name": "兴安盟示例农村商业银行"}
    with pytest.raises(InvalidRequest):
        rosters.order_again(office.rt, finance, ids[0], **{**wish, "account_no": "=1+1"})
    with pytest.raises(NotFound):
        rosters.order_again(office.rt, office.actors["zhao"], ids[0], **wish)
    with pytest.raises(Conflict):
        rosters.order_again(office.rt, finance, ids[1], **wish)
    again = rosters.order_again(office.rt, finance, ids[0], **wish)
    with pytest.raises(Conflict):
        rosters.order_again(office.rt, finance, ids[0], **wish)

    assert [(one.id, one.attempt) for one in batches.due(office.rt, finance).payments] == [(again, 2)]
    third = make(office, pot=pot)
    for no, file in ((second.no, later), (third.no, send(office, third.no))):
        bring_back(office, no, answered(file).replace("2026-09-07", today), tmp_path, f"{no}.csv")
    run_worker(office.rt, office.database_url)

    view = office.view(case_no)
    assert view.instance.outcome == "paid"
    paid = view.instance.data["disbursement"]
    assert isinstance(paid, dict)
    assert (paid["paid_count"], paid["refused_count"]) == (3, 0)
    assert paid["paid_total"] == list_.total


def test_the_commands_hand_out_a_bank_file_and_read_a_return(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_list(office, 2)
    set_budget(office, 1_000)
    no = make(office).no
    sent = send(office, no)
    monkeypatch.setenv("BANJIE_DATABASE_URL", office.database_url)
    monkeypatch.setenv("BANJIE_VAR", str(office.settings.var))
    target, back = tmp_path / "bank.csv", tmp_path / "back.csv"
    commands = CliRunner()

    handed_out = commands.invoke(main, ["payments", "export", no, str(target), "--as", "caiwei"])
    back.write_text(answered(sent).replace("2026-09-07", "2020-01-01"), "utf-8")
    refused = commands.invoke(main, ["payments", "return", no, str(back), "--as", "caiwei"])

    assert (handed_out.exit_code, target.read_bytes()) == (0, sent)
    assert refused.exit_code == 1
    assert "day_outside" in refused.stderr
