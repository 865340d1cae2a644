"""The embedded PostgreSQL after good and bad ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from banjie.persistence.embedded import EmbeddedDatabaseError, embedded_postgres, running_url

HOLD = """
import signal, sys
from pathlib import Path
from banjie.persistence.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    signal.pause()
"""


def _servers_on(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.name() == "postgres" and process.cwd() == str(folder):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def test_what_was_committed_is_there_after_a_stop(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path / "pg") as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
    assert _servers_on(tmp_path / "pg") == []

    with embedded_postgres(tmp_path / "pg") as url, psycopg.connect(url) as connection:
        rows = connection.execute("SELECT value FROM kept").fetchall()

    assert rows == [(1,)]


def test_commits_are_durable_by_default(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path / "pg") as url, psycopg.connect(url) as connection:
        settings = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
        ).fetchall()

    assert {setting for _, setting in settings} == {"on"}


def test_a_killed_starter_leaves_no_server_that_matters(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    starter = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    with psycopg.connect(starter.stdout.readline().strip()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")

    starter.kill()
    starter.wait()
    starter.stdout.close()

    with embedded_postgres(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchall() == [(1,)]


def test_a_pid_file_that_names_a_stranger_is_no_running_server(tmp_path: Path) -> None:
    folder = tmp_path / "pg"
    with embedded_postgres(folder):
        owner = folder.stat()
    pid_file = folder / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{folder}\n1\n5432\n{folder}\n\n1 1\nready\n")
    os.chown(pid_file, owner.st_uid, owner.st_gid)

    with embedded_postgres(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_starters_of_one_folder_are_one_too_many(tmp_path: Path) -> None:
    with (
        embedded_postgres(tmp_path / "pg"),
        pytest.raises(EmbeddedDatabaseError, match="Another banjie"),
        embedded_postgres(tmp_path / "pg"),
    ):
        pass


def test_a_long_path_is_no_hindrance(tmp_path: Path) -> None:
    """The path of a Unix socket has some hundred characters at the most."""
    folder = tmp_path / ("deep" * 20) / "pg"

    with embedded_postgres(folder) as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "letters.txt").write_text("mine")

    with pytest.raises(EmbeddedDatabaseError, match=r"letters\.txt"), embedded_postgres(tmp_path / "pg"):
        pass

    assert (tmp_path / "pg" / "letters.txt").read_text() == "mine"


def test_a_running_server_is_found_by_other_processes(tmp_path: Path) -> None:
    assert running_url(tmp_path / "pg") is None

    with embedded_postgres(tmp_path / "pg") as url:
        assert running_url(tmp_path / "pg") == url
