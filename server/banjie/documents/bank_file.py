"""The file by which a bank is told what to pay: CSV or xlsx, written line by line.

Every cell is text that no program runs: what a spreadsheet would take for a formula gets an apostrophe in front, which
an account number never needs. The columns that the bank fills stand empty beside ours, so that the same file comes
back as the return.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from io import TextIOWrapper
from typing import BinaryIO

import xlsxwriter

from banjie.documents.archive import harmless

#: Titles of what we tell and of what the bank answers, as `services/payments/return_file` finds them again.
TOLD = ("付款编号", "收款人", "账号", "开户行", "金额", "用途")
ANSWERED = ("结果", "代码", "原因", "流水号", "付款日期")

Line = Sequence[str]
Write = Callable[[BinaryIO], None]


def as_csv(control: Line, lines: Iterable[Line]) -> Write:
    """What writes a CSV in UTF-8 with a byte order mark: the control totals, the titles, then the lines."""

    def write(file: BinaryIO) -> None:
        text = TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow([harmless(cell) for cell in control])
        rows.writerow([*TOLD, *ANSWERED])
        nothing = [""] * len(ANSWERED)
        for line in lines:
            rows.writerow([*map(harmless, line), *nothing])
        text.detach()  # flushes, and leaves the file open for whoever hashes it

    return write


def as_xlsx(control: Line, lines: Iterable[Line]) -> Write:
    """What writes a workbook of one sheet, all cells texts, in bounded memory; lines as for `as_csv`."""

    def write(file: BinaryIO) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
                   "strings_to_urls": False}  # fmt: skip
        with xlsxwriter.Workbook(file, options) as book:
            sheet = book.add_worksheet("batch")
            _row(sheet, 0, control)
            _row(sheet, 1, (*TOLD, *ANSWERED))
            for number, line in enumerate(lines, start=2):
                _row(sheet, number, line)

    return write


def _row(sheet: xlsxwriter.worksheet.Worksheet, number: int, cells: Line) -> None:
    for place, cell in enumerate(cells):
        sheet.write_string(number, place, harmless(cell))
