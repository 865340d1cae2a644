"""The application form of a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for

from banjie.domain.errors import FieldError
from banjie.edge.context import actor, runtime
from banjie.forms.model import Form
from banjie.forms.view import FormView
from banjie.policy.catalogue import Service, WhileOpen
from banjie.services import applications, deployments, instances
from banjie.web.common.task_form import Posted, draw, new_key
from banjie.web.portal.services import service_page


@dataclass(frozen=True, kw_only=True)
class Application:
    """The form with the key that tells a second sending from a new application."""

    form: FormView
    idempotency_key: str


@dataclass(frozen=True, kw_only=True)
class EarlierCase:
    """An open case of the same account; another application of the same applicant joins it or is refused."""

    case_no: str
    url: str
    joins: bool


def application_form(service: Service) -> Form:
    """The start form in the version that new cases begin with."""
    return deployments.start_form(runtime(), service.key)


def application_page(
    service: Service,
    *,
    sent: Posted | None = None,
    errors: Sequence[FieldError] = (),
) -> str:
    """The page; `sent` and `errors` are those of a submission that was refused."""
    context = {instances.APPLICATION: dict(service.constants)}
    form = draw(
        application_form(service),
        sent.values if sent else {},
        context,
        errors=errors,
        uploaded=sent.uploaded if sent else None,
    )
    task = Application(form=form, idempotency_key=new_key())
    return render_template(
        "portal/apply.html", service=service_page(service), task=task, earlier=_earlier(service)
    )


def _earlier(service: Service) -> EarlierCase | None:
    """The open case that stands in the way, as far as it is known before the form tells who applies."""
    case_no = applications.open_case(runtime(), actor(), service)
    if case_no is None:
        return None
    return EarlierCase(
        case_no=case_no,
        url=url_for("portal.mine_case", case_no=case_no),
        joins=service.while_open is WhileOpen.JOIN,
    )
