"""What an operation costs the database: one commit, and about the statements of a completion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from banjie.domain.step import Siblings
from banjie.services import handovers, jumps, returns, take_backs, tasks, urging
from support.office import Office

REASON = "请核对"
MOST = 14


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement and commit that any cursor or connection of the driver sends meanwhile."""
    sent: list[str] = []
    execute, commit = psycopg.Cursor.execute, psycopg.Connection.commit

    def executed(cursor: psycopg.Cursor[Any], query: Any, *rest: Any, **more: Any) -> psycopg.Cursor[Any]:
        sent.append(str(query))
        return execute(cursor, query, *rest, **more)

    def committed(connection: psycopg.Connection[object]) -> None:
        sent.append("COMMIT")
        commit(connection)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", executed)
        patch.setattr(psycopg.Connection, "commit", committed)
        yield sent


def number_of(office: Office, task_id: int) -> str:
    return tasks.read(office.rt, office.actors["sun"], task_id).case_no


def transfer(office: Office, task: int) -> Callable[[], object]:
    return lambda: handovers.transfer(office.rt, office.actors["sun"], task, "li", REASON)


def delegate(office: Office, task: int) -> Callable[[], object]:
    return lambda: handovers.delegate(office.rt, office.actors["sun"], task, "qian", REASON)


def resolve(office: Office, task: int) -> Callable[[], object]:
    handovers.delegate(office.rt, office.actors["sun"], task, "qian", REASON)
    return lambda: handovers.resolve(office.rt, office.actors["qian"], task, REASON)


def reassign(office: Office, task: int) -> Callable[[], object]:
    return lambda: handovers.reassign(office.rt, office.actors["zheng"], task, "li", REASON)


def urge(office: Office, task: int) -> Callable[[], object]:
    return lambda: urging.urge(office.rt, office.actors["wang"], task, REASON)


def send_back(office: Office, task: int) -> Callable[[], object]:
    return lambda: returns.send_back(office.rt, office.actors["sun"], task, "Review", REASON)


def take_back(office: Office, task: int) -> Callable[[], object]:
    case_no = number_of(office, task)
    office.complete(case_no, by="sun")
    return lambda: take_backs.take_back(office.rt, office.actors["sun"], task, REASON)


def consent(office: Office, task: int) -> Callable[[], object]:
    case_no = number_of(office, task)
    number = jumps.propose(
        office.rt, office.actors["chen"], case_no, [task], "Review", REASON, Siblings.CANCEL
    )
    return lambda: jumps.consent(office.rt, office.actors["zhou"], number)


@pytest.mark.parametrize(
    "prepared", [transfer, delegate, resolve, reassign, urge, send_back, take_back, consent]
)
def test_an_operation_takes_few_statements_and_one_commit(
    office: Office, monkeypatch: pytest.MonkeyPatch, prepared: Callable[[Office, int], Callable[[], object]]
) -> None:
    task = office.advance_to(office.apply(), "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)
    act = prepared(office, task.id)

    with counted(monkeypatch) as sent:
        act()

    assert sent.count("COMMIT") == 1
    statements = [text for text in sent if text != "COMMIT"]
    assert 3 <= len(statements) <= MOST, (len(statements), [text[:60] for text in statements])
