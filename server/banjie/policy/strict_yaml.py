"""YAML as content files may use it: no duplicate keys, no aliases, shallow, small.

PyYAML takes the last of two equal keys in silence, expands aliases without bound and builds nested nodes
by recursion; a hostile or careless file must be refused by name instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import yaml

from banjie.domain.errors import ContentError, Problem

_MOST_BYTES = 1_000_000
_DEEPEST = 30


def load_strict(path: Path, name: str) -> object:
    """The one document of the file as dicts, lists and scalars; `name` stands for the file in messages.

    Raises ContentError with the line where the text breaks a rule.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(name, "readable", f"cannot be read: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise _refused(name, "size", f"is longer than {_MOST_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(name, "utf-8", f"is not UTF-8 at byte {error.start}") from error
    return parse_strict(text, name)


def parse_strict(text: str, name: str) -> object:
    """As `load_strict`, for a text in hand."""
    try:
        _check_events(text, name)
        return yaml.load(text, Loader=_StrictLoader)
    except _DuplicateKey as error:
        raise _refused(name, "duplicate-key", f"the key {error.key!r} is given twice", error.line) from error
    except yaml.MarkedYAMLError as error:
        problem = error.problem or "is not YAML"
        raise _refused(name, "yaml", problem, _line(error.problem_mark)) from error
    except yaml.YAMLError as error:
        raise _refused(name, "yaml", f"is not YAML: {type(error).__name__}") from error
    except ValueError as error:
        # Scalars that look like a date or a number and are none, as 2026-02-30.
        raise _refused(name, "value", f"has a value that cannot be read: {error}") from error


class _Place(Protocol):
    """Where in the text, whichever of PyYAML's two scanners read it."""

    @property
    def line(self) -> int: ...


class _DuplicateKey(Exception):
    """A mapping holds a key twice."""

    def __init__(self, key: object, line: int) -> None:
        self.key = key
        self.line = line
        super().__init__(key, line)


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, refusing equal keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be a plain scalar", key_node.start_mark
                )
            key = self.construct_object(key_node)
            if key in seen:
                raise _DuplicateKey(key, key_node.start_mark.line + 1)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _check_events(text: str, name: str) -> None:
    """Refuse depth and aliases on the event stream, which is read without recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _refused(name, "alias", "uses an alias", _line(event.start_mark))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise _refused(name, "depth", f"is nested deeper than {_DEEPEST}", _line(event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line(mark: _Place | None) -> int | None:
    return None if mark is None else mark.line + 1


def _refused(name: str, rule: str, message: str, line: int | None = None) -> ContentError:
    return ContentError([Problem(file=name, element="document", rule=rule, message=message, line=line)])
