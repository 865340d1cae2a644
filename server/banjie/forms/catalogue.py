"""The form files of a content tree: finding them, loading one by its key, checking all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from banjie.domain.errors import ContentError, NotFound, Problem
from banjie.forms.model import Form
from banjie.forms.reader import load_form

__all__ = ["check_forms", "form_files", "form_key", "load_form", "read_form"]


def form_files(root: Path) -> Iterator[Path]:
    """Every ``*.form`` under the root, in order of path."""
    yield from sorted(root.rglob("*.form"))


def form_key(root: Path, path: Path) -> str:
    """The key by which diagrams name the file: ``guarantee_loan/review`` for ``<root>/guarantee_loan/review.form``."""
    return path.relative_to(root).with_suffix("").as_posix()


def read_form(root: Path, key: str) -> Form:
    """The form with this key. Raises NotFound when there is none, ContentError when it breaks a rule."""
    path = next((found for found in form_files(root) if form_key(root, found) == key), None)
    if path is None:
        raise NotFound("There is no form with this key.", form=key[:100])
    return load_form(path.relative_to(root).as_posix(), path.read_bytes())


def check_forms(root: Path) -> list[Problem]:
    """Every broken rule of every form under the root; empty when all is well."""
    problems: list[Problem] = []
    for path in form_files(root):
        try:
            load_form(path.relative_to(root).as_posix(), path.read_bytes())
        except ContentError as error:
            problems += error.problems
        except OSError as error:
            name = path.relative_to(root).as_posix()
            problems.append(
                Problem(file=name, element="form", rule="unreadable", message=error.strerror or "unreadable")
            )
    return problems
