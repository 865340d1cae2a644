"""A model with all that it imports, its references checked.

Every reference leads to an element of the right kind, and no element requires itself. What is wrong is a DmnError
naming the element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from banjie.feel import dmn
from banjie.feel.dmn_errors import DmnError
from banjie.feel.dmn_reader import VERSIONS, read_definitions

ImportResolver = Callable[[dmn.Import], tuple[str, bytes] | None]
"""Finds an imported model: file name (for errors) and bytes, or None when it does not know the model."""

Key = tuple[str, str]
"""Namespace and id of an element. An element without an id goes by its name."""

_MOST_MODELS: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An element and the file it stands in."""

    key: Key
    element: dmn.Element
    home: dmn.Definitions

    def error(self, rule: str) -> DmnError:
        return DmnError(rule, element=dmn.describe(self.element), file=self.home.file)


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """The root model, every model by namespace, every element by key (in file order, imported ones first)."""

    root: dmn.Definitions
    models: Mapping[str, dmn.Definitions]
    places: Mapping[Key, Place]

    def target(self, home: dmn.Definitions, reference: dmn.Reference) -> Place:
        """The element meant by a reference in `home`; it exists, because the library was checked."""
        return self.places[(reference.namespace or home.namespace, reference.id)]

    def alias(self, home: dmn.Definitions, place: Place) -> str:
        """The name of the import that brings `place` into `home`; empty for its own and for nameless imports."""
        if place.home is home:
            return ""
        return next((one.name for one in home.imports if one.namespace == place.home.namespace), "")


def load_library(data: bytes, *, resolve_import: ImportResolver | None = None, file: str = "") -> Library:
    """Reads the model and its imports, and checks their references. Raises DmnError."""
    root = read_definitions(data, file=file)
    models: dict[str, dmn.Definitions] = {}
    _gather(root, models, resolve_import, ())
    places: dict[Key, Place] = {}
    for home in models.values():
        for element in home.elements:
            key = (home.namespace, element.id or element.name)
            places[key] = Place(key=key, element=element, home=home)
    library = Library(root=root, models=models, places=places)
    _check_references(library)
    _check_cycles(library)
    return library


def _gather(
    home: dmn.Definitions,
    models: dict[str, dmn.Definitions],
    resolve: ImportResolver | None,
    above: tuple[str, ...],
) -> None:
    if home.namespace in above:
        raise DmnError("the model imports itself", element=f'model "{home.name}"', file=home.file)
    for wanted in home.imports:
        if wanted.type not in VERSIONS or (wanted.namespace in models and wanted.namespace not in above):
            continue
        found = None if resolve is None else resolve(wanted)
        if found is None:
            raise DmnError("the imported model is not found", element=_name(wanted), file=home.file)
        imported = read_definitions(found[1], file=found[0])
        if imported.namespace != wanted.namespace:
            raise DmnError(
                f"the file has the namespace {imported.namespace}", element=_name(wanted), file=home.file
            )
        if len(models) + len(above) >= _MOST_MODELS:
            raise DmnError(
                f"more than {_MOST_MODELS} models are imported", element=_name(wanted), file=home.file
            )
        _gather(imported, models, resolve, (*above, home.namespace))
    models[home.namespace] = home


def _name(wanted: dmn.Import) -> str:
    return f'import "{wanted.name}" ({wanted.namespace})'


def _check_references(library: Library) -> None:
    for place in library.places.values():
        for reference, kinds in references_of(place.element):
            _check_reference(library, place, reference, kinds)


def _check_reference(
    library: Library, place: Place, reference: dmn.Reference, kinds: tuple[type[dmn.Element], ...]
) -> None:
    namespace = reference.namespace or place.home.namespace
    if reference.namespace and all(one.namespace != namespace for one in place.home.imports):
        raise place.error(f"it requires {namespace}#{reference.id}, whose model is not imported")
    target = library.places.get((namespace, reference.id))
    if target is None:
        raise place.error(f"it requires {reference.id}, which does not exist")
    if not isinstance(target.element, kinds):
        raise place.error(f"it cannot require {dmn.describe(target.element)} in this way")


def references_of(
    element: dmn.Element,
) -> Iterator[tuple[dmn.Reference, tuple[type[dmn.Element], ...]]]:
    """Every reference of an element, with the kinds of element that it may lead to."""
    invocable = (dmn.BusinessKnowledge, dmn.DecisionService)
    match element:
        case dmn.Decision():
            yield from ((one, (dmn.InputData,)) for one in element.inputs)
            yield from ((one, (dmn.Decision,)) for one in element.decisions)
            yield from ((one, invocable) for one in element.knowledge)
        case dmn.BusinessKnowledge():
            yield from ((one, invocable) for one in element.knowledge)
        case dmn.DecisionService():
            decisions = (*element.output_decisions, *element.encapsulated_decisions, *element.input_decisions)
            yield from ((one, (dmn.Decision,)) for one in decisions)
            yield from ((one, (dmn.InputData,)) for one in element.input_data)


def _needs(library: Library, place: Place) -> list[Place]:
    """What must be known before the element; business knowledge may call itself."""
    element = place.element
    match element:
        case dmn.Decision():
            references = (*element.decisions, *element.knowledge)
        case dmn.BusinessKnowledge():
            references = element.knowledge
        case dmn.DecisionService():
            references = (*element.output_decisions, *element.encapsulated_decisions)
        case _:
            references = ()
    targets = [library.target(place.home, one) for one in references]
    return [
        target for target in targets if target is not place or not isinstance(element, dmn.BusinessKnowledge)
    ]


def _check_cycles(library: Library) -> None:
    """Depth first without recursion: a chain of requirements may be longer than Python's stack."""
    done: set[Key] = set()
    for start in library.places.values():
        path: dict[Key, Iterator[Place]] = {}
        _push(library, start, path, done)
        while path:
            key = next(reversed(path))
            following = next(path[key], None)
            if following is None:
                del path[key]
                done.add(key)
            elif following.key in path:
                raise _cycle(library, following, list(path))
            else:
                _push(library, following, path, done)


def _push(library: Library, place: Place, path: dict[Key, Iterator[Place]], done: set[Key]) -> None:
    if place.key not in done:
        path[place.key] = iter(_needs(library, place))


def _cycle(library: Library, place: Place, path: list[Key]) -> DmnError:
    members = path[path.index(place.key) :]
    names = " → ".join(f'"{library.places[key].element.name}"' for key in [*members, place.key])
    return place.error(f"it requires itself: {names}")


def evaluation_order(
    library: Library, wanted: list[Place], *, given: frozenset[Key] = frozenset()
) -> list[Place]:
    """The decisions needed for the wanted ones, requirements first, the wanted ones among them.

    given: decisions whose values come from outside; neither they nor what only they need is in the result.
    """
    order: dict[Key, Place] = {}
    for start in wanted:
        stack = [(start, False)]
        while stack:
            place, ready = stack.pop()
            if place.key in order or place.key in given or not isinstance(place.element, dmn.Decision):
                continue
            if ready:
                order[place.key] = place
                continue
            stack.append((place, True))
            stack.extend(
                (library.target(place.home, one), False) for one in reversed(place.element.decisions)
            )
    return list(order.values())
