"""Every code that a form can raise has its sentence in both languages."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from banjie.domain.errors import FieldError
from banjie.domain.identity import NumberFault
from banjie.edge.field_messages import FIELD_MESSAGES, field_message
from banjie.forms.codes import FieldCode


@pytest.mark.parametrize("code", FieldCode)
def test_every_code_has_both_sentences(code: FieldCode) -> None:
    chinese, english = FIELD_MESSAGES[code]

    if code is not FieldCode.PATTERN_WORDED:
        assert re.search("[\u4e00-\u9fff]", chinese)
        assert not re.search("[\u4e00-\u9fff]", english)
        assert {name for _, name, _, _ in Formatter().parse(chinese)} == {
            name for _, name, _, _ in Formatter().parse(english)
        }


def test_there_is_no_sentence_without_a_code() -> None:
    assert FIELD_MESSAGES.keys() == set(FieldCode)


def test_facts_fill_the_sentence() -> None:
    error = FieldError(path=("name",), code="too_short", facts={"least": 2})

    assert field_message(error, "zh") == "至少填写2个字符"
    assert field_message(error, "en") == "Enter at least 2 characters"


def test_a_missing_fact_or_an_unknown_code_still_gives_a_sentence() -> None:
    assert field_message(FieldError(path=("a",), code="too_short", facts={}), "zh") == "至少填写—个字符"
    assert field_message(FieldError(path=("a",), code="nonsense", facts={}), "en")


def test_every_fault_of_a_checked_number_has_a_code() -> None:
    codes = {code.value for code in FieldCode}
    faults = set(NumberFault) - {NumberFault.PREFIX}

    assert {f"id_number_{fault}" for fault in faults} <= codes
