"""Recovers exact frequencies and angles of rotary embeddings from single-precision buffers."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import torch

from netspec.importing.frequencies import base_of_powers, base_of_waves, powers, waves

from .precision import widened


def unrounded(buffer: torch.Tensor) -> torch.Tensor:
    """Returns a buffer in double precision; values of rotary embeddings are recomputed without rounding.

    These are frequencies ``theta ** (-i / n)``, or the sines and cosines of their multiples. The operation ``rotary``
    computes them in double precision.
    """
    exact = widened(buffer)
    if buffer.dim() not in (1, 2) or buffer.dtype is not torch.float32 or buffer.is_meta:
        return exact
    numbers = exact.cpu().numpy()
    if buffer.dim() == 1:
        theta = base_of_powers(numbers)
        unrounded_numbers = powers(theta, len(numbers)) if theta is not None else None
    else:
        theta = base_of_waves(numbers)
        unrounded_numbers = waves(theta, len(numbers), numbers.shape[1] // 2) if theta is not None else None
    return exact if unrounded_numbers is None else torch.from_numpy(unrounded_numbers).to(buffer.device)
