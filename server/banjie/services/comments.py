"""Comments on a case, among the people of its offices; the applicant neither reads nor writes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from banjie.domain.assignment import Actor, principal_of_person
from banjie.domain.changes import CaseChange, Message
from banjie.domain.errors import Conflict, Forbidden, IdempotencyMismatch, InvalidRequest, NotFound
from banjie.domain.events import NewEvent
from banjie.domain.instances import Instance
from banjie.domain.tasks import Task
from banjie.domain.worklist import AttachmentRow
from banjie.persistence.comments import CommentRow
from banjie.persistence.text import canonical, dumps, loads
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.instances import LONGEST_KEY
from banjie.services.runtime import Runtime
from banjie.services.sight import require_colleague, sees

LONGEST_COMMENT = 2_000
MOST_MENTIONS = 20
MOST_FILES = 10
#: So long may the author take a comment back.
WITHDRAWN_WITHIN = timedelta(minutes=10)
#: People offered for a mention; whoever is not among them can still be named.
_MOST_OFFERED = 200
#: An @ after a Latin letter or a digit is part of an e-mail address.
_MENTION = re.compile(r"(?<![A-Za-z0-9_.@])@([\w.\-]{1,64})")


@dataclass(frozen=True, kw_only=True)
class AddComment:
    """The wish to comment on a case, or on one of its tasks.

    `words` may name people as `@username`. `files` are ids of one's uploads that belong to no case yet.
    With an `idempotency_key` a repetition gets the first answer again.
    """

    case_no: str
    by: Actor
    words: str
    task_id: int | None = None
    files: Collection[int] = ()
    idempotency_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class CommentView:
    """A comment with its files; `may_withdraw` holds for the reader, now."""

    comment: CommentRow
    files: Sequence[AttachmentRow]
    may_withdraw: bool


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The comments of a case, oldest first, and the people whom the reader may mention, by name."""

    comments: Sequence[CommentView]
    people: Sequence[Actor]


def thread(rt: Runtime, actor: Actor, case_no: str) -> Thread:
    """What was said of a case. Raises NotFound, Forbidden for the applicant."""
    now = rt.now()
    with rt.store.read() as uow:
        instance = uow.cases.find(case_no)
        instance = require_colleague(rt, uow, actor, instance, case_no)
        files: dict[int, list[AttachmentRow]] = {}
        for row in uow.lists.attachments(instance.id):
            if row.comment_id is not None:
                files.setdefault(row.comment_id, []).append(row)
        comments = [
            CommentView(
                comment=row,
                files=files.get(row.id, ()),
                may_withdraw=row.account_id == actor.account_id
                and row.withdrawn_at is None
                and now <= row.at + WITHDRAWN_WITHIN,
            )
            for row in uow.comments.of_case(instance.id)
        ]
        people = uow.comments.actors_concerned(uow.comments.involved(instance.id), (), limit=_MOST_OFFERED)
    others = [one for one in people if one.account_id not in (actor.account_id, instance.applicant_id)]
    return Thread(comments=comments, people=others)


def add(rt: Runtime, command: AddComment) -> int:
    """Say something of a case; who is mentioned gets a notice. Returns the comment's id. Locks the case.

    Raises NotFound, Forbidden for the applicant, InvalidRequest for empty or too long words, for files that
    are not one's own, and for a mention of somebody who is not there or may not see the case, saying who;
    IdempotencyMismatch.
    """
    actor, words = command.by, _checked(command.words)
    if len(command.idempotency_key or "") > LONGEST_KEY:
        raise InvalidRequest("The idempotency key is too long.", limit=LONGEST_KEY)
    files = sorted(set(command.files))
    if len(files) > MOST_FILES:
        raise InvalidRequest("There are too many files.", field="files", limit=MOST_FILES)
    request = sha256(canonical(["comment", command.case_no, words, command.task_id, files]).encode()).digest()
    with rt.store.begin() as uow:
        at = rt.now()
        key = command.idempotency_key
        if key and not uow.cases.reserve_answer(actor.account_id, key, request, at):
            return _repeated(uow, actor, key, request)
        instance = uow.cases.lock(command.case_no)
        instance = require_colleague(rt, uow, actor, instance, command.case_no)
        task = _task_of(uow, instance, command.task_id)
        mentioned = _mentioned(rt, uow, instance, words)
        comment_id = uow.comments.add(
            instance_id=instance.id, task_id=command.task_id, account_id=actor.account_id,
            agency=_agency(actor, instance), at=at, words=words, mentions=[one.account_id for one in mentioned],
        )  # fmt: skip
        bound = uow.comments.bind(
            files, owner_id=actor.account_id, instance_id=instance.id, task_id=command.task_id,
            comment_id=comment_id,
        )  # fmt: skip
        if bound != len(files):
            raise InvalidRequest("A file is not yours or is used already.", field="files")
        change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
        change.events.append(_added(comment_id, words, task, mentioned))
        change.messages += [
            Message(
                recipient=principal_of_person(one.account_id),
                template="mentioned",
                facts={"comment": comment_id},
            )
            for one in mentioned
            if one.account_id != actor.account_id
        ]
        uow.cases.apply(instance, change)
        if key:
            uow.cases.fill_answer(actor.account_id, key, dumps({"comment": comment_id}))
    return comment_id


