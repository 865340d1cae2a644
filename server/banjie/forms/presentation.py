"""From a form, values and faults to what a page draws, in one language. No HTML and no sentences for errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from banjie.domain.errors import FieldError
from banjie.forms.conditions import CONTEXT_NAMES, empty_value, is_hidden
from banjie.forms.model import (
    Component,
    Condition,
    Field,
    FieldType,
    Form,
    Group,
    Literal,
    Placed,
    Rows,
    Text,
)
from banjie.forms.view import (
    ErrorView,
    FieldView,
    FormView,
    GroupView,
    HideView,
    LineView,
    OptionView,
    PartView,
    RowsView,
    TextView,
    Words,
)
from banjie.forms.wording import Options, field_options, field_text, plain_text

_WIDTH = 16
_NUMBER = re.compile(r"-?\d{1,16}(?:\.\d{1,10})?", re.ASCII)
_WIDGETS = {
    FieldType.TEXTFIELD: "text",
    FieldType.TEXTAREA: "textarea",
    FieldType.NUMBER: "number",
    FieldType.FILEPICKER: "file",
    FieldType.CHECKBOX: "checkbox",
    FieldType.CHECKLIST: "checklist",
    FieldType.TAGLIST: "checklist",
    FieldType.RADIO: "radio",
    FieldType.SELECT: "select",
    FieldType.EXPRESSION: "output",
}
_WORDS = {
    "zh": Words(
        summary="请更正以下内容后重新提交",
        required="必填",
        choose="请选择",
        keep_file="保留已上传的文件",
        entry="第{}项",
        add_entry="再加一项",
    ),
    "en": Words(
        summary="Correct the following and submit again",
        required="required",
        choose="Choose",
        keep_file="Keep the file uploaded before",
        entry="Entry {}",
        add_entry="Add another",
    ),
}


def present(
    form: Form,
    *,
    values: Mapping[str, object],
    errors: Sequence[FieldError] = (),
    lang: str = "zh",
    editable: bool = True,
    options: Options | None = None,
) -> FormView:
    """The form with what was entered and what was wrong.

    `values` may be validated values, a draft, or a refused submission: whatever does not fit is shown empty.
    Defaults fill a form without any values. `options` by `valuesKey`, and by the key of a filepicker the names
    of documents already uploaded (value: document id).

    Parts whose condition a browser can follow are drawn with the condition; other conditional parts are drawn
    always, because the server drops what turns out hidden. A form that is not editable leaves out what is hidden.
    """
    drawing = _Drawing(
        form=form,
        lang="en" if lang == "en" else "zh",
        editable=editable,
        options=options or {},
        errors={error.path: error for error in reversed(errors)},
        with_defaults=editable and not values,
    )
    level = drawing.level(form.fields, values, prefix="", path=(), outer={})
    lines = tuple(drawing.lines(form.components, level))
    return FormView(
        id=form.id,
        lang=drawing.lang,
        editable=editable,
        lines=lines,
        errors=tuple(_summary(errors, lines)),
        words=drawing.words,
    )


@dataclass(frozen=True, kw_only=True)
class _Level:
    """Where a part stands: values and names of its level, prefix of HTML names, path of errors."""

    fields: Mapping[str, Placed]
    values: Mapping[str, object]
    names: Mapping[str, object]
    prefix: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class _Drawing:
    form: Form
    lang: str
    editable: bool
    options: Options
    errors: Mapping[tuple[str | int, ...], FieldError]
    with_defaults: bool

    @property
    def words(self) -> Words:
        return _WORDS[self.lang]

    def level(
        self,
        fields: Mapping[str, Placed],
        values: Mapping[str, object],
        *,
        prefix: str,
        path: tuple[str | int, ...],
        outer: Mapping[str, object],
    ) -> _Level:
        """A level's values with defaults, and the names that its conditions read."""
        filled = dict(values)
        if self.with_defaults:
            for key, item in fields.items():
                if isinstance(item.component, Field) and item.component.default is not None:
                    filled.setdefault(key, item.component.default)
        names: dict[str, object] = {**dict.fromkeys(CONTEXT_NAMES), **outer}
        for key, item in fields.items():
            names[key] = _read_by_conditions(item, filled.get(key))
        return _Level(fields=fields, values=filled, names=names, prefix=prefix, path=path)

    def lines(self, components: Sequence[Component], level: _Level) -> Iterator[LineView]:
        """Neighbours of the same layout row stand in one line."""
        numbered = enumerate(components)
        for _, neighbours in groupby(numbered, lambda pair: pair[1].layout.row or pair[0]):
            row = [component for _, component in neighbours]
            shown = [one for one in row if self.editable or not self._is_hidden(one, level)]
            parts = tuple(self._part(component, level, share=_WIDTH // len(row)) for component in shown)
            if parts:
                yield LineView(parts=parts)

    def _is_hidden(self, component: Component, level: _Level) -> bool:
        return component.hide is not None and is_hidden((component.hide,), level.names)

    def _part(self, component: Component, level: _Level, *, share: int) -> PartView:
        columns = component.layout.columns or share
        hide = self._hide(component.hide, level)
        if isinstance(component, Field):
            return self._field(component, level, columns=columns, hide=hide)
        if isinstance(component, Rows):
            return self._rows(component, level, columns=columns, hide=hide)
        if isinstance(component, Group):
            lines = tuple(self.lines(component.components, level))
            label = component.label.in_language(self.lang)
            return GroupView(
                id=f"g-{level.prefix}{component.id}", label=label, lines=lines, columns=columns, hide=hide
            )
        return self._text(component, columns=columns, hide=hide)

    def _text(self, component: Text, *, columns: int, hide: tuple[HideView, ...]) -> TextView:
        paragraphs = tuple(
            line for line in component.text.in_language(self.lang).splitlines() if line.strip()
        )
        return TextView(kind=component.type, paragraphs=paragraphs, columns=columns, hide=hide)

    def _field(self, field: Field, level: _Level, *, columns: int, hide: tuple[HideView, ...]) -> FieldView:
        name = level.prefix + field.key
        value = level.values.get(field.key)
        error = self.errors.get((*level.path, field.key))
        help_text = field.help.in_language(self.lang) if field.help else ""
        editable = self.editable and field.editable
        described_by = [f"f-{name}-hint"] * bool(help_text) + [f"f-{name}-error"] * (error is not None)
        return FieldView(
            id=f"f-{name}",
            name=name,
            key=field.key,
            label=field.label.in_language(self.lang),
            help=help_text,
            widget=_widget(field) if editable else "output",
            required=field.rules.required,
            text=plain_text(value) if editable else self._output(field, value),
            checked=value is True,
            options=tuple(self._option_views(field, name, value)),
            error=error,
            described_by=" ".join(described_by),
            columns=columns,
            hide=hide,
            prefix=field.prefix.in_language(self.lang) if field.prefix else "",
            suffix=field.suffix.in_language(self.lang) if field.suffix else "",
            inputmode=_inputmode(field),
            autocomplete=field.autocomplete or "",
            accept=field.accept or "",
            multiple=field.multiple,
        )

    def _output(self, field: Field, value: object) -> str:
        if isinstance(value, bool | str | int | Decimal | list | tuple):
            return field_text(field, value, self.lang, self.options)
        return ""

    def _option_views(self, field: Field, name: str, value: object) -> Iterator[OptionView]:
        chosen = _chosen(value)
        offered = field_options(field, self.options)
        for number, option in enumerate(offered):
            if field.type is FieldType.FILEPICKER and option.value not in chosen:
                continue
            label = option.label.in_language(self.lang)
            # The first choice carries the field's own id, so that the error summary leads to it.
            identifier = (
                f"f-{name}"
                if number == 0 and field.type is not FieldType.FILEPICKER
                else f"f-{name}-{number}"
            )
            yield OptionView(id=identifier, value=option.value, label=label, chosen=option.value in chosen)

    def _rows(self, rows: Rows, level: _Level, *, columns: int, hide: tuple[HideView, ...]) -> RowsView:
        given = level.values.get(rows.key)
        entries = (
            [row if isinstance(row, Mapping) else {} for row in given]
            if isinstance(given, list | tuple)
            else []
        )
        if self.editable:
            # One empty row more than was entered, so that a list can grow without a script.
            wanted = min(max(len(entries) + 1, rows.shown_at_first), rows.most)
            entries += [{} for _ in range(wanted - len(entries))]
        path = (*level.path, rows.key)
        drawn = [self._entry(rows, entry, number, level) for number, entry in enumerate(entries[: rows.most])]
        return RowsView(
            id=f"f-{rows.key}",
            label=rows.label.in_language(self.lang),
            entries=tuple(drawn),
            most=rows.most if self.editable else 0,
            error=self.errors.get(path),
            columns=columns,
            hide=hide,
        )

    def _entry(self, rows: Rows, entry: Mapping[str, object], number: int, outer: _Level) -> GroupView:
        fields = self.form.row_fields[rows.key]
        prefix = f"{rows.key}-{number}-"
        level = self.level(
            fields, entry, prefix=prefix, path=(*outer.path, rows.key, number), outer=outer.names
        )
        return GroupView(
            id=f"g-{prefix}row",
            label=self.words.entry.format(number + 1),
            lines=tuple(self.lines(rows.components, level)),
            columns=_WIDTH,
            hide=(),
        )

    def _hide(self, condition: Condition | None, level: _Level) -> tuple[HideView, ...]:
        if condition is None or not condition.literals or not self.editable:
            return ()
        literals = [_literal(literal, level) for literal in condition.literals]
        text = json.dumps(literals, ensure_ascii=False, separators=(",", ":"))
        return (HideView(literals=text, every=condition.every, hidden=is_hidden((condition,), level.names)),)


def _literal(literal: Literal, level: _Level) -> dict[str, object]:
    value = float(literal.value) if isinstance(literal.value, Decimal) else literal.value
    prefix = level.prefix if literal.key in level.fields else ""
    return {"name": prefix + literal.key, "equal": literal.equal, "value": value}


def _read_by_conditions(item: Placed, value: object) -> object:
    component = item.component
    if value is None or value == "":
        return empty_value(component)
    if isinstance(component, Field) and component.type is FieldType.NUMBER and isinstance(value, str):
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    return value


def _widget(field: Field) -> str:
    return field.subtype if field.type is FieldType.DATETIME else _WIDGETS[field.type]


def _inputmode(field: Field) -> str:
    if field.type is FieldType.NUMBER:
        return "numeric" if field.decimal_digits == 0 else "decimal"
    if field.autocomplete == "tel":
        return "tel"
    return "email" if field.rules.validation_type == "email" else ""


def _chosen(value: object) -> frozenset[str]:
    given = value if isinstance(value, list | tuple) else (value,)
    return frozenset(one for one in given if isinstance(one, str))


def _summary(errors: Sequence[FieldError], lines: Sequence[LineView]) -> Iterator[ErrorView]:
    drawn: dict[str, tuple[str, str]] = {}
    for part in _parts(lines):
        if isinstance(part, FieldView):
            drawn[part.name] = (part.id, part.label)
        elif isinstance(part, RowsView):
            drawn[part.id.removeprefix("f-")] = (part.id, part.label)
    for error in errors:
        name = "-".join(map(str, error.path))
        target, label = drawn.get(name, ("", name))
        yield ErrorView(target=target, label=label, error=error)


def _parts(lines: Sequence[LineView]) -> Iterator[PartView]:
    for line in lines:
        for part in line.parts:
            yield part
            if isinstance(part, GroupView):
                yield from _parts(part.lines)
            elif isinstance(part, RowsView):
                for entry in part.entries:
                    yield from _parts(entry.lines)
