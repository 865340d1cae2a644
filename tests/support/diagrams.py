"""Small diagrams as text, and a case that is saved and loaded between all its steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from banjie.domain.decisions import Decision, Json
from banjie.domain.step import EngineStep, EngineTimer, OpenedTask
from banjie.engine import Bundle, CompiledDefinition, SpiffEngine, compile_definition

MONDAY = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' xmlns:banjie="urn:banjie:bpmn:1" id="defs" targetNamespace="urn:test">\n'
)


def process(*parts: str, key: str = "p", extra: str = "") -> bytes:
    """A file with one process."""
    body = "\n".join(parts)
    return (
        f'{HEAD}{extra}<bpmn:process id="{key}" isExecutable="true">\n{body}\n</bpmn:process></bpmn:definitions>'
    ).encode()


def element(tag: str, identity: str, inner: str = "", **attributes: str) -> str:
    """Any element; `banjie_x` becomes `banjie:x`. It gets its id as its name unless told otherwise."""
    attributes = {"name": identity, **attributes}
    text = "".join(
        f' {key.replace("banjie_", "banjie:")}="{value}"' for key, value in attributes.items() if value
    )
    return f'<bpmn:{tag} id="{identity}"{text}>{inner}</bpmn:{tag}>'


def start(identity: str = "s", **attributes: str) -> str:
    return element("startEvent", identity, **attributes)


def end(identity: str = "e", inner: str = "", **attributes: str) -> str:
    return element("endEvent", identity, inner, **attributes)


def user(identity: str, inner: str = "", **attributes: str) -> str:
    attributes = {
        "banjie_formKey": f"p/{identity.lower()}", "banjie_candidateRole": "clerk",
        "banjie_variable": identity.lower(), **attributes,
    }  # fmt: skip
    return element("userTask", identity, inner, **attributes)


def rule(identity: str, *, decision: str = "p/table", variable: str = "decided") -> str:
    return element("businessRuleTask", identity, banjie_decision=decision, banjie_variable=variable)


def send(identity: str, notice: str = "told") -> str:
    return element("sendTask", identity, banjie_notice=notice)


def choice(identity: str, default: str = "") -> str:
    return element("exclusiveGateway", identity, default=default)


def parallel(identity: str) -> str:
    return element("parallelGateway", identity, name="")


def sub(identity: str, *parts: str, **attributes: str) -> str:
    return element("subProcess", identity, "".join(parts), **attributes)


def duration(text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:timeDuration>{text}</bpmn:timeDuration></bpmn:timerEventDefinition>"


def boundary(identity: str, host: str, timer: str = "P3D", *, cancel: bool = True) -> str:
    return element(
        "boundaryEvent", identity, duration(timer), attachedToRef=host, cancelActivity=str(cancel).lower()
    )


def pause(identity: str, timer: str = "P1D") -> str:
    return element("intermediateCatchEvent", identity, duration(timer))


def each(source: str, *, done: str = "", item: str = "officer", in_order: bool = False) -> str:
    condition = f"<bpmn:completionCondition>{done}</bpmn:completionCondition>" if done else ""
    sequential = ' isSequential="true"' if in_order else ""
    return (
        f"<bpmn:multiInstanceLoopCharacteristics{sequential}>"
        f'<bpmn:loopDataInputRef>{source}</bpmn:loopDataInputRef><bpmn:inputDataItem id="{item}"/>{condition}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def countersign(
    identity: str, source: str = "a.panel", *, kind: str = "all", needed: str = "", veto: str = ""
) -> str:
    """A panel: a multi-instance user task whose members vote by a rule."""
    return user(
        identity, each(source, in_order=kind == "in_order", item=f"{identity}_member"),
        banjie_countersign=kind, banjie_needed=needed, banjie_veto=veto,
    )  # fmt: skip


def flows(*paths: str, **conditions: str) -> str:
    """`a b c` joins a to b and b to c by flows `a_b`, `b_c`; `a_b="x = 1"` puts a condition on one."""
    out = []
    for path in paths:
        nodes = path.split()
        for source, target in pairwise(nodes):
            identity = f"{source}_{target}"
            condition = conditions.pop(identity, "")
            inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
            ends = f'sourceRef="{source}" targetRef="{target}"'
            out.append(f'<bpmn:sequenceFlow id="{identity}" {ends}>{inner}</bpmn:sequenceFlow>')
    assert not conditions, f"no such flows: {conditions}"
    return "\n".join(out)


def line(*tasks: str) -> bytes:
    """User tasks one after the other."""
    return process(start(), *(user(task) for task in tasks), end(), flows(" ".join(["s", *tasks, "e"])))


def bundle(main: bytes, called: Mapping[str, bytes] | None = None, **described: Any) -> Bundle:
    return Bundle(
        key="p", process={"title": "试", "title_en": "Test", **described}, main=main, called=called or {}
    )


def decision(value: Mapping[str, Json], key: str = "p/table") -> Decision:
    return Decision(
        key=key, version="v", on=MONDAY.date(), region="152201", inputs={}, value=value, rules=(), parameters=(),
        missing=(), diagnostics=(), engine="test",
    )  # fmt: skip


class Case:
    """A running case: every step starts from the bytes of the one before, and nothing else is kept."""

    def __init__(
        self,
        main: bytes | CompiledDefinition,
        data: Mapping[str, Json] | None = None,
        **decisions: Mapping[str, Json],
    ) -> None:
        self.compiled = main if isinstance(main, CompiledDefinition) else compile_definition(bundle(main))
        self.engine = SpiffEngine()
        self.data: dict[str, Json] = dict(data or {})
        self.decisions = decisions
        self.now = MONDAY
        self.step = self._keep(
            self.engine.start(self.compiled, data=self.data, decide=self._decide, now=self.now)
        )

    def complete(
        self, name: str, submission: Json = None, *, item: Json = None, result: Json = None
    ) -> EngineStep:
        task = next(task for task in self.tasks if task.element == name and task.item == item)
        variable = self.compiled.definition.elements[name].variable
        if variable is not None:
            self.data[variable] = {} if submission is None else submission
        return self.complete_token(task.token, result=result)

    def complete_token(self, token: str, *, result: Json = None) -> EngineStep:
        return self._keep(
            self.engine.complete_user_task(
                self.compiled, self.step.snapshot, token=token, data=self.data, decide=self._decide, now=self.now,
                result=result,
            )
        )  # fmt: skip

    def fire(self, name: str) -> EngineStep:
        timer = next(timer for timer in self.timers if timer.element == name)
        self.now = max(self.now, timer.due_at)
        return self.fire_token(timer.token)

    def fire_token(self, token: str) -> EngineStep:
        return self._keep(
            self.engine.fire_timer(
                self.compiled,
                self.step.snapshot,
                token=token,
                data=self.data,
                decide=self._decide,
                now=self.now,
            )
        )

    @property
    def tasks(self) -> tuple[OpenedTask, ...]:
        return self.engine.ready(self.compiled, self.step.snapshot)

    @property
    def open(self) -> list[str]:
        return sorted(task.element for task in self.tasks)

    @property
    def timers(self) -> tuple[EngineTimer, ...]:
        return self.engine.waiting_timers(self.compiled, self.step.snapshot)

    def _keep(self, step: EngineStep) -> EngineStep:
        self.step = step
        self.data.update(step.variables)
        return step

    def _decide(self, key: str, data: Mapping[str, Json]) -> Decision:
        return decision(self.decisions[key.partition("/")[2]], key)
