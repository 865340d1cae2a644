"""Use cases: one function each, one transaction each. They hold the order of things and nothing else."""
