"""Files that are read into the registers: stored, then checked and taken in by a worker, whole or not at all.

A row that cannot be read refuses the file, unless the officer has said to leave bad rows out. The data enter in one
transaction; how far it is stands in others, so that everybody can see it meanwhile. Killed in the middle, nothing is
there; run again, the same is there.
"""

from __future__ import annotations

import csv
import io
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from banjie.documents import sheets_in
from banjie.domain.assignment import Actor
from banjie.domain.columns import CellProblem, Header, UnreadableFile, Value
from banjie.domain.decisions import Json
from banjie.domain.errors import BanjieError, Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.loads import (
    IDENTITY,
    MOST_PROBLEMS,
    Load,
    LoadProblem,
    LoadStatus,
    LoadUnderWay,
    columns_of,
)
from banjie.domain.registers import RegisterKind, keys_of
from banjie.persistence.text import dumps
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.registers import require_keeper
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

#: The job of a worker.
JOB = "run_load"
_SHOWN = 50
_LONGEST_NAME = 120
_LONGEST_SOURCE = 60
#: How often others are told how far it is.
_TOLD_EVERY_SECONDS = 1.0
_ROWS_BETWEEN = 2_000


def start(
    rt: Runtime, actor: Actor | None, kind: str, file: IO[bytes], *, name: str, source: str, as_of: date, region: str,
    skip_bad: bool = False,
) -> int:  # fmt: skip
    """Store a file and hand it to the workers; returns the load's id.

    `actor` None is whoever is at the machine itself. `source` is who says it, as the officer names it; `as_of` the day
    on which it held. Raises Forbidden, InvalidRequest for its kind, region, source, day, size or type of file,
    LoadUnderWay while the same file is loaded for the region.
    """
    register = _kind(kind)
    _require_region(rt, actor, region)
    source, name = (
        _short(source, _LONGEST_SOURCE),
        _short(name.replace("\\", "/").rsplit("/", 1)[-1], _LONGEST_NAME),
    )
    if not source:
        raise InvalidRequest("Name the source of the file.", field="source")
    if as_of > rt.today():
        raise InvalidRequest("A file cannot tell of a day to come.", field="as_of")
    incoming = rt.spool.receive(file)
    try:
        sheets_in.media_of(incoming.path)
        with rt.store.begin() as uow:
            uow.upkeep.lock_name(f"load:{register}:{region}")
            if uow.loads.is_under_way(register, region, incoming.sha256):
                raise LoadUnderWay
            load_id = uow.loads.add(
                kind=register, region=region, source=source, as_of=as_of, name=name, sha256=incoming.sha256,
                size=incoming.size, skip_bad=skip_bad, started_by=actor.account_id if actor else None, at=rt.now(),
            )  # fmt: skip
            _record(rt, uow, load_id, "load.started", actor.account_id if actor else None, {
                "kind": register.value, "region": region, "sha256": incoming.sha256, "skip_bad": skip_bad,
            })  # fmt: skip
            rt.spool.keep(incoming, _file_of(load_id))
            uow.cases.defer([(None, JOB, {"load_id": load_id})])
    finally:
        rt.spool.drop(incoming)
    return load_id


def run(rt: Runtime, load_id: int) -> Load:
    """Read a stored file into its register; one that has ended stays as it is. How it ended is in the answer.

    One transaction for all data, short ones for the progress. Raises NotFound for a load that is not there, and what
    no file is to blame for; then nothing has entered, and running it again begins from the beginning.
    """
    reading = _Reading(rt, load_id)
    try:
        with rt.store.begin() as uow:
            load = uow.loads.lock(load_id)
            if load is None:
                raise NotFound(load=load_id)
            if load.is_running:
                reading.read(uow, load)
                reading.end(uow, load, LoadStatus.DONE, None)
    except _RefusedFileError as refused:
        with rt.store.begin() as uow:
            again = uow.loads.lock(load_id)
            if again is not None and again.is_running:
                reading.end(uow, again, LoadStatus.REFUSED, refused.message)
    rt.spool.remove(_file_of(load_id))
    with rt.store.read() as uow:
        ended = uow.loads.find(load_id)
    if ended is None:
        raise NotFound(load=load_id)
    log.info("load.ended", extra={"load": load_id, "status": ended.status.value, "lines": ended.lines})
    return ended


