"""The translations of the pages' texts, read at start from a .po file into memory.

The English text is the key, so English needs no file; Chinese is `translations/zh.po`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from babel.messages.pofile import read_po


@dataclass(frozen=True, kw_only=True)
class Texts:
    """English text → translation; for texts that count, the English singular → the one Chinese form."""

    by_english: Mapping[str, str]

    def one(self, english: str) -> str:
        """The translation, or the English text where there is none."""
        return self.by_english.get(english, english)

    def counted(self, singular: str, plural: str, count: int) -> str:
        """The translation of a text that counts; without one, English singular or plural."""
        return self.by_english.get(singular, singular if count == 1 else plural)


ENGLISH = Texts(by_english=MappingProxyType({}))


@lru_cache(maxsize=1)
def chinese() -> Texts:
    """The Chinese texts of this release; entries that are empty or marked fuzzy do not count."""
    with files("banjie.web").joinpath("translations/zh.po").open("rb") as file:
        messages = read_po(file, locale="zh")
    return Texts(by_english=MappingProxyType(dict(_entry(m.id, m.string) for m in messages if _is_ready(m))))


def _is_ready(message: object) -> bool:
    texts = getattr(message, "string", "")
    translated = all(texts) if isinstance(texts, tuple) else bool(texts)
    return bool(getattr(message, "id", "")) and translated and not getattr(message, "fuzzy", False)


def _entry(key: str | tuple[str, ...] | list[str], text: str | tuple[str, ...] | list[str]) -> tuple[str, str]:
    return (key if isinstance(key, str) else key[0], text if isinstance(text, str) else text[0])
