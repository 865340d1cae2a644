"""What a posted HTML form becomes before it is judged."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.errors import InvalidSubmission
from banjie.forms.formdata import raw_from_formdata
from banjie.forms.validation import validate
from support.forms import choice, component, form_of, rows

FORM = form_of(
    component("textfield", "name"),
    component("number", "amount"),
    component("checkbox", "agreed"),
    choice("checklist", "kinds", "a", "b"),
    component("filepicker", "papers", multiple=True),
    component("textfield", "card", properties={"check": "bank_account"}),
    rows("partners", component("textfield", "partner"), component("checkbox", "lead")),
)


def posted(**items: list[str]) -> dict[str, Any]:
    raw = raw_from_formdata(FORM, items)
    return {key: value for key, value in raw.items() if not (key == "agreed" and value is False)}


def test_empty_texts_are_left_out() -> None:
    assert posted(name=["  "], amount=[""], papers=[""]) == {}


def test_a_checkbox_is_true_when_posted_and_false_when_not() -> None:
    assert raw_from_formdata(FORM, {"agreed": ["true"]})["agreed"] is True
    assert raw_from_formdata(FORM, {})["agreed"] is False


def test_a_checkbox_with_another_value_is_left_for_judgement() -> None:
    assert posted(agreed=["maybe"]) == {"agreed": "maybe"}


def test_lists_are_lists_with_one_value_too() -> None:
    assert posted(kinds=["a"], papers=["", "p1"]) == {"kinds": ["a"], "papers": ["p1"]}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("２００，０００．５", "200000.5"),
        ("200,000", "200000"),
        (" 5 ", "5"),
        ("－3", "-3"),
        ("20,00", "20,00"),
        ("五", "五"),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, expected: str) -> None:
    assert posted(amount=[typed]) == {"amount": expected}


def test_full_width_digits_of_checked_numbers_are_normalised() -> None:
    assert posted(card=["６２２２\u30000212"]) == {"card": "6222 0212"}


def test_rows_are_gathered_in_order_and_empty_ones_dropped() -> None:
    raw = raw_from_formdata(
        FORM,
        {
            "partners-10-partner": ["丙"],
            "partners-2-partner": ["乙"],
            "partners-3-partner": [""],
            "partners-2-lead": ["true"],
        },
    )

    assert raw["partners"] == [{"partner": "乙", "lead": True}, {"partner": "丙", "lead": False}]


def test_unknown_names_stay_to_be_refused() -> None:
    raw = raw_from_formdata(FORM, {"typename": ["x"], "partners-0-other": ["x"], "others-0-partner": ["x"]})

    with pytest.raises(InvalidSubmission) as refused:
        validate(FORM, raw, context={})
    assert [error.code for error in refused.value.errors] == ["unknown_field"] * 3


def test_one_field_posted_twice_is_refused() -> None:
    with pytest.raises(InvalidSubmission) as refused:
        validate(FORM, raw_from_formdata(FORM, {"name": ["a", "b"]}), context={})
    assert [error.code for error in refused.value.errors] == ["wrong_type"]


names = st.sampled_from([*FORM.fields, "partners-0-partner", "partners-1-lead", "partners-999-x"]) | st.text(
    max_size=20
)


@given(st.dictionaries(names, st.lists(st.text(st.characters(), max_size=20), max_size=3), max_size=8))
def test_any_posted_form_is_accepted_or_refused_by_field(items: dict[str, list[str]]) -> None:
    with contextlib.suppress(InvalidSubmission):
        validate(FORM, raw_from_formdata(FORM, items), context={})
