"""Every operation in every type of elements: what it declares is what PyTorch and ONNX accept.

ONNX's checker decides whether a file is valid. ONNX Runtime runs it, or ONNX's reference implementation where ONNX
Runtime lacks a kernel for CPUs.
"""

# onnx, onnxruntime and torch are typed in part, ml_dtypes not at all:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator

import netspec_torch
from netspec.backend import BackendError
from netspec.ir import Graph
from netspec.language.elaboration.inference import Inference
from netspec.ops import TABLE, ArgumentError, find
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.types import DTYPES, FLOATS, FULL_PRECISION, INTEGERS, TensorType, input_type
from tests.drafts import Draft

from .case import Case, opsets
from .cases import CASES
from .support import (
    Array,
    TrainedWeights,
    assert_described,
    assert_inferred,
    assert_types_allowed,
    run,
    write_onnx,
)
from .test_half import is_wrong_in_reference

BFLOAT16: Any = pytest.importorskip("ml_dtypes").bfloat16
OPSETS = (13, 23)
"""Both ends of the range; that of a file by default is checked, too."""
TYPED_WHEN_READ = ("formula",)
"""Operations that are made for the types of their inputs."""
CASES_OF = {
    op: list(cases)
    for op, cases in groupby(sorted(CASES, key=lambda c: c.op), key=lambda c: c.op)
    if op not in TYPED_WHEN_READ
}


def kinds(case: Case, dtype: str) -> tuple[TensorType, ...]:
    """The types of a case's inputs with elements of that type, but for indices; axes of smaller ones have no names."""
    indices = bool(case.args.get("index"))
    most = max(len(x.shape) for x in case.inputs)
    types = [input_type(x.shape) for x in case.inputs]
    types = [t if t.rank == most else t._replace(axes=("",) * t.rank) for t in types]
    return tuple(t._replace(dtype="int64" if indices and i else dtype) for i, t in enumerate(types))


def problem(case: Case, types: tuple[TensorType, ...]) -> str | None:
    """The code of the diagnostic about the types of the inputs; None if they are accepted.

    NS221 is that of a number that the type cannot hold: a padding of 1.5 among integers.
    """
    try:
        Inference().infer(case.op, case.args, types, False, 0, floating(types))
    except ShapeError as error:
        assert error.help, error.message
        return error.code
    except ArgumentError:
        return "NS221"
    return None


def floating(types: tuple[TensorType, ...]) -> str:
    """The floating-point type of the inputs, which the weights have, too; float32 if there is none."""
    return next((t.dtype for t in types if t.dtype in FLOATS), "float32")


def graph_of(case: Case, types: tuple[TensorType, ...]) -> Graph:
    """A network of the operation on inputs of those types."""
    draft = Draft("one", weight_type=floating(types))
    values: list[int] = []
    for i, kind in enumerate(types):
        values.append(draft.input(*kind.shape, name=f"x{i}"))
        draft.values[-1] = kind
    first = draft.add("op", case.op, *values, **case.args)
    return draft.graph(*range(first, len(draft.values)))


def sample(case: Case, types: tuple[TensorType, ...], batch: int) -> list[torch.Tensor]:
    """Random values of the case's ranges; valid indices."""
    out: list[torch.Tensor] = []
    for i, (x, kind) in enumerate(zip(case.inputs, types, strict=True)):
        numbers = x._replace(low=min(max(x.low, 0), x.high), dtype="int64" if x.dtype in INTEGERS else "float32")
        values = torch.from_numpy((numbers if kind.dtype in INTEGERS else x).sample(batch, i))
        out.append(values.to(getattr(torch, kind.dtype)))
    return out


def array(x: torch.Tensor) -> Array:
    """A tensor as an array."""
    return x.float().numpy().astype(BFLOAT16) if x.dtype == torch.bfloat16 else x.numpy()


