"""Which characters a part of a pattern matches: literals, classes, categories, escapes, with or without case.

Source: XML Schema part 2, appendix G, and XPath and XQuery Functions and Operators 3.1, 5.6.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

Test = Callable[[str], bool]

_CATEGORIES = frozenset(
    {
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "Z",
        "Zs",
        "Zl",
        "Zp",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cn",
    }
)
_BLOCKS = {
    "BasicLatin": (0x0, 0x7F),
    "Latin-1Supplement": (0x80, 0xFF),
    "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F),
    "IPAExtensions": (0x250, 0x2AF),
    "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F),
    "Greek": (0x370, 0x3FF),
    "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF),
    "Armenian": (0x530, 0x58F),
    "Hebrew": (0x590, 0x5FF),
    "Arabic": (0x600, 0x6FF),
    "Devanagari": (0x900, 0x97F),
    "Bengali": (0x980, 0x9FF),
    "Thai": (0xE00, 0xE7F),
    "Tibetan": (0xF00, 0xFFF),
    "Georgian": (0x10A0, 0x10FF),
    "HangulJamo": (0x1100, 0x11FF),
    "Mongolian": (0x1800, 0x18AF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "MiscellaneousTechnical": (0x2300, 0x23FF),
    "EnclosedAlphanumerics": (0x2460, 0x24FF),
    "BoxDrawing": (0x2500, 0x257F),
    "BlockElements": (0x2580, 0x259F),
    "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF),
    "Dingbats": (0x2700, 0x27BF),
    "CJKRadicalsSupplement": (0x2E80, 0x2EFF),
    "KangxiRadicals": (0x2F00, 0x2FDF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "HangulCompatibilityJamo": (0x3130, 0x318F),
    "EnclosedCJKLettersandMonths": (0x3200, 0x32FF),
    "CJKCompatibility": (0x3300, 0x33FF),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7A3),
    "PrivateUse": (0xE000, 0xF8FF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "AlphabeticPresentationForms": (0xFB00, 0xFB4F),
    "ArabicPresentationForms-A": (0xFB50, 0xFDFF),
    "CombiningHalfMarks": (0xFE20, 0xFE2F),
    "CJKCompatibilityForms": (0xFE30, 0xFE4F),
    "SmallFormVariants": (0xFE50, 0xFE6F),
    "ArabicPresentationForms-B": (0xFE70, 0xFEFE),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
    "Specials": (0xFFF0, 0xFFFD),
}
_NAME_START = re.compile(
    "[:A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
)
_NAME_REST = re.compile("[-.0-9\u00b7\u0300-\u036f\u203f-\u2040]")


@lru_cache(maxsize=1)
def _case_groups() -> dict[str, tuple[str, ...]]:
    """Characters that differ only in case, by each of them."""
    groups: dict[str, set[str]] = {}
    for code in range(0x1E944):
        character = chr(code)
        folded = character.upper().lower()
        if len(folded) == 1 and (folded != character or character.upper() != character):
            groups.setdefault(folded, {folded}).add(character)
    return {character: tuple(sorted(group)) for group in groups.values() for character in group}


def variants(character: str) -> tuple[str, ...]:
    """The character and those that differ from it only in case."""
    return _case_groups().get(character, (character,))


def literal(character: str, *, any_case: bool) -> Test:
    if any_case:
        group = frozenset(variants(character))
        return lambda other: other in group
    return lambda other: other == character


def span(low: str, high: str, *, any_case: bool) -> Test:
    """Characters from `low` to `high`, both included."""
    if any_case:
        return lambda other: any(low <= one <= high for one in variants(other))
    return lambda other: low <= other <= high


def either(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda character: any(test(character) for test in tests)


def negated(test: Test) -> Test:
    return lambda character: not test(character)


def without(test: Test, excluded: Test) -> Test:
    return lambda character: test(character) and not excluded(character)


def dot(*, all_characters: bool) -> Test:
    """`.`: every character, or every one but line feed and carriage return."""
    return (lambda _character: True) if all_characters else (lambda character: character not in "\n\r")


def property_named(name: str) -> Test | None:
    r"""`\p{name}`: a general category or, with Is before it, a block; None when there is none of the name."""
    if name in _CATEGORIES:
        return lambda character: unicodedata.category(character).startswith(name)
    block = _BLOCKS.get(name[2:]) if name.startswith("Is") else None
    if block is None:
        return None
    low, high = block
    return lambda character: low <= ord(character) <= high


def escape_named(letter: str) -> Test | None:
    r"""`\s \d \w \i \c` and, in capitals, their complements; None for other letters."""
    test = _ESCAPES.get(letter.lower())
    return test if test is None or letter.islower() else negated(test)


_ESCAPES: dict[str, Test] = {
    "s": lambda character: character in " \t\n\r",
    "d": lambda character: unicodedata.category(character) == "Nd",
    "w": lambda character: unicodedata.category(character)[0] not in "PZC",
    "i": lambda character: _NAME_START.match(character) is not None,
    "c": lambda character: (
        _NAME_START.match(character) is not None or _NAME_REST.match(character) is not None
    ),
}
