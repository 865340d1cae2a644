"""Whether what is said of entitlements and packages can be filled in: the fields that they name are fields of forms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from banjie.domain.errors import ContentError, Problem
from banjie.forms.model import Field, Form
from banjie.forms.reader import load_form
from banjie.policy.book import Book
from banjie.policy.catalogue import Service
from banjie.policy.decide import Decider
from banjie.policy.packages import Package
from banjie.services.cross_limits import AWARD

_PACKAGES = "policy/packages.yaml"


def check_entitlements(root: Path, book: Book, decider: Decider) -> Iterator[Problem]:
    """Fields that no start form has, and services that no award's table decides."""
    for key, service in sorted(book.services.items()):
        form = _find_form(root, service.start_form)
        if service.entitlement is None or form is None:
            continue
        file = f"policy/services/{key}.yaml"
        if f"{service.process}/{AWARD}" not in decider.keys:
            message = f"there is no table {service.process}/{AWARD} to decide who may have it"
            yield Problem(file=file, element="entitlement", rule="decision-exists", message=message)
        for name in _unknown(service, form):
            message = f"the form {service.start_form!r} has no field {name!r}"
            yield Problem(file=file, element="entitlement", rule="field-exists", message=message)


def check_packages(root: Path, book: Book) -> Iterator[Problem]:
    """Packages whose form is missing, or does not have the fields and choices that the package names."""
    for key, package in sorted(book.packages.items()):
        form = _find_form(root, package.form)
        faults = [f"there is no form {package.form!r}"] if form is None else list(_faults(package, form))
        for message in faults:
            yield Problem(file=_PACKAGES, element=f"packages.{key}", rule="package-form", message=message)


def _unknown(service: Service, form: Form) -> Iterator[str]:
    rule = service.entitlement
    if rule is None:
        return
    yield from sorted({*rule.facts, *rule.assume} - set(form.fields))
    if rule.people is not None:
        of = form.row_fields.get(rule.people.field, {})
        yield from sorted({*rule.people.facts, *rule.people.assume} - set(of))


def _faults(package: Package, form: Form) -> Iterator[str]:
    choice = form.fields.get(package.choose)
    options = {
        one.value
        for one in (choice.component.options if choice and isinstance(choice.component, Field) else ())
    }
    if options != set(package.services):
        yield f"the choices of {package.choose!r} are not the services of the package"
    group = form.row_fields.get(package.people, {}).get(package.group)
    if group is None:
        yield f"the list {package.people!r} has no field {package.group!r}"
        return
    groups = {one.value for one in (group.component.options if isinstance(group.component, Field) else ())}
    for name, part in package.services.items():
        if not set(part.of) <= groups or not set(part.groups) <= groups:
            yield f"{name} names a group that {package.group!r} does not offer"


def _find_form(root: Path, key: str) -> Form | None:
    """A form; None where it is missing or broken, which is told elsewhere."""
    path = root / "forms" / f"{key}.form"
    try:
        return load_form(path.name, path.read_bytes()) if path.exists() else None
    except ContentError:
        return None
