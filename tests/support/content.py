"""A copy of the house's content that a test may break: the guarantee loan with what all processes share.

The other processes are left out, because a changed tree is read and checked anew each time.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from banjie.content.root import content_root

_KEPT = {"guarantee_loan", "common", "calendars", "services"}


def copy_content(root: Path, *processes: str) -> Path:
    """Copy it, and some more processes, below a folder, which becomes the content's root; returns the folder."""
    for folder in ("bpmn", "forms", "policy"):
        shutil.copytree(content_root() / folder, root / folder)
        for path in (root / folder).iterdir():
            if path.is_dir() and path.name not in {*_KEPT, *processes}:
                shutil.rmtree(path)
    (root / "policy" / "packages.yaml").unlink(missing_ok=True)
    for path in (root / "policy" / "services").glob("*.yaml"):
        if not any(path.stem.startswith(name.replace("_", "-")) for name in ("guarantee_loan", *processes)):
            path.unlink()
    return root
