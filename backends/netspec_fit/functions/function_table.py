"""Tables of all functions by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import (
    attention,
    creation,
    elementwise,
    indexing,
    norm,
    products,
    recurrent,
    reductions,
    spatial,
    spectra,
    views,
)

FAMILIES = (
    views, elementwise, reductions, products, spatial, norm, attention, indexing, creation, recurrent, spectra,
)  # fmt: skip
METHODS: dict[str, Callable[..., Any]] = {k: v for family in FAMILIES for k, v in family.METHODS.items()}
FUNCTIONS: dict[str, Callable[..., Any]] = {k: v for family in FAMILIES for k, v in family.FUNCTIONS.items()}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {**elementwise.OPERATORS, "@": products.matmul}
