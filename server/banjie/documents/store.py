"""A folder of files named by their SHA-256; the same content is stored once."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

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
