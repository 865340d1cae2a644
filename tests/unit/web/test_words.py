"""Every code that the services put on record or answer with has its words in both languages."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

import banjie.domain
import banjie.services
from banjie.domain.errors import BanjieError, Conflict
from banjie.domain.instances import InstanceStatus
from banjie.domain.proceedings import ProceedingStatus
from banjie.services.offers import NOBODY_ELSE, Operation
from banjie.web.case.op_words import operation_words
from banjie.web.common.error_words import words_of_code, words_of_status
from banjie.web.common.language import COOKIE
from banjie.web.common.said import said_words
from banjie.web.common.words import event_word, notice_word

SERVICES = Path(banjie.services.__file__).parent
EVENT = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z_]+")
#: Events of the house, which no case's history holds.
OF_THE_HOUSE = (
    "account.", "bulk.", "calendar.", "case.exported", "case.printed", "definition.", "housekeeping.", "letter.",
    "entitlement.", "entitlements.", "load.", "recompute.", "register.", "roster.", "subject.", "substitution.",
)  # fmt: skip
#: Names of files, which look like events.
FILES = re.compile(r".*\.(?:csv|json|pdf|yaml|py)")
#: What stands for the gap in an event's type that is put together.
GAPS = {
    "extension.": [status.value for status in (ProceedingStatus.GRANTED, ProceedingStatus.REFUSED)],
    "countersign.member_": ["added", "removed", "replaced"],
    "instance.": [status.value for status in (InstanceStatus.WITHDRAWN, InstanceStatus.CANCELLED)],
}
#: Errors that no page of a case answers with.
NOT_ON_PAGES = {
    "error", "not_found", "forbidden", "not_signed_in", "sign_in_refused", "rate_limited", "conflict",
    "invalid_content", "amount", "ledger_fault", "calendar_range", "calendar_fault", "clock_stopped", "deadline_input",
}  # fmt: skip


def _strings() -> Iterator[str]:
    for path in sorted(SERVICES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                begins = ast.unparse(node)[2:].partition("{")[0]
                yield from (begins + rest for rest in GAPS.get(begins, ()))


@cache
def event_types() -> tuple[str, ...]:
    """What services record of cases, as far as it stands in their source."""
    found = {text for text in _strings() if EVENT.fullmatch(text) and not FILES.fullmatch(text)} - GAPS.keys()
    return tuple(sorted(one for one in found if not one.startswith(OF_THE_HOUSE)))


@cache
def templates() -> tuple[str, ...]:
    """The notices that services send to people."""
    found = set()
    for path in sorted(SERVICES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.keyword)
                and node.arg == "template"
                and isinstance(node.value, ast.Constant)
            ):
                found.add(str(node.value.value))
    return tuple(sorted(found))


@cache
def error_codes() -> tuple[str, ...]:
    for module in pkgutil.iter_modules(banjie.domain.__path__, "banjie.domain."):
        importlib.import_module(module.name)
    kinds = {kind.code for kind in _kinds(BanjieError) if kind.__module__.startswith("banjie.domain.")}
    return tuple(sorted({*kinds, NOBODY_ELSE} - NOT_ON_PAGES))


def _kinds(kind: type[BanjieError]) -> Iterator[type[BanjieError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)


@pytest.fixture(params=["zh", "en"])
def reader(request: pytest.FixtureRequest) -> Iterator[str]:
    """Somebody who reads in one of the two languages."""
    with Flask(__name__).test_request_context(headers={"Cookie": f"{COOKIE}={request.param}"}):
        yield request.param


def test_every_event_of_a_case_has_a_word(reader: str) -> None:
    assert len(event_types()) > 40
    assert [kind for kind in event_types() if event_word(kind, "") == kind] == []


def test_every_notice_has_a_line_of_its_own(reader: str) -> None:
    nothing = notice_word("nothing")

    assert len(templates()) > 10
    assert [one for one in templates() if notice_word(one) == nothing] == []


def test_every_refusal_has_a_title_of_its_own(reader: str) -> None:
    general = words_of_status(409)

    assert Conflict.code not in error_codes()
    assert [code for code in error_codes() if words_of_code(code) == general] == []


def test_every_operation_is_told_when_it_is_done(reader: str) -> None:
    words = [operation_words(operation) for operation in Operation]

    assert [one.said for one in words if one.said not in said_words()] == []


def test_no_two_operations_that_are_possible_together_share_a_letter(reader: str) -> None:
    held = {Operation.PROCEDURE_END, Operation.RESUME}
    letters = [operation_words(one).key for one in Operation if one not in held]

    used = [letter for letter in letters if letter]
    assert len(used) == len(set(used))
