"""The funds that subsidies are paid from: ``policy/funds.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from banjie.domain.citations import Citation
from banjie.policy.sources import Document, read_citation
from banjie.policy.yaml_reader import Node


@dataclass(frozen=True, kw_only=True)
class Fund:
    """A fund by its key, with the text that has subsidies paid from it."""

    key: str
    title: str
    title_en: str
    citation: Citation


def read_funds(file: Node, documents: Mapping[str, Document]) -> dict[str, Fund]:
    """Funds by key, in the order of the file. Raises ContentError; each must cite an article that is there."""
    funds = {key: _fund(key, node, documents) for key, node in file.child("funds").mappings()}
    file.close()
    return funds


def _fund(key: str, node: Node, documents: Mapping[str, Document]) -> Fund:
    fund = Fund(
        key=key,
        title=node.text("title"),
        title_en=node.text("title_en"),
        citation=read_citation(node.child("citation"), documents),
    )
    node.close()
    return fund
