"""What an xlsx archive says of its first worksheet, and the rows in the stream of that sheet's XML.

Source: ECMA-376, part 1, 18 (SpreadsheetML).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from xml.parsers import expat

from banjie.domain.columns import Cell, UnreadableFile

#: What a broken, encrypted or strangely packed archive raises.
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)

_CHUNK = 256 * 1024
#: The small parts of an archive: the list of sheets, the styles.
_MOST_OF_A_PART = 8 * 1024 * 1024
#: The shared strings, which are kept in memory while the sheet is read.
_MOST_STRINGS = 512 * 1024 * 1024
#: The pieces of a text, of 8,192 characters each at the most: its formatted runs, and what the parser hands over.
_MOST_PIECES = 2_000
#: Formats 14 to 22, 27 to 36, 45 to 47 and 50 to 58 are of dates and times (18.8.30, with those in Chinese).
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
#: Quoted and escaped letters, colours and locales in brackets, which say nothing of the kind of a format.
_SILENT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_REFERENCE = re.compile(r"([A-Z]{1,3})\d+")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The first worksheet: its part, the bytes of it when unpacked, and what its cells refer to.

    `strings` gives the shared strings by number, `dates` the styles that show a number as a date; `epoch` is the day
    of which dates count.
    """

    name: str
    size: int
    strings: Strings
    dates: frozenset[str]
    epoch: datetime


