"""The translations of the pages' texts, read at start from a .po file into memory.

The English text is the key, so English needs no file; Chinese is `translations/zh.po`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """The Chinese texts of this release."""
    with files("banjie.web").joinpath("translations/zh.po").open("rb") as file:
        messages = read_po(file, locale="zh")
    return Texts(
        by_english=MappingProxyType({_first(m.id): _first(m.string) for m in messages if m.id and m.string})
    )


def _first(texts: str | Sequence[str] | None) -> str:
    """The text, or the one form of a text that counts."""
    return texts if isinstance(texts, str) else texts[0] if texts else ""
