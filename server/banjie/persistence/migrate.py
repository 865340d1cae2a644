"""Bringing a database to the newest revision."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from banjie.persistence.database import sqlalchemy_url

#: Any number, the same in every process that migrates: two of them must not migrate at once.
_MIGRATION_LOCK = 7_317_001


def upgrade(database_url: str) -> None:
    """Apply what is missing, one revision a transaction; others that try meanwhile wait."""
    engine = create_engine(sqlalchemy_url(database_url))
    try:
        with engine.connect() as guard, engine.connect() as connection:
            guard.exec_driver_sql("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
