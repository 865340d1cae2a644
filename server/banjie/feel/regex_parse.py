r"""XPath regular expressions to programs for the matcher of `regex.py`.

A program is a list of instructions: `char test`, `split first second`, `jump place`, `save slot`, `start`, `end`,
`back group`, `match`. Counted repetition is written out, which the greatest size of a program bounds.
Source: XPath and XQuery Functions and Operators 3.1, 5.6.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from banjie.feel import regex_classes as classes

MOST_INSTRUCTIONS = 4_000
MOST_CHARACTERS = 2_000
MOST_NESTING = 50

_SINGLE = {"n": "\n", "r": "\r", "t": "\t"} | {character: character for character in "\\|.-^?*+{}()[]$"}


class PatternError(ValueError):
    """The text is no pattern, or one that is too large."""


Instruction = tuple[object, ...]
Emitter = Callable[[list[Instruction]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A compiled pattern. `groups` counts the capturing groups; `remembers` is false when it has back-references."""

    code: tuple[Instruction, ...]
    groups: int
    remembers: bool


def compile_pattern(pattern: str, flags: str) -> Program:
    """Raises PatternError. `flags` may hold s, m, i, x, q."""
    if len(pattern) > MOST_CHARACTERS:
        raise PatternError(f"longer than {MOST_CHARACTERS} characters")
    reader = _Reader(pattern, flags)
    if "q" in flags:
        body = _sequence([reader.literal(character) for character in pattern])
    else:
        body = reader.alternatives()
        if reader.place < len(reader.text):
            raise PatternError("an unmatched ')'")
    code: list[Instruction] = []
    _add(code, ("save", 0))
    body(code)
    _add(code, ("save", 1))
    _add(code, ("match",))
    return Program(code=tuple(code), groups=reader.groups, remembers=not reader.refers_back)


def _add(code: list[Instruction], instruction: Instruction) -> None:
    if len(code) >= MOST_INSTRUCTIONS:
        raise PatternError(f"more than {MOST_INSTRUCTIONS} steps")
    code.append(instruction)


def _sequence(parts: list[Emitter]) -> Emitter:
    def emit(code: list[Instruction]) -> None:
        for part in parts:
            part(code)

    return emit


def _choice(branches: list[Emitter]) -> Emitter:
    def emit(code: list[Instruction]) -> None:
        exits = []
        for branch in branches[:-1]:
            split = len(code)
            _add(code, ())
            branch(code)
            exits.append(len(code))
            _add(code, ())
            code[split] = ("split", split + 1, len(code))
        branches[-1](code)
        for place in exits:
            code[place] = ("jump", len(code))

    return emit


def _repeated(part: Emitter, least: int, most: int | None, *, greedy: bool) -> Emitter:
    def split(stay: int, leave: int) -> Instruction:
        return ("split", stay, leave) if greedy else ("split", leave, stay)

    def emit(code: list[Instruction]) -> None:
        for _ in range(least):
            before = len(code)
            part(code)
            if len(code) == before:
                return
        if most is None:
            start = len(code)
            _add(code, ())
            part(code)
            _add(code, ("jump", start))
            code[start] = split(start + 1, len(code))
            return
        optional = []
        for _ in range(most - least):
            optional.append(len(code))
            _add(code, ())
            before = len(code)
            part(code)
            if len(code) == before:
                break
        for place in optional:
            code[place] = split(place + 1, len(code))

    return emit


