"""Amounts of yuan: exact reading, and the three ways of showing them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.money import AmountFault, capital_yuan, format_wan, format_yuan, parse_yuan

amounts = st.decimals(0, Decimal("999999999999.99"), places=2)
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_capitals(text: str) -> Decimal:
    """An independent reader of capital amounts: each unit multiplies the digit before it."""
    total = section = digit = Decimal(0)
    for character in text.removesuffix("整"):
        if character in _DIGITS:
            digit = Decimal(_DIGITS.index(character))
        elif character in _UNITS:
            section, digit = section + digit * _UNITS[character], Decimal(0)
        elif character == "万":
            total, section, digit = total + (section + digit) * 10**4, Decimal(0), Decimal(0)
        elif character == "亿":
            total, section, digit = (total + section + digit) * 10**8, Decimal(0), Decimal(0)
        elif character == "元":
            total, section, digit = total + section + digit, Decimal(0), Decimal(0)
        else:
            total, digit = total + digit / {"角": 10, "分": 100}[character], Decimal(0)
    return total


@given(amounts)
def test_what_is_shown_reads_back(amount: Decimal) -> None:
    assert parse_yuan(format_yuan(amount)) == amount
    assert read_capitals(capital_yuan(amount)) == amount
    assert Decimal(format_wan(amount).removesuffix("万元")) * 10_000 == amount


@given(amounts)
def test_capitals_never_double_a_zero(amount: Decimal) -> None:
    text = capital_yuan(amount)

    assert "零零" not in text
    assert "零万" not in text
    assert text == "零元整" or not text.startswith("零")


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("200000", "贰拾万元整"),
        ("150000.00", "壹拾伍万元整"),
        ("3000000", "叁佰万元整"),
        ("100500.07", "壹拾万零伍佰元零柒分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("100001000", "壹亿零壹仟元整"),
        ("1000000000", "壹拾亿元整"),
        ("10000001", "壹仟万零壹元整"),
    ],
)
def test_amounts_in_capitals(amount: str, capitals: str) -> None:
    assert capital_yuan(Decimal(amount)) == capitals


@pytest.mark.parametrize(
    ("amount", "wan"), [("200000", "20万元"), ("155000", "15.5万元"), ("1", "0.0001万元"), ("0", "0万元")]
)
def test_amounts_in_wan_are_not_rounded(amount: str, wan: str) -> None:
    assert format_wan(Decimal(amount)) == wan


@pytest.mark.parametrize(("text", "amount"), [("200,000", "200000"), (" 15.5 ", "15.5"), ("0.01", "0.01")])
def test_an_amount_is_read_exactly(text: str, amount: str) -> None:
    assert parse_yuan(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1e5",
        "NaN",
        "Infinity",
        "1.005",
        "20,0000",
        "1,000,00",
        "１００",
        "1000000000000",
        "1 000",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountFault):
        parse_yuan(text)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-0.01", "0.001", "1e12", "1e400", "1e-400"])
def test_what_cannot_be_paid_is_not_shown(amount: str) -> None:
    with pytest.raises(AmountFault):
        format_yuan(Decimal(amount))
