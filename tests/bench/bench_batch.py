"""A list of a million enterprises that are paid without asking: from the file to the bank's file, on this machine."""

from __future__ import annotations

import csv
import os
import resource
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Self

import xlsxwriter

from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.payments import FileFormat, Pot
from banjie.domain.rosters import COLUMNS, Roster, RosterStatus
from banjie.services import demo
from banjie.services.payments import bank_file, batches, budgets
from banjie.services.rosters import begin, granting, reading
from bench.figures import Figure, seconds
from support.office import Office
from support.rosters import MAKER, SERVICE, case_of, seen

ROWS = 1_000_000
#: A workbook takes three times as long as a CSV; a fifth of the rows tells as much.
WORKBOOK_ROWS = 200_000
MOST_SECONDS = 300
MOST_MB = 1536
_DAY = datetime(2023, 7, 3, 9, 0, tzinfo=LEGAL_ZONE)
_POT = Pot(fund="unemployment_insurance", region=demo.COUNTY, year=2023)
_SIZES = ("大型", "中型", "小型", "微型", "小型", "微型", "")
_SAMPLED = 0.2


def run(database_url: str, *, rows: int = ROWS, workbook_rows: int = WORKBOOK_ROWS) -> list[Figure]:
    """Seconds of each stage and of all, the greatest memory of this process, and that of PostgreSQL beside it."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(database_url, Path(folder, "var"), now=_DAY)
        office.deploy("job_stabilisation_refund")
        path = Path(folder, "list.csv")
        _write_csv(path, rows)
        with _Memory() as memory:
            figures = _walk(office, path, rows)
        figures += [
            Figure(name="batch: peak RSS of the process", value=memory.own, unit="MB", target=f"<= {MOST_MB}",
                   ok=memory.own <= MOST_MB),
            Figure(name="batch: peak RSS of PostgreSQL, its shared buffers included", value=memory.server, unit="MB"),
        ]  # fmt: skip
        path.unlink()
        figures += _workbook(office, Path(folder, "list.xlsx"), workbook_rows)
        office.close()
    return figures


def _walk(office: Office, path: Path, rows: int) -> list[Figure]:
    spent: dict[str, float] = {}
    roster_id = 0

    def stage(name: str, action: Callable[[], object]) -> None:
        spent[name] = seconds(action)

    def upload() -> None:
        nonlocal roster_id
        roster_id = _begin(office, path)

    stage("upload", upload)
    stage("import and rules", lambda: reading.run(office.rt, roster_id))
    roster = seen(office, roster_id)
    for element in ("CheckRoster", "ApproveRoster"):
        office.complete(case_of(roster), element)
    stage("grant", lambda: granting.run_grant(office.rt, roster_id, office.actors["bai"].account_id))
    office.complete(case_of(roster), "Publish")
    office.tick(_DAY + timedelta(days=30))
    office.complete(case_of(roster), "ClosePublicity")
    instance_id = office.view(case_of(roster)).instance.id
    stage("payment orders", lambda: granting.run_order(office.rt, instance_id))
    budgets.set_budget(office.rt, office.actors["qiu"], _POT, Decimal(10**11), "年初预算")
    wish = batches.MakeBatch(by=office.actors["caiwei"], pot=_POT)
    stage("payment batch", lambda: batches.make_batch(office.rt, wish))
    (batch,) = batches.batches(office.rt, office.actors["caiwei"])
    batches.check_batch(office.rt, office.actors["hu"], batch.no)
    stage("bank file", lambda: bank_file.export(office.rt, office.actors["caiwei"], batch.no, FileFormat.CSV))
    _agree(office, seen(office, roster_id), rows, batch.total)
    total = sum(spent.values())
    return [
        *(Figure(name=f"batch of {rows:,}: {name}", value=round(taken, 1), unit="s") for name, taken in spent.items()),
        Figure(name=f"batch of {rows:,}: from the file to the bank's", value=round(total, 1), unit="s",
               target=f"<= {MOST_SECONDS}", ok=total <= MOST_SECONDS),
    ]  # fmt: skip


def _agree(office: Office, roster: Roster, rows: int, batched: Decimal) -> None:
    """The list, the payments and the bank's file come to the same cent."""
    with bank_file.bank_file(office.rt, office.actors["caiwei"], _batch_no(office)).content as file:
        lines = (line.decode("utf-8-sig") for line in file)
        cells = csv.reader(lines)
        control, _titles = next(cells), next(cells)
        told = [Decimal(one[4]) for one in cells]
    sums = {roster.total, batched, sum(told, Decimal(0)), Decimal(control[5])}
    is_whole = (roster.status, roster.lines, roster.eligible) == (RosterStatus.ORDERED, rows, len(told))
    if not is_whole or len(sums) > 1:
        raise RuntimeError(f"the list, the payments and the file differ: {sums}")


