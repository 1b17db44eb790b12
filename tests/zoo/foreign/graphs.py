"""GraphCast, written after the paper's equations."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .cases import Case
from .paper_modules import Parts


def mlp(inputs: int, width: int) -> nn.Module:
    """Of what is joined: a hidden layer, and a normalisation."""

    def run(layer: Any, *parts: Tensor) -> Tensor:
        out: Tensor = layer.layer_norm(layer.linear_1(nn.functional.silu(layer.linear_0(torch.cat(parts, -1)))))
        return out

    return Parts(
        run,
        linear_0=nn.Linear(inputs, width),
        linear_1=nn.Linear(width, width),
        layer_norm=nn.LayerNorm(width),
    )


def step(width: int) -> nn.Module:
    """Equations 9 to 12: from nodes to others, or among nodes."""

    def run(
        layer: Any, edges: Tensor, nodes: Tensor, tails: Tensor, heads: Tensor, senders: Tensor
    ) -> tuple[Tensor, Tensor]:
        ends = (x.take_along_dim(index[..., None], 1) for x, index in ((senders, tails), (nodes, heads)))
        message = layer.message(edges, *ends)
        received = [torch.zeros_like(n).index_add(0, h, m) for n, h, m in zip(nodes, heads, message, strict=True)]
        return edges + message, nodes + layer.change(nodes, torch.stack(received))

    return Parts(run, message=mlp(3 * width, width), change=mlp(2 * width, width))


def graphcast(features: int, targets: int, width: int, steps: int) -> nn.Module:
    """Encoder, processor and decoder; the inputs are in the order of the spec."""

    def run(net: Any, weather: Tensor, grid_places: Tensor, mesh_places: Tensor, *graphs: Tensor) -> Tensor:
        up, within, down = graphs[:3], graphs[3:6], graphs[6:]
        grid = net.grid2mesh.grid(weather, grid_places)
        mesh = net.grid2mesh.mesh(mesh_places.new_zeros(*mesh_places.shape[:2], features), mesh_places)
        _, mesh = net.grid2mesh.step(net.grid2mesh.edges(up[0]), mesh, up[1], up[2], grid)
        grid = grid + net.grid2mesh.alone(grid)
        edges = net.mesh.edges(within[0])
        for layer in net.mesh.steps:
            edges, mesh = layer(edges, mesh, within[1], within[2], mesh)
        _, grid = net.mesh2grid.step(net.mesh2grid.edges(down[0]), grid, down[1], down[2], mesh)
        out: Tensor = net.mesh2grid.linear_1(nn.functional.silu(net.mesh2grid.linear_0(grid)))
        return out

    places = features + 3
    return Parts(
        run,
        grid2mesh=Parts(
            None,
            grid=mlp(places, width),
            mesh=mlp(places, width),
            edges=mlp(4, width),
            step=step(width),
            alone=mlp(width, width),
        ),
        mesh=Parts(None, edges=mlp(4, width), steps=nn.ModuleList(step(width) for _ in range(steps))),
        mesh2grid=Parts(
            None,
            edges=mlp(4, width),
            step=step(width),
            linear_0=nn.Linear(width, width),
            linear_1=nn.Linear(width, targets),
        ),
    )


def link(inputs: dict[str, Tensor]) -> None:
    """Random ends of all edges."""
    draw = torch.Generator().manual_seed(3)
    grid, mesh = inputs["weather"].shape[1], inputs["mesh_places"].shape[1]
    for name, most in (
        ("up_tails", grid),
        ("up_heads", mesh),
        ("tails", mesh),
        ("heads", mesh),
        ("down_tails", mesh),
        ("down_heads", grid),
    ):
        inputs[name] = torch.randint(0, most, inputs[name].shape, generator=draw)


def cases() -> list[Case]:
    """At a small size, and as published."""
    return [
        Case(
            "graphcast features=5 targets=3 width=16 steps=2 levels=0 grid=14 near=20",
            partial(graphcast, 5, 3, 16, 2),
            published=partial(graphcast, 471, 227, 512, 16),
            prepare=link,
        )
    ]
