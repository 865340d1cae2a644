"""Every operation beside a plain completion, many completions at once, and the print sheet."""

from __future__ import annotations

import statistics
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path

from banjie.domain.bulk import BulkKind
from banjie.domain.decisions import Json
from banjie.services import bulk, sheets
from bench.figures import Figure, median_ms, seconds
from support.office import MONDAY, Office
from support.scenes import SCENES, Stage, completion

ROUNDS = 5
TIMES_A_ROUND = 8
BULK = 200
SHEETS = 12
#: What an operation may cost, as a multiple of a plain completion.
MOST = 1.5
_APPROVAL: dict[str, Json] = {"decision": "approve", "conditions_confirmed": True}


def run(
    database_url: str, *, rounds: int = ROUNDS, times: int = TIMES_A_ROUND, items: int = BULK
) -> list[Figure]:
    """Each operation as a multiple of the completions measured between them; cases a second of a bulk run."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(database_url, Path(folder))
        figures = _operations(stage, rounds, times)
        stage.office.clock.set(MONDAY)
        figures += [*_bulk(stage.office, items), _sheet(stage.office)]
        stage.office.close()
    return figures


def _operations(stage: Stage, rounds: int, times: int) -> list[Figure]:
    """The medians of rounds of which the first one warms up; in each the operations take turns."""
    plain: list[float] = []
    ratios: dict[str, list[float]] = defaultdict(list)
    for round_ in range(rounds + 1):
        completions: list[float] = []
        spent: dict[str, list[float]] = defaultdict(list)
        for _ in range(times):
            for number, name in enumerate(SCENES):
                if number % 4 == 0:
                    completions += _walked(stage)
                spent[name].append(seconds(stage.prepare(name)))
        if round_:
            plain += completions
            for name, taken in spent.items():
                ratios[name].append(statistics.median(taken) / statistics.median(completions))
    found = {name: statistics.median(values) for name, values in ratios.items()}
    worst = max(found, key=lambda name: found[name])
    return [
        Figure(name="plain completion beside the operations, p50", value=round(median_ms(plain), 2), unit="ms"),
        *(_multiple(f"{name} / completion", ratio) for name, ratio in found.items()),
        _multiple(f"the dearest operation ({worst}) / completion", found[worst]),
    ]  # fmt: skip


def _multiple(name: str, ratio: float) -> Figure:
    return Figure(name=name, value=round(ratio, 2), unit="×", target=f"<= {MOST}", ok=ratio <= MOST)


def _walked(stage: Stage) -> list[float]:
    """Seconds of each completion of a loan case from beginning to end."""
    stage.office.clock.set(MONDAY)
    case_no, spent = stage.office.apply(), []
    while standing := stage.office.view(case_no).tasks:
        spent.append(seconds(completion(stage.office, standing[0])))
    return spent


def _bulk(office: Office, items: int) -> list[Figure]:
    """Cases a second of one run that approves many reviews, and what one costs beside reviews approved alone."""
    alone = _approved_alone(office, items // 10)
    ids = [office.advance_to(office.apply(), "Review").id for _ in range(items)]
    wish = bulk.StartBulk(
        by=office.actors["zhao"], kind=BulkKind.COMPLETE, items=[(task_id, None) for task_id in ids],
        submission=_APPROVAL,
    )  # fmt: skip
    run_id = bulk.start(office.rt, wish)
    spent = seconds(lambda: bulk.run(office.rt, run_id))
    if bulk.progress(office.rt, office.actors["zhao"], run_id).done != items:
        raise RuntimeError("not every item of the bulk run was done")
    alone += _approved_alone(office, items // 10)
    rate, share = items / spent, spent / items / statistics.mean(alone)
    return [
        Figure(name=f"bulk run of {items} approvals in process", value=round(rate), unit="/s", target=">= 100",
               ok=rate >= 100),
        Figure(name="an approval in a bulk run / alone", value=round(share, 2), unit="×"),
    ]  # fmt: skip


def _approved_alone(office: Office, count: int) -> list[float]:
    """Seconds of each of so many reviews that are approved one by one."""
    waiting = [office.advance_to(office.apply(), "Review") for _ in range(count)]
    return [seconds(completion(office, task)) for task in waiting]


def _sheet(office: Office) -> Figure:
    """Milliseconds of the print sheet of a finished loan, typeset from nothing."""
    case_no = office.apply()
    while standing := office.view(case_no).tasks:
        completion(office, standing[0])()
    printed = partial(sheets.approval_sheet, office.rt, office.actors["zhao"], case_no)
    printed()
    spent = [seconds(printed) for _ in range(SHEETS)]
    return Figure(name="print sheet of a finished loan, p50", value=round(median_ms(spent), 1), unit="ms")
