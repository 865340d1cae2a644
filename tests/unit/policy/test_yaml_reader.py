"""YAML that people edit: what is taken, and what is refused by name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from banjie.domain.errors import ContentError
from banjie.policy.yaml_reader import MAX_BYTES, Node, parse_yaml


def refusal(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ContentError) as raised:
        parse_yaml(data, file="a.yaml")
    (problem,) = raised.value.problems
    assert problem.file == "a.yaml"
    return problem.rule


def test_words_of_yaml_1_1_stay_words() -> None:
    read = parse_yaml(b"on: yes\nno: off\ntime: 1:30\ncode: 0152201", file="a.yaml")

    assert read == {"on": "yes", "no": "off", "time": "1:30", "code": "0152201"}


def test_numbers_with_a_point_are_exact() -> None:
    assert parse_yaml(b"rate: 0.1", file="a.yaml") == {"rate": Decimal("0.1")}


def test_dates_are_dates_and_instants_stay_text() -> None:
    read = parse_yaml(b"day: 2020-02-29\nat: 2023-07-03T09:30+08:00", file="a.yaml")

    assert read == {"day": date(2020, 2, 29), "at": "2023-07-03T09:30+08:00"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: 1\na: 2", "yaml"),
        ("a: {b: 1, b: 2}", "yaml"),
        ("a: &x 1\nb: *x", "yaml-no-anchors"),
        ("a: !!python/object/apply:os.system [ls]", "yaml-no-tags"),
        ("a: .nan", "yaml-finite"),
        ("a: -.inf", "yaml-finite"),
        ("a: 2021-02-29", "yaml"),
        ("a: [1", "yaml"),
        ("1: a", "yaml"),
        ("a: 1\n---\nb: 2", "yaml"),
        ("a: \x00", "yaml"),
        ("[" * 31 + "]" * 31, "yaml-depth"),
        ("[" * 100_000, "yaml-depth"),
        (b"a: \xff", "yaml-utf8"),
        (b"a: \xed\xa0\x80", "yaml-utf8"),
        (b"#" * (MAX_BYTES + 1), "yaml-size"),
    ],
)
def test_hostile_yaml_is_refused(text: str | bytes, rule: str) -> None:
    assert refusal(text) == rule


def test_refusal_names_the_line() -> None:
    with pytest.raises(ContentError, match=r"^a\.yaml:3: ") as raised:
        parse_yaml(b"a: 1\nb: 2\na: 3", file="a.yaml")

    assert "'a' stands twice" in str(raised.value)


def test_key_without_meaning_is_refused() -> None:
    node = Node({"title": "x", "titel": "y"}, file="a.yaml", place="values[0]")
    node.text("title")

    with pytest.raises(ContentError, match=r"values\[0\]\.titel: this key has no meaning here"):
        node.close()


def test_true_is_not_a_number() -> None:
    with pytest.raises(ContentError, match="a whole number"):
        Node({"count": True}, file="a.yaml").get("count", int)
