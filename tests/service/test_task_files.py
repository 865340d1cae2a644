"""Files that an officer adds to a step beside its form."""

from __future__ import annotations

import pytest

from banjie.app import create_app
from banjie.domain.errors import InvalidRequest, NotFound, TaskClosed, TaskTaken
from banjie.services import demo, files, instances, task_files, tasks
from support.office import Office

PDF = b"%PDF-1.7\n%%EOF\n"


def held(office: Office, case_no: str, by: str = "zhao") -> int:
    task = office.open_task(case_no)
    tasks.claim(office.rt, office.actors[by], task.id)
    return task.id


def attach(
    office: Office, task_id: int, label: str = "核查照片", by: str = "zhao", *, shared: bool = False
) -> int:
    return task_files.attach(
        office.rt, office.actors[by], task_id, label=label, name="现场.pdf", content=PDF, shared=shared
    )


def names(office: Office, case_no: str, who: str) -> list[str]:
    return [file.label for file in instances.view(office.rt, office.actors[who], case_no).attachments]


def test_the_offices_see_a_file_with_its_step_and_the_applicant_does_not(office: Office) -> None:
    case_no = office.apply()
    file_id = attach(office, held(office, case_no))

    [file] = office.view(case_no).attachments
    assert (file.label, file.element, file.owner) == ("核查照片", "Accept", "赵敏")
    assert names(office, case_no, "wang") == []
    with pytest.raises(NotFound):
        files.download(office.rt, office.actors["wang"], case_no, file_id)
    told = [event.type for event in instances.view(office.rt, office.actors["wang"], case_no).events]
    assert "file.attached" not in told


def test_a_shared_file_is_the_applicants_too(office: Office) -> None:
    case_no = office.apply()
    file_id = attach(office, held(office, case_no), "受理通知书", shared=True)

    assert names(office, case_no, "wang") == ["受理通知书"]
    assert files.download(office.rt, office.actors["wang"], case_no, file_id).content == PDF


def test_the_same_file_again_is_the_same_file(office: Office) -> None:
    task_id = held(office, office.apply())

    assert attach(office, task_id) == attach(office, task_id)


def test_only_the_holder_adds_files(office: Office) -> None:
    case_no = office.apply()
    task = office.open_task(case_no)

    with pytest.raises(TaskTaken):
        attach(office, task.id)
    with pytest.raises(NotFound):
        attach(office, task.id, by="qian")


def test_ones_own_file_goes_while_the_step_is_open(office: Office) -> None:
    case_no = office.apply()
    task_id = held(office, case_no)
    kept, gone = attach(office, task_id, "一"), attach(office, task_id, "二")

    for _ in range(2):
        task_files.remove(office.rt, office.actors["zhao"], task_id, gone)

    assert names(office, case_no, "feng") == ["一"]
    office.complete(case_no)
    with pytest.raises(TaskClosed):
        task_files.remove(office.rt, office.actors["zhao"], task_id, kept)


@pytest.mark.parametrize("label", ["", "字" * 61, "a\u0000b"])
def test_a_file_says_what_it_is_in_few_words(office: Office, label: str) -> None:
    task_id = held(office, office.apply())

    with pytest.raises(InvalidRequest):
        attach(office, task_id, label)


def test_the_applicants_page_links_a_shared_file_and_no_other(office: Office) -> None:
    case_no = office.apply()
    task_id = held(office, case_no)
    attach(office, task_id, "内部核查")
    file_id = attach(office, task_id, "受理通知书", shared=True)
    reader = create_app(office.settings, office.rt).test_client()
    reader.post("/sign-in", data={"name": "wang", "password": demo.PASSWORD})

    page = reader.get(f"/my/cases/{case_no}").text

    assert f"/cases/{case_no}/files/{file_id}" in page
    assert "内部核查" not in page
    assert reader.get(f"/cases/{case_no}/files/{file_id}").data == PDF
