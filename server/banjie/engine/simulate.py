"""Walks a diagram in random orders before it is deployed, and tells where a token is lost, doubled or stuck.

Gateways are forced both ways, timers fire or not, user tasks are completed in any order; after every step the state is
saved and loaded, and what is open is compared with a token game played by the rules of BPMN. The walks are the same
for the same bytes: a diagram that passed yesterday passes today.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway
from SpiffWorkflow.task import Task as SpiffTask

from banjie.domain.countersign import Choice, Member, Rule, RuleKind, item_of, member_of
from banjie.domain.decisions import Json
from banjie.domain.errors import BanjieError, ContentError, Problem
from banjie.domain.step import EngineStep, OpenedTask
from banjie.engine.definitions import Bundle, CompiledDefinition, compile_definition, parse_diagram
from banjie.engine.evaluator import MOST_ITEMS, Decide, Run
from banjie.engine.spiff import SpiffEngine
from banjie.engine.token_game import Game, NotPlayable, play

_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)

#: Steps of one walk; random choices leave any loop that can be left long before.
MOST_MOVES = 300

#: Steps of all walks together: large diagrams get fewer walks, so that checking one takes seconds at most.
MOST_MOVES_IN_ALL = 800

#: Votes that a panel needs at the most where the case data would say how many.
_MOST_GUESSED = 3


def simulate(bundle: Bundle, *, walks: int = 40) -> list[Problem]:
    """What random walks find, the first problem of each kind and element. Never raises for a bad diagram."""
    try:
        compiled = compile_definition(bundle)
    except ContentError as refused:
        return list(refused.problems)
    found: dict[tuple[str, str], Problem] = {}
    endless = moves = tried = 0
    for seed in range(walks):
        walk = _Walk(bundle, compiled, seed)
        problem = walk.go()
        if problem is not None:
            found.setdefault((problem.rule, problem.element), problem)
        endless += problem is None and not walk.ended
        moves += walk.moves
        tried += 1
        if len(found) > 5 or moves > MOST_MOVES_IN_ALL:
            break
    if not found and endless == tried:
        message = f"no walk of {MOST_MOVES} steps came to an end"
        return [Problem(file=f"{bundle.key}.bpmn", element=bundle.key, rule="never-ends", message=message)]
    return list(found.values())


class _Walk:
    """One walk from the start to an end, or to the first thing that is wrong."""

    def __init__(self, bundle: Bundle, compiled: CompiledDefinition, seed: int) -> None:
        self._bundle = bundle
        self._compiled = compiled
        self._dice = random.Random(f"{compiled.definition.version}:{seed}")  # noqa: S311 - not for secrets
        self._seed = seed
        self.ended = False
        self.moves = 0

    def go(self) -> Problem | None:
        engine = _Guessing(self._seed)
        try:
            game = self._game()
            step = engine.start(self._compiled, data={}, decide=_no_decision, now=_BEGIN)
            for _ in range(MOST_MOVES):
                problem = self._compare(engine, game, step)
                if problem is not None or step.ended:
                    self.ended = step.ended
                    return problem
                step = self._move(engine, game, step)
                self.moves += 1
        except BanjieError as error:
            element = str(error.facts.get("element") or error.facts.get("waiting") or self._bundle.key)
            reason = str(error.facts.get("reason") or error.message)
            return self._problem(element, "stuck", reason)
        return None

    def _game(self) -> Game | None:
        files = {f"{self._bundle.key}.bpmn": self._bundle.main, **self._bundle.called}
        roots = {name: parse_diagram(name, data) for name, data in files.items()}
        choices = _Choices(self._seed)
        try:
            return play(roots, self._bundle.key, choices.choose)
        except NotPlayable:
            return None

    def _move(self, engine: SpiffEngine, game: Game | None, step: EngineStep) -> EngineStep:
        tasks = engine.ready(self._compiled, step.snapshot)
        timers = engine.waiting_timers(self._compiled, step.snapshot)
        if timers and (not tasks or self._dice.random() < 0.25):
            timer = self._dice.choice(timers)
            if game is not None:
                game.fire(timer.element)
            return engine.fire_timer(
                self._compiled,
                step.snapshot,
                token=timer.token,
                data={},
                decide=_no_decision,
                now=timer.due_at,
            )
        task = self._dice.choice(tasks)
        if game is not None:
            game.complete(task.element)
        return engine.complete_user_task(
            self._compiled, step.snapshot, token=task.token, data={}, decide=_no_decision, now=_BEGIN,
            result=self._vote(task),
        )  # fmt: skip

    def _vote(self, task: OpenedTask) -> Json:
        """What a member of a panel says; nothing in other tasks."""
        if self._compiled.definition.elements[task.element].countersign is None:
            return None
        return {"member": member_of(task.item).key, "decision": self._dice.choice(list(Choice)).value}

    def _compare(self, engine: SpiffEngine, game: Game | None, step: EngineStep) -> Problem | None:
        tasks = engine.ready(self._compiled, step.snapshot)
        open_tasks = Counter(task.element for task in tasks)
        if game is None:
            single = Counter(task.element for task in tasks if task.item is None)
            twice = [element for element, count in single.items() if count > 1]
            return self._problem(twice[0], "runs-twice", "it is open twice at once") if twice else None
        waiting = Counter(timer.element for timer in engine.waiting_timers(self._compiled, step.snapshot))
        for element in sorted({*open_tasks, *waiting, *game.open_tasks, *game.waiting}):
            here = open_tasks[element] + waiting[element]
            expected = game.open_tasks[element] + game.waiting[element]
            if here < expected:
                return self._problem(
                    element, "skipped", "by the rules of BPMN it is open here; the engine passed it"
                )
            if here > expected or here > 1:
                return self._problem(element, "runs-twice", "it is open more often than one token allows")
        if step.ended != game.ended:
            return self._problem(
                self._bundle.key, "wrong-end", "engine and rules of BPMN disagree about the end"
            )
        return None

    def _problem(self, element: str, rule: str, message: str) -> Problem:
        known = self._compiled.definition.elements.get(element)
        shown = f"{element} “{known.name}”" if known and known.name else element
        said = f"{message} (walk {self._seed})"
        return Problem(file=f"{self._bundle.key}.bpmn", element=shown, rule=rule, message=said)


class _Choices:
    """The same random choice at the same visit of a gateway, for the engine and for the game."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._visits: Counter[str] = Counter()

    def choose(self, gateway: str, targets: tuple[str, ...]) -> str:
        self._visits[gateway] += 1
        dice = random.Random(f"{self._seed}:{gateway}:{self._visits[gateway]}")  # noqa: S311 - not for secrets
        return dice.choice(sorted(targets))


