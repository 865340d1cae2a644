"""A list is read and decided by a worker: whole or not at all, then its case is opened, all in one transaction.

Rows stream through: read, checked, decided some thousands at a time, written. Killed in the middle, nothing is there;
run again, the same is there. Progress is told in transactions of its own.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from banjie.documents import sheets_in
from banjie.domain.columns import CellProblem, Header, UnreadableFile, Value
from banjie.domain.decisions import Json, MatchedRule, MissingValue, ParameterValue
from banjie.domain.errors import InvalidRequest, NotFound
from banjie.domain.loads import MOST_PROBLEMS, Load, LoadProblem, LoadStatus
from banjie.domain.rosters import COLUMNS, FACTS, Reason, Roster, RosterStatus, RowState
from banjie.forms.validation import validate
from banjie.persistence.text import dumps
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.policy.decide_many import ManyDecisions
from banjie.services.instances import APPLICATION, StartCase, begin_case
from banjie.services.rosters.begin import file_of
from banjie.services.runtime import Runtime

log = logging.getLogger(__name__)

_CHUNK = 5_000
_TOLD_EVERY_SECONDS = 1.0
_UNCLASSIFIED = "unclassified"
_WANTING = re.compile(r"row\.(\w+) is not in the case data")

FileRow = tuple[int, dict[str, Value]]


def table_of(process: str) -> str:
    """The table that decides the rows of a process's lists."""
    return f"{process}/award"


def run(rt: Runtime, roster_id: int) -> None:
    """Read and decide a stored list and open its case; one that is past that stays as it is.

    Raises NotFound for a list that is not there, and what no file is to blame for; then nothing has entered.
    """
    reading = None
    try:
        with rt.store.begin() as uow:
            roster, load = _waiting(uow, roster_id)
            if load is not None:
                reading = _Reading(rt=rt, roster=roster, load=load)
                reading.read(uow)
    except _RefusedListError as refused:
        with rt.store.begin() as uow:
            _, load = _waiting(uow, roster_id)
            if load is not None and reading is not None:
                reading.end(uow, LoadStatus.REFUSED, refused.message)
                uow.rosters.set_status(roster_id, RosterStatus.REFUSED)
    rt.spool.remove(file_of(roster_id))
    log.info("roster.read", extra={"roster": roster_id})


def fail(rt: Runtime, roster_id: int, error: BaseException) -> None:
    """Give a list up that failed for a reason of ours; one that was read stays."""
    with rt.store.begin() as uow:
        roster, load = _waiting(uow, roster_id)
        if load is not None:
            message = dumps({"code": "failed", "kind": type(error).__name__})
            _Reading(rt=rt, roster=roster, load=load).end(uow, LoadStatus.FAILED, message)
            uow.rosters.set_status(roster_id, RosterStatus.REFUSED)
    rt.spool.remove(file_of(roster_id))


def _waiting(uow: UnitOfWork, roster_id: int) -> tuple[Roster, Load | None]:
    """The list and its load, that nobody else runs until the transaction ends; None where it has been read."""
    roster = uow.rosters.find(roster_id)
    if roster is None or roster.load_id is None:
        raise NotFound(roster=roster_id)
    load = uow.loads.lock(roster.load_id)
    return roster, load if load is not None and load.is_running else None


class _RefusedListError(Exception):
    """The file is to blame: nothing of it enters. `message` is JSON, None where its rows are what is wrong."""

    def __init__(self, message: str | None) -> None:
        super().__init__(message)
        self.message = message


