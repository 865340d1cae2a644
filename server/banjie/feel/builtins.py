"""The functions of the language; importing this module gives every line of the catalogue its implementation."""

from __future__ import annotations

from banjie.feel import (
    builtins_contexts,
    builtins_lists,
    builtins_numbers,
    builtins_ranges,
    builtins_strings,
    builtins_temporal,
)
from banjie.feel.functions import BUILT_INS

MODULES = (
    builtins_contexts,
    builtins_lists,
    builtins_numbers,
    builtins_ranges,
    builtins_strings,
    builtins_temporal,
)

__all__ = ["BUILT_INS", "MODULES"]
