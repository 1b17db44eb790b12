"""``netspec explain``: every formula that is shown is evaluated again."""

from __future__ import annotations

import math
import re

import pytest

from netspec import zoo
from netspec.checking.spec import Spec, SpecResult
from netspec.cli.explain import code_text, layer_text
from netspec.diagnostics.codes import catalogue
from tests.cli_support import ran

FUNCTIONS = {"floor": math.floor, "ceil": math.ceil, "min": min, "max": max}
FORMULA = re.compile(
    r"^[ ]+(?:together )?([-0-9(][-0-9 ()+×/,]*|(?:floor|ceil|max)\([-0-9 ()+×/,a-z]*)= ([0-9,]+)\b(?!,)"
)
SPECS = (
    "vgg16",
    "lenet5",
    "alexnet_2012",
    "unet",
    "vit",
    "mobilenet_v1",
    "xception",
    "seq2seq",
    "dcgan_generator",
    "googlenet",
    "densenet",
    "transposed",
    "wavenet",
    "filters_1d",
    "filters_3d",
    "pooling",
)


def loaded(name: str) -> SpecResult:
    path = zoo.path(name)
    assert path is not None
    spec = Spec(str(path))
    variant = spec.variants[0] if spec.elaborate().graph is None else None
    dims = spec.elaborate(variant).require_graph().dims
    return spec.elaborate(variant, sizes={name: dim.default for name, dim in dims.items()})


def joined(text: str) -> list[str]:
    """The lines of a text, those of a wrapped formula joined."""
    out: list[str] = []
    for line in text.splitlines():
        if out and out[-1].startswith("  ") and out[-1].rstrip().endswith(("+", "=", "×")):
            out[-1] += " " + line.strip()
        else:
            out.append(line)
    return out


def formulas(text: str) -> list[tuple[str, int]]:
    """Everything of the form ``formula = number``."""
    actual: list[tuple[str, int]] = []
    for line in joined(text):
        match = FORMULA.match(line)
        if match:
            actual.append((match[1].replace("×", "*"), int(match[2].replace(",", ""))))
    return actual


@pytest.mark.parametrize("name", SPECS)
def test_formulas(name: str) -> None:
    """Formulas have plain numbers; only products of whole counts have separators, and no function then."""
    given = loaded(name)
    assert given.graph is not None
    seen = set[object]()
    checked = 0
    for node in given.graph.nodes:
        key = (node.op, given.graph.inputs_of(node))
        if key in seen:
            continue
        seen.add(key)
        text = layer_text(given, node.name)
        assert max(map(len, text.splitlines())) <= 80, node.name
        for formula, result in formulas(text):
            plain = formula if any(f in formula for f in FUNCTIONS) else formula.replace(",", "")
            assert eval(plain, {"__builtins__": {}, **FUNCTIONS}) == result, (node.name, formula)
            checked += 1
        macs = node.op.macs(given.graph.inputs_of(node), node.outputs)
        if macs:
            assert f"{macs:,}" in text
        for output in node.outputs:
            assert "(" + ", ".join(map(str, output.shape)) + ")" in text
    assert checked >= 5


def test_convolution() -> None:
    said = ran("explain", "filters", "conv")
    assert said.err == ""
    assert said.status == 0
    head, _, rest = said.out.partition("defined at")
    assert head == (
        "conv\n"
        "Convolution (cross-correlation) with a bank of filters.\n"
        "\n"
        "layer       {conv2d: 6, kernel: 5, padding: valid}\n"
        "input       input (443, 592, 3): height, width, channels\n"
        "output      (439, 588, 6): height, width, channels\n"
    )
    assert rest.partition("\n\n")[2] == (
        "value\n"
        "  y(i, j, k) = bias(k) + sum over c, a, b of weight(k, c, a, b) ×\n"
        "    x(i + a, j + b, c)\n"
        "\n"
        "size\n"
        "  channels: 6, one for each filter\n"
        "  height: floor((n + before + after - window) / stride) + 1\n"
        "    floor((443 + 0 + 0 - 5) / 1) + 1 = 439\n"
        "  width: floor((n + before + after - window) / stride) + 1\n"
        "    floor((592 + 0 + 0 - 5) / 1) + 1 = 588\n"
        "\n"
        "weights\n"
        "  weight  (6, 3, 5, 5): filters, channels / groups, kernel\n"
        "    6 × 3 × 5 × 5 = 450\n"
        "  bias    (6): filters\n"
        "  450 + 6 = 456 parameters in total\n"
        "\n"
        "multiply-accumulates\n"
        "  MACs: each weight once at every output position\n"
        "    6 × 3 × 5 × 5 × 439 × 588 = 116,159,400\n"
        "  FLOPs: 2 × 116,159,400 = 232,318,800\n"
        "\n"
        "connections\n"
        "  116,159,400 weights used + 1,548,792 biases used = 117,708,192\n"
        "\n"
        "receptive field\n"
        "  height and width: that of the input + (window - 1) × distance in the input\n"
        "    1 + (5 - 1) × 1 = 5 positions, 1 apart\n"
        "\n"
        "a dense layer in its place\n"
        "  Every output value would depend on every input value, each with its own\n"
        "  weight:\n"
        "    786,768 × 1,548,792 = 1,218,539,984,256 weights\n"
        "  Local connections: an output value depends on 75 input values, those under its\n"
        "  window:\n"
        "    75 × 1,548,792 = 116,159,400 weights\n"
        "  Shared weights: the filter is the same at every position:\n"
        "    75 × 6 = 450 weights\n"
        "  That is one weight for every 2,707,866,632 of the dense layer.\n"
    )


