"""From a posted HTML form to the submission that `validation` judges.

Only shapes are changed here: lists, rows, ticks and full-width digits. What does not fit is left as it is, for
`validation` to refuse by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from banjie.forms.model import LIST_TYPES, Field, FieldType, Form, Placed, Rows

_ROW_NAME = re.compile(
    r"(?P<list>[a-z][a-z0-9_]{0,62})-(?P<row>\d{1,3})-(?P<key>[a-z][a-z0-9_]{0,62})", re.ASCII
)
_HALF_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {
    ord("．"): ".", ord("－"): "-", ord("，"): ",", ord("\u3000"): " "
}  # fmt: skip
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_TICKED = frozenset({"true", "on"})


def raw_from_formdata(form: Form, items: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """The submission in a posted form: field key → value.

    `items` are the posted names with all their values, without those of the envelope (CSRF token and the like).
    An unticked checkbox is False, empty texts are left out, rows are gathered from ``rows-0-name`` in order of
    their numbers and dropped when nothing is entered in them. Numbers lose full-width digits and separators of
    thousands. Names that the form does not know stay, so that they are refused.
    """
    raw = _level(form.fields, items)
    rows = _row_items(form, items)
    for key, item in form.fields.items():
        if isinstance(item.component, Rows) and rows.get(key):
            fields = form.row_fields[key]
            entries = [_level(fields, entry) for _, entry in sorted(rows[key].items())]
            raw[key] = [
                entry for entry in entries if any(value not in (None, False) for value in entry.values())
            ]
    known = {*form.fields, *(name for name in items if _row_of(form, name))}
    raw.update({name: list(values) for name, values in items.items() if name not in known})
    return raw


def _level(fields: Mapping[str, Placed], items: Mapping[str, Sequence[str]]) -> dict[str, object]:
    raw: dict[str, object] = {}
    for key, item in fields.items():
        if not isinstance(item.component, Field):
            continue
        value = _value(item.component, items.get(key, ()))
        if value is not None:
            raw[key] = value
    return raw


def _value(field: Field, given: Sequence[str]) -> object:
    entered = [text for text in given if text.strip()]
    if field.type is FieldType.CHECKBOX:
        return bool(entered) if not entered or set(entered) <= _TICKED else entered[0]
    if not entered:
        return None
    if field.type in LIST_TYPES:
        return entered
    if len(entered) > 1:
        return entered
    if field.type is FieldType.NUMBER:
        return _half_width_number(entered[0])
    if field.check is not None:
        return entered[0].translate(_HALF_WIDTH)
    return entered[0]


def _half_width_number(text: str) -> str:
    number = text.translate(_HALF_WIDTH).strip()
    return number.replace(",", "") if _THOUSANDS.fullmatch(number) else number


def _row_items(
    form: Form, items: Mapping[str, Sequence[str]]
) -> dict[str, dict[int, dict[str, Sequence[str]]]]:
    rows: dict[str, dict[int, dict[str, Sequence[str]]]] = {}
    for name, values in items.items():
        match = _row_of(form, name)
        if match is not None:
            rows.setdefault(match["list"], {}).setdefault(int(match["row"]), {})[match["key"]] = values
    return rows


def _row_of(form: Form, name: str) -> re.Match[str] | None:
    """The parts of ``rows-0-name`` when the form has such a list with such a field."""
    match = _ROW_NAME.fullmatch(name)
    if match is None or match["key"] not in form.row_fields.get(match["list"], {}):
        return None
    return match
