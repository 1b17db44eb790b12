"""What each ATen operation is in netspec: one file per family of operations, beside the writer's rules.

A rule takes the reader, the call, and the arguments by their names in ATen's schema (``self`` and ``input`` are ``x``);
it returns the value of the result, or a tuple of values. It raises CannotImportError for what the language lacks.
"""

from __future__ import annotations

from importlib import import_module

from .registry import Rule, find_rule

FAMILIES = (
    "activation", "along", "arithmetic", "attention", "casts", "choice", "comparison", "conv", "dense", "index", "join",
    "norm", "pool", "product", "recurrent", "reduce", "resize", "shape", "signal", "slices",
)  # fmt: skip

for _family in FAMILIES:
    import_module(f"{__name__}.{_family}")

__all__ = ["Rule", "find_rule"]
