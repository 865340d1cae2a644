"""Where a rule stands: document, article, quoted phrase."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Citation:
    """One place in one document.

    `document` is a key of ``policy/sources.yaml``; `article` a label of its outline; `quote` the exact
    words with all white space removed.
    """

    document: str
    article: str
    quote: str
