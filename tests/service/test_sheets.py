"""A case on paper and as one file: whole for officers, the applicant's own view for applicants."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader

from banjie.domain.changes import CaseChange
from banjie.domain.errors import NotFound
from banjie.domain.events import GENESIS, link
from banjie.domain.proceedings import NewProceeding, ProceedingKind, ProceedingStatus
from banjie.forms.model import Field, FieldType
from banjie.persistence.text import loads
from banjie.services import demo, files, people, sheets, substitutes, tasks
from banjie.services.deployments import start_form
from support.office import Office

PDF = b"%PDF-1.7\n%%EOF\n"
OFFICERS = ("赵敏", "钱进", "孙")


@pytest.fixture
def case_no(office: Office) -> str:
    """A case whose guarantor has just finished; its applicant sent a file."""
    form = start_form(office.rt, "guarantee-loan-individual")
    field = next(
        key for key, placed in form.fields.items()
        if isinstance(placed.component, Field) and placed.component.type is FieldType.FILEPICKER
    )  # fmt: skip
    kept = files.upload(office.rt, office.actors["wang"], field=field, name="执照:1.pdf", content=PDF)
    sent: dict[str, Any] = {field: [str(kept.id)]}
    number = office.apply(**sent)
    office.advance_to(number, "Investigate")
    office.complete(number, findings="经营场所真实，符合担保条件。")
    return number


def printed(office: Office, case_no: str, by: str, language: str = "zh") -> str:
    content = sheets.approval_sheet(office.rt, office.actors[by], case_no, language=language)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    # Where lines and cells end is the typesetter's affair.
    return "".join(text.split())


def exported(office: Office, case_no: str, by: str) -> dict[str, bytes]:
    content = sheets.export(office.rt, office.actors[by], case_no)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def case_of(files: dict[str, bytes]) -> dict[str, Any]:
    told: dict[str, Any] = loads(files["case.json"].decode())
    return told


def outings(office: Office, username: str) -> list[tuple[str, str]]:
    """What stands on record of cases that a person took out of the house."""
    with office.rt.store.read() as uow:
        rows = uow.db.rows(
            "SELECT type, facts FROM event WHERE stream = %s AND type LIKE 'case.%%' ORDER BY seq",
            (f"account:{office.actors[username].account_id}",),
        )
    return [(row[0], loads(row[1])["case_no"]) for row in rows]


def test_the_sheet_tells_who_did_what_on_which_ground(office: Office, case_no: str) -> None:
    text = printed(office, case_no, "zhao")

    for told in (
        case_no,
        "王小梅",
        "乌兰浩特市",
        "赵敏",
        "钱进",
        "经营场所真实，符合担保条件。",
        "同意",
        "内政办发〔2020〕10",
    ):
        assert told in text  # fmt: skip


def test_the_sheet_masks_personal_numbers(office: Office, case_no: str) -> None:
    with office.rt.store.read() as uow:
        instance = uow.cases.find(case_no)
    assert instance is not None
    application = instance.data["application"]
    assert isinstance(application, dict)

    text = printed(office, case_no, "zhao")

    for field in ("id_number", "phone", "bank_account"):
        assert str(application[field]) not in text


def test_a_sheet_is_printed_at_any_fraction_of_a_second(office: Office, case_no: str) -> None:
    office.clock.pass_(microseconds=123_456)

    assert "审批单" in printed(office, case_no, "feng")
    assert "sheet.pdf" in exported(office, case_no, "feng")


def test_a_missed_limit_stands_on_the_sheet(office: Office) -> None:
    number = office.apply()
    office.tick(days=30)
    office.complete(number)

    clocks = printed(office, number, "zhao").partition("时限账")[2]

    assert "受理审查5个工作日17日" in clocks
    assert "超期" in clocks.replace("未超期", "").replace("是否超期", "")


def test_an_applicants_sheet_holds_no_officer(office: Office, case_no: str) -> None:
    text = printed(office, case_no, "wang")

    assert "王小梅" in text
    assert "乌兰浩特市人力资源和社会保障局" in text
    assert "经营场所真实" not in text
    assert [name for name in OFFICERS if name in text] == []


def test_the_sheet_is_there_in_english(office: Office, case_no: str) -> None:
    text = printed(office, case_no, "zhao", "en")

    assert "Approvalsheet" in text
    assert "Start-upguaranteeloan" in text
    assert "Page1of" in text
    assert "审批单" not in text


@pytest.mark.parametrize("paper", [sheets.approval_sheet, sheets.export])
def test_another_agency_gets_no_paper(office: Office, paper: Any) -> None:
    number = office.apply()

    with pytest.raises(NotFound):
        paper(office.rt, office.actors["qian"], number)


def test_the_manifest_has_the_hash_of_each_file(office: Office, case_no: str) -> None:
    content = exported(office, case_no, "zhao")
    sums = loads(content.pop("MANIFEST.json").decode())["sha256"]

    assert sums == {name: sha256(body).hexdigest() for name, body in content.items()}
    attached = [name for name in content if name.startswith("files/")]
    assert [content[name] for name in attached] == [PDF]
    assert attached[0].endswith("-执照_1.pdf")


def test_an_export_at_one_instant_is_always_the_same(office: Office, case_no: str) -> None:
    officer = office.actors["zhao"]

    assert sheets.export(office.rt, officer, case_no) == sheets.export(office.rt, officer, case_no)


def test_the_exported_record_proves_itself(office: Office, case_no: str) -> None:
    told = case_of(exported(office, case_no, "zhao"))

    chain = GENESIS
    for event in told["record"]:
        body = "\n".join(
            str(part or "") for part in (event["element"], event["task_id"], event["agency"], event["facts_as_hashed"])
        )  # fmt: skip
        chain = link(
            chain, stream=event["stream"], seq=event["seq"], kind=event["type"],
            at=office.clock().fromisoformat(event["at"]), actor_id=event["actor_id"], body=body,
        )  # fmt: skip
        assert chain.hex() == event["hash"]
    assert told["case"]["chain"] == chain.hex()
    assert told["case"]["events"] == len(told["record"])


def test_the_record_is_there_as_a_table(office: Office, case_no: str) -> None:
    content = exported(office, case_no, "zhao")
    rows = list(csv.DictReader(io.StringIO(content["record.csv"].decode("utf-8-sig"), newline="")))

    assert [row["hash"] for row in rows] == [event["hash"] for event in case_of(content)["record"]]
    assert all(int(one["seq"]) + 1 == int(other["seq"]) for one, other in pairwise(rows))


def test_an_applicants_export_names_no_officer(office: Office, case_no: str) -> None:
    content = exported(office, case_no, "wang")
    text = (content["case.json"] + content["record.csv"]).decode()

    assert [row["variable"] for row in case_of(content)["submissions"]] == ["application"]
    assert [name for name in OFFICERS if name in text] == []
    assert '"actor_id"' not in text
    assert '"opened_by"' not in text


def test_a_file_of_an_officer_is_not_in_the_applicants_export(office: Office, case_no: str) -> None:
    kept = files.upload(office.rt, office.actors["zhao"], field="note", name="内部.pdf", content=PDF + b"1")
    with office.rt.store.begin() as uow:
        instance = uow.cases.lock(case_no)
        assert instance is not None
        uow.desk.bind_attachments([kept.id], office.actors["zhao"].account_id, instance.id)

    assert [name for name in exported(office, case_no, "wang") if "内部" in name] == []
    assert [name for name in exported(office, case_no, "zhao") if "内部" in name] != []


def test_what_an_officer_takes_out_of_the_house_is_recorded(office: Office, case_no: str) -> None:
    printed(office, case_no, "zhao")
    exported(office, case_no, "zhao")

    assert outings(office, "zhao") == [("case.printed", case_no), ("case.exported", case_no)]


def test_applicants_take_their_own_case_home_untold(office: Office, case_no: str) -> None:
    printed(office, case_no, "wang")
    exported(office, case_no, "wang")

    assert outings(office, "wang") == []


def test_a_step_done_in_anothers_place_bears_both_names(office: Office) -> None:
    number = office.apply()
    task = office.advance_to(number, "BankAccept")
    tasks.claim(office.rt, office.actors["sun"], task.id)
    wish = substitutes.Arrange(
        absent="sun", substitute="li", by=office.actors["sun"], from_at=office.clock() - timedelta(hours=1),
        until_at=office.clock() + timedelta(days=2), reason="出差",
    )  # fmt: skip
    substitutes.arrange(office.rt, wish)
    substitute = people.actor_named(office.rt, "li")
    tasks.claim(office.rt, substitute, task.id)
    tasks.complete(
        office.rt,
        tasks.CompleteTask(
            task_id=task.id, by=substitute, submission=demo.answer("BankAccept", office.rt.today())
        ),
    )

    text = printed(office, number, "li")

    assert f"{substitute.name}（代{office.actors['sun'].name}）" in text
    assert office.actors["sun"].name not in printed(office, number, "wang")


@pytest.fixture
def suspended(office: Office, case_no: str) -> str:
    """A case that was suspended, and on which an officer was urged."""
    with office.rt.store.begin() as uow:
        instance = uow.cases.lock(case_no)
        assert instance is not None
        change = CaseChange.of(instance, at=office.clock(), actor_id=office.actors["zhao"].account_id)
        told = NewProceeding(
            kind=ProceedingKind.SUSPENSION, status=ProceedingStatus.DONE, reason="等待听证结论",
            agency=demo.BUREAU, ground="hearing",
        )  # fmt: skip
        kept = NewProceeding(
            kind=ProceedingKind.URGE, status=ProceedingStatus.DONE, reason="请抓紧", agency=demo.BUREAU
        )
        change.proceedings += [told, kept]
        uow.cases.apply(instance, change)
    return case_no


def test_what_was_opened_beside_the_diagram_stands_on_the_sheet(office: Office, suspended: str) -> None:
    text = printed(office, suspended, "zhao")

    for told in ("中止办理", "听证", "等待听证结论", "催办", "请抓紧"):
        assert told in text


def test_applicants_are_told_of_proceedings_that_concern_them_only(office: Office, suspended: str) -> None:
    text = printed(office, suspended, "wang")
    told = case_of(exported(office, suspended, "wang"))["proceedings"]

    assert "等待听证结论" in text
    assert "请抓紧" not in text
    assert [one["kind"] for one in told] == ["suspension"]
    assert "opened_by_name" not in told[0]
