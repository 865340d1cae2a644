"""Finds the models that a model imports: in its folder, and in the folders its `locationURI`s lead to."""

from __future__ import annotations

from pathlib import Path

from banjie.feel import dmn
from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_xml import parse_xml


class Siblings:
    """Resolver of imports for `load_model`, over the `.dmn` files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._by_namespace: dict[str, Path] | None = None

    def resolve(self, wanted: dmn.Import) -> tuple[str, bytes] | None:
        """File name and bytes of the imported model; None when no file has its namespace."""
        path = self._located(wanted) or self._namespaces().get(wanted.namespace)
        return None if path is None else (path.name, path.read_bytes())

    def _located(self, wanted: dmn.Import) -> Path | None:
        """The file at the location, when it is a file of this folder's tree and of the wanted namespace."""
        if not wanted.location or "://" in wanted.location:
            return None
        path = (self.folder / wanted.location).resolve()
        allowed = self.folder.resolve().parent
        if allowed not in path.parents or not path.is_file():
            return None
        return path if _namespace(path) == wanted.namespace else None

    def _namespaces(self) -> dict[str, Path]:
        if self._by_namespace is None:
            self._by_namespace = {}
            for path in sorted(self.folder.glob("*.dmn")):
                namespace = _namespace(path)
                if namespace is not None:
                    self._by_namespace.setdefault(namespace, path)
        return self._by_namespace


def _namespace(path: Path) -> str | None:
    try:
        return parse_xml(path.read_bytes(), file=path.name)[0].get("namespace")
    except DmnError:
        return None
