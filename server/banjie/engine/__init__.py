"""Runs diagrams: the one package that knows SpiffWorkflow.

`definitions` compiles what was deployed, once per version; `spiff` runs it from people to people and hands back an
and never enter the snapshot; nothing here reads the clock on the wall, the database or a file.
"""

from banjie.engine.definitions import Bundle, CompiledDefinition, DefinitionCache, compile_definition
from banjie.engine.evaluator import Decide
from banjie.engine.spiff import SpiffEngine

__all__ = [
    "Bundle",
    "CompiledDefinition",
    "Decide",
    "DefinitionCache",
    "SpiffEngine",
    "compile_definition",
]
