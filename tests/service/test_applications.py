"""A second application of the same applicant while a case is open: refused, joined or let be, by the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from banjie.domain.errors import AlreadyOpen, BanjieError
from banjie.domain.worklist import Tab
from banjie.services import applications, demo, files, instances, notices, people, tasks
from banjie.services.content_check import check
from support.content import copy_content
from support.office import Office, checked

PERSON, FIRM = "guarantee-loan-individual", "guarantee-loan-sme"


def content_where(folder: Path, rule: str) -> Path:
    """The house's content with another rule for the loan of individuals."""
    copy_content(folder)
    path = folder / "policy" / "services" / f"{PERSON}.yaml"
    path.write_text(path.read_text().replace("while_open: refuse", f"while_open: {rule}"))
    return folder


@pytest.fixture
def joining(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office that adds a second application to the open case."""
    content = content_where(tmp_path / "content", "join")
    with checked(Office(database_url, tmp_path / "var", content=content)) as running:
        yield running


def apply(
    office: Office, serial: int = 1, by: str = "wang", key: str | None = None, **more: Any
) -> instances.Started:
    return instances.start(
        office.rt,
        instances.StartCase(
            service=PERSON, by=office.actors[by], submission=demo.individual_application(serial, **more),
            idempotency_key=key,
        ),
    )  # fmt: skip


def cases(office: Office) -> int:
    with office.rt.store.read() as uow:
        return int(uow.db.only("SELECT count(*) FROM instance")[0])


def at_once(office: Office, *people_: str) -> list[instances.Started | BanjieError]:
    barrier = Barrier(len(people_))
    ends: list[instances.Started | BanjieError] = []

    def run(by: str) -> None:
        barrier.wait()
        try:
            ends.append(apply(office, by=by))
        except BanjieError as refused:
            ends.append(refused)

    threads = [Thread(target=run, args=(by,)) for by in people_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


# ── refuse ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_application_while_one_is_open_is_refused_with_the_number(office: Office) -> None:
    first = apply(office)

    with pytest.raises(AlreadyOpen, match="refuse") as refused:
        apply(office, amount=90_000)

    assert refused.value.facts["case_no"] == first.case_no
    assert cases(office) == 1


def test_another_account_learns_only_that_there_is_an_open_case(office: Office) -> None:
    apply(office)

    with pytest.raises(AlreadyOpen) as refused:
        apply(office, by="liu")

    assert "case_no" not in refused.value.facts
    assert cases(office) == 1


def test_the_number_is_compared_without_regard_to_small_letters(office: Office) -> None:
    assert office.rt.subject_key("15220119810201501x") == office.rt.subject_key("15220119810201501X")


def test_the_number_itself_is_not_what_is_kept(office: Office) -> None:
    case_no = apply(office).case_no

    with office.rt.store.read() as uow:
        kept = uow.db.only("SELECT subject FROM instance WHERE case_no = %s", (case_no,))[0]
    assert len(bytes(kept)) == 32
    assert bytes(kept) == office.rt.subject_key(str(demo.individual_application(1)["id_number"]))


def test_an_applicant_whose_case_has_ended_may_apply_again(office: Office) -> None:
    first = apply(office)
    instances.withdraw(office.rt, office.actors["wang"], first.case_no, "改日再办")

    assert apply(office).case_no != first.case_no


def test_other_people_and_other_services_do_not_stand_in_the_way(office: Office) -> None:
    apply(office, 1)
    apply(office, 2)
    firm = instances.StartCase(service=FIRM, by=office.actors["wang"], submission=demo.sme_application(1))

    instances.start(office.rt, firm)

    assert cases(office) == 3


def test_an_enterprise_is_told_by_its_credit_code_not_by_who_signs_for_it(office: Office) -> None:
    signer = demo.sme_application(1)["id_number"]
    for serial in (1, 2):
        submission = demo.sme_application(serial, id_number=signer)
        instances.start(
            office.rt, instances.StartCase(service=FIRM, by=office.actors["liu"], submission=submission)
        )

    with pytest.raises(AlreadyOpen):
        instances.start(
            office.rt,
            instances.StartCase(
                service=FIRM, by=office.actors["liu"],
                submission=demo.sme_application(2, id_number=demo.sme_application(7)["id_number"]),
            ),
        )  # fmt: skip


def test_a_repetition_with_its_key_gets_its_answer_and_no_refusal(office: Office) -> None:
    first = apply(office, key="k")

    again = apply(office, key="k")

    assert (again.case_no, again.repeated) == (first.case_no, True)


def test_two_applications_at_the_same_moment_open_one_case(office: Office) -> None:
    ends = at_once(office, "wang", "wang", "liu", "wang")

    assert sum(isinstance(end, instances.Started) for end in ends) == 1
    assert sum(isinstance(end, AlreadyOpen) for end in ends) == 3
    assert cases(office) == 1


def test_the_open_case_is_named_before_anything_is_typed(office: Office) -> None:
    service = office.rt.book.services[PERSON]
    assert applications.open_case(office.rt, office.actors["wang"], service) is None
    first = apply(office)

    assert applications.open_case(office.rt, office.actors["wang"], service) == first.case_no
    assert applications.open_case(office.rt, office.actors["liu"], service) is None


# ── join ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_joined_application_is_kept_and_changes_nothing_of_the_case(joining: Office) -> None:
    first = apply(joining)
    before = joining.view(first.case_no).instance.data

    second = apply(joining, amount=90_000)

    assert (second.case_no, second.joined) == (first.case_no, True)
    view = joining.view(first.case_no)
    assert view.instance.data == before
    assert [row.variable for row in view.submissions] == ["application", applications.JOINED]
    assert int(str(view.submissions[1].values["amount"])) == 90_000
    assert "instance.joined" in [event.type for event in view.events]
    assert joining.open_elements(first.case_no) == ["Accept"]


def test_a_joined_application_s_words_stay_out_of_the_record(joining: Office) -> None:
    case_no = apply(joining).case_no
    apply(joining, purpose="购置一台从未见过的烤炉")

    (joined,) = [event for event in joining.view(case_no).events if event.type == "instance.joined"]
    assert set(joined.facts) == {"service", "sha256"}


def test_the_officers_of_the_open_step_are_told_of_a_joined_application(joining: Office) -> None:
    case_no = apply(joining).case_no
    apply(joining)
    notices.deliver(joining.rt, joining.view(case_no).instance.id)

    told = [row.template for row in people.notices(joining.rt, joining.actors["zhao"])]
    assert told == [applications.JOINED]


def test_the_files_of_a_joined_application_belong_to_the_case(joining: Office) -> None:
    case_no = apply(joining).case_no
    form = joining.rt.processes.form(
        joining.view(case_no).instance.definition, "guarantee_loan/apply_individual"
    )
    field = next(key for key, placed in form.fields.items() if getattr(placed.component, "accept", None))
    kept = files.upload(joining.rt, joining.actors["wang"], field=field, name="a.pdf", content=b"%PDF-1.7")

    attached: dict[str, Any] = {field: [str(kept.id)]}
    apply(joining, **attached)

    assert [row.id for row in joining.view(case_no).attachments] == [kept.id]


def test_a_joined_application_is_repeated_by_its_key(joining: Office) -> None:
    apply(joining)
    apply(joining, key="k")

    again = apply(joining, key="k")

    assert (again.joined, again.repeated) == (True, True)


def test_nobody_joins_another_account_s_case(joining: Office) -> None:
    case_no = apply(joining).case_no

    with pytest.raises(AlreadyOpen) as refused:
        apply(joining, by="liu")

    assert "case_no" not in refused.value.facts
    assert len(joining.view(case_no).submissions) == 1


def test_joined_at_the_same_moment_there_is_one_case(joining: Office) -> None:
    ends = at_once(joining, "wang", "wang", "wang")

    assert sorted(end.joined for end in ends if isinstance(end, instances.Started)) == [False, True, True]
    assert cases(joining) == 1


# ── allow, and the content ───────────────────────────────────────────────────────────────────────────


def test_a_service_may_allow_two_at_a_time(database_url: str, tmp_path: Path) -> None:
    content = content_where(tmp_path / "content", "allow")
    with checked(Office(database_url, tmp_path / "var", content=content)) as office:
        assert apply(office).case_no != apply(office).case_no

        assert len(tasks.inbox(office.rt, office.actors["zhao"], Tab.CANDIDATE).rows) == 2


def test_a_word_that_is_no_rule_is_named_by_the_check(tmp_path: Path) -> None:
    content = content_where(tmp_path, "perhaps")

    (problem,) = check(content)

    assert (problem.file, problem.element, problem.rule) == (
        f"policy/services/{PERSON}.yaml",
        "while_open",
        "choice",
    )


def test_a_rule_needs_a_start_form_that_tells_the_applicant(tmp_path: Path) -> None:
    content = content_where(tmp_path, "join")
    path = content / "forms" / "guarantee_loan" / "apply_individual.form"
    path.write_text(path.read_text().replace('"check": "id_number",', ""))

    assert ("while_open", "applicant-number") in {(one.element, one.rule) for one in check(content)}
