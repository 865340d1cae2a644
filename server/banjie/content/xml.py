"""Untrusted XML becomes a tree, or one clear problem.

No entity is resolved, no DTD or network is read, a DOCTYPE is refused, and size, depth and number of elements are
bounded before anything looks at the content.
"""

from __future__ import annotations

from lxml import etree

from banjie.domain.errors import ContentError, Problem

MOST_BYTES = 2_000_000
MOST_ELEMENTS = 20_000
DEEPEST = 60


def parse_xml(file: str, data: bytes) -> etree._Element:
    """The root of a document. Raises ContentError with a single problem; never anything else."""
    if len(data) > MOST_BYTES:
        raise _refused(
            file, "xml-size", f"the file has {len(data):,} bytes; at most {MOST_BYTES:,} are allowed"
        )
    reader = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, reader)
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in data:
            # Entity bombs end here, stopped by the parser.
            raise _refused(file, "doctype", "a DOCTYPE is not allowed") from None
        raise _refused(file, "xml", _first_line(error.msg), error.lineno or None) from None
    except (ValueError, LookupError) as error:
        # An unknown or contradictory encoding.
        raise _refused(file, "xml", _first_line(str(error))) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(file, "doctype", "a DOCTYPE is not allowed")
    _bound(file, root)
    return root


def line_of(node: etree._Element) -> int | None:
    """The line at which an element begins; libxml2 stops counting at 65,535."""
    line = getattr(node, "sourceline", None)
    return line if isinstance(line, int) else None


def _bound(file: str, root: etree._Element) -> None:
    pending = [(root, 1)]
    count = 0
    while pending:
        node, depth = pending.pop()
        count += 1
        if count > MOST_ELEMENTS:
            raise _refused(file, "xml-size", f"more than {MOST_ELEMENTS:,} elements")
        if depth > DEEPEST:
            raise _refused(file, "xml-depth", f"elements nested deeper than {DEEPEST}", line_of(node))
        pending.extend((child, depth + 1) for child in node)


def _first_line(text: str | None) -> str:
    return (text or "the file is not XML").splitlines()[0][:200]


def _refused(file: str, rule: str, message: str, line: int | None = None) -> ContentError:
    return ContentError([Problem(file=file, element="(document)", rule=rule, message=message, line=line)])
