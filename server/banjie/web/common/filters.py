"""How the pages write instants, lengths and sizes. Instants come in UTC and are shown as Beijing time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

#: China has had one time and no summer time since 1991.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def local_time(instant: datetime) -> str:
    """Date and minute: ``2025-09-30 17:00``."""
    return instant.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def local_time_short(instant: datetime) -> str:
    """Month, day and minute: ``09-30 17:00``."""
    return instant.astimezone(BEIJING).strftime("%m-%d %H:%M")


def local_clock(instant: datetime) -> str:
    """The minute of the day: ``17:00``."""
    return instant.astimezone(BEIJING).strftime("%H:%M")


def machine_time(instant: datetime) -> str:
    """ISO 8601 with the offset, for the `datetime` attribute."""
    return instant.astimezone(BEIJING).isoformat(timespec="seconds")


def hours(minutes: int) -> str:
    """Minutes as hours with at most one decimal.

    >>> hours(90), hours(120)
    ('1.5', '2')
    """
    return f"{(Decimal(minutes) / 60).quantize(Decimal('0.1')).normalize():f}"


def file_size(size: int) -> str:
    """Bytes in the unit that reads best.

    >>> file_size(2048), file_size(3_500_000)
    ('2 kB', '3.3 MB')
    """
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{round(size / 1024)} kB"
    return f"{size / 1024 / 1024:.1f} MB"


FILTERS = {
    "local_time": local_time,
    "local_time_short": local_time_short,
    "machine_time": machine_time,
    "hours": hours,
    "file_size": file_size,
}
