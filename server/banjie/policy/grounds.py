"""The grounds on which time is not counted: ``policy/common/grounds.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from banjie.domain.citations import Citation
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A ground by its key.

    `excluded`: a procedure may be opened on it whose time is not counted. `suspends`: a case that is suspended on
    it has its clocks stopped.
    """

    key: str
    title: str
    title_en: str
    excluded: bool
    suspends: bool
    citation: Citation


def read_grounds(file: Node, documents: Mapping[str, Document]) -> dict[str, Ground]:
    """Grounds by key, in the order of the file. Raises ContentError; each must cite an article that is there."""
    grounds = {key: _ground(key, node, documents) for key, node in file.child("grounds").mappings()}
    file.close()
    return grounds


def _ground(key: str, node: Node, documents: Mapping[str, Document]) -> Ground:
    ground = Ground(
        key=key,
        title=node.text("title"),
        title_en=node.text("title_en"),
        excluded=node.get("excluded", bool),
        suspends=node.get("suspends", bool),
        citation=read_citation(node.child("citation"), documents),
    )
    node.close()
    if not ground.excluded and not ground.suspends:
        raise node.fault("excluded", "use", "a ground that neither excludes nor suspends has no use")
    return ground
