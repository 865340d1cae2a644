"""The account of a clock: whose time it was, by which ground it did not count, and what is left.

One account for whoever asks: the page of a case, `banjie clock` and the API print the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.clock import ClockState, Due, Span, counted_days, is_late
from banjie.domain.ledger import ClockKind, Interval, IntervalKind, LimitUnit, Party, time_by_party
from banjie.services.clock_words import joined, listed, sentence, word
from banjie.services.instances import CaseView, ClockView
from banjie.services.runtime import Runtime
from banjie.services.walk import agency_calendar


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """A stretch [start, end) of the ledger, `end` None while it runs.

    `days` are the days of the limit counted in it, `extra_days` those granted with it. `citation` names the provision
    with its document's number. `opened_by` and `closed_by` are names; None for the system, and for applicants.
    """

    start: datetime
    end: datetime | None
    kind: IntervalKind
    party: Party
    ground: str | None
    ground_title: str | None
    ground_title_en: str | None
    citation: str | None
    document: str | None
    opened_by: str | None
    closed_by: str | None
    days: int
    extra_days: int


@dataclass(frozen=True, kw_only=True)
class ClockAccount:
    """A clock as it stands: its rows, the time of each party, and its state.

    `limit_days` is the limit without its `extension_days`, in `unit`. The values of `by_party` sum to `whole`, the time
    from the start to now or to the stop. Of `remaining` and `overdue` at most one is set; neither once it stopped.
    """

    clock_id: int
    kind: ClockKind
    element: str | None
    unit: LimitUnit
    limit_days: int
    extension_days: int
    used_days: int
    not_counted_days: int
    start: datetime
    stopped_at: datetime | None
    due: Due
    light: ClockState
    late: bool
    remaining: Span | None
    overdue: Span | None
    parameter: str | None
    citation: str | None
    rows: Sequence[AccountRow]
    by_party: Mapping[Party, timedelta]
    whole: timedelta


def accounts(rt: Runtime, view: CaseView) -> list[ClockAccount]:
    """The accounts of a case's clocks, in the order of the view; without names where the view has none."""
    return [account(rt, shown, view.people) for shown in view.clocks]


def account(rt: Runtime, shown: ClockView, people: Mapping[str, str]) -> ClockAccount:
    """The account of one clock now; `people` are names by account id as text."""
    stored, used, now = shown.stored, shown.elapsed, rt.now()
    clock = stored.clock
    days = counted_days(clock, *agency_calendar(rt, stored.agency), now)
    by_party = time_by_party(clock, now)
    is_stopped = clock.stopped_at is not None
    extension = sum(interval.extra_days for interval in clock.intervals)
    return ClockAccount(
        clock_id=stored.id, kind=clock.kind, element=clock.subject.element, unit=clock.limit.unit,
        limit_days=clock.limit.value, extension_days=extension, used_days=used.used_days,
        not_counted_days=used.not_counted_days, start=clock.start, stopped_at=clock.stopped_at, due=stored.due,
        light=shown.state, late=is_late(clock, stored.due, now),
        remaining=None if is_stopped else used.remaining, overdue=None if is_stopped else used.overdue,
        parameter=clock.limit.parameter, citation=cited(rt, clock.limit.citation),
        rows=tuple(
            _row(rt, interval, count, people) for interval, count in zip(clock.intervals, days, strict=True)
        ),
        by_party=by_party, whole=sum(by_party.values(), timedelta()),
    )  # fmt: skip


def cited(rt: Runtime, citation: str | None) -> str | None:
    """A provision with its document's number, where it begins with the key of a document; None for none."""
    if not citation:
        return None
    key, _space, article = citation.partition(" ")
    document = rt.book.documents.get(key)
    return f"{document.label} {article}" if document else citation


def cells(row: AccountRow, language: str) -> tuple[str, ...]:
    """A row in words, "zh" or "en": from, to, in whose hands, whether it counts, days, ground, by whom.

    >>> start = datetime(2026, 9, 7, 10, 0, tzinfo=LEGAL_ZONE)
    >>> cells(AccountRow(start=start, end=None, kind=IntervalKind.COUNTED, party=Party.BANK, ground=None,
    ...     ground_title=None, ground_title_en=None, citation=None, document=None, opened_by="Li", closed_by=None,
    ...     days=2, extra_days=0), "en")
    ('2026-09-07 10:00', 'now', 'Bank', 'counted', '2', '', 'Li')
    """
    kind = word(row.kind.value, language)
    return (
        minute(row.start),
        minute(row.end) if row.end else word("now", language),
        word(row.party.value, language),
        f"{kind} +{row.extra_days}" if row.extra_days else kind,
        str(row.days),
        " · ".join(part for part in (ground_word(row, language), row.citation, row.document) if part),
        " → ".join(dict.fromkeys(name for name in (row.opened_by, row.closed_by) if name)),
    )


def ground_word(row: AccountRow, language: str) -> str:
    """The ground of a row in words; empty for none."""
    title = row.ground_title_en if language == "en" else row.ground_title
    return title or (word(row.ground, language) if row.ground else "")


def plain_sentence(account: ClockAccount, language: str) -> str:
    """The account in one sentence, "zh" or "en": the day, what was not counted and why, and in whose hands it is."""
    limit = account.limit_days + account.extension_days
    key = account.unit.value if account.stopped_at is None else f"used_{account.unit.value}"
    parts = [sentence(key, language, used=account.used_days, limit=limit)]
    if account.extension_days:
        parts.append(sentence("extended", language, days=account.extension_days))
    if account.not_counted_days:
        grounds = [
            text
            for row in account.rows
            if row.kind is IntervalKind.NOT_COUNTED and (text := ground_word(row, language))
        ]
        said = sentence("not_counted", language, days=account.not_counted_days)
        if grounds:
            said += sentence("because", language, grounds=listed(list(dict.fromkeys(grounds)), language))
        parts.append(said)
    if account.late:
        parts.append(sentence("late", language))
    if account.stopped_at is not None:
        parts.append(sentence("stopped", language))
    elif account.rows:
        if account.light is ClockState.PAUSED:
            parts.append(sentence("paused", language))
        party = account.rows[-1].party
        if party is not Party.LAW:
            parts.append(sentence("in_hand", language, party=word(party.value, language)))
    return joined(parts, language)


def minute(instant: datetime) -> str:
    """Date and minute in Beijing time."""
    return instant.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")


def _row(rt: Runtime, interval: Interval, days: int, people: Mapping[str, str]) -> AccountRow:
    ground = rt.book.grounds.get(interval.ground or "")
    return AccountRow(
        start=interval.start, end=interval.end, kind=interval.kind, party=interval.party, ground=interval.ground,
        ground_title=ground.title if ground else None, ground_title_en=ground.title_en if ground else None,
        citation=cited(rt, interval.citation), document=interval.document,
        opened_by=people.get(interval.opened_by or ""), closed_by=people.get(interval.closed_by or ""), days=days,
        extra_days=interval.extra_days,
    )  # fmt: skip
