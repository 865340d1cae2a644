"""Whether the whole installation is well, for monitors and the supervisor; `/healthz` asks only this process."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from banjie.edge.context import runtime
from banjie.services import clock_audit


def health() -> tuple[Response, int]:
    """200 and "ok"; 503 and "degraded" with the reasons: the database does not answer, or nothing sweeps."""
    reasons = _reasons()
    return jsonify(status="degraded" if reasons else "ok", reasons=reasons), 503 if reasons else 200


def _reasons() -> list[dict[str, Any]]:
    try:
        pulse = clock_audit.sweep_pulse(runtime())
    except Exception:  # noqa: BLE001  a monitor must get its answer whatever the database does
        return [{"rule": "database"}]
    if not pulse.is_dead:
        return []
    return [{"rule": "sweep", "last": pulse.last.isoformat() if pulse.last else None}]
