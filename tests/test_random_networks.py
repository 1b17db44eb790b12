"""Random whole networks over all operations and arguments: every backend agrees with the graph.

``python -m tests.random_networks --count 10000`` runs many more.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

import netspec_torch
from netspec import loads
from netspec.ops import TABLE, find
from netspec.ops.argument import REQUIRED
from netspec.ops.base import Op
from netspec_onnx.verification.random_inputs import random_inputs

from .onnx_backend.support import Array, TrainedWeights
from .random_networks import SPECS, seeded
from .random_networks.checks import check, check_file, check_values

ONCE_FAILED = {
    "fixed statistics with a computed gain": """
input: [4, 3, 3]
layers: [{batch_norm, frozen: true, weights: {weight: {tanh}}}, {batch_norm, frozen: true, affine: false}]
""",
    "layers along an axis of a constant": """
input: [8, 3, 9]
layers:
  constant: {buffer: [8, 3, 9], init: {constant: 0.7}}
  pooled: {max_pool2d: [2, 2], from: constant}
  each: {layers: [{dense: 2}, tanh], over: channels}
  read: {global_avg_pool, from: input}
outputs: [each, read]
""",
    "layers in a loop along an axis of a constant": """
input: [8, 3, 9]
blocks: {Step: {inputs: [x, h], layers: {s: {add: [x, h]}, y: tanh}, outputs: {y: s, h: y}}}
layers:
  constant: {buffer: [8, 3, 9], init: {constant: 0.7}}
  pooled: {max_pool2d: [2, 2], from: constant}
  steps: {Step, over: channels, carry: {h: [1, 4]}}
  read: {global_avg_pool, from: input}
outputs: [steps.y, steps.h, read]
""",
    "a response normalised along the width of a volume": """
inputs: {x: [2, 3, 4, 5]}
layers:
  local: {local_response_norm: 3, axis: width}
  next: {local_response_norm: 2, axis: depth}
""",
    "nothing but the size of the input": """
inputs: {x: [5, 2]}
layers:
  table: {buffer: [7, 3], init: {normal: 1.0}}
  crop: {center_crop, from: table, like: x}
  up: {upsample, from: table, like: x}
  scaled: {channel_scale, from: crop}
outputs: {crop: crop, up: up, scaled: scaled}
""",
    "a mask for each example over constants": """
inputs: {x: [2, 5, 5], m: {shape: [1, 5, 5], dtype: bool}}
layers:
  table: {buffer: [5, 4], init: {normal: 1.0}}
  other: {parameter: [5, 4], init: {normal: 1.0}, batch_axis: true}
  one: {attention: 2, from: table, mask: m}
  two: {attention: 2, from: [table, other], mask: x, causal: true}
  three: {dot_product_attention: 2, from: [other, table, table], mask: x}
  four: {dot_product_attention: 2, from: [table, table, other], mask: m, causal: true}
outputs: {one: one, two: two, three: three, four: four}
""",
    "weights shared by layers whose names modules use": """
inputs: {x: [2, 5, 5]}
layers:
  forward: {conv2d: 2, kernel: 3, padding: same}
  type: {conv2d: 2, kernel: 3, padding: same, dilation: 2, share: forward}
  state_dict: batch_norm
  training: {layers: {norm: {batch_norm, eps: 0.1, share: state_dict}, weight: {prelu, num_parameters: 2}}}
""",
    "a nearest neighbour whose position is an integer except for rounding": """
inputs: {x: [2, 60, 6], y: [60, 2]}
layers:
  small: {upsample, size: [2, 3], from: x}
  row: {upsample, size: 4, from: y}
outputs: {small: small, row: row}
""",
    "a size that single precision rounds down": """
inputs: {x: [20, 3], y: [2, 20, 40]}
layers:
  near: {upsample: 2.3, from: x}
  line: {upsample: 2.3, mode: linear, from: x}
  image: {upsample: [2.3, 1.7], mode: bilinear, from: y}
outputs: {near: near, line: line, image: image}
""",
    "bicubic, smaller, channels last": """
layout: channels_last
inputs: {x: [9, 8, 3], y: [9, 8, 1]}
layers:
  to: {upsample, size: [5, 12], mode: bicubic, align_corners: true, from: x}
  by: {upsample: 0.5, mode: bicubic, from: y}
  table: {parameter: [1, 6, 6, 2], init: {normal: 1.0}}
  flat: {reshape: [6, 6, 2], from: table}
  same: {upsample, size: 4, mode: bicubic, from: flat}
