"""The neuron style: which units are drawn, and which lines connect them."""

from __future__ import annotations

import pytest

import netspec
from netspec.backend import BackendError
from netspec_graphviz.neurons.unit_layers import MOST_UNITS, sources, unit_layers
from netspec_picture.scene import Circle, Group, Line, Scene

HEAD = "netspec: 1\nname: net\n"
PERCEPTRON = f"""{HEAD}input: [4]
layers:
  hidden: {{dense: 6, activation: sigmoid}}
  dropout: {{dropout: 0.5}}
  output: {{dense: 3, activation: softmax}}
"""
IMAGE = f"""{HEAD}input: [2, 6, 7]
layers:
  conv: {{conv2d: 2, kernel: 3, stride: 2, padding: 1, groups: 2, activation: relu}}
  flatten: flatten
  out: {{dense: 40}}
"""


def groups(scene: Scene, kind: str) -> list[Group]:
    return [shape for shape in scene.shapes if isinstance(shape, Group) and shape.kind == kind]


def scene_of(text: str) -> Scene:
    scene = netspec.draw(netspec.loads(text), style="neurons").scene  # type: ignore[attr-defined] # of the backend
    assert isinstance(scene, Scene)
    return scene


def test_every_unit_and_connection_of_a_perceptron() -> None:
    scene = scene_of(PERCEPTRON)
    layers = groups(scene, "layer")
    assert [group.name for group in layers] == ["input", "hidden", "output"]
    assert [sum(isinstance(c, Circle) for c in group.children) for group in layers] == [4, 6, 3]
    edges = groups(scene, "edge")
    assert [len(edge.children) for edge in edges] == [4 * 6, 6 * 3]
    ends = {line.points[1] for line in edges[0].children if isinstance(line, Line)}
    assert len(ends) == 6


def test_layers_that_keep_units_have_no_column_of_their_own() -> None:
    notes = {layer.name: layer.notes for layer in unit_layers(netspec.loads(PERCEPTRON))}
    assert notes == {"input": (), "hidden": ("sigmoid", "dropout"), "output": ("softmax",)}


def test_a_convolution_connects_the_units_under_its_window() -> None:
    before, conv, out = unit_layers(netspec.loads(IMAGE))
    assert conv.type.shape == (2, 3, 4)
    assert list(sources(conv, before, (1, 0, 0))) == [(1, r, c) for r in (0, 1) for c in (0, 1)], (
        "padding is not a unit"
    )
    assert list(sources(conv, before, (0, 1, 2))) == [(0, r, c) for r in (1, 2, 3) for c in (3, 4, 5)]
    assert len(list(sources(out, conv, (7,)))) == 2 * 3 * 4
    assert list(sources(out, conv, (0,)))[5] == (0, 1, 1), "in row-major order, through the flatten"


def test_of_many_units_the_first_and_the_last_and_of_many_connections_those_of_one() -> None:
    scene = scene_of(IMAGE)
    _, last = unit_layers(netspec.loads(IMAGE))[1:]
    units = last.units()
    assert units == [(0,), (1,), (2,), (3,), (4,), (5,), (6,), (7,), None, (39,)]
    assert len(units) == MOST_UNITS
    assert [len(edge.children) for edge in groups(scene, "edge")] == [2 * (2 + 3 + 3) * (2 + 3 + 3 + 2), 9 * 24]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{HEAD}input: [4]\nlayers: {{a: relu, b: {{add: [a, input]}}}}\n",
            "error[NS724]: neurons are drawn of networks without branches; 'b' begins or joins one",
        ),
        (
            f"{HEAD}inputs: {{a: [4], b: [4]}}\nlayers: {{c: {{add: [a, b]}}}}\n",
            "error[NS724]: neurons are drawn of networks with one input",
        ),
        (
            f"{HEAD}input: [1, 28, 28]\nlayers: {{c: {{conv2d: 4, kernel: 3}}}}\n",
            "error[NS724]: 'input' has too many units to draw: 1×28×28\n"
            "  = help: neurons are drawn of images up to 16×16 with 6 maps; otherwise --style volumes",
        ),
    ],
)
def test_networks_that_cannot_be_drawn(text: str, message: str) -> None:
    with pytest.raises(BackendError) as raised:
        scene_of(text)
    expected = message if "help" in message else f"{message}\n  = help: --style graph draws every network"
    assert str(raised.value) == expected
