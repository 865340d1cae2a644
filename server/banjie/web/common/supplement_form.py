"""The form with which what is missing is handed in: just what was asked for, with the values given before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banjie.domain.errors import FieldError
from banjie.domain.proceedings import LONGEST_REASON
from banjie.domain.supplements import ItemKind, MissingItem
from banjie.edge.context import runtime
from banjie.forms.model import Field, FieldType, Form, Layout, Placed, Rules, Wording
from banjie.forms.view import FormView
from banjie.policy.catalogue import Service
from banjie.services.supplements import Request
from banjie.web.common.frame import local_name
from banjie.web.common.language import gettext
from banjie.web.common.task_form import Posted, draw

_ = gettext

#: What may be sent as a paper.
_ACCEPT = ".pdf,.png,.jpg,.jpeg"


def answer_form(request: Request) -> Form:
    """The form of an answer: a field for each item, all of them required, each with what is wrong with it."""
    start = runtime().processes.form(request.definition, request.form)
    components = tuple(_field(start, number, item) for number, item in enumerate(request.items))
    return Form(
        file=start.file,
        id=f"supplement-{request.proceeding.id}",
        sha256=start.sha256,
        components=components,
        fields={one.key: Placed(component=one, conditions=()) for one in components},
        row_fields={},
        order=tuple(one.key for one in components),
        row_order={},
    )


def draw_answer(
    request: Request, form: Form, *, sent: Posted | None = None, errors: Sequence[FieldError] = ()
) -> FormView:
    """The form with what was given before, or what was typed and refused."""
    before = {key: value for key, value in request.values.items() if key in form.fields}
    return draw(
        form,
        sent.values if sent else before,
        {"application": request.values},
        errors=errors,
        uploaded=sent.uploaded if sent else None,
    )


def item_title(item: MissingItem, request: Request, service: Service | None) -> str:
    """What an item is called in the language of the page."""
    if item.kind is ItemKind.FIELD:
        placed = runtime().processes.form(request.definition, request.form).fields.get(item.key)
        return local_name(placed.component.label.zh, placed.component.label.en) if placed else item.title
    known = next((one for one in service.materials if one.key == item.key), None) if service else None
    return local_name(known.title, known.title_en) if known and item.kind is ItemKind.MATERIAL else item.title


def _field(start: Form, number: int, item: MissingItem) -> Field:
    note = Wording(zh=item.note, en=item.note) if item.note else None
    placed = start.fields.get(item.key) if item.kind is ItemKind.FIELD else None
    if placed is not None and isinstance(placed.component, Field):
        asked = placed.component
        rules = replace(asked.rules, required=True)
        return replace(asked, help=note or asked.help, hide=None, layout=Layout(), rules=rules)
    is_paper = item.kind is ItemKind.MATERIAL
    return Field(
        id=f"missing-{number}",
        key=item.name,
        type=FieldType.FILEPICKER if is_paper else FieldType.TEXTAREA,
        label=Wording(zh=item.title, en=item.title),
        help=note,
        rules=Rules(required=True, max_length=LONGEST_REASON),
        multiple=is_paper,
        accept=_ACCEPT if is_paper else None,
    )
