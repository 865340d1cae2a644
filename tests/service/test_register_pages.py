"""The pages of registers and loads as the server answers them, for a reader without scripts."""

from __future__ import annotations

import re
from io import BytesIO

from banjie.services import demo, loads
from support.lists import csv_of, load
from support.office import Office

from .test_pages import INLINE, Reader

PERSON, FIRM = demo.id_number(1), demo.credit_code(1)
ROW = "统一社会信用代码,单位名称,上年度月均参保人数,划型"


def send(reader: Reader, content: bytes, **more: str) -> str:
    """Hand in a file on the page; the page that comes of it."""
    form = {"kind": "enterprise", "source": "社保", "as_of": "2026-08-31", "region": demo.COUNTY, **more}
    data = {**form, "file": (BytesIO(content), "名单.csv")}
    return reader.post("/registers/loads", data, follow_redirects=True).text


def test_a_file_is_loaded_on_the_pages_and_its_bad_lines_are_told(office: Office) -> None:
    zhao = Reader(office, "zhao")
    assert "登记库为空" in zhao.get("/registers").text
    assert "尚未导入文件" in zhao.get("/registers/loads").text

    waiting = send(zhao, csv_of(ROW, f"{FIRM},甲公司,12,小型", "1,=乙,many,巨型"))
    again = send(zhao, csv_of(ROW, f"{FIRM},甲公司,12,小型", "1,=乙,many,巨型"))
    load_id = loads.newest(office.rt, office.actors["zhao"])[0].id
    loads.run(office.rt, load_id)
    page = zhao.get(f"/registers/loads/{load_id}").text
    part = zhao.get(f"/registers/loads/{load_id}/progress")
    file = zhao.get(f"/registers/loads/{load_id}/problems.csv").data.decode("utf-8-sig")

    assert all(words in waiting for words in ("排队等待", 'http-equiv="refresh"', "data-hx-get"))
    assert "该文件正在导入" not in waiting
    assert "请等待读取完毕" in again
    assert "已拒绝：未导入任何数据" in page
    assert re.search(r">3</td><td[^>]*>统一社会信用代码</td><td[^>]*>统一社会信用代码无效", page)
    assert (part.headers["HX-Refresh"], "只能填写：大型、中型" in file, len(file.splitlines())) == (
        "true",
        True,
        4,
    )
    assert not INLINE.search(page + waiting)
    assert "已导入（跳过错误行）" in load_again(office, zhao)
    assert "已拒绝：未导入任何数据" in zhao.get("/registers/loads").text


def load_again(office: Office, reader: Reader) -> str:
    """The page of the same file with its bad rows left out."""
    send(reader, csv_of(ROW, f"{FIRM},甲公司,12,小型", "1,=乙,many,巨型"), skip_bad="1")
    load_id = loads.newest(office.rt, office.actors["zhao"])[0].id
    loads.run(office.rt, load_id)
    return reader.get(f"/registers/loads/{load_id}").text


def test_what_is_wrong_with_a_file_as_a_whole_is_told_in_words(office: Office) -> None:
    zhao = Reader(office, "zhao")

    assert "只接受 xlsx 和 CSV 文件" in send(zhao, b"%PDF-1.7")
    assert "不能晚于今天" in send(zhao, csv_of(ROW, "x"), as_of="2026-09-08")
    assert "请写明数据来源" in send(zhao, csv_of(ROW, "x"), source=" ")
    send(zhao, csv_of("甲,乙", "1,2"))
    load_id = loads.newest(office.rt, office.actors["zhao"])[0].id
    loads.run(office.rt, load_id)
    assert "首行缺少以下列：统一社会信用代码, 单位名称" in zhao.get(f"/registers/loads/{load_id}").text
    assert (
        zhao.get("/registers/templates/person.csv")
        .data.decode("utf-8-sig")
        .startswith("身份证号码,姓名,地区")
    )
    assert Reader(office, "sun").get("/registers").status_code == 404
    assert Reader(office, "zheng").get("/registers").status_code == 403


def test_a_look_up_shows_people_masked_and_no_address_holds_the_number(office: Office) -> None:
    load(office, csv_of("身份证号码,姓名,户口性质", f"{PERSON},王小梅,农村"), "person")
    load(office, csv_of("身份证号码,姓名,户口性质", f"{PERSON},王小梅,城镇"), "person", source="公安")
    load(
        office,
        csv_of("证件号码,账户类型,户名,账号,开户行", f"{PERSON},个人账户,王小梅,6228481234,农商行"),
        "account",
    )
    month = csv_of("身份证号码,缴费月份,统一社会信用代码,缴费金额", f"{PERSON},2026-07,{FIRM},88.1")
    load(office, month, "insured_month")
    load(
        office,
        csv_of("证书编号,身份证号码,职业,等级,核发日期", f"Y1,{PERSON},焊工,三级,2026-05-06"),
        "certificate",
    )
    zhao = Reader(office, "zhao")

    found = zhao.post("/registers/search", {"number": PERSON}, seen_on="/registers")
    unknown = zhao.post("/registers/search", {"number": demo.id_number(9)}, seen_on="/registers")
    wrong = zhao.post("/registers/search", {"number": "1"}, seen_on="/registers")

    shown = ("王*梅", "******1234", "✕ 不一致", "公安", "参保 1 个月", "88.10", "焊工", "三级", "个人账户")
    assert [words for words in shown if words not in found.text] == []
    assert PERSON not in found.text
    assert "王小梅" not in found.text
    assert (unknown.status_code, "本地区登记库中没有该号码" in unknown.text) == (404, True)
    assert (wrong.status_code, "既不是身份证号码" in wrong.text) == (422, True)


def test_the_page_of_a_case_shows_the_comparison_before_and_after_acceptance(office: Office) -> None:
    load(office, csv_of("身份证号码,姓名,毕业日期", f"{PERSON},王小梅,2020-07-01"), "person")
    case_no = office.apply("startup-subsidy")
    loan = office.apply()
    zhao = Reader(office, "zhao")

    before = zhao.get(f"/cases/{case_no}").text
    office.complete(case_no)
    after = zhao.get(f"/cases/{case_no}").text

    assert all(
        words in before for words in ("数据比对", "此为当前情况", "有 1 项信息不一致", "2020-07-01", "仅申报")
    )
    assert "赵敏 已比对记录" in after
    assert "数据比对" not in zhao.get(f"/cases/{loan}").text
