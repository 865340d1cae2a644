"""A form as read from its file: components in order, each field with its key, rules and words.

Values only; `reader` makes them, `validation` and `presentation` use them. Every type here is named after the
form-js type it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from banjie.feel import Expression
from banjie.forms.patterns import Pattern

LONGEST_TEXT = 4_000
LONGEST_LIST = 100
LONGEST_REPEATED_LIST = 50


class FieldType(StrEnum):
    """The form-js types that carry a value."""

    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATETIME = "datetime"
    FILEPICKER = "filepicker"
    CHECKBOX = "checkbox"
    CHECKLIST = "checklist"
    RADIO = "radio"
    SELECT = "select"
    TAGLIST = "taglist"
    EXPRESSION = "expression"


class Check(StrEnum):
    """Check-digit rules a text field may name in `properties.check`; `domain.identity` holds them."""

    ID_NUMBER = "id_number"
    USCC = "uscc"
    BANK_ACCOUNT = "bank_account"


class Mask(StrEnum):
    """How a read-only view shortens a personal value, named in `properties.mask`."""

    ID_NUMBER = "id_number"
    BANK_ACCOUNT = "bank_account"
    PHONE = "phone"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A text for people in Chinese and English; `en` falls back to `zh` where none is given."""

    zh: str
    en: str

    def in_language(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice of a radio, select, checklist or taglist."""

    value: str
    label: Wording


@dataclass(frozen=True, kw_only=True)
class Literal:
    """One comparison of a simple condition: a field's key, whether equality or its opposite, and the constant."""

    key: str
    equal: bool
    value: str | bool | Decimal


@dataclass(frozen=True, kw_only=True)
class Condition:
    """`conditional.hide`: the component is hidden while the expression is true (not while it is null).

    `literals` is given when the condition is only comparisons with constants, joined by one connective
    (`every` true: and); a browser can then follow it without an evaluator.
    """

    expression: Expression
    literals: tuple[Literal, ...] = ()
    every: bool = True


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`validate` of a field. Lengths count characters of the trimmed text; all bounds are inclusive."""

    required: bool = False
    min: Decimal | None = None
    max: Decimal | None = None
    min_length: int = 0
    max_length: int = LONGEST_TEXT
    pattern: Pattern | None = None
    pattern_message: Wording | None = None
    validation_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """`row` joins neighbours into one line; `columns` of 16, None for an even share."""

    row: str | None = None
    columns: int | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """A component with a value.

    `editable` is false for disabled and read-only fields: a submission cannot set them.
    `options_from` names the list of options in the context (`valuesKey`); `options_expression` computes them.
    `subtype` is ``date``, ``time`` or ``datetime``. `decimal_digits` None leaves the number of decimals open.
    `ceiling` computes the most that a number may be from the case (`properties.max`); null sets no bound.
    `prefill` computes what is proposed before anybody has typed (`properties.prefill`); null proposes nothing.
    `not_after_today` and `not_before_today` bound a date by the day of submission (inclusive).
    """

    id: str
    key: str
    type: FieldType
    label: Wording
    help: Wording | None = None
    layout: Layout = field(default_factory=Layout)
    hide: Condition | None = None
    rules: Rules = field(default_factory=Rules)
    editable: bool = True
    default: str | bool | Decimal | tuple[str, ...] | None = None
    options: tuple[Option, ...] = ()
    options_from: str | None = None
    options_expression: Expression | None = None
    ceiling: Expression | None = None
    prefill: Expression | None = None
    expression: Expression | None = None
    subtype: str = "date"
    decimal_digits: int | None = None
    increment: Decimal | None = None
    multiple: bool = False
    accept: str | None = None
    check: Check | None = None
    mask: Mask | None = None
    prefix: Wording | None = None
    suffix: Wording | None = None
    autocomplete: str | None = None
    not_after_today: bool = False
    not_before_today: bool = False

    @property
    def has_options(self) -> bool:
        return self.type in OPTION_TYPES


OPTION_TYPES = frozenset({FieldType.RADIO, FieldType.SELECT, FieldType.CHECKLIST, FieldType.TAGLIST})
LIST_TYPES = frozenset({FieldType.CHECKLIST, FieldType.TAGLIST, FieldType.FILEPICKER})


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words between fields; plain text, one paragraph a line. `text` is empty for separators and spacers."""

    id: str
    type: str
    text: Wording
    layout: Layout = field(default_factory=Layout)
    hide: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Fields under one heading; it adds no level to the values."""

    id: str
    label: Wording
    components: tuple[Component, ...]
    layout: Layout = field(default_factory=Layout)
    hide: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A repeated group (dynamiclist): its value is a list of objects under `key`."""

    id: str
    key: str
    label: Wording
    components: tuple[Component, ...]
    layout: Layout = field(default_factory=Layout)
    hide: Condition | None = None
    shown_at_first: int = 1
    most: int = LONGEST_REPEATED_LIST


Component = Field | Text | Group | Rows


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A field or repeated group with every condition that can hide it, outermost first."""

    component: Field | Rows
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Form:
    """A form as deployed; two are the same only if they are one object.

    `file` is its path as given to `load_form`; `sha256` of its bytes in hex.
    `order` are the keys of the outer level so arranged that what a condition or computation reads comes first.
    `fields` and `row_fields` (by list key) are the same components flattened out of their groups.
    """

    file: str
    id: str
    sha256: str
    components: tuple[Component, ...]
    fields: Mapping[str, Placed]
    row_fields: Mapping[str, Mapping[str, Placed]]
    order: tuple[str, ...]
    row_order: Mapping[str, tuple[str, ...]]


def placed(components: tuple[Component, ...], outer: tuple[Condition, ...] = ()) -> Iterator[Placed]:
    """The fields and repeated groups of one level in order, groups opened, rows not."""
    for component in components:
        conditions = outer if component.hide is None else (*outer, component.hide)
        if isinstance(component, Group):
            yield from placed(component.components, conditions)
        elif isinstance(component, Field | Rows):
            yield Placed(component=component, conditions=conditions)
