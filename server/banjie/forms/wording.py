"""How a value reads: options by their labels, numbers with their unit, personal numbers masked where asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from banjie.domain.decisions import Json
from banjie.domain.identity import mask_account, mask_id_number, mask_phone
from banjie.forms.conditions import CONTEXT_NAMES, empty_value, is_hidden
from banjie.forms.model import Field, FieldType, Form, Mask, Option, Placed, Rows, Wording

_YES_NO = {True: Wording(zh="是", en="Yes"), False: Wording(zh="否", en="No")}
_MASKS = {Mask.ID_NUMBER: mask_id_number, Mask.BANK_ACCOUNT: mask_account, Mask.PHONE: mask_phone}

Options = Mapping[str, Sequence[Option]]


def display(
    form: Form, values: Mapping[str, Json], lang: str, options: Options | None = None
) -> list[tuple[str, str]]:
    """Labels and texts of the fields that have a value, in the form's order; rows as "label n · inner label".

    `values` as `validate` gave them. `options` by `valuesKey`, and by field key the names of uploaded
    documents (value: document id). Values whose field names a mask are masked.
    """
    shown: list[tuple[str, str]] = []
    for key, item in form.fields.items():
        value, component = values.get(key), item.component
        if value is None or _is_hidden(item, form.fields, values):
            continue
        if isinstance(component, Field):
            shown.append(
                (component.label.in_language(lang), field_text(component, value, lang, options or {}))
            )
        elif isinstance(value, list | tuple):
            shown += _rows(component, form.row_fields[key], value, lang, options or {})
    return shown


def field_text(field: Field, value: Json, lang: str, options: Options) -> str:
    """One value in words."""
    if isinstance(value, bool):
        return _YES_NO[value].in_language(lang)
    if isinstance(value, list | tuple):
        comma = ", " if lang == "en" else "、"
        return comma.join(option_label(field, str(one), lang, options) for one in value)
    text = plain_text(value)
    if field.has_options:
        return option_label(field, text, lang, options)
    if field.mask is not None:
        return _MASKS[field.mask](text)
    if field.type is FieldType.NUMBER or isinstance(value, Decimal):
        return _with_unit(field, value, lang)
    return text.replace("T", " ", 1) if field.subtype == "datetime" else text


def plain_text(value: object) -> str:
    """A single value as it is typed into a field; empty for what is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def field_options(field: Field, options: Options) -> tuple[Option, ...]:
    """The field's own options, or those that the caller gives under its `valuesKey` or its key."""
    if field.options:
        return field.options
    return tuple(options.get(field.options_from or field.key, ()))


def option_label(field: Field, value: str, lang: str, options: Options) -> str:
    """The label of the option with this value; the value itself when no option has it."""
    for option in field_options(field, options):
        if option.value == value:
            return option.label.in_language(lang)
    return value


def options_of(listed: Json) -> tuple[Option, ...]:
    """Options from a list of the form context: texts, or objects with `value`, `label` and `label_en`."""
    found: list[Option] = []
    for entry in listed if isinstance(listed, list | tuple) else ():
        if isinstance(entry, Mapping):
            value, zh = str(entry.get("value", "")), str(entry.get("label") or entry.get("value", ""))
            found.append(Option(value=value, label=Wording(zh=zh, en=str(entry.get("label_en") or zh))))
        elif isinstance(entry, str):
            found.append(Option(value=entry, label=Wording(zh=entry, en=entry)))
    return tuple(found)


def _rows(
    rows: Rows, fields: Mapping[str, Placed], values: Sequence[Json], lang: str, options: Options
) -> list[tuple[str, str]]:
    shown: list[tuple[str, str]] = []
    for number, row in enumerate(values, start=1):
        for key, item in fields.items():
            value = row.get(key) if isinstance(row, Mapping) else None
            if value is None or not isinstance(item.component, Field):
                continue
            label = f"{rows.label.in_language(lang)} {number} · {item.component.label.in_language(lang)}"
            shown.append((label, field_text(item.component, value, lang, options)))
    return shown


def _is_hidden(item: Placed, fields: Mapping[str, Placed], values: Mapping[str, Json]) -> bool:
    if not item.conditions:
        return False
    names: dict[str, object] = dict.fromkeys(CONTEXT_NAMES)
    for key, other in fields.items():
        names[key] = values.get(key, empty_value(other.component))
    return is_hidden(item.conditions, names)


def _with_unit(field: Field, value: Json, lang: str) -> str:
    text = f"{value:,f}" if isinstance(value, Decimal) else plain_text(value)
    prefix = f"{field.prefix.in_language(lang)} " if field.prefix else ""
    suffix = f" {field.suffix.in_language(lang)}" if field.suffix else ""
    return f"{prefix}{text}{suffix}"
