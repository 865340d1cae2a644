"""What a page gets to draw, and how values read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from banjie.domain.errors import FieldError
from banjie.forms.model import Form, Option, Wording
from banjie.forms.presentation import present
from banjie.forms.view import FieldView, FormView, GroupView, LineView, PartView, RowsView
from banjie.forms.wording import display, options_of
from support.forms import choice, component, form_of, rows


def parts(lines: tuple[LineView, ...]) -> Iterator[PartView]:
    for line in lines:
        for part in line.parts:
            yield part
            if isinstance(part, GroupView):
                yield from parts(part.lines)
            elif isinstance(part, RowsView):
                for entry in part.entries:
                    yield from parts(entry.lines)


def field(view: FormView, name: str) -> FieldView:
    return next(part for part in parts(view.lines) if isinstance(part, FieldView) and part.name == name)


def names(view: FormView) -> list[str]:
    return [part.name for part in parts(view.lines) if isinstance(part, FieldView)]


def drawn(form: Form, values: Mapping[str, Any] | None = None, **more: Any) -> FormView:
    return present(form, values=values or {}, **more)


def test_labels_and_options_come_in_the_language_asked_for() -> None:
    form = form_of(choice("radio", "pick", "yes"))

    assert field(drawn(form), "pick").label == "项pick"
    assert field(drawn(form, lang="en"), "pick").label == "Pick"
    assert field(drawn(form, lang="en"), "pick").options[0].label == "Yes"


def test_neighbours_of_one_layout_row_share_a_line() -> None:
    together = {"layout": {"row": "Row_1"}}
    form = form_of(
        component("textfield", "a", **together),
        component("textfield", "b", **together),
        component("number", "c"),
    )

    assert [[part.columns for part in line.parts] for line in drawn(form).lines] == [[8, 8], [16]]


def test_an_error_stands_at_its_field_and_in_the_summary() -> None:
    form = form_of(component("textfield", "name", description="说明", properties={"description_en": "Hint"}))
    error = FieldError(path=("name",), code="required", facts={})

    view = drawn(form, errors=[error])

    assert field(view, "name").error == error
    assert field(view, "name").described_by == "f-name-hint f-name-error"
    assert [(line.target, line.label) for line in view.errors] == [("f-name", "项name")]


def test_an_error_of_an_unknown_field_is_in_the_summary_without_a_place() -> None:
    view = drawn(
        form_of(component("textfield", "name")),
        errors=[FieldError(path=("typename",), code="unknown_field", facts={})],
    )

    assert [(line.target, line.label) for line in view.errors] == [("", "typename")]


def test_what_was_typed_wrongly_is_shown_again() -> None:
    form = form_of(
        component("number", "amount"), component("checkbox", "agreed"), choice("checklist", "kinds", "a", "b")
    )

    view = drawn(form, {"amount": "twelve", "agreed": True, "kinds": ["b", 7]})

    assert field(view, "amount").text == "twelve"
    assert field(view, "agreed").checked
    assert [option.chosen for option in field(view, "kinds").options] == [False, True]


def test_defaults_fill_an_untouched_form_only() -> None:
    form = form_of(component("textfield", "name"), component("number", "amount", defaultValue=5))

    assert field(drawn(form), "amount").text == "5"
    assert field(drawn(form, {"name": "x"}), "amount").text == ""


def test_a_simple_condition_is_given_to_the_browser() -> None:
    form = form_of(
        choice("radio", "decision", "approve", "refuse"),
        component("textarea", "reasons", conditional={"hide": '=decision != "refuse"'}),
    )

    reasons = field(drawn(form, {"decision": "approve"}), "reasons")

    assert json.loads(reasons.hide[0].literals) == [{"name": "decision", "equal": False, "value": "refuse"}]
    assert reasons.hide[0].hidden
    assert not field(drawn(form, {"decision": "refuse"}), "reasons").hide[0].hidden


def test_a_condition_that_a_browser_cannot_follow_leaves_the_field_drawn() -> None:
    form = form_of(
        component("number", "amount"), component("textarea", "why", conditional={"hide": "=amount < 5"})
    )

    assert field(drawn(form, {"amount": "1"}), "why").hide == ()


def test_a_form_to_read_leaves_out_what_is_hidden_and_what_can_be_changed() -> None:
    form = form_of(
        choice("radio", "decision", "approve", "refuse"),
        component("textarea", "reasons", conditional={"hide": '=decision != "refuse"'}),
    )

    view = drawn(form, {"decision": "approve"}, editable=False)

    assert names(view) == ["decision"]
    assert (field(view, "decision").widget, field(view, "decision").text) == ("output", "选approve")


def test_rows_have_numbered_names_and_one_row_to_spare() -> None:
    form = form_of(rows("partners", component("textfield", "partner")))

    view = drawn(
        form,
        {"partners": [{"partner": "甲"}]},
        errors=[FieldError(path=("partners", 0, "partner"), code="x", facts={})],
    )

    assert names(view) == ["partners-0-partner", "partners-1-partner"]
    assert field(view, "partners-0-partner").error is not None
    assert view.errors[0].target == "f-partners-0-partner"


def test_whatever_a_draft_holds_can_be_drawn() -> None:
    form = form_of(
        component("textfield", "name", conditional={"hide": "=amount > 5"}),
        component("number", "amount"),
        choice("select", "pick", "a"),
        rows("partners", component("textfield", "partner")),
    )

    odd: Any
    for odd in (None, [], {}, [[1]], {"a": {}}, float("nan"), 10**400, True, "\ud800"):
        drawn(form, dict.fromkeys(form.fields, odd))
        drawn(form, dict.fromkeys(form.fields, odd), editable=False)


def test_values_read_in_words() -> None:
    form = form_of(
        choice("radio", "pick", "a"),
        component("checkbox", "agreed"),
        component(
            "number", "amount", appearance={"suffixAdorner": "元"}, properties={"suffixAdorner_en": "yuan"}
        ),
        component("select", "region", valuesKey="regions"),
        rows("partners", component("textfield", "partner")),
    )
    values: Mapping[str, Any] = {
        "pick": "a", "agreed": True, "amount": Decimal(200000), "region": "152201", "partners": [{"partner": "甲"}],
    }  # fmt: skip
    options = {
        "regions": options_of([{"value": "152201", "label": "乌兰浩特市", "label_en": "Ulanhot City"}])
    }

    assert display(form, values, "zh", options) == [
        ("项pick", "选a"), ("项agreed", "是"), ("项amount", "200,000 元"), ("项region", "乌兰浩特市"),
        ("名单 1 · 项partner", "甲"),
    ]  # fmt: skip
    assert display(form, values, "en", options)[3] == ("Region", "Ulanhot City")


def test_personal_numbers_are_masked() -> None:
    form = form_of(
        component("textfield", "identity", properties={"mask": "id_number"}),
        component("textfield", "card", properties={"mask": "bank_account"}),
        component("textfield", "mobile", properties={"mask": "phone"}),
    )
    values = {"identity": "11010519491231002X", "card": "6222021234567890128", "mobile": "13812345678"}

    assert [text for _, text in display(form, values, "zh")] == [
        "110***********002X",
        "***************0128",
        "138****5678",
    ]


def test_uploaded_documents_are_offered_by_name() -> None:
    form = form_of(component("filepicker", "papers", multiple=True))
    options = {"papers": [Option(value="d1", label=Wording(zh="执照.pdf", en="执照.pdf"))]}

    assert [
        option.label for option in field(drawn(form, {"papers": ["d1"]}, options=options), "papers").options
    ] == ["执照.pdf"]
