"""Networks of the zoo with named sizes: one file runs at every legal size, as PyTorch's module of that size does."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import onnx
import pytest

import netspec_onnx
from netspec.backend import BackendError
from netspec.checking.spec import Spec
from netspec_onnx.verification.differences import TOLERANCE, difference
from netspec_onnx.verification.random_inputs import random_inputs
from netspec_onnx.verification.verify import verify

from .named import assert_agrees, assert_shapes_at, write_named
from .named_networks import named_small
from .support import ActiveWeights, run

NETWORKS = [
    "autoencoder",
    "bert",
    "cifar_resnet",
    "espcn",
    "googlenet",
    "gpt2",
    "gru_attention",
    "laplacian",
    "lenet",
    "lraspp",
    "lstm_tagger",
    "mobilenet_v1",
    "mobilenet_v3",
    "pooling",
    "resnet",
    "seq2seq",
    "shufflenet_v1",
    "swin",
    "textcnn",
    "transposed",
    "xception",
]
"""Light ones, which have every kind of layer; ``any_size.py`` runs all."""


TEXT = """netspec: 1
name: net
dims: {H: 12, W: {default: 24, multiple_of: 8, max: 64}}
input: [3, H, W]
layers:
  conv: {conv2d: 6, kernel: 3, padding: 1}
  pool: {max_pool2d: 2}
  shuffle: {channel_shuffle: 2}
  small: {upsample: 0.5, mode: bicubic}
  up: {upsample, like: shuffle, mode: bilinear}
  sum: {add: shuffle}
"""


@pytest.mark.parametrize("name", NETWORKS)
def test_one_file_for_all_sizes(name: str, tmp_path: Path) -> None:
    network, gain = named_small(name)
    sizes = network.legal_values(Random(name), 3)
    assert len(sizes) == 3
    source, path = ActiveWeights(gain=gain), tmp_path / "net.onnx"
    write_named(network.graph, path, source)
    change = assert_agrees(path, source, network.at, sizes)
    assert change > 1e-4, "outputs that do not depend on the inputs"


@pytest.mark.parametrize("options", [{"functions": True}, {"optimize": True}, {"dtype": "float16"}, {"batch": 2}])
@pytest.mark.parametrize("name", ["shufflenet_v1", "swin"])
def test_options(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    """Functions, folding, half precision and a fixed batch say the same as the plain file, at other sizes, too."""
    network, gain = named_small(name)
    graph = network.graph
    source, plain, other = ActiveWeights(gain=gain), tmp_path / "plain.onnx", tmp_path / "other.onnx"
    write_named(graph, plain, source)
    write_named(graph, other, source, **options)
    for values in network.legal_values(Random(name), 2):
        feeds = random_inputs(graph.at(values), 2)
        given = {n: x.astype("float16") for n, x in feeds.items()} if "dtype" in options else feeds
        for output, a, b in zip(graph.outputs, run(other, given), run(plain, feeds), strict=True):
            assert difference(output, a, b).relative < TOLERANCE[options.get("dtype", "float32")]


def test_blocks_of_different_sizes_are_one_function(tmp_path: Path) -> None:
    """With numbers in the file, the shuffles of each size are functions of their own."""
    graph = named_small("shufflenet_v1")[0].graph
    source, path = ActiveWeights(), tmp_path / "net.onnx"
    named = write_named(graph, path, source, functions=True)
    fixed = write_named(graph.at_default, path, source, functions=True)
    assert len(named.functions) <= len(fixed.functions)
    sizes = [n for n in named.graph.node if n.name.startswith("sizes/")]
    assert [n.name for n in named.graph.node[: len(sizes)]] == [n.name for n in sizes]


def test_the_shapes_in_the_file(tmp_path: Path) -> None:
    for name in ("shufflenet_v1", "lraspp"):
        network, _ = named_small(name)
        path = tmp_path / f"{name}.onnx"
        write_named(network.graph, path, ActiveWeights())
        assert_shapes_at(path, network.graph, network.legal_values(Random(name), 1)[0])
        (image,) = onnx.load(path).graph.input
        assert [d.dim_param or d.dim_value for d in image.type.tensor_type.shape.dim] == ["N", 3, "H", "W"]


def test_fixed_names_and_a_fixed_batch(tmp_path: Path) -> None:
    """``--at H=…`` puts a number in place of a name, and ``batch`` in place of N."""
    spec = Spec("net.yaml", TEXT)
    graph = spec.elaborate(sizes={"H": 20}).graph
    assert graph is not None
    path = tmp_path / "net.onnx"
    netspec_onnx.export(graph, path, source=ActiveWeights(), batch=3)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    (image,), (output,) = model.graph.input, model.graph.output
    assert [d.dim_param or d.dim_value for d in image.type.tensor_type.shape.dim] == [3, 3, 20, "W"]
    assert [d.dim_param or d.dim_value for d in output.type.tensor_type.shape.dim] == [3, 6, 10, "W//2"]
    assert not any(d.dim_param == "N" for v in model.graph.value_info for d in v.type.tensor_type.shape.dim)
    metadata = {p.key: p.value for p in model.metadata_props}
    assert json.loads(metadata["netspec.dimensions"]) == {"W": {"default": 24, "multiple_of": 8, "max": 64}}
    assert verify(graph, path, ActiveWeights()).batches == (3,)
    fixed = spec.elaborate(sizes={"H": 20, "W": 24}).graph
    assert fixed is not None
    texts = {
        d.dim_param for v in netspec_onnx.model(fixed, batch=1).graph.value_info for d in v.type.tensor_type.shape.dim
    }
    assert texts == {""}


@pytest.mark.parametrize("batch", [0, -1, True, 1.5, "2"])
def test_a_batch_that_is_no_number_of_examples(batch: Any) -> None:
    graph = Spec("net.yaml", TEXT).elaborate().graph
    assert graph is not None
    with pytest.raises(BackendError) as caught:
        netspec_onnx.model(graph, batch=batch)
    assert str(caught.value) == f"error[NS711]: batch must be a positive integer; found {batch!r}"


def test_verification_runs_at_several_sizes(tmp_path: Path) -> None:
    graph = named_small("cifar_resnet")[0].graph
    source, path = ActiveWeights(), tmp_path / "net.onnx"
    write_named(graph, path, source)
    result = verify(graph, path, source)
    assert not result.problems
    assert len(result.sizes) == 3
    assert all(values["H"] != values["W"] for values in result.sizes[1:])
    assert "at batch sizes 1 and 2 for H=32, W=32, and for H=24, W=19 and for H=19, W=38; " in result.lines()[0]
