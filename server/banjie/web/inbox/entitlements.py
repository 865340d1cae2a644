"""Entitlements (免申即享) for a bureau: searching the registers, who was found and why, invitations, letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.entitlements import EntitlementStatus, MatchUnderWay
from banjie.domain.errors import InvalidRequest
from banjie.edge.auth import roles, signed_in
from banjie.edge.context import actor, runtime
from banjie.services import entitlements, registers
from banjie.web.common.entitlement_lines import entitlement_line, entitlement_receipt, run_line, status_words
from banjie.web.common.error_words import words_of_code
from banjie.web.common.frame import region_name, service_title
from banjie.web.common.language import gettext as _
from banjie.web.inbox.loads import Choice, PageLinks
from banjie.web.inbox.registers import KEEPERS

blueprint = Blueprint("entitlements", __name__)

_LONGEST_NUMBER = 18


@dataclass(frozen=True, kw_only=True)
class CountLine:
    """How many rows of a service have each state."""

    service_title: str
    url: str
    counts: tuple[int, ...]


@blueprint.get("/entitlements")
@roles(*KEEPERS)
def listing() -> str:
    """Who may have what, the newest searches, and the form for another."""
    return _page()


@blueprint.post("/entitlements/runs")
@roles(*KEEPERS)
def start() -> AnyResponse | tuple[str, int]:
    """Search the registers for a service in a region."""
    service, region = request.form.get("service", ""), request.form.get("region", "")
    try:
        entitlements.start(runtime(), actor(), service, region)
    except MatchUnderWay as error:
        return _page(refused=words_of_code(error.code)[1]), 409
    except InvalidRequest:
        return _page(refused=_("Choose the region.")), 422
    return redirect(url_for("entitlements.listing", service=service), 303)


@blueprint.get("/entitlements/runs")
@roles(*KEEPERS)
def runs() -> Response:
    """The part of the page that a script asks for while a search goes on; at its end the whole page is due."""
    found = [run_line(one) for one in entitlements.runs(runtime(), actor())]
    response = Response(
        render_template("entitlements/_runs.html", runs=found), content_type="text/html; charset=utf-8"
    )
    if not any(one.running for one in found):
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/entitlements/invite")
@roles(*KEEPERS)
def invite() -> AnyResponse:
    """Invite those that were ticked: by a notice, or by a letter on paper where there is no account."""
    given = request.form.getlist("id")
    ids = [int(one) for one in given if one.isascii() and one.isdigit() and len(one) <= _LONGEST_NUMBER]
    kept = {name: request.form.get(name) or None for name in ("service", "status", "region")}
    if not ids:
        return redirect(url_for("entitlements.listing", said="none_chosen", **_names(kept)), 303)
    done = entitlements.invite(runtime(), actor(), ids)
    said = "invited_by_letter" if done.no_account else "invited"
    return redirect(url_for("entitlements.listing", said=said, **_names(kept)), 303)


@blueprint.get("/entitlements/letters")
@roles(*KEEPERS)
def letters() -> str:
    """Those without an account, to be printed."""
    rows = entitlements.letters(runtime(), actor(), service=request.args.get("service") or None)
    return render_template(
        "entitlements/letters.html",
        lines=[entitlement_line(one, own=True) for one in rows],
        today=runtime().today(),
    )


@blueprint.get("/entitlements/<int:entitlement_id>")
@signed_in
def one(entitlement_id: int) -> str:
    """One row with its receipt and what the registers would fill in; for the bureau and for whom it is about."""
    row = entitlements.get(runtime(), actor(), entitlement_id)
    is_kept = row.region in registers.regions_of(runtime(), actor())
    rule = runtime().book.services[row.service].entitlement
    return render_template(
        "entitlements/one.html", line=entitlement_line(row, own=not is_kept), decision=entitlement_receipt(row),
        is_kept=is_kept, note=rule.note if rule else "",
    )  # fmt: skip


def _names(given: Mapping[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value}


def _page(*, refused: str = "") -> str:
    chosen = {name: request.values.get(name) or None for name in ("service", "status", "region")}
    regions = sorted(registers.require_keeper(runtime(), actor()))
    if chosen["region"] not in regions:
        chosen["region"] = None
    if chosen["status"] not in set(EntitlementStatus):
        chosen["status"] = None
    cursor = request.args.get("cursor")
    found = entitlements.page(
        runtime(), actor(), service=chosen["service"], status=chosen["status"], region=chosen["region"],
        cursor=cursor,
    )  # fmt: skip
    asked = _names(chosen)
    words = status_words()
    services = entitlements.matchable(runtime())
    names: dict[str, Any] = {
        "lines": [entitlement_line(one) for one in found.items],
        "runs": [run_line(one) for one in entitlements.runs(runtime(), actor())],
        "services": [Choice(value=one.key, label=service_title(one.key)) for one in services],
        "statuses": [Choice(value=key, label=word) for key, (word, _tone) in words.items()],
        "regions": [Choice(value=code, label=region_name(code)) for code in regions],
        "counts": [
            CountLine(
                service_title=service_title(one.key), url=url_for("entitlements.listing", service=one.key),
                counts=tuple(found.counts.get((one.key, status), 0) for status in words),
            )
            for one in services
            if any(key == one.key for key, _status in found.counts)
        ],
        "headings": [word for word, _tone in words.values()],
        "chosen": chosen,
        "refused": refused,
        "page": PageLinks(
            shown=len(found.items),
            first_url=url_for("entitlements.listing", **asked) if cursor else None,
            next_url=url_for("entitlements.listing", cursor=found.cursor, **asked) if found.cursor else None,
        ),
    }  # fmt: skip
    return render_template("entitlements/list.html", **names)
