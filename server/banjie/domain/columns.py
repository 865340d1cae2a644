"""Columns of files that people send: what they are called, what their cells must be, and what is wrong with a cell.

A specification is a tuple of `Column`; `Header` finds its columns in the first row of a file, `Header.read` turns a
row into values by key and names each bad cell by a code. Text stays text: what looks like a formula is never one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from banjie.domain.errors import InvalidRequest
from banjie.domain.identity import credit_code_fault, id_number_fault

#: A cell as `documents.sheets_in` gives it, and a value as it is kept.
Cell = str | int | Decimal | bool | date | datetime | None
Value = str | int | Decimal | bool | date | None


class CellKind(StrEnum):
    """What a column's cells hold. SUBJECT takes an ID number or a credit code."""

    TEXT = "text"
    CODE = "code"
    ID_NUMBER = "id_number"
    CREDIT_CODE = "credit_code"
    SUBJECT = "subject"
    ACCOUNT = "account"
    MONEY = "money"
    COUNT = "count"
    DECIMAL = "decimal"
    DATE = "date"
    MONTH = "month"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: `key` of its value, its Chinese and English titles, and other titles by which it is known.

    `choices` of a CHOICE: what may stand in the cell → the value that is kept.
    """

    key: str
    title: str
    title_en: str
    kind: CellKind = CellKind.TEXT
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    also: Sequence[str] = ()
    longest: int = 200


class MissingColumns(InvalidRequest):
    """The first row of the file lacks columns that are required."""

    code = "missing_columns"


class UnreadableFile(InvalidRequest):
    """The file is no list that can be read."""

    code = "unreadable_file"


class BadCell(Exception):
    """A cell that is not what its column must hold."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, kw_only=True)
class CellProblem:
    """What is wrong with one cell: the column's key, a stable code, and facts without personal data."""

    field: str
    code: str
    facts: Mapping[str, object]


class Header:
    """The columns of a specification, found in the first row of a file."""

    def __init__(self, columns: Sequence[Column], cells: Sequence[Cell], on: date) -> None:
        """Find the columns; `on` is the day that birth dates must not lie after.

        Titles are compared without spaces and case; unknown columns are passed over. Raises MissingColumns where a
        required one is absent, InvalidRequest where one is there twice.
        """
        named = {title: column for column in columns for title in _titles(column)}
        self.places: dict[str, int] = {}
        self._read: list[tuple[int, Column]] = []
        for place, cell in enumerate(cells):
            column = named.get(_folded(str(cell or "")))
            if column is None:
                continue
            if column.key in self.places:
                raise InvalidRequest("A column is there twice.", column=column.title)
            self.places[column.key] = place
            self._read.append((place, column))
        missing = [column.title for column in columns if column.required and column.key not in self.places]
        if missing:
            raise MissingColumns(columns=", ".join(missing))
        self._on = on

    def read(self, cells: Sequence[Cell]) -> tuple[dict[str, Value], list[CellProblem]]:
        """The values of a row by key, empty cells left out, and what is wrong with the others."""
        values: dict[str, Value] = {}
        problems: list[CellProblem] = []
        width = len(cells)
        for place, column in self._read:
            cell = cells[place] if place < width else None
            if isinstance(cell, str):
                cell = cell.strip()
            if cell is None or cell == "":
                if column.required:
                    problems.append(CellProblem(field=column.key, code="required", facts={}))
                continue
            try:
                values[column.key] = _READERS[column.kind](cell, column, self._on)
            except BadCell as bad:
                problems.append(CellProblem(field=column.key, code=bad.code, facts=bad.facts))
        return values, problems


def _titles(column: Column) -> list[str]:
    return [_folded(title) for title in (column.key, column.title, column.title_en, *column.also)]


def _folded(title: str) -> str:
    return re.sub(r"[\s_*＊（）()]+", "", title).casefold()


#: What a spreadsheet shows instead of a result; a value that is lost must not enter as a text.
_ERROR_VALUES = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!"})
#: A double keeps 15 digits; longer numbers that a spreadsheet took for numbers have lost their last ones.
_EXACT = 10**15
_LARGEST = Decimal(10) ** 12
_CENT = Decimal("0.01")
_MONEY = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,2}0*)?", re.ASCII)
_COUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.0+)?", re.ASCII)
_DECIMAL = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,10})?", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]0?0:00(?::00)?)?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})|(\d{2}))月?", re.ASCII)
_YES = frozenset({"是", "yes", "y", "true", "1", "有"})
_NO = frozenset({"否", "no", "n", "false", "0", "无"})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _text(cell: Cell, column: Column, _on: date) -> str:
    if isinstance(cell, bool):
        raise BadCell("text")
    if isinstance(cell, int | Decimal):
        if not -_EXACT < cell < _EXACT:
            raise BadCell("digits_lost")
        return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell)
    if text in _ERROR_VALUES:
        raise BadCell("error_value")
    if _UNPRINTABLE.search(text):
        raise BadCell("characters")
    if len(text) > column.longest:
        raise BadCell("too_long", longest=column.longest)
    return text


