"""The elements of a DMN model as plain values, as DMN 1.5 (chapters 6 to 10) names them.

Nothing here computes: `dmn_reader` makes these values from XML, `model` evaluates them.
References between elements are `Reference`s: a namespace ("" for the model's own) and an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class HitPolicy(StrEnum):
    """What a table answers when several rules match."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


class Aggregation(StrEnum):
    """How COLLECT makes one value of many."""

    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


class FunctionKind(StrEnum):
    """Who runs a function; only FEEL ones are run here."""

    FEEL = "FEEL"
    JAVA = "Java"
    PMML = "PMML"


class IteratorKind(StrEnum):
    """The boxed iterators."""

    FOR = "for"
    SOME = "some"
    EVERY = "every"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """An element by namespace and id; an empty namespace is the model's own."""

    namespace: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A name with a type; an empty type is Any."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Literal:
    """FEEL text. An empty text is null."""

    id: str
    type_ref: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """What is given for one parameter; None is null."""

    parameter: str
    value: Boxed | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Invocation:
    """A call with arguments by parameter name."""

    id: str
    type_ref: str
    function: Boxed
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContextEntry:
    """An entry without a variable is the result of its context."""

    variable: Variable | None
    value: Boxed | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BoxedContext:
    """Named values, each seeing those before it."""

    id: str
    type_ref: str
    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoxedList:
    """Values in order."""

    id: str
    type_ref: str
    items: tuple[Boxed, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """A list of contexts, written as a table."""

    id: str
    type_ref: str
    columns: tuple[Variable, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionDefinition:
    """A function of FEEL, or one of another kind, which is answered with null and a diagnostic."""

    id: str
    type_ref: str
    kind: FunctionKind
    parameters: tuple[Variable, ...]
    body: Boxed | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditional:
    """A boxed `if`."""

    id: str
    type_ref: str
    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """A boxed filter; `match` sees `item`."""

    id: str
    type_ref: str
    source: Boxed
    match: Boxed


@dataclass(frozen=True, kw_only=True, slots=True)
class Iterator:
    """A boxed `for`, `some` or `every`; `body` is what is returned or must be satisfied."""

    id: str
    type_ref: str
    kind: IteratorKind
    variable: str
    source: Boxed
    body: Boxed


@dataclass(frozen=True, kw_only=True, slots=True)
class InputClause:
    """A column of questions. `values` are unary tests that every input must satisfy; None when not limited."""

    id: str
    label: str
    text: str
    type_ref: str
    values: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputClause:
    """A column of answers. `values` in order of falling priority; `default` is FEEL text."""

    id: str
    label: str
    name: str
    type_ref: str
    values: str | None
    default: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One row: texts of its cells, and its notes (annotation name → text; "description" is the rule's own)."""

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionTable:
    """A table of rules; each has one cell for each input and each output."""

    id: str
    type_ref: str
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]


Boxed = (
    Literal
    | Invocation
    | BoxedContext
    | BoxedList
    | Relation
    | FunctionDefinition
    | Conditional
    | Filter
    | Iterator
    | DecisionTable
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """Another DMN model under a name; an empty name puts its elements among the model's own."""

    name: str
    namespace: str
    type: str
    location: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionItem:
    """The type of a function."""

    parameters: tuple[Variable, ...]
    result: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemDefinition:
    """A type. `allowed_values` limit a value, or each member of a collection; `type_constraint` the whole."""

    id: str
    name: str
    type_ref: str
    is_collection: bool
    allowed_values: str | None
    type_constraint: str | None
    components: tuple[ItemDefinition, ...]
    function: FunctionItem | None


@dataclass(frozen=True, kw_only=True, slots=True)
class InputData:
    """A value from outside."""

    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A decision without an expression takes its value from what the caller gives under its name."""

    id: str
    name: str
    variable: Variable
    inputs: tuple[Reference, ...]
    decisions: tuple[Reference, ...]
    knowledge: tuple[Reference, ...]
    expression: Boxed | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BusinessKnowledge:
    """A function of the model."""

    id: str
    name: str
    variable: Variable
    knowledge: tuple[Reference, ...]
    function: FunctionDefinition | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionService:
    """Arguments are taken in this order: input data, then input decisions."""

    id: str
    name: str
    variable: Variable
    output_decisions: tuple[Reference, ...]
    encapsulated_decisions: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    input_data: tuple[Reference, ...]


Element = InputData | Decision | BusinessKnowledge | DecisionService


@dataclass(frozen=True, kw_only=True, slots=True)
class Definitions:
    """A whole file. `prefixes` are the XML prefixes, for the qualified type names of DMN 1.1."""

    id: str
    name: str
    namespace: str
    file: str
    version: str
    prefixes: Mapping[str, str]
    imports: tuple[Import, ...]
    types: tuple[ItemDefinition, ...]
    elements: tuple[Element, ...]


def describe(element: Element | ItemDefinition) -> str:
    """How errors and diagnostics name an element."""
    kind = {
        InputData: "input data",
        Decision: "decision",
        BusinessKnowledge: "business knowledge model",
        DecisionService: "decision service",
        ItemDefinition: "item definition",
    }[type(element)]
    return f'{kind} "{element.name}"' + (f" ({element.id})" if element.id else "")
