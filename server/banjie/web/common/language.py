"""The language of a request: Chinese unless the reader has chosen English."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request

from banjie.web.common.catalogue import ENGLISH, Texts, chinese

COOKIE = "lang"


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language as the pages need it; `comma` joins items of a list in a sentence."""

    code: str
    tag: str
    comma: str
    other_code: str
    other_tag: str
    other_name: str


CHINESE = Language(code="zh", tag="zh-CN", comma="、", other_code="en", other_tag="en", other_name="English")
ENGLISH_LANGUAGE = Language(
    code="en", tag="en", comma=", ", other_code="zh", other_tag="zh-CN", other_name="中文"
)


def current_language() -> Language:
    """The language of this request, by the reader's cookie."""
    if "language" not in g:
        g.language = ENGLISH_LANGUAGE if request.cookies.get(COOKIE) == "en" else CHINESE
    chosen: Language = g.language
    return chosen


def gettext(english: str) -> str:
    """The text in the language of this request."""
    return _texts().one(english)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The text for a count in the language of this request."""
    return _texts().counted(singular, plural, count)


def _texts() -> Texts:
    return ENGLISH if current_language().code == "en" else chinese()
