"""Budgets: what a fund may spend in a region and year, set by the head of finance, spent by batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from banjie.documents.archive import csv_of
from banjie.domain.assignment import Actor, Role
from banjie.domain.errors import Forbidden, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.money import LARGEST_YUAN
from banjie.domain.payments import Budget, BudgetChange, BudgetExceeded, Pot
from banjie.domain.proceedings import reason_of, words_hash
from banjie.policy.regions import Region
from banjie.services.payments.access import own_agencies, require_seen, stream_of
from banjie.services.runtime import Runtime

_MOST_CHANGES = 50
_YEARS = range(2000, 2100)


@dataclass(frozen=True, kw_only=True)
class BudgetLine:
    """A fund in a region and year.

    `own` is the region's own budget, None where none is set; `sum` counts in those of the regions below. `depth` is 0
    for the highest region that is seen. `may_set` where the reader sets it.
    """

    region: str
    fund: str
    depth: int
    own: Budget | None
    sum: Budget
    may_set: bool


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """The budgets of a year by fund, then region from the highest down; `years` are those that have any."""

    year: int
    years: Sequence[int]
    lines: Sequence[BudgetLine]


def budgets(rt: Runtime, actor: Actor, year: int | None = None) -> Budgets:
    """The budgets of the regions that the actor's finance agencies serve; raises NotFound for people who see none."""
    seen = require_seen(rt, actor)
    year = year if year is not None and year in _YEARS else rt.today().year
    roots = list(dict.fromkeys(code for key in seen for code in rt.book.agencies[key].serves))
    regions = list(dict.fromkeys(place for code in roots for place in _down(rt, code, 0)))
    codes = [place.code for place, _ in regions]
    with rt.store.read() as uow:
        found = {(one.pot.fund, one.pot.region): one for one in uow.budgets.listed(codes, year)}
        years = sorted({*uow.budgets.years(codes), rt.today().year, year}, reverse=True)
    settable = _settable(rt, actor)
    lines = [
        BudgetLine(
            region=place.code, fund=fund, depth=depth, own=found.get((fund, place.code)),
            sum=_sum(rt, fund, place.code, year, found),
            may_set=any(rt.book.regions.contains(root, place.code) for root in settable),
        )
        for fund in rt.book.funds
        for place, depth in regions
    ]  # fmt: skip
    return Budgets(year=year, years=years, lines=lines)


def as_csv(rt: Runtime, found: Budgets) -> bytes:
    """The lines of the budgets as a file for spreadsheets, in Chinese; amounts in yuan."""
    rows = [
        [
            rt.book.funds[line.fund].title, line.region, rt.book.regions.get(line.region).name, str(found.year),
            f"{line.own.amount:.2f}" if line.own else "", f"{line.sum.amount:.2f}", f"{line.sum.committed:.2f}",
            f"{line.sum.paid:.2f}", f"{line.sum.left:.2f}",
        ]
        for line in found.lines
    ]  # fmt: skip
    return csv_of(["资金", "区划", "地区", "年度", "本级预算", "预算合计", "已占用", "已支付", "剩余"], rows)


def changes(rt: Runtime, actor: Actor, pot: Pot) -> Sequence[BudgetChange]:
    """Who set a budget to what, and why, the newest first; raises NotFound for people who do not see it."""
    require_sight(rt, actor, pot)
    with rt.store.read() as uow:
        return uow.budgets.changes(pot, limit=_MOST_CHANGES)


def require_sight(rt: Runtime, actor: Actor, pot: Pot) -> None:
    """Raise NotFound unless a finance agency that the actor sees serves the region of a budget."""
    serves = [root for key in require_seen(rt, actor) for root in rt.book.agencies[key].serves]
    if not rt.knows_region(pot.region) or not any(
        rt.book.regions.contains(root, pot.region) for root in serves
    ):
        raise NotFound(region=pot.region)


def set_budget(rt: Runtime, actor: Actor, pot: Pot, amount: Decimal, reason: str) -> None:
    """Set what a fund may spend in a region and year, as the head of a finance agency that serves it, with a reason.

    Raises Forbidden for others, InvalidRequest for an unknown fund, region or year, an amount that is none, and
    without a reason; BudgetExceeded where more is committed and paid already. Locks the budget's row.
    """
    words = reason_of(reason)
    if pot.fund not in rt.book.funds or not rt.knows_region(pot.region) or pot.year not in _YEARS:
        raise InvalidRequest("There is no such budget.", fund=pot.fund, region=pot.region, year=pot.year)
    if not (amount.is_finite() and 0 <= amount < LARGEST_YUAN and amount == round(amount, 2)):
        raise InvalidRequest("A budget is an amount of yuan to the cent.", field="amount")
    agency = _agency(rt, actor, pot)
    with rt.store.begin() as uow:
        at = rt.now()
        held = uow.budgets.lock(pot)
        bound = held.committed + held.paid if held else Decimal(0)
        if amount < bound:
            raise BudgetExceeded("More than that is committed and paid already.", bound=f"{bound:.2f}")
        before = uow.budgets.set(pot, amount, words, actor.account_id, at)
        facts = {
            "fund": pot.fund, "region": pot.region, "year": str(pot.year), "before": f"{before:.2f}",
            "amount": f"{amount:.2f}", "reason_sha256": words_hash(words),
        }  # fmt: skip
        uow.desk.record(
            stream_of(agency), [NewEvent(type="budget.set", agency=agency, facts=facts)], actor.account_id, at
        )


def may_set(rt: Runtime, actor: Actor, region: str) -> bool:
    """Whether the actor sets budgets of a region."""
    return any(rt.book.regions.contains(root, region) for root in _settable(rt, actor))


def _agency(rt: Runtime, actor: Actor, pot: Pot) -> str:
    for key in own_agencies(rt, actor):
        serves = rt.book.agencies[key].serves
        if actor.holds(Role.HEAD, key) and any(rt.book.regions.contains(root, pot.region) for root in serves):
            return key
    raise Forbidden("Only the head of finance sets a budget.", region=pot.region)


def _settable(rt: Runtime, actor: Actor) -> Sequence[str]:
    """The regions whose budgets the actor sets, those below included."""
    headed = [key for key in own_agencies(rt, actor) if actor.holds(Role.HEAD, key)]
    return [code for key in headed for code in rt.book.agencies[key].serves]


def _down(rt: Runtime, code: str, depth: int) -> Iterator[tuple[Region, int]]:
    """A region and all below it, each behind the one above it."""
    yield rt.book.regions.get(code), depth
    for child in rt.book.regions.children(code):
        yield from _down(rt, child.code, depth + 1)


def _sum(rt: Runtime, fund: str, region: str, year: int, found: Mapping[tuple[str, str], Budget]) -> Budget:
    inside = [one for place, _ in _down(rt, region, 0) if (one := found.get((fund, place.code))) is not None]
    nothing = Decimal(0)
    return Budget(
        pot=Pot(fund=fund, region=region, year=year), amount=sum((one.amount for one in inside), nothing),
        committed=sum((one.committed for one in inside), nothing), paid=sum((one.paid for one in inside), nothing),
    )  # fmt: skip
