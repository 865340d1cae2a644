"""The print sheet of a case as PDF/A: a plain model in, the bytes of the file out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from io import BytesIO
from typing import Final

import segno
import typst

from banjie.documents.fonts import fonts, printable

#: Archives take it, and it is tagged, so that a screen reader reads the tables in order.
STANDARD: Final = "a-2a"
_TEMPLATE = files("banjie.documents").joinpath("sheet.typ").read_bytes()


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a section.

    Rows of two are labels and texts; with `columns` they are lines of a table of that many columns. `title` and,
    smaller beside it, `aside` stand above, `note` below; each may be empty.
    """

    title: str = ""
    aside: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the sheet under a heading."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is printed; every text as it shall read.

    `language` is "zh" or "en". `head` are labels and texts beside the QR code, which leads to `qr_url`. `printed`
    stands at the foot of every page beside `page`, in which {page} and {pages} are filled in. `missing` begins the
    sentence on characters that the fonts lack; it is printed only where there are some. `at` is the instant in the
    file's own description.
    """

    language: str
    title: str
    subtitle: str
    number: str
    head: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    qr_url: str
    qr_words: str
    printed: str
    page: str
    missing: str
    at: datetime


def print_sheet(sheet: Sheet) -> bytes:
    """The sheet as PDF/A-2a on A4 with our fonts embedded; the same sheet gives the same bytes."""
    lacking: set[str] = set()

    def text(given: str) -> str:
        drawn, missing = printable(given)
        lacking.update(missing)
        return drawn

    data = {
        "lang": sheet.language,
        "title": text(sheet.title),
        "subtitle": text(sheet.subtitle),
        "number": text(sheet.number),
        "head": [[text(cell) for cell in row] for row in sheet.head],
        "sections": [_section(section, text) for section in sheet.sections],
        "qr": _qr(sheet.qr_url),
        "qr_url": text(sheet.qr_url),
        "qr_words": text(sheet.qr_words),
        "printed": text(sheet.printed),
        "page": text(sheet.page),
    }
    data["missing"] = f"{sheet.missing} {_codes(lacking)}" if lacking else ""
    return typst.compile(
        _TEMPLATE, format="pdf", font_paths=fonts(), ignore_system_fonts=True, pdf_standards=STANDARD,
        sys_inputs={"sheet": json.dumps(data)}, timestamp=sheet.at.replace(microsecond=0),
    )  # fmt: skip


def _section(section: Section, text: Callable[[str], str]) -> dict[str, object]:
    return {
        "title": text(section.title),
        "parts": [
            {
                "title": text(part.title),
                "aside": text(part.aside),
                "columns": [text(column) for column in part.columns],
                "rows": [[text(cell) for cell in row] for row in part.rows],
                "note": text(part.note),
            }
            for part in section.parts
        ],
    }


def _codes(characters: set[str]) -> str:
    """Characters by their numbers in Unicode, by which they can be looked up."""
    return ", ".join(f"U+{ord(char):04X}" for char in sorted(characters))


def _qr(url: str) -> str:
    image = BytesIO()
    # The margin of four modules is the standard's; without it readers miss the code beside other ink.
    segno.make_qr(url, error="m").save(image, kind="svg", border=4, xmldecl=False, svgns=True)
    return image.getvalue().decode()
