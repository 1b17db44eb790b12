"""Functions of coordinates, written again from their papers."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .cases import Case


class Siren(nn.Module):
    """Sitzmann et al. 2020: dense layers whose activations are sines of 30 times their values."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        sizes = [2, *[width] * (depth + 1), 3]
        self.net = nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(sizes)))
        with torch.no_grad():
            for parameter in self.net[1:].parameters():
                parameter.mul_(1 / 30)  # so that the sines turn a few times, as with the paper's initial values

    def forward(self, x: Tensor) -> Tensor:
        """Colours of coordinates."""
        *hidden, last = self.net
        for layer in hidden:
            turned: Tensor = 30 * layer(x)
            x = turned.sin()
        colours: Tensor = last(x)
        return colours


class Nerf(nn.Module):
    """Mildenhall et al. 2020, Figure 7."""

    def __init__(self, width: int) -> None:
        super().__init__()
        seen, turned = 3 + 6 * 10, 3 + 6 * 4
        sizes = [seen if i == 0 else width + seen if i == 5 else width for i in range(8)]
        self.pts_linears = nn.ModuleList(nn.Linear(n, width) for n in sizes)
        self.alpha_linear = nn.Linear(width, 1)
        self.feature_linear = nn.Linear(width, width)
        self.views_linears = nn.ModuleList([nn.Linear(width + turned, width // 2)])
        self.rgb_linear = nn.Linear(width // 2, 3)

    def forward(self, x: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
        """Colours and densities of positions seen from directions."""
        x, d = encoded(x, 10), encoded(d, 4)
        h = x
        for i, layer in enumerate(self.pts_linears):
            h = F.relu(layer(torch.cat([x, h], -1) if i == 5 else h))
        density = self.alpha_linear(h)
        h = F.relu(self.views_linears[0](torch.cat([self.feature_linear(h), d], -1)))
        return self.rgb_linear(h), density


def siren_name(name: str) -> str:
    """Ours has a block for a layer and its sine."""
    return name.replace(".linear.", ".")


def encoded(x: Tensor, levels: int) -> Tensor:
    """Coordinates with sines and cosines of 1, 2, 4, … times themselves (Equation 4, without the factor pi)."""
    return torch.cat([x, *(f(2.0**k * x) for k in range(levels) for f in (torch.sin, torch.cos))], -1)


def cases() -> list[Case]:
    """All of them."""
    return [
        Case("siren width=64 n=20", partial(Siren, 64, 3), names=siren_name),
        Case("nerf width=64 n=20", partial(Nerf, 64), limit=1e-6),
    ]
