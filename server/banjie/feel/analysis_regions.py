"""The values of each input of a table, divided into regions in which the same rules match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from banjie.feel.decision_table import InputColumn, Table
from banjie.feel.table_index import NUMBER, STRING, Segments
from banjie.feel.types import ConstrainedType
from banjie.feel.values import number_text

_KIND_OF_TYPE = {
    "number": NUMBER,
    "string": STRING,
    "date": "date",
    "days and time duration": "days",
    "years and months duration": "months",
}
_ELSE = ("其他", "other", "?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """Values of one input that the same rules let pass, as a mask without the validity bit.

    text: the region as unary tests. bounded: false when it is all there is, so that the input does not matter.
    """

    mask: int
    example: object
    text: str
    bounded: bool = True


def region_columns(table: Table) -> list[list[Region]]:
    """For every input its regions, those with equal masks made one; values that are not allowed are left out."""
    return [_regions(column, len(table.rules)) for column in table.inputs]


def _regions(column: InputColumn, rules: int) -> list[Region]:
    pieces: list[tuple[int, object, str]] = []
    for kind in _kinds(column):
        if kind == "boolean":
            pieces += _boolean_pieces(column)
        else:
            pieces += _segment_pieces(kind, column.index.segments[kind])
    valid = [piece for piece in pieces if piece[0] >> rules & 1]
    merged: dict[int, list[tuple[int, object, str]]] = {}
    for piece in valid:
        merged.setdefault(piece[0] & ((1 << rules) - 1), []).append(piece)
    if len(merged) <= 1:
        mask = next(iter(merged), column.everywhere & ((1 << rules) - 1))
        example = valid[0][1] if valid else None
        return [Region(mask=mask, example=example, text="-", bounded=False)]
    return [
        Region(mask=mask, example=found[0][1], text=", ".join(text for _, _, text in found))
        for mask, found in merged.items()
    ]


def _kinds(column: InputColumn) -> list[str]:
    """The kinds of value that the input may have: its type's, or those of the constants in its cells."""
    type_ = column.type
    while isinstance(type_, ConstrainedType):
        type_ = type_.base
    if type_ is not None and type_.name == "boolean":
        return ["boolean"]
    wanted = None if type_ is None else _KIND_OF_TYPE.get(type_.name)
    if wanted is not None:
        return [wanted] if wanted in column.index.segments else []
    with_points = [kind for kind, segments in column.index.segments.items() if segments.points]
    if column.index.booleans is not None and len(set(column.index.booleans)) > 1:
        with_points.append("boolean")
    return with_points


def _boolean_pieces(column: InputColumn) -> list[tuple[int, object, str]]:
    if column.index.booleans is None:
        return []
    no, yes = column.index.booleans
    return [(yes, True, "true"), (no, False, "false")]


def _segment_pieces(kind: str, segments: Segments) -> list[tuple[int, object, str]]:
    if kind == STRING and _names_only(segments):
        return _named_pieces(segments)
    found = enumerate(zip(segments.masks, segments.examples, strict=True))
    return [
        (mask, example, _text(segments, position))
        for position, (mask, example) in found
        if example is not None
    ]


def _names_only(segments: Segments) -> bool:
    """Whether strings are only compared for equality: then everything between them is one region."""
    return len({segments.masks[position] for position in range(0, len(segments.masks), 2)}) == 1


def _named_pieces(segments: Segments) -> list[tuple[int, object, str]]:
    pieces = [
        (segments.masks[position], segments.examples[position], _text(segments, position))
        for position in range(1, len(segments.masks), 2)
    ]
    names = ", ".join(_literal(example) for example in segments.examples[1::2])
    other = next((text for text in _ELSE if text not in segments.points), "")
    pieces.append((segments.masks[0], other, f"not({names})" if names else "-"))
    return pieces


def _text(segments: Segments, position: int) -> str:
    """A segment as a unary test; its neighbours are the points on both sides."""
    examples: Sequence[object] = segments.examples
    if position % 2:
        return _literal(examples[position])
    below = examples[position - 1] if position > 0 else None
    above = examples[position + 1] if position + 1 < len(examples) else None
    if below is None and above is None:
        return "-"
    if below is None:
        return f"< {_literal(above)}"
    if above is None:
        return f"> {_literal(below)}"
    return f"({_literal(below)}..{_literal(above)})"


def _literal(value: object) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'@"{value}"'
