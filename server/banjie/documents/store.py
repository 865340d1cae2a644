"""A folder of files named by their SHA-256; the same content is stored once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from banjie.domain.errors import InvalidRequest, NotFound

#: What an upload may be, by its first bytes; what a browser would run is not among them.
_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


class DocumentStore:
    """Files under one folder; `limit` in bytes a file."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self._folder = folder
        self._limit = limit

    def put(self, content: bytes) -> tuple[bytes, str]:
        """Keep a file; returns its SHA-256 and its kind by its first bytes.

        Raises InvalidRequest for an empty, too large or unknown kind of file.
        """
        if not content or len(content) > self._limit:
            raise InvalidRequest(
                "A file must not be empty or too large.", size=len(content), limit=self._limit
            )
        media_type = next((kind for magic, kind in _KINDS if content.startswith(magic)), None)
        if media_type is None:
            raise InvalidRequest("Only PDF, PNG and JPEG files are taken.", allowed="pdf, png, jpeg")
        digest = sha256(content)
        path = self._path(digest.hexdigest())
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._write(path, content)
        return digest.digest(), media_type

    def _write(self, path: Path, content: bytes) -> None:
        # Written beside and renamed, so that a crash leaves no half file under a hash.
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise

    def keep(self, write: Callable[[BinaryIO], None]) -> str:
        """Keep a file of our own that `write` writes, of any kind and size; returns its SHA-256 in hex.

        It is never whole in memory. What is kept stays when the caller's transaction fails; nothing names it then.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "w+b") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                digest = file_digest(file, "sha256").hexdigest()
            path = self._path(digest)
            path.parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest

    def open(self, digest: str) -> BinaryIO:
        """The file of a SHA-256 in hex, to be read and closed; raises NotFound."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise NotFound(document=digest) from None

    def get(self, digest: str) -> bytes:
        """The content by its SHA-256 in hex; raises NotFound."""
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound(document=digest) from None

    def remove(self, digest: str) -> None:
        """Forget the content of a SHA-256 in hex; one that is not there changes nothing."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:]
