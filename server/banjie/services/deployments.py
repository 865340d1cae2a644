"""Putting content live, and the live versions compiled once each.

A case stays on the version it began with: its diagram and its forms are read from what was deployed, never
from the folder.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from banjie.content.bundle import Bundle as ContentBundle
from banjie.domain.errors import NotFound
from banjie.domain.events import NewEvent
from banjie.engine.definitions import Bundle, CompiledDefinition, DefinitionCache
from banjie.forms.model import Form
from banjie.forms.reader import load_form
from banjie.persistence.unit_of_work import Store
from banjie.services.content_check import engine_bundle
from banjie.services.runtime import Runtime

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Once(Generic[Key, Value]):
    """Values made once per key; safe for all threads. Deployed versions never change, so nothing expires."""

    def __init__(self, make: Callable[[Key], Value]) -> None:
        self._make = make
        self._made: dict[Key, Value] = {}
        self._lock = threading.Lock()

    def __call__(self, key: Key) -> Value:
        if key not in self._made:
            with self._lock:
                if key not in self._made:
                    self._made[key] = self._make(key)
        return self._made[key]


class DeployedProcesses:
    """Deployed versions by their hash, read from the database the first time each is needed.

    `definitions` holds what is compiled; a version says what it is made from, so databases may share one.
    """

    def __init__(self, store: Store, definitions: DefinitionCache | None = None) -> None:
        self._store = store
        self._definitions = definitions or DefinitionCache()
        self._resources = _Once(self._read)
        self._forms = _Once(self._load_form)

    def compiled(self, version: str) -> CompiledDefinition:
        """The definition, ready to run; raises NotFound."""
        return self._definitions.get(version, lambda: self._bundle(version))

    def form(self, version: str, key: str) -> Form:
        """A form of the version by its key ``process/name``; raises NotFound."""
        return self._forms((version, key))

    def form_source(self, version: str, key: str) -> bytes:
        """The same form as its file says it."""
        return self._file(version, f"forms/{key}.form")

    def diagram(self, version: str) -> bytes:
        """The main diagram's XML."""
        process, _ = self._resources(version)
        return self._file(version, f"bpmn/{process}/{process}.bpmn")

    def _read(self, version: str) -> tuple[str, Mapping[str, bytes]]:
        with self._store.read() as uow:
            return uow.definitions.resources(version)

    def _file(self, version: str, path: str) -> bytes:
        _, files = self._resources(version)
        if path not in files:
            raise NotFound(file=path)
        return files[path]

    def _load_form(self, key: tuple[str, str]) -> Form:
        version, form = key
        return load_form(f"{form}.form", self._file(version, f"forms/{form}.form"))

    def _bundle(self, version: str) -> Bundle:
        process, files = self._resources(version)
        return engine_bundle(ContentBundle(key=process, files=files))


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A process that was put live, or was live already."""

    key: str
    version: str
    is_new: bool


def deploy(rt: Runtime, bundle: ContentBundle, *, by: int | None = None) -> Deployed:
    """Store a checked bundle as the version that new cases begin with; the live one again changes nothing.

    The bundle must have passed the content check; it is compiled once here, so that what cannot run is
    never live. Raises ContentError.
    """
    now = rt.now()
    with rt.store.begin() as uow:
        is_new = uow.definitions.deploy(bundle.key, bundle.version, bundle.files, now, by)
        if is_new:
            facts = {"key": bundle.key, "version": bundle.version}
            uow.desk.record(
                f"process:{bundle.key}", [NewEvent(type="definition.deployed", facts=facts)], by, now
            )
    rt.processes.compiled(bundle.version)
    return Deployed(key=bundle.key, version=bundle.version, is_new=is_new)


def latest(rt: Runtime, process: str) -> str:
    """The version that new cases of a process begin with; raises NotFound."""
    with rt.store.read() as uow:
        return uow.definitions.latest(process)


def form_source(rt: Runtime, key: str) -> bytes:
    """The newest deployed version of a form, as its file says it; raises NotFound."""
    return rt.processes.form_source(latest(rt, key.partition("/")[0]), key)


def start_form(rt: Runtime, service: str) -> Form:
    """The form that begins a case of a service; raises NotFound."""
    found = rt.book.services.get(service)
    if found is None:
        raise NotFound(service=service)
    return rt.processes.form(latest(rt, found.process), found.start_form)
