"""One module for all sizes: named dimensions follow the input."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import torch
from torch import nn

import netspec_torch
from netspec.ir import Graph
from tests.onnx_backend.support import ActiveWeights
from tests.random_networks import seeded
from tests.vision import torchvision

from .any_size import check_random
from .named import built_with, check_sizes, named, sample
from .support import from_text, loads, random_inputs

NETWORKS: list[tuple[str, str | None, dict[str, int]]] = [
    ("resnet", "resnet18", {}),
    ("mobilenet_v1", None, {}),
    ("autoencoder", None, {}),
    ("lstm_tagger", None, {}),
    ("textcnn", None, {}),
    ("lenet5", None, {}),
]


@pytest.mark.parametrize(("name", "variant", "settings"), NETWORKS, ids=[name for name, _, _ in NETWORKS])
def test_one_module_equals_the_module_of_each_size(name: str, variant: str | None, settings: dict[str, int]) -> None:
    network = named(name, variant, **settings)
    model = netspec_torch.build(network.graph, weights=ActiveWeights()).eval()
    points = sample(network.graph, 3, most=48)
    check_sizes(network, model, points)
    written = from_text(network.graph).eval()
    written.load_state_dict(model.state_dict())
    check_sizes(network, written, points[:1])


def test_random_networks() -> None:
    """Many more by ``python -m tests.torch_backend.any_size``."""
    counts: Counter[str] = Counter()
    for number in range(20):
        check_random(seeded(5, number), Random(number), counts)
    assert counts["networks"] >= 15
    assert counts["equal"] >= 50
    assert counts["refused"] >= 30


TOKENS = """
name: net
dims: {H: 8, W: 12}
input: [3, H, W]
blocks:
  Mix:
    params: {h: int, w: int, dim: 8}
    layers:
      image: {reshape: [$h, $w, $dim]}
      first: {permute: [2, 0, 1]}
      dw: {depthwise_conv2d: 3, padding: 1}
      tokens: {flatten: 1}
      last: {permute: [1, 0]}
  Stage:
    params: {h: int, w: int}
    layers:
      a: {Mix, h: $h, w: $w}
      b: {Mix, h: $h, w: $w}
layers:
  embed: {conv2d: 8, kernel: 3, stride: 2, padding: same}
  flat: {flatten: 1}
  tokens: {permute: [1, 0]}
  s1: {Stage, h: "$(embed.shape.1)", w: "$(embed.shape.2)"}
  s2: {Mix, h: "$(embed.shape.1)", w: "$(embed.shape.2)"}
