"""Running a file and comparing it."""

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

from .support import Drawn, written


def graph() -> Graph:
    draft = Draft()
    x = draft.add("conv", "conv2d", draft.input(3, 8, 8, name="x"), filters=4, kernel=3)
    x = draft.add("norm", "batch_norm", x, activation="relu")
    draft.add("fc", "dense", draft.add("flat", "flatten", x), units=5)
    return draft.graph()


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"dtype": "float16"}, {"external_data": True}])
def test_a_file_is_as_pytorch_says(options: dict[str, bool | str], tmp_path: Path) -> None:
    path = written(graph(), tmp_path / "net.onnx", **options)
    found = verify(graph(), path, Drawn())
    assert found.against == "PyTorch"
    assert not found.problems
    (difference,) = found.differences
    assert difference.relative < (1e-5 if "dtype" not in options else 1e-2)
    assert re.fullmatch(
        r"ONNX Runtime: shapes as in the spec and values as PyTorch's at batch sizes 1 and 2; "
        r"largest difference [\d.e-]+ \([\d.e-]+ of the largest value\) in 'output'", found.lines()[0],
    )


def test_a_changed_number_is_found(tmp_path: Path) -> None:
    path = written(graph(), tmp_path / "net.onnx")
    model = onnx.load(path)
    bias = next(t for t in model.graph.initializer if t.name == "fc.bias")
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) + np.float32(1), bias.name))
    onnx.save(model, path)
    found = verify(graph(), path, Drawn())
    assert len(found.problems) == 1
    assert re.fullmatch(
        r"'output' differs from PyTorch's by 1, \S+ of its largest value; 0.0001 is allowed", found.lines()[0]
    )


def tied(second: float = 3) -> Graph:
    """Each value goes where a window has its maximum, 3; two of four numbers are equal if the second is 3 too."""
    draft = Draft()
    x = draft.input(1, 2, 2, name="x")
    tie = draft.add("tie", "parameter", shape=[1, 4, 4], init=[[[3, second, 0, 0], [1, 0, 2, 0], [0, 1, 1, 0], [0, 0, 0, 0]]])
    draft.add("put", "max_unpool2d", x, tie, size=2, like=True)
    return draft.graph()


def test_a_tie_that_rounding_decides_is_told_apart(tmp_path: Path) -> None:
    path = tied_otherwise(tmp_path, np.nextafter(np.float32(3), np.float32(4)))
    found = verify(tied(), path, SeedSource(0))
    assert not found.problems
    (sensitive,) = found.rounding_sensitive
    assert sensitive.difference.relative > 0.5
    first, then = found.lines()
    assert first == "ONNX Runtime: shapes as in the spec at batch sizes 1 and 2"
    assert re.fullmatch(
        r"'output' depends on rounding: 12\.50% of its values differ by more than 0\.0001 of the largest value, at most by "
        r"\S+ of it\. PyTorch's own values differ as much \(12\.50%, at most by \S+\) when weights and inputs change in the "
        r"last digits of single precision: two numbers are nearly equal, and rounding decides which one is larger", then,
    )


def test_what_rounding_does_not_decide_is_wrong(tmp_path: Path) -> None:
    found = verify(tied(2.9), tied_otherwise(tmp_path, np.float32(3.1)), SeedSource(0))
    assert not found.rounding_sensitive
    assert re.fullmatch(r"'output' differs from PyTorch's by \S+, \S+ of its largest value; 0.0001 is allowed", found.lines()[0])


def tied_otherwise(folder: Path, second: np.float32) -> Path:
    """The file of :func:`tied` with another number for the second of those that are equal."""
    path = folder / "net.onnx"
    netspec_onnx.export(tied(), path)
    model = onnx.load(path)
    tie = next(t for t in model.graph.initializer if t.name == "tie")
    numbers = numpy_helper.to_array(tie).copy()
    numbers[0, 0, 1] = second
    tie.CopyFrom(numpy_helper.from_array(numbers, tie.name))
    onnx.save(model, path)
    return path


