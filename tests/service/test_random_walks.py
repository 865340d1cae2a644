"""All operations in random order on a virtual clock: nothing breaks, and every case still comes to its end."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from support.positions import Positions
from support.random_walk import RandomWalk

WALKS, STEPS = 32, 75


@pytest.fixture
def positions(database_url: str, tmp_path: Path) -> Iterator[Positions]:
    with closing(Positions(database_url, tmp_path)) as running:
        yield running


def test_whatever_is_done_in_whatever_order_the_record_agrees_and_cases_end(
    positions: Positions, request: pytest.FixtureRequest
) -> None:
    given = request.config.getoption("--hypothesis-seed")
    number = int(given) if given else secrets.randbits(32)
    print(f"The same walks again: pytest --hypothesis-seed={number}")  # noqa: T201  shown when it fails
    tally: Counter[tuple[str, str]] = Counter()
    walks = type("Walks", (RandomWalk,), {"positions": positions, "tally": tally})

    run_state_machine_as_test(
        seed(number)(walks),
        settings=settings(
            max_examples=WALKS, stateful_step_count=STEPS, deadline=None, database=None, print_blob=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

    done = sum(times for (_, how), times in tally.items() if how == "done")
    assert tally["step", ""] >= 2000
    assert done >= 400
    assert sum(tally.values()) - tally["step", ""] - done >= 300
