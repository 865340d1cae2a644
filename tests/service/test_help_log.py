"""The helper's log: officers of the case write it while the case runs, and the applicant does not read it."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

import pytest

from banjie.domain.errors import Forbidden, InstanceEnded, InvalidRequest, NotFound
from banjie.domain.help_log import HelpKind
from banjie.services import help_log
from support.office import Office

from .test_pages import Reader

SERVICE = "zero-employment-family-placement"
WORDS = "上门走访，了解就业意愿"


def write(
    office: Office, case_no: str, by: str = "zhao", *, day: date | None = None, words: str = WORDS
) -> int:
    command = help_log.AddHelp(
        case_no=case_no,
        by=office.actors[by],
        kind=HelpKind.VISIT,
        on_day=day or office.rt.today(),
        words=words,
    )
    return help_log.add(office.rt, command)


def test_a_log_is_for_the_offices_of_a_running_case(office: Office) -> None:
    case_no = office.apply(SERVICE)
    office.complete(case_no)
    write(office, case_no)
    write(office, case_no, "min", words="推荐公益性岗位")

    book = help_log.read(office.rt, office.actors["zhao"], case_no)

    assert book is not None
    assert book.may_add
    assert [(entry.author, entry.words) for entry in book.entries] == [
        ("赵敏", WORDS),
        ("闵科长", "推荐公益性岗位"),
    ]
    overseen = help_log.read(office.rt, office.actors["feng"], case_no)
    assert overseen is not None
    assert not overseen.may_add
    for reader in ("wang", "feng"):
        with pytest.raises(Forbidden):
            write(office, case_no, reader)
    with pytest.raises(Forbidden):
        help_log.read(office.rt, office.actors["wang"], case_no)
    with pytest.raises(NotFound):
        write(office, case_no, "qian")


def test_the_record_keeps_the_hash_of_the_words_and_not_the_words(office: Office) -> None:
    case_no = office.apply(SERVICE)
    entry = write(office, case_no)

    (event,) = [one for one in office.view(case_no).events if one.type == "help.added"]

    assert event.facts == {
        "entry": entry,
        "kind": "visit",
        "on_day": "2026-09-07",
        "sha256": sha256(WORDS.encode()).hexdigest(),
    }
    assert "help.added" not in [one.type for one in office.view(case_no, by="wang").events]


def test_entries_are_of_days_since_the_case_began_and_have_words(office: Office) -> None:
    case_no, today = office.apply(SERVICE), office.rt.today()

    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(InvalidRequest):
            write(office, case_no, day=day)
    for words in (" \n ", "字" * (help_log.LONGEST_WORDS + 1)):
        with pytest.raises(InvalidRequest):
            write(office, case_no, words=words)
    write(office, case_no, words="字" * help_log.LONGEST_WORDS)
    office.complete(case_no, decision="not_accept", reasons="不在本市常住")
    with pytest.raises(InstanceEnded):
        write(office, case_no)


def test_other_services_keep_no_log(office: Office) -> None:
    case_no = office.apply()

    assert help_log.read(office.rt, office.actors["zhao"], case_no) is None
    with pytest.raises(NotFound):
        write(office, case_no)


def test_the_page_of_a_case_shows_the_log_and_takes_an_entry(office: Office) -> None:
    case_no = office.apply(SERVICE)
    reader, page = Reader(office, "zhao"), f"/cases/{case_no}"
    said = {"kind": "training", "on_day": "2026-09-07", "words": "推荐中式烹调培训<b>"}

    refused = reader.post(f"{page}/help", {**said, "on_day": ""}, seen_on=page)
    kept = reader.post(f"{page}/help", said, seen_on=page)

    assert refused.status_code == 422
    assert "推荐中式烹调培训&lt;b&gt;</textarea>" in refused.text
    assert kept.status_code == 303
    assert "2026-09-07 推荐培训" in reader.get(page).text
    assert "推荐中式烹调培训" not in Reader(office, "wang").get(f"/mine/{case_no}").text
