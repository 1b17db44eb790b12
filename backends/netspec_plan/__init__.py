"""Plans: how several devices train a network, and what each of them takes.

A plan is found by trying divisions, from the memory of each device and the least time of a step
(:mod:`netspec_plan.plan_search`). ``netspec export --plan`` writes it as PyTorch source.
"""

from __future__ import annotations