@pytest.mark.parametrize(
    ("spec", "layer", "line"),
    [
        ("gpt2", "lm_head", "units, features  (shared: the same tensor as\n    transformer.wte.weight, counted there)"),
        ("lenet5", "output", "(frozen)"),
        ("resnet@18", "bn1", "(a buffer: neither trained nor counted)"),
        ("vgg16", "block1_conv1.activation", "activation  relu: max(x, 0) (Nair & Hinton 2010)."),
        ("googlenet", "maxpool1", "height: ceil((n + min(before + after - window + stride, before)) / stride)\n"),
        ("resnet@50", "layer1.0.conv1", "in Bottleneck 'layer1.0', "),
    ],
)
def test_remarks(spec: str, layer: str, line: str) -> None:
    said = ran("explain", spec, layer)
    assert said.status == 0
    assert line in said.out


@pytest.mark.parametrize("code", [c for c, entry in catalogue().items() if entry.wrong])
def test_code_shows_what_check_says(code: str) -> None:
    text = code_text(code, catalogue()[code])
    assert f"[{code}]: " in text
    assert text.startswith(f"{code}  ")
    assert max(len(line) for line in text.split(f"[{code}]")[0].splitlines()) <= 80


def test_code() -> None:
    assert ran("explain", "ns510").out == (
        "NS510  a window larger than its input\n"
        "\n"
        "The dilated window does not fit into the padded input. The notes show how the\n"
        "size came about; often there is one pooling layer too many.\n"
        "\n"
        "for example\n"
        "  netspec: 1\n"
        "  input: [3, 32, 32]\n"
        "  layers:\n"
        "    - {max_pool2d: 16}\n"
        "    - {conv2d: 4, kernel: 3}\n"
        "\n"
        "error[NS510]: the window of 'conv2d' is larger than its input in height: 3 over 2\n"
        " --> example.yaml:5:6\n"
        "  |\n"
        "5 |   - {conv2d: 4, kernel: 3}\n"
        "  |      ^^^^^^ layer 0 is (3, 2, 2)\n"
        "  = height of layer 0: 32 -> 2 (max_pool2d '0', line 4)\n"
        "\n"
        "corrected\n"
        "  netspec: 1\n"
        "  input: [3, 32, 32]\n"
        "  layers:\n"
        "    - {max_pool2d: 16}\n"
        "    - {conv2d: 4, kernel: 3, padding: same}\n"
    )


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (("NS999",), 2, "netspec explain: there is no code NS999; codes NS9xx are NS901 to NS937\n"),
    (("000",), 2, "netspec explain: there is no code NS000; codes are NS1xx to NS9xx\n"),
    (("lenet5",), 1, "error[NS301]: a layer is required\n --> {lenet5}\n"
     "  = help: netspec explain lenet5 LAYER; `netspec check lenet5` lists them\n"),
    (("lenet5", "flat"), 1,
     "error[NS301]: there is no layer 'flat'\n --> {lenet5}\n  = help: did you mean 'flatten'?\n"),
    (("resnet@18", "layer1.0"), 1, "error[NS301]: 'layer1.0' is a block: its layers are explained one by one\n"
     " --> {resnet}\n  = help: it holds layer1.0.conv1, layer1.0.bn1, layer1.0.relu1, layer1.0.conv2, layer1.0.bn2, "
     "layer1.0.add, …\n"),
    (("lenet", "c1", "--set", "x=1"), 1, "error[NS218]: there is no parameter 'x'\n"),
])  # fmt: skip
def test_what_is_wrong(arguments: tuple[str, ...], status: int, message: str) -> None:
    said = ran("explain", *arguments)
    assert said.out == ""
    assert said.status == status
    paths = {name: str(zoo.path(name)) for name in ("lenet5", "resnet")}
    assert said.err.startswith(message.format(**paths))
