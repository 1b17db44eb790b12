"""Places feature maps from left to right in layers of a directed graph, without Graphviz.

Each map is in the layer after those of all its sources (Sugiyama et al. 1981). An edge that spans several layers passes
through a place of its own in each of them. Places are ordered by the mean position of their neighbours, and then moved
towards it as far as space permits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from netspec_picture.scene import Point

from ..edge_roles import Edge

LAYER_GAP, ROW_GAP = 11.0, 5.0
"""Distance between layers, and between the maps within a layer."""
SWEEPS = 8
"""Number of times that places are ordered and moved, alternately from the left and the right."""
EDGE_WEIGHT, MAP_WEIGHT = 1.0, 100.0
"""Weight with which a place of an edge, or a map, keeps its vertical position when it collides with others."""
Routes: TypeAlias = dict[tuple[int, int], tuple[Point, ...]]


@dataclass(slots=True, eq=False)
class Place:
    """A map, or a point of an edge, in a layer."""

    layer: int
    half_width: float
    half_height: float
    weight: float
    y: float = 0.0
    before: list[tuple[Place, int]] = field(default_factory=list["tuple[Place, int]"])
    """Its neighbours in the previous layer, with the weights of the edges."""
    after: list[tuple[Place, int]] = field(default_factory=list["tuple[Place, int]"])


def place_in_layers(sizes: Sequence[tuple[float, float]], edges: Sequence[Edge]) -> tuple[list[Point], Routes]:
    """Returns the centres of maps, and the routes of edges by tail and head.

    Args:
        sizes: half the width and half the height of each map.
        edges: edges between map numbers; the head has the greater number.

    Returns:
        The centres, and for each edge Bézier points: one, then three for each segment.
    """
    places = [Place(0, width, height, MAP_WEIGHT) for width, height in sizes]
    for edge in sorted(edges, key=lambda e: e.head):
        places[edge.head].layer = max(places[edge.head].layer, places[edge.tail].layer + 1)
    layers: list[list[Place]] = [[] for _ in range(max((p.layer for p in places), default=-1) + 1)]
    for place in places:
        layers[place.layer].append(place)
    chains = {(e.tail, e.head): _chain(places[e.tail], places[e.head], e.weight, layers) for e in edges}
    _arrange(layers)
    columns = _columns(layers)
    centres = [(columns[p.layer][0], p.y) for p in places]
    return centres, {key: _route(chain, columns) for key, chain in chains.items()}


def _chain(tail: Place, head: Place, weight: int, layers: Sequence[list[Place]]) -> list[Place]:
    """Returns the places along an edge, including both ends; adds new places to the layers in between."""
    chain = [tail]
    for number in range(tail.layer + 1, head.layer):
        between = Place(number, 0.0, 3.0, EDGE_WEIGHT)
        layers[number].append(between)
        chain.append(between)
    chain.append(head)
    for a, b in pairwise(chain):
        a.after.append((b, weight))
        b.before.append((a, weight))
    return chain


def _arrange(layers: Sequence[list[Place]]) -> None:
    """Orders the places of each layer and sets their vertical positions."""
    for layer in layers:
        _spread(layer, [float(i) for i in range(len(layer))])
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            targets = [_pull(place, place.before if forward else place.after) for place in layer]
            order = sorted(range(len(layer)), key=lambda i: targets[i])
            layer[:] = [layer[i] for i in order]
            _spread(layer, [targets[i] for i in order])


def _pull(place: Place, neighbours: Sequence[tuple[Place, int]]) -> float:
    """Returns the weighted mean of the neighbours' vertical positions."""
    total = sum(weight for _, weight in neighbours)
    return sum(weight * neighbour.y for neighbour, weight in neighbours) / total if total else place.y


def _spread(layer: Sequence[Place], targets: Sequence[float]) -> None:
    """Sets the vertical positions in a layer: in order, without overlap, and as close to the targets as possible.

    Groups of touching places are merged and centred, as in isotonic regression (pool adjacent violators).
    """
    groups: list[tuple[float, float, int]] = []
    """Sum of weight times height of the first place, sum of weights, number of places."""
    offsets: list[float] = []
    offset = 0.0
    for i, place in enumerate(layer):
        if i:
            offset += layer[i - 1].half_height + ROW_GAP + place.half_height
        offsets.append(offset)
        group = (place.weight * (targets[i] - offset), place.weight, 1)
        while groups and groups[-1][0] / groups[-1][1] > group[0] / group[1]:
            last = groups.pop()
            group = (last[0] + group[0], last[1] + group[1], last[2] + group[2])
        groups.append(group)
    i = 0
    for weighted, weight, count in groups:
        for _ in range(count):
            layer[i].y = weighted / weight + offsets[i]
            i += 1


def _columns(layers: Sequence[Sequence[Place]]) -> list[tuple[float, float]]:
    """Returns the centre and half the width of each layer, from left to right."""
    out: list[tuple[float, float]] = []
    x = 0.0
    for layer in layers:
        half = max(place.half_width for place in layer)
        out.append((x + half, half))
        x += 2 * half + LAYER_GAP
    return out


def _route(chain: Sequence[Place], columns: Sequence[tuple[float, float]]) -> tuple[Point, ...]:
    """Returns Bézier points from the right edge of the first layer to the left edge of the last."""
    stops: list[Point] = []
    for place in chain:
        centre, half = columns[place.layer]
        stops += [(centre - half, place.y), (centre + half, place.y)]
    stops = stops[1:-1]
    points = [stops[0]]
    for (x0, y0), (x1, y1) in pairwise(stops):
        half = (x1 - x0) / 2
        points += [(x0 + half, y0), (x1 - half, y1), (x1, y1)]
    return tuple(points)