"""


def test_a_class_is_given_sizes_that_do_not_follow_from_its_inputs() -> None:
    graph = loads(TOKENS)
    source = netspec_torch.source(graph)
    assert source.count("def forward(self, x: Tensor, height: int, width: int) -> Tensor:") == 2
    assert "x = self.s1(x, (H + 1) // 2, (W + 1) // 2)" in source
    assert "x = self.a(x, height, width)" in source
    assert "def __init__(self, " not in source.split("class Mix")[1]
    model = netspec_torch.build(graph).eval()
    for height, width in ((8, 12), (7, 5), (1, 2)):
        fixed = loads(TOKENS.replace("H: 8, W: 12", f"H: {height}, W: {width}")).at_default
        given = random_inputs(fixed)
        expected = built_with(fixed, model.state_dict())(*given)
        assert torch.equal(model(*given), expected)


WINDOWS = """
name: net
dims: {H: 28, W: 28}
input: {shape: [H, W, 8], axes: [height, width, channels]}
blocks:
  Windows:
    params: {rows: $(input.shape.0 // 7), columns: $(input.shape.1 // 7)}
    layers:
      tiles: {reshape: [$rows, 7, $columns, 7, 8]}
      apart: {permute: [0, 2, 1, 3, 4]}
      windows: {reshape: [$(rows * columns), 49, 8]}
      fc: {dense: 8}
      tiles2: {reshape: [$rows, $columns, 7, 7, 8]}
      together: {permute: [0, 2, 1, 3, 4]}
      out: {reshape: [$(rows * 7), $(columns * 7), 8]}
layers:
  whole: {slice: [0, 1], stop: ["$(input.shape.0 // 7 * 7)", "$(input.shape.1 // 7 * 7)"]}
  first: {Windows}
  half: {slice: [0, 1], step: 2}
  second: {Windows}
"""


def test_uses_of_a_block_stay_one_class() -> None:
    """Although more follows from the sizes in one use than in another."""
    graph = loads(WINDOWS)
    source = netspec_torch.source(graph)
    assert source.count("class Windows") == 1
    model = netspec_torch.build(graph).eval()
    for height, width in ((28, 28), (56, 15), (14, 42)):
        fixed = loads(WINDOWS.replace("H: 28, W: 28", f"H: {height}, W: {width}")).at_default
        given = random_inputs(fixed)
        assert torch.equal(model(*given), built_with(fixed, model.state_dict())(*given))


def test_gradients() -> None:
    """Every weight has the gradient that it has in the module of that size."""
    network = named("cifar_resnet")
    model = netspec_torch.build(network.graph, weights=ActiveWeights()).eval()
    (sizes,) = sample(network.graph, 1, most=48, seed=3)
    fixed = network.at(sizes)
    other = built_with(fixed, model.state_dict())
    (given,) = random_inputs(fixed)
    for module in (model, other):
        module(given).square().sum().backward()
    theirs = dict(other.named_parameters())
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None
        assert parameter.grad.any(), name
        torch.testing.assert_close(parameter.grad, theirs[name].grad, rtol=0, atol=0, msg=name)


def test_writing_decides_nothing_by_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    def decided(*_: object) -> None:
        raise AssertionError("a rule asked for a number")

    for name in ("swin", "unet", "s3d", "autoencoder", "gpt2", "shufflenet_v2", "segnet", "yolov3"):
        graph = named(name).graph
        with monkeypatch.context() as patch:
            patch.setattr("netspec.shapes.named_sizes.NamedSizes._record", decided)
            netspec_torch.source(graph)


def small_swin() -> Graph:
    """A Swin of two stages."""
    return named("swin", width=32, depths=[2, 2], head=16).graph


def test_swin_is_that_of_torchvision() -> None:
    """At sizes that are not multiples of the window, down to one window and to one position."""
    graph = small_swin()
    model = netspec_torch.build(graph, weights=ActiveWeights()).eval()
    theirs: nn.Module = torchvision().models.SwinTransformer([4, 4], 32, [2, 2], [2, 4], [7, 7]).eval()
    keys = theirs.load_state_dict(model.state_dict(), strict=False)
    assert not keys.unexpected_keys
    assert not keys.missing_keys
    for height, width in ((64, 96), (37, 50), (28, 29), (4, 4)):
        x = torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            torch.testing.assert_close(model(x), theirs(x), rtol=1e-4, atol=1e-4)


def test_tables_are_computed_on_the_device_of_the_input() -> None:
    model = netspec_torch.build(small_swin(), device="meta").eval()
    assert model(torch.empty(2, 3, 60, 90, device="meta")).shape == (2, 1000)


def test_source_is_formatted_and_clean(tmp_path: Path) -> None:
    """By ruff with its own defaults, linter and formatter."""
    for name in ("swin", "unet", "gpt2", "yolov3", "maxvit", "segnet"):
        (tmp_path / f"{name}.py").write_text(netspec_torch.source(named(name).graph), encoding="utf-8")
    (tmp_path / "windows.py").write_text(netspec_torch.source(loads(WINDOWS)), encoding="utf-8")
    for command in (["format", "--diff"], ["check"]):
        arguments = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_text_reads_as_by_hand() -> None:
    source = netspec_torch.source(named("swin").graph)
    attention = source[source.index("class WindowAttention") : source.index("class SwinBlock")]
    assert (
        attention[attention.index("    def forward") :].rstrip()
        == """\
    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        rows = (height + 6) // 7
        rows2 = (height - 1) // 7
        columns = (width - 1) // 7
        out = self.relative_position_bias_table[self.relative_position_index]
        out = out.unflatten(0, (49, -1)).permute(2, 0, 1)
        if self.mask:
            out2 = shift_mask(
                (7 * rows, 7 * ((width + 6) // 7)),
                (7, 7),
                (3 * min(rows2, 1), 3 * min(columns, 1)),
                x.device,
            ).reshape(rows * ((width + 6) // 7), 1, 49, 49)
            out = out + out2
        x = F.pad(x, (0, 0, 0, -width % 7, 0, -height % 7))
        if self.mask:
            x = x.roll((-3 * min(rows2, 1), -3 * min(columns, 1)), (1, 2))
        x = (
            x.unflatten(1, (-1, 7))
            .unflatten(3, (-1, 7))
            .transpose(2, 3)
            .flatten(3, 4)
            .flatten(1, 2)
        )
        x = self.qkv(x)
        q, k, v = x.chunk(3, dim=3)
        x = attend(q, k, v, self.heads, mask=out[None])
        x = self.proj(x)
        x = (
            x.unflatten(1, (rows, -1))
            .unflatten(3, (7, -1))
            .transpose(2, 3)
            .flatten(3, 4)
            .flatten(1, 2)
        )
        if self.mask:
            x = x.roll((3 * min(rows2, 1), 3 * min(columns, 1)), (1, 2))
        return x[:, :height, :width]"""
    )
