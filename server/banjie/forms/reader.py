"""Reading a form file into a `Form`, or refusing it with every broken rule named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping

from banjie.domain.errors import ContentError, Problem
from banjie.forms.attributes import Attributes
from banjie.forms.conditions import CycleFound, in_dependency_order
from banjie.forms.field_reader import read_condition, read_field, read_key, read_layout
from banjie.forms.json_text import JsonRefused, read_json
from banjie.forms.model import (
    LONGEST_REPEATED_LIST,
    Component,
    FieldType,
    Form,
    Group,
    Placed,
    Rows,
    Text,
    Wording,
    placed,
)

MOST_COMPONENTS = 200

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_TOP = frozenset(
    {"type", "id", "components", "schemaVersion", "exporter", "executionPlatform", "executionPlatformVersion"}
)
_COMMON = frozenset({"id", "type", "layout", "conditional", "properties"})
_OUTLINE = frozenset({"showOutline", "verticalAlignment", "disableCollapse", "nonCollapsedItems"})
_TEXTS = {"text": _COMMON | {"text"}, "separator": _COMMON, "spacer": _COMMON | {"height"}}
_FIELD_TYPES = frozenset(field_type.value for field_type in FieldType)
_OLDEST_SCHEMA, _NEWEST_SCHEMA = 1, 30


def load_form(file: str, data: bytes) -> Form:
    """The form in a form-js JSON file; `file` is only its name in messages.

    Raises ContentError with a Problem for each broken rule, naming the element by its key or id. Nothing else
    is raised for any bytes.
    """
    try:
        tree = read_json(data)
    except JsonRefused as error:
        problem = Problem(
            file=file, element=error.element, rule=error.rule, message=error.message, line=error.line
        )
        raise ContentError([problem]) from None
    reader = _FormReader(file)
    form = reader.form(tree, hashlib.sha256(data).hexdigest())
    if reader.problems or form is None:
        raise ContentError(reader.problems)
    return form


class _FormReader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.ids: set[str] = set()

    def form(self, tree: object, sha256: str) -> Form | None:
        if not isinstance(tree, dict):
            self._refuse("form", "type", "a form must be a JSON object")
            return None
        top = Attributes(tree, file=self.file, element="form", problems=self.problems)
        top.only(_TOP, of="a form")
        if tree.get("type") != "default":
            top.refuse("type", 'the type of a form must be "default"')
        if top.whole("schemaVersion", least=_OLDEST_SCHEMA, most=_NEWEST_SCHEMA) is None:
            top.refuse("schemaVersion", "schemaVersion is missing or not known")
        if sum(1 for _ in _every_component(tree.get("components"))) > MOST_COMPONENTS:
            top.refuse("size", f"more than {MOST_COMPONENTS} components")
            return None
        self._refuse_bad_id(top)
        components = self._components(top, readable=_keys_in(tree.get("components")), rows_allowed=True)
        return None if self.problems else self._assembled(top.text("id"), sha256, components)

    def _assembled(self, form_id: str, sha256: str, components: tuple[Component, ...]) -> Form | None:
        fields = self._by_key(components, taken=frozenset())
        rows = [item.component for item in fields.values() if isinstance(item.component, Rows)]
        row_fields = {row.key: self._by_key(row.components, taken=fields.keys()) for row in rows}
        order = self._order("form", fields)
        row_order = {key: self._order(key, inner) for key, inner in row_fields.items()}
        if self.problems:
            return None
        return Form(
            file=self.file,
            id=form_id,
            sha256=sha256,
            components=components,
            fields=fields,
            row_fields=row_fields,
            order=order,
            row_order=row_order,
        )

    def _components(
        self, parent: Attributes, *, readable: Collection[str], rows_allowed: bool
    ) -> tuple[Component, ...]:
        trees = parent.tree.get("components")
        if not isinstance(trees, list) or not trees:
            parent.refuse("components", "components must be a list with at least one component")
            return ()
        found = [self._component(tree, readable, rows_allowed=rows_allowed) for tree in trees]
        return tuple(component for component in found if component is not None)

    def _component(self, tree: object, readable: Collection[str], *, rows_allowed: bool) -> Component | None:
        if not isinstance(tree, dict):
            self._refuse("form", "components", "a component must be an object")
            return None
        item = Attributes(tree, file=self.file, element=_name_of(tree), problems=self.problems)
        self._refuse_bad_id(item)
        kind = tree.get("type")
        if isinstance(kind, str) and kind in _FIELD_TYPES:
            return read_field(item, FieldType(kind), readable)
        if isinstance(kind, str) and kind in _TEXTS:
            return self._text(item, kind, readable)
        if kind == "group":
            return self._group(item, readable, rows_allowed=rows_allowed)
        if kind == "dynamiclist" and rows_allowed:
            return self._rows(item, readable)
        if kind == "dynamiclist":
            item.refuse("nested_list", "a repeated group cannot hold another")
        else:
            item.refuse("unknown_type", f"the type {ascii(kind)[:60]} is not allowed")
        return None

    def _text(self, item: Attributes, kind: str, readable: Collection[str]) -> Text:
        item.only(_TEXTS[kind], of=kind)
        properties = item.inner("properties")
        properties.only({"text_en"}, of="properties")
        words = item.wording("text", properties)
        if kind == "text" and words is None:
            item.refuse("text", "a text component needs a text")
        item.whole("height", least=1, most=1000)
        return Text(
            id=item.text("id"),
            type=kind,
            text=words or Wording(zh="", en=""),
            layout=read_layout(item),
            hide=read_condition(item, readable),
        )

    def _group(self, item: Attributes, readable: Collection[str], *, rows_allowed: bool) -> Group:
        item.only(_COMMON | _OUTLINE | {"label", "components", "path"}, of="group")
        if item.text("path"):
            item.refuse("path", "a group must not have a path: it adds no level to the values")
        return Group(
            id=item.text("id"),
            label=self._heading(item),
            components=self._components(item, readable=readable, rows_allowed=rows_allowed),
            layout=read_layout(item),
            hide=read_condition(item, readable),
        )

    def _rows(self, item: Attributes, readable: Collection[str]) -> Rows:
        item.only(
            _COMMON
            | _OUTLINE
            | {"label", "components", "path", "isRepeating", "allowAddRemove", "defaultRepetitions"},
            of="dynamiclist",
        )
        inner = {*readable, *_keys_in(item.tree.get("components"))}
        return Rows(
            id=item.text("id"),
            key=read_key(item, "path"),
            label=self._heading(item),
            components=self._components(item, readable=inner, rows_allowed=False),
            layout=read_layout(item),
            hide=read_condition(item, readable),
            shown_at_first=item.whole("defaultRepetitions", least=0, most=LONGEST_REPEATED_LIST) or 1,
        )

    def _heading(self, item: Attributes) -> Wording:
        properties = item.inner("properties")
        properties.only({"label_en"}, of="properties")
        words = item.wording("label", properties)
        if words is None:
            item.refuse("label", "a group needs a Chinese label and its English in properties.label_en")
        return words or Wording(zh="", en="")

    def _by_key(self, components: tuple[Component, ...], *, taken: Collection[str]) -> Mapping[str, Placed]:
        fields: dict[str, Placed] = {}
        for item in placed(components):
            key = item.component.key
            if key in fields or key in taken:
                self._refuse(key, "duplicate_field", "two fields have this key")
            fields[key] = item
        return fields

    def _order(self, element: str, fields: Mapping[str, Placed]) -> tuple[str, ...]:
        try:
            return in_dependency_order(fields)
        except CycleFound as cycle:
            self._refuse(element, "condition_cycle", f"the conditions of {cycle} depend on each other")
            return ()

    def _refuse_bad_id(self, item: Attributes) -> None:
        identifier = item.text("id")
        if not _ID.fullmatch(identifier) or item.tree.get("id") != identifier:
            item.refuse("id", "an id of letters, digits, _ and - is needed")
        elif identifier in self.ids:
            item.refuse("duplicate_id", f"the id {identifier} is given twice")
        self.ids.add(identifier)

    def _refuse(self, element: str, rule: str, message: str) -> None:
        self.problems.append(Problem(file=self.file, element=element, rule=rule, message=message))


def _name_of(tree: Mapping[str, object]) -> str:
    for name in ("key", "path", "id", "type"):
        value = tree.get(name)
        if isinstance(value, str) and value:
            return ascii(value[:60])[1:-1]
    return "component"


def _keys_in(components: object) -> frozenset[str]:
    """The keys of one level as written, groups opened: what expressions of that level may read."""
    keys: set[str] = set()
    for tree in components if isinstance(components, list) else []:
        if not isinstance(tree, dict):
            continue
        if tree.get("type") == "group":
            keys |= _keys_in(tree.get("components"))
        key = tree.get("path") if tree.get("type") == "dynamiclist" else tree.get("key")
        if isinstance(key, str):
            keys.add(key)
    return frozenset(keys)


def _every_component(components: object) -> Iterator[object]:
    for tree in components if isinstance(components, list) else []:
        yield tree
        if isinstance(tree, dict):
            yield from _every_component(tree.get("components"))
