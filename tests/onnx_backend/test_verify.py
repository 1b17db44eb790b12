"""Verifying a file."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import netspec_onnx
from netspec.backend import BackendError, Need, find
from netspec.ir import Graph
from netspec.weights.weight_source import SeedSource
from netspec_onnx.verification import verify as module
from netspec_onnx.verification.differences import Difference, difference
from netspec_onnx.verification.random_inputs import random_inputs
from netspec_onnx.verification.verify import verify
from tests.drafts import Draft

from .support import TrainedWeights, write_onnx


def graph() -> Graph:
    draft = Draft()
    x = draft.add("conv", "conv2d", draft.input(3, 8, 8, name="x"), filters=4, kernel=3)
    x = draft.add("norm", "batch_norm", x, activation="relu")
    draft.add("fc", "dense", draft.add("flat", "flatten", x), units=5)
    return draft.graph()


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"dtype": "float16"}, {"external_data": True}])
def test_a_file_agrees_with_pytorch(options: dict[str, bool | str], tmp_path: Path) -> None:
    path = write_onnx(graph(), tmp_path / "net.onnx", **options)
    result = verify(graph(), path, TrainedWeights())
    assert result.against == "PyTorch"
    assert not result.problems
    (difference,) = result.differences
    assert difference.relative < (1e-5 if "dtype" not in options else 1e-2)
    assert re.fullmatch(
        r"ONNX Runtime: shapes as in the spec and values as PyTorch's at batch sizes 1 and 2; "
        r"largest difference [\d.e-]+ \([\d.e-]+ of the largest value\) in 'output'",
        result.lines()[0],
    )


def test_a_changed_number_is_reported(tmp_path: Path) -> None:
    path = write_onnx(graph(), tmp_path / "net.onnx")
    model = onnx.load(path)
    bias = next(t for t in model.graph.initializer if t.name == "fc.bias")
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) + np.float32(1), bias.name))
    onnx.save(model, path)
    result = verify(graph(), path, TrainedWeights())
    assert len(result.problems) == 1
    assert re.fullmatch(
        r"'output' differs from PyTorch's by 1, \S+ of its largest value; 0.0001 is allowed", result.lines()[0]
    )


def nearly_equal(second: float = 3) -> Graph:
    """Each value is moved to the position of a window's maximum, 3; with ``second`` = 3 two numbers are equal."""
    draft = Draft()
    x = draft.input(1, 2, 2, name="x")
    tie = draft.add(
        "tie", "parameter", shape=[1, 4, 4], init=[[[3, second, 0, 0], [1, 0, 2, 0], [0, 1, 1, 0], [0, 0, 0, 0]]]
    )
    draft.add("put", "max_unpool2d", x, tie, size=2, like=True)
    return draft.graph()


def test_an_output_that_depends_on_rounding_is_not_wrong(tmp_path: Path) -> None:
    path = write_with_other_number(tmp_path, np.nextafter(np.float32(3), np.float32(4)))
    result = verify(nearly_equal(), path, SeedSource(0))
    assert not result.problems
    (sensitive,) = result.rounding_sensitive
    assert sensitive.difference.relative > 0.5
    first_line, second_line = result.lines()
    assert first_line == "ONNX Runtime: shapes as in the spec at batch sizes 1 and 2"
    assert re.fullmatch(
        r"'output' depends on rounding: 12\.50% of its values differ by more than 0\.0001 of the largest value, at most by "
        r"\S+ of it\. PyTorch's own values differ as much \(12\.50%, at most by \S+\) when weights and inputs change in the "
        r"last digits of single precision: two numbers are nearly equal, and rounding decides which one is larger",
        second_line,
    )


def test_an_output_that_does_not_depend_on_rounding_is_wrong(tmp_path: Path) -> None:
    result = verify(nearly_equal(2.9), write_with_other_number(tmp_path, np.float32(3.1)), SeedSource(0))
    assert not result.rounding_sensitive
    assert re.fullmatch(
        r"'output' differs from PyTorch's by \S+, \S+ of its largest value; 0.0001 is allowed", result.lines()[0]
    )


def write_with_other_number(folder: Path, second: np.float32) -> Path:
    """The file of :func:`tied` with another number for the second of those that are equal."""
    path = folder / "net.onnx"
    netspec_onnx.export(nearly_equal(), path)
    model = onnx.load(path)
    tie = next(t for t in model.graph.initializer if t.name == "tie")
    numbers = numpy_helper.to_array(tie).copy()
    numbers[0, 0, 1] = second
    tie.CopyFrom(numpy_helper.from_array(numbers, tie.name))
    onnx.save(model, path)
    return path


