"""From a form's fields to a marshmallow Schema: types, lengths, bounds and fixed choices.

What depends on other fields or on the day is not here but in `validation`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import marshmallow
from marshmallow import fields

from banjie.forms.attributes import is_reasonable
from banjie.forms.codes import Fault, FieldCode
from banjie.forms.model import LONGEST_LIST, Field, FieldType, Placed

MOST_FILES = 20

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"-?\d{1,16}(?:\.\d{1,10})?", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@.]{1,63}(?:\.[^\s@.]{1,63}){1,8}")
_INTERNATIONAL_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2})?", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)


def schema_of(placed: Mapping[str, Placed]) -> marshmallow.Schema:
    """A Schema over the editable fields of one level; load answers field key → value.

    Its messages are lists of `Fault`. Attribute names are numbered and keys stand in `data_key`, so that no
    field's key can meet a name of marshmallow's own.
    """
    editable = [
        item.component
        for item in placed.values()
        if isinstance(item.component, Field) and item.component.editable
    ]
    declared: dict[str, Any] = {f"field_{number}": _field(field) for number, field in enumerate(editable)}
    form_schema: type[marshmallow.Schema] = marshmallow.Schema.from_dict(declared, name="FormSchema")
    return form_schema(unknown=marshmallow.RAISE)


def _field(field: Field) -> fields.Field[Any]:
    return _FIELDS[field.type](field)


class _Value(fields.Field[Any]):
    """A field that raises faults instead of sentences."""

    def __init__(self, field: Field) -> None:
        super().__init__(data_key=field.key, attribute=field.key)
        self.field = field


class _Text(_Value):
    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        if not isinstance(value, str):
            raise _refused(FieldCode.WRONG_TYPE)
        rules = self.field.rules
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(text) > rules.max_length:
            raise _refused(FieldCode.TOO_LONG, most=rules.max_length)
        if (_CONTROL_BUT_LINES if self.field.type is FieldType.TEXTAREA else _CONTROL).search(text):
            raise _refused(FieldCode.BAD_CHARACTER)
        if len(text) < rules.min_length:
            raise _refused(FieldCode.TOO_SHORT, least=rules.min_length)
        if rules.pattern is not None and not rules.pattern.occurs_in(text):
            words = rules.pattern_message
            raise (
                _refused(FieldCode.PATTERN_WORDED, zh=words.zh, en=words.en)
                if words
                else _refused(FieldCode.PATTERN)
            )
        if rules.validation_type == "email" and not _EMAIL.fullmatch(text):
            raise _refused(FieldCode.EMAIL)
        if rules.validation_type == "phone" and not _INTERNATIONAL_PHONE.fullmatch(text):
            raise _refused(FieldCode.PHONE)
        return text


class _Number(_Value):
    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> Decimal:
        number = _number(value)
        field = self.field
        digits = field.decimal_digits
        exponent = number.as_tuple().exponent
        if digits is not None and isinstance(exponent, int) and -exponent > digits:
            raise (
                _refused(FieldCode.TOO_MANY_DECIMALS, most=digits)
                if digits
                else _refused(FieldCode.NO_DECIMALS)
            )
        if field.rules.min is not None and number < field.rules.min:
            raise _refused(FieldCode.TOO_SMALL, least=field.rules.min)
        if field.rules.max is not None and number > field.rules.max:
            raise _refused(FieldCode.TOO_GREAT, most=field.rules.max)
        return number


def _number(value: object) -> Decimal:
    """The value as a Decimal without exponent or idle zeros; floats by their shortest text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _refused(FieldCode.WRONG_TYPE)
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise _refused(FieldCode.NOT_A_NUMBER)
        number = Decimal(value.strip())
    elif isinstance(value, float):
        number = Decimal(repr(value)) if math.isfinite(value) else Decimal("NaN")
    else:
        if isinstance(value, int) and abs(value) >= 10**16:
            raise _refused(FieldCode.NUMBER_SIZE)
        number = Decimal(value)
    if not is_reasonable(number):
        raise _refused(FieldCode.NUMBER_SIZE)
    plain = format(number.normalize(), "f")
    return Decimal(0) if plain == "-0" else Decimal(plain)


class _Checkbox(_Value):
    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> bool:
        if not isinstance(value, bool):
            raise _refused(FieldCode.WRONG_TYPE)
        return value


class _Choice(_Value):
    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        if not isinstance(value, str):
            raise _refused(FieldCode.WRONG_TYPE)
        _refuse_unlisted(self.field, [value])
        return value


class _Choices(_Value):
    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> list[str]:
        if not isinstance(value, list):
            raise _refused(FieldCode.WRONG_TYPE)
        if len(value) > LONGEST_LIST:
            raise _refused(FieldCode.TOO_MANY, most=LONGEST_LIST)
        chosen = [one for one in value if isinstance(one, str)]
        if len(chosen) < len(value):
            raise _refused(FieldCode.WRONG_TYPE)
        if len(set(chosen)) < len(chosen):
            raise _refused(FieldCode.CHOSEN_TWICE)
        _refuse_unlisted(self.field, chosen)
        return chosen


class _Files(_Value):
    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> list[str]:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list):
            raise _refused(FieldCode.WRONG_TYPE)
        if len(given) > MOST_FILES:
            raise _refused(FieldCode.TOO_MANY, most=MOST_FILES)
        if len(given) > 1 and not self.field.multiple:
            raise _refused(FieldCode.ONE_FILE_ONLY)
        files = [one for one in given if isinstance(one, str) and _FILE.fullmatch(one)]
        if len(files) < len(given):
            raise _refused(FieldCode.NOT_A_FILE)
        if len(set(files)) < len(files):
            raise _refused(FieldCode.CHOSEN_TWICE)
        return files


class _Datetime(_Value):
    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        if not isinstance(value, str):
            raise _refused(FieldCode.WRONG_TYPE)
        subtype, text = self.field.subtype, value.strip()
        shape, parse, code = _DATE_PARTS[subtype]
        if not shape.fullmatch(text):
            raise _refused(code)
        try:
            return parse(text)
        except ValueError:
            raise _refused(code) from None


def _iso_date(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _iso_time(text: str) -> str:
    return time.fromisoformat(text).isoformat()


def _iso_datetime(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


_DATE_PARTS: Mapping[str, tuple[re.Pattern[str], Callable[[str], str], FieldCode]] = {
    "date": (_DATE, _iso_date, FieldCode.NOT_A_DATE),
    "time": (_TIME, _iso_time, FieldCode.NOT_A_TIME),
    "datetime": (_DATETIME, _iso_datetime, FieldCode.NOT_A_DATETIME),
}

_FIELDS: Mapping[FieldType, type[_Value]] = {
    FieldType.TEXTFIELD: _Text,
    FieldType.TEXTAREA: _Text,
    FieldType.NUMBER: _Number,
    FieldType.DATETIME: _Datetime,
    FieldType.FILEPICKER: _Files,
    FieldType.CHECKBOX: _Checkbox,
    FieldType.CHECKLIST: _Choices,
    FieldType.TAGLIST: _Choices,
    FieldType.RADIO: _Choice,
    FieldType.SELECT: _Choice,
}


def _refuse_unlisted(field: Field, chosen: Iterable[str]) -> None:
    if field.options and not {option.value for option in field.options}.issuperset(chosen):
        raise _refused(FieldCode.NOT_AN_OPTION)


def _refused(code: FieldCode, **facts: object) -> marshmallow.ValidationError:
    return marshmallow.ValidationError([Fault(code=code, facts=facts)])
