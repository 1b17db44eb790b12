"""What modules of networks with named dimensions say about inputs of other sizes: full texts."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

import netspec_torch

from .named import named
from .support import from_text, loads

UNET = """
name: net
dims: {H: {default: 32, multiple_of: 8, max: 64}, W: {default: 40, multiple_of: 8, min: 16}}
input: [1, H, W]
layers:
  down: {conv2d: 2, kernel: 3, padding: 1}
  small: {max_pool2d: 4}
  up: {upsample: 4}
  join: {concat: [up, down]}
"""
JOINS = """
name: net
dims: {H: 32, W: 32}
input: [1, H, W]
layers:
  half: {max_pool2d: 2}
  up: {upsample: 2}
  join: {concat: [up, input]}
"""
TABLE = """
name: net
dims: {n: 12}
inputs: {tokens: {shape: [n], dtype: int64}, segments: {shape: [n], dtype: int64}, pairs: [n, n]}
layers:
  words: {embedding: 11, width: 4, from: tokens}
  kinds: {embedding: 11, width: 4, from: segments}
  table: {parameter: [16, 4]}
  places: {slice: 0, stop: $(tokens.shape.0), from: table}
  sum: {add: [words, kinds, places]}
outputs: [sum, pairs]
"""
EQUAL = """
name: net
dims: {H: 6, W: 8}
input: [1, H, W]
layers:
  rows: {flatten}
  square: {reshape: [2, "$(input.shape.1 * 4)"]}
"""


def error(model: nn.Module, *shapes: tuple[int, ...]) -> str:
    """What a module says about inputs of these shapes."""
    with pytest.raises(ValueError) as actual:
        model(*(torch.zeros(2, *shape) for shape in shapes))
    return str(actual.value)


@pytest.mark.parametrize(("spec", "shape", "says"), [
    (UNET, (3, 32, 40), "input 'input' must be (N, 1, any, any); found (2, 3, 32, 40)"),
    (UNET, (1, 32), "input 'input' must be (N, 1, any, any); found (2, 1, 32)"),
    (UNET, (1, 30, 40), "H of input 'input' must be a multiple of 8; found H = 30"),
    (UNET, (1, 72, 40), "H of input 'input' must be 64 or less; found H = 72"),
    (UNET, (1, 64, 8), "W of input 'input' must be 16 or more; found W = 8"),
    (JOINS, (1, 31, 32), "H of input 'input' must be a multiple of 2; found H = 31"),
    (EQUAL, (1, 6, 9), "H and W of input 'input' must fulfil H*W = 8*H; found H = 6, W = 9"),
])  # fmt: skip
def test_illegal_sizes(spec: str, shape: tuple[int, ...], says: str) -> None:
    graph = loads(spec)
    for model in (netspec_torch.build(graph).eval(), from_text(graph)):
        assert error(model, shape) == says
        model(torch.zeros(2, *graph.at_default.values[0].shape))


def test_names_in_several_places() -> None:
    model = netspec_torch.build(loads(TABLE))

    def says(tokens: int, segments: int, pairs: tuple[int, int]) -> str:
        numbers = (torch.zeros(2, n, dtype=torch.int64) for n in (tokens, segments))
        with pytest.raises(ValueError) as actual:
            model(*numbers, torch.zeros(2, *pairs))
        return str(actual.value)

    assert says(5, 6, (5, 5)) == "n must be the same in inputs 'tokens' and 'segments'; found tokens = 5, segments = 6"
    assert says(5, 5, (4, 5)) == "n must be the same in inputs 'tokens' and 'pairs'; found tokens = 5, pairs = 4"
    assert says(17, 17, (17, 17)) == "n of input 'tokens' must be 16 or less; found n = 17"


def test_patterns_of_sizes() -> None:
    yolo = netspec_torch.build(named("yolov3").graph, device="meta")

    def says(height: int, width: int) -> str:
        with pytest.raises(ValueError) as actual:
            yolo(torch.zeros(1, 3, height, width, device="meta"))
        return str(actual.value)

    assert says(33, 32) == "H mod 32 of input 'input' must be in 0, 25-31; found H = 33"
    assert says(32, 24) == "W mod 32 of input 'input' must be in 0, 25-31; found W = 24"


def test_no_check_where_every_size_is_legal() -> None:
    source = netspec_torch.source(
        loads("name: net\ndims: {n: 4}\ninput: {shape: [n], dtype: int64}\nlayers: {a: {embedding: 9, width: 4}}\n")
    )
    assert "check" not in source
    assert "shape" not in source
    image = netspec_torch.source(named("resnet", "resnet18").graph)
    assert re.findall(r"check_\w+\(.*", image)[-1] == 'check_shape(x, "input", (3, None, None))'
    assert "check_sizes" not in image
