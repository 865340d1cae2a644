"""The stock phrases that the house offers: ``policy/phrases.yaml``."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.policy.yaml_reader import Node

#: Characters that fit a field of every form.
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class HousePhrase:
    """A phrase; `decision` is the value of the form's field `decision` that it goes with, None: with any."""

    decision: str | None
    words: str
    words_en: str


def read_phrases(file: Node) -> tuple[HousePhrase, ...]:
    """The phrases of the file, in its order. Raises ContentError."""
    file.find_text("citation")
    file.text("note")
    phrases = tuple(_phrase(node) for node in file.children("phrases"))
    file.close()
    return phrases


def _phrase(node: Node) -> HousePhrase:
    phrase = HousePhrase(
        decision=node.find_text("decision"), words=node.text("words"), words_en=node.text("words_en")
    )
    if max(len(phrase.words), len(phrase.words_en)) > LONGEST:
        raise node.fault("words", "length", f"a phrase has at most {LONGEST} characters")
    node.close()
    return phrase
