"""All operations in random order on a virtual clock: nothing breaks, and every case still comes to its end."""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from support.positions import Positions
from support.random_walk import RandomWalk

WALKS, STEPS = 28, 75


def test_whatever_is_done_in_whatever_order_the_record_agrees_and_cases_end(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    given = request.config.getoption("--hypothesis-seed")
    number = int(given) if given else secrets.randbits(32)
    print(f"The same walks again: pytest --hypothesis-seed={number}")  # noqa: T201  shown when it fails
    positions = Positions(database_url, tmp_path)
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
    positions.close()
