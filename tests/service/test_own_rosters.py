"""An enterprise on a list that is paid without asking: it sees its own row, and may refuse; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from banjie.domain.errors import Conflict, InvalidRequest, NotFound
from banjie.domain.rosters import RowState
from banjie.persistence.text import dumps
from banjie.services import subjects
from banjie.services.rosters import own, refusals
from support.office import Office, checked
from support.rosters import DAY, SERVICE, brought, case_of, granted, ordered, pay, row, seen

from .test_pages import INLINE, Reader


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office in the time of the rules of 2023; liu acts for the first enterprise, wang for the third."""
    with checked(Office(database_url, tmp_path)) as running:
        running.clock.set(DAY)
        for username, serial in (("liu", 1), ("liu", 2), ("wang", 3)):
            prove(running, username, serial)
        yield running


def prove(office: Office, username: str, serial: int) -> None:
    """Prove an account to act for the enterprise of a row."""
    about = row(serial)
    with office.rt.store.begin() as uow:
        uow.db.run(
            "INSERT INTO reg_enterprise (uscc, source, name, region, facts, as_of) "
            "VALUES (%s, '市场监管', %s, '152201', %s::jsonb, '2023-06-30')",
            (about["uscc"], about["name"], dumps({"unit_kind": "enterprise", "size": "small"})),
        )
    subjects.verify(office.rt, office.actors[username], about["uscc"], about["name"])


def test_an_enterprise_follows_its_rows_to_the_money_and_refuses_before_it_is_paid(office: Office) -> None:
    liu, wang = office.actors["liu"], office.actors["wang"]
    roster = brought(office, [row(1), row(2, dishonest="是"), row(3), row(4)])
    first, second = own.own(office.rt, liu)
    assert [(one.line, one.state, one.reason_code) for one in (first, second)] == [
        (2, RowState.ELIGIBLE, "sme"), (3, RowState.EXCLUDED, "dishonest"),
    ]  # fmt: skip
    assert (first.amount, first.may_refuse, second.may_refuse) == (Decimal("600.61"), True, False)
    assert own.own(office.rt, office.actors["zhao"]) == []
    receipt = own.own_receipt(office.rt, liu, roster.id, 3).receipt
    assert (receipt.recomputed, receipt.row.uscc) == (True, row(2)["uscc"])
    for stranger in (wang, office.actors["zhao"]):
        with pytest.raises(NotFound):
            own.own_receipt(office.rt, stranger, roster.id, 2)
        with pytest.raises(NotFound):
            own.refuse_own(office.rt, stranger, roster.id, 2, "不需要")
    with pytest.raises(Conflict):
        own.refuse_own(office.rt, liu, roster.id, 3, "不需要")
    with pytest.raises(InvalidRequest):
        own.refuse_own(office.rt, wang, roster.id, 4, " ")

    granted(office, roster)
    assert own.refuse_own(office.rt, wang, roster.id, 4, "本年度不需要") == 1
    (mine,) = own.own(office.rt, wang)
    assert (mine.state, mine.may_refuse) == (RowState.DECLINED, False)
    case_no = case_of(ordered(office, seen(office, roster.id)))
    assert own.own(office.rt, liu)[0].payment == "due"
    pay(office, case_no)

    paid = own.own(office.rt, liu)[0]
    assert (paid.payment, paid.may_refuse, paid.is_running) == ("paid", False, False)
    with pytest.raises(Conflict):
        own.refuse_own(office.rt, liu, roster.id, 2, "不需要")
    with pytest.raises(Conflict):
        refusals.refuse(
            office.rt, office.actors["zhao"], service=SERVICE, year=2023, uscc=row(1)["uscc"], reason="书面声明放弃"
        )  # fmt: skip
    assert seen(office, roster.id).eligible == 2


def test_the_pages_show_an_enterprise_its_own_row_and_nobody_elses(office: Office) -> None:
    roster = brought(office, [row(1), row(2, dishonest="是"), row(3)])
    liu, wang, zhao = (Reader(office, name) for name in ("liu", "wang", "zhao"))
    path = f"/mine/rosters/{roster.id}/2"

    listing, page = liu.get("/mine/entitlements").text, liu.get(path).text

    assert listing.count("data-listed") == 2
    for words in (
        "免申即享：已列入名单",
        roster.title,
        "符合条件，名单正在审核",
        "600.61",
        "不予返还：不符合政策规定",
    ):
        assert words in listing
    for words in ("兴安盟第1食品有限公司", "600.61", "放弃享受", "不能撤回"):
        assert words in page
    assert "放弃享受" not in liu.get(f"/mine/rosters/{roster.id}/3").text
    assert all(roster.made_by_name not in text and case_of(roster) not in text for text in (listing, page))
    assert not INLINE.search(listing + page)
    assert [reader.get(path).status_code for reader in (wang, zhao)] == [404, 404]
    assert liu.get(f"/mine/rosters/{roster.id}/4").status_code == 404
    liu.client.set_cookie("lang", "en")
    assert "Eligible; the list is being reviewed" in liu.get("/mine/entitlements").text
    liu.client.set_cookie("lang", "zh")

    stolen = wang.post(f"{path}/refusal", {"reason": "不需要", "known": "true"})
    unknown = liu.post(f"{path}/refusal", {"reason": "本年度不需要"})
    silent = liu.post(f"{path}/refusal", {"reason": "", "known": "true"})
    assert (stolen.status_code, unknown.status_code, silent.status_code) == (404, 422, 422)
    assert all(shown in unknown.text for shown in ('id="known-error"', "本年度不需要"))
    assert 'id="reason-error"' in silent.text
    done = liu.post(f"{path}/refusal", {"reason": "本年度不需要", "known": "true"})
    assert (done.status_code, done.headers["Location"].endswith("said=roster_refused")) == (303, True)
    assert "贵单位已放弃" in liu.get("/mine/entitlements").text
    assert liu.post(f"{path}/refusal", {"reason": "再次", "known": "true"}).status_code == 409
