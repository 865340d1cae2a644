"""A case put into the words of the print sheet, as far as its reader sees the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from banjie.documents.sheet import Part, Section, Sheet
from banjie.domain.instances import InstanceStatus
from banjie.domain.worklist import EventRow, SubmissionRow
from banjie.forms.model import Option, Wording
from banjie.forms.wording import display, options_of
from banjie.services.instances import APPLICATION, CaseView
from banjie.services.runtime import Runtime
from banjie.services.sheet_beside import BesidePrinter
from banjie.services.sheet_clocks import ClockPrinter
from banjie.services.sheet_meeting import MeetingPrinter
from banjie.services.sheet_receipts import ReceiptPrinter
from banjie.services.sheet_words import Words

#: Bytes of the last entry's hash that are printed: enough to compare by eye.
_SHORT_HASH = 8


def sheet_of(
    rt: Runtime, view: CaseView, *, printer: str, language: str, names: Mapping[int, str] | None = None
) -> Sheet:
    """The sheet of a case; `printer` is the name of who prints it. What `view` leaves out stays out.

    `names` are those of officers in whose place others acted, by account id.
    """
    words = Words(language=language)
    instance, now = view.instance, rt.now()
    content = _Content(
        rt=rt, view=view, words=words, receipts=ReceiptPrinter(book=rt.book, words=words), names=names or {}
    )
    service = rt.book.services.get(instance.service)
    title = words.name(service.title, service.title_en) if service else instance.service
    return Sheet(
        language=language,
        title=words("Approval sheet"),
        subtitle=title,
        number=instance.case_no,
        head=content.head(),
        sections=tuple(section for section in content.sections() if section.parts),
        qr_url=f"{rt.base_url}/follow?{urlencode({'case_no': instance.case_no})}",
        qr_words=words("Follow the case"),
        printed=words("Printed {at} by {name}", at=words.time(now), name=printer),
        page=words("Page {page} of {pages}"),
        missing=words("Characters that the fonts of this sheet lack, printed as 〓:"),
        at=now,
    )


def absent_of(event: EventRow) -> int | None:
    """The account id of the officer in whose place a step was done, None where it was done by its own."""
    absent = event.facts.get("in_place_of")
    return absent if isinstance(absent, int) else None


@dataclass(frozen=True, kw_only=True)
class _Content:
    rt: Runtime
    view: CaseView
    words: Words
    receipts: ReceiptPrinter
    names: Mapping[int, str]

    def head(self) -> tuple[tuple[str, str], ...]:
        instance, words = self.view.instance, self.words
        dates = (
            ("Applied", instance.started_at),
            ("Accepted", instance.accepted_at),
            ("Ended", instance.ended_at),
        )
        return (
            (words("Case number"), instance.case_no),
            (words("Region"), self.receipts.region(instance.region)),
            (words("Applicant"), instance.applicant_name),
            *((words(name), words.time(at)) for name, at in dates if at),
            (words("State"), self._state()),
        )

    def sections(self) -> tuple[Section, ...]:
        view, words = self.view, self.words
        # A second application that joined the case, and what was supplied later, begin with the same word.
        applications = [row for row in view.submissions if row.variable.startswith(APPLICATION)]
        beside = BesidePrinter(rt=self.rt, words=words)
        return (
            Section(
                title=words("Application"),
                parts=tuple(
                    Part(title=self._element(row.element), aside=words.time(row.at), rows=self._filled(row))
                    for row in applications
                ),
            ),
            Section(title=words("Steps"), parts=tuple(self._steps())),
            Section(
                title=words("Meeting of the review team"),
                parts=MeetingPrinter(rt=self.rt, view=view, words=words).parts(),
            ),
            Section(title=words("Beside the diagram"), parts=tuple(map(beside.part, view.proceedings))),
            Section(
                title=words("Receipts of the rules"),
                parts=tuple(self.receipts.part(row, self._element(row.element)) for row in view.decisions),
            ),
            Section(title=words("Time account"), parts=ClockPrinter(rt=self.rt, words=words).parts(view)),
            Section(title=words("Record"), parts=(self._record(),)),
        )

    def _state(self) -> str:
        instance = self.view.instance
        running = instance.status is InstanceStatus.RUNNING
        return self.words("running case" if running else instance.outcome or "ended")

    def _steps(self) -> list[Part]:
        """The finished steps in order, each with its paper where the reader may see it."""
        # Members of a panel may finish in the same instant, so the name belongs to the key.
        papers = {(row.element, row.at, row.by or None): row for row in self.view.submissions}
        done = [event for event in self.view.events if event.type == "task.completed"]
        return [
            self._step(number, event, papers.get((event.element or "", event.at, event.actor)))
            for number, event in enumerate(done, start=1)
        ]

    def _step(self, number: int, event: EventRow, paper: SubmissionRow | None) -> Part:
        unit = self.rt.book.agencies.get(event.agency or "")
        agency = self.words.name(unit.name, unit.name_en) if unit else event.agency
        who = (agency, self._doer(event), self.words.time(event.at))
        return Part(
            title=f"{number}. {self._element(event.element)}",
            aside=" · ".join(part for part in who if part),
            rows=self._filled(paper) if paper else (),
            note="" if paper else self.words("Completed"),
        )

    def _doer(self, event: EventRow) -> str | None:
        if event.facts.get("deemed") is True:
            return self.words("law")
        absent = self.names.get(absent_of(event) or 0)
        if not absent or not event.actor:
            return event.actor
        return self.words("{name} in place of {absent}", name=event.actor, absent=absent)

    def _record(self) -> Part:
        instance, words = self.view.instance, self.words
        return Part(
            rows=(
                (words("Entries"), str(instance.events)),
                (words("Hash of the last entry"), instance.chain[:_SHORT_HASH].hex()),
            ),
            note=words("The hash covers every entry before it; it can be compared with the electronic case."),
        )

    def _element(self, key: str | None) -> str:
        found = self.view.definition.elements.get(key or "")
        return found.name if found else key or ""

    def _filled(self, row: SubmissionRow) -> tuple[tuple[str, str], ...]:
        """A submission by the labels of its form; personal numbers are masked as on the pages."""
        if not row.form:
            return ()
        form = self.rt.processes.form(self.view.instance.definition, row.form)
        return tuple(display(form, row.values, self.words.language, self._options()))

    def _options(self) -> Mapping[str, Sequence[Option]]:
        context = self.rt.form_context(self.view.instance.data)
        listed: dict[str, Sequence[Option]] = {
            key: options_of(value) for key, value in context.items() if isinstance(value, list)
        }
        uploaded: dict[str, list[Option]] = {}
        for row in self.view.attachments:
            name = Option(value=str(row.id), label=Wording(zh=row.name, en=row.name))
            uploaded.setdefault(row.field, []).append(name)
        return {**listed, **uploaded}
