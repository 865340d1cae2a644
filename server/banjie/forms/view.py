"""What a page needs to draw a form: plain values, already in one language. `presentation` makes them.

Every part has a `kind` for the template to choose by: field, text, separator, group, rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from banjie.domain.errors import FieldError


@dataclass(frozen=True, kw_only=True)
class OptionView:
    """One choice; `id` is its element's."""

    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class HideView:
    """When a browser hides the part: JSON of ``[{"name", "equal", "value"}]``, all of them or any of them."""

    literals: str
    every: bool
    hidden: bool


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """One field. `id` and `name` are those of its HTML element, `described_by` the ids of its hint and error.

    `widget` is text, textarea, number, date, time, datetime, file, checkbox, checklist, radio, select or output.
    `text` is the value to show in a text-like widget or output; `chosen_text` the label of a chosen option.
    """

    id: str
    name: str
    key: str
    label: str
    help: str
    widget: str
    required: bool
    text: str
    checked: bool
    options: tuple[OptionView, ...]
    error: FieldError | None
    described_by: str
    columns: int
    hide: tuple[HideView, ...]
    prefix: str = ""
    suffix: str = ""
    inputmode: str = ""
    autocomplete: str = ""
    accept: str = ""
    multiple: bool = False
    kind: str = "field"


@dataclass(frozen=True, kw_only=True)
class TextView:
    """Words or a line between fields; `kind` is text, separator or spacer."""

    kind: str
    paragraphs: tuple[str, ...]
    columns: int
    hide: tuple[HideView, ...]


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A fieldset with a legend."""

    id: str
    label: str
    lines: tuple[LineView, ...]
    columns: int
    hide: tuple[HideView, ...]
    kind: str = "group"


@dataclass(frozen=True, kw_only=True)
class RowsView:
    """A repeated group: one fieldset a row, at most `most`. `error` is of the list as a whole."""

    id: str
    label: str
    entries: tuple[GroupView, ...]
    most: int
    error: FieldError | None
    columns: int
    hide: tuple[HideView, ...]
    kind: str = "rows"


PartView = FieldView | TextView | GroupView | RowsView


@dataclass(frozen=True, kw_only=True)
class LineView:
    """Parts side by side; their `columns` are sixteenths of the width."""

    parts: tuple[PartView, ...]


@dataclass(frozen=True, kw_only=True)
class ErrorView:
    """A line of the error summary. `target` is the id of the element to go to, empty for the form as a whole."""

    target: str
    label: str
    error: FieldError


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of the frame around fields, in the form's language."""

    summary: str
    required: str
    choose: str
    keep_file: str
    entry: str
    add_entry: str


@dataclass(frozen=True, kw_only=True)
class FormView:
    """A form to draw; `lang` is ``zh`` or ``en``."""

    id: str
    lang: str
    editable: bool
    lines: tuple[LineView, ...]
    errors: Sequence[ErrorView]
    words: Words
