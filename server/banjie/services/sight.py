"""Whether a case exists for somebody."""

from __future__ import annotations

from banjie.domain.assignment import Actor, is_at_an_office, may_see, sees_by_agency
from banjie.domain.errors import Forbidden, NotFound
from banjie.domain.instances import Instance
from banjie.domain.worklist import AttachmentRow
from banjie.persistence.unit_of_work import UnitOfWork
from banjie.services.runtime import Runtime


def visible(rt: Runtime, uow: UnitOfWork, actor: Actor, case_no: str) -> Instance:
    """A case that exists for the actor; raises NotFound."""
    instance = uow.cases.find(case_no)
    if instance is None or not sees(rt, uow, actor, instance):
        raise NotFound(case=case_no[:40])
    return instance


def sees(rt: Runtime, uow: UnitOfWork, actor: Actor, instance: Instance) -> bool:
    """Whether the case exists for the actor.

    For the people of an agency it exists from the moment the agency has had a task of it; for anybody at an
    office from the moment it was sent to them as a copy, or they were given a task of it as a member of a panel.
    """
    if may_see(actor, instance, rt.region_path(instance.region)) and not (
        sees_by_agency(actor, instance) and not uow.cases.has_involved(instance.id, sorted(actor.agencies))
    ):
        return True
    return is_at_an_office(actor) and (
        uow.copies.has(instance.id, actor.account_id) or uow.cases.has_given(instance.id, actor.account_id)
    )


def is_for_applicant(file: AttachmentRow, instance: Instance) -> bool:
    """Whether the applicant may have a file of the case: their own, and those that an officer has shared."""
    return file.owner_id == instance.applicant_id or file.shared


def require_colleague(
    rt: Runtime, uow: UnitOfWork, actor: Actor, instance: Instance | None, case_no: str
) -> Instance:
    """The case, where the actor sees it as one of an office.

    Raises NotFound, and Forbidden for its applicant: what offices say among themselves is theirs.
    """
    if instance is None or not sees(rt, uow, actor, instance):
        raise NotFound(case=case_no[:40])
    if actor.account_id == instance.applicant_id:
        raise Forbidden("This is for the offices only.", case=case_no)
    return instance
