"""The catalogue of diagnostics: the meaning of every code, a spec that causes it, and a corrected spec."""

from __future__ import annotations

from importlib import import_module

from .code import Code

GROUPS: dict[str, str] = {
    "1": "text",
    "2": "document",
    "3": "names",
    "4": "expressions",
    "5": "shapes",
    "6": "expectations",
    "7": "backends",
    "8": "seeing",
    "9": "limits",
}
"""Modules of the catalogue by the first digit."""
FURTHER: dict[str, tuple[str, ...]] = {"5": ("heads", "positions")}
"""Additional modules for first digits whose codes do not fit into one module."""
TOPICS = ("fitting", "given_weights", "importing", "keras_models", "onnx_files", "planning", "regions")
"""Modules with the codes of one topic, independent of the first digit."""

__all__ = ["GROUPS", "Code", "catalogue", "find"]


def _module(digit: str) -> dict[str, Code]:
    codes: dict[str, Code] = {}
    for module in (GROUPS[digit], *FURTHER.get(digit, ())):
        codes |= import_module(f"{__name__}.{module}").CODES
    for topic in TOPICS:
        codes |= {c: entry for c, entry in import_module(f"{__name__}.{topic}").CODES.items() if c[2] == digit}
    return dict(sorted(codes.items()))


def find(code: str) -> Code | None:
    """Returns the entry of a code (``NS512``, ``ns512``, ``512``); None if there is none."""
    number = code.upper().removeprefix("NS")
    return _module(number[0]).get(f"NS{number}") if number[:1] in GROUPS else None


def catalogue() -> dict[str, Code]:
    """Returns every code, in order."""
    return {code: entry for digit in GROUPS for code, entry in _module(digit).items()}
