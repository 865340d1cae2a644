"""The supervisor says on what its watch finds."""

from __future__ import annotations

import pytest

from banjie.cli import supervisor


def test_what_the_watch_finds_is_said_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_WATCH_SECONDS", 0.0)
    monkeypatch.setattr(supervisor, "_LOOK_SECONDS", 0.0)
    answers = iter([None, "the sweep is dead", None])
    said: list[str] = []

    def watch() -> str | None:
        try:
            return next(answers)
        except StopIteration:
            raise supervisor.StopRequested from None

    with pytest.raises(supervisor.StopRequested):
        supervisor.supervise([], said.append, watch)

    assert said == ["the sweep is dead"]
