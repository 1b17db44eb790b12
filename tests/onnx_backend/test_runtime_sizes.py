"""Sizes that a file computes from the shapes of its inputs."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]  # it has no types
import pytest

from netspec.ir import Graph
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import is_named, minimum
from netspec_onnx.builder.emitter import Emitter
from netspec_onnx.builder.runtime_sizes import RuntimeSizes
from netspec_onnx.builder.size_bounds import bounds
from netspec_onnx.builder.value_info import input_value
from tests.drafts import Draft

from .support import Array

DIMS = (NamedDim("H", 20), NamedDim("W", 32, multiple_of=8), NamedDim("n", 9, min=3, max=50))


def named_graph() -> tuple[Graph, NamedSizes]:
    """An image of H by W, and a sequence of n."""
    named = NamedSizes(DIMS)
    draft = Draft("sizes")
    draft.input(3, named.size("H"), named.size("W"), name="image")
    draft.input(named.size("n"), name="tokens", dtype="int64")
    return replace(draft.graph(0), dims=named.dims), named


def random_size(named: NamedSizes, random: Random, depth: int) -> int:
    """A random formula, whose parts may be negative."""
    if depth == 0:
        return random.choice([named.size("H"), named.size("W"), named.size("n"), random.randint(-9, 40)])
    a, b = random_size(named, random, depth - 1), random_size(named, random, depth - 1)
    kind = random.choice("++--*/%m")
    if kind == "+":
        return a + b
    if kind == "-":
        return a - b
    if kind == "*":
        return a * (random.randint(-4, 5) if depth > 1 else b)
    if kind == "/":
        return a // random.choice((2, 3, 4, 7, 8, 32, -3))
    if kind == "%":
        return a % random.choice((2, 3, 5, 32))
    return minimum(a, random.randint(-5, 40)) if is_named(a) else a


def model_of(graph: Graph, sizes: list[int], opset: int) -> onnx.ModelProto:
    """A model whose outputs are sizes: each as a vector and as a scalar, and all of them as a list."""
    emitter = Emitter(graph, opset)
    runtime = RuntimeSizes(emitter)
    for name, number in graph.inputs.items():
        kind = graph.values[number]
        emitter.values[number] = emitter.types[name] = input_value(name, kind.dtype, kind.shape)
    reference = [x for n in sizes if is_named(n) for x in (runtime.vector(n), runtime.scalar(n))]
    reference.append(runtime.list(sizes))
    emitter.finish(weightless=False)
    del emitter.proto.output[:]
    for value in {v.name: v for v in reference}.values():
        emitter.proto.output.add().CopyFrom(
            onnx.helper.make_tensor_value_info(value.name, onnx.TensorProto.INT64, value.shape)
        )
    infos = [v for v in emitter.proto.value_info if v.name not in {v.name for v in reference}]
    del emitter.proto.value_info[:]
    emitter.proto.value_info.extend(infos)
    model = onnx.helper.make_model(emitter.proto, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def opened(model: onnx.ModelProto) -> Any:
    """The model in ONNX Runtime."""
    return ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def computed(file: Any, values: dict[str, int]) -> dict[str, Array]:
    """The outputs of the model at sizes of the names."""
    image = np.zeros((2, 3, values["H"], values["W"]), np.float32)
    tokens = np.zeros((2, values["n"]), np.int64)
    names = [o.name for o in file.get_outputs()]
    return dict(zip(names, file.run(None, {"image": image, "tokens": tokens}), strict=True))


def random_values(random: Random) -> dict[str, int]:
    return {"H": random.randint(1, 60), "W": 8 * random.randint(1, 9), "n": random.randint(3, 50)}


@pytest.mark.parametrize("opset", [13, 14, 15, 20])
def test_random_formulas(opset: int) -> None:
    random, checked, negative = Random(opset), 0, 0
    for _ in range(25):
        graph, named = named_graph()
        sizes = [n for n in (random_size(named, random, random.randint(1, 4)) for _ in range(6)) if is_named(n)]
        if not sizes:
            continue
        file = opened(model_of(graph, [7, *sizes, -1], opset))
        for values in [random_values(random) for _ in range(6)]:
            outputs = computed(file, values)
            *parts, whole = outputs.values()
            expected = [n.at(values) for n in sizes]
            assert whole.tolist() == [7, *expected, -1], (sizes, values)
            assert {y.ndim for y in parts} <= {0, 1}
            by_name = {str(n): n.at(values) for n in sizes}
            for name, y in outputs.items():
                text = name.removeprefix("sizes/").removesuffix("/scalar")
                if text in by_name:
                    assert y.item() == by_name[text]
                    checked += 1
            for size, number in zip(sizes, expected, strict=True):
                low, high = bounds(size, graph.dims)
                assert low <= number <= high
                negative += number < 0
    assert checked > 300
    assert negative > 60


def test_a_floor_of_a_negative_number() -> None:
    """``Div`` rounds towards zero, a size is rounded down."""
    graph, named = named_graph()
    height, length = named.size("H"), named.size("n")
    size = (length - 2 * height) // 5
    assert is_named(size)
    model = model_of(graph, [size], 20)
    assert [n.op_type for n in model.graph.node].count("Mod") == 1
    file = opened(model)
    for values in ({"H": 12, "W": 8, "n": 3}, {"H": 1, "W": 8, "n": 50}, {"H": 14, "W": 8, "n": 3}):
        assert computed(file, values)["sizes/" + str(size)].item() == size.at(values)


def test_parts_are_computed_once() -> None:
    graph, named = named_graph()
    height = named.size("H")
    quarter = (height + 3) // 4
    model = model_of(graph, [quarter, quarter - 1, quarter * 2, 3 - quarter, (height + 3) // 8], 20)
    kinds = [n.op_type for n in model.graph.node]
    assert kinds.count("Shape") == 1
    assert kinds.count("Div") == 2
    assert "sizes/(H + 3)//4" in {n.name for n in model.graph.node}


def test_a_promised_multiple_is_divided_exactly() -> None:
    graph, named = named_graph()
    width = named.size("W")
    model = model_of(graph, [width // 2, width // 8 * 3, width // 16], 20)
    assert [n.op_type for n in model.graph.node].count("Mod") == 0
    assert computed(opened(model), {"H": 1, "W": 24, "n": 3})["sizes/list"].tolist() == [12, 9, 1]


def test_sizes_without_a_formula_that_fits_a_name_are_numbered() -> None:
    graph, named = named_graph()
    size = named.size("H")
    for divisor in (2, 3, 5, 7, 11, 13, 17, 19):
        size = size + named.size("H") // divisor
    names = [n.name for n in model_of(graph, [size], 20).graph.node]
    assert max(map(len, names)) < 80
    assert "sizes/sum" in names
