"""What a form file may hold, and how a refusal names the element and the rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.errors import ContentError, Problem
from banjie.forms.model import FieldType
from banjie.forms.reader import load_form
from support.forms import choice, component, form_of, form_tree, rows


def problems(data: bytes) -> list[Problem]:
    with pytest.raises(ContentError) as refused:
        load_form("sample.form", data)
    return list(refused.value.problems)


def problems_of(data: bytes) -> list[Problem]:
    """The problems of a file that may be well."""
    try:
        load_form("sample.form", data)
    except ContentError as error:
        return list(error.problems)
    return []


def refused(*components: Any, **attributes: Any) -> set[tuple[str, str]]:
    found = problems(json.dumps(form_tree(*components, **attributes)).encode())
    return {(problem.element, problem.rule) for problem in found}


def test_a_form_keeps_the_order_of_its_fields() -> None:
    form = form_of(component("textfield", "second"), component("number", "first"))

    assert list(form.fields) == ["second", "first"]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b"\xff\xfe", "encoding"),
        (b"[" * 100_000 + b"]" * 100_000, "depth"),
        (b'{"components":' * 10_000, "depth"),
        (b'{"a": NaN}', "number"),
        (b'{"a": -Infinity}', "number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": "\\u0000"}', "characters"),
        (b'{"a": "\\ud800"}', "characters"),
        (b'{"\\udfff": 1}', "characters"),
        (b" " * 300_000, "size"),
        (b"[]", "type"),
        (b"null", "type"),
    ],
    ids=range(15),
)
def test_what_is_not_a_json_object_is_refused_by_rule(data: bytes, rule: str) -> None:
    assert [problem.rule for problem in problems(data)] == [rule]


def test_a_key_given_twice_is_refused_at_its_element() -> None:
    data = b'{"components": [{"key": "phone", "label": "a", "label": "b"}]}'

    assert [(problem.element, problem.rule) for problem in problems(data)] == [("phone", "duplicate_key")]


@pytest.mark.parametrize(
    "kind", ["iframe", "html", "button", "table", "documentPreview", "script", "", None, ["text"], 1]
)
def test_an_element_type_outside_the_list_is_refused(kind: object) -> None:
    assert refused({"id": "X", "type": kind})


def test_an_html_element_is_named_with_the_rule() -> None:
    assert refused({"id": "Sneaky", "type": "html"}) == {("Sneaky", "unknown_type")}


@pytest.mark.parametrize(
    "key",
    [
        "typename",
        "__class__",
        "id",
        "type",
        "sum",
        "class",
        "if",
        "and",
        "every",
        "case",
        "today",
        "len",
        "print",
    ],
)
def test_keys_with_a_meaning_elsewhere_are_banned(key: str) -> None:
    assert {rule for _, rule in refused(component("textfield", key))} & {"banned_key", "key"}


@pytest.mark.parametrize(
    "key", ["", "Name", "a b", "a.b", "a-b", "姓名", "1st", "_x", "a" * 64, "a\n", None, 1]
)
def test_malformed_keys_are_refused(key: object) -> None:
    broken = component("textfield", "x") | {"key": key}

    assert any(rule == "key" for _, rule in refused(broken))


def test_two_fields_with_one_key_are_refused() -> None:
    again = component("number", "amount") | {"id": "Other"}

    assert refused(component("textfield", "amount"), again) == {("amount", "duplicate_field")}


def test_a_row_field_may_not_shadow_an_outer_field() -> None:
    inner = component("textfield", "name") | {"id": "Inner"}

    assert refused(component("textfield", "name"), rows("partners", inner)) == {("name", "duplicate_field")}


def test_two_elements_with_one_id_are_refused() -> None:
    twin = component("textfield", "b") | {"id": "F_a"}

    assert refused(component("textfield", "a"), twin) == {("b", "duplicate_id")}


@pytest.mark.parametrize("missing", ["label", "properties"])
def test_a_field_needs_both_languages(missing: str) -> None:
    field = component("textfield", "name")
    del field[missing]

    assert refused(field) == {("name", "label")}


def test_a_misspelt_attribute_is_refused() -> None:
    assert refused(component("textfield", "name", validate={"requierd": True})) == {
        ("name", "unknown_attribute")
    }


def test_an_attribute_of_another_type_is_refused() -> None:
    assert refused(component("textfield", "name", decimalDigits=2)) == {("name", "unknown_attribute")}


@pytest.mark.parametrize("required", ["yes", 1, "=amount > 5"])
def test_required_must_be_a_boolean(required: object) -> None:
    assert refused(component("textfield", "name", validate={"required": required})) == {("name", "required")}


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "a{3,2}",
        "*",
        "(a+)+$",
        "(a|a)*",
        "(a|ab)*c",
        "(?:a*)*",
        "^.*.*.*$",
        "a+$",
        "(?=a)",
        "(?<n>a)",
        r"(a)\1",
        r"\p{L}",
        "^" + "a?" * 30 + "$",
        "a" * 301,
    ],
)
def test_patterns_that_could_run_away_or_mean_different_things_are_refused(pattern: str) -> None:
    assert refused(component("textfield", "code", validate={"pattern": pattern})) == {("code", "pattern")}


@pytest.mark.parametrize(
    "pattern",
    [r"^1[3-9]\d{9}$", r"^\d{3,4}-\d{7,8}$", "^[\u4e00-\u9fff·]{2,30}$", r"^(?:A|B)\d{2}$", r"^\w+$"],
)
def test_ordinary_patterns_are_accepted(pattern: str) -> None:
    form_of(component("textfield", "code", validate={"pattern": pattern}))


@pytest.mark.parametrize(
    "hide",
    [
        "decision",
        "=",
        '=decision = "',
        "=unknown = 1",
        "=import os",
        "=__class__",
        "={{x}}",
        "=decision ==1",
        "=" + "(" * 500,
    ],
)
def test_conditions_that_are_not_feel_over_the_forms_fields_are_refused(hide: str) -> None:
    hidden = component("textfield", "reasons", conditional={"hide": hide})

    assert refused(choice("radio", "decision", "yes", "no"), hidden) == {("reasons", "condition")}


def test_conditions_in_a_circle_are_refused() -> None:
    one = component("textfield", "one", conditional={"hide": '=two = "x"'})
    two = component("textfield", "two", conditional={"hide": '=one = "x"'})

    assert refused(one, two) == {("form", "condition_cycle")}


@pytest.mark.parametrize("kind", ["radio", "select", "checklist", "taglist"])
@pytest.mark.parametrize("values", [None, [], [{}], "ab", [{"value": "a", "label": "a"}], [1], [None]])
def test_choices_need_options_in_both_languages(kind: str, values: object) -> None:
    assert {rule for _, rule in refused(component(kind, "pick", values=values))} == {"options"}


def test_two_options_with_one_value_are_refused() -> None:
    assert refused(choice("radio", "pick", "a", "a")) == {("pick", "options")}


def test_bounds_the_wrong_way_round_are_refused() -> None:
    assert refused(component("number", "amount", validate={"min": 5, "max": 1})) == {("amount", "bounds")}


def test_a_repeated_group_in_another_is_refused() -> None:
    inner = rows("inner", component("textfield", "name"))

    assert refused(rows("outer", inner)) == {("inner", "nested_list")}


def test_every_broken_rule_is_reported_at_once() -> None:
    bad_key = component("textfield", "typename")
    bad_type = {"id": "Frame", "type": "iframe"}

    assert refused(bad_key, bad_type) == {("typename", "banned_key"), ("Frame", "unknown_type")}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
attribute_names = st.sampled_from(
    [
        "id", "type", "key", "label", "description", "properties", "validate", "conditional", "layout", "values",
        "valuesKey", "components", "path", "defaultValue", "subtype", "accept", "appearance", "expression",
        "decimalDigits", "readonly",
    ]
)  # fmt: skip
types = st.sampled_from([*FieldType, "text", "group", "dynamiclist"])


@given(st.lists(st.tuples(types, st.dictionaries(attribute_names, json_values, max_size=6)), max_size=3))
def test_any_attributes_at_all_are_accepted_or_refused_by_rule(
    parts: list[tuple[str, dict[str, Any]]],
) -> None:
    components = [
        {"type": kind, "id": "X", "key": "x", "label": "x"} | attributes for kind, attributes in parts
    ]

    assert all(
        problem.rule and problem.element
        for problem in problems_of(json.dumps(form_tree(*components)).encode())
    )


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_accepted_or_refused_by_rule(data: bytes) -> None:
    with pytest.raises(ContentError):
        load_form("any.form", data)