def test_outputs_that_hardly_depend_on_inputs_are_reported(tmp_path: Path) -> None:
    """As in a deep network of small weights, whose output is little more than the last bias."""
    draft = Draft()
    x = draft.add("fc1", "dense", draft.input(4, name="x"), units=4, init={"normal": 1e-5}, bias=False)
    draft.add("fc2", "dense", x, units=3)
    path = write_onnx(draft.graph(), tmp_path / "net.onnx")
    lines = verify(draft.graph(), path, TrainedWeights()).lines()
    assert re.fullmatch(
        r"'output' changes by only [\d.e-]+ of its largest value from one random input to another: with these weights its "
        r"agreement says little about the layers before it",
        lines[1],
    )


def test_a_wrong_shape_is_reported(tmp_path: Path) -> None:
    path = write_onnx(graph(), tmp_path / "net.onnx")
    other_graph = graph()
    kinds = (*other_graph.values[:-1], other_graph.values[-1].with_shape((6,)))
    result = verify(replace(other_graph, values=kinds), path, TrainedWeights())
    assert result.problems[0] == "'output' has shape (1, 5) in ONNX Runtime; (6,) is expected"


def test_a_file_without_weights_cannot_be_run(tmp_path: Path) -> None:
    path = write_onnx(graph(), tmp_path / "net.onnx", weights=False)
    with pytest.raises(
        BackendError, match=r": a file without weights cannot be run; 'conv.bias' is one of its inputs$"
    ):
        verify(graph(), path, TrainedWeights())


def test_a_file_that_onnx_runtime_rejects(tmp_path: Path) -> None:
    path = write_onnx(graph(), tmp_path / "net.onnx", dtype="bfloat16")
    with pytest.raises(BackendError, match=r": ONNX Runtime cannot run the file: .*NOT_IMPLEMENTED"):
        verify(graph(), path, TrainedWeights())


def test_without_pytorch_an_optimised_file_is_compared_with_the_plain_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = find("torch")

    def missing_libraries(needs: Sequence[Need]) -> list[Need]:
        return list(needs) if needs is torch.needs else []

    monkeypatch.setattr(module, "missing_libraries", missing_libraries)
    path = write_onnx(graph(), tmp_path / "net.onnx", optimize=True)
    result = verify(graph(), path, TrainedWeights())
    assert (result.against, result.problems) == ("the plain file", ())
    assert "values as the plain file's" in result.lines()[0]


def test_differences() -> None:
    inf, nan = np.float32("inf"), np.float32("nan")
    assert difference("y", np.array([1.0, inf, nan]), np.array([1.5, inf, nan])) == Difference(
        "y", 0.5, 1 / 3, 1 / 9, 1 / 3
    )
    assert difference("y", np.array([nan]), np.array([1.0])).largest == float("inf")
    assert difference("y", np.zeros(3), np.zeros(2)).largest == float("inf")
    assert difference("y", np.zeros(3), np.zeros(3)) == Difference("y", 0.0, 0.0, 0.0, 0.0)


def test_differences_of_many_values() -> None:
    """More than one piece: the scale is that of them all."""
    expected = np.ones(3_000_000)
    expected[-1] = 4
    result = expected.copy()
    result[:300] += 0.001
    result[2_000_000] = 3
    far = difference("y", result, expected)
    assert far == Difference("y", 2, 0.5, far.mean, 301 / 3e6)
    assert far.mean == pytest.approx(2.3 / 4 / 3e6)


def test_whole_numbers_stay_within_their_tables() -> None:
    draft = Draft()
    tokens = draft.input(5, name="tokens", dtype="int64")
    kinds = draft.input(5, name="kinds", dtype="int32")
    flags = draft.input(5, name="flags", dtype="bool")
    first_line = draft.add("first", "slice", tokens, axis=[0], stop=[3])
    draft.add("words", "embedding", first_line, vocabulary=7, width=2)
    table = draft.add("table", "parameter", shape=[4, 2])
    draft.add("found", "gather", table, kinds, axis=0, index=True)
    draft.add("all", "max", flags)
    feeds = random_inputs(draft.graph(), 50)
    assert {n: (str(x.dtype), x.shape) for n, x in feeds.items()} == {
        "tokens": ("int64", (50, 5)),
        "kinds": ("int32", (50, 5)),
        "flags": ("bool", (50, 5)),
    }
    assert (feeds["tokens"].min(), feeds["tokens"].max()) == (0, 6)
    assert (feeds["kinds"].min(), feeds["kinds"].max()) == (0, 3)


def test_the_backend_offers_it(tmp_path: Path) -> None:
    path = write_onnx(graph(), tmp_path / "net.onnx")
    assert netspec_onnx.backend.verify(graph(), path, TrainedWeights()).against == "PyTorch"
