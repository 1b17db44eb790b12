"""First values as text: what PyTorch has to fill a tensor with."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from netspec.ops.base import Init

from .names import literal

NAMED = {
    "zeros": "zeros_({0})",
    "ones": "ones_({0})",
    "he_normal": 'kaiming_normal_({0}, nonlinearity="relu")',
    "he_uniform": 'kaiming_uniform_({0}, nonlinearity="relu")',
    "xavier_normal": "xavier_normal_({0})",
    "xavier_uniform": "xavier_uniform_({0})",
    "lecun_normal": 'kaiming_normal_({0}, nonlinearity="linear")',
    "orthogonal": "orthogonal_({0})",
    "identity": "eye_({0})",
}


def table(init: Init, tensor: str) -> str:
    """A statement that fills a tensor."""
    kind, args = init
    if kind == "values":
        return f"nn.init.constant_({tensor}, 0).data.copy_(torch.tensor({numbers(args[0])}))"
    return f"nn.init.{_function(init).format(tensor)}"


def _function(init: Init) -> str:
    kind, args = init
    if kind == "constant":
        return f"constant_({{0}}, {literal(args[0])})"
    if kind == "normal":
        return f"normal_({{0}}, std={literal(args[0])})"
    if kind == "truncated_normal":
        std = float(args[0])
        return f"trunc_normal_({{0}}, std={literal(std)}, a={literal(-2 * std)}, b={literal(2 * std)})"
    if kind == "uniform":
        return f"uniform_({{0}}, {literal(-args[0])}, {literal(args[0])})"
    return NAMED[kind]


def filled(init: Init, shape: str, dtype: str, sizes: tuple[int, ...]) -> str:
    """An expression for a new tensor with those first values."""
    kind, args = init
    rest = "" if dtype == "float32" else f", dtype=torch.{dtype}"
    if kind == "zeros":
        return f"torch.zeros({shape}{rest})"
    if kind == "ones":
        return f"torch.ones({shape}{rest})"
    if kind == "constant":
        return f"torch.full({shape}, {literal(args[0])}{rest})"
    if kind == "values":
        return f"torch.tensor({numbers(args[0])}, dtype=torch.{dtype})"
    if kind in ("relative_position_index", "log_relative_coordinates", "shifted_window_mask"):
        given = ", ".join(map(literal, args))
        to = "" if dtype == ("int64" if kind == "relative_position_index" else "float32") else f".to(torch.{dtype})"
        return f"{kind}({given}).reshape({shape}){to}"
    return f"nn.init.{_function(init).format(f'torch.empty({shape}{rest})')}"


def numbers(value: Any) -> str:
    """Nested numbers as a list; long runs of one number as ``[0.0] * 96``."""
    if not isinstance(value, tuple):
        return literal(value)
    items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    runs = [(k, len(list(g))) for k, g in groupby(items)]
    if len(items) > 8 and len(runs) * 4 < len(items):
        return " + ".join(f"[{numbers(k)}] * {n}" if n > 1 else f"[{numbers(k)}]" for k, n in runs)
    return f"[{', '.join(map(numbers, items))}]"
