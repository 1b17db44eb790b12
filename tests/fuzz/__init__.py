"""Fuzzing: mutated specs, and properties that hold for every text whatsoever.

``python -m tests.fuzz --seconds 60 --seed 1`` runs it; ``--backends`` also lowers every accepted network.
"""