def test_inputs_that_hardly_matter_are_told(tmp_path: Path) -> None:
    """As in a deep network of small weights, where the last bias is all that comes out."""
    draft = Draft()
    x = draft.add("fc1", "dense", draft.input(4, name="x"), units=4, init={"normal": 1e-5}, bias=False)
    draft.add("fc2", "dense", x, units=3)
    path = written(draft.graph(), tmp_path / "net.onnx")
    lines = verify(draft.graph(), path, Drawn()).lines()
    assert re.fullmatch(
        r"'output' changes by only [\d.e-]+ of its largest value from one random input to another: with these weights its "
        r"agreement says little about the layers before it", lines[1],
    )


def test_another_shape_is_found(tmp_path: Path) -> None:
    path = written(graph(), tmp_path / "net.onnx")
    other = graph()
    kinds = (*other.values[:-1], other.values[-1].with_shape((6,)))
    found = verify(replace(other, values=kinds), path, Drawn())
    assert found.problems[0] == "'output' has shape (1, 5) in ONNX Runtime; (6,) is expected"


def test_a_file_without_weights_cannot_be_run(tmp_path: Path) -> None:
    path = written(graph(), tmp_path / "net.onnx", weights=False)
    with pytest.raises(BackendError, match=r": a file without weights cannot be run; 'conv.bias' is one of its inputs$"):
        verify(graph(), path, Drawn())


def test_what_onnx_runtime_refuses(tmp_path: Path) -> None:
    path = written(graph(), tmp_path / "net.onnx", dtype="bfloat16")
    with pytest.raises(BackendError, match=r": ONNX Runtime cannot run the file: .*NOT_IMPLEMENTED"):
        verify(graph(), path, Drawn())


def test_without_pytorch_an_optimised_file_is_held_against_the_plain_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = find("torch")

    def missing_libraries(needs: Sequence[Need]) -> list[Need]:
        return list(needs) if needs is torch.needs else []

    monkeypatch.setattr(module, "missing_libraries", missing_libraries)
    path = written(graph(), tmp_path / "net.onnx", optimize=True)
    found = verify(graph(), path, Drawn())
    assert (found.against, found.problems) == ("the plain file", ())
    assert "values as the plain file's" in found.lines()[0]


def test_differences() -> None:
    inf, nan = np.float32("inf"), np.float32("nan")
    assert difference("y", np.array([1.0, inf, nan]), np.array([1.5, inf, nan])) == Difference("y", 0.5, 1 / 3, 1 / 9, 1 / 3)
    assert difference("y", np.array([nan]), np.array([1.0])).largest == float("inf")
    assert difference("y", np.zeros(3), np.zeros(2)).largest == float("inf")
    assert difference("y", np.zeros(3), np.zeros(3)) == Difference("y", 0.0, 0.0, 0.0, 0.0)


def test_differences_of_many_values() -> None:
    """More than one piece: the scale is that of them all."""
    wanted = np.ones(3_000_000)
    wanted[-1] = 4
    found = wanted.copy()
    found[:300] += 0.001
    found[2_000_000] = 3
    far = difference("y", found, wanted)
    assert far == Difference("y", 2, 0.5, far.mean, 301 / 3e6)
    assert far.mean == pytest.approx(2.3 / 4 / 3e6)


def test_whole_numbers_stay_within_their_tables() -> None:
    draft = Draft()
    tokens = draft.input(5, name="tokens", dtype="int64")
    kinds = draft.input(5, name="kinds", dtype="int32")
    flags = draft.input(5, name="flags", dtype="bool")
    first = draft.add("first", "slice", tokens, axis=[0], stop=[3])
    draft.add("words", "embedding", first, vocabulary=7, width=2)
    table = draft.add("table", "parameter", shape=[4, 2])
    draft.add("found", "gather", table, kinds, axis=0, index=True)
    draft.add("all", "max", flags)
    feeds = random_inputs(draft.graph(), 50)
    assert {n: (str(x.dtype), x.shape) for n, x in feeds.items()} == {
        "tokens": ("int64", (50, 5)), "kinds": ("int32", (50, 5)), "flags": ("bool", (50, 5)),
    }
    assert (feeds["tokens"].min(), feeds["tokens"].max()) == (0, 6)
    assert (feeds["kinds"].min(), feeds["kinds"].max()) == (0, 3)


def test_the_backend_offers_it(tmp_path: Path) -> None:
    path = written(graph(), tmp_path / "net.onnx")
    assert netspec_onnx.backend.verify(graph(), path, Drawn()).against == "PyTorch"