def computed(path: Path, case: Case, feeds: dict[str, Array]) -> list[Array] | None:
    """The outputs of a file; None if ONNX Runtime lacks a kernel and the reference implementation is wrong."""
    if not any(x.dtype == BFLOAT16 for x in feeds.values()):
        try:
            return run(path, feeds)
        except Exception as error:  # its classes have no common base
            if not any(words in str(error) for words in ("NOT_IMPLEMENTED", "does not support double")):
                raise
    if is_wrong_in_reference(case):
        return None
    with np.errstate(all="ignore"):
        return [np.asarray(y) for y in ReferenceEvaluator(onnx.load(path)).run(None, feeds)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", CASES_OF)
def test_declared_types_work_in_both_backends(op: str, dtype: str, tmp_path: Path) -> None:
    """Whatever is accepted has the types and shapes of the graph in PyTorch and in the ONNX file, and equal values."""
    accepted = dtype in find(op).accepted(TABLE[op].window_rank)
    for case in CASES_OF[op]:
        types = kinds(case, dtype)
        code = problem(case, types)
        if case.args.get("antialias") and dtype in ("float16", "bfloat16"):
            continue  # PyTorch has no such kernel for CPUs
        if not accepted:
            assert code in ("NS548", "NS521")
            continue
        if code == "NS221":
            assert op in ("pad", "clamp", "rescale"), case.args
            assert dtype in INTEGERS
            continue
        if code in ("NS548", "NS587"):
            assert (op, dtype) not in (("rearrange", "float32"), ("rotary", "float32"))
            assert case.args.get("by") or case.args.get("angles"), "a mean of integers, or angles of half precision"
            continue
        assert code is None
        graph = graph_of(case, types)
        given = sample(case, types, 2)
        expected = _pytorch(graph, given)
        if dtype == "bfloat16":
            with pytest.raises(BackendError, match="bfloat16 needs opset 22 or later"):
                write_onnx(graph, tmp_path / "one.onnx", opset=opsets(op, *OPSETS)[0])
        for opset in (None, *opsets(op, *OPSETS)[dtype == "bfloat16" :]):
            path = write_onnx(graph, tmp_path / "one.onnx", opset=opset)
            model = onnx.load(path)
            assert_inferred(model)
            assert_described(graph, model)
            assert_types_allowed(model)
            outputs = computed(path, case, {f"x{i}": array(x) for i, x in enumerate(given)})
            for actual, reference in zip(outputs or expected, expected, strict=True):
                assert actual.dtype == reference.dtype
                assert actual.shape == reference.shape
                tolerance = {"float16": 1e-2, "bfloat16": 6e-2}.get(dtype, 1e-4)
                np.testing.assert_allclose(
                    actual.astype(np.float64), reference.astype(np.float64), rtol=tolerance, atol=tolerance
                )


def _pytorch(graph: Graph, given: list[torch.Tensor]) -> list[Array]:
    """The outputs of the module, whose types and shapes are checked."""
    module = netspec_torch.build(graph, weights=TrainedWeights()).eval()
    with torch.no_grad():
        result: Any = module(*given)
    outputs = [result] if isinstance(result, torch.Tensor) else [result[name] for name in graph.outputs]
    for y, value in zip(outputs, graph.outputs.values(), strict=True):
        kind = graph.values[value]
        assert str(y.dtype) == f"torch.{kind.dtype}"
        assert tuple(y.shape[1:]) == kind.shape
    return [array(y) for y in outputs]


@pytest.mark.parametrize(("op", "accepted"), [(op, find(op).accepted(TABLE[op].window_rank)) for op in CASES_OF])
def test_inputs_of_different_types_are_rejected(op: str, accepted: tuple[str, ...]) -> None:
    """Several inputs have one type, but for those that arguments name."""
    for case in CASES_OF[op]:
        types = kinds(case, accepted[0])
        for number in range(1, len(types)):
            for dtype in accepted[1:]:
                mixed = tuple(t._replace(dtype=dtype) if i == number else t for i, t in enumerate(types))
                code = problem(case, mixed)
                if (
                    case.args.get("like")
                    and find(op).arguments["like"].validator.kind == "layer"
                    and op != "max_unpool2d"
                ):
                    assert code is None
                elif case.args.get("sinks") and number >= 3:  # converted to the type of the scores; a mask is not
                    is_mask = bool(case.args.get("mask")) and number == 3
                    assert code == ("NS565" if is_mask and dtype != "bool" else None)
                elif case.args.get("mask") and number == len(types) - 1:
                    assert code == (None if dtype == "bool" else "NS565")
                elif case.args.get("angles"):
                    assert code == (None if dtype in FULL_PRECISION else "NS587")
                elif case.args.get("index"):
                    assert code == (None if dtype in INTEGERS else "NS521")
                else:
                    assert code == "NS515"