class Strings:
    """The texts that cells share, in one block of bytes: objects of a million names would be hundreds of megabytes."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q")

    def add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def get(self, number: int) -> str:
        """The text of a number; raises IndexError."""
        if number < 0:
            raise IndexError(number)
        end = self._ends[number]
        return self._bytes[self._ends[number - 1] if number else 0 : end].decode("utf-8", "replace")


def open_sheet(archive: zipfile.ZipFile, most_unpacked: int) -> Sheet:
    """The first worksheet; raises UnreadableFile where there is none or it would unpack to more bytes than allowed."""
    try:
        name, is_1904 = _first_sheet(archive)
        sheet = archive.getinfo(name)
        shared = _find(archive, "xl/sharedStrings.xml")
        if sheet.file_size > most_unpacked or (shared is not None and shared.file_size > _MOST_STRINGS):
            raise UnreadableFile(reason="unpacked")
        styles = _find(archive, "xl/styles.xml")
        return Sheet(
            name=name,
            size=sheet.file_size,
            strings=_strings(archive, shared),
            dates=_date_styles(_part(archive, styles)) if styles else frozenset(),
            # Day 60 of the older calendar is the 29th of February 1900, which never was.
            epoch=datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30),  # noqa: DTZ001  a wall date
        )
    except (KeyError, *DAMAGED):
        raise UnreadableFile(reason="damaged") from None


def _find(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo | None:
    return archive.NameToInfo.get(name)


def _part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    if part.file_size > _MOST_OF_A_PART:
        raise UnreadableFile(reason="unpacked")
    return archive.read(part)


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, bool]:
    """The part of the first sheet that is shown, and whether days count from 1904."""
    sheets: list[tuple[str, str]] = []
    settings: dict[str, str] = {}

    def seen(name: str, given: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((value for key, value in given.items() if key.rpartition(":")[2] == "id"), "")
            sheets.append((relation, given.get("state", "visible")))
        elif name == "workbookPr":
            settings.update(given)

    _each_element(_part(archive, archive.getinfo("xl/workbook.xml")), seen)
    targets: dict[str, str] = {}

    def related(name: str, given: dict[str, str]) -> None:
        if name == "Relationship" and given.get("Type", "").endswith("/worksheet"):
            targets[given.get("Id", "")] = given.get("Target", "")

    _each_element(_part(archive, archive.getinfo("xl/_rels/workbook.xml.rels")), related)
    named = [(targets[relation], state) for relation, state in sheets if relation in targets]
    if not named:
        raise UnreadableFile(reason="no_sheet")
    target = next((target for target, state in named if state == "visible"), named[0][0])
    path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return path, settings.get("date1904") in ("1", "true")


def _date_styles(styles: bytes) -> frozenset[str]:
    """The numbers of the cell styles that show a number as a date."""
    formats: set[str] = {str(number) for number in _DATE_FORMATS}
    cells: list[str] = []
    inside = False

    def seen(name: str, given: dict[str, str]) -> None:
        nonlocal inside
        if name in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            inside = name == "cellXfs"
        elif name == "numFmt" and re.search("[ymdhs]", _SILENT.sub("", given.get("formatCode", "")).lower()):
            formats.add(given.get("numFmtId", ""))
        elif name == "xf" and inside:
            cells.append(given.get("numFmtId", "0"))

    _each_element(styles, seen)
    return frozenset(str(number) for number, shown in enumerate(cells) if shown in formats)


def _strings(archive: zipfile.ZipFile, part: zipfile.ZipInfo | None) -> Strings:
    """The shared strings; of a text with its reading (phonetic run) the text only."""
    strings = Strings()
    if part is None:
        return strings
    texts: list[str] = []
    depth = {"t": False, "rPh": False}

    def start(name: str, _given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name in depth:
            depth[name] = True

    def end(name: str) -> None:
        name = name.rpartition(":")[2]
        if name in depth:
            depth[name] = False
        elif name == "si":
            strings.add("".join(texts))
            texts.clear()

    def words(text: str) -> None:
        if depth["t"] and not depth["rPh"]:
            texts.append(text)
            if len(texts) > _MOST_PIECES:
                raise UnreadableFile(reason="cell")

    parser = _parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, words
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            _parse(parser, chunk, final=False)
    _parse(parser, b"", final=True)
    return strings


class _Names:
    """The elements of a sheet, with the prefix that a file gives them; `aid` tells how to pronounce a text."""

    __slots__ = ("aid", "c", "row", "t", "v")

    def __init__(self, prefix: str) -> None:
        self.row, self.c, self.v, self.t, self.aid = (prefix + name for name in ("row", "c", "v", "t", "rPh"))


class SheetRows:
    """The rows in a sheet's XML, as it is fed in."""

    def __init__(self, sheet: Sheet, *, most_columns: int, longest_cell: int) -> None:
        self._sheet = sheet
        self._most, self._longest = most_columns, longest_cell
        self._found: list[tuple[int, list[Cell]]] = []
        self._cells: list[Cell] = []
        self._line = 0
        self._place = -1
        self._kind = self._style = ""
        self._text: list[str] = []
        self._reading = self._is_reading_aid = False
        self._names = _Names("")
        self._places: dict[str, int] = {}
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._words

    def feed(self, chunk: bytes) -> Iterator[tuple[int, list[Cell]]]:
        """The rows that end in this piece; raises UnreadableFile."""
        _parse(self._parser, chunk, final=False, line=self._line)
        found, self._found = self._found, []
        return iter(found)

    def end(self) -> Iterator[tuple[int, list[Cell]]]:
        """What is left when all was fed in; raises UnreadableFile where the XML is not whole."""
        _parse(self._parser, b"", final=True, line=self._line)
        return iter(self._found)

    def _start(self, name: str, given: dict[str, str]) -> None:
        if name == self._names.c:
            reference = given.get("r")
            self._place = self._place_of(reference) if reference else self._place + 1
            self._kind = given.get("t", "n")
            self._style = given.get("s", "")
        elif name == self._names.v:
            self._reading = True
        elif name == self._names.t:
            self._reading = self._kind == "inlineStr" and not self._is_reading_aid
        elif name == self._names.row:
            line = given.get("r", "")
            self._line = int(line) if line.isascii() and line.isdigit() and len(line) < 8 else self._line + 1
            self._cells, self._place = [], -1
        elif name == self._names.aid:
            self._is_reading_aid = True
        elif not self._line and name.endswith(":worksheet"):
            self._names = _Names(name.removesuffix("worksheet"))

    def _words(self, text: str) -> None:
        if self._reading:
            self._text.append(text)
            if len(self._text) > _MOST_PIECES:
                raise UnreadableFile(reason="cell", line=self._line)

    def _end(self, name: str) -> None:
        if name == self._names.c:
            if self._text:
                text = "".join(self._text)
                self._text.clear()
                self._keep(text)
        elif name in (self._names.v, self._names.t):
            self._reading = False
        elif name == self._names.row:
            if any(cell is not None for cell in self._cells):
                self._found.append((self._line, self._cells))
        elif name == self._names.aid:
            self._is_reading_aid = False

    def _keep(self, text: str) -> None:
        if self._place >= self._most:
            raise UnreadableFile(reason="columns", line=self._line)
        if len(text) > self._longest:
            raise UnreadableFile(reason="cell", line=self._line)
        cells = self._cells
        if len(cells) < self._place:
            cells.extend([None] * (self._place - len(cells)))
        value = self._value(text)
        if len(cells) == self._place:
            cells.append(value)
        else:
            cells[self._place] = value

    def _value(self, text: str) -> Cell:
        kind = self._kind
        try:
            if kind == "s":
                return self._sheet.strings.get(int(text)) or None
            if kind == "n":
                return self._day(text) if self._style in self._sheet.dates else _number(text)
        except (ValueError, IndexError, OverflowError):
            raise UnreadableFile(reason="cell", line=self._line) from None
        if kind == "b":
            return text == "1"
        return text or None

    def _day(self, text: str) -> Cell:
        moment = self._sheet.epoch + timedelta(days=float(text))
        return moment.date() if moment.time() == datetime.min.time() else moment

    def _place_of(self, reference: str) -> int:
        """The column of a cell's reference, from 0."""
        letters = reference.rstrip("0123456789")
        place = self._places.get(letters, -1)
        if place < 0:
            if not _REFERENCE.fullmatch(reference):
                raise UnreadableFile(reason="cell", line=self._line)
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - 64
            place = self._places[letters] = place - 1
        return place


def _number(text: str) -> int | Decimal:
    """A number as the spreadsheet shows it: 15 digits of the double, so that 0.1 + 0.2 is 0.3.

    Whole numbers of more digits stay as they are, so that whoever reads a number of 18 digits sees that it is one.
    """
    if text.isascii() and text.isdigit() and len(text) < 18:
        return int(text)
    number = float(text)
    if not abs(number) <= 1e20:
        raise ValueError(text)
    value = Decimal(f"{number:.15g}")
    return int(value) if value == value.to_integral_value() else value


def _each_element(xml: bytes, seen: Callable[[str, dict[str, str]], None]) -> None:
    parser = _parser()
    parser.StartElementHandler = lambda name, given: seen(name.rpartition(":")[2], given)
    _parse(parser, xml, final=True)


def _parser() -> expat.XMLParserType:
    """A parser that knows no documents with types of their own, and so no entities that swell."""

    def refuse(*_: object) -> None:
        raise UnreadableFile(reason="damaged")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _parse(parser: expat.XMLParserType, chunk: bytes, *, final: bool, line: int | None = None) -> None:
    try:
        parser.Parse(chunk, final)
    except expat.ExpatError:
        raise UnreadableFile(reason="damaged", **({} if line is None else {"line": line})) from None
