"""For machines: JSON under /api/v1, described at /api/v1/openapi.json."""
