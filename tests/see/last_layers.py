"""The layer that Grad-CAM takes by default, for every image network of the zoo: ``python -m tests.see.last_layers``.

Prints the layer and its grid, and compares the grid with that of the last value on the way to the scores that has
several positions, found by the graph alone. With ``--run``, Grad-CAM runs on noise in networks with at most so many
million parameters. Exits with 1 if a grid is another one or a map is not finite.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import netspec
import netspec_see as see
from netspec.diagnostics import Error
from netspec.ir import Graph
from netspec_see.class_scores import last_spatial_layer, score_layer
from netspec_see.layer_lookup import find_layer, plane_of
from netspec_see.token_grids import grids

SPECS = Path(__file__).parents[2] / "specs"


@dataclass(frozen=True)
class LastLayer:
    """The layer that Grad-CAM takes, with its grid, and the last grid of the network."""

    layer: str
    grid: tuple[int, int]
    last: tuple[int, int]


def is_image_network(graph: Graph) -> bool:
    """Whether its only input is an image."""
    return len(graph.inputs) == 1 and plane_of(graph.values[next(iter(graph.inputs.values()))]) is not None


def last_grid(graph: Graph) -> tuple[int, int] | None:
    """The grid of the last value with several positions that the scores are computed from; None if there is none."""
    scores = score_layer(graph).value
    needed = {v for node in graph.ancestors([scores]) for v in node.values} - {scores}
    arranged = grids(graph)
    values = [v for v in needed if v in arranged and arranged[v].positions > 1]
    return (arranged[max(values)].rows, arranged[max(values)].columns) if values else None


def last_layer(graph: Graph) -> LastLayer | None:
    """The layer that Grad-CAM takes; None if the network has no layer with several positions before its scores."""
    last = last_grid(graph)
    if last is None:
        return None
    name = last_spatial_layer(graph)
    grid = grids(graph)[find_layer(graph, name).value]
    return LastLayer(name, (grid.rows, grid.columns), last)


def map_is_finite(graph: Graph) -> bool:
    """Whether Grad-CAM of an image of noise has finite values that are not negative."""
    net = see.network(graph, seed=0)
    image = np.random.default_rng(0).random(graph.values[net.input[1]].shape, dtype=np.float32)
    values = see.grad_cam(net, image).values
    return bool(np.isfinite(values).all() and (values >= 0).all())


def main() -> int:
    """Checks the zoo; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.see.last_layers", description=__doc__)
    parser.add_argument("specs", nargs="*", metavar="NETWORK", help="networks or files; by default the whole zoo")
    parser.add_argument(
        "--run", type=float, default=0.0, metavar="MILLIONS", help="the most parameters of a network that is run"
    )
    args = parser.parse_args()
    faults = 0
    paths = [str(path) for path in sorted(SPECS.rglob("*.yaml")) if path.parent.name != "parts"]
    for spec in args.specs or paths:
        graph = netspec.load(spec).at_default
        if not is_image_network(graph):
            continue
        try:
            choice = last_layer(graph)
        except Error as error:
            print(f"{Path(spec).stem}: {error.code}: {error.message}", flush=True)
            continue
        if choice is None:
            print(f"{Path(spec).stem}: one layer", flush=True)
            continue
        faulty = choice.grid != choice.last
        text = f"{Path(spec).stem}: {choice.layer}, {choice.grid[0]}×{choice.grid[1]}"
        if faulty:
            text += f"; the last grid is {choice.last[0]}×{choice.last[1]}"
        if sum(math.prod(parameter.shape) for parameter in graph.parameters) < args.run * 1e6:
            finite = map_is_finite(graph)
            text += ", a finite map" if finite else ", a map that is not finite"
            faulty = faulty or not finite
        print(text, flush=True)
        faults += faulty
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
