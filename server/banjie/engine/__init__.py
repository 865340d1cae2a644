"""Runs diagrams: the one package that knows SpiffWorkflow.

`definitions` compiles what was deployed, once per version; `spiff` runs it from people to people and hands back an
`EngineStep`; `simulate` walks a diagram in random orders before it is deployed. Case data come in with every run
and never enter the snapshot; nothing here reads the clock on the wall, the database or a file.
"""

from banjie.engine.definitions import Bundle, CompiledDefinition, DefinitionCache, compile_definition
from banjie.engine.evaluator import Decide
from banjie.engine.simulate import simulate
from banjie.engine.spiff import SpiffEngine

__all__ = [
    "Bundle",
    "CompiledDefinition",
    "Decide",
    "DefinitionCache",
    "SpiffEngine",
    "compile_definition",
    "simulate",
]
