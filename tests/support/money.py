"""Money to be paid out: awards of a list, budgets, and what a bank answers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from banjie.domain.payments import BankReturn, FileFormat, Pot
from banjie.services.payments import bank_file, batches, budgets, returns, settling
from support.office import Office

FUND = "employment_subsidy"
POT = Pot(fund=FUND, region="152201", year=2026)

#: A roster of so many rows, each with an award of 100 yuan and some cents.
_ROSTER = """
WITH made AS (
    INSERT INTO roster (service, region, year, title, on_day, status, instance_id, made_by, made_at)
    SELECT 'startup-subsidy', '152201', 2026, 'list', now()::date, 'granted', %s, min(id), now() FROM account
    RETURNING id
), filled AS (
    INSERT INTO roster_row (roster_id, line, uscc, subject, name, inputs, account_name, account_no, bank_name, state)
    SELECT made.id, line, 'U' || line, decode(md5('s' || line), 'hex'), %s || line, '{}', %s || line,
           (6228480000000000000 + line)::text, 'bank', 'granted'
    FROM made, generate_series(1, %s) AS line
)
INSERT INTO award (service, subject, payee, region, fund, year, amount, status, instance_id, roster_id, line,
                   granted_at, facts)
SELECT 'startup-subsidy', decode(md5('s' || line), 'hex'), %s || line, '152201', %s, 2026, 100 + line %% 100 / 100.0,
       'granted', %s, made.id, line, now(), '{}'
FROM made, generate_series(1, %s) AS line RETURNING roster_id"""


def order_list(office: Office, size: int, *, payee: str = "收款人") -> int:
    """Order the payment of so many awards of a list that lies with a case of its own; returns the list's id.

    No step of the case waits for the money: what the bank answers is carried on to nobody.
    """
    instance_id = office.view(office.apply()).instance.id
    with office.rt.store.begin() as uow:
        roster_id = int(
            uow.db.rows(_ROSTER, (instance_id, payee, payee, size, payee, FUND, instance_id, size))[0][0]
        )
    with office.rt.store.begin() as uow:
        ordered = uow.payments.order_roster(
            roster_id, agency="finance-hinggan", token=f"roster-{roster_id}", at=office.rt.now()
        )
        assert ordered.count == size
    return roster_id


def set_budget(office: Office, amount: str | int, pot: Pot = POT) -> None:
    """Let the head of finance set what may be spent."""
    budgets.set_budget(office.rt, office.actors["qiu"], pot, Decimal(amount), "年初预算")


def make(office: Office, by: str = "caiwei", **more: object) -> batches.Made:
    """Put due orders into a batch."""
    command = {"by": office.actors[by], "pot": POT, **more}
    return batches.make_batch(office.rt, batches.MakeBatch(**command))  # type: ignore[arg-type]  # as they are named


def send(office: Office, no: str, kind: FileFormat = FileFormat.CSV) -> bytes:
    """Have a batch checked and exported; the bytes that the bank gets."""
    batches.check_batch(office.rt, office.actors["hu"], no)
    bank_file.export(office.rt, office.actors["caiwei"], no, kind)
    return exported(office, no)


def exported(office: Office, no: str) -> bytes:
    """The bank file of a batch."""
    with bank_file.bank_file(office.rt, office.actors["caiwei"], no).content as file:
        return file.read()


#: What the bank says of an order, given its cells: result, code, reason, reference, paid date.
Answer = Callable[[list[str]], tuple[str, str, str, str, str]]


def all_paid(cells: list[str]) -> tuple[str, str, str, str, str]:
    """The bank has paid."""
    return "成功", "", "", f"R{cells[0]}", "2026-09-07"


def all_refused(_cells: list[str]) -> tuple[str, str, str, str, str]:
    """The bank knows no such account."""
    return "失败", "E01", "户名不符", "", ""


def answered(sent: bytes, answer: Answer = all_paid) -> str:
    """The bank's return: its own CSV with the answers filled in."""
    control, titles, *lines = sent.decode("utf-8-sig").splitlines()
    return "\r\n".join([control, titles, *(_filled(line, answer) for line in lines)])


def _filled(line: str, answer: Answer) -> str:
    cells = line.split(",")
    return ",".join([*cells[:6], *answer(cells)])


def bring_back(office: Office, no: str, text: str, folder: Path, name: str = "return.csv") -> BankReturn:
    """Read a return file."""
    path = folder / name
    path.write_text(text, "utf-8")
    return returns.read_return(office.rt, office.actors["caiwei"], no, path, name)


def pay_case(office: Office, case_no: str, *, refused: bool = False) -> None:
    """Have the money of one case ordered, checked and sent, and the bank's answer read and carried on to the case.

    The budget is set where it would not reach.
    """
    due = batches.due(office.rt, office.actors["caiwei"], limit=200).payments
    (order,) = [one for one in due if one.case_no == case_no]
    set_budget(office, 10_000_000, order.pot)
    made = make(office, pot=order.pot, ids=[order.id])
    today = office.rt.today().isoformat()
    back = answered(send(office, made.no), all_refused if refused else all_paid).replace("2026-09-07", today)
    bring_back(office, made.no, back, office.settings.var, f"{made.no}.csv")
    with office.rt.store.read() as uow:
        batch = uow.payments.batch(made.no)
    assert batch is not None
    assert settling.settle_batch(office.rt, batch.id) == 1
