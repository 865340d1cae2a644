"""The form of a step as it is filled in once for many cases: only what is the same for all, approvals only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from banjie.forms.conditions import initial_names, is_hidden
from banjie.forms.model import (
    Component,
    Condition,
    Field,
    FieldType,
    Form,
    Group,
    Option,
    Placed,
    Wording,
    placed,
)
from banjie.services.bulk import APPROVALS
from banjie.web.common.language import gettext

_ = gettext
_DECISION = "decision"


@dataclass(frozen=True, kw_only=True)
class BulkForm:
    """The form for all; `proposed` are the fields that the form proposes for each case.

    `approval` is the decision where only one lets a case pass. `needs_file` tells that each case needs a file of
    its own, so that its step cannot be completed with others.
    """

    form: Form
    proposed: tuple[Field, ...]
    approval: Option | None
    needs_file: bool


def bulk_form(form: Form) -> BulkForm:
    """The form without what belongs to a single case, and without what an approval does not ask for."""
    approval = _only_approval(form)
    names: dict[str, object] = initial_names(form.fields, {})
    if approval is not None:
        names[_DECISION] = approval.value
    shown = [item for item in form.fields.values() if not _is_never_shown(item.conditions, names, approval)]
    fields = [item.component for item in shown if isinstance(item.component, Field)]
    components = tuple(_kept(form.components, names, approval))
    kept = {item.component.key: item for item in placed(components)}
    return BulkForm(
        form=_form(form, components, kept),
        proposed=tuple(field for field in fields if field.prefill is not None and field.key in kept),
        approval=approval,
        needs_file=any(field.type is FieldType.FILEPICKER and field.rules.required for field in fields),
    )


def _form(form: Form, components: tuple[Component, ...], kept: Mapping[str, Placed]) -> Form:
    return Form(
        file=form.file,
        id=f"bulk-{form.id}",
        sha256=form.sha256,
        components=components,
        fields=kept,
        row_fields={key: fields for key, fields in form.row_fields.items() if key in kept},
        order=tuple(key for key in form.order if key in kept),
        row_order={key: order for key, order in form.row_order.items() if key in kept},
    )


def _only_approval(form: Form) -> Option | None:
    item = form.fields.get(_DECISION)
    if item is None or not isinstance(item.component, Field):
        return None
    found = [option for option in item.component.options if option.value in APPROVALS]
    return found[0] if len(found) == 1 else None


def _kept(
    components: tuple[Component, ...], names: Mapping[str, object], approval: Option | None
) -> Iterator[Component]:
    for component in components:
        hide = component.hide
        if hide is not None and _is_settled(hide, approval):
            if is_hidden((hide,), names):
                continue
            component = replace(component, hide=None)  # noqa: PLW2901  the same, always shown
        if isinstance(component, Group):
            inner = tuple(_kept(component.components, names, approval))
            if inner:
                yield replace(component, components=inner)
        elif not isinstance(component, Field):
            yield component
        elif _is_for_all(component):
            yield _field(component, approval)


def _is_settled(condition: Condition, approval: Option | None) -> bool:
    """Whether the approval alone says what the condition gives."""
    return approval is not None and condition.expression.reads <= {_DECISION}


def _is_never_shown(
    conditions: tuple[Condition, ...], names: Mapping[str, object], approval: Option | None
) -> bool:
    return any(_is_settled(one, approval) and is_hidden((one,), names) for one in conditions)


def _is_for_all(field: Field) -> bool:
    return field.editable and field.expression is None and field.type is not FieldType.FILEPICKER


def _field(field: Field, approval: Option | None) -> Field:
    if field.key == _DECISION and field.options:
        offered = tuple(option for option in field.options if option.value in APPROVALS)
        return replace(field, options=offered, default=approval.value if approval else None)
    if field.prefill is None:
        return field
    text = _("Left empty: as proposed for each case.")
    return replace(field, rules=replace(field.rules, required=False), help=Wording(zh=text, en=text))
