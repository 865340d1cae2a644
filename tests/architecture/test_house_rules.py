"""Rules of the house that imports cannot show."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from alembic.script import ScriptDirectory

import banjie
from banjie.domain import errors as domain_errors
from banjie.domain.errors import BanjieError
from banjie.edge.errors import STATUS

ROOT = Path(__file__).parents[2]
PACKAGE = Path(banjie.__file__).parent
TEMPLATES = PACKAGE / "web" / "templates"


def _modules(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8"))


def test_only_the_unit_of_work_commits() -> None:
    committing = {
        name
        for name, module in _modules(PACKAGE)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }

    assert committing <= {"persistence/unit_of_work.py"}


def test_every_error_of_the_domain_has_a_row_in_the_error_table() -> None:
    """Its own or that of the kind it is a special case of."""
    for found in pkgutil.iter_modules([str(PACKAGE / "domain")], "banjie.domain."):
        importlib.import_module(found.name)

    raised = {kind for kind in _subclasses(BanjieError) if kind.__module__.startswith("banjie.domain.")}

    assert {kind.__name__ for kind in raised if STATUS.keys().isdisjoint(kind.__mro__)} == set()


def _subclasses(kind: type[BanjieError]) -> Iterator[type[BanjieError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in vars(domain_errors).values() if _is_error(kind)]

    assert len(codes) == len(set(codes))


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BanjieError)


def test_migrations_form_one_line() -> None:
    scripts = ScriptDirectory(PACKAGE / "persistence" / "migrations")

    line = list(scripts.walk_revisions())

    assert (len(scripts.get_heads()), len(scripts.get_bases())) == (1, 1)
    assert [revision.is_branch_point or revision.is_merge_point for revision in line] == [False] * len(line)


def test_every_process_has_forms_and_policy() -> None:
    processes = {path.name for path in (ROOT / "bpmn").iterdir() if path.is_dir()} - {"common"}

    assert processes
    assert {(ROOT / folder / key).is_dir() for folder in ("forms", "policy") for key in processes} == {True}


def test_templates_carry_no_inline_style_and_no_inline_script() -> None:
    """The content policy would drop both, and the page would look broken to people only."""
    forbidden = re.compile(
        r"\sstyle\s*=|<style\b|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|hx-on|javascript:", re.IGNORECASE
    )
    found = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if forbidden.search(line)
    ]

    assert found == []


def test_the_domain_does_not_read_the_clock_on_the_wall() -> None:
    """Nor the language, nor the engine; the TCK's runner is a program of its own."""
    reading = [
        f"{name}:{node.lineno}"
        for layer in ("domain", "feel", "engine")
        for name, module in _modules(PACKAGE / layer)
        if name != "feel/tck.py"
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("now", "utcnow", "today")
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "date")
    ]

    assert reading == []


def test_only_settings_and_the_command_line_read_the_environment() -> None:
    reading = {
        name
        for name, module in _modules(PACKAGE)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }

    assert {name for name in reading if not name.startswith("cli/")} <= {"app.py", "persistence/embedded.py"}
