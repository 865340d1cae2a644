"""User tasks that several people do: one task for each item of a list, and panels that decide by their votes.

Both replace SpiffWorkflow's multi-instance tasks: the stock completion condition sees only the last vote, and a
cancelled member blocks the stock task for ever (SpiffWorkflow 3.2.0).
"""

from __future__ import annotations

# ruff: noqa: SLF001 - SpiffWorkflow's hooks have private names; they are its documented way to subclass.
from collections.abc import Mapping, Sequence

from SpiffWorkflow.bpmn.specs.defaults import ParallelMultiInstanceTask
from SpiffWorkflow.task import Task as SpiffTask
from SpiffWorkflow.util.task import TaskState

from banjie.domain.countersign import Choice, Member, Rule, RuleKind, Tally, Vote, item_of, member_of, tally
from banjie.domain.decisions import Json
from banjie.domain.errors import Conflict, NotFound
from banjie.engine.evaluator import MOST_ITEMS, fault, run_of


class EachItem(ParallelMultiInstanceTask):
    """A parallel multi-instance user task: one task for each item of a list in the case data.

    Its completion condition sees `total`, `done` and `results` (of the finished ones, in the order of the items).
    Finished means completed or cancelled, so that a member taken out does not block the rest.
    """

    def create_children(self, my_task: SpiffTask) -> None:
        for index, item in enumerate(run_of(my_task).items(my_task, self.source)):
            self.create_child(my_task, item, index)

    @property
    def source(self) -> str:
        """The expression whose items these are."""
        return str(self.cardinality if self.data_input is None else self.data_input.bpmn_id)

    def create_child(self, my_task: SpiffTask, item: object, key_or_index: object = None) -> None:
        if my_task.has_state(TaskState.PREDICTED_MASK):
            # On a boundary event's path the wrapper is only predicted, and its children could not be added.
            my_task._set_state(TaskState.FUTURE)
        spec = my_task.workflow.spec.task_specs[self.task_spec]
        child = my_task._add_child(spec, TaskState.WAITING)
        child.triggered = True
        child.internal_data["item"] = item
        if self.input_item is not None:
            child.data[self.input_item.bpmn_id] = item
        spec._update(child)

    def merge_child(self, workflow: object, child: SpiffTask) -> None:
        wrapper = child.parent
        if self.check_completion_condition(wrapper):
            self.finish(wrapper)
        elif self.children_complete(wrapper):
            wrapper._set_state(TaskState.READY)

    def finish(self, my_task: SpiffTask) -> None:
        """Let the diagram go on; the tasks that are still open are cancelled."""
        for other in self._instances(my_task):
            other.cancel()
        my_task._set_state(TaskState.READY)

    def check_completion_condition(self, my_task: SpiffTask) -> bool:
        if self.condition is None:
            return False
        members = list(self._instances(my_task))
        finished = [task for task in members if task.state == TaskState.COMPLETED]
        votes = {
            "total": len(members),
            "done": len(finished),
            "results": [task.internal_data.get("result") for task in finished],
        }
        return run_of(my_task).holds(my_task, self.condition, votes)

    def children_complete(self, my_task: SpiffTask) -> bool:
        return all(task.has_state(TaskState.FINISHED_MASK) for task in self._instances(my_task))


