"""Each rule of `banjie consistency` finds what breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.office import Office

RULES = {
    "open-tasks-are-ready-tasks": [
        "UPDATE task SET token = 'elsewhere' WHERE status = 'open'",
        "UPDATE instance SET snapshot = (SELECT snapshot FROM instance i ORDER BY i.id DESC LIMIT 1) WHERE id = 1",
    ],
    "ledger-is-a-partition": [
        "UPDATE interval SET start_at = start_at + interval '1 hour' WHERE end_at IS NULL",
        "DELETE FROM interval",
    ],
    "ledger-gives-the-due-time": [
        "UPDATE clock SET due_at = due_at + interval '1 day' WHERE stopped_at IS NULL",
        "UPDATE clock SET value = value + 1 WHERE stopped_at IS NULL",
        "UPDATE clock SET warn_at = warn_at - interval '1 hour' WHERE stopped_at IS NULL",
    ],
    "open-tasks-end-with-their-clock": [
        "UPDATE task SET due_at = due_at + interval '1 day' WHERE status = 'open'",
        "UPDATE task SET warn_at = NULL WHERE status = 'open'",
        "UPDATE task SET clock_id = NULL WHERE status = 'open'",
    ],
    "one-record-per-finished-step": [
        "UPDATE event SET type = 'task.claimed' WHERE type = 'task.completed'",
        "UPDATE event SET task_id = task_id + 100 WHERE type = 'task.completed'",
    ],
    "one-submission-per-finished-step": ["DELETE FROM submission WHERE task_id IS NOT NULL"],
    "open-tasks-lie-in-one-inbox": [
        "DELETE FROM inbox",
        "INSERT INTO inbox (principal, due, task_id) SELECT 'u:1', due, task_id FROM inbox",
    ],
    "inbox-is-in-order-of-due": ["UPDATE inbox SET due = due - interval '1 second'"],
    "running-clocks-are-armed": ["DELETE FROM timer"],
    "ended-cases-are-quiet": ["UPDATE instance SET status = 'ended' WHERE id = 1"],
    "record-has-every-event": ["UPDATE instance SET events = events + 1 WHERE id = 1"],
    "live-job-per-timer": [
        "DELETE FROM procrastinate_jobs",
        "UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'fire_timer'",
    ],
    "record-is-chained": [
        "UPDATE event SET facts = replace(facts, 'accept', 'refuse') WHERE type = 'task.completed'",
        "UPDATE event SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE seq = 2",
        "UPDATE event SET at = at - interval '1 second' WHERE seq = 3",
        "UPDATE event SET actor_id = 2 WHERE type = 'task.completed'",
        "DELETE FROM event WHERE stream LIKE 'case:%%' AND seq = 2",
        "UPDATE event SET facts = '{}' WHERE stream LIKE 'account:%%' AND type = 'account.opened'",
    ],
}


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office with a case in review and one just received, which a test then spoils."""
    running = Office(database_url, tmp_path)
    running.complete(running.apply(), "Accept")
    running.apply()
    assert running.findings() == []
    yield running
    running.close()


@pytest.mark.parametrize(
    ("rule", "damage"), [(rule, damage) for rule, ways in RULES.items() for damage in ways]
)
def test_what_breaks_a_rule_is_found(office: Office, rule: str, damage: str) -> None:
    with office.rt.store.begin() as uow:
        assert uow.db.run(damage) > 0

    assert rule in {finding.partition(":")[0] for finding in office.findings()}


def test_an_event_cut_off_the_end_of_a_stream_is_found(office: Office) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run("DELETE FROM event WHERE id = (SELECT max(id) FROM event WHERE stream = 'case:1')")

    assert office.findings() != []


def test_an_event_cut_off_the_end_of_an_account_s_stream_is_found(office: Office) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run("DELETE FROM event WHERE stream = %s", (f"account:{office.actors['zhao'].account_id}",))

    assert office.findings() != []


def test_a_chain_rewritten_from_the_middle_is_found_by_its_head(office: Office) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run("UPDATE instance SET chain = set_byte(chain, 0, get_byte(chain, 0) # 1) WHERE id = 1")

    assert office.findings() != []
