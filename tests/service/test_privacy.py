"""Who sees what of a case: offices from their first task on, applicants no officer's name or paper."""

from __future__ import annotations

import pytest

from banjie.domain.errors import FourEyes, NotFound
from banjie.services import demo, files, people, tasks
from support.office import Office


def test_an_agency_sees_a_case_only_from_its_first_task_on(office: Office) -> None:
    case_no = office.apply()
    with pytest.raises(NotFound):
        office.view(case_no, by="qian")

    office.advance_to(case_no, "Investigate")

    assert office.view(case_no, by="qian").instance.case_no == case_no
    with pytest.raises(NotFound):
        office.view(case_no, by="sun")


def test_an_agency_still_sees_what_it_has_finished(office: Office) -> None:
    case_no = office.apply()

    office.advance_to(case_no, "BankAccept")

    assert office.view(case_no, by="zhao").instance.case_no == case_no


def test_an_applicant_reads_only_papers_of_their_own(office: Office) -> None:
    case_no = office.apply()
    office.advance_to(case_no, "BankAccept")

    view = office.view(case_no, by="wang")

    assert [row.variable for row in view.submissions] == ["application"]
    assert {event.actor for event in view.events} == {None}


def test_an_applicant_is_not_told_who_holds_the_task(office: Office) -> None:
    case_no = office.apply()
    tasks.claim(office.rt, office.actors["zhao"], office.open_task(case_no).id)

    assert [task.assignee_name for task in office.view(case_no, by="wang").tasks] == [None]
    assert [task.assignee_name for task in office.view(case_no, by="zhao").tasks] == ["赵敏"]


def test_an_officer_does_not_decide_on_an_application_of_their_own(office: Office) -> None:
    with office.rt.store.begin() as uow:
        uow.db.run(
            "INSERT INTO membership (account_id, role, agency) VALUES (%s, 'bureau_officer', %s)",
            (office.actors["wang"].account_id, demo.BUREAU),
        )

    both = people.actor_named(office.rt, "wang")
    case_no = office.apply()
    task = office.open_task(case_no)

    with pytest.raises(FourEyes, match="their own"):
        tasks.claim(office.rt, both, task.id)
    with pytest.raises(FourEyes, match="their own"):
        tasks.complete(
            office.rt, tasks.CompleteTask(task_id=task.id, by=both, submission=demo.ANSWERS["Accept"])
        )


def test_the_same_file_sent_twice_is_one_file(office: Office) -> None:
    def send() -> int:
        content = b"%PDF-1.7 same"
        return files.upload(
            office.rt, office.actors["wang"], field="attachments", name="证明.pdf", content=content
        ).id

    assert send() == send()
