"""Comments on cases, the files that officers add to a case outside forms, and who may be told of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from banjie.domain.assignment import Actor, Membership
from banjie.persistence.database import Db, Row

COMMENT = """
SELECT c.id, c.task_id, t.element, c.account_id, a.display_name, a.username, c.agency, c.at, c.words,
       c.mentions, c.withdrawn_at,
       (SELECT array_agg(m.display_name ORDER BY m.display_name) FROM account m WHERE m.id = ANY(c.mentions))
FROM comment c
JOIN account a ON a.id = c.account_id
LEFT JOIN task t ON t.id = c.task_id """

ACTORS = """
SELECT a.id, a.display_name, a.username,
       (SELECT array_agg(ARRAY[m.role, m.agency, m.region]) FROM membership m WHERE m.account_id = a.id)
FROM account a """


@dataclass(frozen=True, kw_only=True)
class CommentRow:
    """A comment; of a withdrawn one `words` is empty and `withdrawn_at` set.

    `mentions` are account ids, `mentioned` the names of those people.
    """

    id: int
    task_id: int | None
    element: str | None
    account_id: int
    author: str
    username: str
    agency: str
    at: datetime
    words: str
    mentions: Sequence[int]
    withdrawn_at: datetime | None
    mentioned: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    """A file in a case, with whose it is and what it hangs on; one that came with a form has no label."""

    id: int
    instance_id: int | None
    owner_id: int
    task_id: int | None
    comment_id: int | None
    label: str
    shared: bool


_FIELDS = tuple(CommentRow.__dataclass_fields__)
_PAPER_FIELDS = tuple(PaperRow.__dataclass_fields__)


def _comment(row: Row) -> CommentRow:
    return CommentRow(**dict(zip(_FIELDS, (*row[:-1], row[-1] or ()), strict=True)))


class Comments:
    """The comments and loose papers of one unit of work."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def of_case(self, instance_id: int) -> list[CommentRow]:
        """The comments of a case, oldest first."""
        rows = self._db.rows(f"{COMMENT}WHERE c.instance_id = %s ORDER BY c.id", (instance_id,))
        return [_comment(row) for row in rows]

    def involved(self, instance_id: int) -> list[str]:
        """The agencies that have had a task of the case."""
        rows = self._db.rows("SELECT DISTINCT agency FROM task WHERE instance_id = %s", (instance_id,))
        return sorted(row[0] for row in rows)

    def find(self, instance_id: int, comment_id: int) -> CommentRow | None:
        """A comment of a case."""
        row = self._db.one(f"{COMMENT}WHERE c.id = %s AND c.instance_id = %s", (comment_id, instance_id))
        return _comment(row) if row else None

    def add(
        self, *, instance_id: int, task_id: int | None, account_id: int, agency: str, at: datetime, words: str,
        mentions: Collection[int],
    ) -> int:  # fmt: skip
        """Store a comment; returns its id."""
        row = self._db.only(
            "INSERT INTO comment (instance_id, task_id, account_id, agency, at, words, mentions) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (instance_id, task_id, account_id, agency, at, words, sorted(mentions)),
        )
        return int(row[0])

    def withdraw(self, comment_id: int, at: datetime) -> None:
        """Take the words and the files of a comment away; that it was there stays."""
        self._db.run(
            "DELETE FROM attachment WHERE instance_id = (SELECT instance_id FROM comment WHERE id = %s) "
            "AND comment_id = %s",
            (comment_id, comment_id),
        )
        self._db.run("UPDATE comment SET words = '', withdrawn_at = %s WHERE id = %s", (at, comment_id))

    def actors_named(self, usernames: Collection[str]) -> dict[str, Actor]:
        """User name → active account, of those that there are."""
        found = self._actors("WHERE a.username = ANY(%s) AND a.is_active", (sorted(usernames),))
        return {actor.username: actor for actor in found}

    def actors_concerned(
        self, agencies: Collection[str], regions: Collection[str], *, limit: int
    ) -> list[Actor]:
        """Active people with a membership in one of the agencies or over one of the regions, by name."""
        return self._actors(
            "WHERE a.is_active AND EXISTS (SELECT 1 FROM membership m WHERE m.account_id = a.id "
            "AND (m.agency = ANY(%s) OR m.region = ANY(%s))) ORDER BY a.display_name, a.id LIMIT %s",
            (sorted(agencies), sorted(regions), limit),
        )

    def _actors(self, where: str, parameters: tuple[object, ...]) -> list[Actor]:
        return [
            Actor(
                account_id=row[0], name=row[1], username=row[2],
                memberships=frozenset(
                    Membership(role=role, agency=agency, region=region) for role, agency, region in row[3] or ()
                ),
            )
            for row in self._db.rows(ACTORS + where, parameters)
        ]  # fmt: skip

    # ── papers ───────────────────────────────────────────────────────────────────────────────────────

    def bind(
        self, ids: Collection[int], *, owner_id: int, instance_id: int, task_id: int | None = None,
        comment_id: int | None = None, label: str = "", shared: bool = False,
    ) -> int:  # fmt: skip
        """Hang a person's loose files on a task or a comment; returns how many of them were theirs and loose."""
        return self._db.run(
            "UPDATE attachment SET instance_id = %s, task_id = %s, comment_id = %s, label = %s, shared = %s "
            "WHERE id = ANY(%s) AND owner_id = %s AND instance_id IS NULL",
            (instance_id, task_id, comment_id, label, shared, sorted(ids), owner_id),
        )

    def paper(self, file_id: int) -> PaperRow | None:
        """What a file hangs on."""
        row = self._db.one(
            "SELECT id, instance_id, owner_id, task_id, comment_id, label, shared FROM attachment WHERE id = %s",
            (file_id,),
        )
        return PaperRow(**dict(zip(_PAPER_FIELDS, row, strict=True))) if row else None

    def paper_like(self, task_id: int, owner_id: int, sha256: bytes, label: str) -> int | None:
        """The id of the same content under the same label, where the person put it on the task before."""
        row = self._db.one(
            "SELECT id FROM attachment WHERE instance_id = (SELECT instance_id FROM task WHERE id = %s) "
            "AND task_id = %s AND owner_id = %s AND sha256 = %s AND label = %s ORDER BY id LIMIT 1",
            (task_id, task_id, owner_id, sha256, label),
        )
        return int(row[0]) if row else None

    def count_papers(self, task_id: int) -> int:
        """How many files were added to a task outside its form."""
        return int(
            self._db.only(
                "SELECT count(*) FROM attachment WHERE instance_id = (SELECT instance_id FROM task WHERE id = %s) "
                "AND task_id = %s AND label <> ''",
                (task_id, task_id),
            )[0]
        )

    def drop_paper(self, file_id: int) -> None:
        """Take a file from its case."""
        self._db.run("DELETE FROM attachment WHERE id = %s", (file_id,))
