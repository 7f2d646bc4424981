"""Mutants of the code put to its tests; `python -m mutation` makes them and counts."""
