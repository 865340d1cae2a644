"""A number's maximum that comes from the case."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from banjie.domain.errors import ContentError, InvalidSubmission
from banjie.forms.reader import load_form
from banjie.forms.validation import validate


def form_with(maximum: str, field_type: str = "number") -> bytes:
    field = {
        "id": "Field_amount", "type": field_type, "key": "amount", "label": "金额",
        "properties": {"label_en": "Amount", "max": maximum},
    }  # fmt: skip
    return json.dumps({"type": "default", "id": "F", "schemaVersion": 18, "components": [field]}).encode()


def test_number_above_the_case_s_maximum_is_refused_with_that_maximum() -> None:
    form = load_form("f.form", form_with("=case.cap.amount"))

    with pytest.raises(InvalidSubmission) as refused:
        validate(form, {"amount": 200_001}, context={"case": {"cap": {"amount": Decimal(200_000)}}})

    assert [(error.path, error.code, dict(error.facts)) for error in refused.value.errors] == [
        (("amount",), "too_great", {"most": "200000"})
    ]


def test_number_equal_to_the_maximum_passes() -> None:
    form = load_form("f.form", form_with("=case.cap.amount"))

    values = validate(form, {"amount": 200_000}, context={"case": {"cap": {"amount": Decimal(200_000)}}})

    assert values == {"amount": Decimal(200_000)}


def test_maximum_without_a_value_in_the_case_sets_no_bound() -> None:
    form = load_form("f.form", form_with("=case.cap.amount"))

    assert validate(form, {"amount": 9_999_999}, context={"case": {}}) == {"amount": Decimal(9_999_999)}


def test_computed_maximum_of_a_text_is_refused_when_the_form_is_loaded() -> None:
    with pytest.raises(ContentError, match="only a number can have a computed maximum"):
        load_form("f.form", form_with("=case.cap.amount", "textfield"))
