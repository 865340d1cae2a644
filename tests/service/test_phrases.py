"""Stock phrases (常用意见) of an officer."""

from __future__ import annotations

import pytest

from banjie.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from banjie.services import phrases
from support.office import Office


def add(office: Office, words: str, by: str = "zhao") -> int:
    return phrases.add(office.rt, office.actors[by], words)


def words_of(office: Office, by: str = "zhao") -> list[str]:
    return [phrase.words for phrase in phrases.own(office.rt, office.actors[by])]


def test_phrases_are_ones_own(office: Office) -> None:
    add(office, "情况属实，同意。 \n")
    phrase_id = add(office, "材料齐全。", by="qian")

    assert words_of(office) == ["情况属实，同意。"]
    with pytest.raises(NotFound):
        phrases.change(office.rt, office.actors["zhao"], phrase_id, "改")
    phrases.drop(office.rt, office.actors["zhao"], phrase_id)
    assert words_of(office, "qian") == ["材料齐全。"]


def test_the_same_words_are_one_phrase(office: Office) -> None:
    assert add(office, "同意。") == add(office, " 同意。 ")


def test_a_phrase_is_changed_but_not_into_another(office: Office) -> None:
    first, _ = add(office, "同意。"), add(office, "不同意。")

    phrases.change(office.rt, office.actors["zhao"], first, "拟同意。")

    assert words_of(office) == ["拟同意。", "不同意。"]
    with pytest.raises(Conflict):
        phrases.change(office.rt, office.actors["zhao"], first, "不同意。")


def test_the_fifty_first_phrase_is_refused(office: Office) -> None:
    for number in range(50):
        add(office, f"意见{number}")

    with pytest.raises(Conflict):
        add(office, "再来一条")
    assert add(office, "意见7")


@pytest.mark.parametrize("words", ["", " \n", "字" * 201])
def test_empty_and_long_phrases_are_refused(office: Office, words: str) -> None:
    with pytest.raises(InvalidRequest):
        add(office, words)


def test_a_phrase_moves_no_further_than_the_ends(office: Office) -> None:
    ids = [add(office, words) for words in "甲乙丙"]
    zhao = office.actors["zhao"]

    phrases.move(office.rt, zhao, ids[2], -1)
    phrases.move(office.rt, zhao, ids[0], -1)
    phrases.move(office.rt, zhao, ids[1], 5)

    assert words_of(office) == ["甲", "丙", "乙"]


def test_an_order_names_every_phrase_once(office: Office) -> None:
    ids = [add(office, words) for words in "甲乙丙"]
    phrases.arrange(office.rt, office.actors["zhao"], ids[::-1])

    assert words_of(office) == ["丙", "乙", "甲"]
    for wrong in (ids[:2], [*ids, ids[0]], [ids[0], ids[0], ids[1]]):
        with pytest.raises(Conflict):
            phrases.arrange(office.rt, office.actors["zhao"], wrong)


def test_the_most_used_come_first(office: Office) -> None:
    ids = [add(office, words) for words in "甲乙丙"]
    for phrase_id in (ids[2], ids[2], ids[1]):
        phrases.count_use(office.rt, office.actors["zhao"], phrase_id)

    assert [one.words for one in phrases.most_used(office.rt, office.actors["zhao"])] == ["丙", "乙", "甲"]
    assert words_of(office) == ["甲", "乙", "丙"]


def test_applicants_have_no_phrases(office: Office) -> None:
    with pytest.raises(Forbidden):
        add(office, "同意。", by="wang")


def test_the_phrases_of_the_house_name_decisions_of_the_forms(office: Office) -> None:
    decisions = {phrase.decision for phrase in phrases.house(office.rt)}

    assert decisions == {None, "accept", "not_accept", "approve", "refuse"}
