"""`make bench`: everything in one run on one machine; a table, and ``build/bench.json``."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from banjie.persistence.embedded import DURABLE, embedded_postgres
from bench import bench_batch, bench_cases, bench_clocks, bench_feel, bench_inbox, bench_operations
from bench.figures import Figure
from support.postgres import TestServer, copy_of, migrated_template

OUT = Path("build/bench.json")


def main() -> None:
    """Measure, print, write. A figure that misses its target is printed as such; the exit code stays 0."""
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_postgres(Path(folder, "pg"), tuning=DURABLE) as url,
    ):
        server = TestServer(admin_url=url, prefix="banjie_bench")
        with migrated_template(server) as template:
            with copy_of(server, template) as ours, copy_of(server, template) as floor:
                figures += _measured("cases", lambda: bench_cases.run(ours, floor))
            with copy_of(server, template) as operations:
                figures += _measured("operations", lambda: bench_operations.run(operations))
            with copy_of(server, template) as inbox:
                figures += _measured("inbox", lambda: bench_inbox.run(inbox))
            with copy_of(server, template) as batch:
                figures += _measured("batch", lambda: bench_batch.run(batch))
            with copy_of(server, template) as clocks:
                figures += _measured("clocks", lambda: bench_clocks.run(clocks))
    figures += _measured("feel", lambda: [_figure(row) for row in bench_feel.run()])
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(
        json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        verdict = {True: "ok", False: "MISSED", None: ""}[figure.ok]
        print(f"{figure.name:{width}}  {figure.value:>12,}  {figure.unit:<5} {figure.target:<10} {verdict}")


def _measured(name: str, measure: Callable[[], list[Figure]]) -> list[Figure]:
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    return measure()


def _figure(row: dict[str, Any]) -> Figure:
    return Figure(**row)


if __name__ == "__main__":
    main()
