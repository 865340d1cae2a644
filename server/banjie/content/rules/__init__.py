"""Rules that a diagram must keep before it may be deployed: one function each, in the manner of a linter.

A rule takes a `Diagram` and yields `Problem`s that name the element and the rule. `check_diagram` judges one file,
`check_bundle` a process together with those it calls. Neither raises, whatever the bytes are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from banjie.content.rules import (
    activities,
    calls,
    events,
    expressions,
    flows,
    gateways,
    identity,
    lanes,
    panels,
    size,
    vocabulary,
)
from banjie.content.rules.diagram import Diagram
from banjie.content.xml import parse_xml
from banjie.domain.errors import ContentError, Problem

Rule = Callable[[Diagram], Iterator[Problem]]

#: After so many a file is beyond repair by reading on.
MOST_PROBLEMS = 100

RULES: tuple[Rule, ...] = (
    vocabulary.known_elements,
    vocabulary.known_attributes,
    vocabulary.fixed_attributes,
    identity.unique_ids,
    identity.plain_ids,
    lanes.one_process,
    lanes.lanes_are_complete,
    lanes.lanes_have_names,
    events.one_start,
    events.some_end,
    events.outcomes_are_codes,
    events.boundaries_are_attached,
    events.timers_have_a_time,
    flows.flows_have_ends,
    flows.flows_are_single,
    flows.one_flow_in,
    flows.one_flow_out,
    flows.everything_is_reached,
    flows.everything_can_end,
    gateways.choices_are_complete,
    gateways.conditions_are_on_choices,
    gateways.gateways_have_use,
    gateways.no_inclusive_loop,
    activities.nodes_have_names,
    activities.user_tasks_have_forms,
    activities.user_tasks_have_roles,
    activities.limits_are_parameters,
    activities.return_limits_are_known,
    activities.effects_are_known,
    activities.rule_tasks_have_decisions,
    activities.send_tasks_have_notices,
    activities.variables_are_words,
    activities.citations_are_complete,
    expressions.expressions_are_feel,
    expressions.multi_instances_are_bounded,
    panels.panels_have_rules,
    calls.calls_name_a_process,
    size.not_too_large,
    size.loops_have_choices,
    size.loops_have_people,
    size.chains_have_people,
    size.branches_are_few,
)


def check_diagram(file: str, data: bytes) -> list[Problem]:
    """What is wrong with one diagram, in the order of the file; empty when nothing is."""
    try:
        return _judge(Diagram(file=file, root=parse_xml(file, data)))
    except ContentError as refused:
        return list(refused.problems)


def check_bundle(files: Mapping[str, bytes], *, names: Collection[str] = calls.CASE_NAMES) -> list[Problem]:
    """What is wrong with a process and those it calls: each file by itself, then all together.

    `files` is file name → bytes; `names` what every case has besides the variables of its elements.
    """
    problems: list[Problem] = []
    diagrams: list[Diagram] = []
    for file, data in files.items():
        try:
            diagram = Diagram(file=file, root=parse_xml(file, data))
        except ContentError as refused:
            problems.extend(refused.problems)
            continue
        problems.extend(_judge(diagram))
        diagrams.append(diagram)
    problems.extend(calls.called_processes_exist(diagrams))
    problems.extend(calls.ids_differ_between_files(diagrams))
    problems.extend(calls.others_are_user_tasks(diagrams))
    problems.extend(calls.names_are_known(diagrams, names))
    return problems[:MOST_PROBLEMS]


def _judge(diagram: Diagram) -> list[Problem]:
    foreign = list(vocabulary.known_elements(diagram))
    if any(problem.rule == "not-bpmn" for problem in foreign):
        return foreign
    if len(diagram.all_nodes) > size.MOST_NODES or len(diagram.flows) > size.MOST_FLOWS:
        # The rules about loops look at every pair of nodes.
        return [*foreign, *size.not_too_large(diagram)][:MOST_PROBLEMS]
    problems = [problem for rule in RULES for problem in rule(diagram)]
    return sorted(problems, key=lambda problem: problem.line or 0)[:MOST_PROBLEMS]
