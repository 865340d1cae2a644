"""The rows of a list, the receipt of each, and the list as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from banjie.documents.archive import harmless
from banjie.domain.assignment import Actor
from banjie.domain.calendar import legal_date
from banjie.domain.decisions import Json
from banjie.domain.errors import InvalidRequest, NotFound
from banjie.domain.rosters import COLUMNS, Roster, RosterRow, RowState
from banjie.domain.worklist import DecisionRow
from banjie.persistence.rosters import RowFilter
from banjie.persistence.text import dumps, loads, read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.rosters.access import seen_roster
from banjie.services.runtime import Runtime

PAGE = 50
MOST_A_PAGE = 200
ORDERS = ("line", "name", "amount")


@dataclass(frozen=True, kw_only=True)
class RowPage:
    """Some rows in their order; `cursor` asks for what follows, None at the end."""

    items: Sequence[RosterRow]
    cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RowReceipt:
    """A row with its receipt, as a single case's decision has it.

    `recomputed` tells whether the table, decided anew, gives what is stored; None where the table has changed since.
    """

    roster: Roster
    row: RosterRow
    decision: DecisionRow
    recomputed: bool | None


def page(
    rt: Runtime, actor: Actor, roster_id: int, *, state: str | None = None, reason: str | None = None, words: str = "",
    by: str = "line", cursor: str | None = None, limit: int = PAGE,
) -> RowPage:  # fmt: skip
    """Rows of a list, narrowed down. Raises NotFound, InvalidRequest for a state, order or cursor that is none."""
    if by not in ORDERS or (state and state not in set(RowState)):
        raise InvalidRequest("There is no such order or state.", field="by")
    limit = max(1, min(limit, MOST_A_PAGE))
    wanted = RowFilter(
        state=RowState(state) if state else None, reason=reason or None,
        words="".join(char for char in words if char.isprintable()).strip()[:60], by=by, after=_after(by, cursor),
    )  # fmt: skip
    with rt.store.read() as uow:
        seen_roster(rt, uow, actor, roster_id)
        found = uow.rosters.rows(roster_id, wanted, limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return RowPage(items=found[:limit], cursor=f"{last.line}.{_place(by, last)}" if last else None)


def _place(by: str, row: RosterRow) -> str:
    return {"line": str(row.line), "name": row.name, "amount": str(row.amount or 0)}[by]


def _after(by: str, cursor: str | None) -> tuple[str, int] | None:
    if not cursor:
        return None
    line, _dot, place = cursor.partition(".")
    try:
        number = read_id(line)
        if by == "amount":
            float(place)
        elif by == "line":
            read_id(place)
    except ValueError:
        raise InvalidRequest("This is no place in the list.", field="cursor") from None
    return place[:200], number


def row_receipt(rt: Runtime, actor: Actor, roster_id: int, line: int) -> RowReceipt:
    """A row with its receipt in full. Raises NotFound."""
    with rt.store.read() as uow:
        roster = seen_roster(rt, uow, actor, roster_id)
        return receipt_in(rt, uow, roster, line)


def receipt_in(rt: Runtime, uow: UnitOfWork, roster: Roster, line: int) -> RowReceipt:
    """The receipt of a row of a list that the caller may show. Raises NotFound."""
    row = uow.rosters.row(roster.id, line)
    if row is None or roster.shared is None:
        raise NotFound(roster=roster.id, line=line)
    shared = cast("Mapping[str, Any]", roster.shared)
    stored = _stored(shared, row)
    anew = cast(
        "dict[str, Json]",
        loads(dumps(rt.decide(shared["key"], {"row": row.facts}, roster.on_day, roster.region))),
    )
    same = None
    if anew["version"] == stored["version"]:
        same = all(anew[part] == stored[part] for part in ("value", "rules"))
        stored = {**stored, "inputs": anew["inputs"], "parameters": anew["parameters"]}
    decision = DecisionRow(
        id=row.line, element="", key=shared["key"], at=roster.made_at,
        green=bool(row.rules) and not stored["missing"], receipt=stored,
    )  # fmt: skip
    return RowReceipt(roster=roster, row=row, decision=decision, recomputed=same)


def _stored(shared: Mapping[str, Any], row: RosterRow) -> dict[str, Json]:
    """The receipt from what is stored alone: what the list shares, and what the row was decided on."""
    rules = [rule for rule in shared["rules"] if rule["row"] in set(row.rules)]
    value: dict[str, Json] = {}
    for rule in rules:
        value = {**shared["outputs"][str(rule["row"])], "eligible": row.eligible}
    if row.eligible and row.amount is not None:
        plain = row.amount.normalize()
        value["amount"] = int(plain) if plain == plain.to_integral_value() else format(plain, "f")
    return {
        "key": shared["key"], "version": shared["version"], "on": shared["on"], "region": shared["region"],
        "inputs": row.facts, "value": value, "rules": rules, "parameters": shared["parameters"],
        "missing": [] if rules else shared["missing"], "diagnostics": [], "engine": shared["engine"],
    }  # fmt: skip


def export_csv(rt: Runtime, actor: Actor, roster_id: int) -> Iterator[bytes]:
    """The list with what became of each row, as CSV, streamed; cells cannot be taken for formulas.

    Raises NotFound before the first piece is asked for.
    """
    with rt.store.read() as uow:
        roster = seen_roster(rt, uow, actor, roster_id)
    return _exported(rt, roster)


def _exported(rt: Runtime, roster: Roster) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "行号",
            *(column.title for column in COLUMNS),
            "是否返还",
            "返还金额",
            "理由代码",
            "状态",
            "支付状态",
        ]
    )
    yield b"\xef\xbb\xbf"
    with rt.store.begin() as uow:
        for row in uow.rosters.every_row(roster.id):
            own = {"uscc": row.uscc, "name": row.name, "account_name": row.account_name,
                   "account_no": row.account_no, "bank_name": row.bank_name}  # fmt: skip
            cells = [{**row.facts, **own}.get(column.key) for column in COLUMNS]
            paid = "是" if row.eligible else "否"
            after = [paid, row.amount, row.reason_code, row.state.value, row.payment]
            writer.writerow(
                ["" if cell is None else harmless(str(cell)) for cell in (row.line, *cells, *after)]
            )
            if out.tell() > 1 << 16:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
    yield out.getvalue().encode()


def decided_on(roster: Roster) -> str:
    """The day whose law decided, and the day on which the list was brought, where they differ."""
    made = legal_date(roster.made_at)
    return roster.on_day.isoformat() if made == roster.on_day else f"{roster.on_day} ({made})"
