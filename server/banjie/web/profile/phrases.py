"""One's stock phrases (常用意见): added, changed, put in order and deleted without scripts, used with one."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from banjie.domain.errors import BanjieError, Conflict, InvalidRequest
from banjie.edge.auth import signed_in
from banjie.edge.context import actor, runtime
from banjie.services import phrases
from banjie.web.common.frame import local_name
from banjie.web.common.language import gettext

_ = gettext
blueprint = Blueprint("phrases", __name__)

Answer = AnyResponse | str | tuple[str, int] | tuple[Response, int]


@blueprint.get("/me/phrases")
@signed_in
def mine() -> str:
    """The phrases of one's own, and those of the house."""
    return _page()


@blueprint.post("/me/phrases")
@signed_in
def add() -> Answer:
    """Keep a phrase; a script gets its address, a person the page again."""
    words = request.form.get("words", "")
    try:
        phrase_id = phrases.add(runtime(), actor(), words)
    except (InvalidRequest, Conflict) as error:
        if _by_script():
            return jsonify(message=_said(error)), 422
        return _page(refused=_said(error), words=words), 422
    if _by_script():
        return jsonify(use_url=url_for("phrases.use", phrase_id=phrase_id))
    return redirect(url_for("phrases.mine", _anchor=f"phrase-{phrase_id}"), 303)


@blueprint.post("/me/phrases/<int:phrase_id>/change")
@signed_in
def change(phrase_id: int) -> Answer:
    """Replace the words of a phrase."""
    try:
        phrases.change(runtime(), actor(), phrase_id, request.form.get("words", ""))
    except (InvalidRequest, Conflict) as error:
        return _page(refused=_said(error)), 422
    return redirect(url_for("phrases.mine", _anchor=f"phrase-{phrase_id}"), 303)


@blueprint.post("/me/phrases/<int:phrase_id>/delete")
@signed_in
def drop(phrase_id: int) -> AnyResponse:
    """Forget a phrase."""
    phrases.drop(runtime(), actor(), phrase_id)
    return redirect(url_for("phrases.mine"), 303)


@blueprint.post("/me/phrases/<int:phrase_id>/move")
@signed_in
def move(phrase_id: int) -> AnyResponse:
    """Move a phrase one place up or down."""
    places = {"up": -1, "down": 1}.get(request.form.get("where", ""))
    if places is None:
        raise InvalidRequest("A phrase moves up or down.", field="where")
    phrases.move(runtime(), actor(), phrase_id, places)
    return redirect(url_for("phrases.mine", _anchor=f"phrase-{phrase_id}"), 303)


@blueprint.post("/me/phrases/<int:phrase_id>/use")
@signed_in
def use(phrase_id: int) -> Response:
    """Count that a phrase was inserted."""
    phrases.count_use(runtime(), actor(), phrase_id)
    return Response(status=204)


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _page(*, refused: str = "", words: str = "") -> str:
    own = phrases.own(runtime(), actor())
    return render_template(
        "profile/phrases.html",
        phrases=own,
        house=[local_name(one.words, one.words_en) for one in phrases.house(runtime())],
        most=phrases.MOST_PHRASES,
        longest=phrases.LONGEST_PHRASE,
        refused=refused,
        words=words,
    )


def _said(error: BanjieError) -> str:
    if isinstance(error, InvalidRequest):
        return _("A phrase has 1 to 200 characters.")
    if "limit" in error.facts:
        return _("You have 50 phrases already; delete one first.")
    return _("You have this phrase already.")
