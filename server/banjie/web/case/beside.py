"""What stands beside the step on the page of a case: comments, copies, files by step, stock phrases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from banjie.domain.assignment import Actor
from banjie.domain.worklist import AttachmentRow
from banjie.edge.context import actor, runtime
from banjie.persistence.copies import CopyRow
from banjie.services import comments, copies, phrases
from banjie.services.comments import LONGEST_COMMENT, CommentView
from banjie.services.instances import CaseView
from banjie.web.common.case_views import element_name
from banjie.web.common.frame import agency_name, local_name
from banjie.web.common.language import gettext
from banjie.web.common.task_form import new_key

_ = gettext


@dataclass(frozen=True, kw_only=True)
class PersonOption:
    """Somebody to be chosen from a list."""

    username: str
    label: str


@dataclass(frozen=True, kw_only=True)
class PaperLine:
    """A file; `remove_url` where the reader may take it away."""

    url: str
    name: str
    label: str
    size: int
    by: str
    at: datetime
    shared: bool
    remove_url: str


@dataclass(frozen=True, kw_only=True)
class PaperGroup:
    """The files of one step."""

    title: str
    files: tuple[PaperLine, ...]


@dataclass(frozen=True, kw_only=True)
class CommentLine:
    """A comment as the page shows it; `withdraw_url` where the reader may take it back."""

    id: int
    author: str
    agency: str
    step: str
    at: datetime
    words: str
    mentioned: str
    withdrawn_at: datetime | None
    files: tuple[PaperLine, ...]
    withdraw_url: str


@dataclass(frozen=True, kw_only=True)
class PhraseLine:
    """A phrase to be inserted; a phrase of one's own has an address under which its uses are counted."""

    words: str
    decision: str
    use_url: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What could not be done beside the step, with what was typed, to be tried again."""

    part: str
    text: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """All of it. `task_files` are the reader's own of the step in hand; `refused` what was refused just now."""

    comments: tuple[CommentLine, ...]
    people: tuple[PersonOption, ...]
    copied: tuple[CopyRow, ...]
    may_copy: bool
    copy_people: tuple[PersonOption, ...]
    groups: tuple[PaperGroup, ...]
    task_files: tuple[PaperLine, ...]
    comment_key: str
    refused: Refused | None
    longest_comment: int = LONGEST_COMMENT


def beside(view: CaseView, held_task: int | None, refused: Refused | None = None) -> Beside:
    """What stands beside the step for the reader; `held_task` is the task that the reader works on."""
    case_no = view.instance.case_no
    thread = comments.thread(runtime(), actor(), case_no)
    sendable = copies.sendable(runtime(), actor(), case_no)
    return Beside(
        comments=tuple(_comment(view, one) for one in thread.comments),
        people=tuple(map(_person, thread.people)),
        copied=tuple(sendable.sent),
        may_copy=sendable.may_send,
        copy_people=tuple(map(_person, sendable.people)),
        groups=_groups(view),
        task_files=tuple(
            _paper(view, file, held_task)
            for file in view.attachments
            if held_task is not None and file.task_id == held_task and file.label
        ),
        comment_key=new_key(),
        refused=refused,
    )


def phrase_lines() -> list[PhraseLine]:
    """The reader's phrases, the most used first, then those of the house."""
    own = [
        PhraseLine(words=one.words, decision="", use_url=url_for("phrases.use", phrase_id=one.id))
        for one in phrases.most_used(runtime(), actor())
    ]
    offered = (
        PhraseLine(words=local_name(one.words, one.words_en), decision=one.decision or "", use_url="")
        for one in phrases.house(runtime())
    )
    return own + [line for line in offered if line.words not in {one.words for one in own}]


def _comment(view: CaseView, shown: CommentView) -> CommentLine:
    row, case_no = shown.comment, view.instance.case_no
    return CommentLine(
        id=row.id,
        author=row.author,
        agency=agency_name(row.agency) if row.agency else "",
        step=element_name(view, row.element),
        at=row.at,
        words=row.words,
        mentioned=", ".join(row.mentioned),
        withdrawn_at=row.withdrawn_at,
        files=tuple(_paper(view, file, None) for file in shown.files),
        withdraw_url=url_for("comments.withdraw", case_no=case_no, comment_id=row.id)
        if shown.may_withdraw
        else "",
    )


def _person(one: Actor) -> PersonOption:
    unit = next(iter(sorted(one.agencies)), "")
    where = agency_name(unit) if unit else ""
    return PersonOption(
        username=one.username, label=" · ".join(filter(None, (one.name, one.username, where)))
    )


def _groups(view: CaseView) -> tuple[PaperGroup, ...]:
    """The files by the step that they came with, in the order of their coming."""
    found: dict[str, list[PaperLine]] = {}
    for file in view.attachments:
        if file.comment_id is None:
            title = element_name(view, file.element) if file.element else _("With the application")
            found.setdefault(title, []).append(_paper(view, file, None))
    return tuple(PaperGroup(title=title, files=tuple(files)) for title, files in found.items())


def _paper(view: CaseView, file: AttachmentRow, held_task: int | None) -> PaperLine:
    removable = held_task is not None and file.owner_id == actor().account_id
    return PaperLine(
        url=url_for("case.file", case_no=view.instance.case_no, file_id=file.id),
        name=file.name,
        label=file.label,
        size=file.size,
        by=file.owner,
        at=file.at,
        shared=file.shared,
        remove_url=url_for("comments.remove_file", task_id=held_task, file_id=file.id) if removable else "",
    )