class Countersign(EachItem):
    """A multi-instance user task whose members vote, by the rule of its element.

    Who sits on the panel and what was said stands with the wrapper: `members` are items of the case data, `votes` pairs
    of a member's key and decision, as they were cast, `needed` the number that the case data gave when the panel was
    entered, where its rule reads it from them: what becomes of the data later changes no running vote.

    The case data get the panel under the element's variable: `members`, `votes` (key → decision), `needed` where it
    was read, `outcome` and `reason` (null until it is decided), and `opinions`, which stay as the case data have them.
    Every entry begins it anew.
    """

    def create_children(self, my_task: SpiffTask) -> None:
        try:
            members = [member_of(item) for item in run_of(my_task).items(my_task, self.source)]
        except ValueError as error:
            raise fault(my_task, f"the panel has {error}") from None
        if len({member.key for member in members}) < len(members):
            raise fault(my_task, "somebody sits on the panel twice")
        my_task.internal_data.pop("needed", None)
        path = self._written_rule(my_task).needed_from
        if path is not None:
            my_task.internal_data["needed"] = self._number(my_task, path)
        if not self.rule(my_task).can_be_met(members):
            raise fault(my_task, f"a panel of {len(members)} cannot meet its rule")
        my_task.internal_data["members"] = [item_of(member) for member in members]
        my_task.internal_data["votes"] = []
        self.settle(my_task)

    def children_complete(self, my_task: SpiffTask) -> bool:
        return self.count(my_task).decided

    def merge_child(self, workflow: object, child: SpiffTask) -> None:
        wrapper, key = child.parent, _key(child)
        result = child.internal_data.get("result")
        said = result if isinstance(result, Mapping) else {}
        if said.get("member") != key or said.get("decision") not in set(Choice):
            raise fault(child, f"no vote of {key}: approve, reject or abstain")
        wrapper.internal_data["votes"].append([key, said["decision"]])
        self.settle(wrapper)

    def settle(self, my_task: SpiffTask) -> None:
        """Bring the open tasks and the case data in line with panel and votes; go on where it is decided."""
        counted = self.count(my_task)
        self._tell(my_task, counted)
        if counted.decided:
            self.finish(my_task)
            return
        asked = counted.open[:1] if self.rule(my_task).kind is RuleKind.IN_ORDER else counted.open
        open_tasks = {_key(task): task for task in self._open(my_task)}
        for key, task in open_tasks.items():
            if key not in asked:
                task.cancel()
        for item in my_task.internal_data["members"]:
            if item["member"] in asked and item["member"] not in open_tasks:
                self.create_child(my_task, item)

    def add(self, my_task: SpiffTask, member: Member) -> None:
        """Seat one more; with `in_order` at the end of the queue. Raises Conflict."""
        members = my_task.internal_data["members"]
        if len(members) >= MOST_ITEMS:
            raise Conflict("The panel is full.", element=self.bpmn_id, most=MOST_ITEMS)
        self._reseat(my_task, [*members, item_of(member)])

    def remove(self, my_task: SpiffTask, key: str) -> None:
        """Unseat one who has not voted. Raises NotFound, or Conflict where the rest could not decide."""
        index = self._seat(my_task, key)
        members = my_task.internal_data["members"]
        if len(members) == 1:
            raise Conflict("The last member stays.", element=self.bpmn_id, member=key)
        self._reseat(my_task, members[:index] + members[index + 1 :])

    def replace(self, my_task: SpiffTask, key: str, member: Member) -> None:
        """Seat somebody in the place of one who has not voted. Raises NotFound, Conflict."""
        index = self._seat(my_task, key)
        members = my_task.internal_data["members"]
        self._reseat(my_task, [*members[:index], item_of(member), *members[index + 1 :]])

    def seated(self, my_task: SpiffTask, key: str) -> Member:
        """The member of a key. Raises NotFound."""
        for item in my_task.internal_data["members"]:
            if item["member"] == key:
                return member_of(item)
        raise NotFound(member=key, element=self.bpmn_id)

    def rule(self, my_task: SpiffTask) -> Rule:
        """The rule that this panel is counted by, with the number it was entered with."""
        rule = self._written_rule(my_task)
        return rule if rule.needed_from is None else rule.fixed(my_task.internal_data["needed"])

    def _number(self, my_task: SpiffTask, path: str) -> int:
        number = run_of(my_task).value(my_task, path)
        try:
            needed = self._written_rule(my_task).fixed(number).needed
        except ValueError as error:
            raise fault(my_task, f"{path}: {error}") from None
        return int(needed or 0)

    def _written_rule(self, my_task: SpiffTask) -> Rule:
        rule = run_of(my_task).definition.elements[self.bpmn_id].countersign
        if rule is None:
            raise fault(my_task, "the panel has no rule")
        return rule

    def count(self, my_task: SpiffTask) -> Tally:
        members = [member_of(item) for item in my_task.internal_data["members"]]
        votes = [Vote(member=key, decision=Choice(said)) for key, said in my_task.internal_data["votes"]]
        return tally(self.rule(my_task), members, votes)

    def _seat(self, my_task: SpiffTask, key: str) -> int:
        """Where one sits who has not voted."""
        self.seated(my_task, key)
        if any(voted == key for voted, _ in my_task.internal_data["votes"]):
            raise Conflict("The member has voted.", element=self.bpmn_id, member=key)
        return [item["member"] for item in my_task.internal_data["members"]].index(key)

    def _reseat(self, my_task: SpiffTask, items: Sequence[Mapping[str, Json]]) -> None:
        members = [member_of(item) for item in items]
        if len({member.key for member in members}) < len(members):
            raise Conflict("Nobody sits on a panel twice.", element=self.bpmn_id)
        if not self.rule(my_task).can_be_met(members):
            raise Conflict("Those who stay could not meet the panel's rule.", element=self.bpmn_id)
        my_task.internal_data["members"] = list(items)
        self.settle(my_task)

    def _open(self, my_task: SpiffTask) -> list[SpiffTask]:
        return [task for task in self._instances(my_task) if not task.has_state(TaskState.FINISHED_MASK)]

    def _tell(self, my_task: SpiffTask, counted: Tally) -> None:
        """Put the panel into the case data."""
        run = run_of(my_task)
        variable = run.definition.elements[self.bpmn_id].variable
        if variable is None:
            raise fault(my_task, "a panel needs a variable")
        votes, before = my_task.internal_data["votes"], run.data.get(variable)
        opinions = before.get("opinions") if votes and isinstance(before, Mapping) else None
        needed = my_task.internal_data.get("needed")
        run.data[variable] = run.variables[variable] = {
            **({} if needed is None else {"needed": needed}),
            "members": my_task.internal_data["members"],
            "votes": dict(votes),
            "outcome": counted.outcome.value if counted.outcome else None,
            "reason": counted.reason.value if counted.reason else None,
            "opinions": opinions or {},
        }


def panel_of(task: SpiffTask) -> SpiffTask | None:
    """The undecided panel that an open task belongs to, or None."""
    wrapper = task.parent
    is_panel = wrapper is not None and isinstance(wrapper.task_spec, Countersign)
    return wrapper if is_panel and wrapper.state == TaskState.STARTED else None


def _key(task: SpiffTask) -> str:
    return str(task.internal_data["item"]["member"])
