"""An office for each test; whatever a test does, the record must agree with itself afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.office import Office, checked


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A running office, checked for consistency when the test has passed."""
    with checked(Office(database_url, tmp_path)) as running:
        yield running
