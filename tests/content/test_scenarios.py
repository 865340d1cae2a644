"""Every scenario of every process, on PostgreSQL with the real engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from banjie.content.bundle import process_keys
from banjie.content.root import content_root
from banjie.policy.yaml_reader import parse_yaml
from content.scenario_walk import differences
from support.office import Office, checked


def _scenarios() -> Iterator[Any]:
    for process in process_keys(content_root()):
        path = content_root() / "bpmn" / process / "scenarios.yaml"
        content: Any = parse_yaml(path.read_bytes(), file=path.name)
        for scenario in content["scenarios"]:
            yield pytest.param(content["cast"], scenario, id=f"{process}-{scenario['name']}")


@pytest.mark.parametrize(("cast", "scenario"), list(_scenarios()))
def test_scenario_goes_as_written(
    cast: Mapping[str, str], scenario: Mapping[str, Any], database_url: str, tmp_path: Path
) -> None:
    with checked(Office(database_url, tmp_path)) as office:
        found = differences(office, cast, scenario)

        assert found == []
