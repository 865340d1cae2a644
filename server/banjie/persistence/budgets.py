"""What funds may spend by region and year; every batch moves one row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from banjie.domain.payments import Budget, BudgetChange, Pot
from banjie.persistence.database import Db, Row

_BUDGET = "SELECT fund, region, year, amount, committed, paid FROM budget "
_ONE = "fund = %s AND region = %s AND year = %s"


class Budgets:
    """The budgets of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def lock(self, pot: Pot) -> Budget | None:
        """A budget, its row locked until the transaction ends."""
        row = self._db.one(f"{_BUDGET}WHERE {_ONE} FOR UPDATE", _key(pot))
        return _budget(row) if row else None

    def find(self, pot: Pot) -> Budget | None:
        """A budget, None where none is set."""
        row = self._db.one(f"{_BUDGET}WHERE {_ONE}", _key(pot))
        return _budget(row) if row else None

    def listed(self, regions: Sequence[str], year: int) -> list[Budget]:
        """The budgets of regions in a year, by fund and region."""
        rows = self._db.rows(
            f"{_BUDGET}WHERE region = ANY(%s) AND year = %s ORDER BY fund, region", (list(regions), year)
        )
        return [_budget(row) for row in rows]

    def years(self, regions: Sequence[str]) -> list[int]:
        """The years for which any of the regions has a budget, the newest first."""
        rows = self._db.rows(
            "SELECT DISTINCT year FROM budget WHERE region = ANY(%s) ORDER BY year DESC", (list(regions),)
        )
        return [row[0] for row in rows]

    def move(self, pot: Pot, *, committed: Decimal = Decimal(0), paid: Decimal = Decimal(0)) -> None:
        """Add to what is committed and paid, or take from it; the row must be locked."""
        self._db.run(
            f"UPDATE budget SET committed = committed + %s, paid = paid + %s WHERE {_ONE}",
            (committed, paid, *_key(pot)),
        )

    def set(self, pot: Pot, amount: Decimal, reason: str, by: int, at: datetime) -> Decimal:
        """Set the amount, keeping who did it and why; answers what it was, 0 for a new budget."""
        self._db.run(
            "INSERT INTO budget (fund, region, year, amount) VALUES (%s, %s, %s, 0) ON CONFLICT DO NOTHING",
            _key(pot),
        )
        before = Decimal(self._db.only(f"SELECT amount FROM budget WHERE {_ONE} FOR UPDATE", _key(pot))[0])
        self._db.run(f"UPDATE budget SET amount = %s WHERE {_ONE}", (amount, *_key(pot)))
        self._db.run(
            "INSERT INTO budget_change (fund, region, year, before, amount, reason, by_id, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (*_key(pot), before, amount, reason, by, at),
        )
        return before

    def changes(self, pot: Pot, *, limit: int) -> list[BudgetChange]:
        """How the amount came about, the newest first."""
        rows = self._db.rows(
            "SELECT c.before, c.amount, c.reason, a.display_name, c.at FROM budget_change c "
            f"JOIN account a ON a.id = c.by_id WHERE {_ONE} ORDER BY c.id DESC LIMIT %s",
            (*_key(pot), limit),
        )
        return [
            BudgetChange(before=row[0], amount=row[1], reason=row[2], by=row[3], at=row[4]) for row in rows
        ]


def _key(pot: Pot) -> tuple[str, str, int]:
    return (pot.fund, pot.region, pot.year)


def _budget(row: Row) -> Budget:
    return Budget(
        pot=Pot(fund=row[0], region=row[1], year=row[2]), amount=row[3], committed=row[4], paid=row[5]
    )
