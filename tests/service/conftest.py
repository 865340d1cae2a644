"""An office for each test; whatever a test does, the record must agree with itself afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.office import Office


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A running office, checked for consistency when the test has passed."""
    running = Office(database_url, tmp_path)
    yield running
    assert running.findings() == []
    running.close()
