"""Lists of enterprises that are paid without asking, and their walk through the office."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from banjie.domain.payments import Pot
from banjie.domain.rosters import COLUMNS, Roster
from banjie.services import demo
from banjie.services.payments import settling
from banjie.services.rosters import begin, granting, reading
from support.money import answered, bring_back, make, send, set_budget
from support.office import Office

SERVICE = "job-stabilisation-refund"
#: A day on which the rules of 2023 hold.
DAY = "2023-07-03T09:00"
MAKER = "dong"
_TITLES = {column.key: column.title for column in COLUMNS}

Row = Mapping[str, Any]


def row(serial: int, **more: Any) -> dict[str, Any]:
    """A row that qualifies: a small enterprise without layoffs; `more` replaces cells."""
    return {
        "uscc": demo.credit_code(serial), "name": f"兴安盟第{serial}食品有限公司", "size": "小型",
        "premium": f"{1000 + serial}.{serial % 100:02d}", "terminated": 0, "average_insured": 12,
        "account_kind": "对公账户", "account_name": f"兴安盟第{serial}食品有限公司",
        "account_no": f"0512{serial:010d}", "bank_name": "兴安盟示例农村商业银行", **more,
    }  # fmt: skip


def as_csv(rows: Sequence[Row]) -> bytes:
    """The rows as a file."""
    out = io.StringIO()
    keys = list(dict.fromkeys(key for one in rows for key in one))
    writer = csv.writer(out)
    writer.writerow([_TITLES.get(key, key) for key in keys])
    writer.writerows([[one.get(key, "") for key in keys] for one in rows])
    return out.getvalue().encode()


def start(office: Office, content: bytes, **more: Any) -> int:
    """Hand a list in; returns its id."""
    office.deploy("job_stabilisation_refund")
    wish: dict[str, Any] = {
        "by": office.actors[MAKER], "service": SERVICE, "region": demo.COUNTY, "year": office.rt.today().year,
        "name": "名单.csv", "source": "社保经办机构", "as_of": date(2023, 6, 30), **more,
    }  # fmt: skip
    return begin.begin(office.rt, begin.BeginRoster(**wish), io.BytesIO(content))


def brought(office: Office, rows: Sequence[Row], **more: Any) -> Roster:
    """A list, handed in and read."""
    roster_id = start(office, as_csv(rows), **more)
    reading.run(office.rt, roster_id)
    return seen(office, roster_id)


def seen(office: Office, roster_id: int) -> Roster:
    """A list as it stands."""
    return begin.view(office.rt, office.actors["zhao"], roster_id).roster


def case_of(roster: Roster) -> str:
    assert roster.case_no is not None
    return roster.case_no


def granted(office: Office, roster: Roster) -> Roster:
    """Check and approve a list, and let it be granted."""
    for element in ("CheckRoster", "ApproveRoster"):
        office.complete(case_of(roster), element)
    granting.run_grant(office.rt, roster.id, office.actors["bai"].account_id)
    return seen(office, roster.id)


def ordered(office: Office, roster: Roster) -> Roster:
    """Publish a granted list, wait, confirm it, and let its payments be ordered."""
    case_no = case_of(roster)
    office.complete(case_no, "Publish")
    office.tick(days=30)
    office.complete(case_no, "ClosePublicity")
    granting.run_order(office.rt, office.view(case_no).instance.id)
    return seen(office, roster.id)


def worked(office: Office, case_no: str) -> None:
    """Let a worker do what the case's list waits for: its grant, or its orders."""
    instance_id = office.view(case_no).instance.id
    with office.rt.store.read() as uow:
        roster = uow.rosters.of_case(instance_id)
    assert roster is not None
    granting.run_grant(office.rt, roster.id, office.actors["bai"].account_id)
    granting.run_order(office.rt, instance_id)


def pay(office: Office, case_no: str) -> None:
    """Have the money of a list ordered, checked and sent, and the bank's answer read: all is paid."""
    worked(office, case_no)
    instance = office.view(case_no).instance
    pot = Pot(fund="unemployment_insurance", region=instance.region, year=office.rt.today().year)
    set_budget(office, 10_000_000, pot)
    made = make(office, pot=pot)
    back = answered(send(office, made.no)).replace("2026-09-07", office.rt.today().isoformat())
    bring_back(office, made.no, back, office.settings.var, f"{made.no}.csv")
    with office.rt.store.read() as uow:
        batch = uow.payments.batch(made.no)
    assert batch is not None
    settling.settle_batch(office.rt, batch.id)
