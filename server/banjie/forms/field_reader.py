"""Reading one field of a form file: its type's attributes, rules, options and expressions."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TypeGuard

from banjie.feel import Expression
from banjie.forms.attributes import Attributes
from banjie.forms.conditions import ExpressionRefused, compile_condition, compile_formula
from banjie.forms.model import (
    LIST_TYPES,
    LONGEST_LIST,
    LONGEST_TEXT,
    OPTION_TYPES,
    Check,
    Condition,
    Field,
    FieldType,
    Layout,
    Mask,
    Option,
    Rules,
    Wording,
)
from banjie.forms.patterns import Pattern, PatternRefused, compile_pattern

_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FEEL_WORDS = frozenset(
    {
        "and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "not",
        "null", "of", "or", "return", "satisfies", "some", "then", "true",
    }
)  # fmt: skip
_BANNED_KEYS = frozenset({"typename", "this", "parent", "case", "today", "due_on"}) | frozenset(dir(builtins))

_COMMON = frozenset({"id", "type", "layout", "conditional", "properties"})
_FIELD = _COMMON | {"key", "label", "description", "defaultValue", "readonly", "disabled", "validate"}
_OPTIONS = _FIELD | {"values", "valuesKey", "valuesExpression"}
_DATETIME = {
    "subtype",
    "dateLabel",
    "timeLabel",
    "timeInterval",
    "timeSerializingFormat",
    "use24h",
    "disallowPassedDates",
}
_ATTRIBUTES: Mapping[FieldType, frozenset[str]] = {
    FieldType.TEXTFIELD: _FIELD | {"appearance"},
    FieldType.TEXTAREA: _FIELD,
    FieldType.NUMBER: _FIELD | {"appearance", "decimalDigits", "increment", "serializeToString"},
    FieldType.DATETIME: _FIELD | _DATETIME,
    FieldType.FILEPICKER: _FIELD | {"accept", "multiple"},
    FieldType.CHECKBOX: _FIELD,
    FieldType.CHECKLIST: _OPTIONS,
    FieldType.RADIO: _OPTIONS,
    FieldType.SELECT: _OPTIONS | {"searchable"},
    FieldType.TAGLIST: _OPTIONS,
    FieldType.EXPRESSION: _COMMON | {"key", "label", "description", "expression", "computeOn"},
}
_PROPERTIES = frozenset(
    {
        "label_en", "description_en", "patternErrorMessage_en", "prefixAdorner_en", "suffixAdorner_en",
        "check", "mask", "autocomplete", "not_after", "not_before", "max", "prefill",
    }
)  # fmt: skip
_VALIDATE = frozenset(
    {"required", "min", "max", "minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"}
)
_AUTOCOMPLETE = frozenset({"name", "tel", "email", "street-address", "organization", "off"})
_ACCEPT = re.compile(r"\.[a-z0-9]{1,8}(,\.[a-z0-9]{1,8}){0,19}")


def read_key(item: Attributes, name: str) -> str:
    """The field key under `name`; a note when it is missing, malformed or means something elsewhere."""
    key = item.text(name)
    if not _KEY.fullmatch(key) or item.tree.get(name) != key:
        item.refuse("key", f"{name} must be small letters, digits and underscores, beginning with a letter")
    elif key in _BANNED_KEYS or key in _FEEL_WORDS or keyword.iskeyword(key):
        item.refuse("banned_key", f"the key {key!r} means something to the engine or the expression language")
    return key


def read_layout(item: Attributes) -> Layout:
    layout = item.inner("layout")
    layout.only({"row", "columns"}, of="layout")
    return Layout(row=layout.text("row") or None, columns=layout.whole("columns", least=2, most=16))


def read_condition(item: Attributes, readable: Collection[str]) -> Condition | None:
    conditional = item.inner("conditional")
    conditional.only({"hide"}, of="conditional")
    hide = conditional.text("hide")
    if not hide:
        return None
    try:
        return compile_condition(hide, readable=readable)
    except ExpressionRefused as error:
        item.refuse("condition", str(error))
        return None


def read_field(item: Attributes, field_type: FieldType, readable: Collection[str]) -> Field:
    """The field; whatever is wrong is noted in the item's problems."""
    item.only(_ATTRIBUTES[field_type], of=field_type.value)
    properties = item.inner("properties")
    properties.only(_PROPERTIES, of="properties")
    rules = _rules(item, properties)
    options = _options(item) if field_type in OPTION_TYPES else ()
    appearance = item.inner("appearance")
    appearance.only({"prefixAdorner", "suffixAdorner"}, of="appearance")
    found = Field(
        id=item.text("id"),
        key=read_key(item, "key"),
        type=field_type,
        label=_label(item, properties, field_type),
        help=item.wording("description", properties),
        layout=read_layout(item),
        hide=read_condition(item, readable),
        rules=rules,
        editable=not (item.flag("readonly") or item.flag("disabled") or field_type is FieldType.EXPRESSION),
        default=_default(item, field_type, options),
        options=options,
        options_from=item.text("valuesKey") or None,
        options_expression=_formula(item, "valuesExpression", readable),
        ceiling=_formula(properties, "max", readable),
        prefill=_formula(properties, "prefill", ()),
        expression=_formula(item, "expression", readable),
        subtype=_subtype(item, field_type),
        decimal_digits=item.whole("decimalDigits", least=0, most=10),
        increment=item.number("increment"),
        multiple=item.flag("multiple"),
        accept=_accept(item),
        check=_check(properties, field_type),
        mask=_mask(properties),
        prefix=appearance.wording("prefixAdorner", properties),
        suffix=appearance.wording("suffixAdorner", properties),
        autocomplete=_one_of(properties, "autocomplete", _AUTOCOMPLETE),
        not_after_today=_one_of(properties, "not_after", {"today"}) is not None,
        not_before_today=_one_of(properties, "not_before", {"today"}) is not None
        or item.flag("disallowPassedDates"),
    )
    _refuse_option_source(item, found)
    if found.ceiling is not None and field_type is not FieldType.NUMBER:
        properties.refuse("max", "only a number can have a computed maximum")
    if field_type is FieldType.EXPRESSION and found.expression is None:
        item.refuse("expression", "an expression field needs an expression")
    return found


