"""Numbers that name people, firms and accounts: what makes them valid, and how lists mask them.

Every check answers None or a fault's code, never a text: the pages word it.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class NumberFault(StrEnum):
    """Why a number is refused."""

    LENGTH = "length"
    CHARACTERS = "characters"
    FIFTEEN_DIGITS = "fifteen_digits"
    REGION = "region"
    BIRTH_DATE = "birth_date"
    CHECK_DIGIT = "check_digit"
    PREFIX = "prefix"


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
#: First two digits of a resident's number: provinces, with 81 to 83 for holders of residence permits.
_PROVINCES = frozenset(
    [
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    ]
)
_OLDEST_YEAR = 1850

#: The 31 characters of a credit code, in order of their values: no I, O, S, V, Z.
_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_MASK = "*"


def id_number_fault(number: str, on: date) -> NumberFault | None:
    """What is wrong with a resident ID number (居民身份证号码) of 18 characters, None if nothing.

    The first six digits must have the shape of a region's code, the birth date must exist and not lie
    after `on`, the last character must be the check digit (a capital X for ten). Numbers of 15 digits,
    void since 2013, are refused by a code of their own.

    Source: GB 11643-1999; 居民身份证法.
    """
    if len(number) == 15 and _is_digits(number):
        return NumberFault.FIFTEEN_DIGITS
    if len(number) != 18:
        return NumberFault.LENGTH
    if not _is_digits(number[:17]) or number[17] not in _ID_CHECKS:
        return NumberFault.CHARACTERS
    if int(number[:2]) not in _PROVINCES:
        return NumberFault.REGION
    born = _date_of(number[6:14])
    if born is None or born > on:
        return NumberFault.BIRTH_DATE
    return None if number[17] == id_check_digit(number[:17]) else NumberFault.CHECK_DIGIT


def id_check_digit(body: str) -> str:
    """The 18th character for the first 17 digits (ISO 7064 MOD 11-2).

    >>> id_check_digit("11010519491231002")
    'X'
    """
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, body, strict=True))
    return _ID_CHECKS[total % 11]


def birth_date(number: str) -> date:
    """The birth date in a valid ID number; raises ValueError for a number without one."""
    born = _date_of(number[6:14])
    if born is None:
        raise ValueError("the number holds no birth date")
    return born


def credit_code_fault(code: str) -> NumberFault | None:
    """What is wrong with a unified social credit code (统一社会信用代码), None if nothing.

    18 characters: department, kind, six digits of the region, nine of the body, one check character.

    Source: GB 32100-2015.
    """
    if len(code) != 18:
        return NumberFault.LENGTH
    if any(character not in _CODE_CHARACTERS for character in code) or not _is_digits(code[2:8]):
        return NumberFault.CHARACTERS
    return None if code[17] == credit_code_check(code[:17]) else NumberFault.CHECK_DIGIT


def credit_code_check(body: str) -> str:
    """The 18th character for the first 17 (powers of three modulo 31).

    >>> credit_code_check("91350100M000100Y4")
    '3'
    """
    values = map(_CODE_CHARACTERS.index, body)
    total = sum(weight * value for weight, value in zip(_CODE_WEIGHTS, values, strict=True))
    return _CODE_CHARACTERS[-total % 31]


def mobile_fault(number: str) -> NumberFault | None:
    """What is wrong with a mainland mobile number: eleven digits, 13 to 19 in front, no country code."""
    if not _is_digits(number):
        return NumberFault.CHARACTERS
    if len(number) != 11:
        return NumberFault.LENGTH
    return None if number[0] == "1" and number[1] in "3456789" else NumberFault.PREFIX


def bank_card_fault(number: str) -> NumberFault | None:
    """What is wrong with a bank card's number: 13 to 19 digits, the last by Luhn.

    Accounts of firms are no cards and follow no common rule; they are not for this check.

    Source: ISO/IEC 7812-1.
    """
    if not _is_digits(number):
        return NumberFault.CHARACTERS
    if not 13 <= len(number) <= 19:
        return NumberFault.LENGTH
    return None if number[-1] == luhn_digit(number[:-1]) else NumberFault.CHECK_DIGIT


def luhn_digit(body: str) -> str:
    """The check digit that completes the digits.

    >>> luhn_digit("7992739871")
    '3'
    """
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def mask_id_number(number: str) -> str:
    """The first three and the last four characters, as the follow-up page asks for the last four.

    >>> mask_id_number("11010519491231002X")
    '110***********002X'
    """
    return _masked(number, 3, 4)


def mask_phone(number: str) -> str:
    """The first three and the last four digits."""
    return _masked(number, 3, 4)


def mask_account(number: str) -> str:
    """The last four digits."""
    return _masked(number, 0, 4)


def mask_name(name: str) -> str:
    """The first character, and the last of a name of three or more; a single character is masked whole.

    >>> mask_name("王小明"), mask_name("李雷")
    ('王*明', '李*')
    """
    if len(name) < 2:
        return _MASK * len(name)
    if len(name) == 2:
        return name[0] + _MASK
    return _masked(name, 1, 1)


def mask_credit_code(code: str) -> str:
    """The first and the last four characters.

    >>> mask_credit_code("91152201MA0NABCD1X")
    '9115**********CD1X'
    """
    return _masked(code, 4, 4)


def mask_contact(contact: str) -> str:
    """The first and the last character of a telephone number or an address."""
    return _masked(contact, 1, 1)


def _masked(text: str, front: int, back: int) -> str:
    """The text with its middle masked; all of it where so little would be hidden as to give it away."""
    if len(text) <= front + back:
        return _MASK * len(text)
    return text[:front] + _MASK * (len(text) - front - back) + text[len(text) - back :]


def _is_digits(text: str) -> bool:
    # str.isdigit alone accepts the digits of every script, and int() reads them.
    return text.isascii() and text.isdigit()


def _date_of(digits: str) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return day if day.year >= _OLDEST_YEAR else None
