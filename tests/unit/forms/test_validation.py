"""What a submission becomes, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.errors import FieldError, InvalidSubmission
from banjie.forms.model import Form
from banjie.forms.validation import validate
from support.forms import choice, component, form_of, rows

CONTEXT: Mapping[str, Any] = {
    "today": "2023-07-03",
    "regions": [{"value": "152201", "label": "乌兰浩特市"}, "152202"],
}


def judged(form: Form, raw: Any) -> dict[str, Any]:
    return validate(form, raw, context=CONTEXT)


def faults(
    form: Form, raw: Any, context: Mapping[str, Any] = CONTEXT
) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(InvalidSubmission) as refused:
        validate(form, raw, context=context)
    return [(error.path, error.code) for error in refused.value.errors]


def fault(kind: str, value: object, **attributes: Any) -> str:
    """The code of the one fault of a form with one field."""
    ((path, code),) = faults(form_of(component(kind, "field", **attributes)), {"field": value})
    assert path == ("field",)
    return code


def value(kind: str, given_value: object, **attributes: Any) -> object:
    return judged(form_of(component(kind, "field", **attributes)), {"field": given_value}).get("field")


def test_a_field_the_form_does_not_have_is_refused() -> None:
    assert faults(form_of(component("textfield", "name")), {"typename": 1, "__class__": "x"}) == [
        (("typename",), "unknown_field"),
        (("__class__",), "unknown_field"),
    ]


def test_an_unknown_name_is_made_fit_to_print() -> None:
    ((path, code),) = faults(form_of(component("textfield", "name")), {"\ud800\0" + "a" * 500: 1})

    assert code == "unknown_field"
    assert str(path[0]).isprintable()
    assert len(str(path[0])) <= 64


@pytest.mark.parametrize("raw", [None, 1, "x", [1], True, 1.5])
def test_a_submission_that_is_no_object_is_refused(raw: object) -> None:
    assert faults(form_of(component("textfield", "name")), raw) == [((), "wrong_type")]


def test_a_flood_of_fields_is_refused_as_one_fault() -> None:
    assert faults(form_of(component("textfield", "name")), {f"f{number}": 1 for number in range(1000)}) == [
        ((), "too_large")
    ]


def test_a_value_nested_a_hundred_thousand_deep_is_refused() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]

    assert faults(form_of(component("textfield", "name")), {"name": deep}) == [(("name",), "too_deep")]


@pytest.mark.parametrize("text", ["a\0", "\ud800", "x\udfff"])
def test_nul_and_lone_surrogates_are_refused(text: str) -> None:
    assert fault("textfield", text) == "bad_character"


@pytest.mark.parametrize("text", ["a\x1bb", "a\nb", "a\u2028b", "a\x85b"])
def test_control_characters_are_refused_in_one_line(text: str) -> None:
    assert fault("textfield", text) == "bad_character"


def test_a_textarea_keeps_its_lines() -> None:
    assert value("textarea", "一\r\n二\r三\n") == "一\n二\n三"


def test_text_is_trimmed_before_it_is_measured() -> None:
    assert fault("textfield", "  ab   ", validate={"minLength": 3}) == "too_short"
    assert value("textfield", "  abc   ", validate={"maxLength": 3}) == "abc"


def test_text_is_bounded_without_a_rule() -> None:
    assert fault("textarea", "x" * 4001) == "too_long"


def test_a_pattern_is_not_anchored() -> None:
    assert value("textfield", "xx12", validate={"pattern": r"\d\d", "maxLength": 20}) == "xx12"


def test_the_end_of_a_pattern_is_the_end_of_the_text_and_digits_are_ascii() -> None:
    assert fault("textfield", "１３８", validate={"pattern": r"^\d{3}$"}) == "pattern"


def test_a_pattern_with_words_of_its_own_gives_them_as_facts() -> None:
    form = form_of(
        component(
            "textfield",
            "phone",
            validate={"pattern": "^1$", "patternErrorMessage": "请填1"},
            properties={"patternErrorMessage_en": "Enter 1"},
        )
    )

    with pytest.raises(InvalidSubmission) as refused:
        judged(form, {"phone": "2"})

    assert refused.value.errors[0].facts == {"zh": "请填1", "en": "Enter 1"}


@pytest.mark.parametrize("empty", [None, "", "   ", []])
def test_nothing_entered_is_missing_where_something_is_required(empty: object) -> None:
    assert fault("textfield", empty, validate={"required": True}) == "required"


@pytest.mark.parametrize("empty", [None, "", "   ", []])
def test_nothing_entered_gives_no_value(empty: object) -> None:
    assert judged(form_of(component("textfield", "name")), {"name": empty}) == {}


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("200000", "200000"), ("200000.50", "200000.5"), (3, "3"), (2.5, "2.5"), (-0.0, "0"), (Decimal("1E+3"), "1000"),
        ("007", "7"), (" 5 ", "5"), (0, "0"),
    ],
)  # fmt: skip
def test_a_number_becomes_a_plain_decimal(given_value: object, expected: str) -> None:
    assert str(value("number", given_value)) == expected


@pytest.mark.parametrize(
    ("given_value", "code"),
    [
        (True, "wrong_type"), ({}, "wrong_type"), ([1], "wrong_type"), ("abc", "not_a_number"), ("1e5", "not_a_number"),
        ("５", "not_a_number"), ("0x10", "not_a_number"), ("NaN", "not_a_number"), (float("nan"), "number_size"),
        (float("inf"), "number_size"), (1e300, "number_size"), (1e-300, "number_size"),
        (-(10**16), "number_size"), pytest.param(10**5000, "number_size", id="5001 digits"),
    ],
)  # fmt: skip
def test_what_is_no_ordinary_number_is_refused(given_value: object, code: str) -> None:
    assert fault("number", given_value) == code


def test_bounds_of_a_number_are_inclusive() -> None:
    bounds = {"min": 1, "max": 5}

    assert value("number", 1, validate=bounds) == 1
    assert value("number", 5, validate=bounds) == 5
    assert fault("number", "0.99", validate=bounds) == "too_small"
    assert fault("number", "5.01", validate=bounds) == "too_great"


def test_decimals_are_counted_without_idle_zeros() -> None:
    assert value("number", "1.50", decimalDigits=1) == Decimal("1.5")
    assert fault("number", "1.55", decimalDigits=1) == "too_many_decimals"
    assert fault("number", "1.5", decimalDigits=0) == "no_decimals"


def test_zero_is_an_answer_to_a_required_number() -> None:
    assert value("number", 0, validate={"required": True}) == 0


def test_a_checkbox_left_out_is_false() -> None:
    assert judged(form_of(component("checkbox", "agreed")), {}) == {"agreed": False}


def test_a_required_checkbox_must_be_ticked() -> None:
    assert fault("checkbox", False, validate={"required": True}) == "required"


@pytest.mark.parametrize("given_value", ["true", 1, ["true"], {}])
def test_a_checkbox_takes_booleans_only(given_value: object) -> None:
    assert fault("checkbox", given_value) == "wrong_type"


def test_a_choice_must_be_one_of_the_options() -> None:
    form = form_of(choice("radio", "pick", "a", "b"), choice("checklist", "many", "x", "y"))

    assert judged(form, {"pick": "a", "many": ["y", "x"]}) == {"pick": "a", "many": ["y", "x"]}
    assert faults(form, {"pick": "c", "many": ["x", "z"]}) == [
        (("pick",), "not_an_option"),
        (("many",), "not_an_option"),
    ]
    assert faults(form, {"pick": ["a"], "many": "x"}) == [
        (("pick",), "wrong_type"),
        (("many",), "wrong_type"),
    ]
    assert faults(form, {"many": ["x", "x"]}) == [(("many",), "chosen_twice")]


def test_options_from_the_context_bind() -> None:
    form = form_of(component("select", "region", valuesKey="regions"))

    assert judged(form, {"region": "152201"}) == {"region": "152201"}
    assert judged(form, {"region": "152202"}) == {"region": "152202"}
    assert faults(form, {"region": "110000"}) == [(("region",), "not_an_option")]


def test_options_that_the_context_lacks_are_said_and_not_guessed() -> None:
    form = form_of(component("select", "region", valuesKey="regions"))

    assert faults(form, {"region": "152201"}, {}) == [(("region",), "missing_context")]


@pytest.mark.parametrize(
    ("subtype", "text", "expected"),
    [
        ("date", "2024-02-29", "2024-02-29"),
        ("time", "09:30", "09:30:00"),
        ("datetime", "2023-07-03T09:30", "2023-07-03T09:30:00"),
    ],
)
def test_real_dates_and_times_come_out_in_iso(subtype: str, text: str, expected: str) -> None:
    assert value("datetime", text, subtype=subtype) == expected


@pytest.mark.parametrize(
    ("subtype", "text", "code"),
    [
        ("date", "2023-02-29", "not_a_date"), ("date", "20230701", "not_a_date"), ("date", "2023-7-1", "not_a_date"),
        ("date", "２０２３-07-01", "not_a_date"), ("date", "0000-01-01", "not_a_date"), ("time", "25:00", "not_a_time"),
        ("datetime", "2023-07-03", "not_a_datetime"), ("datetime", "2023-07-03T09:30+25:00", "not_a_datetime"),
    ],
)  # fmt: skip
def test_dates_that_do_not_exist_are_refused(subtype: str, text: str, code: str) -> None:
    assert fault("datetime", text, subtype=subtype) == code


def test_a_date_may_be_bounded_by_the_day_of_submission() -> None:
    bound = {"subtype": "date", "properties": {"not_after": "today"}}

    assert value("datetime", "2023-07-03", **bound) == "2023-07-03"
    assert fault("datetime", "2023-07-04", **bound) == "after_today"


def test_files_are_references_and_never_content() -> None:
    assert value("filepicker", ["a1", "b2"], multiple=True) == ["a1", "b2"]
    assert value("filepicker", "a1") == ["a1"]
    assert fault("filepicker", ["a1", "b2"]) == "one_file_only"
    assert fault("filepicker", ["../etc/passwd"]) == "not_a_file"
    assert fault("filepicker", [{"id": 1}]) == "not_a_file"


@pytest.mark.parametrize(
    ("check", "good", "bad", "code"),
    [
        ("id_number", "11010519491231002x", "110105194912310021", "id_number_check_digit"),
        ("id_number", "11010519491231002X", "110105194913310021", "id_number_birth_date"),
        ("uscc", "91350100M000100Y43", "91350100M000100Y44", "uscc_check_digit"),
        ("bank_account", "6222 0212 3456 7890 128", "6222021234567890129", "bank_account_check_digit"),
    ],
)
def test_check_digits_are_verified(check: str, good: str, bad: str, code: str) -> None:
    rule = {"properties": {"check": check}}

    assert value("textfield", good, **rule) == good.replace(" ", "").upper()
    assert fault("textfield", bad, **rule) == code


def test_a_hidden_field_is_dropped_and_not_required() -> None:
    form = form_of(
        choice("radio", "decision", "approve", "refuse"),
        component(
            "textarea", "reasons", validate={"required": True}, conditional={"hide": '=decision != "refuse"'}
        ),
    )

    assert judged(form, {"decision": "approve", "reasons": "unasked"}) == {"decision": "approve"}
    assert faults(form, {"decision": "refuse"}) == [(("reasons",), "required")]
    assert judged(form, {}) == {}


def test_hiding_carries_through_fields_whatever_their_order() -> None:
    form = form_of(
        component("textfield", "third", conditional={"hide": "=second != true"}),
        component("checkbox", "second", conditional={"hide": "=first != true"}),
        component("checkbox", "first"),
    )

    assert judged(form, {"first": True, "second": True, "third": "x"}) == {
        "third": "x",
        "second": True,
        "first": True,
    }
    assert judged(form, {"first": False, "second": True, "third": "x"}) == {"first": False}


def test_a_hidden_group_hides_its_fields() -> None:
    inner = component("textfield", "inner", validate={"required": True})
    group = {
        "id": "G", "type": "group", "label": "组", "properties": {"label_en": "Group"},
        "conditional": {"hide": "=detailed != true"}, "components": [inner],
    }  # fmt: skip
    form = form_of(component("checkbox", "detailed"), group)

    assert judged(form, {"detailed": False, "inner": "x"}) == {"detailed": False}
    assert faults(form, {"detailed": True}) == [(("inner",), "required")]


@pytest.mark.parametrize("attribute", ["readonly", "disabled"])
def test_what_cannot_be_edited_is_not_taken_from_the_submission(attribute: str) -> None:
    form = form_of(component("textfield", "fixed", **{attribute: True}), component("textfield", "free"))

    assert judged(form, {"fixed": "forged", "free": "x"}) == {"free": "x"}


def test_an_expression_field_is_computed_here() -> None:
    total = {"expression": "=amount * 2", "properties": {"label_en": "Total"}}
    form = form_of(component("expression", "total", **total), component("number", "amount"))

    assert judged(form, {"amount": "21", "total": "999"})["total"] == 42


def test_rows_are_judged_one_by_one() -> None:
    form = form_of(
        rows(
            "partners",
            component("textfield", "name", validate={"required": True}),
            component("number", "share", conditional={"hide": '=name = "x"'}),
        )
    )

    assert judged(form, {"partners": [{"name": "a", "share": 1}, {"name": "x", "share": 2}]}) == {
        "partners": [{"name": "a", "share": 1}, {"name": "x"}]
    }
    assert faults(form, {"partners": [{"name": "a"}, {"share": "x", "extra": 1}, 7]}) == [
        (("partners", 1, "name"), "required"),
        (("partners", 1, "share"), "not_a_number"),
        (("partners", 1, "extra"), "unknown_field"),
        (("partners", 2), "wrong_type"),
    ]
    assert faults(form, {"partners": {}}) == [(("partners",), "wrong_type")]
    assert faults(form, {"partners": [{"name": "a"}] * 51}) == [(("partners",), "too_many")]


def test_faults_come_in_the_forms_order() -> None:
    required = {"validate": {"required": True}}
    form = form_of(component("textfield", "b", **required), component("textfield", "a", **required))

    assert [path for path, _ in faults(form, {"zzz": 1})] == [("b",), ("a",), ("zzz",)]


EVERYTHING = form_of(
    component("textfield", "text", validate={"pattern": "^a"}, conditional={"hide": "=number > 5"}),
    component("textarea", "area"),
    component("number", "number", decimalDigits=2),
    component("datetime", "day", subtype="date", properties={"not_after": "today"}),
    component("datetime", "clock", subtype="time"),
    component("filepicker", "files", multiple=True),
    component("checkbox", "tick"),
    choice("checklist", "many", "a", "b"),
    choice("radio", "one", "a", "b"),
    component("select", "region", valuesKey="regions"),
    choice("taglist", "tags", "a", "b"),
    component("textfield", "identity", properties={"check": "id_number"}),
    component("textfield", "firm", properties={"check": "uscc"}),
    component("textfield", "card", properties={"check": "bank_account"}),
    component("expression", "total", expression="=number + number"),
    rows("partners", component("textfield", "name"), component("number", "share")),
)
any_text = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["a", "2023-01-01", "09:30", "152201", "1" * 18, "\0", "\ud800"]
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "share"]) | any_text, inner, max_size=4)
    ),
    max_leaves=12,
)


def outcome(raw: Any) -> tuple[dict[str, Any] | None, Sequence[FieldError]]:
    """The values, or else the faults."""
    try:
        return judged(EVERYTHING, raw), ()
    except InvalidSubmission as error:
        return None, error.errors


@given(any_json | st.dictionaries(st.sampled_from(list(EVERYTHING.fields)) | any_text, any_json, max_size=8))
def test_any_json_at_all_is_accepted_or_refused_by_field(raw: Any) -> None:
    values, errors = outcome(raw)

    assert (values is None) == bool(errors)


@given(st.dictionaries(st.sampled_from(list(EVERYTHING.fields)), any_json, max_size=8))
def test_what_was_accepted_is_accepted_again_unchanged(raw: Any) -> None:
    values, _ = outcome(raw)

    assert values is None or judged(EVERYTHING, values) == values
