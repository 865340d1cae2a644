"""Every text of the pages has its Chinese, with the same places for values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import banjie.web
from banjie.web.common.catalogue import ENGLISH, chinese

PAGES = Path(banjie.web.__file__).parent
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
_METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"**/templates/**.html": {"silent": "false", "newstyle_gettext": "true"}}
_PLACES = re.compile(r"%\((\w+)\)s")


@cache
def english() -> frozenset[str]:
    """Every text in templates and code; of those that count, the singular."""
    return frozenset(_texts())


def _texts() -> Iterator[str]:
    found = extract_from_dir(PAGES, _METHODS, _OPTIONS, keywords=_KEYWORDS)
    for _file, _line, message, _comments, _context in found:
        yield message if isinstance(message, str) else message[0]


def test_every_text_is_translated() -> None:
    assert sorted(english() - chinese().by_english.keys()) == []


def test_no_translation_is_left_over() -> None:
    assert sorted(chinese().by_english.keys() - english()) == []


def test_a_translation_has_the_places_of_its_text() -> None:
    wrong = {
        text: translated
        for text, translated in chinese().by_english.items()
        if set(_PLACES.findall(text)) != set(_PLACES.findall(translated))
    }

    assert wrong == {}


@pytest.mark.parametrize(("count", "said"), [(1, "1 working day"), (2, "2 working days")])
def test_english_counts_in_singular_and_plural(count: int, said: str) -> None:
    text = ENGLISH.counted("%(count)s working day", "%(count)s working days", count)

    assert text % {"count": count} == said
