"""Rules that convert ONNX operators to netspec operations: one file per family."""

from __future__ import annotations

from importlib import import_module

FAMILIES = (
    "activation",
    "attention",
    "control",
    "conv",
    "dense",
    "elementwise",
    "index",
    "norm",
    "pool",
    "quantised",
    "recurrent",
    "reduce",
    "resize",
    "scatter",
    "shape",
    "signal",
    "slices",
)


def all_rules() -> None:
    """Loads the rules of all families."""
    for family in FAMILIES:
        import_module(f"{__name__}.{family}")
