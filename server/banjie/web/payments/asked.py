"""What addresses and forms of the payment pages ask for, read without trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banjie.domain.payments import Pot
from banjie.persistence.text import read_id

_LONGEST_YEAR = 4


@dataclass(frozen=True, kw_only=True)
class PageLinks:
    """Where the neighbouring pages are."""

    shown: int
    first_url: str | None
    next_url: str | None


def whole(text: str | None) -> int | None:
    """A number of a row, None for anything else."""
    try:
        return read_id(text or "")
    except ValueError:
        return None


def chosen_ids(texts: Sequence[str]) -> list[int]:
    """The numbers of rows among the texts."""
    return [number for text in texts if (number := whole(text)) is not None]


def as_pot(asked: Mapping[str, str]) -> Pot | None:
    """The fund, region and year that are asked for; None unless all three are."""
    fund, region, year = (asked.get(name, "") for name in ("fund", "region", "year"))
    if not (fund and region and year.isascii() and year.isdigit() and len(year) == _LONGEST_YEAR):
        return None
    return Pot(fund=fund, region=region, year=int(year))


def pot_names(pot: Pot) -> dict[str, str]:
    """A pot as an address carries it."""
    return {"fund": pot.fund, "region": pot.region, "year": str(pot.year)}
