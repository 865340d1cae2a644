"""Valid numbers of nobody, for tests and demo data."""

from __future__ import annotations

from datetime import date

from banjie.domain.identity import credit_code_check, id_check_digit, luhn_digit


def make_id_number(*, region: str = "152201", born: date = date(1990, 1, 1), serial: int = 1) -> str:
    """A resident ID number with the right check digit; `serial` 0 to 999, odd for men."""
    body = f"{region}{born:%Y%m%d}{serial:03d}"
    return body + id_check_digit(body)


def make_credit_code(*, region: str = "152201", serial: int = 1) -> str:
    """A unified social credit code of a firm registered with market regulation."""
    body = f"91{region}MA{serial:07d}"
    return body + credit_code_check(body)


def make_mobile(serial: int = 1) -> str:
    """A mainland mobile number."""
    return f"139{serial:08d}"


def make_bank_card(serial: int = 1) -> str:
    """A card number of 19 digits with the right last one."""
    body = f"622848{serial:012d}"
    return body + luhn_digit(body)
