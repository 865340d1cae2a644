"""What officers say of a case among themselves: mentions, withdrawal, files; and what the applicant never sees."""

from __future__ import annotations

from hashlib import sha256

import pytest

from banjie.domain.errors import Conflict, Forbidden, IdempotencyMismatch, InvalidRequest, NotFound
from banjie.domain.worklist import NoticeRow
from banjie.services import comments, files, instances, notices, people
from support.office import Office

PDF = b"%PDF-1.7\n%%EOF\n"


def say(office: Office, case_no: str, words: str, by: str = "zhao", **more: object) -> int:
    command = comments.AddComment(case_no=case_no, by=office.actors[by], words=words, **more)  # type: ignore[arg-type]  # as the test gives it
    return comments.add(office.rt, command)


def told(office: Office, who: str, case_no: str) -> list[NoticeRow]:
    notices.deliver(office.rt, office.view(case_no).instance.id)
    return list(people.notices(office.rt, office.actors[who]))


def at_investigation(office: Office) -> str:
    case_no = office.apply()
    office.advance_to(case_no, "Investigate")
    return case_no


def test_a_comment_is_read_by_the_other_offices_with_its_line_breaks(office: Office) -> None:
    case_no = at_investigation(office)

    say(office, case_no, "第一行\n<script>第二行</script>  ")

    [view] = comments.thread(office.rt, office.actors["qian"], case_no).comments
    assert view.comment.words == "第一行\n<script>第二行</script>"
    assert (view.comment.author, view.comment.agency) == ("赵敏", "bureau-ulanhot")


@pytest.mark.parametrize("who", ["feng", "chu", "zhou"])
def test_overseers_and_heads_comment_too(office: Office, who: str) -> None:
    case_no = at_investigation(office)

    assert say(office, case_no, "请抓紧办理", by=who)


def test_the_applicant_neither_reads_nor_writes_comments(office: Office) -> None:
    case_no = at_investigation(office)
    say(office, case_no, "内部意见")

    with pytest.raises(Forbidden):
        comments.thread(office.rt, office.actors["wang"], case_no)
    with pytest.raises(Forbidden):
        say(office, case_no, "我是申请人", by="wang")
    told = [event.type for event in instances.view(office.rt, office.actors["wang"], case_no).events]
    assert "comment.added" not in told


def test_for_strangers_the_case_does_not_exist(office: Office) -> None:
    case_no = at_investigation(office)

    with pytest.raises(NotFound):
        say(office, case_no, "你好", by="jiang")


@pytest.mark.parametrize(
    "words", ["@qian 请看", "@qian请看", "请 @qian，谢谢", "（@qian.）", "请@qian看一下"]
)
def test_a_mention_is_understood_as_people_write_it(office: Office, words: str) -> None:
    case_no = at_investigation(office)

    say(office, case_no, words)

    [view] = comments.thread(office.rt, office.actors["zhao"], case_no).comments
    assert list(view.comment.mentions) == [office.actors["qian"].account_id]
    assert list(view.comment.mentioned) == ["钱进"]


def test_who_is_mentioned_gets_one_notice_that_names_the_comment(office: Office) -> None:
    case_no = at_investigation(office)

    comment_id = say(office, case_no, "@qian 请看，@qian 谢谢")

    [notice] = told(office, "qian", case_no)
    assert notice.template == "mentioned"
    assert notice.facts == {"comment": comment_id, "case_no": case_no}


def test_who_mentions_oneself_gets_no_notice(office: Office) -> None:
    case_no = at_investigation(office)

    say(office, case_no, "@zhao 记一下")

    assert told(office, "zhao", case_no) == []


@pytest.mark.parametrize("name", ["jiang", "wang", "li", "wei"])
def test_a_mention_of_somebody_who_may_not_see_the_case_is_refused_and_says_who(
    office: Office, name: str
) -> None:
    case_no = at_investigation(office)

    with pytest.raises(InvalidRequest, match=f"@{name} may not see this case"):
        say(office, case_no, f"@qian @{name} 请看")

    assert comments.thread(office.rt, office.actors["zhao"], case_no).comments == []


def test_a_mention_of_nobody_is_refused_and_says_who(office: Office) -> None:
    case_no = at_investigation(office)

    with pytest.raises(InvalidRequest, match="nobody called @qianwen"):
        say(office, case_no, "@qianwen 请看")


