"""Child processes that are kept running, and stopped together, leaving none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from banjie.persistence.embedded import end_with_parent

_LOOK_SECONDS = 0.2
_WATCH_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 30.0
#: A child that ran this long has started well: the next pause is short again.
_GOOD_RUN_SECONDS = 60.0
_STOP_AGAIN_SECONDS = 3.0
_STOP_SECONDS = 12.0


class StopRequested(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM. Like KeyboardInterrupt it is no error to be caught on the way."""


def stop_on_signals() -> None:
    """From now on the first SIGINT or SIGTERM raises StopRequested in the main thread, and later ones do nothing."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise StopRequested

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


@dataclass(kw_only=True)
class Child:
    """One program that shall always run; `environment` is the whole of its variables."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    next_start_at: float = 0.0
    pause_seconds: float = field(default=0.5)

    def start(self) -> None:
        """Start in a session, thus a process group, of its own: Ctrl-C in the terminal is for the supervisor."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGTERM),  # noqa: PLW1509  no thread of ours runs here
        )

    def has_ended(self) -> bool:
        """Whether it was started and is gone."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Ask it to end; after 15 seconds end it, and in any case what is left of its group."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_AGAIN_SECONDS)
        if self.process.poll() is None:
            # Granian 2.8 loses a worker that was just starting when it was told to stop, and waits for it forever.
            os.killpg(self.process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_SECONDS)
        # A server killed by force leaves its own children, which would keep the port.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def plan_restart(self) -> float:
        """Clear away what is left and choose when to start again; returns the pause in seconds."""
        ran_for = time.monotonic() - self.started_at
        self.stop()
        pause = 0.5 if ran_for >= _GOOD_RUN_SECONDS else self.pause_seconds
        self.pause_seconds = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        self.next_start_at = time.monotonic() + pause
        return pause


def banjie_command(name: str, environment: Mapping[str, str]) -> Child:
    """The child that runs ``banjie <name>`` with this Python."""
    return Child(name=name, command=(sys.executable, "-m", "banjie", name), environment=environment)


def supervise(
    children: Sequence[Child], say: Callable[[str], None], watch: Callable[[], str | None] = lambda: None
) -> None:
    """Start again whatever ends, each time after a longer pause; returns only by an exception such as StopRequested.

    Once a minute `watch` is asked what is wrong; what it says is said on.
    """
    next_watch = time.monotonic() + _WATCH_SECONDS
    while True:
        if time.monotonic() >= next_watch:
            next_watch = time.monotonic() + _WATCH_SECONDS
            wrong = watch()
            if wrong is not None:
                say(wrong)
        for child in children:
            if child.has_ended():
                code = child.process.returncode if child.process else 0
                pause = child.plan_restart()
                say(f"banjie {child.name} ended ({_ending(code)}); it starts again in {pause:g} s")
            elif child.process is None and time.monotonic() >= child.next_start_at:
                child.start()
        time.sleep(_LOOK_SECONDS)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
