"""Whether what no text states and steps rest on is set: the review team that meets, the days of a publicity."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from banjie.domain.assignment import role_of_agency
from banjie.domain.definitions import Definition
from banjie.domain.effects import Effect
from banjie.domain.errors import Problem
from banjie.domain.publicity import Start
from banjie.domain.review_team import Base, read_share
from banjie.policy.book import Book
from banjie.policy.parameters import Unit
from banjie.services.meetings import BASE, NEEDED, QUORUM, TEAM
from banjie.services.publicity import DAYS, START

_DAYS = (Unit.WORKING_DAYS, Unit.NATURAL_DAYS)


def check_teams(definition: Definition, book: Book) -> list[Problem]:
    """Services that name no team, members whose agencies take no part in the process, rules that cannot be read.

    None for a process without a step that convenes a team.
    """
    if not any(element.effect is Effect.CONVENE for element in definition.elements.values()):
        return []
    return [
        *_unnamed(definition, book),
        *_strangers(definition, book),
        *_unread(book, QUORUM, read_share),
        *_unread(book, NEEDED, read_share),
        *_unread(book, BASE, Base),
    ]


def check_publicity(definition: Definition, book: Book) -> list[Problem]:
    """A beginning or days of a publicity that mean nothing; none for a process that publishes nothing."""
    if not any(element.effect is Effect.PUBLISH for element in definition.elements.values()):
        return []
    days = book.parameters.get(DAYS)
    problems = _unread(book, START, Start)
    if days is None or days.unit not in _DAYS or any(not one.value for one in days.periods):
        problems.append(
            _problem(DAYS, "values", "a publicity lasts so many working or natural days, at least 1")
        )
    return problems


def _unnamed(definition: Definition, book: Book) -> Iterator[Problem]:
    purposes = {purpose for _, purpose in book.teams}
    for key, service in book.services.items():
        if service.process == definition.key and service.constants.get(TEAM) not in purposes:
            yield Problem(
                file=f"policy/services/{key}.yaml", element="constants", rule="review-team",
                message=f"{TEAM} must name a purpose of review_teams.yaml, for the process convenes a team",
            )  # fmt: skip


def _strangers(definition: Definition, book: Book) -> Iterator[Problem]:
    """Members sit on a panel of the case only if their agency takes part in it."""
    purposes = {one.constants.get(TEAM) for one in book.services.values() if one.process == definition.key}
    for team in book.teams.values():
        for seat in team.seats if team.purpose in purposes else ():
            role = role_of_agency(book.agencies[seat.agency].kind)
            if role not in definition.roles:
                yield Problem(
                    file=f"bpmn/{definition.key}/process.yaml", element="roles", rule="review-team",
                    message=f"it lacks {role!r}, of which {seat.member!r} sits on the team {team.purpose!r}",
                )  # fmt: skip


def _unread(book: Book, key: str, read: Callable[[str], object]) -> list[Problem]:
    """The values of a parameter that cannot be read, or that there is no such parameter."""
    parameter = book.parameters.get(key)
    if parameter is None:
        return [_problem(key, "values", "there is no such parameter")]
    problems = []
    for period in parameter.periods:
        try:
            read(str(period.value))
        except ValueError as error:
            problems.append(_problem(key, period.since.isoformat(), str(error)))
    return problems


def _problem(key: str, element: str, message: str) -> Problem:
    folder, _, name = key.partition("/")
    return Problem(
        file=f"policy/{folder}/parameters/{name}.yaml", element=element, rule="local-rule", message=message
    )
