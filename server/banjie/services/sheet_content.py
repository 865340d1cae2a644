"""A case put into the words of the print sheet, as far as its reader sees the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from banjie.documents.sheet import Part, Section, Sheet
from banjie.domain.instances import InstanceStatus
from banjie.domain.worklist import EventRow, SubmissionRow
from banjie.forms.model import Option, Wording
from banjie.forms.wording import display, options_of
from banjie.services.instances import APPLICATION, CaseView
from banjie.services.runtime import Runtime
from banjie.services.sheet_clocks import ClockPrinter
from banjie.services.sheet_receipts import ReceiptPrinter
from banjie.services.sheet_words import Words

#: Bytes of the last entry's hash that are printed: enough to compare by eye.
_SHORT_HASH = 8


def sheet_of(rt: Runtime, view: CaseView, *, printer: str, language: str) -> Sheet:
    """The sheet of a case; `printer` is the name of who prints it. What `view` leaves out stays out."""
    words = Words(language=language)
    instance, now = view.instance, rt.now()
    content = _Content(
        rt=rt, view=view, words=words, receipts=ReceiptPrinter(book=rt.book, words=words), now=now
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


@dataclass(frozen=True, kw_only=True)
class _Content:
    rt: Runtime
    view: CaseView
    words: Words
    receipts: ReceiptPrinter
    now: datetime

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
        applications = [row for row in view.submissions if row.variable == APPLICATION]
        clocks = ClockPrinter(receipts=self.receipts, words=words, now=self.now)
        return (
            Section(
                title=words("Application"),
                parts=tuple(Part(rows=self._filled(row)) for row in applications),
            ),
            Section(title=words("Steps"), parts=tuple(self._steps())),
            Section(
                title=words("Receipts of the rules"),
                parts=tuple(self.receipts.part(row, self._element(row.element)) for row in view.decisions),
            ),
            Section(title=words("Time account"), parts=clocks.parts(view)),
            Section(title=words("Record"), parts=(self._record(),)),
        )

    def _state(self) -> str:
        status = self.view.instance.status
        if status is InstanceStatus.RUNNING:
            return self.words("running case")
        if status is InstanceStatus.ENDED:
            return self.words(self.view.instance.outcome or "ended")
        return self.words(status.value)

    def _steps(self) -> list[Part]:
        """The finished steps in order, each with its paper where the reader may see it."""
        papers = {(row.element, row.at): row for row in self.view.submissions}
        done = [event for event in self.view.events if event.type == "task.completed"]
        return [
            self._step(number, event, papers.get((event.element or "", event.at)))
            for number, event in enumerate(done, start=1)
        ]

    def _step(self, number: int, event: EventRow, paper: SubmissionRow | None) -> Part:
        unit = self.rt.book.agencies.get(event.agency or "")
        agency = self.words.name(unit.name, unit.name_en) if unit else event.agency
        who = (agency, event.actor, self.words.time(event.at))
        return Part(
            title=f"{number}. {self._element(event.element)}",
            aside=" · ".join(part for part in who if part),
            rows=self._filled(paper) if paper else (),
            note="" if paper else self.words("Completed"),
        )

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
