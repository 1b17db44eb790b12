"""Five networks as a new user writes them from docs/language.md: valid, without warnings, and with PyTorch's counts."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest
import torch
from torch import nn

import netspec

CRNN = """
input: [1, 32, 128]
layers:
  conv1: {conv2d: 64, kernel: 3, padding: same, activation: relu}
  pool1: {max_pool2d: 2}
  conv2: {conv2d: 128, kernel: 3, padding: same, activation: relu}
  pool2: {max_pool2d: [8, 2]}
  conv3: {conv2d: 256, kernel: [2, 3], padding: [0, 1], activation: relu}
  rows: {squeeze: height}
  sequence: {permute: [1, 0]}
  lstm: {lstm: 256, bidirectional: true, num_layers: 2}
  logits: {dense: 37}
"""


def crnn() -> list[nn.Module]:
    convolutions = [nn.Conv2d(1, 64, 3), nn.Conv2d(64, 128, 3), nn.Conv2d(128, 256, (2, 3))]
    return [*convolutions, nn.LSTM(256, 256, 2, bidirectional=True), nn.Linear(512, 37)]


POINTNET = """
layout: channels_last
inputs: {points: {shape: [1024, 3], axes: [points, features]}}
layers:
  tnet:
    layers:
      mlp1: {conv1d: 64, kernel: 1, activation: relu}
      mlp2: {conv1d: 1024, kernel: 1, activation: relu}
      pool: global_max_pool
      fc: {dense: 9}
      matrix: {reshape: [3, 3]}
  turned: {matmul: [points, tnet]}
  mlp: {dense: 1024, activation: relu}
  best: {max: points}
  logits: {dense: 40}
"""


def pointnet() -> list[nn.Module]:
    tnet = [nn.Conv1d(3, 64, 1), nn.Conv1d(64, 1024, 1), nn.Linear(1024, 9)]
    return [*tnet, nn.Linear(3, 1024), nn.Linear(1024, 40)]


FACTORS = """
params: {users: 1000, items: 1700}
inputs: {user: {shape: [5], dtype: int64}, item: {shape: [5], dtype: int64}}
layers:
  p: {embedding: $users, width: 32, from: user}
  q: {embedding: $items, width: 32, from: item}
  product: {multiply: [p, q]}
  dot: {sum: channels, keepdims: true}
  user_bias: {embedding: $users, width: 1, from: user}
  item_bias: {embedding: $items, width: 1, from: item}
  bias: {parameter: [1]}
  rating: {add: [dot, user_bias, item_bias, bias]}
"""


def factors() -> list[nn.Module]:
    mean = nn.ParameterList([nn.Parameter(torch.zeros(1))])
    return [nn.Embedding(1000, 32), nn.Embedding(1700, 32), nn.Embedding(1000, 1), nn.Embedding(1700, 1), mean]


SE_RESNET = """
input: [3, 32, 32]
blocks:
  Excite:
    layers:
      squeeze: global_avg_pool
      reduce: {dense: $(input.channels // 4), activation: relu}
      expand: {dense: $(input.channels), activation: sigmoid}
      gate: {reshape: [-1, 1, 1]}
      scale: {multiply: input}
  Unit:
    params: {width: int, stride: 1}
    layers:
      conv1: {conv2d: $width, kernel: 3, stride: $stride, padding: 1, bias: false}
      bn1: {batch_norm, activation: relu}
      conv2: {conv2d: $width, kernel: 3, padding: 1, bias: false}
      bn2: batch_norm
      excite: Excite
      shortcut: {conv2d: $width, kernel: 1, stride: $stride, from: input, when: $(input.channels != width)}
      sum: {add: excite, activation: relu}
layers:
  unit1: {Unit: 16}
  unit2: {Unit: 32, stride: 2}
  pool: global_avg_pool
  logits: {dense: 10}
"""


def se_resnet() -> list[nn.Module]:
    modules: list[nn.Module] = [nn.Linear(32, 10)]
    for before, n in ((3, 16), (16, 32)):
        convolutions = [nn.Conv2d(before, n, 3, bias=False), nn.Conv2d(n, n, 3, bias=False), nn.Conv2d(before, n, 1)]
        modules += [*convolutions, nn.BatchNorm2d(n), nn.BatchNorm2d(n), nn.Linear(n, n // 4), nn.Linear(n // 4, n)]
    return modules


TRANSFORMER = """
inputs: {tokens: {shape: [64], dtype: int64}}
blocks:
  Layer:
    layers:
      norm1: layer_norm
      attend: {attention: 4, causal: true}
      sum1: {add: input}
      norm2: layer_norm
      widen: {dense: 512, activation: gelu}
      narrow: {dense: 128}
      sum2: {add: sum1}
layers:
  words: {embedding: 10_000, width: 128}
  places: {parameter: [64, 128]}
  sum: {add: [words, places]}
  layers: {Layer, repeat: 2}
  logits: {dense: 10_000}
"""


def transformer() -> list[nn.Module]:
    def layer() -> list[nn.Module]:
        norms = [nn.LayerNorm(128), nn.LayerNorm(128)]
        return [*norms, nn.MultiheadAttention(128, 4), nn.Linear(128, 512), nn.Linear(512, 128)]

    return [nn.Embedding(10_000, 128), nn.Embedding(64, 128), *layer(), *layer(), nn.Linear(128, 10_000)]


@pytest.mark.parametrize(
    ("text", "modules", "output"),
    [
        (CRNN, crnn, (32, 37)),
        (POINTNET, pointnet, (40,)),
        (FACTORS, factors, (5, 1)),
        (SE_RESNET, se_resnet, (10,)),
        (TRANSFORMER, transformer, (64, 10_000)),
    ],
    ids=["crnn", "pointnet", "factors", "se_resnet", "transformer"],
)
def test_network(text: str, modules: Callable[[], list[nn.Module]], output: tuple[int, ...]) -> None:
    graph = netspec.loads("netspec: 1\nname: first\n" + dedent(text))
    assert graph.warnings == ()
    assert [x.shape for x in graph.output_types.values()] == [output]
    assert netspec.analyze(graph).params == sum(p.numel() for module in modules() for p in module.parameters())
