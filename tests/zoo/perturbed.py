"""Random numbers in every tensor of a network, so large that its outputs say something about every layer."""

from __future__ import annotations

import math

from torch import Generator, Tensor


def perturbed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state dict, changed in place: also what begins as zeros or ones, and means and variances."""
    draw = Generator().manual_seed(0)
    for name, t in state.items():
        if not t.is_floating_point():
            continue
        if name.endswith("running_var"):
            t.uniform_(0.5, 1.5, generator=draw)
        elif t.dim() > 1:
            t.normal_(0, math.sqrt(2 / t[0].numel()), generator=draw)
        else:
            gain = not name.endswith(("bias", "running_mean"))
            t.normal_(0.5 if gain else 0.0, 0.1, generator=draw)
    return state
