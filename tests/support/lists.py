"""Lists for the registers, and officers who load them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from banjie.domain.loads import Load
from banjie.services import demo, loads
from support.office import Office

#: The day of which lists tell unless a test says otherwise: a week before an office's present.
AS_OF = date(2026, 8, 31)


def csv_of(*rows: str) -> bytes:
    """A CSV of lines, the header first."""
    return "\n".join(rows).encode()


def start(office: Office, content: bytes, kind: str = "enterprise", by: str = "zhao", **more: Any) -> int:
    """Hand in a list; returns the load's id."""
    wish: dict[str, Any] = {
        "name": "名单.csv",
        "source": "社保",
        "as_of": AS_OF,
        "region": demo.COUNTY,
        **more,
    }
    return loads.start(office.rt, office.actors[by], kind, io.BytesIO(content), **wish)


def load(office: Office, content: bytes, kind: str = "enterprise", **more: Any) -> Load:
    """Hand in a list and read it at once."""
    return loads.run(office.rt, start(office, content, kind, **more))
