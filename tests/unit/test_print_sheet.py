"""The sheet on paper: our fonts inside it, nothing lost, nothing read as markup."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from banjie.documents.archive import csv_of, zip_of
from banjie.documents.fonts import printable
from banjie.documents.sheet import Part, Section, Sheet, print_sheet

AT = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
SHEET = Sheet(
    language="zh", title="审批单", subtitle="个人创业担保贷款", number="152201-20260907-000001",
    head=(("申请人", "王小梅"),), sections=(), qr_url="https://banjie.example/follow?case_no=152201-20260907-000001",
    qr_words="扫码查询", printed="赵敏打印", page="第 {page} 页，共 {pages} 页", missing="缺字：", at=AT,
)  # fmt: skip


def with_text(text: str) -> Sheet:
    return replace(SHEET, sections=(Section(title="意见", parts=(Part(rows=(("意见", text),)),)),))


def pages(printed: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages]


def font_files(printed: bytes) -> list[bool]:
    """For each font of each page whether its glyphs are in the file."""
    found = []
    for page in PdfReader(io.BytesIO(printed)).pages:
        resources = cast(DictionaryObject, page["/Resources"])
        for font in cast(DictionaryObject, resources["/Font"]).values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            found.append(any(key.startswith("/FontFile") for key in descriptor))
    return found


def test_every_font_is_inside_the_file() -> None:
    embedded = font_files(print_sheet(with_text("同意。Approved.")))

    assert embedded
    assert all(embedded)


def test_the_sheet_is_made_for_archives() -> None:
    metadata = PdfReader(io.BytesIO(print_sheet(SHEET))).xmp_metadata

    assert metadata is not None
    assert (metadata.pdfaid_part, metadata.pdfaid_conformance) == ("2", "A")


def test_the_same_sheet_gives_the_same_bytes() -> None:
    assert print_sheet(SHEET) == print_sheet(replace(SHEET))


def test_every_character_of_gb2312_can_be_printed() -> None:
    characters = bytes(
        byte for row in (*range(0xA1, 0xAA), *range(0xB0, 0xF8)) for cell in range(0xA1, 0xFF) for byte in (row, cell)
    ).decode("gb2312", errors="ignore")  # fmt: skip

    text, missing = printable(characters)

    assert len(characters) > 7_000
    assert missing <= set("㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩")
    assert "〓" in text  # it is one of them


@pytest.mark.parametrize("char", ["䶮", "㛃", "𬭎", "𠅤", "〇", "·"])
def test_rare_characters_of_names_are_printed(char: str) -> None:
    assert printable(char) == (char, set())


def test_a_character_that_the_fonts_lack_leaves_a_mark_and_is_told() -> None:
    text = "\n".join(pages(print_sheet(with_text("王\ue123梅"))))

    assert "王〓梅" in text
    assert "缺字： U+E123" in text


def test_a_sheet_without_gaps_speaks_of_none() -> None:
    assert "缺字" not in "\n".join(pages(print_sheet(with_text("王小梅"))))


def test_a_long_opinion_goes_on_on_the_next_page_whole() -> None:
    printed = pages(print_sheet(with_text("".join(f"第{number}条。" for number in range(1200)))))

    whole = "".join("".join(printed).split())
    assert len(printed) > 2
    assert "第0条。" in whole
    assert "第1199条。" in whole
    assert f"第 {len(printed)} 页，共 {len(printed)} 页" in printed[-1]


def test_markup_is_printed_and_not_obeyed() -> None:
    hostile = '#image("/etc/passwd") $x^2$ *b* \\ ] <a> // c'

    assert hostile in pages(print_sheet(with_text(hostile)))[0].replace("\n", "").replace("\u200b", "")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_whatever_people_type_is_printed(text: str) -> None:
    assert print_sheet(with_text(text)).startswith(b"%PDF-")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1+1", "\r\n=1"])
def test_a_spreadsheet_runs_no_cell(cell: str) -> None:
    told = csv_of(("a", "b"), [("x", cell)]).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(told, newline="")))[1] == ["x", f"'{cell}"]


def test_a_plain_cell_stands_as_it_is() -> None:
    told = csv_of(("a",), [("说“好”, 1",)]).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(told, newline="")))[1] == ["说“好”, 1"]


def test_an_archive_depends_on_its_content_only() -> None:
    packed = zip_of({"b.txt": b"2", "文件/a.txt": b"1"}, AT)

    assert packed == zip_of({"b.txt": b"2", "文件/a.txt": b"1"}, AT)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["b.txt", "文件/a.txt"]
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 9, 7, 2, 0, 0)}
