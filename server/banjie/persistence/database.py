"""The pool of connections, and the two ways to use one: read, or one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

from banjie.domain.errors import BanjieError

Parameters = Sequence[object]
#: A row as the driver gives it: columns by position.
Row = Sequence[Any]
#: How many rows of a streamed statement are in memory at once.
_FETCHED = 5_000


class DatabaseDown(BanjieError):
    """The database does not answer."""

    code = "database_down"


def sqlalchemy_url(database_url: str) -> URL:
    """The URL with the driver that we use, whatever spelling it came in."""
    return make_url(database_url).set(drivername="postgresql+psycopg")


class Db:
    """One connection in use; every statement of the project goes through `rows`, `one` or `run`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, parameters: Parameters = ()) -> Sequence[Row]:
        """All rows of a statement, in its order."""
        return self._connection.exec_driver_sql(statement, tuple(parameters)).fetchall()

    def one(self, statement: str, parameters: Parameters = ()) -> Row | None:
        """The first row, None without any."""
        return self._connection.exec_driver_sql(statement, tuple(parameters)).first()

    def only(self, statement: str, parameters: Parameters = ()) -> Row:
        """The one row of a statement that always returns one, as a count or an INSERT … RETURNING does."""
        return self._connection.exec_driver_sql(statement, tuple(parameters)).one()

    def run(self, statement: str, parameters: Parameters = ()) -> int:
        """The number of rows that the statement touched."""
        return self._connection.exec_driver_sql(statement, tuple(parameters)).rowcount

    def stream(self, statement: str, parameters: Parameters = ()) -> Iterator[Row]:
        """The rows of a statement in its order, fetched some thousands at a time; only within a transaction."""
        options = {"stream_results": True, "yield_per": _FETCHED}
        yield from self._connection.exec_driver_sql(statement, tuple(parameters), execution_options=options)

    def copy_in(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Write rows by a COPY … FROM STDIN, as they come; none of them is kept in memory."""
        with self.driver_connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    @property
    def driver_connection(self) -> psycopg.Connection[Any]:
        """The driver's own connection, for jobs that must commit with this transaction."""
        return cast("psycopg.Connection[Any]", self._connection.connection.driver_connection)


class Database:
    """A pool on one PostgreSQL database."""

    def __init__(self, database_url: str, *, pool_size: int = 8) -> None:
        self.engine: Engine = create_engine(
            sqlalchemy_url(database_url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_use_lifo=True,
            hide_parameters=True,  # they hold personal data, and errors are logged
        )
        event.listen(self.engine, "connect", _prepare_early)

    @contextmanager
    def read(self) -> Iterator[Db]:
        """Statements that change nothing: each sees what is committed when it runs."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield Db(connection)

    @contextmanager
    def transaction(self) -> Iterator[Db]:
        """All or nothing: commits when the block ends, rolls back when it raises."""
        with self.engine.begin() as connection:
            yield Db(connection)

    def close(self) -> None:
        """Give all connections back to the server."""
        self.engine.dispose()


def _prepare_early(connection: psycopg.Connection[Any], _record: object) -> None:
    """Prepare a statement the second time a connection runs it; our statements are few and repeat."""
    connection.prepare_threshold = 1
