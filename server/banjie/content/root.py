"""Where the content lies: inside an installed wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

import banjie
from banjie.domain.errors import NotFound


def content_root() -> Path:
    """The folder that holds ``bpmn``, ``forms`` and ``policy``. Raises NotFound."""
    package = Path(banjie.__file__).resolve().parent
    for root in (package / "_content", package.parent.parent):
        if (root / "bpmn").is_dir() and (root / "policy").is_dir():
            return root
    raise NotFound(
        "The content folders bpmn, forms and policy are not where they should be.", package=package
    )
