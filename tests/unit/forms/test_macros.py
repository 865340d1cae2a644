"""What the macros draw: every control has a name, its label, its hint and its error, and needs no script."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import html

import banjie.web
from banjie.domain.errors import FieldError
from banjie.edge.field_messages import field_message
from banjie.forms.presentation import present
from support.forms import choice, component, form_of, rows

TEMPLATES = Path(banjie.web.__path__[0]) / "templates"
PAGE = (
    '{% from "forms/form.html" import form_errors, form_fields %}'
    "<form>{{ form_errors(view, say) }}{{ form_fields(view, say) }}</form>"
)
HINT = {"description": "说明<b>", "properties": {"description_en": "Hint"}}
FORM = form_of(
    component("textfield", "text", validate={"required": True}, **HINT),
    component("textarea", "area", **HINT),
    component(
        "number",
        "amount",
        decimalDigits=0,
        appearance={"suffixAdorner": "元"},
        properties={"suffixAdorner_en": "yuan"},
    ),
    component("datetime", "day", subtype="date"),
    component("datetime", "clock", subtype="time"),
    component("datetime", "moment", subtype="datetime"),
    component("filepicker", "files", accept=".pdf", multiple=True),
    component("checkbox", "tick", **HINT),
    choice("radio", "one", "a", "b", **HINT),
    choice("checklist", "many", "a", "b"),
    choice("select", "pick", "a", "b", conditional={"hide": '=one != "a"'}),
    component("textfield", "fixed", readonly=True),
    rows("partners", component("textfield", "partner"), choice("radio", "share", "x", "y")),
    {"id": "T", "type": "text", "text": "一\n二", "properties": {"text_en": "One\nTwo"}},
    {"id": "S", "type": "separator"},
)


@pytest.fixture(params=["zh", "en"])
def page(request: pytest.FixtureRequest) -> html.HtmlElement:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    errors = [FieldError(path=(key,), code="required", facts={}) for key in FORM.fields]
    errors += [FieldError(path=("<script>",), code="unknown_field", facts={})]
    view = present(
        FORM, values={"text": '"><script>', "area": "</textarea>"}, errors=errors, lang=request.param
    )
    return html.fromstring(environment.from_string(PAGE).render(view=view, say=field_message))


def test_every_control_has_a_label_of_its_own(page: html.HtmlElement) -> None:
    controls = page.xpath("//input | //select | //textarea")
    labelled = set(page.xpath("//label/@for"))

    assert controls
    assert {control.get("id") for control in controls} == labelled


def test_no_id_is_given_twice(page: html.HtmlElement) -> None:
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))


def test_hints_and_errors_are_tied_to_their_controls(page: html.HtmlElement) -> None:
    ids = set(page.xpath("//@id"))
    described = {
        name for value in page.xpath("//@aria-describedby | //@aria-labelledby") for name in value.split()
    }

    assert described <= ids
    assert set(page.xpath('//p[@class="hint" or @class="field-error"]/@id')) <= described


def test_the_summary_leads_to_each_field(page: html.HtmlElement) -> None:
    targets = {link.removeprefix("#") for link in page.xpath('//div[@class="errors"]//a/@href')}

    assert targets <= set(page.xpath("//@id"))
    assert len(targets) == len(FORM.fields)


def test_groups_of_choices_are_fieldsets_with_legends(page: html.HtmlElement) -> None:
    for radio in page.xpath('//input[@type="radio"]'):
        assert radio.xpath("ancestor::fieldset[1]/legend")


def test_nothing_typed_becomes_markup(page: html.HtmlElement) -> None:
    assert not page.xpath("//script | //b")
    assert page.xpath('//input[@name="text"]/@value') == ['"><script>']
    assert page.xpath('//textarea[@name="area"]')[0].text.strip() == "</textarea>"


def test_there_is_no_inline_style_or_script(page: html.HtmlElement) -> None:
    assert not [
        name for element in page.iter() for name in element.attrib if name == "style" or name.startswith("on")
    ]


def test_what_cannot_be_changed_has_no_control(page: html.HtmlElement) -> None:
    assert not page.xpath('//*[@name="fixed"]')
    assert page.xpath('//output[@id="f-fixed"]')


def test_dates_and_numbers_ask_for_fitting_keyboards(page: html.HtmlElement) -> None:
    assert page.xpath('//input[@name="amount"]/@inputmode') == ["numeric"]
    assert [page.xpath(f'//input[@name="{name}"]/@type')[0] for name in ("day", "clock", "moment")] == [
        "date",
        "time",
        "datetime-local",
    ]


def test_a_conditional_part_carries_its_condition(page: html.HtmlElement) -> None:
    (part,) = page.xpath("//*[@data-hide]")

    assert part.get("data-hide-every") == "true"
    assert part.xpath('.//select[@name="pick"]')
    assert "hidden-if-scripted" in part.get("class")
