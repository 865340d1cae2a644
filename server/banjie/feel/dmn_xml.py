"""XML of a DMN file as a plain tree, read so that a hostile file costs no more than its own size.

Every DOCTYPE is refused, so there are no entities and nothing outside the file is ever read. Size, depth and
number of elements are bounded. What the elements mean is left to `dmn`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from banjie.feel.dmn_errors import DmnError

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_ELEMENTS: Final = 400_000


@dataclass(slots=True)
class Node:
    """One element: local name, namespace, attributes without a namespace, own text, children in order."""

    name: str
    namespace: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def all(self, name: str) -> list[Node]:
        return [child for child in self.children if child.name == name and child.namespace == self.namespace]

    def find(self, name: str) -> Node | None:
        for child in self.children:
            if child.name == name and child.namespace == self.namespace:
                return child
        return None

    def text_of(self, name: str) -> str | None:
        """Text of the first child of that name; None when there is no such child."""
        child = self.find(name)
        return None if child is None else child.text.strip()

    @property
    def label(self) -> str:
        """How errors name the element: kind, name and id as far as they are written."""
        name = self.get("name")
        identity = self.get("id")
        parts = [self.name]
        if name:
            parts.append(f'"{name}"')
        if identity:
            parts.append(f"({identity})")
        return " ".join(parts)


class _TreeBuilder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.prefixes: dict[str, str] = {}
        self.open: list[Node] = []
        self.count = 0
        self.parser = expat.ParserCreate(namespace_separator="\x1f")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartNamespaceDeclHandler = self.namespace

    def refuse(self, rule: str) -> DmnError:
        element = self.open[-1].label if self.open else ""
        return DmnError(rule, element=element, file=self.file, line=self.parser.CurrentLineNumber)

    def doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        raise self.refuse("a DOCTYPE is not allowed")

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        self.prefixes[prefix or ""] = uri or ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise self.refuse(f"more than {MAX_ELEMENTS} elements")
        if len(self.open) >= MAX_DEPTH:
            raise self.refuse(f"elements nested deeper than {MAX_DEPTH}")
        namespace, _, name = tag.rpartition("\x1f")
        node = Node(name, namespace, self.parser.CurrentLineNumber)
        for key, value in attributes.items():
            owner, _, local = key.rpartition("\x1f")
            if owner:
                node.typed[local] = value
            else:
                node.attributes[local] = value
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, tag: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        self.open[-1].texts.append(text)


def parse_xml(data: bytes, *, file: str = "") -> tuple[Node, dict[str, str]]:
    """The root element and the namespace prefixes declared anywhere in the file (prefix → namespace)."""
    if len(data) > MAX_BYTES:
        raise DmnError(f"larger than {MAX_BYTES} bytes", file=file)
    builder = _TreeBuilder(file)
    try:
        builder.parser.Parse(data, True)  # noqa: FBT003 - expat names no arguments
    except expat.ExpatError as error:
        raise DmnError(
            f"not well-formed XML: {expat.ErrorString(error.code)}", file=file, line=error.lineno
        ) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, DmnError):
            raise
        raise DmnError("the encoding of the file is not known", file=file) from None
    if builder.root is None:
        raise DmnError("the file is empty", file=file)
    return builder.root, builder.prefixes
