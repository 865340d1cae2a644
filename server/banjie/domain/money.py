"""Amounts of yuan: read exactly, shown with separators, in 万, and in the capitals that contracts use."""

from __future__ import annotations

import re
from decimal import Decimal

from banjie.domain.errors import InvalidRequest

_CENT = Decimal("0.01")
_WAN = Decimal(10_000)
#: Amounts below this are read and spelled; the next unit, 万亿, is beyond any office's case.
LARGEST_YUAN = Decimal(10) ** 12
_AMOUNT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,2})?", re.ASCII)

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


class AmountFault(InvalidRequest):
    """The amount is no number of yuan and whole cents that can be handled."""

    code = "amount"


def parse_yuan(text: str) -> Decimal:
    """The amount in yuan with two decimals; separators of thousands are allowed where they belong.

    Raises AmountFault for anything else: signs, exponents, fractions of a cent, 10^12 or more.

    >>> parse_yuan("200,000")
    Decimal('200000.00')
    """
    stripped = text.strip()
    if not _AMOUNT.fullmatch(stripped):
        raise AmountFault(amount=text[:40])
    return _checked(Decimal(stripped.replace(",", "")))


def format_yuan(amount: Decimal) -> str:
    """The amount with separators and two decimals.

    >>> format_yuan(Decimal("200000"))
    '200,000.00'
    """
    return f"{_checked(amount):,.2f}"


def format_wan(amount: Decimal) -> str:
    """The amount in 万元 without idle zeros; never rounded.

    >>> format_wan(Decimal("155000"))
    '15.5万元'
    """
    wan = (_checked(amount) / _WAN).normalize()
    return f"{wan:f}万元"


def capital_yuan(amount: Decimal) -> str:
    """The amount in Chinese capitals for contracts and vouchers (中文大写金额).

    Ends in 整 where there are no 分; a gap of zeros is read as one 零.

    >>> capital_yuan(Decimal("200000")), capital_yuan(Decimal("100500.07"))
    ('贰拾万元整', '壹拾万零伍佰元零柒分')

    Source: 支付结算办法, annex 1 (正确填写票据和结算凭证的基本规定).
    """
    cents = int(_checked(amount) / _CENT)
    yuan, cents = divmod(cents, 100)
    jiao, fen = divmod(cents, 10)
    text = f"{_spelled(yuan)}元" if yuan else ""
    if not cents:
        return f"{text}整" if text else "零元整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif text:
        text += "零"
    return f"{text}{_DIGITS[fen]}分" if fen else f"{text}整"


def _checked(amount: Decimal) -> Decimal:
    if not amount.is_finite() or not 0 <= amount < LARGEST_YUAN or amount != amount.quantize(_CENT):
        raise AmountFault(amount=amount)
    return amount.quantize(_CENT)


def _spelled(number: int) -> str:
    """A whole number from 1 to 10^12 - 1 in capitals."""
    text, gap = "", False
    for group in reversed(range(len(_GROUPS))):
        digits = number // 10 ** (4 * group) % 10_000
        for place in reversed(range(len(_PLACES))):
            digit = digits // 10**place % 10
            if not digit:
                gap = True
                continue
            text += "零" if gap and text else ""
            text += _DIGITS[digit] + _PLACES[place]
            gap = False
        if digits:
            text += _GROUPS[group]
            # The zeros at a group's end are read only where the next group begins with zeros too.
            gap = gap and number % 10 ** (4 * group) < 10 ** (4 * group - 1)
    return text
