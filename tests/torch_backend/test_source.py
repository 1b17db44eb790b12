"""The text: looked at and found good, formatted as ruff does, and free of anything but its network."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import netspec
import netspec_torch
from netspec import zoo
from netspec_torch.python.file import write

from .support import check_source, loads, outputs, random_inputs

WRITTEN = Path(__file__).parent / "written"
GOLDEN = ("vgg16", "resnet", "unet", "vit", "lenet5", "mobilenet_v2", "densenet", "gpt2")
"""Networks whose text was read; NETSPEC_RENEW=1 writes it anew: read the difference before you keep it."""


@pytest.mark.parametrize("name", GOLDEN)
def test_the_text_is_as_it_was_found_good(name: str) -> None:
    text = netspec_torch.source(netspec.load(name))
    path = WRITTEN / f"{name}.txt"
    if os.environ.get("NETSPEC_RENEW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name} differs: NETSPEC_RENEW=1 writes it anew"


def test_every_network_is_formatted_and_clean(tmp_path: Path) -> None:
    """By ruff with its own defaults, linter and formatter."""
    for name in zoo.names(""):
        (tmp_path / f"{name}.py").write_text(netspec_torch.source(netspec.load(name)), encoding="utf-8")
    for command in (["format", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["resnet", "swin_v2", "lenet5", "yolov3"])
def test_only_the_header_speaks_of_netspec(name: str) -> None:
    first, *rest = netspec_torch.source(netspec.load(name)).split("\n")
    assert first == f"# Written by netspec {netspec.__version__}."
    assert not [line for line in rest if "netspec" in line.lower()]


def test_only_torch_is_imported() -> None:
    standard = {"__future__", "collections", "collections.abc", "typing"}
    for name in zoo.names(""):
        for node in ast.walk(ast.parse(netspec_torch.source(netspec.load(name)))):
            if isinstance(node, ast.ImportFrom):
                assert node.module in standard | {"torch", "torch.nn"}
            elif isinstance(node, ast.Import):
                assert [a.name for a in node.names] == ["torch"]


def test_one_class_for_a_block() -> None:
    """Blocks of one structure are one class, whatever their numbers, and layers left out are optional."""
    text = netspec_torch.source(netspec.load("resnet@101"))
    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert names == ["Projection", "Bottleneck", "Resnet101"]


def test_how_often_a_block_is_repeated_is_an_argument() -> None:
    text = netspec_torch.source(netspec.load("yolov3"))
    assert len(re.findall(r"^class Stage", text, re.M)) == 1
    assert "*[Residual(filters, in_channels) for _ in range(depth)]" in text
    assert "self.c3 = Stage(128, 256, 8)" in text


def test_tables_and_sizes_of_tensors_are_arguments() -> None:
    text = netspec_torch.source(netspec.load("swin_v2"))
    assert re.findall(r"^class (Swin\w+|Window\w+)", text, re.M) == ["WindowAttention", "SwinBlock", "SwinV2"]
    assert "nn.init.xavier_uniform_(torch.empty(3 * dim, dim))" in text


@pytest.mark.parametrize(("layers", "says"), [
    ("[{conv2d: 4, kernel: 1, activation: relu}, {dense: 5, axis: 0}]", "class Net(nn.ModuleList):"),
    ("[{conv2d: 4, kernel: 1, activation: relu}, relu, {conv2d: 4, kernel: 1, activation: relu}, {multiply: input},"
     " {conv2d: 2, kernel: 1}]", "class Net(nn.ModuleDict):"),
    ("{a: {Both: 4}}", "class Both(nn.Sequential):"),
])  # fmt: skip
def test_numbered_layers(layers: str, says: str) -> None:
    """Containers that count: no name is a text where an index does."""
    blocks = (
        "blocks: {Both: {params: {n: int}, layers: [{Pair: $n}, {conv2d: $n, kernel: 1}]}, "
        "Pair: {params: {n: int}, layers: [{conv2d: $n, kernel: 1}, relu]}}\n"
    )
    graph = loads(f"name: net\ninput: [4, 5, 5]\n{blocks if 'Both' in layers else ''}layers: {layers}\n")
    text = netspec_torch.source(graph)
    assert says in text
    assert "getattr" not in text
    check_source(
        graph, model := netspec_torch.build(graph).eval(), given := random_inputs(graph), outputs(model(*given), graph)
    )


def test_the_name_of_the_class() -> None:
    assert write(netspec.load("resnet@18")).cls == "Resnet18"
    assert write(netspec.load("vit@b_16")).cls == "VitB16"
    assert write(loads("name: 3-d_net\ninput: [3]\nlayers: {a: relu}\n")).cls == "Net3DNet"


def test_source_needs_no_torch() -> None:
    script = """
import sys
sys.modules["torch"] = None
import netspec, netspec_torch
assert "class Resnet(nn.Module):" in netspec_torch.source(netspec.load("resnet"))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


def test_export(tmp_path: Path) -> None:
    graph = netspec.load("lenet5")
    netspec_torch.export(graph, tmp_path / "lenet5.py")
    assert (tmp_path / "lenet5.py").read_text(encoding="utf-8") == netspec_torch.source(graph)
    assert [p.name for p in tmp_path.iterdir()] == ["lenet5.py"]


@pytest.mark.slow
def test_a_sum_of_thousands_of_layers() -> None:
    """More than Python could read with a sign between each two."""
    layers = "\n".join(f"  a{i}: {{dense: 2, from: input, bias: false}}" for i in range(4000))
    graph = loads(
        f"name: net\ninput: [3]\nlayers:\n{layers}\n  out: {{add: [{', '.join(f'a{i}' for i in range(4000))}]}}\n"
    )
    text = netspec_torch.source(graph)
    assert "sum(" in text
    check_source(
        graph, model := netspec_torch.build(graph).eval(), given := random_inputs(graph), outputs(model(*given), graph)
    )


def test_a_maximum_of_hundreds_of_layers() -> None:
    layers = "\n".join(f"  a{i}: {{dense: 2, from: input}}" for i in range(301))
    graph = loads(
        f"name: net\ninput: [3]\nlayers:\n{layers}\n  out: {{maximum: [{', '.join(f'a{i}' for i in range(301))}]}}\n"
    )
    model, given = netspec_torch.build(graph).eval(), random_inputs(graph)
    check_source(graph, model, given, outputs(model(*given), graph))