def _label(item: Attributes, properties: Attributes, field_type: FieldType) -> Wording:
    zh = item.text("label")
    if field_type is FieldType.DATETIME:
        zh = zh or item.text("dateLabel") or item.text("timeLabel")
    en = properties.text("label_en")
    if not zh or not en:
        item.refuse("label", "a field needs a Chinese label and its English in properties.label_en")
    if zh.startswith("="):
        item.refuse("label", "a label must be plain text, not an expression")
    return Wording(zh=zh, en=en or zh)


def _rules(item: Attributes, properties: Attributes) -> Rules:
    validate = item.inner("validate")
    validate.only(_VALIDATE, of="validate")
    least = validate.whole("minLength", least=0, most=LONGEST_TEXT) or 0
    most = validate.whole("maxLength", least=1, most=LONGEST_TEXT) or LONGEST_TEXT
    low, high = validate.number("min"), validate.number("max")
    if least > most or (low is not None and high is not None and low > high):
        item.refuse("bounds", "the least is above the greatest")
    return Rules(
        required=validate.flag("required"),
        min=low,
        max=high,
        min_length=least,
        max_length=most,
        pattern=_pattern(validate, most),
        pattern_message=validate.wording("patternErrorMessage", properties),
        validation_type=_one_of(validate, "validationType", {"email", "phone", "custom"}),
    )


def _pattern(validate: Attributes, longest: int) -> Pattern | None:
    source = validate.text("pattern")
    if not source:
        return None
    try:
        return compile_pattern(source, longest_text=longest)
    except PatternRefused as error:
        validate.refuse("pattern", str(error))
        return None


