"""The meeting of a review team (会签会议) on the print sheet: who came, by what rule, and how each voted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banjie.documents.sheet import Part
from banjie.domain.countersign import Outcome
from banjie.domain.decisions import Json
from banjie.domain.definitions import Element
from banjie.domain.review_team import Base, TeamRole
from banjie.services.instances import CaseView
from banjie.services.meetings import MEETING
from banjie.services.runtime import Runtime
from banjie.services.sheet_words import Words
from banjie.services.votes import DECISION

#: Of a vote's fields these are the words.
_OPINIONS = ("opinion", "reasons")


@dataclass(frozen=True, kw_only=True)
class MeetingPrinter:
    """Puts a meeting into the words of one sheet."""

    rt: Runtime
    view: CaseView
    words: Words

    def parts(self) -> tuple[Part, ...]:
        """The meeting and its votes; none where there was none, or the reader may not see its papers."""
        meeting = self.view.instance.data.get(MEETING)
        seen = any(row.variable == MEETING for row in self.view.submissions)
        if not seen or not isinstance(meeting, Mapping) or not isinstance(meeting.get("rules"), Mapping):
            return ()
        return (Part(rows=self._facts(meeting)), *self._votes())

    def _facts(self, meeting: Mapping[str, Json]) -> tuple[tuple[str, str], ...]:
        words, rules = self.words, _mapping(meeting.get("rules"))
        base = "of those present" if rules.get("base") == Base.PRESENT else "of all members"
        rows = (
            (words("Present"), self._people(meeting.get("members"))),
            (words("Absent"), self._people(meeting.get("absent"))),
            (
                words("Quorum"),
                words("{share} of {size}: {number}", share=rules.get("quorum"), size=meeting.get("team_size"),
                      number=meeting.get("quorum")),
            ),
            (
                words("Votes needed"),
                words("{share} {base}: {number}", share=rules.get("needed"), base=words(base),
                      number=meeting.get("needed")),
            ),
            (words("Chair's veto"), words("yes" if rules.get("chair_veto") is True else "no")),
        )  # fmt: skip
        return tuple(row for row in rows if row[1])

    def _people(self, seats: Json) -> str:
        return self.words("; ").join(self._person(_mapping(seat)) for seat in _items(seats))

    def _person(self, seat: Mapping[str, Json]) -> str:
        unit = self.rt.book.agencies.get(str(seat.get("agency")))
        agency = self.words.name(unit.name, unit.name_en) if unit else ""
        chair = self.words("chair") if seat.get("role") == TeamRole.CHAIR else ""
        return self.words.cited_of(str(seat.get("name")), [part for part in (agency, chair) if part])

    def _votes(self) -> tuple[Part, ...]:
        """One table a panel over the meeting's members, with what it has decided."""
        return tuple(
            self._panel(element, panel)
            for element in self.view.definition.elements.values()
            if element.countersign is not None and element.countersign.needed_from is not None
            for panel in [_mapping(self.view.instance.data.get(element.variable or ""))]
            if panel
        )

    def _panel(self, element: Element, panel: Mapping[str, Json]) -> Part:
        words, votes, said = self.words, _mapping(panel.get("votes")), _mapping(panel.get("opinions"))
        outcome = panel.get("outcome")
        decided = {Outcome.APPROVED: "The panel has approved", Outcome.REJECTED: "The panel has rejected"}
        return Part(
            title=element.name,
            columns=(words("Member"), words("Vote"), words("Opinion")),
            rows=tuple(
                (
                    str(seat.get("name")),
                    words(f"vote {votes.get(str(seat.get('member')), 'none')}"),
                    _opinion(_mapping(said.get(str(seat.get("member"))))),
                )
                for seat in map(_mapping, _items(panel.get("members")))
            ),
            note=words(decided[Outcome(str(outcome))]) if outcome else "",
        )


def _opinion(values: Mapping[str, Json]) -> str:
    return "; ".join(str(values[key]) for key in _OPINIONS if key != DECISION and values.get(key))


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list | tuple) else ()
