"""Pages for people: applicants, officers and those who oversee them. One package for each audience."""

from __future__ import annotations

from flask import Flask

from banjie.web import access, case, inbox, oversight, payments, portal, profile
from banjie.web.case import comments, help_log, jumps, objections, operations, sheet
from banjie.web.common import frame
from banjie.web.common.errors import error_page
from banjie.web.inbox import bulk, copies, entitlements, loads, registers, rosters
from banjie.web.oversight import cards
from banjie.web.portal import entitled, listed, publicity, supplement
from banjie.web.profile import phrases, substitutes

__all__ = ["error_page", "register_pages"]


def register_pages(app: Flask) -> None:
    """Teach the application every page, and the templates their frame."""
    frame.install(app)
    for audience in (access, portal, inbox, case, sheet, oversight, payments, profile):
        app.register_blueprint(audience.blueprint)
    for part in (
        bulk,
        cards,
        comments,
        help_log,
        jumps,
        operations,
        copies,
        phrases,
        substitutes,
        supplement,
        publicity,
        objections,
        registers,
        entitlements,
        entitled,
        listed,
        loads,
        rosters,
    ):
        app.register_blueprint(part.blueprint)