def _batch_no(office: Office) -> str:
    (batch,) = batches.batches(office.rt, office.actors["caiwei"])
    return batch.no


def _workbook(office: Office, path: Path, rows: int) -> list[Figure]:
    """The same list as a workbook, read and decided."""
    _write_xlsx(path, rows)
    office.clock.set(_DAY + timedelta(days=40))
    roster_id = _begin(office, path)
    with _Memory() as memory:
        spent = seconds(lambda: reading.run(office.rt, roster_id))
    if seen(office, roster_id).lines != rows:
        raise RuntimeError("not every row of the workbook was read")
    return [
        Figure(name=f"xlsx of {rows:,}: import and rules", value=round(spent, 1), unit="s"),
        Figure(name="xlsx: peak RSS of the process", value=memory.own, unit="MB", target=f"<= {MOST_MB}",
               ok=memory.own <= MOST_MB),
    ]  # fmt: skip


def _begin(office: Office, path: Path) -> int:
    wish = begin.BeginRoster(
        by=office.actors[MAKER], service=SERVICE, region=demo.COUNTY, year=2023, name=path.name, source="社保经办机构",
        as_of=_DAY.date() - timedelta(days=3),
    )  # fmt: skip
    with path.open("rb") as file:
        return begin.begin(office.rt, wish, file)


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────


def _rows(count: int) -> Iterator[Sequence[object]]:
    """Enterprises of every kind; about one in twenty is not paid."""
    for serial in range(1, count + 1):
        insured = serial % 400 + 1
        yield (
            demo.credit_code(serial), f"内蒙古第{serial}有限责任公司", _SIZES[serial % 7],
            "企业", f"{serial % 90_000 + 100}.{serial % 100:02d}", (serial % 17 == 0 and insured // 8) or 0,
            f"{insured}.{serial % 10}", "是" if serial % 997 == 0 else "否", "是" if serial % 1009 == 0 else "否",
            "对公账户", f"内蒙古第{serial}有限责任公司", f"0512{serial:012d}", "兴安盟示例农村商业银行",
        )  # fmt: skip


_KEYS = ("uscc", "name", "size", "body", "premium", "terminated", "average_insured", "dishonest", "polluting",
         "account_kind", "account_name", "account_no", "bank_name")  # fmt: skip


def _titles() -> list[str]:
    titles = {column.key: column.title for column in COLUMNS}
    return [titles[key] for key in _KEYS]


def _write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_titles())
        writer.writerows(_rows(count))


def _write_xlsx(path: Path, count: int) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, _titles())
        for number, row in enumerate(_rows(count), start=1):
            sheet.write_row(number, 0, row)


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────


class _Memory:
    """The greatest resident memory while it is watched, in MB: of this process, and of PostgreSQL's processes."""

    def __enter__(self) -> Self:
        self.own = self.server = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLED):
            self.own = max(self.own, _resident(os.getpid()))
            self.server = max(self.server, sum(map(_resident, _servers())))


def _servers() -> list[int]:
    """The processes of PostgreSQL on this machine."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().strip() == "postgres":
                found.append(int(folder.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def _resident(pid: int) -> int:
    """Resident memory in MB; where there is no /proc the greatest that this process has ever had."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 if pid == os.getpid() else 0
    return pages * resource.getpagesize() // (1 << 20)
