"""What can be told of decision tables without a case: rules that contradict each other, inputs that no rule matches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from banjie.domain.errors import Problem
from banjie.feel.analysis import analyse
from banjie.feel.dmn import HitPolicy
from banjie.policy.decide import Decider


def check_tables(decider: Decider) -> list[Problem]:
    """Rules of a table that match the same inputs though its hit policy forbids it, each with an example."""
    return list(_overlaps(decider))


def gaps(decider: Decider) -> list[str]:
    """Inputs for which no rule of a table matches, a sentence each; such a decision is left to an officer."""
    return [
        f"{_file(key)}: no rule matches where {_words(gap.where)}"
        for key in sorted(decider.keys)
        for gap in analyse(decider.table(key).model.table(decider.table(key).decision)).gaps
    ]


def _overlaps(decider: Decider) -> Iterator[Problem]:
    for key in sorted(decider.keys):
        table = decider.table(key).model.table(decider.table(key).decision)
        if table.hit_policy not in (HitPolicy.UNIQUE, HitPolicy.ANY):
            continue
        for overlap in analyse(table).overlaps:
            if table.hit_policy is HitPolicy.ANY and overlap.same_outputs:
                continue
            first, second = overlap.rules
            yield Problem(
                file=_file(key),
                element=f"rules {first} and {second}",
                rule="rules-overlap",
                message=f"both match where {_words(overlap.where)}",
            )


def _file(key: str) -> str:
    process, _, name = key.partition("/")
    return f"policy/{process}/decisions/{name}.dmn"


def _words(where: Mapping[str, str]) -> str:
    return ", ".join(f"{label} is {tests}" for label, tests in where.items())
