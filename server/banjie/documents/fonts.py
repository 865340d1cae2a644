"""The fonts of printed papers: our own, never the server's, and which characters they can draw.

They come as a package (ADR 0010), so a server without any font prints the same sheet as every other.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import typst
from pylopdf_fonts_zh_cn import sans_path, serif_path

#: Families as the template names them; headings and labels in the first, everything else in the second.
SANS, SERIF = "Noto Sans SC", "Noto Serif SC"
#: Stands for a character that the fonts lack, as it does in the printing trade (下駄, the geta mark).
GETA = "〓"
#: A word that would run out of its cell, the zero-width space that lets it break, and how often it may.
_LONG_WORD = re.compile(r"[!-~]{28,}")
_MAY_BREAK = "\u200b"
_PIECE = 8
_SEGMENTED_COVERAGE = 12
_FIRST_GROUP = 16
_GROUP = 12


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The code points of a font as ranges, both ends included, in order and apart."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, char: str) -> bool:
        found = bisect_right(self.starts, ord(char)) - 1
        return found >= 0 and ord(char) <= self.ends[found]


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Our two fonts for the typesetter, read once in a process; it sees no others."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[sans_path().parent],
    )


@lru_cache(maxsize=1)
def _coverages() -> tuple[Coverage, ...]:
    """What one of our fonts draws; where the one lacks a character, the typesetter takes the other."""
    return (read_coverage(serif_path()), read_coverage(sans_path()))


def read_coverage(path: Path) -> Coverage:
    """The characters that an OpenType font draws, by its `cmap` table. Raises ValueError where it has none.

    Only the segmented form for all of Unicode (format 12) is read; every font for Chinese has one.
    Source: OpenType specification, "cmap".
    """
    with path.open("rb") as file:
        table = _table(file.read(12 + 16 * 64), b"cmap")
        file.seek(table[0])
        cmap = file.read(table[1])
    groups = sorted(_groups(cmap))
    if not groups:
        raise ValueError(f"{path.name} has no table of all its characters.")
    return Coverage(starts=tuple(group[0] for group in groups), ends=tuple(group[1] for group in groups))


def _table(head: bytes, tag: bytes) -> tuple[int, int]:
    """Where a table stands in the file, and how long it is; (0, 0) where there is none."""
    (count,) = struct.unpack_from(">H", head, 4)
    for number in range(count):
        name, _checksum, offset, length = struct.unpack_from(">4sIII", head, 12 + 16 * number)
        if name == tag:
            return offset, length
    return 0, 0


def _groups(cmap: bytes) -> Iterator[tuple[int, int]]:
    (tables,) = struct.unpack_from(">H", cmap, 2)
    for number in range(tables):
        (offset,) = struct.unpack_from(">I", cmap, 4 + 8 * number + 4)
        (kind,) = struct.unpack_from(">H", cmap, offset)
        if kind != _SEGMENTED_COVERAGE:
            continue
        (count,) = struct.unpack_from(">I", cmap, offset + 12)
        for group in range(count):
            start, end, _glyph = struct.unpack_from(">III", cmap, offset + _FIRST_GROUP + _GROUP * group)
            yield start, end
        return


def printable(text: str) -> tuple[str, set[str]]:
    """A text that the fonts can draw, and the characters of it that they cannot.

    Line breaks stay; other control and format characters, which draw nothing, are left out; a character
    that the fonts lack is replaced by the geta mark, so that a reader sees that something stood there.
    A Latin word too long for a line gets zero-width spaces, at which it may break.
    """
    known, missing, drawn = _coverages(), set[str](), list[str]()
    for char in text:
        has_glyph = (char.isprintable() or char == "\u3000") and any(char in font for font in known)
        if has_glyph or char == "\n":
            drawn.append(char)
        elif char.isspace():
            drawn.append(" ")
        elif char.isprintable() or _is_private(char):
            missing.add(char)
            drawn.append(GETA)
    return _LONG_WORD.sub(_breakable, "".join(drawn)), missing


def _breakable(word: re.Match[str]) -> str:
    return _MAY_BREAK.join(word[0][at : at + _PIECE] for at in range(0, len(word[0]), _PIECE))


def _is_private(char: str) -> bool:
    """Private-use characters, under which older systems kept rare characters of names."""
    return 0xE000 <= ord(char) <= 0xF8FF or ord(char) >= 0xF0000
