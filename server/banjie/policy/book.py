"""The policy book: everything under ``policy/``, read and checked once, never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from banjie.domain.citations import Citation
from banjie.domain.decisions import MissingValue, ParameterValue
from banjie.domain.errors import ContentError, NotFound, NoValueInForce, Problem
from banjie.policy.catalogue import Service, read_service
from banjie.policy.funds import Fund, read_funds
from banjie.policy.grounds import Ground, read_grounds
from banjie.policy.limits import disagreeing
from banjie.policy.packages import Package, read_packages
from banjie.policy.parameters import Parameter, read_parameter
from banjie.policy.phrases import HousePhrase, read_phrases
from banjie.policy.regions import Agency, Regions, read_agencies, read_regions
from banjie.policy.review_teams import ReviewTeam, ReviewTeams, read_teams
from banjie.policy.sources import Article, Document, read_sources
from banjie.policy.yaml_reader import Node, read_file

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Book:
    """The policy of one content tree.

    `parameters` by ``process/name``, `services` by key, `agencies` by key, `documents` by key; `root` is the
    content root, below which the decision tables lie. `phrases` are offered to officers, in the order of their file;
    `grounds` by key are those on which time is not counted, `funds` by key those that subsidies are paid from;
    `teams` are the review teams by region and purpose, `packages` by key the services that are asked for together.
    """

    root: Path
    documents: Mapping[str, Document]
    regions: Regions
    agencies: Mapping[str, Agency]
    parameters: Mapping[str, Parameter]
    services: Mapping[str, Service]
    phrases: tuple[HousePhrase, ...]
    grounds: Mapping[str, Ground]
    funds: Mapping[str, Fund]
    teams: ReviewTeams
    packages: Mapping[str, Package]

    @classmethod
    def load(cls, root: Path) -> Book:
        """Read ``<root>/policy``. Raises ContentError with every broken rule of every file."""
        folder = root / "policy"
        problems: list[Problem] = []
        documents = read_sources(read_file(root, folder / "sources.yaml"))
        regions = read_regions(read_file(root, folder / "regions.yaml"))
        agencies = read_agencies(read_file(root, folder / "agencies.yaml"), regions)
        parameters = {
            _key(folder, path): parameter
            for path in sorted(folder.glob("*/parameters/*.yaml"))
            if (
                parameter := _read(
                    problems, root, path, _parameter_reader(_key(folder, path), documents, regions)
                )
            )
        }
        services = {
            path.stem: service
            for path in sorted((folder / "services").glob("*.yaml"), key=lambda path: path.stem)
            if (service := _read(problems, root, path, _service_reader(path.stem, documents)))
        }
        problems += _unknown_parameters(services, parameters)
        problems += disagreeing({key: service.limits for key, service in services.items()})
        teams = _teams(problems, root, folder / "review_teams.yaml", regions, agencies)
        grounds = _grounds(problems, root, folder / "common" / "grounds.yaml", documents)
        funds = _funds(problems, root, folder / "funds.yaml", documents)
        problems += _unknown_funds(services, funds)
        packages = _packages(problems, root, folder / "packages.yaml", services, documents)
        if problems:
            raise ContentError(problems)
        return cls(
            root=root, documents=documents, regions=regions, agencies=agencies, parameters=parameters,
            services=services, phrases=_phrases(root, folder / "phrases.yaml"), grounds=grounds,
            funds=funds, teams=teams, packages=packages,
        )  # fmt: skip

    def find_parameter(self, key: str, *, on: date, region: str) -> ParameterValue | MissingValue:
        """The value in force on the day in the region, or the fact that there is none.

        Raises NotFound for a key that no file has, or a region that is not in the tree.
        """
        parameter = self.parameters.get(key)
        if parameter is None:
            raise NotFound(parameter=key)
        return parameter.on(on, region, self.regions)

    def parameter(self, key: str, *, on: date, region: str) -> ParameterValue:
        """As `find_parameter`; raises NoValueInForce where there is none."""
        found = self.find_parameter(key, on=on, region=region)
        if isinstance(found, MissingValue):
            raise NoValueInForce(parameter=key, region=region, on=on)
        return found

    def find_team(self, purpose: str, *, region: str) -> ReviewTeam | None:
        """The review team for a purpose that is nearest to a region: its own, else that of a region above it.

        Raises NotFound for a region that is not in the tree.
        """
        found = (self.teams.get((place.code, purpose)) for place in self.regions.upward(region))
        return next((team for team in found if team is not None), None)

    def article(self, citation: Citation) -> tuple[Document, Article]:
        """The document and the article that a citation names. Raises NotFound."""
        document = self.documents.get(citation.document)
        if document is None or citation.article not in document.articles:
            raise NotFound(document=citation.document, article=citation.article)
        return document, document.articles[citation.article]


def _phrases(root: Path, path: Path) -> tuple[HousePhrase, ...]:
    """The phrases of the house; a content tree without the file offers none."""
    return read_phrases(read_file(root, path)) if path.exists() else ()


def _grounds(
    problems: list[Problem], root: Path, path: Path, documents: Mapping[str, Document]
) -> Mapping[str, Ground]:
    """The grounds of a content tree; one without the file knows none."""
    if not path.exists():
        return {}
    return _read(problems, root, path, lambda file: read_grounds(file, documents)) or {}


def _funds(
    problems: list[Problem], root: Path, path: Path, documents: Mapping[str, Document]
) -> Mapping[str, Fund]:
    """The funds of a content tree; one without the file pays nothing."""
    if not path.exists():
        return {}
    return _read(problems, root, path, lambda file: read_funds(file, documents)) or {}


def _unknown_funds(services: Mapping[str, Service], funds: Mapping[str, Fund]) -> list[Problem]:
    return [
        Problem(
            file=f"policy/services/{key}.yaml", element="fund", rule="fund",
            message=f"funds.yaml has no fund {service.fund!r}",
        )
        for key, service in services.items()
        if service.fund is not None and service.fund not in funds
    ]  # fmt: skip


def _teams(
    problems: list[Problem], root: Path, path: Path, regions: Regions, agencies: Mapping[str, Agency]
) -> ReviewTeams:
    """The review teams of a content tree; one without the file has none."""
    if not path.exists():
        return {}
    return _read(problems, root, path, lambda file: read_teams(file, regions, agencies)) or {}


def _packages(
    problems: list[Problem],
    root: Path,
    path: Path,
    services: Mapping[str, Service],
    documents: Mapping[str, Document],
) -> Mapping[str, Package]:
    """The packages of a content tree; one without the file has none."""
    if not path.exists():
        return {}
    return _read(problems, root, path, lambda file: read_packages(file, services, documents)) or {}


def _key(folder: Path, path: Path) -> str:
    return f"{path.relative_to(folder).parts[0]}/{path.stem}"


def _parameter_reader(
    key: str, documents: Mapping[str, Document], regions: Regions
) -> Callable[[Node], Parameter]:
    return lambda file: read_parameter(key, file, documents, regions)


def _service_reader(key: str, documents: Mapping[str, Document]) -> Callable[[Node], Service]:
    return lambda file: read_service(key, file, documents)


def _read(problems: list[Problem], root: Path, path: Path, read: Callable[[Node], T]) -> T | None:
    """What a file says; its broken rules are added to the problems instead."""
    try:
        return read(read_file(root, path))
    except ContentError as error:
        problems += error.problems
        return None


def _unknown_parameters(
    services: Mapping[str, Service], parameters: Mapping[str, Parameter]
) -> list[Problem]:
    return [
        Problem(
            file=f"policy/services/{key}.yaml", element=name, rule="parameter",
            message=f"there is no parameter {named!r}",
        )
        for key, service in services.items()
        for name, named in (
            ("promised_limit", service.promised_limit),
            ("statutory_limit", service.statutory_limit),
            ("amount_limit", service.amount_limit),
            *((f"limits.{limit.key}", named) for limit in service.limits for named in limit.parameters),
        )
        if named is not None and named not in parameters
    ]  # fmt: skip
