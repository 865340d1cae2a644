"""Judging a submission by its form: what goes into the case, or every fault by field.

The server's word on form-js semantics: hidden fields are dropped, disabled and read-only ones are not taken,
computed ones are computed here, and everything the form does not know is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

import marshmallow

from banjie.domain.decisions import Json
from banjie.domain.errors import FieldError, InvalidSubmission
from banjie.domain.identity import bank_card_fault, credit_code_fault, id_number_fault
from banjie.feel.values import to_json
from banjie.forms.codes import Fault, FieldCode
from banjie.forms.conditions import empty_value, initial_names, is_hidden
from banjie.forms.model import Check, Field, Form, Placed, Rows
from banjie.forms.schema import schema_of
from banjie.forms.submission import MOST_KEYS, Path, printable, shape_faults


@dataclass(frozen=True, kw_only=True, eq=False)
class CompiledForm:
    """A form with its Schemas: one for the outer level, one for the rows of each repeated group."""

    form: Form
    schema: marshmallow.Schema
    row_schemas: Mapping[str, marshmallow.Schema]


@lru_cache(maxsize=512)
def compile_form(form: Form) -> CompiledForm:
    """The form's Schemas, made once for each loaded form."""
    return CompiledForm(
        form=form,
        schema=schema_of(form.fields),
        row_schemas={key: schema_of(fields) for key, fields in form.row_fields.items()},
    )


def validate(form: Form, raw: Mapping[str, object], *, context: Mapping[str, Json]) -> dict[str, Json]:
    """The values that enter the case: field key → value, in the form's order.

    `raw` may be any JSON value at all, as parsed; null, empty texts and empty lists count as not given.
    `context` holds ``today`` (ISO date; needed by ID numbers and by dates bounded by today), one list for
    each `valuesKey` of the form (``regions``: texts, or objects with ``value``), and ``case`` for conditions.

    Values: str (trimmed), bool (every visible checkbox has one), Decimal (every number, without idle zeros),
    ISO texts for dates, list of str (checklist, taglist, filepicker's document ids), list of dict (rows).
    Hidden, disabled and read-only fields and those not given have no key. Whether a document id exists and
    belongs to the applicant is the service's question.

    Raises InvalidSubmission, and nothing else, with one FieldError for each faulty field in the form's order.
    """
    if not _is_mapping(raw):
        raise InvalidSubmission([_error((), Fault(code=FieldCode.WRONG_TYPE))])
    if len(raw) > MOST_KEYS:
        raise InvalidSubmission([_error((), Fault(code=FieldCode.TOO_LARGE))])
    compiled = compile_form(form)
    refused = shape_faults(cast(Mapping[object, object], raw))
    judge = _Judge(compiled=compiled, context=context, errors=[], today=_day(context.get("today")))
    judge.errors.extend(_error((key,), fault) for key, fault in refused.items())
    usable = {key: value for key, value in raw.items() if printable(key) not in refused}
    names = initial_names(form.fields, context)
    values = judge.level(form.fields, form.order, compiled.schema, usable, names, ())
    if judge.errors:
        raise InvalidSubmission(_in_order(form, judge.errors))
    return values


