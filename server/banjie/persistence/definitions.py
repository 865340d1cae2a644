"""What is deployed: resources by their hash, versions of definitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from banjie.domain.errors import NotFound
from banjie.persistence.database import Db


class Definitions:
    """The deployed definitions."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def latest(self, key: str) -> str:
        """The version that new cases of a process begin with; raises NotFound."""
        row = self._db.one(
            "SELECT version FROM definition WHERE key = %s ORDER BY deployed_at DESC, id DESC LIMIT 1", (key,)
        )
        if row is None:
            raise NotFound(definition=key)
        return str(row[0])

    def resources(self, version: str) -> tuple[str, Mapping[str, bytes]]:
        """The process key of a version, and its files by path; raises NotFound."""
        rows = self._db.rows(
            "SELECT d.key, r.path, c.content FROM definition d JOIN definition_resource r ON r.definition_id = d.id "
            "JOIN resource c ON c.sha256 = r.sha256 WHERE d.version = %s",
            (version,),
        )
        if not rows:
            raise NotFound(definition=version)
        return rows[0][0], {path: bytes(content) for _, path, content in rows}

    def deploy(
        self, key: str, version: str, resources: Mapping[str, bytes], at: datetime, by: int | None
    ) -> bool:
        """Store a version; False where it is the latest already. An older one becomes the latest again."""
        latest = self._db.one(
            "SELECT version FROM definition WHERE key = %s ORDER BY deployed_at DESC, id DESC LIMIT 1", (key,)
        )
        if latest and latest[0] == version:
            return False
        row = self._db.one(
            "INSERT INTO definition (key, version, deployed_at, deployed_by) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (version) DO NOTHING RETURNING id",
            (key, version, at, by),
        )
        if row is None:
            self._db.run("UPDATE definition SET deployed_at = %s WHERE version = %s", (at, version))
            return True
        for path, content in resources.items():
            digest = sha256(content).digest()
            self._db.run(
                "INSERT INTO resource (sha256, content) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (digest, content),
            )
            self._db.run(
                "INSERT INTO definition_resource (definition_id, path, sha256) VALUES (%s, %s, %s)",
                (row[0], path, digest),
            )
        return True