def test_an_address_of_mail_mentions_nobody(office: Office) -> None:
    case_no = at_investigation(office)

    assert say(office, case_no, "来信 office@jiang.example")


@pytest.mark.parametrize("words", ["", "  \n ", "字" * 2001])
def test_empty_and_endless_words_are_refused(office: Office, words: str) -> None:
    case_no = at_investigation(office)

    with pytest.raises(InvalidRequest):
        say(office, case_no, words)


def test_the_record_keeps_the_hash_of_the_words_not_the_words(office: Office) -> None:
    case_no = at_investigation(office)

    say(office, case_no, "申请人电话不通")

    [event] = [event for event in office.view(case_no).events if event.type == "comment.added"]
    assert event.facts["sha256"] == sha256("申请人电话不通".encode()).hexdigest()
    assert "电话" not in str(event.facts)


def test_the_author_takes_a_comment_back_and_a_trace_stays(office: Office) -> None:
    case_no = at_investigation(office)
    comment_id = say(office, case_no, "写错了")
    office.clock.pass_(minutes=10)

    for _ in range(2):
        comments.withdraw(office.rt, office.actors["zhao"], case_no, comment_id)

    [view] = comments.thread(office.rt, office.actors["qian"], case_no).comments
    assert view.comment.words == ""
    assert view.comment.withdrawn_at == office.rt.now()
    types = [event.type for event in office.view(case_no).events]
    assert types.count("comment.withdrawn") == 1


def test_after_ten_minutes_a_comment_stays(office: Office) -> None:
    case_no = at_investigation(office)
    comment_id = say(office, case_no, "写错了")
    office.clock.pass_(minutes=10, seconds=1)

    with pytest.raises(Conflict):
        comments.withdraw(office.rt, office.actors["zhao"], case_no, comment_id)


def test_nobody_takes_back_what_another_said(office: Office) -> None:
    case_no = at_investigation(office)
    comment_id = say(office, case_no, "写错了")

    with pytest.raises(Forbidden):
        comments.withdraw(office.rt, office.actors["qian"], case_no, comment_id)


def test_a_comment_sent_twice_with_one_key_is_one(office: Office) -> None:
    case_no = at_investigation(office)

    first = say(office, case_no, "@qian 请看", idempotency_key="k")

    assert say(office, case_no, "@qian 请看", idempotency_key="k") == first
    with pytest.raises(IdempotencyMismatch):
        say(office, case_no, "@qian 请再看", idempotency_key="k")
    assert len(told(office, "qian", case_no)) == 1


def test_a_comment_brings_its_files_and_takes_them_away_again(office: Office) -> None:
    case_no = at_investigation(office)
    task = office.open_task(case_no)
    kept = files.upload(office.rt, office.actors["zhao"], field="", name="照片.pdf", content=PDF)

    comment_id = say(office, case_no, "见附件", files=[kept.id], task_id=task.id)

    [view] = comments.thread(office.rt, office.actors["qian"], case_no).comments
    assert [(file.name, file.task_id) for file in view.files] == [("照片.pdf", task.id)]
    assert files.download(office.rt, office.actors["qian"], case_no, kept.id).content == PDF
    with pytest.raises(NotFound):
        files.download(office.rt, office.actors["wang"], case_no, kept.id)
    comments.withdraw(office.rt, office.actors["zhao"], case_no, comment_id)
    with pytest.raises(NotFound):
        files.download(office.rt, office.actors["qian"], case_no, kept.id)


def test_a_file_of_somebody_else_cannot_come_with_a_comment(office: Office) -> None:
    case_no = at_investigation(office)
    kept = files.upload(office.rt, office.actors["qian"], field="", name="a.pdf", content=PDF)

    with pytest.raises(InvalidRequest):
        say(office, case_no, "见附件", files=[kept.id])


def test_a_task_of_another_case_takes_no_comment(office: Office) -> None:
    case_no, other = at_investigation(office), office.apply()

    with pytest.raises(InvalidRequest):
        say(office, case_no, "意见", task_id=office.open_task(other).id)


def test_the_offered_people_are_those_of_the_offices_that_have_had_a_task(office: Office) -> None:
    case_no = at_investigation(office)

    offered = {one.username for one in comments.thread(office.rt, office.actors["zhao"], case_no).people}

    assert offered == {"qian", "bai", "dong", "zhou", "wu"}
