"""Acts at the same moment, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from banjie.domain.errors import BanjieError


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Start all at the same moment; what each returned or was refused with, in order."""
    barrier = threading.Barrier(len(acts))
    ends: list[object] = [None] * len(acts)

    def run(number: int) -> None:
        barrier.wait()
        try:
            ends[number] = acts[number]()
        except BanjieError as refused:
            ends[number] = refused

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends
