"""What a use case may reach: the adapters, chosen once in `bootstrap`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from banjie.documents.spool import Incoming
from banjie.domain.calendar import OfficeHours, WorkingCalendar, legal_date
from banjie.domain.decisions import Decision, Json, MissingValue, ParameterValue
from banjie.engine.definitions import CompiledDefinition
from banjie.engine.spiff import SpiffEngine
from banjie.forms.model import Form
from banjie.persistence.unit_of_work import Store
from banjie.policy.book import Book
from banjie.policy.calendars import CalendarYear
from banjie.policy.decide_many import ManyDecisions
from banjie.services.registers import Registers

Decide = Callable[[str, Mapping[str, Json]], Decision]


class Calendars(Protocol):
    """Working days and office hours by region and agency, from the widest key to the narrowest."""

    def calendar_for(self, keys: Sequence[str] = ()) -> WorkingCalendar: ...

    def hours_for(self, keys: Sequence[str] = ()) -> OfficeHours: ...

    def missing_notices(self, today: date) -> tuple[int, ...]: ...

    def years(self) -> Sequence[CalendarYear]: ...


class Passwords(Protocol):
    """Hashes passwords."""

    def hash(self, password: str) -> str: ...

    def verify(self, encoded: str | None, password: str) -> bool: ...

    def needs_rehash(self, encoded: str) -> bool: ...


class Documents(Protocol):
    """Keeps files by the hash of their content."""

    def put(self, content: bytes) -> tuple[bytes, str]: ...

    def keep(self, write: Callable[[BinaryIO], None]) -> str: ...

    def open(self, digest: str) -> BinaryIO: ...

    def get(self, digest: str) -> bytes: ...

    def remove(self, digest: str) -> None: ...


class Spool(Protocol):
    """Keeps lists by name until they have been read."""

    def receive(self, stream: IO[bytes]) -> Incoming: ...

    def keep(self, incoming: Incoming, name: str) -> None: ...

    def drop(self, incoming: Incoming) -> None: ...

    def sweep(self, before: datetime) -> int: ...

    def path(self, name: str) -> Path: ...

    def remove(self, name: str) -> None: ...


class Mailer(Protocol):
    """Sends letters, or does nothing."""

    def send(self, to: Sequence[str], subject: str, body: str, message_id: str) -> None: ...


class Processes(Protocol):
    """Deployed versions, compiled once each."""

    def compiled(self, version: str) -> CompiledDefinition: ...

    def form(self, version: str, key: str) -> Form: ...

    def form_source(self, version: str, key: str) -> bytes: ...

    def diagram(self, version: str) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """One running installation.

    `now` gives the present instant, aware UTC; only services read it. `live_jobs` tells which job ids
    still wait or run; `purge_jobs` forgets jobs that were given up before an instant, so many at the most, and
    returns how many. `subject_key` gives the keyed hash of an ID number or credit code.
    """

    store: Store
    engine: SpiffEngine
    processes: Processes
    book: Book
    decide: Callable[[str, Mapping[str, Json], date, str], Decision]
    decide_many: Callable[[str, Mapping[str, Sequence[Json]], date, str], ManyDecisions]
    calendars: Calendars
    passwords: Passwords
    documents: Documents
    spool: Spool
    registers: Registers
    mailer: Mailer
    now: Callable[[], datetime]
    live_jobs: Callable[[Sequence[int]], set[int]]
    purge_jobs: Callable[[datetime, int], int]
    subject_key: Callable[[str], bytes]
    base_url: str = ""

    def today(self) -> date:
        """Today's date where the law counts days."""
        return legal_date(self.now())

    def decider(self, on: date, region: str) -> Decide:
        """Decisions by the law of one day in one region."""
        return lambda key, facts: self.decide(key, facts, on, region)

    def region_path(self, region: str) -> tuple[str, ...]:
        """The codes of a region and of all above it, from the narrowest to the widest."""
        return tuple(place.code for place in self.book.regions.upward(region))

    def knows_region(self, region: str) -> bool:
        """Whether the code is one of the region tree's."""
        return region in self.book.regions.by_code

    def form_context(self, data: Mapping[str, Json], due_at: datetime | None = None) -> dict[str, Json]:
        """What forms may refer to: today, the step's last day, counties, banks, a team's members, the case data."""
        counties = [place for place in self.book.regions.by_code.values() if place.level == "旗县"]
        banks = [unit for unit in self.book.agencies.values() if unit.kind == "bank"]
        return {
            "today": self.today().isoformat(),
            "due_on": legal_date(due_at).isoformat() if due_at else "",
            "regions": [
                {"value": place.code, "label": place.name, "label_en": place.name_en} for place in counties
            ],
            "banks": [{"value": unit.key, "label": unit.name, "label_en": unit.name_en} for unit in banks],
            "review_team": self._review_team(data),
            "case": data,
        }

    def _review_team(self, data: Mapping[str, Json]) -> list[dict[str, str]]:
        """Those who sit on the team that a case goes to, to choose from; none where its service names no team."""
        application = data.get("application")
        given = application if isinstance(application, Mapping) else {}
        purpose, region = given.get("review_team"), given.get("region")
        if not isinstance(purpose, str) or not isinstance(region, str) or not self.knows_region(region):
            return []
        team = self.book.find_team(purpose, region=region)
        return [
            {
                "value": seat.member,
                "label": f"{seat.name}（{self.book.agencies[seat.agency].name}）",
                "label_en": f"{seat.name} ({self.book.agencies[seat.agency].name_en})",
            }
            for seat in (team.seats if team else ())
        ]

    def parameter(self, key: str, on: date, region: str) -> ParameterValue | MissingValue:
        """The value of a parameter, or the fact that no text has one."""
        return self.book.find_parameter(key, on=on, region=region)
