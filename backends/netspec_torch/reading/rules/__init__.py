"""Rules that convert ATen operations to operations of the language: one file per family.

A rule receives the reader, the call, and the arguments by their names in ATen's schema (``self`` and ``input`` are
renamed to ``x``). It returns the value of the result, or a tuple of values. It raises CannotImportError for anything
that the language lacks.
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
