"""`banjie up`: one command starts everything, one signal stops it, and killed parts come back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

PATIENCE_SECONDS = 90


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start(var: Path, port: int) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("BANJIE_", "SMTP_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "banjie", "up"],
        env={**environment, "BANJIE_VAR": str(var), "BANJIE_PORT": str(port), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@dataclass
class System:
    """A started system; `before` is what it said until it was ready."""

    process: subprocess.Popen[str]
    port: int
    before: list[str]

    def read_until(self, words: str) -> list[str]:
        """The lines up to the one that has *words* in it."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if words in line:
                return lines
        raise AssertionError(f"It ended without saying {words!r}: {''.join(lines)}")

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(by)
        self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode


def _launch(var: Path) -> System:
    system = System(process=(process := _start(var, port := _free_port())), port=port, before=[])
    try:
        system.before = system.read_until("Ctrl-C stops everything")
    except AssertionError:
        process.kill()
        process.communicate()
        raise
    return system


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one installation, started several times."""
    return Path(tmp_path_factory.mktemp("var"))


@pytest.fixture
def system(var: Path) -> Iterator[System]:
    """The installation, running."""
    running = _launch(var)
    yield running
    if running.process.poll() is None:
        running.stop()


def _answers(port: int) -> bool:
    """Whether the server answers; a killed one may take a moment to be back."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)


def test_it_tells_the_address_and_who_may_sign_in(system: System) -> None:
    said = "".join(system.before)

    assert f"http://127.0.0.1:{system.port}" in said
    assert "zhao" in said
    assert _answers(system.port)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_leaves_no_process(system: System, by: signal.Signals) -> None:
    family = psutil.Process(system.process.pid).children(recursive=True)

    code = system.stop(by)

    assert code == 0
    assert [process for process in family if _lives(process)] == []


def _lives(process: psutil.Process) -> bool:
    """Whether it is more than an entry that the system's first process has not cleared yet."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_killed_web_server_and_a_killed_worker_come_back(system: System) -> None:
    children = psutil.Process(system.process.pid).children()
    parts = [child for child in children if child.cmdline()[-1:] in (["serve"], ["worker"])]
    assert len(parts) == 2

    for part in parts:
        part.kill()

    said = "".join(system.read_until("banjie serve ended"))
    # A worker of the killed server may still speak before it is ended too; the new one speaks after this.
    system.read_until("Starting granian")
    system.read_until("Started worker-")
    assert "SIGKILL" in said
    assert _answers(system.port)


def test_a_second_start_finds_the_cases_that_are_there(system: System) -> None:
    assert "Loading demo cases" not in "".join(system.before)


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = _start(tmp_path, taken.getsockname()[1])
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    assert "cannot be served" in said


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a folder")

    process = _start(tmp_path / "var", _free_port())
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    assert "cannot be written" in said
