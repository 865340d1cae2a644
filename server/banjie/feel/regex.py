"""Regular expressions that cannot run away: backtracking that visits no state twice.

A state is a place in the program and a place in the text; one that failed fails again, so that the work is at most
their product. Patterns with back-references have more state than that and are bounded by the step budget alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from banjie.feel.regex_classes import variants
from banjie.feel.regex_parse import PatternError, Program, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from banjie.feel.scope import Run

_MOVES_PER_STEP = 2
_CHUNK = 512
_FLAGS = frozenset("smixq")

Spans = tuple[int, ...]
"""Start and end of the match, then of each group; -1 where a group took no part."""


@lru_cache(maxsize=256)
def pattern(text: str, flags: str) -> Program:
    """The compiled pattern. Raises PatternError, also for unknown flags."""
    if not _FLAGS.issuperset(flags):
        raise PatternError("an unknown flag")
    return compile_pattern(text, flags)


def find(program: Program, text: str, start: int, run: Run) -> Spans | None:
    """The leftmost match at or after `start`, as Perl would choose it. Moves are charged to the run's budget."""
    visited: set[int] = set()
    for place in range(start, len(text) + 1):
        found = _match_at(program, text, place, visited, run)
        if found is not None:
            return found
    return None


def find_all(program: Program, text: str, run: Run) -> Iterator[Spans]:
    """Matches from left to right that do not overlap and are not empty."""
    place = 0
    while place <= len(text):
        found = find(program, text, place, run)
        if found is None:
            return
        yield found
        place = max(found[1], place + 1)


def _match_at(  # noqa: C901 - the machine's loop is one switch
    program: Program, text: str, start: int, visited: set[int], run: Run
) -> Spans | None:
    code, remembers, length = program.code, program.remembers, len(text)
    width = length + 1
    waiting: list[tuple[int, int, Spans]] = [(0, start, (-1,) * (2 * program.groups + 2))]
    moves = 0
    while waiting:
        step, place, spans = waiting.pop()
        while True:
            moves += 1
            if moves >= _CHUNK:
                run.spend(moves // _MOVES_PER_STEP)
                moves = 0
            instruction = code[step]
            kind = instruction[0]
            if kind == "is":
                if place >= length or text[place] != instruction[1]:
                    break
                place += 1
                step += 1
            elif kind == "char":
                if place >= length or not instruction[1](text[place]):  # type: ignore[operator]
                    break
                place += 1
                step += 1
            elif kind == "split":
                if remembers:
                    state = step * width + place
                    if state in visited:
                        break
                    visited.add(state)
                waiting.append((instruction[2], place, spans))  # type: ignore[arg-type]
                step = instruction[1]  # type: ignore[assignment]
            elif kind == "jump":
                step = instruction[1]  # type: ignore[assignment]
            elif kind == "save":
                slot: int = instruction[1]  # type: ignore[assignment]
                spans = (*spans[:slot], place, *spans[slot + 1 :])
                moves += len(spans) // 4
                step += 1
            elif kind == "start":
                if place != 0 and not (instruction[1] and text[place - 1] == "\n"):
                    break
                step += 1
            elif kind == "end":
                if place != length and not (instruction[1] and text[place] == "\n"):
                    break
                step += 1
            elif kind == "back":
                end = _after_group(text, place, spans, instruction)
                if end is None:
                    break
                place = end
                step += 1
            else:
                run.spend(moves // _MOVES_PER_STEP)
                return spans
    run.spend(moves // _MOVES_PER_STEP)
    return None


def _after_group(text: str, place: int, spans: Spans, instruction: tuple[object, ...]) -> int | None:
    """Where the text ends that repeats a group here; a group that took no part repeats as nothing."""
    group: int = instruction[1]  # type: ignore[assignment]
    low, high = spans[2 * group], spans[2 * group + 1]
    if low < 0 or high < 0:
        return place
    wanted = text[low:high]
    found = text[place : place + len(wanted)]
    if found == wanted:
        return place + len(wanted)
    same = len(found) == len(wanted) and all(
        one in variants(other) for one, other in zip(found, wanted, strict=True)
    )
    return place + len(wanted) if instruction[2] and same else None
