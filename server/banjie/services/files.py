"""Uploaded files: kept by hash, given out only to people who see their case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from banjie.domain.assignment import Actor
from banjie.domain.decisions import Json
from banjie.domain.errors import InvalidRequest, NotFound
from banjie.forms.model import Field, FieldType, Form, Placed
from banjie.persistence.text import read_id
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime
from banjie.services.sight import is_for_applicant, visible

_LONGEST_NAME = 120
_MOST_FIELD = 100
#: What an account may have uploaded that no case has taken yet.
MOST_LOOSE_FILES = 50
MOST_LOOSE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A file that waits to be named by a submission."""

    id: int
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to be handed out as an attachment."""

    name: str
    media_type: str
    content: bytes


def upload(rt: Runtime, actor: Actor, *, field: str, name: str, content: bytes) -> Uploaded:
    """Keep a file for a submission of the actor's.

    Raises InvalidRequest for its size or kind, and where the actor has too many files lying that no case has taken.
    """
    plain = _printable(name.replace("\\", "/").rsplit("/", 1)[-1])[-_LONGEST_NAME:]
    if not plain.strip():
        raise InvalidRequest("A file needs a name.")
    field, digest = _printable(field)[:_MOST_FIELD], sha256(content).digest()
    with rt.store.begin() as uow:
        _require_room(uow, actor, field, plain, digest, len(content))
        # So that nobody takes the same content for forgotten between its writing and its row.
        uow.upkeep.lock_name(document_lock(digest))
        digest, media_type = rt.documents.put(content)
        file_id = uow.desk.add_attachment(
            owner_id=actor.account_id, field=field, sha256=digest, name=plain, media_type=media_type,
            size=len(content), at=rt.now(),
        )  # fmt: skip
    return Uploaded(id=file_id, name=plain, size=len(content), sha256=digest.hex())


def document_lock(digest: bytes) -> str:
    """The name under which the file of a SHA-256 is locked while it is written or removed."""
    return f"document:{digest.hex()}"


def _require_room(uow: UnitOfWork, actor: Actor, field: str, name: str, digest: bytes, size: int) -> None:
    """Refuse a file more than an account may have lying loose; the same file again takes no room."""
    uow.upkeep.lock_name(f"loose:{actor.account_id}")
    files, taken = uow.upkeep.loose(actor.account_id)
    if files < MOST_LOOSE_FILES and taken + size <= MOST_LOOSE_BYTES:
        return
    if not uow.upkeep.is_loose(actor.account_id, field, digest, name):
        raise InvalidRequest(
            "You have too many files lying that no submission names.", most_files=MOST_LOOSE_FILES,
            most_bytes=MOST_LOOSE_BYTES,
        )  # fmt: skip


def bind(
    uow: UnitOfWork, form: Form, values: Mapping[str, Json], actor: Actor, instance_id: int,
    task_id: int | None = None,
) -> None:  # fmt: skip
    """Give the files that a submission names to its case, and to its task.

    One statement, none where no file is named; a file that the case has already may be named again. Raises
    InvalidRequest for a file of somebody else, one that another case has, or what is no file's number.
    """
    ids = _named(form.fields, values)
    for key, fields in form.row_fields.items():
        rows = values.get(key)
        for row in rows if isinstance(rows, list | tuple) else ():
            ids += _named(fields, row) if isinstance(row, Mapping) else []
    if ids and uow.desk.bind_attachments(ids, actor.account_id, instance_id, task_id) != len(set(ids)):
        raise InvalidRequest("A file of the submission is not yours or is used already.", files=len(ids))


def bind_files(uow: UnitOfWork, files: Mapping[str, Sequence[str]], actor: Actor, instance_id: int) -> None:
    """Give files that are named beside a form to a case, by the name under which they are handed in; as `bind`."""
    ids = {_file_id(name, one) for name, listed in files.items() for one in listed}
    if ids and uow.desk.bind_attachments(sorted(ids), actor.account_id, instance_id) != len(ids):
        raise InvalidRequest("A file of the submission is not yours or is used already.", files=len(ids))


def _named(fields: Mapping[str, Placed], values: Mapping[str, Json]) -> list[int]:
    """The ids of the files that one level of a submission names."""
    ids: list[int] = []
    for key, placed in fields.items():
        named, component = values.get(key), placed.component
        is_files = isinstance(component, Field) and component.type is FieldType.FILEPICKER
        if is_files and isinstance(named, list | tuple):
            ids += [_file_id(key, str(item)) for item in named]
    return ids


def _file_id(field: str, text: str) -> int:
    try:
        return read_id(text)
    except ValueError:
        raise InvalidRequest("A file is named by the number of its upload.", field=field) from None


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def download(rt: Runtime, actor: Actor, case_no: str, file_id: int) -> Download:
    """A file of a case that the actor sees; raises NotFound."""
    with rt.store.read() as uow:
        instance = visible(rt, uow, actor, case_no)
        found = uow.lists.attachment(file_id)
    if found is None or found[0] != instance.id:
        raise NotFound(file=file_id)
    row = found[1]
    if actor.account_id == instance.applicant_id and not is_for_applicant(row, instance):
        raise NotFound(file=file_id)
    return Download(name=row.name, media_type=row.media_type, content=rt.documents.get(row.sha256))
