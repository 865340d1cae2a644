"""Reads YAML that people edit, and refuses what could surprise or harm.

One document of at most 1 MB, nested at most 30 deep, in UTF-8; no anchors, aliases or tags, no repeated
keys, no NaN or Infinity. Only `true` and `false` are booleans (so `on` and `no` stay words), whole numbers
have no leading zero, numbers with a point become Decimal, `2019-01-31` becomes a date; all else is text.
Meaning is left to the readers of each kind of file, by way of `Node`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml

from banjie.domain.errors import ContentError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 30

T = TypeVar("T")


def refuse(file: str, element: str, rule: str, message: str, line: int | None = None) -> ContentError:
    """The error of one broken rule in one file."""
    return ContentError((Problem(file=file, element=element, rule=rule, message=message, line=line),))


class _Loader(yaml.CSafeLoader):
    """The safe loader with a smaller set of scalars, refusing repeated keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  PyYAML's
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is not text; quote it", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _decimal(_: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(node.value)


def _whole(_: _Loader, node: yaml.ScalarNode) -> int:
    return int(node.value)


def _date(_: _Loader, node: yaml.ScalarNode) -> date:
    try:
        return date.fromisoformat(node.value)
    except ValueError as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"{node.value!r} is not a date", node.start_mark
        ) from error


# Without this the words and numbers of YAML 1.1 (on, no, 1:30, 0o17, _) would stay in force.
_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}$"), list("-0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:timestamp", re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), list("0123456789")
)
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date)

_NOT_NUMBERS = re.compile(r"^[-+]?\.?(?:nan|inf|infinity)$", re.IGNORECASE)


def parse_yaml(data: bytes, *, file: str) -> object:
    """The content of one YAML document. Raises ContentError naming file, line and rule."""
    if len(data) > MAX_BYTES:
        raise refuse(file, "file", "yaml-size", f"it is larger than {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refuse(file, "file", "yaml-utf8", f"byte {error.start} is not UTF-8") from error
    try:
        _check_events(text, file)
        return yaml.load(text, Loader=_Loader)  # a SafeLoader  # noqa: S506
    except yaml.YAMLError as error:
        raise _as_content_error(error, file) from error


def _check_events(text: str, file: str) -> None:
    """Reads the text once without building anything, so that a bomb is found before it goes off."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refuse(file, "file", "yaml-no-anchors", "anchors and aliases are not allowed", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise refuse(file, "file", "yaml-depth", f"it is nested deeper than {MAX_DEPTH}", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        if tag:
            raise refuse(file, "file", "yaml-no-tags", f"the tag {tag} is not allowed", line)
        if isinstance(event, yaml.ScalarEvent) and not event.style and _NOT_NUMBERS.match(event.value):
            raise refuse(file, event.value, "yaml-finite", "NaN and Infinity are not numbers here", line)


def _as_content_error(error: yaml.YAMLError, file: str) -> ContentError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    message = getattr(error, "problem", None) or "it is not YAML"
    return refuse(file, "file", "yaml", str(message), mark.line + 1 if mark else None)


class Node:
    """A mapping of a file, read key by key; every fault names the file, the place in it and the rule.

    `close` refuses keys that nobody asked for, so that a misspelt key is not silently ignored.
    """

    def __init__(self, value: object, *, file: str, place: str = "file") -> None:
        self.file = file
        self.place = place
        if not isinstance(value, dict):
            raise refuse(file, place, "mapping", "it must be a mapping of keys to values")
        self._values: dict[str, object] = value
        self._read: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def at(self, key: str) -> str:
        """The place of a key, as errors name it."""
        return key if self.place == "file" else f"{self.place}.{key}"

    def fault(self, key: str, rule: str, message: str) -> ContentError:
        """An error at a key of this mapping."""
        return refuse(self.file, self.at(key), rule, message)

    def raw(self, key: str) -> object:
        """Whatever stands at the key, None where nothing does."""
        self._read.add(key)
        return self._values.get(key)

    def find(self, key: str, kind: type[T]) -> T | None:
        """The value of the kind at the key, None where it is null or missing."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fault(key, "type", f"it must be {_NAMES[kind]}, not {value!r:.60}")
        return value

    def get(self, key: str, kind: type[T]) -> T:
        """The value of the kind at the key, which must be there."""
        value = self.find(key, kind)
        if value is None:
            raise self.fault(key, "required", "it is missing")
        return value

    def text(self, key: str) -> str:
        """Text that is not blank."""
        value = self.get(key, str).strip()
        if not value:
            raise self.fault(key, "required", "it is empty")
        return value

    def find_text(self, key: str) -> str | None:
        value = self.find(key, str)
        return value.strip() or None if value is not None else None

    def choice(self, key: str, read: Callable[[str], T]) -> T:
        """A word that `read` (say a StrEnum) knows; it raises ValueError for others."""
        word = self.text(key)
        try:
            return read(word)
        except ValueError as error:
            raise self.fault(key, "choice", f"{word!r} is not one of its values") from error

    def child(self, key: str) -> Node:
        """The mapping at the key, which must be there."""
        return Node(self.get(key, dict), file=self.file, place=self.at(key))

    def find_child(self, key: str) -> Node | None:
        return self.child(key) if key in self else None

    def children(self, key: str) -> list[Node]:
        """The mappings of the list at the key; a missing list is empty."""
        items: list[object] = self.find(key, list) or []
        return [
            Node(item, file=self.file, place=f"{self.at(key)}[{number}]") for number, item in enumerate(items)
        ]

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of the list at the key; a missing list is empty."""
        items: list[object] = self.find(key, list) or []
        for item in items:
            if not isinstance(item, str) or not item.strip():
                raise self.fault(key, "type", f"its items must be text, not {item!r:.60}")
        return tuple(item.strip() for item in items if isinstance(item, str))

    def mappings(self) -> Iterator[tuple[str, Node]]:
        """Every key of this mapping with the mapping that stands at it."""
        for key in self._values:
            yield key, self.child(key)

    def names(self) -> Iterator[str]:
        """Every key of this mapping."""
        yield from self._values

    def items(self) -> Iterator[tuple[str, object]]:
        """Every key of this mapping with its value."""
        for key in self._values:
            yield key, self.raw(key)

    def close(self) -> None:
        """Refuses keys that were never read."""
        unknown = sorted(set(self._values) - self._read)
        if unknown:
            raise self.fault(unknown[0], "unknown-key", "this key has no meaning here")


_NAMES: dict[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    date: "a date",
    dict: "a mapping",
    list: "a list",
    Decimal: "a number with a point",
}


def read_file(root: Path, path: Path) -> Node:
    """The mapping that a file holds; errors name the file relative to the content root."""
    file = path.relative_to(root).as_posix()
    return Node(load_yaml(path, file=file), file=file)


def load_yaml(path: Path, *, file: str) -> object:
    """The content of the one document of a file, which errors call `file`. Raises ContentError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refuse(file, "file", "readable", f"it cannot be read: {error.strerror}") from error
    return parse_yaml(data, file=file)
