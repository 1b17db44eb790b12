"""Weights: initial values from a seed and a name, weight files, and matching one to the other. Needs NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .matching import Match, Mismatched, Missing, Unexpected, match
    from .numpy_types import Array
    from .renaming import RenameError, RenameRule, parse_rule
    from .safetensors_format import SafeTensors, write_safetensors
    from .weight_file import WeightFile, open_weights
    from .weight_source import FileSource, SeedSource, WeightSource

__all__ = [
    "Array",
    "FileSource",
    "Match",
    "Mismatched",
    "Missing",
    "RenameError",
    "RenameRule",
    "SafeTensors",
    "SeedSource",
    "Unexpected",
    "WeightFile",
    "WeightSource",
    "match",
    "open_weights",
    "parse_rule",
    "write_safetensors",
]

_MODULES = {
    **dict.fromkeys(
        (
            "Match",
            "Mismatched",
            "Missing",
            "Unexpected",
            "match",
        ),
        "matching",
    ),
    **dict.fromkeys(("Array",), "numpy_types"),
    **dict.fromkeys(
        (
            "RenameError",
            "RenameRule",
            "parse_rule",
        ),
        "renaming",
    ),
    **dict.fromkeys(
        (
            "SafeTensors",
            "write_safetensors",
        ),
        "safetensors_format",
    ),
    **dict.fromkeys(
        (
            "WeightFile",
            "open_weights",
        ),
        "weight_file",
    ),
    **dict.fromkeys(
        (
            "FileSource",
            "SeedSource",
            "WeightSource",
        ),
        "weight_source",
    ),
}


def __getattr__(name: str) -> Any:
    """Imports a public name on first use."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)
