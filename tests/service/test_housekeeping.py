"""What is kept for a while only goes when its time is over, and nothing before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from banjie.domain.errors import InvalidRequest, NotFound
from banjie.forms.model import Field, FieldType
from banjie.services import demo, files, housekeeping, instances, people
from banjie.services.deployments import start_form
from support.office import Office

LICENCE = b"%PDF-1.7 licence"
SERVICE = "guarantee-loan-individual"


def upload(office: Office, content: bytes = LICENCE, by: str = "wang", name: str = "a.pdf") -> files.Uploaded:
    return files.upload(office.rt, office.actors[by], field="materials", name=name, content=content)


def stored(office: Office) -> list[Path]:
    return [path for path in (office.settings.var / "documents").rglob("*") if path.is_file()]


def count(office: Office, table: str) -> int:
    with office.rt.store.read() as uow:
        return int(uow.db.only(f"SELECT count(*) FROM {table}")[0])


def start_with(office: Office, file: files.Uploaded) -> str:
    field = next(
        key
        for key, placed in start_form(office.rt, SERVICE).fields.items()
        if isinstance(placed.component, Field) and placed.component.type is FieldType.FILEPICKER
    )
    submission = {**demo.individual_application(1), field: [str(file.id)]}
    command = instances.StartCase(service=SERVICE, by=office.actors["wang"], submission=submission)
    return instances.start(office.rt, command).case_no


def test_a_loose_file_goes_after_seven_days_with_its_content(office: Office) -> None:
    upload(office)
    office.clock.pass_(days=6, hours=23)
    assert housekeeping.tidy(office.rt).loose_files == 0

    office.clock.pass_(hours=2)
    tidied = housekeeping.tidy(office.rt)

    assert (tidied.loose_files, tidied.documents) == (1, 1)
    assert stored(office) == []


def test_the_content_stays_while_another_upload_names_it(office: Office) -> None:
    upload(office)
    office.clock.pass_(days=5)
    upload(office, by="liu")
    office.clock.pass_(days=3)

    tidied = housekeeping.tidy(office.rt)

    assert (tidied.loose_files, tidied.documents) == (1, 0)
    assert len(stored(office)) == 1


def test_a_file_of_a_case_is_never_tidied_away(office: Office) -> None:
    file = upload(office)
    case_no = start_with(office, file)
    office.clock.pass_(days=400)

    assert housekeeping.tidy(office.rt).loose_files == 0
    assert files.download(office.rt, office.actors["zhao"], case_no, file.id).content == LICENCE


def test_more_than_a_batch_goes_in_one_night(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    for number in range(5):
        upload(office, LICENCE + bytes([number]), name=f"{number}.pdf")
    office.clock.pass_(days=8)

    tidied = housekeeping.tidy(office.rt)

    assert (tidied.loose_files, tidied.documents, count(office, "attachment")) == (5, 5, 0)


def test_an_answer_is_repeated_for_thirty_days(office: Office) -> None:
    command = instances.StartCase(
        service=SERVICE,
        by=office.actors["wang"],
        submission=demo.individual_application(1),
        idempotency_key="k",
    )
    instances.start(office.rt, command)
    office.clock.pass_(days=29)
    assert housekeeping.tidy(office.rt).answers == 0

    office.clock.pass_(days=2)

    assert housekeeping.tidy(office.rt).answers == 1


def test_sessions_and_attempts_that_are_over_go(office: Office) -> None:
    people.sign_in(office.rt, "wang", demo.PASSWORD, address="10.0.0.1")
    with pytest.raises(NotFound):
        instances.follow(office.rt, "none", "0000", "10.0.0.1")
    assert housekeeping.tidy(office.rt).sessions == 0

    office.clock.pass_(days=1, minutes=1)
    tidied = housekeeping.tidy(office.rt)

    assert (tidied.sessions, tidied.attempts) == (1, 2)
    assert count(office, "session") == count(office, "attempt") == 0


def test_a_job_that_was_given_up_goes_and_one_that_waits_stays(office: Office) -> None:
    office.apply()
    waiting = count(office, "procrastinate_jobs")
    with office.rt.store.begin() as uow:
        uow.db.run(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'deliver', 'failed')"
        )

    gone = office.rt.purge_jobs(datetime.now(UTC) + timedelta(minutes=1), 100)

    assert gone == 1
    assert count(office, "procrastinate_jobs") == waiting


def test_the_fifty_first_loose_file_is_refused_by_its_limit(office: Office) -> None:
    for number in range(files.MOST_LOOSE_FILES):
        upload(office, LICENCE + bytes([number]), name=f"{number}.pdf")

    with pytest.raises(InvalidRequest) as refused:
        upload(office, b"%PDF-1.7 one more")

    assert refused.value.facts["most_files"] == 50
    assert upload(office, LICENCE + bytes([0]), name="0.pdf").id  # the same again takes no room
    assert upload(office, LICENCE, by="liu").id
    assert len(stored(office)) == 51


def test_loose_files_of_more_than_two_hundred_megabytes_are_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_LOOSE_BYTES", 40)
    upload(office)

    upload(office, LICENCE + b"2")
    with pytest.raises(InvalidRequest) as refused:
        upload(office, LICENCE + b"3")

    assert refused.value.facts["most_bytes"] == 40