@dataclass(frozen=True, kw_only=True)
class _Judge:
    compiled: CompiledForm
    context: Mapping[str, Json]
    errors: list[FieldError]
    today: date | None

    def level(
        self,
        fields: Mapping[str, Placed],
        order: Sequence[str],
        schema: marshmallow.Schema,
        raw: Mapping[str, object],
        names: dict[str, object],
        path: Path,
    ) -> dict[str, Json]:
        """The values of one level. `names` is what conditions read; it grows as fields are judged."""
        self.errors.extend(
            _error((*path, printable(key)), Fault(code=FieldCode.UNKNOWN_FIELD))
            for key in raw
            if key not in fields
        )
        loaded, faults = _load(schema, _given(fields, raw))
        values: dict[str, Json] = {}
        for key in order:
            item = fields[key]
            if is_hidden(item.conditions, names):
                continue
            if isinstance(item.component, Rows):
                value = self._rows(item.component, raw.get(key), names, (*path, key))
            else:
                value = self._field(item.component, loaded.get(key), faults.get(key), names, (*path, key))
            if value is not None:
                values[key] = names[key] = value
        return {key: values[key] for key in fields if key in values}

    def _field(
        self, field: Field, value: Json, fault: Fault | None, names: Mapping[str, object], path: Path
    ) -> Json:
        if field.expression is not None:
            return cast(Json, to_json(field.expression.evaluate(names).value))
        if not field.editable:
            return None
        if fault is None and (value is None or value is False) and field.rules.required:
            fault = Fault(code=FieldCode.REQUIRED)
        if fault is None and value is not None:
            fault = self._context_fault(field, value, names)
        if fault is not None:
            self.errors.append(_error(path, fault))
            return None
        return cast(Json, empty_value(field)) if value is None else value

    def _rows(self, rows: Rows, raw: object, names: Mapping[str, object], path: Path) -> Json:
        if raw is None or raw == []:
            return None
        if not isinstance(raw, list):
            self.errors.append(_error(path, Fault(code=FieldCode.WRONG_TYPE)))
            return None
        if len(raw) > rows.most:
            self.errors.append(_error(path, Fault(code=FieldCode.TOO_MANY, facts={"most": rows.most})))
            return None
        return [self._row(rows, row, names, (*path, number)) for number, row in enumerate(raw)]

    def _row(self, rows: Rows, raw: object, outer: Mapping[str, object], path: Path) -> dict[str, Json]:
        if not isinstance(raw, Mapping):
            self.errors.append(_error(path, Fault(code=FieldCode.WRONG_TYPE)))
            return {}
        form = self.compiled.form
        fields, schema = form.row_fields[rows.key], self.compiled.row_schemas[rows.key]
        names = {**outer, **{key: empty_value(item.component) for key, item in fields.items()}}
        return self.level(fields, form.row_order[rows.key], schema, raw, names, path)

    def _context_fault(self, field: Field, value: Json, names: Mapping[str, object]) -> Fault | None:
        if field.options_from is not None or field.options_expression is not None:
            return self._option_fault(field, value, names)
        if field.not_after_today or field.not_before_today:
            return self._today_fault(field, str(value))
        if field.check is not None:
            return self._check_fault(field.check, str(value))
        if field.ceiling is not None:
            most = to_json(field.ceiling.evaluate(names).value)
            if isinstance(value, Decimal) and isinstance(most, int | float) and value > Decimal(str(most)):
                return Fault(code=FieldCode.TOO_GREAT, facts={"most": str(most)})
        return None

    def _option_fault(self, field: Field, value: Json, names: Mapping[str, object]) -> Fault | None:
        if field.options_expression is not None:
            listed: object = to_json(field.options_expression.evaluate(names).value)
        else:
            name = field.options_from or ""
            if name not in self.context:
                return Fault(code=FieldCode.MISSING_CONTEXT, facts={"name": name})
            listed = self.context[name]
        allowed = option_values(listed)
        chosen = value if isinstance(value, list) else [value]
        return None if all(one in allowed for one in chosen) else Fault(code=FieldCode.NOT_AN_OPTION)

    def _today_fault(self, field: Field, value: str) -> Fault | None:
        if self.today is None:
            return Fault(code=FieldCode.MISSING_CONTEXT, facts={"name": "today"})
        day, facts = value[:10], {"today": self.today.isoformat()}
        if field.not_after_today and day > self.today.isoformat():
            return Fault(code=FieldCode.AFTER_TODAY, facts=facts)
        if field.not_before_today and day < self.today.isoformat():
            return Fault(code=FieldCode.BEFORE_TODAY, facts=facts)
        return None

    def _check_fault(self, check: Check, value: str) -> Fault | None:
        if check is Check.USCC:
            fault = credit_code_fault(value)
        elif check is Check.BANK_ACCOUNT:
            fault = bank_card_fault(value)
        elif self.today is None:
            return Fault(code=FieldCode.MISSING_CONTEXT, facts={"name": "today"})
        else:
            fault = id_number_fault(value, self.today)
        return Fault(code=FieldCode(f"{check}_{fault}")) if fault is not None else None


def option_values(listed: object) -> frozenset[str]:
    """The values of a list of options from the context: its texts, and `value` of its objects."""
    values: set[str] = set()
    for entry in listed if isinstance(listed, list | tuple) else []:
        value = entry.get("value") if isinstance(entry, Mapping) else entry
        if isinstance(value, str):
            values.add(value)
    return frozenset(values)


def _given(fields: Mapping[str, Placed], raw: Mapping[str, object]) -> dict[str, object]:
    """What was really entered into editable fields; checked numbers without spaces and in capitals."""
    given: dict[str, object] = {}
    for key, item in fields.items():
        field, value = item.component, raw.get(key)
        if not isinstance(field, Field) or not field.editable or _is_empty(value):
            continue
        if field.check is not None and isinstance(value, str):
            value = value.replace(" ", "").upper()
        given[key] = value
    return given


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_empty(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _load(
    schema: marshmallow.Schema, given: Mapping[str, object]
) -> tuple[Mapping[str, Json], Mapping[str, Fault]]:
    try:
        return cast(Mapping[str, Json], schema.load(given)), {}
    except marshmallow.ValidationError as error:
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        return valid, {key: faults[0] for key, faults in error.messages_dict.items()}


def _error(path: Path, fault: Fault) -> FieldError:
    return FieldError(path=path, code=fault.code.value, facts=fault.facts)


def _in_order(form: Form, errors: Sequence[FieldError]) -> list[FieldError]:
    places = {key: place for place, key in enumerate(form.fields)}
    rows = {(outer, key): place for outer, keys in form.row_fields.items() for place, key in enumerate(keys)}

    def place(error: FieldError) -> tuple[int, int, int]:
        outer = str(error.path[0]) if error.path else ""
        number = error.path[1] if len(error.path) > 1 else -1
        inner = rows.get((outer, str(error.path[2])), len(rows)) if len(error.path) > 2 else -1
        return places.get(outer, len(places)), int(number), inner

    return sorted(errors, key=place)


def _day(today: Json) -> date | None:
    try:
        return date.fromisoformat(today) if isinstance(today, str) else None
    except ValueError:
        return None
