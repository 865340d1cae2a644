"""What several commands need: settings, a runtime, a named person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from banjie.bootstrap import make_runtime
from banjie.persistence.embedded import running_url
from banjie.services.runtime import Runtime
from banjie.settings import Settings, SettingsError


def settings() -> Settings:
    """The settings of the environment."""
    return Settings.from_env(os.environ)


def database_url(chosen: Settings) -> str:
    """The server that is named, else the embedded one where `banjie up` runs; raises SettingsError."""
    url = chosen.database_url or running_url(chosen.var / "pg")
    if url is None:
        raise SettingsError(
            "BANJIE_DATABASE_URL is not set, and no embedded database runs here; try `banjie up`."
        )
    return url


@contextmanager
def runtime() -> Iterator[tuple[Settings, Runtime]]:
    """A runtime for one command."""
    chosen = settings()
    rt = make_runtime(chosen, database_url(chosen))
    try:
        yield chosen, rt
    finally:
        rt.store.database.close()