def fail(rt: Runtime, load_id: int, error: BaseException) -> None:
    """Give up a load that failed for a reason of ours: the file can be loaded anew. One that has ended stays."""
    with rt.store.begin() as uow:
        load = uow.loads.lock(load_id)
        if load is not None and load.is_running:
            reason = dumps({"code": "failed", "kind": type(error).__name__})
            _Reading(rt, load_id).end(uow, load, LoadStatus.FAILED, reason)
    rt.spool.remove(_file_of(load_id))


class _RefusedFileError(Exception):
    """The file is to blame: nothing of it enters. `message` as in `Load`."""

    def __init__(self, message: str | None) -> None:
        super().__init__(message)
        self.message = message


@dataclass
class _Reading:
    """One attempt to read a file."""

    rt: Runtime
    load_id: int
    lines: int = 0
    bad: int = 0
    done_bytes: int = 0
    problems: list[LoadProblem] = field(default_factory=list)
    told_at: float = field(default_factory=time.monotonic)

    def read(self, uow: UnitOfWork, load: Load) -> None:
        """Stage what is good, find what is there twice, take it in. Raises _RefusedFileError."""
        kind = RegisterKind(load.kind)
        try:
            uow.registers.stage(kind, self._good_rows(kind, load))
        except (UnreadableFile, InvalidRequest) as error:
            raise _RefusedFileError(dumps({"code": error.code, **_plain(error)})) from error
        for line in uow.registers.staged_twice(kind):
            self._note(line, [CellProblem(field=IDENTITY[kind][0], code="twice", facts={})])
        if self.bad and not load.skip_bad:
            raise _RefusedFileError(None)
        if self.lines == self.bad:
            raise _RefusedFileError(None if self.bad else dumps({"code": "no_rows"}))
        uow.registers.take_in(kind, self.load_id, load.source, load.as_of)

    def end(self, uow: UnitOfWork, load: Load, status: LoadStatus, message: str | None) -> None:
        """Note how it ended, with what was wrong."""
        good = self.lines - self.bad
        uow.loads.replace_problems(self.load_id, self.problems)
        uow.loads.end(
            self.load_id, status, lines=self.lines, good=good, bad=self.bad,
            done_bytes=load.size if status is LoadStatus.DONE else self.done_bytes, message=message, at=self.rt.now(),
        )  # fmt: skip
        _record(self.rt, uow, self.load_id, f"load.{status.value}", load.started_by,
                {"lines": self.lines, "good": good, "bad": self.bad})  # fmt: skip

    def _good_rows(self, kind: RegisterKind, load: Load) -> Iterator[tuple[int, dict[str, Any]]]:
        path = self.rt.spool.path(_file_of(self.load_id))
        media = sheets_in.media_of(path)
        total = max(sheets_in.total_bytes(path, media), 1)

        def done(so_far: int) -> None:
            self.done_bytes = min(so_far * load.size // total, load.size)

        rows = sheets_in.rows(path, media, progress=done)
        first = next(rows, None)
        if first is None:
            raise UnreadableFile(reason="empty")
        header = Header(columns_of(kind), first[1], load.as_of)
        made = _Rows(self.rt, kind, load.region)
        for line, cells in rows:
            self.lines += 1
            values, faults = header.read(cells)
            if not faults:
                faults = made.check(values)
            if faults:
                self._note(line, faults)
            else:
                yield line, made.row(values)
            if self.lines % _ROWS_BETWEEN == 0:
                self._tell()

    def _note(self, line: int, faults: Sequence[CellProblem]) -> None:
        self.bad += 1
        room = MOST_PROBLEMS - len(self.problems)
        self.problems += [
            LoadProblem(line=line, field=one.field, code=one.code, facts=one.facts) for one in faults[:room]
        ]

    def _tell(self) -> None:
        """Show how far it is, in a transaction of its own, once a second at the most."""
        if time.monotonic() - self.told_at < _TOLD_EVERY_SECONDS:
            return
        self.told_at = time.monotonic()
        with self.rt.store.begin() as uow:
            uow.loads.report(
                self.load_id, lines=self.lines, good=self.lines - self.bad, bad=self.bad,
                done_bytes=self.done_bytes,
            )  # fmt: skip


class _Rows:
    """Makes a register's row of a file's row."""

    def __init__(self, rt: Runtime, kind: RegisterKind, region: str) -> None:
        self._has_region = kind in (RegisterKind.PERSON, RegisterKind.ENTERPRISE)
        self._facts = [key.key for key in keys_of(kind)]
        self._region = region
        regions = rt.book.regions
        self._codes = {
            name: place.code
            for place in regions.by_code.values()
            if region in rt.region_path(place.code)
            for name in (place.code, place.name, place.name_en)
        }

    def check(self, values: dict[str, Value]) -> list[CellProblem]:
        """Put the region's code in place; a region outside the load's own is a problem."""
        if not self._has_region:
            return []
        named = values.pop("region", None)
        code = self._region if named is None else self._codes.get(str(named))
        if code is None:
            return [CellProblem(field="region", code="region", facts={})]
        values["region"] = code
        return []

    def row(self, values: dict[str, Value]) -> dict[str, Any]:
        if not self._has_region:
            return values
        facts = {key: values.pop(key) for key in self._facts if key in values}
        return {**values, "facts": facts}


# ── looking at it ────────────────────────────────────────────────────────────────────────────────────


def progress(rt: Runtime, actor: Actor | None, load_id: int) -> Load:
    """How far a load of the actor's regions is; raises NotFound, Forbidden."""
    regions = require_keeper(rt, actor) if actor else None
    with rt.store.read() as uow:
        load = uow.loads.find(load_id)
    if (
        load is None
        or load.kind not in set(RegisterKind)
        or (regions is not None and load.region not in regions)
    ):
        raise NotFound(load=load_id)
    return load


def newest(rt: Runtime, actor: Actor) -> Sequence[Load]:
    """The newest loads for the actor's regions. Raises Forbidden."""
    regions = require_keeper(rt, actor)
    with rt.store.read() as uow:
        return uow.loads.newest(sorted(regions), [kind.value for kind in RegisterKind], limit=_SHOWN)


@dataclass(frozen=True, kw_only=True)
class ProblemPage:
    """Some of what was wrong, in the order of the lines; `cursor` asks for what follows, None at the end."""

    items: Sequence[LoadProblem]
    cursor: str | None


def problems(
    rt: Runtime, actor: Actor | None, load_id: int, *, cursor: str | None = None, limit: int = 100
) -> ProblemPage:
    """What was wrong with the rows of a load. Raises as `progress`, InvalidRequest for a cursor that is none."""
    progress(rt, actor, load_id)
    return problem_page(rt, load_id, cursor=cursor, limit=limit)


def problem_page(rt: Runtime, load_id: int, *, cursor: str | None, limit: int) -> ProblemPage:
    """As `problems`, for whoever may see the load."""
    after = _after(cursor)
    with rt.store.read() as uow:
        found = uow.loads.problems(load_id, after=after, limit=limit + 1)
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return ProblemPage(items=found[:limit], cursor=f"{last.line}.{last.field}" if last else None)


def _after(cursor: str | None) -> tuple[int, str]:
    if not cursor:
        return 0, ""
    line, _dot, field_ = cursor.partition(".")
    if not (line.isascii() and line.isdigit() and len(line) < 10 and len(field_) < 60):
        raise InvalidRequest("This is no place in the list.", field="cursor")
    return int(line), field_


def template_csv(kind: str, *, english: bool = False) -> bytes:
    """An empty file of a register's kind, its header only; with a byte order mark, so that spreadsheets read it."""
    out = io.StringIO()
    csv.writer(out).writerow(
        column.title_en if english else column.title for column in columns_of(_kind(kind))
    )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _kind(kind: str) -> RegisterKind:
    try:
        return RegisterKind(kind)
    except ValueError:
        raise InvalidRequest("There is no such register.", field="kind") from None


def _require_region(rt: Runtime, actor: Actor | None, region: str) -> None:
    known = rt.knows_region(region)
    if not known:
        raise InvalidRequest("There is no such region.", field="region")
    if actor is not None and region not in require_keeper(rt, actor):
        raise Forbidden("A bureau loads the registers of its own region.", region=region)


def _short(text: str, longest: int) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:longest]


def _plain(error: BanjieError) -> dict[str, object]:
    return {key: value for key, value in error.facts.items() if isinstance(value, str | int)}


def _file_of(load_id: int) -> str:
    return f"load-{load_id}"


def _record(
    rt: Runtime, uow: UnitOfWork, load_id: int, event: str, by: int | None, facts: dict[str, Json]
) -> None:
    uow.desk.record("registers", [NewEvent(type=event, facts={"load": load_id, **facts})], by, rt.now())
