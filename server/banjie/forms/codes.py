"""The stable codes of field errors. `edge.field_messages` has a sentence for each in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FieldCode(StrEnum):
    """What can be wrong with a submitted field. Facts that a sentence needs stand beside the code."""

    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    BAD_CHARACTER = "bad_character"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    MISSING_CONTEXT = "missing_context"  # name
    REQUIRED = "required"
    TOO_SHORT = "too_short"  # least
    TOO_LONG = "too_long"  # most
    PATTERN = "pattern"
    PATTERN_WORDED = "pattern_worded"  # zh, en
    EMAIL = "email"
    PHONE = "phone"
    NOT_A_NUMBER = "not_a_number"
    NUMBER_SIZE = "number_size"
    TOO_SMALL = "too_small"  # least
    TOO_GREAT = "too_great"  # most
    TOO_MANY_DECIMALS = "too_many_decimals"  # most
    NO_DECIMALS = "no_decimals"
    NOT_AN_OPTION = "not_an_option"
    NO_QUORUM = "no_quorum"  # members, needed, present
    TOO_FEW_TO_APPROVE = "too_few_to_approve"  # members, needed, present
    CHOSEN_TWICE = "chosen_twice"
    TOO_MANY = "too_many"  # most
    NOT_A_DATE = "not_a_date"
    NOT_A_TIME = "not_a_time"
    NOT_A_DATETIME = "not_a_datetime"
    AFTER_TODAY = "after_today"  # today
    BEFORE_TODAY = "before_today"  # today
    NOT_A_FILE = "not_a_file"
    ONE_FILE_ONLY = "one_file_only"
    ID_NUMBER_LENGTH = "id_number_length"
    ID_NUMBER_CHARACTERS = "id_number_characters"
    ID_NUMBER_FIFTEEN_DIGITS = "id_number_fifteen_digits"
    ID_NUMBER_REGION = "id_number_region"
    ID_NUMBER_BIRTH_DATE = "id_number_birth_date"
    ID_NUMBER_CHECK_DIGIT = "id_number_check_digit"
    USCC_LENGTH = "uscc_length"
    USCC_CHARACTERS = "uscc_characters"
    USCC_CHECK_DIGIT = "uscc_check_digit"
    BANK_ACCOUNT_LENGTH = "bank_account_length"
    BANK_ACCOUNT_CHARACTERS = "bank_account_characters"
    BANK_ACCOUNT_CHECK_DIGIT = "bank_account_check_digit"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A code with its facts, before it is known which field of which row it belongs to."""

    code: FieldCode
    facts: Mapping[str, object] = field(default_factory=dict)
