"""Reading the bank's return file: which columns it has and what each line says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from banjie.documents.sheets_in import Row, media_of, rows
from banjie.domain.columns import CellKind, CellProblem, Column, Header, MissingColumns, Value
from banjie.domain.payments import MOST_FAULTS, BankResult, ReturnFault, ReturnRow
from banjie.persistence.text import read_id

_PAID = ("成功", "已支付", "支付成功", "已付", "到账", "paid", "success")
_REFUSED = ("失败", "退票", "退回", "支付失败", "拒绝", "refused", "failed", "returned")

COLUMNS = (
    Column(key="payment", title="付款编号", title_en="Payment number", kind=CellKind.CODE, required=True),
    Column(key="account", title="账号", title_en="Account number", kind=CellKind.ACCOUNT, required=True,
           also=("收款账号",)),
    Column(key="amount", title="金额", title_en="Amount", kind=CellKind.MONEY, required=True),
    Column(
        key="result", title="结果", title_en="Result", kind=CellKind.CHOICE,
        choices={**dict.fromkeys(_PAID, BankResult.PAID.value), **dict.fromkeys(_REFUSED, BankResult.REFUSED.value)},
    ),
    Column(key="code", title="代码", title_en="Code", also=("原因代码",), longest=40),
    Column(key="words", title="原因", title_en="Reason", longest=300),
    Column(key="reference", title="流水号", title_en="Reference", also=("银行流水号", "交易流水号"), longest=80),
    Column(key="paid_on", title="付款日期", title_en="Paid on", kind=CellKind.DATE, also=("支付日期",)),
)  # fmt: skip
#: Control totals may stand above the titles.
_TITLES_WITHIN = 5


class ReturnFile:
    """A return file being read once; `faults` holds what is wrong with its lines, the first hundred."""

    def __init__(self, path: Path, *, sent_on: date, today: date) -> None:
        """`sent_on` is the day on which the batch went to the bank: nothing was paid before it, nor after today."""
        self._path = path
        self._sent_on = sent_on
        self._today = today
        self.faults: list[ReturnFault] = []

    def rows(self) -> Iterator[ReturnRow]:
        """The answers as they come; lines that say nothing of the result are passed over, faulty ones noted.

        Raises UnreadableFile, and MissingColumns where no line near the top holds the titles.
        """
        found = rows(self._path, media_of(self._path))
        header = self._header(found)
        for line, cells in found:
            values, problems = header.read(cells)
            if not values.get("result") and not any(one.field == "result" for one in problems):
                continue
            if problems:
                self._note(line, problems)
                continue
            row = self._row(line, values)
            if row is not None:
                yield row

    def _header(self, found: Iterator[Row]) -> Header:
        refusal = MissingColumns(columns=", ".join(column.title for column in COLUMNS[:4]))
        for _, (_line, cells) in zip(range(_TITLES_WITHIN), found, strict=False):
            try:
                header = Header(COLUMNS, cells, self._today)
            except MissingColumns as missing:
                refusal = missing
                continue
            if "result" not in header.places:
                raise MissingColumns(columns=COLUMNS[3].title)
            return header
        raise refusal

    def _row(self, line: int, values: Mapping[str, Value]) -> ReturnRow | None:
        wrong = self._wrong(values)
        if wrong:
            self._fault(line, *wrong)
            return None
        paid_on = values.get("paid_on")
        is_paid = values["result"] == BankResult.PAID
        return ReturnRow(
            line=line, payment_id=read_id(str(values["payment"])), account_no=str(values["account"]),
            amount=Decimal(str(values["amount"])), result=BankResult(str(values["result"])),
            code="" if is_paid else str(values["code"]), words="" if is_paid else str(values.get("words", "")),
            reference=str(values.get("reference", "")),
            paid_on=paid_on if is_paid and isinstance(paid_on, date) else None,
        )  # fmt: skip

    def _wrong(self, values: Mapping[str, Value]) -> tuple[str, str] | None:
        """What is wrong with a line by itself: the column and a code."""
        try:
            read_id(str(values["payment"]))
        except ValueError:
            return "payment", "unknown_payment"
        paid_on = values.get("paid_on")
        if values["result"] == BankResult.REFUSED and not values.get("code"):
            return "code", "required"
        if values["result"] == BankResult.PAID and not isinstance(paid_on, date):
            return "paid_on", "required"
        if isinstance(paid_on, date) and not self._sent_on <= paid_on <= self._today:
            return "paid_on", "day_outside"
        return None

    def _fault(self, line: int, field: str, code: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(ReturnFault(line=line, field=field, code=code))

    def _note(self, line: int, problems: list[CellProblem]) -> None:
        for problem in problems:
            self._fault(line, problem.field, problem.code)