def _options(item: Attributes) -> tuple[Option, ...]:
    values = item.tree.get("values")
    if values is None:
        return ()
    if not isinstance(values, list) or not 1 <= len(values) <= LONGEST_LIST:
        item.refuse("options", f"values must be a list of 1 to {LONGEST_LIST} options")
        return ()
    options = [option for value in values if (option := _option(item, value)) is not None]
    if len({option.value for option in options}) < len(options):
        item.refuse("options", "two options have the same value")
    return tuple(options)


def _option(item: Attributes, tree: object) -> Option | None:
    if not isinstance(tree, dict):
        item.refuse("options", "an option must be an object with value, label and label_en")
        return None
    option = Attributes(tree, file=item.file, element=item.element, problems=item.problems)
    option.only({"value", "label", "label_en"}, of="an option")
    value, zh, en = option.text("value"), option.text("label"), option.text("label_en")
    if not value or not zh or not en or len(value) > 100:
        item.refuse("options", "an option needs value (at most 100 characters), label and label_en")
        return None
    return Option(value=value, label=Wording(zh=zh, en=en))


def _refuse_option_source(item: Attributes, field: Field) -> None:
    sources = [name for name in ("values", "valuesKey", "valuesExpression") if item.tree.get(name)]
    if field.has_options and len(sources) != 1:
        item.refuse("options", "exactly one of values, valuesKey and valuesExpression must be given")
    if field.options_from is not None and not _KEY.fullmatch(field.options_from):
        item.refuse("options", "valuesKey must be small letters, digits and underscores")


def _default(
    item: Attributes, field_type: FieldType, options: tuple[Option, ...]
) -> str | bool | Decimal | tuple[str, ...] | None:
    value = item.tree.get("defaultValue")
    if value is None or value == "":
        return None
    values = {option.value for option in options}
    if field_type is FieldType.NUMBER:
        return item.number("defaultValue")
    if field_type is FieldType.CHECKBOX:
        return item.flag("defaultValue")
    if field_type in LIST_TYPES and _are_texts(value) and values.issuperset(value):
        return tuple(value)
    is_choice = field_type in OPTION_TYPES and bool(options)
    if field_type not in LIST_TYPES and isinstance(value, str) and (not is_choice or value in values):
        return value
    item.refuse("defaultValue", "the default does not fit the field")
    return None


def _are_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _formula(item: Attributes, name: str, readable: Collection[str]) -> Expression | None:
    text = item.text(name)
    if not text:
        return None
    try:
        return compile_formula(text, readable=readable)
    except ExpressionRefused as error:
        item.refuse(name, str(error))
        return None


def _subtype(item: Attributes, field_type: FieldType) -> str:
    if field_type is not FieldType.DATETIME:
        return "date"
    subtype = item.text("subtype")
    if subtype not in ("date", "time", "datetime"):
        item.refuse("subtype", "subtype must be date, time or datetime")
        return "date"
    return subtype


def _accept(item: Attributes) -> str | None:
    accept = item.text("accept").replace(" ", "")
    if accept and not _ACCEPT.fullmatch(accept):
        item.refuse("accept", "accept must be file endings such as .pdf,.jpg")
        return None
    return accept or None


def _check(properties: Attributes, field_type: FieldType) -> Check | None:
    name = _one_of(properties, "check", {check.value for check in Check})
    if name and field_type is not FieldType.TEXTFIELD:
        properties.refuse("check", "only a textfield can have a check")
    return Check(name) if name else None


def _mask(properties: Attributes) -> Mask | None:
    name = _one_of(properties, "mask", {mask.value for mask in Mask})
    return Mask(name) if name else None


def _one_of(item: Attributes, name: str, allowed: Collection[str]) -> str | None:
    value = item.text(name)
    if value and value not in allowed:
        item.refuse(name, f"{name} must be one of {', '.join(sorted(allowed))}")
        return None
    return value or None
