"""What a form proposes before anybody has typed: values computed from the case (`properties.prefill`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from banjie.domain.decisions import Json
from banjie.feel.values import to_json
from banjie.forms.conditions import initial_names
from banjie.forms.model import Field, Form


def prefilled(form: Form, context: Mapping[str, Json]) -> dict[str, Json]:
    """Field key → proposed value, of fields whose formula gives one; a proposal is judged like anything typed."""
    proposed: dict[str, Json] = {}
    names = initial_names(form.fields, context)
    for key, placed in form.fields.items():
        component = placed.component
        if isinstance(component, Field) and component.prefill is not None:
            value = cast("Json", to_json(component.prefill.evaluate(names).value))
            if value is not None:
                proposed[key] = value
    return proposed
