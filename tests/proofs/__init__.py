"""Proofs that the lock keeps its promises; `python -m proofs` runs them at full length."""
