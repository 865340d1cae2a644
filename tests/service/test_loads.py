"""Files read into the registers: whole or not at all, and the same again."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner

from banjie.cli import main
from banjie.documents import sheets_in
from banjie.domain.errors import Forbidden, InvalidRequest, NotFound
from banjie.domain.loads import Load, LoadStatus, LoadUnderWay
from banjie.persistence.registers import Registers
from banjie.services import demo, housekeeping, loads
from support.lists import AS_OF, csv_of, load, start
from support.office import Office, run_worker

HEAD = "统一社会信用代码,单位名称,地区,上年度月均参保人数,上年度实缴失业保险费,划型,严重失信主体"


def enterprise(serial: int, *cells: str) -> str:
    given = cells or ("152201", "12", "3456.70", "小型", "否")
    return ",".join([demo.credit_code(serial), f"公司{serial}", *given])


def text_of(*rows: str, head: str = HEAD) -> bytes:
    return csv_of(head, *rows)


def held(office: Office, table: str = "reg_enterprise") -> list[tuple[Any, ...]]:
    """The rows of a register without the load that brought them."""
    with office.rt.store.read() as uow:
        return [tuple(row[:-1]) for row in uow.db.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3")]


def problems(office: Office, load_id: int) -> list[tuple[int, str, str]]:
    page = loads.problems(office.rt, office.actors["zhao"], load_id)
    return [(one.line, one.field, one.code) for one in page.items]


def spooled(office: Office) -> list[Path]:
    return list((office.settings.var / "lists").iterdir())


def test_a_worker_reads_a_good_file_whole_and_the_same_file_gives_the_same_register(office: Office) -> None:
    content = text_of(enterprise(1), enterprise(2, "乌兰浩特市", "0", "", "", "是"), "", enterprise(3))
    load_id = start(office, content)
    with pytest.raises(LoadUnderWay):
        start(office, content)
    run_worker(office.rt, office.database_url)

    done = loads.progress(office.rt, office.actors["zhou"], load_id)
    once = held(office)
    again = load(office, content)

    assert (done.status, done.lines, done.good, done.bad, done.done_bytes) == ("done", 3, 3, 0, len(content))
    assert once[1] == (
        demo.credit_code(2), "社保", "公司2", demo.COUNTY, {"insured_staff": 0, "dishonest": True}, AS_OF
    )  # fmt: skip
    assert once[0][4]["premium_paid"] == 3456.7
    assert (again.status, held(office)) == ("done", once)
    assert loads.run(office.rt, load_id) == done
    assert spooled(office) == []
    holding = loads.newest(office.rt, office.actors["zhao"])
    assert [one.id for one in holding] == [again.id, load_id]


def test_bad_rows_refuse_a_file_with_line_and_reason_and_may_be_left_out(office: Office) -> None:
    content = text_of(
        enterprise(1),
        enterprise(2, "152221", "12", "3456.70", "小型", "否"),
        "91152201MA0000000X,公司3,,1,,,",
        enterprise(4, "", "-1", "1.005", "巨型", "maybe"),
        enterprise(5, "", "=1+1", "", "", ""),
        enterprise(1),
        f"{demo.credit_code(7)},=HYPERLINK(1),,,,,",
    )
    expected = [
        (3, "region", "region"), (4, "uscc", "credit_code"), (5, "dishonest", "yes_no"),
        (5, "insured_staff", "number"), (5, "premium_paid", "money"), (5, "size", "choice"),
        (6, "insured_staff", "number"), (7, "uscc", "twice"),
    ]  # fmt: skip

    refused = load(office, content)

    assert (refused.status, refused.lines, refused.good, refused.bad) == ("refused", 7, 2, 5)
    assert problems(office, refused.id) == expected
    assert held(office) == []
    left_out = load(office, content, skip_bad=True)
    assert (left_out.status, left_out.good, left_out.bad) == ("done", 2, 5)
    assert problems(office, left_out.id) == expected
    assert [row[2] for row in held(office)] == ["公司1", "=HYPERLINK(1)"]
    first = loads.problems(office.rt, office.actors["zhao"], refused.id, limit=3)
    rest = loads.problems(office.rt, office.actors["zhao"], refused.id, cursor=first.cursor)
    assert len(rest.items) == len(expected) - 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (text_of("甲,乙", head="名称,人数"), "missing_columns"),
        (text_of(), "no_rows"),
        (text_of(enterprise(1), '"never closed' + "x" * 40_000), "unreadable_file"),
        (b"PK\x03\x04 cut off", "unreadable_file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(office: Office, content: bytes, code: str) -> None:
    refused = load(office, content, skip_bad=True)

    assert (refused.status, held(office)) == ("refused", [])
    assert f'"code":"{code}"' in (refused.message or "")


def test_killed_in_the_middle_nothing_is_there_and_run_again_all_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it dies while rows are copied or when all are in the register; meanwhile others see how far it is."""
    load_id = start(office, text_of(*(enterprise(serial) for serial in range(1, 5_001))))
    seen: list[Load] = []
    whole = sheets_in.rows

    def cut(*given: Any, **named: Any) -> Iterator[sheets_in.Row]:
        for line, cells in whole(*given, **named):
            if line == 4_500:
                seen.append(loads.progress(office.rt, office.actors["zhao"], load_id))
                raise KeyboardInterrupt
            yield line, cells

    def taken(self: Registers, *given: Any) -> None:
        take_in(self, *given)
        raise KeyboardInterrupt

    take_in = Registers.take_in
    monkeypatch.setattr(loads, "_TOLD_EVERY_SECONDS", 0)
    monkeypatch.setattr(sheets_in, "_CHUNK", 10_000)
    for place, name, deadly in ((sheets_in, "rows", cut), (Registers, "take_in", taken)):
        with monkeypatch.context() as dying:
            dying.setattr(place, name, deadly)
            with pytest.raises(KeyboardInterrupt):
                loads.run(office.rt, load_id)
        assert held(office) == []

    assert [(one.status, one.lines, one.done_bytes > 0) for one in seen] == [("reading", 4_000, True)]
    assert loads.run(office.rt, load_id).good == 5_000
    assert len(held(office)) == 5_000