outputs: {to: to, by: by, same: same}
""",
    "a sigmoid far out": """
inputs: {x: [4, 8, 8]}
layers:
  far: {rescale: 3, offset: -20}
  one: {sigmoid, from: far}
outputs: {one: one}
""",
}
"""Networks that once failed, reduced."""
COUNT = 240
"""The number of networks of seed 0 that every test run checks."""
GROUP = 20


@pytest.mark.parametrize("first", range(0, COUNT, GROUP))
def test_series(first: int, tmp_path: Path) -> None:
    sensitive = 0
    for number in range(first, first + GROUP):
        text = seeded(0, number)
        try:
            sensitive += bool(check(text, tmp_path).rounding_sensitive)
        except Exception as error:
            error.add_note(f"network {number} of seed 0:\n{text}")
            raise
    assert sensitive <= 2


@pytest.mark.parametrize("text", ONCE_FAILED.values(), ids=ONCE_FAILED)
def test_once_failed(text: str, tmp_path: Path) -> None:
    assert not check(f"netspec: 1\nname: failed\n{text}", tmp_path).rounding_sensitive


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(SPECS)
def test_built_by_hypothesis(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(text, Path(folder))


def test_the_text_is_formatted(tmp_path: Path) -> None:
    for number in range(COUNT):
        (tmp_path / f"network{number}.py").write_text(netspec_torch.source(loads(seeded(2, number))), encoding="utf-8")
    for command in (["format", "--diff"], ["check", "--select", "E,F,W,I,UP,SIM,PIE,RET"]):
        process = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stdout + process.stderr


def is_not_default(op: Op, name: str) -> bool:
    """Whether an argument differs from its default."""
    argument = op.arguments[name]
    required = argument.default is REQUIRED
    return required or getattr(op, name) != argument.validator.validate(argument.default, op.window_rank)


NOT_SAMPLED = {
    ("fold2d", "dilation"), ("fold2d", "padding"), ("irfft", "size"),  # sizes would have to fit each other
    ("formula", "persistent"),
    ("spectral_norm", "axis"), ("spectral_norm", "eps"), ("spectral_norm", "steps"), ("weight_norm", "axis"),
}  # fmt: skip
"""Arguments that no random network varies; their values are compared by rows of their own."""


def test_the_series_has_every_operation_and_argument() -> None:
    operations: Counter[str] = Counter()
    arguments: set[tuple[str, str]] = set()
    for number in range(1200):
        for node in loads(seeded(1, number)).nodes:
            operations[node.op.name] += 1
            arguments |= {(node.op.name, a) for a in node.op.arguments if is_not_default(node.op, a)}
    assert not TABLE.keys() - operations.keys()
    windows_along = {(op, "axis") for op in TABLE if TABLE[op].window_rank > 1}  # which windows of a sequence have
    missing = {(op, a) for op in TABLE for a in find(op).arguments if (op, a) not in arguments} - windows_along
    assert missing <= NOT_SAMPLED


def test_a_small_error_is_not_attributed_to_rounding(tmp_path: Path) -> None:
    """One weight is wrong by a thousandth, in a network with most kinds of layers."""
    graph = loads(
        "netspec: 1\nname: fault\ninput: [3, 8, 8]\nlayers:\n"
        "  a: {conv2d: 4, kernel: 3, activation: tanh}\n  b: batch_norm\n  c: {max_pool2d: 2}\n"
        "  d: {instance_norm, activation: sigmoid}\n  e: {dense: 5, axis: 0, activation: softmax}\n"
    )
    model = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    arrays = random_inputs(graph, 2)
    path = check_file(graph, tmp_path)

    def expected() -> dict[str, Array]:
        with torch.no_grad():
            x = torch.from_numpy(arrays["input"])  # pyright: ignore[reportUnknownMemberType] - torch is typed in part
            return {"e": np.asarray(model(x))}

    assert check_values(graph, model, arrays, expected(), path) == ((), ())
    with torch.no_grad():
        model.get_parameter("e.weight")[0, 0].add_(1e-3)
    with pytest.raises(AssertionError, match="differs from PyTorch's by"):
        check_values(graph, model, arrays, expected(), path)
