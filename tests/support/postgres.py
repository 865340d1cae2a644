"""A PostgreSQL for the tests: migrated once, copied for each test.

A copy of the template costs some 20 ms, and leaves a test free to commit, to lock and to run two officers at once.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from banjie.bootstrap import migrate
from banjie.persistence.embedded import FAST_AND_LOSSY, embedded_postgres

_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class TestServer:
    """A server on which this run may make and drop databases.

    `admin_url` names an existing database; `prefix` begins the name of every database of this run.
    """

    __test__ = False

    admin_url: str
    prefix: str

    def url_of(self, database: str) -> str:
        """The libpq URL of another database of the server."""
        named = conninfo_to_dict(self.admin_url)["dbname"]
        head, _, query = self.admin_url.partition("?")
        assert head.endswith(f"/{named}"), "the URL must end in the name of a database"
        return head.removesuffix(str(named)) + database + (f"?{query}" if query else "")

    def create(self, database: str, *, template: str = "template0") -> str:
        """Make *database* as a copy of *template* and give its URL."""
        self._run("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url_of(database)

    def drop(self, database: str) -> None:
        """Drop *database*, whoever is still connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def server() -> Iterator[TestServer]:
    """The server of BANJIE_DATABASE_URL, else an embedded one that forgets everything afterwards."""
    prefix = f"banjie_test_{os.getpid()}"
    given = os.environ.get("BANJIE_DATABASE_URL")
    if given:
        yield TestServer(admin_url=given, prefix=prefix)
        return
    with (
        tempfile.TemporaryDirectory(prefix="banjie-test-") as folder,
        embedded_postgres(Path(folder, "pg"), tuning=FAST_AND_LOSSY) as url,
    ):
        yield TestServer(admin_url=url, prefix=prefix)


@contextmanager
def migrated_template(running: TestServer) -> Iterator[str]:
    """The name of a database that has every migration and no rows of a test."""
    name = f"{running.prefix}_template"
    try:
        migrate(running.create(name))
        yield name
    finally:
        running.drop(name)


@contextmanager
def copy_of(running: TestServer, template: str) -> Iterator[str]:
    """The URL of a fresh copy of *template*, dropped afterwards."""
    name = f"{running.prefix}_{next(_numbers)}"
    try:
        yield running.create(name, template=template)
    finally:
        running.drop(name)