@dataclass
class _Reading:
    """One attempt to read a list."""

    rt: Runtime
    roster: Roster
    load: Load
    lines: int = 0
    bad: int = 0
    last_line: int = 0
    done_bytes: int = 0
    eligible: int = 0
    total: Decimal = Decimal(0)
    undecided: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    rules: dict[int, MatchedRule] = field(default_factory=dict)
    outputs: dict[int, Mapping[str, Json]] = field(default_factory=dict)
    parameters: dict[str, ParameterValue] = field(default_factory=dict)
    missing: dict[str, MissingValue] = field(default_factory=dict)
    version: tuple[str, str] = ("", "")
    seen: set[str] = field(default_factory=set)
    problems: list[LoadProblem] = field(default_factory=list)
    told_at: float = field(default_factory=time.monotonic)

    def read(self, uow: UnitOfWork) -> None:
        """Read, decide, write, open the case. Raises _RefusedListError."""
        try:
            uow.rosters.copy_rows(self._written_rows())
        except (UnreadableFile, InvalidRequest) as error:
            raise _RefusedListError(dumps({"code": error.code, **error.facts})) from error
        good = self.lines - self.bad
        if self.bad and not self.load.skip_bad:
            raise _RefusedListError(None)
        if not good:
            raise _RefusedListError(None if self.bad else dumps({"code": "no_rows"}))
        if self.undecided == good:
            raise _RefusedListError(dumps({"code": "no_value_in_force", "parameters": sorted(self.missing)}))
        if uow.rosters.decline_refused(self.roster.id, self.roster.service, self.roster.year):
            self.eligible, self.total = uow.rosters.retotal(self.roster.id)
        self._open_case(uow, good)
        self.end(uow, LoadStatus.DONE, None)

    def end(self, uow: UnitOfWork, status: LoadStatus, message: str | None) -> None:
        """Note how the file fared, with what was wrong."""
        uow.loads.replace_problems(self.load.id, self.problems)
        uow.loads.end(
            self.load.id, status, lines=self.lines, good=self.lines - self.bad, bad=self.bad,
            done_bytes=self.load.size if status is LoadStatus.DONE else self.done_bytes, message=message,
            at=self.rt.now(),
        )  # fmt: skip

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────────

    def _written_rows(self) -> Iterator[Sequence[object]]:
        """The rows as they are stored; none any more once the list is sure to be refused."""
        chunk: list[FileRow] = []
        for row in self._good_rows():
            chunk.append(row)
            if len(chunk) == _CHUNK:
                yield from self._decided(chunk)
                chunk = []
        if chunk:
            yield from self._decided(chunk)

    def _good_rows(self) -> Iterator[FileRow]:
        path = self.rt.spool.path(file_of(self.roster.id))
        media = sheets_in.media_of(path)
        size = max(sheets_in.total_bytes(path, media), 1)

        def done(so_far: int) -> None:
            self.done_bytes = min(so_far * self.load.size // size, self.load.size)

        rows = sheets_in.rows(path, media, progress=done)
        first = next(rows, None)
        if first is None:
            raise UnreadableFile(reason="empty")
        header = Header(COLUMNS, first[1], self.load.as_of)
        for line, cells in rows:
            self.lines += 1
            self.last_line = line
            values, faults = header.read(cells)
            uscc = str(values.get("uscc"))
            if not faults and uscc in self.seen:
                faults = [CellProblem(field="uscc", code="twice", facts={})]
            if faults:
                self._note(line, faults)
            else:
                self.seen.add(uscc)
                yield line, values

    def _decided(self, chunk: list[FileRow]) -> Iterator[Sequence[object]]:
        """Decide a chunk; rows on which the table lacks what its law asks for are bad rows."""
        many = self._decide([values for _, values in chunk])
        for place, (line, values) in enumerate(chunk):
            if place in many.diagnostics and place not in many.missing:
                self._note(line, [_wanting(said) for said in many.diagnostics[place]])
            elif not self.bad or self.load.skip_bad:
                yield self._stored(line, values, place, many)
        self._tell()

    def _decide(self, rows: Sequence[Mapping[str, Value]]) -> ManyDecisions:
        columns: dict[str, list[Json]] = {
            f"row.{name}": [_fact(name, values) for values in rows] for name in FACTS
        }
        table = table_of(self.rt.book.services[self.roster.service].process)
        many = self.rt.decide_many(table, columns, self.roster.on_day, self.roster.region)
        self.version = (many.version, many.engine)
        self.rules.update(many.rules)
        self.parameters.update({one.key: one for one in many.parameters})
        return many

    def _stored(
        self, line: int, values: Mapping[str, Value], place: int, many: ManyDecisions
    ) -> Sequence[object]:
        value, held = many.values[place], many.matched[place]
        if place in many.missing:
            self.undecided += 1
            self.missing.update({one.key: one for one in many.missing[place]})
        eligible, amount, reason = (
            value.get("eligible"),
            None,
            str(value.get("reason_code") or Reason.UNDECIDED),
        )
        state = RowState.EXCLUDED
        for rule in held:
            self.outputs.setdefault(rule, value)
        if eligible is True:
            amount = Decimal(str(value["amount"]))
            if amount <= 0:
                reason = Reason.NOTHING
            elif not values.get("account_no"):
                reason = Reason.NO_ACCOUNT
            else:
                state = RowState.ELIGIBLE
                self.eligible += 1
                self.total += amount
        self.counts[reason] += 1
        facts = {name: fact for name in FACTS if (fact := _fact(name, values)) is not None}
        return (
            self.roster.id, line, values["uscc"], self.rt.subject_key(str(values["uscc"])), values["name"],
            dumps(facts), values.get("account_kind"), values.get("account_name"), values.get("account_no"),
            values.get("bank_name"), eligible, amount, reason, list(held), state.value,
        )  # fmt: skip

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
                self.load.id,
                lines=self.lines,
                good=self.lines - self.bad,
                bad=self.bad,
                done_bytes=self.done_bytes,
            )
            uow.rosters.set_status(self.roster.id, RosterStatus.READING, done=self.lines)

    # ── the case ─────────────────────────────────────────────────────────────────────────────────────

    def _open_case(self, uow: UnitOfWork, good: int) -> None:
        """Open the case of the list, begun by whoever brought it, and note what the rules made of it."""
        maker = uow.people.actor(self.roster.made_by, self.rt.now())
        if maker is None:
            raise NotFound(account=self.roster.made_by)
        service = self.rt.book.services[self.roster.service]
        form = self.rt.processes.form(uow.definitions.latest(service.process), service.start_form)
        to_confirm = any(one.confirm for one in self.parameters.values())
        submission: dict[str, Json] = {
            "applicant_name": self.roster.title, "region": self.roster.region, "year": self.roster.year,
            "roster": self.roster.id, "lines": good, "eligible": self.eligible, "total": self.total,
            "excluded": good - self.eligible, "unclassified": self.counts[_UNCLASSIFIED], "to_confirm": to_confirm,
        }  # fmt: skip
        context = self.rt.form_context({APPLICATION: dict(service.constants)})
        application = {**validate(form, submission, context=context), **service.constants}
        command = StartCase(service=service.key, by=maker, submission=submission)
        instance = begin_case(self.rt, uow, command, application, None)
        uow.rosters.ready(
            self.roster.id, lines=good, eligible=self.eligible, total=self.total, shared=self._shared(),
            instance_id=instance.id,
        )  # fmt: skip

    def _shared(self) -> dict[str, object]:
        """What the receipts of all rows have in common."""
        version, engine = self.version
        table = table_of(self.rt.book.services[self.roster.service].process)
        return {
            "key": table, "version": version, "engine": engine, "on": self.roster.on_day,
            "region": self.roster.region, "parameters": list(self.parameters.values()),
            "missing": list(self.missing.values()), "rules": list(self.rules.values()),
            "outputs": {str(rule): value for rule, value in self.outputs.items()},
            "counts": dict(self.counts), "last_line": self.last_line,
        }  # fmt: skip


def _fact(name: str, values: Mapping[str, Value]) -> Json:
    """A cell as the case data hold it; an account's kind counts only where there is an account."""
    if name == "account_kind" and not values.get("account_no"):
        return None
    value = values.get(name)
    return value if value is None or isinstance(value, str | bool | int | Decimal) else str(value)


def _wanting(said: str) -> CellProblem:
    """What the table says of a row, as a fault of its column."""
    found = _WANTING.search(said)
    if found:
        return CellProblem(field=found[1], code="required", facts={})
    return CellProblem(field="row", code="undecided", facts={"said": said})
