"""The text: looked at and found good, formatted as ruff does, and free of anything but its network."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import netspec
import netspec_torch
from netspec import zoo
from netspec_torch.fold import WIDTH, fold
from netspec_torch.writer import write

from .support import check_source, drawn, loads, outputs

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
    for name in zoo.names():
        (tmp_path / f"{name}.py").write_text(netspec_torch.source(netspec.load(name)), encoding="utf-8")
    for command in (["format", "--diff"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True, text=True, check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["resnet", "swin_v2", "lenet5", "yolov3"])
def test_only_the_header_speaks_of_netspec(name: str) -> None:
    first, *rest = netspec_torch.source(netspec.load(name)).split("\n")
    assert first == f"# Written by netspec {netspec.__version__}."
    assert not [line for line in rest if "netspec" in line.lower()]


def test_only_torch_is_imported() -> None:
    standard = {"__future__", "collections", "collections.abc", "typing"}
    for name in zoo.names():
        for node in ast.walk(ast.parse(netspec_torch.source(netspec.load(name)))):
            if isinstance(node, ast.ImportFrom):
                assert node.module in standard | {"torch", "torch.nn"}
            elif isinstance(node, ast.Import):
                assert [a.name for a in node.names] == ["torch"]


def test_one_class_for_a_block() -> None:
    """Blocks of one structure are one class, whatever their numbers, and layers left out are optional."""
    text = netspec_torch.source(netspec.load("resnet@resnet101"))
    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert names == ["Projection", "Bottleneck", "Resnet101"]


def test_how_often_a_block_is_repeated_is_an_argument() -> None:
    text = netspec_torch.source(netspec.load("yolov3"))
    assert len(re.findall(r"^class Stage", text, re.M)) == 1
    assert "*[Residual(filters, in_channels) for _ in range(depth)]" in text
    assert "self.c3 = Stage(128, 256, 8)" in text


def test_tables_and_sizes_of_tensors_are_arguments() -> None:
    text = netspec_torch.source(netspec.load("swin_v2"))
    assert re.findall(r"^class (Swin\w+|Window\w+)", text, re.M) == [
        "WindowAttention", "SwinBlock", "WindowAttention2", "SwinBlock2", "SwinV2",
    ]  # with a shift and without
    assert "nn.init.xavier_uniform_(torch.empty(3 * dim, dim))" in text


@pytest.mark.parametrize(("layers", "says"), [
    ("[{conv2d: 4, kernel: 1, activation: relu}, {dense: 5, axis: 0}]", "class Net(nn.ModuleList):"),
    ("[{conv2d: 4, kernel: 1, activation: relu}, relu, {conv2d: 4, kernel: 1, activation: relu}, {multiply: input},"
     " {conv2d: 2, kernel: 1}]", "class Net(nn.ModuleDict):"),
    ("{a: {Both: 4}}", "class Both(nn.Sequential):"),
])
def test_numbered_layers(layers: str, says: str) -> None:
    """Containers that count: no name is a text where an index does."""
    blocks = "blocks: {Both: {params: {n: int}, layers: [{Pair: $n}, {conv2d: $n, kernel: 1}]}, " \
             "Pair: {params: {n: int}, layers: [{conv2d: $n, kernel: 1}, relu]}}\n"
    graph = loads(f"name: net\ninput: [4, 5, 5]\n{blocks if 'Both' in layers else ''}layers: {layers}\n")
    text = netspec_torch.source(graph)
    assert says in text
    assert "getattr" not in text
    check_source(graph, model := netspec_torch.build(graph).eval(), given := drawn(graph), outputs(model(*given), graph))


def test_the_name_of_the_class() -> None:
    assert write(netspec.load("resnet@resnet18")).cls == "Resnet18"
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


LONG = [
    "x = " + " + ".join(f"value{i}" for i in range(20)),
    "return torch.cat((" + ", ".join(f"branch{i}" for i in range(20)) + "), dim=1)",
    "self.a = nn.Sequential(nn.Linear(1, 2), nn.ReLU(),)",
    "self.a = nn.Sequential(" + ", ".join(f"nn.Linear({i}, {i + 1})" for i in range(9)) + ",)",
    "def __init__(self, " + ", ".join(f"argument{i}: int = {i}" for i in range(8)) + ") -> None:",
    "def forward(self, one_input: Tensor, another_input: Tensor, and_a_third: Tensor) -> dict[str, Tensor]:",
    'check_shape(tokens, "tokens", (50,))',
    'x = f("a, (b", "]", ' + ", ".join(f'"text{i}"' for i in range(20)) + ")",
    "self.downsample = Projection(in_channels, out_channels, stride=stride, groups=groups) if downsample else None",
    "x = self.downsample_of_the_shortcut(x) if self.downsample_of_the_shortcut is not None else the_input_of_it",
    "super().__init__(OrderedDict((f\"denselayer_with_a_long_name{i}\", DenseLayer(32 + 32 * i)) for i in range(1, 7)))",
    "x = F.scaled_dot_product_attention(query[:, None], key[:, None], value[:, None], attn_mask=mask_of_them[:, 0])",
    "self.a = ConnectedConv2d(24, ((" + ", ".join(map(str, range(30))) + "),), (1, 1))",
    "scaled_and_shifted_by_channel = scaled_and_shifted_by_channel_before @ another[:, None, None]",
    "x = out * per_channel(separa0, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84, 1.74, 0.25), 1)",
    "x = scaled_and_shifted_by_channel_and_by_position_and_by_nothing_else * per_channel(before, (1.6, -0.53, 1.79), 1)",
    "x = per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84), 1) * scaled_and_shifted",
    "x = per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84), 1) + per_channel(out, (1.6, -0.53, 1.79, 1.74), 1)",
    "x = out * per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84, 1.85, 12.5), 1) + 0.57",
    "x = self.conv_with_a_long_name(self.another_convolution(x)).movedim(1, -1).clamp(min=0.5)[0]",
    "x = self.conv_with_a_long_name(self.another_convolution_of_it(x), more).movedim(1, -1) + 1.5",
    "x = self.conv_with_a_long_name(self.another_convolution(x)).movedim(1, -1).expand(x.shape[0], -1) + y",
    "return torch.cat((table[None].expand(another_input.shape[0], -1, -1, -1, -1, -1).movedim(100, 2), x))",
    'return {"out0": scaled_and_shifted_by_channel * per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86), 1), "b": c}',
    "x = self.lstm(out, self.p1[None].expand(out.shape[0], -1, -1), self.p2.expand(out.shape[0], -1, -1))[0]",
    "x, y = self.lstm(out, self.p1[None].expand(out.shape[0], -1, -1), self.p2[None])[0][:1]",
    "x += self.depthw2(out.unflatten(1, (6, -1)).flatten(0, 1)).unflatten(0, (-1, 6)).flatten(1, 2)",
    "self.register_buffer(\"a\", torch.tensor([[(" + ", ".join(map(str, range(40))) + "),]]))",
]


@pytest.mark.parametrize("text", LONG)
def test_long_lines(text: str, tmp_path: Path) -> None:
    """Broken where ruff breaks them, and saying the same."""
    inside = fold(text, 8)
    rest = "\n    pass" if text.startswith("def ") else ""
    assert ast.dump(ast.parse(textwrap.dedent("\n".join(inside)) + rest)) == ast.dump(ast.parse(text + rest))
    lines = ["class A:", "    def f(self):", *inside]
    if text.startswith("def "):
        lines = ["class A:", *fold(text, 4), "        pass"]
    file = tmp_path / "long.py"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--diff", str(file)],
        capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(len(line) <= WIDTH for line in lines)
