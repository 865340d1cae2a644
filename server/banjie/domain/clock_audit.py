"""What an audit of the clocks says: findings, how late timers fired, and whether the sweep is alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Upper bounds of the buckets of lateness, in seconds, each included; one more bucket holds what is later.
BUCKET_SECONDS = (1, 10, 60, 600, 3600)
#: A sweep runs each minute; one that gave no sign for so long is dead.
SWEEP_DEAD_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class AuditFinding:
    """A clock whose ledger or stored due time is wrong."""

    clock_id: int
    case_no: str
    rule: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """How many timers fired how late: a count for each bucket, the last for more than the largest bound."""

    counts: Sequence[int]

    @property
    def fired(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """The last sign of life of the sweep, None where there was none yet, and whether it counts as dead."""

    last: datetime | None
    is_dead: bool


def pulse(last: datetime | None, now: datetime, *, timers_wait: bool) -> Pulse:
    """Whether the sweep is dead: silent for longer than SWEEP_DEAD_AFTER, or never heard of while timers wait.

    `timers_wait` tells whether a timer is late by more than that. An installation where no sweep has run yet and
    nothing is late is not dead.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 9, 7, 12, 0, tzinfo=UTC)
    >>> pulse(noon - SWEEP_DEAD_AFTER, noon, timers_wait=True).is_dead
    False
    """
    dead = timers_wait if last is None else now - last > SWEEP_DEAD_AFTER
    return Pulse(last=last, is_dead=dead)
