"""Stock phrases (常用意见): each officer's own, and those that the house offers."""

from __future__ import annotations

from collections.abc import Sequence

from banjie.domain.assignment import Actor, is_at_an_office
from banjie.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from banjie.persistence.phrases import PhraseRow
from banjie.policy.phrases import HousePhrase
from banjie.services.runtime import Runtime

MOST_PHRASES = 50
LONGEST_PHRASE = 200


def own(rt: Runtime, actor: Actor) -> Sequence[PhraseRow]:
    """An officer's phrases in the officer's order. Raises Forbidden for people of no office."""
    _require_officer(actor)
    with rt.store.read() as uow:
        return uow.phrases.of(actor.account_id)


def most_used(rt: Runtime, actor: Actor) -> Sequence[PhraseRow]:
    """As `own`, the most used first; among equals the officer's order."""
    return sorted(own(rt, actor), key=lambda phrase: (-phrase.uses, phrase.position, phrase.id))


def house(rt: Runtime) -> Sequence[HousePhrase]:
    """The phrases that the house offers to everybody, in the order of their file."""
    return rt.book.phrases


def add(rt: Runtime, actor: Actor, words: str) -> int:
    """Keep a phrase, after the others; returns its id, the same for the same words again.

    Raises Forbidden, InvalidRequest for an empty or too long phrase, Conflict where there are too many.
    """
    _require_officer(actor)
    words = _checked(words)
    with rt.store.begin() as uow:
        uow.phrases.lock(actor.account_id)
        held = uow.phrases.of(actor.account_id)
        if len(held) >= MOST_PHRASES and all(phrase.words != words for phrase in held):
            raise Conflict("There are too many phrases; delete one first.", limit=MOST_PHRASES)
        return uow.phrases.add(actor.account_id, words)


def change(rt: Runtime, actor: Actor, phrase_id: int, words: str) -> None:
    """Replace the words of one's phrase. Raises as `add`, NotFound, Conflict where another has these words."""
    _require_officer(actor)
    words = _checked(words)
    with rt.store.begin() as uow:
        uow.phrases.lock(actor.account_id)
        same = [phrase for phrase in uow.phrases.of(actor.account_id) if phrase.words == words]
        if any(phrase.id != phrase_id for phrase in same):
            raise Conflict("You have this phrase already.", phrase=same[0].id)
        if not uow.phrases.change(actor.account_id, phrase_id, words):
            raise NotFound(phrase=phrase_id)


def drop(rt: Runtime, actor: Actor, phrase_id: int) -> None:
    """Forget one's phrase; forgetting one that is not there changes nothing. Raises Forbidden."""
    _require_officer(actor)
    with rt.store.begin() as uow:
        uow.phrases.lock(actor.account_id)
        uow.phrases.drop(actor.account_id, phrase_id)


def arrange(rt: Runtime, actor: Actor, ids: Sequence[int]) -> None:
    """Put one's phrases in an order. Raises Forbidden, Conflict unless the ids are those of all phrases, once each."""
    _require_officer(actor)
    with rt.store.begin() as uow:
        uow.phrases.lock(actor.account_id)
        if sorted(ids) != sorted(phrase.id for phrase in uow.phrases.of(actor.account_id)):
            raise Conflict("The order names other phrases than you have.", phrases=len(ids))
        uow.phrases.arrange(actor.account_id, ids)


def move(rt: Runtime, actor: Actor, phrase_id: int, places: int) -> None:
    """Move one's phrase so many places down (up where negative), no further than the ends. Raises NotFound."""
    _require_officer(actor)
    with rt.store.begin() as uow:
        uow.phrases.lock(actor.account_id)
        ids = [phrase.id for phrase in uow.phrases.of(actor.account_id)]
        if phrase_id not in ids:
            raise NotFound(phrase=phrase_id)
        place = max(0, ids.index(phrase_id) + places)
        ids.remove(phrase_id)
        ids.insert(place, phrase_id)
        uow.phrases.arrange(actor.account_id, ids)


def count_use(rt: Runtime, actor: Actor, phrase_id: int) -> None:
    """Note that one's phrase was inserted. Raises Forbidden, NotFound."""
    _require_officer(actor)
    with rt.store.begin() as uow:
        if not uow.phrases.count_use(actor.account_id, phrase_id):
            raise NotFound(phrase=phrase_id)


def _require_officer(actor: Actor) -> None:
    if not is_at_an_office(actor):
        raise Forbidden("Stock phrases are for officers.")


def _checked(words: str) -> str:
    """The words as kept: each line without blanks at its end, none before or after the whole."""
    plain = "\n".join(line.rstrip() for line in words.strip().splitlines())
    if not plain or len(plain) > LONGEST_PHRASE:
        raise InvalidRequest("A phrase has 1 to 200 characters.", field="words", longest=LONGEST_PHRASE)
    return plain
