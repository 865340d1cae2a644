"""The scenarios beside each diagram, walked by the cast on PostgreSQL with the real engine.

Nothing is kept between two steps but what the database holds: every step loads its case anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
import yaml

from banjie.content.root import content_root
from banjie.domain.calendar import legal_date
from banjie.domain.clock import ClockKind
from banjie.domain.errors import BanjieError
from banjie.services import instances, notices, objections, people
from banjie.services.instances import CaseView
from support import rosters
from support.money import pay_case
from support.office import Office

#: What may stand under `expect`; a misspelt key must not pass as fulfilled.
KEYS = {"open", "due", "case_due", "light", "data", "missing", "events", "ended", "notice"}

OBJECTION = objections.NewObjection(name="白音", contact="13900000001", reason="该申请与事实不符，请核查。")


def scenarios() -> Iterator[Any]:
    for path in sorted(content_root().glob("bpmn/*/scenarios.yaml")):
        book = yaml.safe_load(path.read_text(encoding="utf-8"))
        for scenario in book["scenarios"]:
            yield pytest.param({**book, **scenario}, id=f"{path.parent.name}-{scenario['name']}")


def moment_of(step: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(step["at"]))


class Walk:
    """One scenario under way."""

    def __init__(self, office: Office, scenario: Mapping[str, Any]) -> None:
        self.office = office
        self.scenario = scenario
        self.case_no = ""
        self.cases: list[str] = []
        self.seen = 0

    def take(self, step: Mapping[str, Any]) -> None:
        moment = moment_of(step)
        assert moment >= self.office.clock.now, "steps stand in order of time"
        self.office.tick(moment)
        if "refused" in step:
            before = self.office.view(self.case_no).instance
            with pytest.raises(BanjieError) as refused:
                self.act(step)
            assert refused.value.code == step["refused"]
            assert self.office.view(self.case_no).instance == before
        else:
            self.act(step)
        self.check(step.get("expect", {}))

    def act(self, step: Mapping[str, Any]) -> None:
        changes = step.get("changes", {})
        if "case" in step:
            self.case_no, self.seen = self.cases[step["case"] - 1], 0
        match step["do"]:
            case "start":
                changes = {"region": self.scenario["region"], **changes}
                self.case_no = self.office.apply(self.scenario["service"], self.who(step), **changes)
                self.cases.append(self.case_no)
                self.seen = 0
            case "complete":
                self.office.complete(self.case_no, step["element"], by=self.who(step), **changes)
            case "wait":
                pass
            case "withdraw":
                instances.withdraw(
                    self.office.rt, self.office.actors[self.who(step)], self.case_no, "不再申请"
                )
            case "bring":
                rows = [rosters.row(serial, **one) for serial, one in enumerate(changes["rows"], start=1)]
                wish = {"by": self.office.actors[self.who(step)], "region": self.scenario["region"]}
                as_of = legal_date(moment_of(step))
                roster = rosters.brought(self.office, rows, as_of=as_of, **wish)
                self.case_no, self.seen = rosters.case_of(roster), 0
                self.cases.append(self.case_no)
            case "work":
                rosters.worked(self.office, self.case_no)
            case "pay" if "roster" in self.granted():
                rosters.pay(self.office, self.case_no)
            case "pay":
                pay_case(self.office, self.case_no, refused=bool(changes.get("refused")))
            case "object":
                self.object(self.who(step), upheld=bool(changes.get("upheld")))
            case other:
                raise AssertionError(f"no such step: {other}")

    def granted(self) -> Mapping[str, Any]:
        """What the case was granted."""
        granted = self.office.view(self.case_no).instance.data.get("grant")
        return granted if isinstance(granted, Mapping) else {}

    def object(self, officer: str, *, upheld: bool) -> None:
        """Somebody objects to the publicity, and an officer answers."""
        published = self.office.view(self.case_no).instance.data["publicity"]
        assert isinstance(published, Mapping)
        objections.make(self.office.rt, str(published["no"]), OBJECTION, "10.0.0.1")
        by = self.office.actors[officer]
        (made,) = objections.of_case(self.office.rt, by, self.case_no)
        objections.handle(self.office.rt, by, made.id, upheld=upheld, answer="经核查，已作处理。")

    def who(self, step: Mapping[str, Any]) -> str:
        return str(self.scenario["cast"][step["by"]])

    def check(self, expected: Mapping[str, Any]) -> None:
        assert set(expected) <= KEYS
        view = self.office.view(self.case_no)
        shown = self.shown(view)
        assert {key: shown(key, wanted) for key, wanted in expected.items()} == dict(expected)

    def shown(self, view: CaseView) -> Any:
        """The facts of a case under the names of `expect`, cut to what is asked for."""
        fresh = {event.type for event in view.events[self.seen :]}
        self.seen = len(view.events)

        def fact(key: str, wanted: Any) -> Any:
            match key:
                case "open":
                    return sorted(task.element for task in view.tasks)
                case "due":
                    return {task.element: day(task.due_at) for task in view.tasks}
                case "case_due":
                    return next(
                        (
                            day(clock.stored.due.at)
                            for clock in view.clocks
                            if clock.stored.clock.kind is ClockKind.PROMISED
                        ),
                        None,
                    )
                case "light":
                    return self.light(view)
                case "data":
                    return {name: fields_of(view, name, asked) for name, asked in wanted.items()}
                case "missing":
                    return {row.key: missing_of(row.receipt) for row in view.decisions if row.key in wanted}
                case "events":
                    return [event for event in wanted if event in fresh]
                case "ended":
                    return view.instance.outcome
                case "notice":
                    return self.letter(view)
            return None

        return fact

    def light(self, view: CaseView) -> str:
        clock_ids = {task.clock_id for task in view.tasks}
        lights = [clock.state.value for clock in view.clocks if clock.stored.id in clock_ids]
        return lights[0] if lights else "none"

    def letter(self, view: CaseView) -> str | None:
        """The template of the newest notice in the applicant's box about this case."""
        notices.deliver(self.office.rt, view.instance.id)
        applicant = next(
            actor for actor in self.office.actors.values() if actor.account_id == view.instance.applicant_id
        )
        box = people.notices(self.office.rt, applicant)
        return next((row.template for row in box if row.facts["case_no"] == self.case_no), None)


def missing_of(receipt: Mapping[str, Any]) -> list[str]:
    """The parameters for which a decision found no value."""
    return [value["key"] for value in receipt["missing"]]


def day(instant: datetime | None) -> str | None:
    return legal_date(instant).isoformat() if instant else None


def fields_of(view: CaseView, variable: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    held = view.instance.data.get(variable)
    assert isinstance(held, Mapping), variable
    return {key: held.get(key) for key in asked}


@pytest.mark.parametrize("scenario", list(scenarios()))
def test_a_scenario_goes_as_written(office: Office, scenario: Mapping[str, Any]) -> None:
    office.clock.set(datetime.fromisoformat(str(scenario["steps"][0]["at"])))
    walk = Walk(office, scenario)

    for number, step in enumerate(scenario["steps"], start=1):
        try:
            walk.take(step)
        except AssertionError as fault:
            fault.add_note(f"at step {number}: {step['do']} {step.get('element', '')} {step['at']}")
            raise
        assert office.findings() == []