def test_what_fails_for_a_reason_of_ours_is_given_up_and_can_be_loaded_anew(office: Office) -> None:
    load_id = start(office, text_of(enterprise(1)))
    loads.fail(office.rt, load_id, MemoryError())

    failed = loads.progress(office.rt, office.actors["zhao"], load_id)

    assert (failed.status, failed.message) == (LoadStatus.FAILED, '{"code":"failed","kind":"MemoryError"}')
    assert loads.run(office.rt, load_id) == failed
    assert load(office, text_of(enterprise(1))).status == "done"


def test_newer_facts_of_a_source_replace_older_ones_and_never_the_other_way(office: Office) -> None:
    newer = date(2026, 9, 1)
    load(office, text_of(enterprise(1, "", "20", "", "", "")), as_of=newer)
    load(office, text_of(enterprise(1, "", "10", "", "", "")))
    load(office, text_of(enterprise(1, "", "30", "", "", "")), source="统计")

    assert [(row[1], row[4]["insured_staff"], row[5]) for row in held(office)] == [
        ("社保", 20, newer), ("统计", 30, AS_OF)
    ]  # fmt: skip


def test_a_bureau_loads_for_its_own_region_and_sees_only_that(office: Office) -> None:
    done = load(office, text_of(enterprise(1)))

    for by, region in (
        ("zhao", "152221"),
        ("zhao", demo.LEAGUE),
        ("qian", demo.COUNTY),
        ("wang", demo.COUNTY),
    ):
        with pytest.raises(Forbidden):
            start(office, text_of(enterprise(1)), by=by, region=region)
    with pytest.raises(Forbidden):
        loads.progress(office.rt, office.actors["qian"], done.id)
    with pytest.raises(NotFound):
        loads.progress(office.rt, office.actors["zhao"], done.id + 1)
    for wrong in ({"kind": "planets"}, {"region": "9"}, {"source": " "}, {"as_of": date(2026, 9, 8)}):
        with pytest.raises(InvalidRequest):
            start(office, text_of(enterprise(1)), **wrong)
    with pytest.raises(InvalidRequest):
        start(office, b"")
    assert spooled(office) == []


