"""Whether the form of a panel asks for a vote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from banjie.content.bundle import Bundle
from banjie.domain.countersign import Choice
from banjie.domain.definitions import Element
from banjie.domain.errors import ContentError, Problem
from banjie.forms.model import Field, Form
from banjie.forms.reader import load_form
from banjie.services.votes import DECISION


def check_panels(file: str, elements: Mapping[str, Element], content: Bundle) -> list[Problem]:
    """Panels of a diagram whose form has no field `decision` that offers approve and reject, and else only abstain."""
    return [
        Problem(
            file=file, element=element.name or element.id, rule="panel-form",
            message=f"the form {element.form!r} must ask for {DECISION!r}: approve, reject and, if allowed, abstain",
        )
        for element in elements.values()
        if element.countersign is not None and not all(_asks(form) for form in _form(element, content))
    ]  # fmt: skip


def _form(element: Element, content: Bundle) -> Iterator[Form]:
    """The element's form, where there is one that can be read; what is wrong otherwise is told elsewhere."""
    data = content.files.get(f"forms/{element.form}.form")
    if data is not None:
        try:
            yield load_form(f"{element.form}.form", data)
        except ContentError:
            return


def _asks(form: Form) -> bool:
    placed = form.fields.get(DECISION)
    if placed is None or not isinstance(placed.component, Field) or not placed.component.rules.required:
        return False
    offered = {option.value for option in placed.component.options}
    return {Choice.APPROVE, Choice.REJECT} <= offered <= set(Choice)
