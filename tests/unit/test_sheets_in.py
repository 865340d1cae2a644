"""Reading lists that people send: xlsx and CSV, as spreadsheets write them and as nobody should."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from banjie.documents import sheets_in
from banjie.domain.columns import UnreadableFile


def read(path: Path) -> list[tuple[int, list[object]]]:
    return [(line, list(cells)) for line, cells in sheets_in.rows(path, sheets_in.media_of(path))]


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def xlsx_file(folder: Path, rows: Sequence[Sequence[object]], **options: bool) -> Path:
    path = folder / "list.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd", **options}) as book:
        sheet = book.add_worksheet("名单")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def with_part(path: Path, name: str, content: str) -> Path:
    """The archive with one of its parts replaced."""
    other = path.with_name("other.xlsx")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.namelist():
            after.writestr(entry, content if entry == name else before.read(entry))
    return other


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_and_with_the_marks_in_use(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    text = f'名称{delimiter}人数\r\n"呼和浩特\n公司"{delimiter}3\r\n{delimiter}\r\n末{delimiter}=1+1\r\n'

    assert read(csv_file(tmp_path, text, encoding)) == [
        (1, ["名称", "人数"]),
        (3, ["呼和浩特\n公司", "3"]),
        (5, ["末", "=1+1"]),
    ]


@pytest.mark.parametrize("constant_memory", [True, False], ids=["inline", "shared"])
def test_xlsx_gives_texts_numbers_and_dates_as_they_are_shown(tmp_path: Path, constant_memory: bool) -> None:
    path = xlsx_file(
        tmp_path,
        [
            ["名称", "人数", "金额", "日期", "时间", "是"],
            ["甲 & <乙>", 3, 0.1 + 0.2, date(2024, 2, 29), datetime(2024, 3, 1, 12, 0), True],  # noqa: DTZ001
            [],
            [None, -1, 12.5, None, None, "=1+1"],
        ],
        constant_memory=constant_memory,
    )

    assert read(path) == [
        (1, ["名称", "人数", "金额", "日期", "时间", "是"]),
        (2, ["甲 & <乙>", 3, Decimal("0.3"), date(2024, 2, 29), datetime(2024, 3, 1, 12), True]),  # noqa: DTZ001
        (4, [None, -1, Decimal("12.5"), None, None, 0]),
    ]


def test_progress_ends_with_the_total(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [["名称"], *[[f"公司{number}"] for number in range(500)]])
    told: list[int] = []

    for _ in sheets_in.rows(path, "xlsx", progress=told.append):
        pass

    assert told[-1] == sheets_in.total_bytes(path, "xlsx")


@pytest.mark.parametrize(
    ("sheet", "reason"),
    [
        ('<worksheet><sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>', "columns"),
        ('<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c>', "damaged"),
        ('<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>9</v></c></row></sheetData></worksheet>', "cell"),
        ('<worksheet><sheetData><row r="1"><c r="A1"><v>one</v></c></row></sheetData></worksheet>', "cell"),
        ('<worksheet><sheetData><row r="1"><c r="?"><v>1</v></c></row></sheetData></worksheet>', "cell"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData>&a;</sheetData></worksheet>', "damaged"),
    ],
)  # fmt: skip
def test_an_xlsx_that_nobody_wrote_by_hand_is_refused(tmp_path: Path, sheet: str, reason: str) -> None:
    path = with_part(xlsx_file(tmp_path, [["名称"]]), "xl/worksheets/sheet1.xml", sheet)

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.facts["reason"] == reason


def test_a_cell_far_down_costs_nothing(tmp_path: Path) -> None:
    sheet = '<x:worksheet xmlns:x="urn:x"><x:sheetData><x:row r="1048576"><x:c r="B1048576"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'  # noqa: E501
    path = with_part(xlsx_file(tmp_path, [["名称"]]), "xl/worksheets/sheet1.xml", sheet)

    assert read(path) == [(1048576, [None, 7])]


def test_what_would_unpack_to_too_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = xlsx_file(tmp_path, [["名称"], *[["同一名称"] for _ in range(1_000)]])
    monkeypatch.setattr(sheets_in, "MOST_UNPACKED", 10_000)

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.facts["reason"] == "unpacked"


def test_a_cell_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    endless = (
        "<worksheet><sheetData><row><c t='str'><v>"
        + "x" * 20_000_000
        + "</v></c></row></sheetData></worksheet>"
    )
    path = with_part(xlsx_file(tmp_path, [["名称"]]), "xl/worksheets/sheet1.xml", endless)

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.facts["reason"] == "cell"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind"),
        ("名称".encode("utf-16"), "kind"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b'a,b\n"never closed' + b"x" * 40_000, "quotes"),
        (b"a,b\n\xff\xff\xff,1\n", "encoding"),
        (b"," * 500, "columns"),
    ],
)
def test_what_is_no_list_is_refused_by_name(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile) as refused:
        read(path)

    assert refused.value.facts["reason"] == reason
