"""Looking up a dated, regional value; and refusing a file that could not be looked up in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.decisions import MissingValue, ParameterValue
from banjie.domain.errors import ContentError, NotFound
from banjie.policy.parameters import Parameter, read_parameter
from banjie.policy.regions import Regions, read_regions
from banjie.policy.sources import Document, read_sources
from banjie.policy.yaml_reader import Node, parse_yaml

REGIONS = """
regions:
  "15": {name: 区, name_en: region, level: 自治区, parent: null}
  "1522": {name: 盟, name_en: league, level: 盟市, parent: "15"}
  "152201": {name: 县, name_en: county, level: 旗县, parent: "1522"}
  "1505": {name: 市, name_en: other league, level: 盟市, parent: "15"}
"""
SOURCES = """
documents:
  d1:
    kind: policy_text
    number: 文1号
    title: 文
    title_en: text
    issuer: 府
    issued: 2019-01-01
    level: 自治区
    region: "15"
    articles: {一: 最高不超过15万元}
  law:
    kind: law_cited_at_second_hand
    title: 法
    title_en: law
    level: 国家
    articles: {第一条: {rule: 五日, rule_en: five days}}
"""
CITED = "basis: stated, citation: {document: d1, article: 一, quote: 不超过15万元}"


def node(text: str) -> Node:
    return Node(parse_yaml(text.encode(), file="p.yaml"), file="p.yaml")


def regions() -> Regions:
    return read_regions(node(REGIONS))


def documents() -> dict[str, Document]:
    return read_sources(node(SOURCES))


def parameter(*values: str, unit: str = "CNY") -> Parameter:
    lines = "\n".join(f"  - {{{value}}}" for value in values)
    text = f"title: 额\ntitle_en: cap\nunit: {unit}\nvalues:\n{lines}"
    return read_parameter("loan/cap", node(text), documents(), regions())


def refusal(*values: str, unit: str = "CNY") -> str:
    with pytest.raises(ContentError) as raised:
        parameter(*values, unit=unit)
    (problem,) = raised.value.problems
    return problem.rule


REGIONAL = f'region: "15", since: 2019-01-31, until: null, value: 10, {CITED}'
LEAGUES = f'region: "1522", since: 2020-01-01, until: 2020-12-31, value: 20, {CITED}'


def look_up(day: date, region: str = "152201") -> ParameterValue | MissingValue:
    return parameter(REGIONAL, LEAGUES).on(day, region, regions())


def test_county_finds_its_leagues_value_first() -> None:
    found = look_up(date(2020, 6, 1))

    assert isinstance(found, ParameterValue)
    assert (found.value, found.region, found.confirm) == (Decimal(20), "1522", False)


def test_county_finds_the_regions_value_where_the_league_has_none_yet() -> None:
    found = look_up(date(2019, 12, 31))

    assert isinstance(found, ParameterValue)
    assert (found.value, found.region, found.confirm) == (Decimal(10), "15", False)


def test_regions_value_needs_confirmation_once_the_leagues_own_has_ended() -> None:
    found = look_up(date(2021, 1, 1))

    assert isinstance(found, ParameterValue)
    assert (found.value, found.confirm) == (Decimal(10), True)


def test_value_of_another_league_is_never_taken() -> None:
    found = parameter(LEAGUES).on(date(2020, 6, 1), "1505", regions())

    assert found == MissingValue(key="loan/cap", region="1505", on=date(2020, 6, 1))


@pytest.mark.parametrize("day", [date(2019, 1, 30), date(1999, 1, 1)])
def test_day_before_the_first_value_has_none(day: date) -> None:
    assert isinstance(look_up(day), MissingValue)


@pytest.mark.parametrize(
    ("day", "value"), [(date(2020, 1, 1), 20), (date(2020, 12, 31), 20), (date(2019, 12, 31), 10)]
)
def test_both_ends_of_a_period_are_included(day: date, value: int) -> None:
    found = look_up(day)

    assert isinstance(found, ParameterValue)
    assert found.value == value


def test_change_without_a_number_hides_the_regions_value() -> None:
    changed = f'region: "1522", since: 2020-01-01, until: null, value: null, note: 未写明, {CITED}'

    found = parameter(REGIONAL, changed).on(date(2020, 6, 1), "152201", regions())

    assert isinstance(found, MissingValue)


def test_inferred_first_day_needs_confirmation() -> None:
    inferred = f'region: "15", since: 2019-01-31, since_basis: inferred, until: null, value: 10, {CITED}'

    found = parameter(inferred).on(date(2020, 1, 1), "15", regions())

    assert isinstance(found, ParameterValue)
    assert found.confirm


def test_unknown_region_is_an_error_and_no_missing_value() -> None:
    with pytest.raises(NotFound):
        look_up(date(2020, 1, 1), "999999")


@given(day=st.dates(min_value=date(2015, 1, 1), max_value=date(2030, 1, 1)))
def test_value_found_always_holds_on_its_day(day: date) -> None:
    found = look_up(day)

    if isinstance(found, ParameterValue):
        assert found.since <= day
        assert found.until is None or day <= found.until
    else:
        assert day < date(2019, 1, 31)


@pytest.mark.parametrize(
    ("values", "unit", "rule"),
    [
        ((LEAGUES, LEAGUES.replace("2020-01-01", "2020-12-31").replace("2020-12-31, value", "null, value")), "CNY",
         "no-overlap"),
        ((REGIONAL.replace('"15"', '"99"'),), "CNY", "region"),
        ((REGIONAL.replace("不超过15万元", "不超过20万元"),), "CNY", "citation-quote"),
        ((REGIONAL.replace("不超过15万元", "不超过 15万元"),), "CNY", "citation-quote"),
        ((REGIONAL.replace("article: 一", "article: 二"),), "CNY", "citation-article"),
        ((REGIONAL.replace("document: d1", "document: d9"),), "CNY", "citation-document"),
        ((REGIONAL.replace("document: d1, article: 一", "document: law, article: 第一条"),), "CNY", "citation-quote"),
        (('region: "15", since: 2019-01-31, value: 10, basis: stated',), "CNY", "citation-required"),
        (('region: "15", since: 2019-01-31, value: 10, basis: locally_set',), "CNY", "note-required"),
        ((REGIONAL.replace("value: 10", "value: -10"),), "CNY", "not-negative"),
        ((REGIONAL.replace("value: 10", "value: 2.5"),), "working_days", "whole"),
        ((REGIONAL.replace("value: 10", "value: ten"),), "CNY", "type"),
        ((REGIONAL.replace("value: 10", "value: 1"),), "flag", "type"),
        ((REGIONAL.replace("until: null", "until: 2019-01-30"),), "CNY", "period"),
        ((REGIONAL + ", colour: red",), "CNY", "unknown-key"),
        ((REGIONAL.replace("basis: stated", "basis: guessed"),), "CNY", "choice"),
    ],
)  # fmt: skip
def test_faulty_value_is_refused(values: tuple[str, ...], unit: str, rule: str) -> None:
    assert refusal(*values, unit=unit) == rule


def test_region_whose_parent_is_not_the_next_level_is_refused() -> None:
    with pytest.raises(ContentError, match="region-parent"):
        read_regions(node(REGIONS.replace('level: 旗县, parent: "1522"', 'level: 旗县, parent: "15"')))


def test_region_is_found_by_its_name_too() -> None:
    assert [region.code for region in regions().upward("县")] == ["152201", "1522", "15"]
