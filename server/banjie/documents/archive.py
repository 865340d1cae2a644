"""Files for other programs: a ZIP whose bytes depend on its content only, and CSV that runs nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

#: A spreadsheet reads a cell that begins with one of these as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: The first year that the format can name.
_ZIP_EPOCH = 1980
_PLAIN_FILE = 0o644 << 16


def zip_of(contents: Mapping[str, bytes], at: datetime) -> bytes:
    """A ZIP of files by their names, in the order given, each dated `at` (as that zone reads the clock).

    The same contents and instant give the same bytes.
    """
    packed = io.BytesIO()
    stamp = (max(at.year, _ZIP_EPOCH), at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = _PLAIN_FILE
            archive.writestr(entry, content)
    return packed.getvalue()


def csv_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A table as CSV with a byte order mark, by which spreadsheets know Chinese.

    A cell that a spreadsheet would run gets an apostrophe in front.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell as a spreadsheet may open it: one that it would run gets an apostrophe in front."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(_FORMULA) else cell
