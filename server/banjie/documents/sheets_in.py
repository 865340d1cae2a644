"""Reading lists that people send, xlsx or CSV, row by row in bounded memory.

Streamed with expat and not read by a library that builds the whole sheet: a million rows of twelve columns took a
gigabyte so, and a file with one cell at its far corner any amount. The first worksheet is read; formulas give the
result that the file holds. Everything that a file may do to the reader is bounded here.
"""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

from banjie.documents.xlsx_cells import DAMAGED, SheetRows, open_sheet
from banjie.domain.columns import Cell, UnreadableFile

Row = tuple[int, Sequence[Cell]]
Progress = Callable[[int], None]

#: The columns that a file may have, and the bytes of its sheet when unpacked.
MOST_COLUMNS = 200
MOST_UNPACKED = 3 * 1024**3
_CHUNK = 256 * 1024
#: A cell of more characters is an error: a quotation mark that never closes would swallow the file.
_LONGEST_CELL = 32_767


class Media(StrEnum):
    """The kinds of files that can be read."""

    CSV = "csv"
    XLSX = "xlsx"


def media_of(path: Path) -> Media:
    """The kind of a file by its first bytes; raises UnreadableFile for what can be neither."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise UnreadableFile(reason="empty")
    if head.startswith(b"PK\x03\x04"):
        return Media.XLSX
    if head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        raise UnreadableFile(reason="kind")
    return Media.CSV


def total_bytes(path: Path, media: str) -> int:
    """What the progress of `rows` counts up to: the bytes of the text, of an xlsx those of its unpacked sheet."""
    if media == Media.CSV:
        return path.stat().st_size
    with _archive(path) as archive:
        return open_sheet(archive, MOST_UNPACKED).size


def rows(path: Path, media: str, *, progress: Progress | None = None) -> Iterator[Row]:
    """The rows that hold anything, each with its line, the first of the file being 1; cells from the first column on.

    A CSV is UTF-8 or GB18030, with or without a byte order mark, parted by commas, semicolons or tabs; its line is
    that on which the row ends. Cells of a CSV are texts; those of an xlsx whole numbers, Decimals of 15 digits at
    the most, dates, booleans or texts. `progress` is told the bytes done so far, about every 256 KB.

    Raises UnreadableFile (`reason`, `line`) for what cannot be read, where it stands.
    """
    return _csv_rows(path, progress) if media == Media.CSV else _xlsx_rows(path, progress)


def _csv_rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    encoding = _encoding(path)
    with path.open("rb") as raw:
        text = TextIOWrapper(cast("BinaryIO", raw), encoding=encoding, newline="")
        reader = csv.reader(text, delimiter=_delimiter(path, encoding))
        csv.field_size_limit(_LONGEST_CELL)
        told = 0
        try:
            for cells in reader:
                if len(cells) > MOST_COLUMNS:
                    raise UnreadableFile(reason="columns", line=reader.line_num)
                if any(cells):
                    yield reader.line_num, cells
                if progress is not None and (at := raw.tell()) - told >= _CHUNK:
                    told = at
                    progress(at)
        except csv.Error:
            raise UnreadableFile(reason="quotes", line=reader.line_num) from None
        except UnicodeDecodeError:
            raise UnreadableFile(reason="encoding", line=reader.line_num) from None


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        first = text.readline(_LONGEST_CELL)
    return max(",;\t", key=first.count)


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, otherwise GB18030, which is what spreadsheets in China write."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK * 4):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def _xlsx_rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    with _archive(path) as archive:
        sheet = open_sheet(archive, MOST_UNPACKED)
        found = SheetRows(sheet, most_columns=MOST_COLUMNS, longest_cell=_LONGEST_CELL)
        done = 0
        try:
            with archive.open(sheet.name) as file:
                while chunk := file.read(_CHUNK):
                    yield from found.feed(chunk)
                    done += len(chunk)
                    if progress is not None:
                        progress(done)
        except DAMAGED:
            raise UnreadableFile(reason="damaged") from None
        yield from found.end()


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except DAMAGED:
        raise UnreadableFile(reason="damaged") from None