def test_all_registers_are_read_from_xlsx(office: Office) -> None:
    person, firm = demo.id_number(1), demo.credit_code(1)
    files: dict[str, Sequence[Sequence[object]]] = {
        "person": (["身份证号", "姓名", "户口性质", "毕业日期"], [person.lower(), "王小梅", "农村", date(2024, 7, 1)]),
        "bank": (["行号", "银行名称"], ["402100000018", "示例农商行"]),
        "account": (["证件号码", "账户类型", "户名", "账号", "开户行"],
                    [firm, "对公账户", "公司1", "0512 0000 01", "农商行"]),
        "insured_month": (["身份证号码", "费款所属期", "信用代码", "金额"], [person, "2026-07", firm, 88.1]),
        "certificate": (["证书号", "身份证号码", "工种", "技能等级", "发证日期"],
                        ["Y001", person, "焊工", "三级", "2026年5月6日"]),
    }  # fmt: skip
    for kind, rows in files.items():
        assert load(office, xlsx(rows), kind, name=f"{kind}.xlsx").status == "done", kind

    assert held(office, "reg_person")[0][4] == {"household_type": "rural", "graduated_on": "2024-07-01"}
    assert held(office, "reg_bank") == [("402100000018", "示例农商行", AS_OF)]
    assert held(office, "reg_account")[0][:6] == (firm, "corporate", "社保", "公司1", "0512000001", "农商行")
    assert str(held(office, "reg_insured_month")[0][4]) == "88.10"
    assert held(office, "reg_certificate")[0][2:6] == (person, "焊工", "3", date(2026, 5, 6))


def xlsx(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def test_two_workers_with_one_load_take_it_in_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first, and finds that it has ended."""
    load_id = start(office, text_of(enterprise(1), enterprise(2)))
    ended: list[Load] = []
    begun: list[threading.Thread] = []
    whole: Callable[..., Iterator[sheets_in.Row]] = sheets_in.rows

    def other() -> None:
        ended.append(loads.run(office.rt, load_id))

    def rows(*given: Any, **named: Any) -> Iterator[sheets_in.Row]:
        begun.append(threading.Thread(target=other))
        begun[0].start()
        return whole(*given, **named)

    monkeypatch.setattr(sheets_in, "rows", rows)
    first = loads.run(office.rt, load_id)
    begun[0].join()

    assert (ended, len(begun)) == ([first], 1)


def test_what_came_in_and_was_never_taken_up_is_forgotten(office: Office) -> None:
    (office.settings.var / "lists").mkdir()
    for name in ("incoming-old", "incoming-new", "load-7"):
        path = office.settings.var / "lists" / name
        path.write_text("x")
        hours = 1 if name == "incoming-new" else 25
        then = (office.clock() - timedelta(hours=hours)).timestamp()
        os.utime(path, (then, then))

    assert housekeeping.tidy(office.rt).lists == 1
    assert sorted(path.name for path in spooled(office)) == ["incoming-new", "load-7"]


def test_the_command_line_reads_a_file_and_tells_what_is_wrong(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANJIE_DATABASE_URL", office.database_url)
    monkeypatch.setenv("BANJIE_VAR", str(office.settings.var))
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(text_of(enterprise(1)))
    bad.write_bytes(text_of(enterprise(1), "1,乙,,,,,"))
    told = ["--kind", "enterprise", "--source", "社保", "--as-of", "2026-08-31", "--region", demo.COUNTY]

    done = CliRunner().invoke(main, ["registers", "load", str(good), *told])
    refused = CliRunner().invoke(main, ["registers", "load", str(bad), *told])
    empty = CliRunner().invoke(main, ["registers", "template", "--kind", "bank", "--english"])

    assert (done.exit_code, "done: 1 rows, 1 good, 0 bad" in done.output) == (0, True)
    assert (refused.exit_code, "line 3: uscc: credit_code" in refused.output) == (1, True)
    assert empty.output == "\ufeffCode,Name\n"
    assert len(held(office)) == 1