def _code(cell: Cell, column: Column, on: date) -> str:
    """Letters and digits without the marks by which people keep a spreadsheet from reading them as a number."""
    return _text(cell, column, on).lstrip("'’‘`").replace(" ", "").replace("\u00a0", "").upper()


def _id_number(cell: Cell, column: Column, on: date) -> str:
    number = _code(cell, column, on)
    fault = id_number_fault(number, on)
    if fault:
        raise BadCell("id_number", fault=str(fault))
    return number


def _credit_code(cell: Cell, column: Column, on: date) -> str:
    number = _code(cell, column, on)
    fault = credit_code_fault(number)
    if fault:
        raise BadCell("credit_code", fault=str(fault))
    return number


def _subject(cell: Cell, column: Column, on: date) -> str:
    number = _code(cell, column, on)
    if credit_code_fault(number) is None or id_number_fault(number, on) is None:
        return number
    raise BadCell("subject")


def _account(cell: Cell, column: Column, on: date) -> str:
    number = _code(cell, column, on).replace("-", "")
    if not (number.isascii() and number.isalnum() and 5 <= len(number) <= 34):
        raise BadCell("account")
    return number


def _money(cell: Cell, _column: Column, _on: date) -> Decimal:
    if isinstance(cell, str) and _MONEY.fullmatch(cell):
        amount = Decimal(cell.replace(",", ""))
    elif isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        amount = Decimal(cell)
    else:
        raise BadCell("money")
    if not 0 <= amount < _LARGEST:
        raise BadCell("money")
    cents = amount.quantize(_CENT)
    if cents != amount:
        raise BadCell("cents")
    return cents


def _count(cell: Cell, _column: Column, _on: date) -> int:
    if isinstance(cell, bool):
        raise BadCell("count")
    if isinstance(cell, str):
        if not _COUNT.fullmatch(cell):
            raise BadCell("count")
        return int(cell.replace(",", "").partition(".")[0])
    if isinstance(cell, int) and 0 <= cell < 10**9:
        return cell
    raise BadCell("count")


def _decimal(cell: Cell, _column: Column, _on: date) -> Decimal:
    """A number from zero, as an average has it."""
    if isinstance(cell, str) and _DECIMAL.fullmatch(cell):
        return Decimal(cell.replace(",", ""))
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool) and 0 <= cell < 10**9:
        return Decimal(cell)
    raise BadCell("number")


def _date(cell: Cell, _column: Column, _on: date) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell)
    found = _DATE.fullmatch(text)
    if found and not isinstance(cell, bool) and (len(text) == 8 or not text.isdigit()):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            pass
    raise BadCell("date")


def _month(cell: Cell, _column: Column, _on: date) -> date:
    """The first day of the month."""
    if isinstance(cell, date):
        return date(cell.year, cell.month, 1)
    found = None if isinstance(cell, bool) else _MONTH.fullmatch(str(cell))
    if found is None:
        raise BadCell("month")
    try:
        return date(int(found[1]), int(found[2] or found[3]), 1)
    except ValueError:
        raise BadCell("month") from None


def _yes_no(cell: Cell, _column: Column, _on: date) -> bool:
    word = str(cell).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell("yes_no")


def _choice(cell: Cell, column: Column, _on: date) -> str:
    value = column.choices.get(str(cell))
    if value is None:
        raise BadCell("choice", allowed=", ".join(column.choices))
    return value


_READERS: Mapping[CellKind, Callable[[Cell, Column, date], Value]] = {
    CellKind.TEXT: _text,
    CellKind.CODE: _code,
    CellKind.ID_NUMBER: _id_number,
    CellKind.CREDIT_CODE: _credit_code,
    CellKind.SUBJECT: _subject,
    CellKind.ACCOUNT: _account,
    CellKind.MONEY: _money,
    CellKind.COUNT: _count,
    CellKind.DECIMAL: _decimal,
    CellKind.DATE: _date,
    CellKind.MONTH: _month,
    CellKind.YES_NO: _yes_no,
    CellKind.CHOICE: _choice,
}
