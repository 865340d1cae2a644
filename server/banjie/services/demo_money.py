"""Registers, budgets and subsidy cases to try the system with, beside the loans of `demo`."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from banjie.domain.assignment import Actor
from banjie.domain.calendar import LEGAL_ZONE
from banjie.domain.decisions import Json
from banjie.domain.payments import Pot
from banjie.domain.registers import RegisterKind
from banjie.forms.prefill import prefilled
from banjie.services import demo, instances, loads, people, tasks, timers
from banjie.services.payments import budgets
from banjie.services.runtime import Runtime
from banjie.services.usual import Usual

#: (service, who applies, natural days ago, the step at which the case stands).
_PLANS: Sequence[tuple[str, str, int, str]] = (
    ("startup-subsidy", "wang", 20, "Disburse"),
    ("startup-subsidy", "wang", 18, "Disburse"),
    ("startup-subsidy", "wang", 6, "PublicityEnds"),
    ("startup-subsidy", "wang", 5, "PublicityEnds"),
    ("startup-subsidy", "wang", 4, "SecondReview"),
    ("startup-subsidy", "wang", 0, "Accept"),
    ("internship-subsidy", "liu", 2, "FirstReview"),
    ("job-fair-subsidy", "liu", 5, "TeamVote"),
    ("zero-employment-family-placement", "wang", 4, "Placement"),
)
#: Serial numbers of these cases, apart from those of the loans.
_FIRST_SERIAL = 701
#: From here on the registers know people and firms that no case is about.
_OTHERS = 720
#: Steps a day at the most, so that a case does not pass all in one hour.
_STEPS_A_DAY = 2


def add(rt: Runtime, root: Path) -> int:
    """Fill registers and budgets, and walk the cases on a clock set back; returns how many cases."""
    actors = {person.username: people.actor_named(rt, person.username) for person in demo.CAST}
    _fill_registers(rt, actors["zhao"])
    for fund, amount in (("employment_subsidy", 500_000), ("unemployment_insurance", 2_000_000)):
        pot = Pot(fund=fund, region=demo.COUNTY, year=rt.today().year)
        budgets.set_budget(rt, actors["qiu"], pot, Decimal(amount), "演示数据：年初预算")
    usual = Usual.load(root)
    for serial, plan in enumerate(_PLANS, start=_FIRST_SERIAL):
        _Walk(rt, actors, usual, serial, *plan).go()
    timers.sweep(rt)
    return len(_PLANS)


class _Walk:
    """One case on its way to the step at which it is to stand."""

    def __init__(
        self, rt: Runtime, actors: dict[str, Actor], usual: Usual, serial: int, service: str, by: str,
        days_ago: int, stop: str,
    ) -> None:  # fmt: skip
        self._rt, self._actors, self._usual, self._serial = rt, actors, usual, serial
        self._service, self._by, self._stop = service, by, stop
        day = rt.calendars.calendar_for().working_day_from(rt.today() - timedelta(days=days_ago))
        self._at = min(datetime.combine(day, time(9, serial % 50), LEGAL_ZONE), rt.now())
        self._steps = 0

    def go(self) -> None:
        wish = instances.StartCase(
            service=self._service, by=self._actors[self._by],
            submission=self._usual.application(self._service, self._serial, self._then().today()),
        )  # fmt: skip
        case_no = instances.start(self._then(), wish).case_no
        while self._step(case_no):
            pass

    def _step(self, case_no: str) -> bool:
        """Pass a step, or wait for the end of a publicity; False where the case stands as it is to stand."""
        view = instances.view(self._then(), self._actors["feng"], case_no)
        if not view.tasks:
            return self._stop != "PublicityEnds" and self._wait(view)
        task = view.tasks[0]
        if task.element == self._stop:
            return False
        self._move_on()
        tasks.complete(
            self._then(),
            tasks.CompleteTask(
                task_id=task.id,
                by=self._officer(view, task.element),
                submission=self._answer(view, task.element),
            ),
        )
        return True

    def _answer(self, view: instances.CaseView, element: str) -> dict[str, Json]:
        then, instance = self._then(), view.instance
        form = then.processes.form(instance.definition, view.definition.elements[element].form or "")
        proposed = prefilled(form, then.form_context(instance.data))
        return {**proposed, **self._usual.answer(instance.process, element, self._serial, then.today())}

    def _officer(self, view: instances.CaseView, element: str) -> Actor:
        return self._actors[self._usual.officers[view.instance.process][element]]

    def _wait(self, view: instances.CaseView) -> bool:
        published = view.instance.data.get("publicity")
        if view.instance.outcome is not None or not isinstance(published, dict):
            return False
        self._at = datetime.fromisoformat(str(published["closes_at"])) + timedelta(hours=9)
        timers.sweep(self._then())
        return self._at < self._rt.now()

    def _move_on(self) -> None:
        self._steps += 1
        if self._steps % _STEPS_A_DAY:
            self._at += timedelta(hours=1)
        else:
            calendar = self._rt.calendars.calendar_for()
            self._at = datetime.combine(calendar.nth(self._at.date(), 1), self._at.time(), LEGAL_ZONE)
        self._at = min(self._at, self._rt.now())

    def _then(self) -> Runtime:
        at = self._at
        return replace(self._rt, now=lambda: at)


def _firm(serial: int) -> str:
    return "晨光小吃店" if serial < _OTHERS else f"演示企业{serial}有限公司"


def _fill_registers(rt: Runtime, officer: Actor) -> None:
    """A few people and enterprises: some have a case, some may have what they never asked for."""
    people_rows = [
        [
            demo.id_number(serial),
            "王小梅" if serial < _OTHERS else f"演示人员{serial}",
            demo.COUNTY,
            "城镇",
            "",
            "2024-03-01",
            "2024-01-15",
            "",
            "26",
        ]
        for serial in range(_FIRST_SERIAL, _FIRST_SERIAL + 30)
    ]
    firms = [
        [demo.credit_code(serial), _firm(serial), demo.COUNTY, str(10 + serial % 40), "小型"]
        for serial in range(_FIRST_SERIAL, _FIRST_SERIAL + 20)
    ]
    for kind, header, rows in (
        (RegisterKind.PERSON, ["身份证号码", "姓名", "地区", "户口性质", "毕业日期", "就业困难人员认定日期",
                               "失业登记日期", "失业保险金领取截止日期", "累计参保月数"], people_rows),
        (RegisterKind.ENTERPRISE, ["统一社会信用代码", "单位名称", "地区", "上年度月均参保人数", "划型"], firms),
    ):  # fmt: skip
        out = io.StringIO()
        csv.writer(out).writerows([header, *rows])
        load_id = loads.start(
            rt, officer, kind, io.BytesIO(out.getvalue().encode()), name=f"{kind}.csv", source="演示数据",
            as_of=rt.today(), region=demo.COUNTY,
        )  # fmt: skip
        loads.run(rt, load_id)
