"""Every operation in a file whose sizes are known only at run time, at several sizes against PyTorch."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from zlib import crc32

import pytest

from netspec.checking.spec import Spec
from netspec.ir import Graph
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.sizes import is_named
from netspec.shapes.types import input_type

from .case import Case, opsets
from .cases import CASES
from .named import assert_agrees, assert_shapes_at, is_legal, legal_values, write_named
from .named_specs import NAMED_SPECS
from .support import TrainedWeights, single_operation
from .test_operators import ids

OPSETS = (13, 20)


def named_operation(case: Case) -> Graph | None:
    """The graph of a case with a name for each size of an axis but the channels; None if it needs numbers."""
    named = NamedSizes({NamedDim(f"n{n}", n) for x in case.inputs for n in x.shape if n > 1}, fix=True)
    inputs = tuple(
        x._replace(shape=tuple(
            named.size(f"n{n}") if n > 1 and a != input_type(x.shape, x.dtype, False).channel else n
            for a, n in enumerate(x.shape)
        ))
        for x in case.inputs
    )  # fmt: skip
    try:
        graph = single_operation(case.op, inputs, case.args)
    except ShapeError:
        return None
    mentioned = {m for t in graph.values for n in t.shape if is_named(n) for m in n.mentions()}
    dims = {name: dim for name, dim in named.dims.items() if name in mentioned}
    return replace(graph, dims=dims, conditions=tuple(named.conditions)) if dims else None


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_one_file_for_all_sizes(case: Case, tmp_path: Path) -> None:
    graph = named_operation(case)
    if graph is None:
        pytest.skip("needs numbers")
    random = Random(crc32(ids(case).encode()))
    sizes = legal_values(graph, random, 3, 300)
    opset = random.choice(opsets(case.op, *OPSETS))
    write_named(graph, tmp_path / "one.onnx", TrainedWeights(), opset=opset)
    assert_agrees(tmp_path / "one.onnx", TrainedWeights(), graph.at, sizes, low=min(x.low for x in case.inputs))
    assert_shapes_at(tmp_path / "one.onnx", graph, sizes[-1])


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", NAMED_SPECS)
def test_one_file_for_all_sizes_of_a_spec(name: str, opset: int, tmp_path: Path) -> None:
    spec = Spec(f"{name}.yaml", f"netspec: 1\nname: {name}\n{NAMED_SPECS[name]}\n")
    graph = elaborated(spec, {})
    sizes = legal_values(graph, Random(crc32(name.encode())), 4)
    assert len(sizes) == 4
    sizes.append({name: dim.default for name, dim in graph.dims.items()})
    sizes += [values for n in (1, 2, 3) if is_legal(graph, values := dict.fromkeys(graph.dims, n))]
    path = tmp_path / "net.onnx"
    write_named(graph, path, TrainedWeights(), opset=opset)
    change = assert_agrees(path, TrainedWeights(), lambda values: elaborated(spec, values), sizes)
    assert change > 1e-3
    assert_shapes_at(path, graph, sizes[0])


def elaborated(spec: Spec, sizes: Mapping[str, int]) -> Graph:
    """The network, with numbers for the names that have one: what ``--at`` does."""
    result = spec.elaborate(sizes=sizes)
    assert result.graph is not None, [str(d) for d in result.diagnostics]
    return result.graph
