"""Cells of lists that people send: what is taken, and by which code the rest is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from banjie.domain.columns import Cell, CellKind, Column, Header, MissingColumns, Value
from banjie.domain.errors import InvalidRequest
from banjie.domain.identity import id_check_digit

TODAY = date(2026, 9, 7)
ID_NUMBER = "11010519491231002X"
CREDIT_CODE = "91350100M000100Y43"


def read(kind: CellKind, cell: Cell) -> tuple[Value, str | None]:
    """The value of a cell and the code of its fault."""
    column = Column(key="x", title="值", title_en="Value", kind=kind, choices={"小型": "small"}, longest=20)
    values, problems = Header([column], ["值"], TODAY).read([cell])
    return values.get("x"), problems[0].code if problems else None


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (CellKind.TEXT, "  甲 ", "甲"), (CellKind.TEXT, 12, "12"), (CellKind.TEXT, "=1+1", "=1+1"),
        (CellKind.TEXT, Decimal("1.5"), "1.5"), (CellKind.TEXT, date(2024, 2, 29), "2024-02-29"),
        (CellKind.ID_NUMBER, "\t'11010519491231002x", ID_NUMBER), (CellKind.CREDIT_CODE, CREDIT_CODE, CREDIT_CODE),
        (CellKind.SUBJECT, CREDIT_CODE, CREDIT_CODE), (CellKind.SUBJECT, ID_NUMBER, ID_NUMBER),
        (CellKind.ACCOUNT, "0512-0000 01", "0512000001"),
        (CellKind.MONEY, "1,234.50", Decimal("1234.50")), (CellKind.MONEY, 3, Decimal("3.00")),
        (CellKind.MONEY, "1.500", Decimal("1.50")), (CellKind.MONEY, Decimal("0.3"), Decimal("0.30")),
        (CellKind.COUNT, "12.0", 12), (CellKind.COUNT, "1,200", 1200), (CellKind.COUNT, 0, 0),
        (CellKind.DATE, "2024/2/29", date(2024, 2, 29)), (CellKind.DATE, "20240229", date(2024, 2, 29)),
        (CellKind.DATE, 20240229, date(2024, 2, 29)), (CellKind.DATE, "2024年2月29日", date(2024, 2, 29)),
        (CellKind.DATE, datetime(2024, 2, 29, 8), date(2024, 2, 29)),  # noqa: DTZ001  as a sheet has it
        (CellKind.DATE, "2024-02-29 00:00:00", date(2024, 2, 29)),
        (CellKind.MONTH, "202407", date(2024, 7, 1)), (CellKind.MONTH, "2024-7", date(2024, 7, 1)),
        (CellKind.MONTH, 202407, date(2024, 7, 1)), (CellKind.MONTH, date(2024, 7, 9), date(2024, 7, 1)),
        (CellKind.YES_NO, "是", True), (CellKind.YES_NO, "No", False), (CellKind.YES_NO, True, True),
        (CellKind.CHOICE, "小型", "small"),
    ],
)  # fmt: skip
def test_what_people_write_is_taken_for_what_they_mean(kind: CellKind, cell: Cell, value: Value) -> None:
    assert read(kind, cell) == (value, None)


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        (CellKind.TEXT, "甲" * 21, "too_long"), (CellKind.TEXT, "甲\x07", "characters"),
        (CellKind.TEXT, "#N/A", "error_value"), (CellKind.TEXT, True, "text"),
        (CellKind.ID_NUMBER, 110105194912310000, "digits_lost"),
        (CellKind.ID_NUMBER, ID_NUMBER[:17] + "1", "id_number"),
        (CellKind.CREDIT_CODE, CREDIT_CODE[:17] + "4", "credit_code"), (CellKind.SUBJECT, "123", "subject"),
        (CellKind.ACCOUNT, "12", "account"), (CellKind.ACCOUNT, "账号12345", "account"),
        (CellKind.MONEY, "1.005", "money"), (CellKind.MONEY, Decimal("1.005"), "cents"), (CellKind.MONEY, -1, "money"),
        (CellKind.MONEY, "1e5", "money"), (CellKind.MONEY, "=1+1", "money"), (CellKind.MONEY, 10**12, "money"),
        (CellKind.COUNT, "-1", "count"), (CellKind.COUNT, Decimal("1.5"), "count"), (CellKind.COUNT, True, "count"),
        (CellKind.COUNT, "٣", "count"), (CellKind.DATE, "2023-02-29", "date"), (CellKind.DATE, "2024229", "date"),
        (CellKind.DATE, "45351", "date"), (CellKind.MONTH, "202413", "month"), (CellKind.MONTH, "2024", "month"),
        (CellKind.YES_NO, "maybe", "yes_no"), (CellKind.CHOICE, "巨型", "choice"),
    ],
)  # fmt: skip
def test_what_a_column_does_not_hold_is_refused_by_name(kind: CellKind, cell: Cell, code: str) -> None:
    assert read(kind, cell) == (None, code)


def test_nobody_is_born_after_the_day_of_the_file() -> None:
    body = f"150102{date(2026, 9, 8):%Y%m%d}001"

    assert read(CellKind.ID_NUMBER, body + id_check_digit(body)) == (None, "id_number")


def test_a_header_is_found_by_any_of_its_titles_in_any_order() -> None:
    columns = [
        Column(key="name", title="单位名称", title_en="Name of unit", required=True, also=("企业名称",)),
        Column(key="staff", title="职工人数", title_en="Staff", kind=CellKind.COUNT, required=True),
        Column(key="note", title="备注", title_en="Note"),
    ]

    header = Header(columns, ["序号", " staff ", None, "企业 名称（*）"], TODAY)

    assert header.read([1, "7", None, "甲"]) == ({"staff": 7, "name": "甲"}, [])
    assert [(one.field, one.code) for one in header.read([1])[1]] == [
        ("staff", "required"),
        ("name", "required"),
    ]
    with pytest.raises(MissingColumns) as missing:
        Header(columns, ["备注"], TODAY)
    assert missing.value.facts == {"columns": "单位名称, 职工人数"}
    with pytest.raises(InvalidRequest):
        Header(columns, ["单位名称", "企业名称", "职工人数"], TODAY)
