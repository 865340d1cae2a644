"""Whether ``scenarios.yaml`` is written so that it can be walked, and names only what there is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime

from banjie.domain.definitions import Definition, ElementKind
from banjie.domain.errors import ContentError, Problem
from banjie.notices.letters import TEMPLATES
from banjie.policy.book import Book
from banjie.policy.yaml_reader import Node

_DEEDS = {
    "start": {"by"}, "complete": {"by", "element"}, "wait": set[str](), "object": {"by"}, "pay": set[str](),
    "withdraw": {"by"}, "bring": {"by"}, "work": set[str](),
}  # fmt: skip
_LIGHTS = ("green", "yellow", "red", "none")


def check_scenarios(
    file: str, content: object, definition: Definition, book: Book, decisions: Collection[str]
) -> list[Problem]:
    """The broken rules of one file, the first of each scenario.

    `content` is the file as read; `decisions` are the keys of all tables.
    """
    try:
        top = Node(content, file=file)
        cast = top.child("cast")
        for role in cast.names():
            cast.text(role)
        if top.text("region") not in book.regions.by_code:
            raise top.fault("region", "region", "regions.yaml has no such region")
        scenarios = top.children("scenarios")
        top.close()
    except ContentError as error:
        return list(error.problems)
    reader = _Reader(definition, book, decisions, set(cast.names()))
    problems: list[Problem] = []
    for scenario in scenarios:
        try:
            reader.scenario(scenario)
        except ContentError as error:
            problems += error.problems
    return problems


class _Reader:
    """Reads scenarios for what they name; every method raises ContentError."""

    def __init__(
        self, definition: Definition, book: Book, decisions: Collection[str], cast: Collection[str]
    ) -> None:
        elements = definition.elements.values()
        self._tasks = {one.id for one in elements if one.kind is ElementKind.USER_TASK}
        self._outcomes = {one.outcome for one in elements if one.outcome} | {"withdrawn"}
        self._book = book
        self._decisions = decisions
        self._cast = cast
        self._names: set[str] = set()

    def scenario(self, node: Node) -> None:
        name = node.text("name")
        if name in self._names:
            raise node.fault("name", "unique", f"another scenario is called {name!r}")
        self._names.add(name)
        for key in ("title", "title_en"):
            node.text(key)
        if node.text("service") not in self._book.services:
            raise node.fault("service", "service-exists", "the catalogue has no such service")
        steps = node.children("steps")
        if not steps:
            raise node.fault("steps", "required", "it has no step")
        node.close()
        last = None
        for step in steps:
            last = self._step(step, last)

    def _step(self, node: Node, last: datetime | None) -> datetime:
        at = _instant(node, "at")
        if last is not None and at < last:
            raise node.fault("at", "order", "it lies before the step before")
        deed = node.choice("do", lambda word: _known(word, _DEEDS))
        for key in _DEEDS[deed]:
            self._one_of(node, key, self._cast if key == "by" else self._tasks)
        for key in ("changes", "expect"):
            node.find(key, dict)
        node.find_text("refused")
        node.find("case", int)
        self._expect(node.child("expect"))
        node.close()
        return at

    def _expect(self, node: Node) -> None:
        checks: dict[str, Callable[[], object]] = {
            "open": lambda: [_one(node, "open", task, self._tasks) for task in node.texts("open")],
            "due": lambda: self._due(node.child("due")),
            "case_due": lambda: _day(node, "case_due"),
            "light": lambda: self._one_of(node, "light", _LIGHTS),
            "data": lambda: [child.names() for _, child in node.child("data").mappings()],
            "missing": lambda: self._missing(node.child("missing")),
            "events": lambda: node.texts("events"),
            "ended": lambda: self._one_of(node, "ended", self._outcomes),
            "notice": lambda: self._one_of(node, "notice", TEMPLATES),
        }
        for key, check in checks.items():
            if key in node:
                check()
            node.raw(key)
        node.close()

    def _due(self, node: Node) -> None:
        for task in node.names():
            _one(node, task, task, self._tasks)
            _day(node, task)

    def _missing(self, node: Node) -> None:
        for decision in node.names():
            _one(node, decision, decision, self._decisions)
            for key in node.texts(decision):
                _one(node, decision, key, self._book.parameters)

    def _one_of(self, node: Node, key: str, known: Collection[str]) -> str:
        return _one(node, key, node.text(key), known)


def _one(node: Node, key: str, word: str, known: Collection[str]) -> str:
    if word not in known:
        raise node.fault(key, "name-exists", f"{word!r:.60} is not one of {', '.join(sorted(known))}")
    return word


def _known(word: str, known: Collection[str]) -> str:
    if word not in known:
        raise ValueError(word)
    return word


def _day(node: Node, key: str) -> None:
    """A day as text, or null."""
    word = node.find_text(key)
    try:
        if word is not None:
            date.fromisoformat(word)
    except ValueError as error:
        raise node.fault(key, "date", "it must be a day as '2023-07-03'") from error


def _instant(node: Node, key: str) -> datetime:
    word = node.text(key)
    try:
        instant = datetime.fromisoformat(word)
    except ValueError as error:
        raise node.fault(key, "instant", "it must be a time as 2023-07-03T09:30+08:00") from error
    if instant.tzinfo is None:
        raise node.fault(key, "instant", "it must name its zone, as +08:00")
    return instant
