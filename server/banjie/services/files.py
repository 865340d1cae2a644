"""Uploaded files: kept by hash, given out only to people who see their case."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.domain.assignment import Actor
from banjie.domain.errors import InvalidRequest, NotFound
from banjie.services.instances import visible
from banjie.services.runtime import Runtime

_LONGEST_NAME = 120
_MOST_FIELD = 100


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
    """Keep a file for a submission of the actor's; raises InvalidRequest for its size or kind."""
    plain = _printable(name.replace("\\", "/").rsplit("/", 1)[-1])
    if not plain.strip():
        raise InvalidRequest("A file needs a name.")
    digest, media_type = rt.documents.put(content)
    with rt.store.begin() as uow:
        file_id = uow.desk.add_attachment(
            owner_id=actor.account_id, field=_printable(field)[:_MOST_FIELD], sha256=digest,
            name=plain[-_LONGEST_NAME:], media_type=media_type, size=len(content), at=rt.now(),
        )  # fmt: skip
    return Uploaded(id=file_id, name=plain[-_LONGEST_NAME:], size=len(content), sha256=digest.hex())


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
    return Download(name=row.name, media_type=row.media_type, content=rt.documents.get(row.sha256))
