"""Calendars that follow their file: a process that runs for months counts by the notice that came out today."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock

from banjie.domain.calendar import OfficeHours, WorkingCalendar, legal_date
from banjie.domain.errors import BanjieError
from banjie.policy.calendars import CalendarBook, CalendarYear, load_calendars

log = logging.getLogger(__name__)

_LOOK_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What a book was read from: the file as it lay there, and the year it was read for."""

    modified_ns: int
    size: int
    inode: int
    year: int


class FreshCalendars:
    """The book of a folder, read again when the file has changed or a year has begun.

    The file is looked at once a minute at the most, by the given clock. A file that is refused leaves the book as
    it was, is logged once, and is tried again when it changes. Each answer is that of one whole book.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        """Raises ContentError where the first book cannot be read."""
        self._folder = folder
        self._now = now
        self._lock = Lock()
        self._looked_at = now()
        self._source = self._tried = self._present(legal_date(self._looked_at).year)
        self._book = load_calendars(folder, self._source.year)

    def calendar_for(self, keys: Sequence[str] = ()) -> WorkingCalendar:
        """As `CalendarBook.calendar_for`."""
        return self.book().calendar_for(keys)

    def hours_for(self, keys: Sequence[str] = ()) -> OfficeHours:
        """As `CalendarBook.hours_for`."""
        return self.book().hours_for(keys)

    def missing_notices(self, today: date) -> tuple[int, ...]:
        """As `CalendarBook.missing_notices`."""
        return self.book().missing_notices(today)

    def years(self) -> tuple[CalendarYear, ...]:
        """As `CalendarBook.years`."""
        return self.book().years()

    def book(self) -> CalendarBook:
        """The present book."""
        now = self._now()
        if abs(now - self._looked_at) >= _LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                self._looked_at = now
                self._look(legal_date(now).year)
            finally:
                self._lock.release()
        return self._book

    def _look(self, year: int) -> None:
        try:
            # A clock that is set back must not shorten the years that the book covers.
            found = self._present(max(year, self._source.year))
            if found == self._tried:
                return
            self._tried = found
            self._book = load_calendars(self._folder, found.year)
        except (BanjieError, OSError) as error:
            log.error("calendar.refused", extra={"kind": type(error).__name__, "reason": str(error)})  # noqa: TRY400
            return
        self._source = found
        log.info("calendar.reloaded", extra={"calendar": self._book.national.version})

    def _present(self, year: int) -> _Source:
        state = (self._folder / "cn.yaml").stat()
        return _Source(modified_ns=state.st_mtime_ns, size=state.st_size, inode=state.st_ino, year=year)
