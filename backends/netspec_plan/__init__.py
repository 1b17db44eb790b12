"""Plans: how several devices train a network, and the memory and time that each needs.

The search evaluates possible divisions by the memory of each device and the minimum time of a step
(:mod:`netspec_plan.plan_search`). ``netspec export --plan`` writes a plan as PyTorch source.
"""

from __future__ import annotations
