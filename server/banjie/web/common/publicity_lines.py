"""A publicity in words, as the public and the officers read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from banjie.domain.publicity import Publicity, PublicityStatus
from banjie.edge.context import runtime
from banjie.web.common.frame import agency_name, region_name, service_title
from banjie.web.common.language import gettext

_ = gettext


@dataclass(frozen=True, kw_only=True)
class PublicityLine:
    """A publicity in words; `is_open` where it can be objected to."""

    url: str
    no: str
    title: str
    remark: str
    service_title: str
    region_name: str
    agency_name: str
    starts_on: date
    ends_on: date
    closes_at: datetime
    entries: int
    total: str
    is_open: bool
    status_text: str


@dataclass(frozen=True, kw_only=True)
class PageLinks:
    """Where the neighbouring pages are."""

    shown: int
    first_url: str | None
    next_url: str | None


def publicity_line(found: Publicity) -> PublicityLine:
    """A publicity in the language of the request."""
    is_open = found.is_open(runtime().now())
    return PublicityLine(
        url=url_for("publicity.one", no=found.no), no=found.no, title=found.title, remark=found.remark,
        service_title=service_title(found.service), region_name=region_name(found.region),
        agency_name=agency_name(found.agency), starts_on=found.starts_on, ends_on=found.ends_on,
        closes_at=found.closes_at, entries=found.entries, total=f"{found.total:,.2f}", is_open=is_open,
        status_text=_status(found, is_open=is_open),
    )  # fmt: skip


def _status(found: Publicity, *, is_open: bool) -> str:
    if is_open:
        return _("Published now")
    words = {
        PublicityStatus.RUNNING: _("Over, being concluded"),
        PublicityStatus.CLOSED: _("Concluded"),
        PublicityStatus.REVOKED: _("Revoked"),
    }
    return words[found.status]
