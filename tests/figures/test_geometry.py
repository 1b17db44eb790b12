"""Every kind of fault is found in a picture that has it, and none in a picture without."""

from __future__ import annotations

import pytest

from netspec_picture.scene import Circle, Curve, Group, Line, Polygon, Rect, Scene, Shape, Stroke, Text

from .geometry import faults, smallest_text

INK = Stroke("#000000")
BOX = Group("layer", "conv", (Rect(20, 20, 60, 20, "#ffffff", INK, 3), Text(25, 34, "conv", 8, "#000000")))
BELOW = Group("layer", "pool", (Rect(20, 60, 60, 20, "#ffffff", INK, 3), Text(25, 74, "pool", 8, "#000000")))


def edge(*points: tuple[float, float], kind: str = "edge") -> Group:
    return Group(kind, "", (Line(points, INK),), "conv to pool")


def text(x: float, y: float) -> Text:
    return Text(x, y, "text", 8, "#000000")


def scene(*shapes: Shape) -> Scene:
    return Scene(100, 100, "#ffffff", "", "", list(shapes))


@pytest.mark.parametrize(
    "shapes",
    [
        (BOX, BELOW, edge((50, 40), (50, 60))),
        (edge((50, 30), (50, 70)), BOX, BELOW),  # the ends are below the boxes
        (edge((50, 40), (50, 60)), Group("edge", "", (Rect(40, 44, 30, 12, "#ffffff"), text(42, 53))), BOX, BELOW),
        (Group("block", "block", (Rect(5, 5, 90, 90, "#eeeeee", INK),)), BOX, BELOW, edge((50, 40), (50, 60))),
        (BOX, edge((50, 40), (50, 55)), text(46, 64)),  # to a text without a box
        (Group("window", "", (Line(((30, 30), (90, 90)), INK),)), BELOW),
        (BOX, Group("edge", "", (Line(((50, 40), (50, 52)), INK), Polygon(((50, 60), (47, 52), (53, 52)), "#000000"))), BELOW),
    ],
)  # fmt: skip
def test_pictures_without_a_fault(shapes: tuple[Shape, ...]) -> None:
    assert faults(scene(*shapes)) == []


@pytest.mark.parametrize(
    ("shapes", "kinds"),
    [
        ((text(20, 50), text(24, 52)), {"text over text"}),
        ((Line(((0, 50), (100, 50)), INK), text(20, 52)), {"text over line"}),
        ((Curve(((0, 0), (30, 90), (60, 90), (90, 0)), INK), text(40, 69)), {"text over line"}),
        ((text(20, 52), Line(((0, 50), (100, 50)), INK)), {"text over line"}),
        ((Rect(20, 20, 30, 30, "#ffffff", INK), text(45, 40)), {"text over border"}),
        ((Circle(30, 30, 10, None, INK), text(34, 33)), {"text over border"}),
        ((text(30, 40), Rect(20, 20, 60, 60, "#ffffff")), {"hidden text"}),
        ((text(90, 40),), {"clipped text"}),
        ((text(2, 4),), {"clipped text"}),
        ((BOX, BELOW, edge((50, 46), (50, 60))), {"loose end"}),
        ((BOX, BELOW, edge((50, 40), (50, 52), kind="skip")), {"loose end"}),
        ((BOX, BELOW, edge((60, 30), (60, 60))), {"line in box"}),
        ((BOX, BELOW, edge((50, 20), (50, 60))), {"line in box"}),
        ((Line(((10, 10), (90, 10)), INK), edge((70, 10), (70, 60)), BOX, BELOW), {"line in box"}),  # passes behind
    ],
)
def test_faults(shapes: tuple[Shape, ...], kinds: set[str]) -> None:
    assert {fault.kind for fault in faults(scene(*shapes))} == kinds


def test_a_fault_names_what_it_concerns() -> None:
    (fault,) = faults(scene(Rect(20, 20, 30, 30, "#ffffff", INK), text(45, 40)))
    assert str(fault) == "text over border: 'text' at (51, 38)"
    assert smallest_text(scene(text(2, 20), Text(2, 40, "small", 6, "#000000"))) == 6
