"""Small forms for tests, written as the dictionaries that a form file holds."""

from __future__ import annotations

import json
from typing import Any

from banjie.forms.model import Form
from banjie.forms.reader import load_form


def component(kind: str, key: str, **attributes: Any) -> dict[str, Any]:
    """A field with labels in both languages; `properties` are added to its English label."""
    properties = {"label_en": key.title(), **attributes.pop("properties", {})}
    return {
        "id": f"F_{key}",
        "type": kind,
        "key": key,
        "label": f"项{key}",
        "properties": properties,
        **attributes,
    }


def choice(kind: str, key: str, *values: str, **attributes: Any) -> dict[str, Any]:
    """A field with fixed options."""
    options = [{"value": value, "label": f"选{value}", "label_en": value.title()} for value in values]
    return component(kind, key, values=options, **attributes)


def rows(key: str, *components: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """A repeated group."""
    return {
        "id": f"R_{key}", "type": "dynamiclist", "path": key, "label": "名单", "isRepeating": True,
        "properties": {"label_en": "List"}, "components": list(components), **attributes,
    }  # fmt: skip


def form_tree(*components: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """What a form file holds."""
    return {
        "type": "default",
        "id": "sample",
        "schemaVersion": 18,
        "components": list(components),
        **attributes,
    }


def form_of(*components: dict[str, Any]) -> Form:
    """The loaded form."""
    return load_form("sample.form", json.dumps(form_tree(*components)).encode())
