"""Fixtures for every folder of tests; what only one folder needs stands in its own conftest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.postgres import TestServer, copy_of, migrated_template, server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[TestServer]:
    """One PostgreSQL for the run."""
    with server() as running:
        yield running


@pytest.fixture(scope="session")
def database_template(postgres_server: TestServer) -> Iterator[str]:
    """The name of the migrated database that tests get copies of."""
    with migrated_template(postgres_server) as name:
        yield name


@pytest.fixture
def database_url(postgres_server: TestServer, database_template: str) -> Iterator[str]:
    """The libpq URL of a database of this test's own: migrated, empty, dropped afterwards."""
    with copy_of(postgres_server, database_template) as url:
        yield url
