"""The runtime and the signed-in person of the current request."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from banjie.domain.assignment import Actor
from banjie.domain.errors import NotSignedIn
from banjie.persistence.people import SessionRow
from banjie.services.runtime import Runtime

EXTENSION = "banjie"


def runtime() -> Runtime:
    """The runtime of the application that answers."""
    return cast(Runtime, current_app.extensions[EXTENSION])


def session() -> SessionRow | None:
    """The session of the request, None for a visitor."""
    return cast("SessionRow | None", g.get("session"))


def actor() -> Actor:
    """The signed-in person; raises NotSignedIn for a visitor."""
    held = session()
    if held is None:
        raise NotSignedIn
    return held.actor
