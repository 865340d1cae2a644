"""Telling the same applicant again without keeping the ID number a second time."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256

_PURPOSE = b"banjie: the applicant of a case, 1"


def subject_hasher(secret: str) -> Callable[[str], bytes]:
    """What makes an ID number or credit code the 32 bytes that a case keeps of it (HMAC-SHA-256).

    The key is derived from the secret of the installation, for this purpose only. Under another secret the same
    number gives other bytes, so that open cases from before a change of the secret are not found again.
    """
    key = hmac.digest(secret.encode(), _PURPOSE, sha256)

    def hashed(number: str) -> bytes:
        return hmac.digest(key, "".join(number.upper().split()).encode(), sha256)

    return hashed
