"""Whether the services of a process that grants money say what it is paid from and what it is held against."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.domain.definitions import Definition
from banjie.domain.effects import Effect
from banjie.domain.errors import Problem
from banjie.policy.book import Book
from banjie.policy.catalogue import Mode, Service
from banjie.policy.limits import APPLICANT, Within
from banjie.services.cross_limits import AWARD


def check_grants(definition: Definition, book: Book) -> Iterator[Problem]:
    """Services without a fund, processes without a table for the award, and limits that a list cannot have."""
    grants = [one.id for one in definition.elements.values() if one.effect is Effect.GRANT]
    if not grants:
        return
    services = [one for one in book.services.values() if one.process == definition.key]
    applied_for = any(one.mode is Mode.APPLICATION for one in services)
    if applied_for and not any(
        one.variable == AWARD and one.decision for one in definition.elements.values()
    ):
        yield Problem(
            file=f"bpmn/{definition.key}/{definition.key}.bpmn", element=grants[0], rule="award-decided",
            message=f"money is granted, but no table fills the variable {AWARD!r}",
        )  # fmt: skip
    for service in services:
        yield from _of_service(service)


def _of_service(service: Service) -> Iterator[Problem]:
    file = f"policy/services/{service.key}.yaml"
    if service.fund is None:
        message = "the process grants money: name the fund that pays it, set locally where no text does"
        yield Problem(file=file, element="fund", rule="fund-named", message=message)
    if service.mode is not Mode.AUTOMATIC:
        return
    for limit in service.limits:
        if limit.by != (APPLICANT,) or limit.times != 1 or limit.within is Within.MONTHS:
            yield Problem(
                file=file, element=f"limits.{limit.key}", rule="limit-of-list",
                message="a list is held to once an applicant, for good or in a calendar year",
            )  # fmt: skip