class _Guessing(SpiffEngine):
    """The engine with guesses in place of case data."""

    def __init__(self, seed: int) -> None:
        self._choices = _Choices(seed)
        self._dice = random.Random(seed)  # noqa: S311 - not for secrets

    def _run(
        self, definition: CompiledDefinition, data: Mapping[str, Json], decide: Decide, now: datetime
    ) -> Run:
        run = _GuessingRun(definition=definition.definition, data=dict(data), decide=decide, now=now)
        run.choices, run.dice = self._choices, self._dice
        return run


class _GuessingRun(Run):
    choices: _Choices
    dice: random.Random

    def choose(self, task: SpiffTask, conditions: object) -> int | None:
        spec = task.task_spec
        ways = [name for condition, name in spec.cond_task_specs if condition is not None]
        default = [spec.default_task_spec] if spec.default_task_spec else []
        if not ways:
            return None
        targets = {name.removesuffix(".BoundaryEventSplit"): name for name in [*ways, *default]}
        chosen = targets[self.choices.choose(spec.bpmn_id, tuple(targets))]
        return ways.index(chosen) if chosen in ways else None

    def holds(self, task: SpiffTask, condition: str, extra: Mapping[str, object] | None = None) -> bool:
        return isinstance(task.task_spec, InclusiveGateway) or self.dice.random() < 0.5

    def items(self, task: SpiffTask, expression: str) -> list[Json]:
        element = self.definition.elements[task.task_spec.bpmn_id]
        if element.countersign is not None:
            return self._panel(element.countersign)
        return [f"item {number}" for number in range(self.dice.randint(0, 3))]

    def _panel(self, rule: Rule) -> list[Json]:
        """Members enough to meet the rule."""
        guessed = 1 if rule.needed_from is None else _MOST_GUESSED
        needed = rule.needed if isinstance(rule.needed, int) else guessed
        weight = needed if rule.kind is RuleKind.WEIGHTED else 1
        size = (
            self.dice.randint(1, 4) if weight == needed else min(needed, MOST_ITEMS) + self.dice.randint(0, 2)
        )
        return [
            item_of(Member(key=f"member {number}", weight=weight, may_veto=self.dice.random() < 0.5))
            for number in range(size)
        ]

    def value(self, task: SpiffTask, expression: str, extra: Mapping[str, object] | None = None) -> object:
        """The number that a panel needs: nothing else is asked for by value."""
        return self.dice.randint(1, _MOST_GUESSED)

    def timer(self, task: SpiffTask, text: str) -> datetime:
        return self.now + _HOUR

    def rule(self, task: SpiffTask) -> None:
        """A decision decides nothing here: gateways are forced."""


def _no_decision(key: str, _data: Mapping[str, Json]) -> NoReturn:
    raise NotPlayable(key)
