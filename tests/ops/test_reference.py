"""The reference of the operations: complete, its examples compiled, its page up to date."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from netspec import loads
from netspec.ops import TABLE, find
from netspec.ops.reference import FAMILIES, example_of, families, joint_name, operation
from netspec.report import operation_reference

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.mark.parametrize("op", TABLE)
def test_operation(op: str) -> None:
    about = operation(op)
    graph = loads(about.spec, name=op)
    node = next(n for n in graph.nodes if n.op.name == op)
    assert about.line
    assert about.family in FAMILIES
    assert {a.name for a in about.arguments} == find(op).arguments.keys()
    for a in about.arguments:
        assert a.doc
        assert (a.default is None) == find(op).arguments[a.name].required
        assert a.default not in ("null", "")
    if not node.outputs:
        pytest.fail("an operation gives something")
    assert operation_reference.result(about).count("->") == (1 if node.inputs else 0)
    assert max(map(len, operation_reference.operation_text(op, width=80).splitlines())) <= 80


def test_families_have_every_operation() -> None:
    assert [n for c in families().values() for names in c.values() for n in names] == list(TABLE)


@pytest.mark.parametrize("op", TABLE)
def test_one_example_for_each_operation_of_a_class(op: str) -> None:
    cls = find(op)
    names = [n for n in TABLE if find(n) is cls]
    assert len(cls.examples) in (1, len(names))
    assert len(names) == 1 or len(cls.examples) == len(names)


@pytest.mark.parametrize("op", TABLE)
def test_weights_are_described(op: str) -> None:
    """The rule of the weights names every weight that the example has."""
    node = next(n for n in loads(operation(op).spec, name=op).nodes if n.op.name == op)
    for name, p in node.weights:
        assert name == "" or p.shape == () or node.op.axes_of(name), name


def test_examples_show_arguments() -> None:
    """An operation with arguments has an example of its own."""
    for op in TABLE:
        if any(a != "axis" for a in find(op).arguments):
            assert example_of(op).layer != op or op in ("flatten", "global_avg_pool"), op


@pytest.mark.parametrize(
    ("names", "joint"),
    [
        (("conv1d", "conv2d", "conv3d"), "conv1d/2d/3d"),
        (("relu",), "relu"),
        (("lp_pool2d",), "lp_pool2d"),
    ],
)
def test_joint_name(names: tuple[str, ...], joint: str) -> None:
    assert joint_name(names) == joint


def test_page_is_up_to_date() -> None:
    """``NETSPEC_RENEW=1`` writes it anew, as ``netspec ops --format markdown -o docs/operations.md`` does."""
    text = operation_reference.as_markdown()
    if os.environ.get("NETSPEC_RENEW"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text


def test_json() -> None:
    every = json.loads(operation_reference.as_json())
    assert [op["name"] for op in every] == list(TABLE)
    dropout = json.loads(operation_reference.as_json("dropout"))
    assert dropout["arguments"] == [
        {
            "name": "rate",
            "doc": "fraction of values to drop in training",
            "must_be": "a number from 0 to 1",
            "default": "0.5",
            "primary": True,
        }
    ]
    assert dropout["spec"] == "netspec: 1\ninput: [512]\nlayers:\n  layer: {dropout: 0.5}\n"


def test_text() -> None:
    assert operation_reference.operation_text("depthwise_conv2d").splitlines()[:13] == [
        "depthwise_conv2d  convolution",
        "",
        "Convolution of each channel by multiplier filters of its own; with heads, of",
        "each head by the same.",
        "",
        "layer    {depthwise_conv2d: kernel, [stride], [padding], [dilation], [bias],",
        "         [padding_mode], [init], [multiplier], [heads], [axis]}",
        "inputs   one",
        "types    floating-point numbers; float32 where it has weights",
        "outputs  one",
        "size     channels * multiplier channels; floor((n + before + after - dilation *",
        "         (kernel - 1) - 1) / stride) + 1 along each axis; ceil(n / stride) for",
        "         same and causal",
    ]
    assert operation_reference.operation_text("depthwise_conv2d").endswith(
        "example\n  input: [64, 56, 56]\n  layers:\n"
        "    layer: {depthwise_conv2d: 3, stride: 2, padding: 1, bias: false}\n"
        "  # (64, 56, 56) -> (64, 28, 28); 576 parameters\n"
    )