def withdraw(rt: Runtime, actor: Actor, case_no: str, comment_id: int) -> None:
    """Take one's comment back: its words and files go, that it was there stays. Doing it again changes nothing.

    Raises NotFound, Forbidden for anybody but the author, Conflict after the ten minutes. Locks the case.
    """
    with rt.store.begin() as uow:
        instance = require_colleague(rt, uow, actor, uow.cases.lock(case_no), case_no)
        row, at = uow.comments.find(instance.id, comment_id), rt.now()
        if row is None:
            raise NotFound(comment=comment_id)
        if row.account_id != actor.account_id:
            raise Forbidden("Only its author may withdraw a comment.", comment=comment_id)
        if row.withdrawn_at is not None:
            return
        if at > row.at + WITHDRAWN_WITHIN:
            raise Conflict("A comment can be withdrawn within ten minutes only.", comment=comment_id)
        uow.comments.withdraw(comment_id, at)
        change = CaseChange.of(instance, at=at, actor_id=actor.account_id)
        change.events.append(
            NewEvent(type="comment.withdrawn", task_id=row.task_id, facts={"comment": comment_id})
        )
        uow.cases.apply(instance, change)


def _checked(words: str) -> str:
    plain = "\n".join(line.rstrip() for line in words.strip().splitlines())
    if not plain or len(plain) > LONGEST_COMMENT:
        raise InvalidRequest(
            "A comment has 1 to 2,000 characters.", field="words", longest=LONGEST_COMMENT
        )  # fmt: skip
    return plain


def _task_of(uow: UnitOfWork, instance: Instance, task_id: int | None) -> Task | None:
    task = uow.cases.task(task_id) if task_id is not None else None
    if task_id is not None and (task is None or task.instance_id != instance.id):
        raise InvalidRequest("The case has no such task.", field="task_id")
    return task


def _agency(actor: Actor, instance: Instance) -> str:
    """For whom the author speaks: an agency of the case, else the author's first, empty for overseers."""
    return next(
        iter(sorted(actor.agencies.intersection(instance.agencies.values())) or sorted(actor.agencies)), ""
    )


def _mentioned(rt: Runtime, uow: UnitOfWork, instance: Instance, words: str) -> list[Actor]:
    """The people whom the words name, each once, in the order of the text; raises InvalidRequest naming who is not."""
    written = list(dict.fromkeys(found[1] for found in _MENTION.finditer(words)))
    known = uow.comments.actors_named({name for text in written for name in _readings(text)})
    people: dict[int, Actor] = {}
    for text in written:
        person = _longest(text, known)
        if person is None:
            raise InvalidRequest(
                f"There is nobody called @{text}.", field="words", rule="unknown_person", who=text
            )
        if person.account_id == instance.applicant_id or not sees(rt, uow, person, instance):
            raise InvalidRequest(
                f"@{person.username} may not see this case and cannot be mentioned.", field="words",
                rule="may_not_see", who=person.username,
            )  # fmt: skip
        people[person.account_id] = person
    if len(people) > MOST_MENTIONS:
        raise InvalidRequest("Too many people are mentioned.", field="words", limit=MOST_MENTIONS)
    return list(people.values())


def _readings(text: str) -> list[str]:
    """The names that an @ may mean, the longest first: Chinese goes on without a blank after a Latin name.

    >>> _readings("qian请看")
    ['qian请看', 'qian请', 'qian']
    """
    ends = [
        end for end in range(len(text), 0, -1) if end == len(text) or not _joins(text[end - 1], text[end])
    ]
    return [text[:end] for end in ends]


def _joins(left: str, right: str) -> bool:
    return left.isascii() and left.isalnum() and right.isascii() and right.isalnum()


def _longest(text: str, known: Mapping[str, Actor]) -> Actor | None:
    return next((known[name] for name in _readings(text) if name in known), None)


def _added(comment_id: int, words: str, task: Task | None, mentioned: Sequence[Actor]) -> NewEvent:
    return NewEvent(
        type="comment.added",
        element=task.element if task else None,
        task_id=task.id if task else None,
        agency=task.agency if task else None,
        facts={
            "comment": comment_id,
            "sha256": sha256(words.encode()).hexdigest(),
            "mentions": [one.account_id for one in mentioned],
        },
    )


def _repeated(uow: UnitOfWork, actor: Actor, key: str, request: bytes) -> int:
    found = uow.cases.answered(actor.account_id, key)
    if found is None or found[0] != request or not found[1]:
        raise IdempotencyMismatch(key=key)
    return int(loads(found[1])["comment"])
