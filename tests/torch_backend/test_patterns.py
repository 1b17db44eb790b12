"""Random patterns in PyTorch against their definition."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import torch

import netspec_torch
from netspec.ops.pattern import Patterned, Rearrange
from netspec.shapes.types import input_type
from tests.onnx_backend.support import Input, single_operation
from tests.ops.brute_force import evaluate
from tests.random_networks.random_arguments import Placement
from tests.random_networks.random_patterns import random_pattern, random_product


def assert_as_defined(op: str, shapes: list[tuple[int, ...]], args: dict[str, Any]) -> None:
    graph = single_operation(op, tuple(Input(shape) for shape in shapes), args)
    node = graph.nodes[-1]
    assert isinstance(node.op, Patterned)
    sizes = node.op.layout(graph.inputs_of(node)).sizes
    inputs = [Input(shape).sample(2, number) for number, shape in enumerate(shapes)]
    by = (node.op.by if isinstance(node.op, Rearrange) else None) or "sum"
    expected = [evaluate(args["pattern"], sizes, by, [x[i] for x in inputs]) for i in range(2)]
    actual = netspec_torch.build(graph)(*[torch.from_numpy(x) for x in inputs]).numpy()
    np.testing.assert_allclose(actual, np.stack(expected), rtol=1e-5, atol=1e-5, err_msg=str(args))


def test_rearrangements() -> None:
    for number in range(120):
        r = Random(number)
        shape = tuple(r.choice([1, 2, 3, 4, 6]) for _ in range(r.randint(0, 3)))
        placement = Placement(r, "rearrange", input_type(shape), False)
        pattern = random_pattern(placement)
        assert_as_defined("rearrange", [shape], {"pattern": pattern, **placement.args})


def test_products() -> None:
    for number in range(80):
        r = Random(number)
        shape = tuple(r.choice([1, 2, 3, 4]) for _ in range(r.randint(0, 3)))
        pattern, shapes, sizes = random_product(r, shape)
        assert_as_defined("einsum", [shape, *map(tuple, shapes)], {"pattern": pattern, **sizes})
