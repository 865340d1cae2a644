"""From types as written to types: built-in names, item definitions, and list, range, context and function of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from banjie.feel.types import ANY, BUILT_IN_TYPES, ContextType, FeelType, FunctionType, ListType, RangeType

if TYPE_CHECKING:
    from banjie.feel.ast import TypeRef


def resolve_type(written: TypeRef, type_names: Mapping[str, FeelType]) -> FeelType | None:
    """The type, None when it or a part of it is unknown."""
    if written.result is not None:
        parameters = [resolve_type(part, type_names) for _, part in written.parts]
        known = [type_ for type_ in parameters if type_ is not None]
        result = resolve_type(written.result, type_names)
        return None if result is None or len(known) < len(parameters) else FunctionType(known, result)
    if written.name == "context" and written.parts:
        return _context(written, type_names)
    if written.parts:
        element = resolve_type(written.parts[0][1], type_names)
        if element is None:
            return None
        return RangeType(element) if written.name == "range" else ListType(element)
    return type_names.get(written.name) or BUILT_IN_TYPES.get(written.name)


def _context(written: TypeRef, type_names: Mapping[str, FeelType]) -> FeelType | None:
    members: dict[str, FeelType] = {}
    for name, part in written.parts:
        type_ = resolve_type(part, type_names)
        if type_ is None:
            return None
        members[name] = type_
    return ContextType(members)


def parameter_type(written: TypeRef | None, type_names: Mapping[str, FeelType]) -> FeelType | None:
    """The type of a parameter; Any for a type that is unknown, None where none is written."""
    return None if written is None else resolve_type(written, type_names) or ANY
