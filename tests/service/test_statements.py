"""What a completion costs the database: counted where the driver sends it, the queue's statements included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from banjie.domain.worklist import Tab
from banjie.services import bulk, demo, people, tasks
from support.office import Office
from support.postgres import TestServer, copy_of
from support.scenes import SCENES, Stage

#: What an operation may send; a completion has fewer.
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


@pytest.mark.parametrize(
    "element", ["Accept", "Review", "Investigate", "BankAccept", "ArrangeSecurity", "Disburse"]
)
def test_a_completion_takes_at_most_twelve_statements_and_one_commit(
    office: Office, monkeypatch: pytest.MonkeyPatch, element: str
) -> None:
    task = office.advance_to(office.apply(), element)
    command = tasks.CompleteTask(
        task_id=task.id, by=office.actors[demo.OFFICERS[element]], idempotency_key="k-1",
        expected_version=task.version, submission=demo.answer(element, office.rt.today()),
    )  # fmt: skip

    with counted(monkeypatch) as sent:
        tasks.complete(office.rt, command)

    assert sent.count("COMMIT") == 1
    statements = [text for text in sent if text != "COMMIT"]
    assert 3 <= len(statements) <= 12, statements
    assert not any("commit" in text.lower().split()[:1] for text in statements)


def test_a_subsidy_takes_as_few_at_the_steps_that_compare_grant_and_publish(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = office.apply("startup-subsidy")

    for element in ("Accept", "FirstReview", "SecondReview", "Publish", "ClosePublicity"):
        if element == "ClosePublicity":
            office.tick(str(office.view(case_no).instance.data["publicity"]["closes_at"]))  # type: ignore[index, call-overload]  # JSON
        task = office.open_task(case_no, element)
        officer, given = office.usual_answer(case_no, element)
        command = tasks.CompleteTask(
            task_id=task.id, by=office.actors[officer], idempotency_key=element, expected_version=task.version,
            submission=given,
        )  # fmt: skip
        with counted(monkeypatch) as sent:
            tasks.complete(office.rt, command)
        statements = [text for text in sent if text != "COMMIT"]
        assert sent.count("COMMIT") == 1, element
        assert 3 <= len(statements) <= 12, (element, statements)

    assert office.open_elements(case_no) == ["Disburse"]


@pytest.fixture(scope="module")
def stage(
    postgres_server: TestServer, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """One office for all operations, each on a case of its own; checked for consistency when all have passed."""
    with (
        copy_of(postgres_server, database_template) as url,
        closing(Stage(url, tmp_path_factory.mktemp("stage"))) as running,
    ):
        yield running
        assert running.office.findings() == []


@pytest.mark.parametrize("operation", SCENES)
def test_an_operation_takes_at_most_fourteen_statements_and_one_commit(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    act = stage.prepare(operation)

    with counted(monkeypatch) as sent:
        act()

    assert sent.count("COMMIT") == 1
    statements = [text for text in sent if text != "COMMIT"]
    assert 3 <= len(statements) <= MOST, statements


def test_a_session_with_the_places_it_takes_is_found_in_one_statement(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = people.sign_in(stage.rt, stage.substitute.username, demo.PASSWORD, address="127.0.0.1").token

    with counted(monkeypatch) as sent:
        found = people.session_of(stage.rt, token)

    assert found is not None
    assert [place.absent_id for place in found.actor.places] == [stage.actor("zhao").account_id]
    assert len(sent) == 1


def test_the_page_of_an_inbox_takes_two_statements_however_long_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(12):
        office.apply()

    with counted(monkeypatch) as sent:
        page = tasks.inbox(office.rt, office.actors["zhao"], Tab.CANDIDATE)

    assert len(page.rows) == 12
    assert len([text for text in sent if text != "COMMIT"]) == 2


def test_what_is_chosen_for_a_bulk_run_is_read_in_as_many_statements_however_much_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [office.open_task(office.apply()).id for _ in range(9)]

    def statements(chosen: list[int]) -> int:
        with counted(monkeypatch) as sent:
            bulk.select(office.rt, office.actors["zhao"], chosen)
        return len([text for text in sent if text != "COMMIT"])

    assert statements(ids) == statements(ids[:1]) <= 3
