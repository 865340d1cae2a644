"""What is wrong with a list or a cell of it, in words; and the values of facts as pages show them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from banjie.domain.columns import CellKind, Column
from banjie.domain.decisions import Json
from banjie.domain.identity import mask_account
from banjie.domain.money import format_yuan
from banjie.domain.registers import BY_KEY, FactState
from banjie.persistence.text import loads
from banjie.web.common.frame import local_name
from banjie.web.common.language import current_language
from banjie.web.common.language import gettext as _


def cell_words(code: str, facts: Mapping[str, object]) -> str:
    """The sentence for a cell's fault; the code itself for one without words."""
    sentence = _of_cells().get(code, code)
    if code == "choice":
        return sentence % {"allowed": str(facts.get("allowed", "")).replace(", ", current_language().comma)}
    return sentence % {"longest": facts.get("longest", "")} if code == "too_long" else sentence


def _of_cells() -> dict[str, str]:
    return {
        "required": _("The cell is empty, and it must not be."),
        "text": _("This is no text."),
        "digits_lost": _(
            "The spreadsheet took the number for an amount and lost its last digits. Format the column as text."
        ),
        "error_value": _("The spreadsheet shows an error here."),
        "characters": _("There are characters that cannot be printed."),
        "too_long": _("The text is longer than %(longest)s characters."),
        "id_number": _("This is no valid ID number; check its digits."),
        "credit_code": _("This is no valid unified social credit code; check its characters."),
        "subject": _("This is neither an ID number nor a credit code."),
        "account": _("An account has 5 to 34 letters and digits."),
        "money": _("This is no amount in yuan with at most two decimals."),
        "cents": _("The amount has parts of a cent."),
        "count": _("This is no whole number from 0."),
        "number": _("This is no number from 0."),
        "date": _("This is no day; write 2026-08-31."),
        "month": _("This is no month; write 2026-08."),
        "yes_no": _("Write yes or no."),
        "choice": _("Only these words are taken: %(allowed)s"),
        "region": _("The region is not one of those that this list is for."),
        "twice": _("An earlier row says the same of this number."),
    }


def file_words(message: str | None) -> str:
    """Why a file as a whole was refused, from the message of its load; empty where its rows alone were."""
    if not message:
        return ""
    said = loads(message)
    code = str(said.get("code", ""))
    if code == "missing_columns":
        return _("The first row lacks these columns: %(columns)s") % {"columns": said.get("columns", "")}
    if code == "unreadable_file":
        return unreadable_words(str(said.get("reason", "")))
    return {
        "no_rows": _("The file holds no rows."),
        "failed": _("The file could not be read for a reason of ours. The administrator has been told; try again."),
    }.get(code, _("The first row is not that of the template."))  # fmt: skip


def unreadable_words(reason: str) -> str:
    """Why a file is no list, by the reason of UnreadableFile."""
    return {
        "empty": _("The file is empty."),
        "kind": _("Only xlsx and CSV files are taken; save the list as one of these."),
        "damaged": _("The file is damaged. Open it in a spreadsheet and save it again."),
        "no_sheet": _("The file holds no sheet."),
        "unpacked": _("The file is too large when unpacked."),
        "columns": _("The file has too many columns."),
        "cell": _("A cell cannot be read."),
        "quotes": _("A quotation mark is not closed, or a cell is too long."),
        "encoding": _("The text is neither UTF-8 nor GB18030; save it anew."),
    }.get(reason, _("The file cannot be read."))  # fmt: skip


def column_title(column: Column) -> str:
    """A column's title in the reader's language."""
    return local_name(column.title, column.title_en)


def fact_title(key: str) -> str:
    """A fact's title in the reader's language; its key where it is not known any more."""
    fact = BY_KEY.get(key)
    return local_name(fact.title, fact.title_en) if fact else key


def fact_value(key: str, value: Json) -> str:
    """A fact's value in words; the digits of accounts are masked but for the last."""
    if value is None:
        return "–"
    fact = BY_KEY.get(key)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if fact is None:
        return str(value)
    if fact.cell is CellKind.ACCOUNT:
        return mask_account(str(value))
    if fact.cell is CellKind.MONEY and isinstance(value, int | Decimal):
        return format_yuan(Decimal(value))
    if current_language().code == "zh":
        return next((word for word, kept in fact.choices.items() if kept == value), str(value))
    return str(value)


def state_words(state: FactState, *, is_declared: bool = True) -> tuple[str, str, str]:
    """How a fact stands: a sign, a word, and the tone of its tag. What nobody declared agrees with nothing."""
    if state is FactState.MATCH and not is_declared:
        return "–", _("only in the register"), ""
    return {
        FactState.MATCH: ("✓", _("agrees"), "good"),
        FactState.CONFLICT: ("✕", _("contradicts"), "bad"),
        FactState.STALE: ("◔", _("out of date"), "warn"),
        FactState.DECLARED: ("–", _("only declared"), ""),
        FactState.MISSING: ("?", _("nobody says"), ""),
    }[state]  # fmt: skip
