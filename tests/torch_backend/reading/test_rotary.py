"""Rotary positions, as modules write them out, with frequencies in single precision."""

# Calls of functions of any kind.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import netspec

from .support import Function, normal

POSITIONS, HEADS, HEAD = 12, 4, 8


def frequencies(pairs: int, theta: float = 10_000.0) -> torch.Tensor:
    """As modules compute them."""
    return 1.0 / theta ** (torch.arange(0, 2 * pairs, 2).float() / (2 * pairs))


def halves(x: torch.Tensor) -> torch.Tensor:
    """(x, y) as (-y, x), in two halves."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat([-b, a], dim=-1)


def neighbours(x: torch.Tensor) -> torch.Tensor:
    """(x, y) as (-y, x), side by side."""
    return torch.stack([-x[..., 1::2], x[..., ::2]], dim=-1).flatten(-2)


def waves(m: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines, of each angle in both halves."""
    angles = torch.arange(POSITIONS).float()[:, None] * m.frequencies
    return torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()


def by_head(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(*x.shape[:2], -1, HEAD).transpose(1, 2)


def whole(m: Any, x: torch.Tensor) -> torch.Tensor:
    """All features, as LLaMA turns them, before attention whose heads share keys."""
    cos, sin = waves(m)
    q, k, v = by_head(m.q(x)), by_head(m.k(x)), by_head(m.v(x))
    q, k = (t * cos + halves(t) * sin for t in (q, k))
    k, v = (t.repeat_interleave(2, 1) for t in (k, v))
    y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    out: torch.Tensor = y.transpose(1, 2).flatten(2)
    return out


def part(m: Any, x: torch.Tensor) -> torch.Tensor:
    """The first features of each head, as GPT-J turns them: neighbours, from a table of sines and cosines."""
    sin, cos = (t.repeat_interleave(2, -1)[None, :, None] for t in m.table[:POSITIONS].chunk(2, -1))
    y = x.reshape(*x.shape[:2], HEADS, HEAD)
    turned, kept = y[..., :4], y[..., 4:]
    return torch.cat([turned * cos + neighbours(turned) * sin, kept], -1).flatten(2)


def backwards(m: Any, x: torch.Tensor) -> torch.Tensor:
    """The other direction, which the language has not."""
    cos, sin = waves(m)
    y = by_head(x)
    return y * cos - halves(y) * sin


def stored(m: Any, x: torch.Tensor) -> torch.Tensor:
    """From tables that were computed in single precision before: their numbers are those that count."""
    y = by_head(x)
    out: torch.Tensor = y * m.cos + halves(y) * m.sin
    return out


def table(positions: int, pairs: int) -> torch.Tensor:
    """As GPT-J computes it."""
    angles = torch.arange(positions).float()[:, None] * frequencies(pairs)
    return torch.cat([angles.sin(), angles.cos()], -1)


def angles_of_halves() -> torch.Tensor:
    angles = torch.arange(POSITIONS).float()[:, None] * frequencies(4)
    return torch.cat([angles, angles], -1)


def imported(function: Any, **parts: Any) -> netspec.Import:
    module = Function(function, **{name: p for name, p in parts.items() if not isinstance(p, torch.Tensor)})
    for name, tensor in parts.items():
        if isinstance(tensor, torch.Tensor):
            module.register_buffer(name, tensor, persistent=False)
    return netspec.from_torch(module, [normal(POSITIONS, HEADS * HEAD)], name="net")


def test_heads_that_share_keys() -> None:
    dense = {"q": nn.Linear(32, 32), "k": nn.Linear(32, 16), "v": nn.Linear(32, 16)}
    result = imported(whole, frequencies=frequencies(4, 500_000.0), **dense)
    text = " ".join(result.text(flat=True).split())
    assert [node.name for node in result.graph.nodes] == ["q", "k", "v", "q_rotary", "k_rotary", "attend"]
    assert "q_rotary: {rotary: 4, theta: 500000.0, from: q}" in text
    assert "k_rotary: {rotary: 2, theta: 500000.0, from: k}" in text
    assert "{dot_product_attention: 4, kv_heads: 2, causal: true, from: [q_rotary, k_rotary, v]}" in text
    assert result.proof.largest is not None
    assert result.proof.largest < 1e-12


def test_some_features_of_each_head() -> None:
    result = imported(part, table=table(64, 2))
    assert result.text(flat=True).split("layers:\n")[1] == "  rotary: {rotary: 4, dims: 4, pairs: interleaved}\n"
    assert result.proof.largest is not None
    assert result.proof.largest < 1e-12


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        (backwards, {"frequencies": frequencies(4)}),
        (stored, {"cos": angles_of_halves().cos(), "sin": angles_of_halves().sin()}),
        (part, {"table": table(64, 2) * 1.001}),
        (part, {"table": table(64, 2) + 1e-6}),
    ],
)
def test_what_is_something_else_stays_a_table(function: Any, parts: dict[str, torch.Tensor]) -> None:
    result = imported(function, **parts)
    assert "rotary" not in result.text()
    assert "buffer" in result.text()
