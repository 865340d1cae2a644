"""Numbers of people, firms and accounts: what is accepted, why others are refused, what lists show."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.domain.identity import (
    NumberFault,
    bank_card_fault,
    birth_date,
    credit_code_fault,
    id_number_fault,
    mask_account,
    mask_id_number,
    mask_name,
    mask_phone,
    mobile_fault,
)
from support.numbers import make_bank_card, make_credit_code, make_id_number, make_mobile

TODAY = date(2026, 11, 21)
born = st.dates(date(1900, 1, 1), TODAY)


@given(born=born, serial=st.integers(0, 999))
def test_a_number_with_the_right_check_digit_is_accepted(born: date, serial: int) -> None:
    number = make_id_number(born=born, serial=serial)

    assert id_number_fault(number, TODAY) is None
    assert birth_date(number) == born


@given(born=born, serial=st.integers(0, 999), place=st.integers(14, 16), change=st.integers(1, 9))
def test_one_wrong_digit_is_noticed(born: date, serial: int, place: int, change: int) -> None:
    number = make_id_number(born=born, serial=serial)
    wrong = str((int(number[place]) + change) % 10)

    fault = id_number_fault(number[:place] + wrong + number[place + 1 :], TODAY)

    assert fault is NumberFault.CHECK_DIGIT


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("11010519491231002X", None),
        ("11010519491231002x", NumberFault.CHARACTERS),
        ("110105194912310021", NumberFault.CHECK_DIGIT),
        ("110105491231002", NumberFault.FIFTEEN_DIGITS),
        ("1101051949123100", NumberFault.LENGTH),
        ("", NumberFault.LENGTH),
        ("11010519490230002X", NumberFault.BIRTH_DATE),
        ("110105202611220012", NumberFault.BIRTH_DATE),
        ("110105000001010012", NumberFault.BIRTH_DATE),
        ("99010519491231002X", NumberFault.REGION),
        ("1101051949123100²X", NumberFault.CHARACTERS),
        ("１１0105194912310021", NumberFault.CHARACTERS),
        ("X1010519491231002X", NumberFault.CHARACTERS),
    ],
)
def test_an_id_number_is_refused_by_its_first_fault(number: str, fault: NumberFault | None) -> None:
    assert id_number_fault(number, TODAY) is fault


def test_a_child_born_today_has_a_number() -> None:
    assert id_number_fault(make_id_number(born=TODAY), TODAY) is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("91350100M000100Y43", None),
        ("91350100M000100Y44", NumberFault.CHECK_DIGIT),
        ("91350100M000100Y4", NumberFault.LENGTH),
        ("91350100I000100Y43", NumberFault.CHARACTERS),
        ("91350100m000100Y43", NumberFault.CHARACTERS),
        ("91A50100M000100Y43", NumberFault.CHARACTERS),
    ],
)
def test_a_credit_code_is_refused_by_its_first_fault(code: str, fault: NumberFault | None) -> None:
    assert credit_code_fault(code) is fault


@given(serial=st.integers(0, 9_999_999), place=st.integers(10, 16), change=st.integers(1, 9))
def test_one_wrong_character_of_a_credit_code_is_noticed(serial: int, place: int, change: int) -> None:
    code = make_credit_code(serial=serial)
    wrong = str((int(code[place]) + change) % 10)

    assert credit_code_fault(code) is None
    assert credit_code_fault(code[:place] + wrong + code[place + 1 :]) is NumberFault.CHECK_DIGIT


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (make_mobile(), None),
        ("19900000000", None),
        ("12900000000", NumberFault.PREFIX),
        ("23900000000", NumberFault.PREFIX),
        ("1390000000", NumberFault.LENGTH),
        ("+8613900000000", NumberFault.CHARACTERS),
        ("", NumberFault.CHARACTERS),
    ],
)
def test_a_mobile_number_is_refused_by_its_first_fault(number: str, fault: NumberFault | None) -> None:
    assert mobile_fault(number) is fault


@given(st.integers(0, 10**12 - 1), st.integers(0, 17))
def test_two_different_neighbours_in_a_card_number_may_not_change_places(serial: int, place: int) -> None:
    number = make_bank_card(serial)
    one, two = number[place], number[place + 1]
    swapped = number[:place] + two + one + number[place + 2 :]

    assert bank_card_fault(number) is None
    # Luhn is blind to 0 and 9.
    if one != two and {one, two} != {"0", "9"}:
        assert bank_card_fault(swapped) is NumberFault.CHECK_DIGIT


@pytest.mark.parametrize(
    ("number", "fault"),
    [("622848000000", NumberFault.LENGTH), ("6228 4800 0000 0001", NumberFault.CHARACTERS)],
)
def test_a_card_number_is_refused_by_its_first_fault(number: str, fault: NumberFault) -> None:
    assert bank_card_fault(number) is fault


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (mask_id_number("11010519491231002X"), "110***********002X"),
        (mask_id_number("1101"), "****"),
        (mask_phone("13900000001"), "139****0001"),
        (mask_account("6228480000000000012"), "***************0012"),
        (mask_account("0012"), "****"),
        (mask_name("王小明"), "王*明"),
        (mask_name("欧阳小明"), "欧**明"),
        (mask_name("李雷"), "李*"),
        (mask_name("王"), "*"),
        (mask_name(""), ""),
    ],
)
def test_lists_show_the_ends_only(masked: str, expected: str) -> None:
    assert masked == expected


@given(st.text(max_size=30))
def test_no_text_makes_a_check_fail(text: str) -> None:
    faults = (
        id_number_fault(text, TODAY),
        credit_code_fault(text),
        mobile_fault(text),
        bank_card_fault(text),
    )

    assert all(fault is None or fault in NumberFault for fault in faults)
