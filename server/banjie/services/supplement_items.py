"""What a supplement may ask for, and whether an answer gives it: items against the start form and the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banjie.domain.decisions import Json
from banjie.domain.errors import FieldError, InvalidRequest, InvalidSubmission
from banjie.domain.instances import Instance
from banjie.domain.proceedings import LONGEST_REASON, reason_of
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.forms.codes import FieldCode
from banjie.forms.model import Field, Form
from banjie.forms.validation import validate
from banjie.services import applications
from banjie.services.instances import APPLICATION
from banjie.services.runtime import Runtime

MOST_ITEMS = 50
#: Fields that decide whose case it is and who handles it; what is wrong there needs another application.
_FIXED = frozenset({"region", "bank_name", "id_number", "applicant_name", "enterprise_name"})


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something that may be asked for, in both languages."""

    kind: ItemKind
    key: str
    title: str
    title_en: str


def offered(rt: Runtime, instance: Instance) -> tuple[Sequence[Choice], Sequence[Choice]]:
    """The fields and the materials of the case's service that may be asked for."""
    service = rt.book.services[instance.service]
    form = rt.processes.form(instance.definition, service.start_form)
    fixed = {*_FIXED, *service.constants, applications.identity_field(service, form)}
    fields = [
        Choice(kind=ItemKind.FIELD, key=key, title=placed.component.label.zh, title_en=placed.component.label.en)
        for key, placed in form.fields.items()
        if isinstance(placed.component, Field) and placed.component.editable
        and placed.component.expression is None and key not in fixed
    ]  # fmt: skip
    materials = [
        Choice(kind=ItemKind.MATERIAL, key=one.key, title=one.title, title_en=one.title_en)
        for one in service.materials
    ]
    return fields, materials


def checked_items(
    items: Sequence[MissingItem], fields: Sequence[Choice], materials: Sequence[Choice]
) -> tuple[MissingItem, ...]:
    """The items with the titles of form and catalogue. Raises InvalidRequest, naming the item and the rule."""
    if not 1 <= len(items) <= MOST_ITEMS:
        raise InvalidRequest("Name 1 to 50 items.", field="items", limit=MOST_ITEMS)
    known = {(one.kind, one.key): one for one in (*fields, *materials)}
    found = tuple(_item(number, item, known) for number, item in enumerate(items, start=1))
    if len({item.name for item in found}) != len(found):
        raise InvalidRequest("An item is named twice.", field="items")
    return found


def _item(number: int, item: MissingItem, known: Mapping[tuple[ItemKind, str], Choice]) -> MissingItem:
    note = item.note.strip()
    if len(note) > LONGEST_REASON:
        raise InvalidRequest("The note is too long.", field="note", item=item.key, longest=LONGEST_REASON)
    if item.kind is ItemKind.OTHER:
        return MissingItem(kind=item.kind, key=str(number), title=reason_of(item.title, "title"), note=note)
    choice = known.get((item.kind, item.key))
    if choice is None:
        raise InvalidRequest("There is no such item to ask for.", field="items", item=item.key[:100])
    return MissingItem(kind=item.kind, key=item.key, title=choice.title, note=note)


def validated_answer(
    rt: Runtime, instance: Instance, form: Form, items: Sequence[MissingItem], values: Mapping[str, object]
) -> tuple[dict[str, Json], dict[str, Json]]:
    """The fields as the start form judges them, and materials and words by their names.

    The whole application is judged, for one field's rule may read another. Raises InvalidSubmission.
    """
    names = {item.name for item in items}
    errors = [_fault(name, FieldCode.UNKNOWN_FIELD) for name in values if name not in names]
    errors += [_fault(item.name, FieldCode.REQUIRED) for item in items if _is_empty(values.get(item.name))]
    others: dict[str, Json] = {}
    for item in items:
        given = values.get(item.name)
        if item.kind is ItemKind.FIELD or _is_empty(given):
            continue
        kept = _material(given) if item.kind is ItemKind.MATERIAL else _words(given)
        if kept is None:
            errors.append(_fault(item.name, FieldCode.WRONG_TYPE))
        else:
            others[item.name] = kept
    if errors:
        raise InvalidSubmission(errors)
    asked = {item.key for item in items if item.kind is ItemKind.FIELD}
    if not asked:
        return {}, others
    merged: dict[str, object] = {
        key: value for key, value in application_of(instance).items() if key in form.fields
    }
    merged.update({key: values[key] for key in asked})
    judged = validate(form, merged, context=rt.form_context(instance.data))
    return {key: judged[key] for key in form.fields if key in asked and key in judged}, others


def application_of(instance: Instance) -> Mapping[str, Json]:
    """What was applied for, as it stands."""
    held = instance.data.get(APPLICATION)
    return held if isinstance(held, Mapping) else {}


def _material(given: object) -> list[Json] | None:
    """Ids of files, as text; None for anything else."""
    if not isinstance(given, list | tuple) or not all(isinstance(one, str | int) for one in given):
        return None
    return [str(one) for one in given]


def _words(given: object) -> str | None:
    if not isinstance(given, str) or len(given.strip()) > LONGEST_REASON:
        return None
    return given.strip()


def files_of(others: Mapping[str, Json]) -> dict[str, Sequence[str]]:
    """The files of the materials, by the material's name in the answer."""
    return {
        name: [str(one) for one in kept] for name, kept in others.items() if isinstance(kept, list | tuple)
    }


def _is_empty(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _fault(name: str, code: FieldCode) -> FieldError:
    return FieldError(path=(name[:200],), code=code.value, facts={})
