"""What is wrong with a line of a return file, in words."""

from __future__ import annotations

from banjie.web.common.language import gettext as _


def fault_word(code: str) -> str:
    """A fault by its code; the code itself where there are no words."""
    words = {
        "unknown_payment": _("no order of this batch has the number"),
        "doubled": _("the order is there twice"),
        "wrong_amount": _("the amount is not that of the order"),
        "wrong_account": _("the account is not that of the order"),
        "answered_otherwise": _("an earlier file says otherwise"),
        "required": _("nothing is filled in"),
        "day_outside": _("the day lies before the batch was sent, or after today"),
        "money": _("this is no amount of yuan"),
        "cents": _("the amount has fractions of a cent"),
        "account": _("this is no account number"),
        "choice": _("the result is neither paid nor refused"),
        "date": _("this is no date"),
        "digits_lost": _("the spreadsheet has lost digits; format the column as text"),
        "too_long": _("the text is too long"),
        "characters": _("the text holds characters that cannot be stored"),
        "text": _("this is no text"),
        "error_value": _("the cell holds an error of the spreadsheet"),
    }
    return words.get(code, code)


def field_word(key: str) -> str:
    """A column of a return file by its key."""
    words = {
        "payment": _("Payment number"), "account": _("Account number"), "amount": _("Amount"), "result": _("Result"),
        "code": _("Code"), "words": _("Reason"), "reference": _("Reference"), "paid_on": _("Paid on"),
    }  # fmt: skip
    return words.get(key, key)
