"""Lists that wait to be read: kept by name until they have been, then removed."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from banjie.domain.errors import InvalidRequest, NotFound

_CHUNK = 1 << 20
#: How the names of files begin that have no name of their own yet.
_INCOMING = "incoming-"


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A file that has come in and has no name yet; `sha256` in hex, `size` in bytes."""

    path: Path
    sha256: str
    size: int


class Spool:
    """Files under one folder; `limit` in bytes a file."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self._folder = folder
        self._limit = limit

    def receive(self, stream: IO[bytes]) -> Incoming:
        """Write a stream to the disk, piece by piece.

        The caller keeps or drops what comes of it. Raises InvalidRequest for an empty or too large file.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=_INCOMING)
        digest, size = sha256(), 0
        try:
            with os.fdopen(handle, "wb") as file:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > self._limit:
                        break
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        if not 0 < size <= self._limit:
            Path(name).unlink()
            raise InvalidRequest("A file must not be empty or too large.", limit=self._limit)
        return Incoming(path=Path(name), sha256=digest.hexdigest(), size=size)

    def keep(self, incoming: Incoming, name: str) -> None:
        """Give a file its name; one of that name gives way."""
        incoming.path.replace(self._folder / name)

    def drop(self, incoming: Incoming) -> None:
        """Forget a file that got no name; one that has got one stays."""
        incoming.path.unlink(missing_ok=True)

    def sweep(self, before: datetime) -> int:
        """Forget what came in before an instant and got no name: who received it was killed; returns how many."""
        old = [
            path for path in self._folder.glob(f"{_INCOMING}*") if path.stat().st_mtime < before.timestamp()
        ]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def path(self, name: str) -> Path:
        """Where the file of a name lies; raises NotFound."""
        path = self._folder / name
        if not path.is_file():
            raise NotFound(list=name)
        return path

    def remove(self, name: str) -> None:
        """Forget the file of a name; one that is not there changes nothing."""
        (self._folder / name).unlink(missing_ok=True)