class _Reader:
    """Recursive descent over a pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.text = pattern
        self.any_case = "i" in flags
        self.lines = "m" in flags
        self.spaced = "x" in flags
        self.all_characters = "s" in flags
        self.place = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.refers_back = False
        self.depth = 0

    def peek(self) -> str:
        if self.spaced:
            while self.text[self.place : self.place + 1] in (" ", "\t", "\n", "\r"):
                self.place += 1
        return self.text[self.place : self.place + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise PatternError("the pattern ends too early")
        self.place += 1
        return character

    def alternatives(self) -> Emitter:
        branches = [self.branch()]
        while self.peek() == "|":
            self.take()
            branches.append(self.branch())
        return branches[0] if len(branches) == 1 else _choice(branches)

    def branch(self) -> Emitter:
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.piece())
        return _sequence(parts)

    def piece(self) -> Emitter:
        atom = self.atom()
        match self.peek():
            case "*":
                least, most = 0, None
            case "+":
                least, most = 1, None
            case "?":
                least, most = 0, 1
            case "{":
                least, most = self.counts()
                return _repeated(atom, least, most, greedy=self.greedy())
            case _:
                return atom
        self.take()
        return _repeated(atom, least, most, greedy=self.greedy())

    def greedy(self) -> bool:
        if self.peek() != "?":
            return True
        self.take()
        return False

    def counts(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.place)
        low, comma, high = self.text[self.place + 1 : end].partition(",")
        if end < 0 or not _is_count(low) or (high and not _is_count(high)):
            raise PatternError("a quantifier that is none")
        self.place = end + 1
        least = int(low)
        most = least if not comma else (int(high) if high else None)
        if least > MOST_INSTRUCTIONS or (most is not None and (most > MOST_INSTRUCTIONS or most < least)):
            raise PatternError("a quantifier that is too great or the wrong way round")
        return least, most

    def atom(self) -> Emitter:
        character = self.take()
        match character:
            case "(":
                return self.group()
            case "[":
                return _instruction("char", self.character_class())
            case ".":
                return _instruction("char", classes.dot(all_characters=self.all_characters))
            case "^":
                return _instruction("start", self.lines)
            case "$":
                return _instruction("end", self.lines)
            case "\\":
                return self.escape()
            case "?" | "*" | "+" | "{" | "}" | "]":
                raise PatternError(f"'{character}' in a place where it means nothing")
        return self.literal(character)

    def literal(self, character: str) -> Emitter:
        if self.any_case and len(classes.variants(character)) > 1:
            return _instruction("char", classes.literal(character, any_case=True))
        return _instruction("is", character)

    def group(self) -> Emitter:
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise PatternError(f"more than {MOST_NESTING} levels of brackets")
        capturing = self.peek() != "?"
        if not capturing:
            self.take()
            if self.take() != ":":
                raise PatternError("'(?' without ':'")
        else:
            self.groups += 1
        number = self.groups
        body = self.alternatives()
        if self.peek() != ")":
            raise PatternError("a missing ')'")
        self.take()
        self.depth -= 1
        if not capturing:
            return body
        self.closed.add(number)
        return _sequence([_instruction("save", 2 * number), body, _instruction("save", 2 * number + 1)])

    def escape(self) -> Emitter:
        character = self.take()
        if character.isdigit() and character.isascii():
            return self.back_reference(character)
        if character in _SINGLE:
            return self.literal(_SINGLE[character])
        return _instruction("char", self.class_escape(character))

    def back_reference(self, digits: str) -> Emitter:
        while self.peek().isdigit() and self.peek().isascii() and int(digits + self.peek()) <= self.groups:
            digits += self.take()
        number = int(digits)
        if number not in self.closed:
            raise PatternError(f"a reference to group {number}, which is not closed before it")
        self.refers_back = True
        return _instruction("back", number, self.any_case)

    def class_escape(self, letter: str) -> classes.Test:
        if letter in "pP":
            end = self.text.find("}", self.place)
            if self.text[self.place : self.place + 1] != "{" or end < 0:
                raise PatternError("a property without its name")
            test = classes.property_named(self.text[self.place + 1 : end])
            self.place = end + 1
            if test is None:
                raise PatternError("an unknown property")
            return classes.negated(test) if letter == "P" else test
        test = classes.escape_named(letter)
        if test is None:
            raise PatternError(f"'\\{letter}' means nothing")
        return test

    def character_class(self) -> classes.Test:
        """What follows `[`, white space included, with an optional subtraction at its end."""
        spaced, self.spaced = self.spaced, False
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise PatternError(f"more than {MOST_NESTING} levels of brackets")
        negative = self.peek() == "^"
        if negative:
            self.take()
        tests: list[classes.Test] = []
        excluded: classes.Test | None = None
        while self.peek() != "]" or not tests:
            if self.text.startswith("-[", self.place) and tests:
                self.place += 2
                excluded = self.character_class()
                break
            tests.append(self.class_item(first=not tests))
        if self.take() != "]":
            raise PatternError("a missing ']'")
        self.depth -= 1
        self.spaced = spaced
        test = classes.either(tests)
        test = classes.negated(test) if negative else test
        return test if excluded is None else classes.without(test, excluded)

    def class_item(self, *, first: bool) -> classes.Test:
        character = self.take()
        if character == "\\":
            letter = self.take()
            if letter not in _SINGLE:
                return self.class_escape(letter)
            low = _SINGLE[letter]
        elif character in "[]":
            raise PatternError(f"'{character}' in a class")
        elif character == "-":
            if not first and self.peek() != "]":
                raise PatternError("'-' in the middle of a class")
            return classes.literal("-", any_case=False)
        else:
            low = character
        following = self.text[self.place : self.place + 2]
        if following[:1] != "-" or following[1:] in ("]", "["):
            return classes.literal(low, any_case=self.any_case)
        self.take()
        high = self.take()
        if high == "\\":
            letter = self.take()
            if letter not in _SINGLE:
                raise PatternError("a range that ends in a class")
            high = _SINGLE[letter]
        if high < low:
            raise PatternError("a range the wrong way round")
        return classes.span(low, high, any_case=self.any_case)


def _instruction(*parts: object) -> Emitter:
    return lambda code: _add(code, parts)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
