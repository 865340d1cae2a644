"""The resources of one process as they are deployed together: its diagrams, its description, its forms.

Decision tables and parameters are no part of it: they hold by date, not by version (ADR 0004).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from banjie.domain.errors import ContentError, NotFound, Problem

#: What a diagram calls, and which shared forms it names; ids are ASCII by the rules.
_CALL = re.compile(rb'calledElement="([A-Za-z0-9_-]+)"')
_SHARED_FORM = re.compile(rb'formKey="(common/[A-Za-z0-9_-]+)"')


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Files by their path below the content root; `version` is the SHA-256 over all of them, as hex."""

    key: str
    files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def version(self) -> str:
        digest = sha256()
        for path in sorted(self.files):
            for part in (path.encode(), self.files[path]):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


def process_keys(root: Path) -> tuple[str, ...]:
    """The processes of a content tree: every folder below ``bpmn`` with a ``process.yaml``, by name."""
    return tuple(sorted(path.parent.name for path in (root / "bpmn").glob("*/process.yaml")))


def undescribed(root: Path) -> list[Problem]:
    """Folders below ``bpmn`` that hold diagrams and no ``process.yaml``, so that nothing would deploy them."""
    folders = {path.parent for path in (root / "bpmn").glob("*/*.bpmn")} - {root / "bpmn" / "common"}
    return [
        Problem(
            file=f"bpmn/{folder.name}/process.yaml",
            element="file",
            rule="process-described",
            message="it is missing beside the diagrams",
        )
        for folder in sorted(folders)
        if not (folder / "process.yaml").is_file()
    ]


def load_bundle(root: Path, process: str) -> Bundle:
    """The resources of a process.

    Raises NotFound where its folder has no ``process.yaml``, ContentError for a file that cannot be read.
    """
    folder = root / "bpmn" / process
    if not (folder / "process.yaml").is_file():
        raise NotFound("There is no such process.", process=process)
    diagrams = [*folder.glob("*.bpmn"), *_called(root, sorted(folder.glob("*.bpmn")))]
    paths = [folder / "process.yaml", *diagrams, *(root / "forms" / process).glob("*.form")]
    paths += _shared_forms(root, diagrams)
    return Bundle(
        key=process, files={path.relative_to(root).as_posix(): _read(root, path) for path in sorted(paths)}
    )


def _called(root: Path, diagrams: Sequence[Path]) -> list[Path]:
    """The shared diagrams that some call, and those that these call; a diagram's file is named as its process."""
    found: dict[str, Path] = {}
    waiting = list(diagrams)
    while waiting:
        for name in _CALL.findall(_read(root, waiting.pop())):
            path = root / "bpmn" / "common" / f"{name.decode()}.bpmn"
            if name.decode() not in found and path.is_file():
                found[name.decode()] = path
                waiting.append(path)
    return list(found.values())


def _shared_forms(root: Path, diagrams: Sequence[Path]) -> list[Path]:
    names = {name.decode() for path in diagrams for name in _SHARED_FORM.findall(_read(root, path))}
    paths = [root / "forms" / f"{name}.form" for name in sorted(names)]
    return [path for path in paths if path.is_file()]


def _read(root: Path, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"it cannot be read: {error.strerror}"
        file = path.relative_to(root).as_posix()
        raise ContentError([Problem(file=file, element="file", rule="readable", message=message)]) from error
