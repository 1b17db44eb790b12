"""Hostile and damaged files: each is refused with a diagnostic, in little time, whatever is in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from netspec.importing import ImportRefused
from netspec.importing.readers import Request
from netspec.importing.result import import_source
from netspec_onnx.reading import reader

from .fuzz import mutant, outcome
from .malformed_models import (
    exponential,
    huge_constant,
    long_names_of_functions,
    many_nodes,
    no_utf8,
    plain,
    product_of_constants,
    recursive,
    sequence_input,
    with_tensor,
)
from .support import model, node, random, refusal

REFUSED: dict[str, tuple[Callable[[], onnx.ModelProto | bytes], str]] = {
    "nothing": (lambda: b"", "error[NS860]: this is not an ONNX model: it has no graph"),
    "no protobuf": (lambda: b"\xff\x00not a model", "error[NS860]: this is not an ONNX model: it is truncated"),
    "truncated": (lambda: plain().SerializeToString()[:-9], "error[NS8"),
    "too few bytes": (lambda: with_tensor(raw_data=b"\0" * 12), "error[NS846]: tensor 'w' of shape [4] has 12 bytes"),
    "2 GB declared": (
        lambda: with_tensor(dims=[2**29]), "error[NS846]: tensor 'w' of shape [536870912] has 16 bytes of data"),
    "more than memory": (lambda: with_tensor(dims=[2**40, 2**20]), "error[NS861]: tensor 'w' of shape"),
    "a negative size": (lambda: with_tensor(dims=[-4]), "error[NS846]: tensor 'w' has the shape [-4]"),
    "texts": (lambda: with_tensor(data_type=TensorProto.STRING), "error[NS844]: tensor 'w' has the unsupported type STRING"),
    "no such type": (lambda: with_tensor(data_type=99), "error[NS844]: tensor 'w' has the unsupported type type 99"),
    "a cycle": (
        lambda: model([node("Add", "x b", "a"), node("Relu", "a", "b"), node("Relu", "b")], {"x": ("N", 4)}),
        "error[NS846]: the graph has a cycle: Add 'a' depends on its own output",
    ),
    "a missing name": (
        lambda: model([node("Relu", "z")], {"x": ("N", 4)}), "error[NS846]: Relu 'y' reads 'z', which no node writes"),
    "a name twice": (
        lambda: model([node("Relu", "x"), node("Relu", "x")], {"x": ("N", 4)}), "error[NS846]: two nodes write 'y'"),
    "an output of nobody": (
        lambda: model([node("Relu", "x")], {"x": ("N", 4)}, outputs=["z"]),
        "error[NS846]: output: no node writes this output",
    ),
    "control characters": (
        lambda: model([node("Relu", "\x1b[2J\n")], {"x": ("N", 4)}), "reads '\ufffd[2J', which no node writes"),
    "a long name": (lambda: model([node("Relu", "x", "y" * 500)], {"x": ("N", 4)}), "error[NS846]: a name has 500"),
    "recursion": (recursive, "error[NS846]: function 'F' calls itself"),
    "exponential functions": (exponential, "error[NS861]: the graph has more than 100,000 nodes"),
    "too many nodes": (many_nodes, "error[NS861]: the graph has more than 100,000 nodes"),
    "a sequence": (sequence_input, "error[NS846]: input 'x' is not a tensor with a known number of axes"),
    "an old operator set": (
        lambda: model([node("Relu", "x")], {"x": ("N", 4)}, opset=6), "error[NS864]: operator set 6 is not supported; the earliest is 7"),
    "an unknown operator": (
        lambda: model([node("Newest", "x")], {"x": ("N", 4)}), "error[NS841]: Newest: netspec has no such operator"),
    "an unknown domain": (
        lambda: model([helper.make_node("Op", ["x"], ["y"], domain="org.own")], {"x": ("N", 4)}, domains=["org.own"]),
        "error[NS841]: org.own.Op: netspec has no such operator",
    ),
    "a huge constant": (huge_constant, "error[NS874]: ConstantOfShape: a constant of 1,152,921,504,606,846,976 elements"),
    "a missing input": (lambda: model([node("Conv", "x")], {"x": ("N", 4, 8)}), "error[NS846]: Conv: input 1 is missing"),
    "weights that do not fit": (
        lambda: model([node("Conv", "x w")], {"x": ("N", 4, 8)}, {"w": random(8, 3, 3)}),
        "tensor 'w.weight' has the shape [8, 3, 3]; 'conv1d' requires [8, 4, 3]",
    ),
    "sizes that do not fit": (
        lambda: model([node("Reshape", "x s")], {"x": ("N", 4)}, {"s": np.array([-1, 5])}), "error[NS8"),
    "a shape of data": (
        lambda: model(
            [node("Cast", "x", "s", to=TensorProto.INT64), node("Expand", "c s")], {"x": (2,)}, {"c": random(1, 1)}),
        "error[NS845]: Expand: the shape depends on the data",
    ),
    "a loop": (
        lambda: model([node("Loop", "n c x", body=plain().graph)], {"x": ("N", 4)}, {"n": np.array(3), "c": np.array(True)}),
        "error[NS870]: Loop: loops have no equivalent",
    ),
    "a branch of data": (
        lambda: model(
            [node("If", "x", then_branch=plain().graph, else_branch=plain().graph)], {"x": ()}, types={"x": 9}),
        "error[NS870]: If: the branch depends on the data",
    ),
    "quantised activations": (
        lambda: model([node("QuantizeLinear", "x s", "q"), node("DequantizeLinear", "q s")], {"x": ("N", 4)},
                      {"s": np.array(0.1, np.float32)}),
        "error[NS871]: QuantizeLinear: quantised activations have no equivalent",
    ),
    "a quantised operator": (
        lambda: model([node("ConvInteger", "x x")], {"x": ("N", 4)}), "quantised operators have no equivalent"),
}  # fmt: skip


MALFORMED = "  = help: the file violates the ONNX format: onnx.checker.check_model(path) may say more"
FULL: dict[str, tuple[Callable[[], onnx.ModelProto | bytes], str]] = {
    "an attribute of another type": (
        lambda: model([node("Softmax", "x", axis="last")], {"x": ("N", 4)}),
        f"error[NS846]: attribute 'axis' of Softmax is of type STRING; ONNX has INT\n{MALFORMED}",
    ),
    "an operator set of the future": (
        lambda: model([node("Relu", "x")], {"x": ("N", 4)}, opset=999),
        f"error[NS864]: operator set 999 is unknown; the latest is {onnx.defs.onnx_opset_version()}\n"
        "  = help: export the model with an earlier one, or update the onnx package",
    ),
    "bytes for a name": (no_utf8, f"error[NS846]: a name is not UTF-8\n{MALFORMED}"),
    "names of functions": (
        long_names_of_functions,
        f"error[NS846]: the names of functions in functions have 1,175 characters: 'y/{'n' * 57}…'\n{MALFORMED}",
    ),
    "an endless range": (
        lambda: model([node("Range", "a b c", "d"), node("Add", "x d")], {"x": ("N", 4)},
                      dict(zip("abc", np.array([0, np.inf, 1], np.float32), strict=True))),
        "error[NS846]: Range: its attributes or inputs are invalid: cannot convert float infinity to integer\n"
        f"  = Range 'd'\n{MALFORMED}",
    ),
    "an axis that is not there": (
        lambda: model([node("Concat", "x x", axis=9)], {"x": ("N", 4)}),
        "error[NS846]: Concat: axis 9 is outside of a tensor with 2 axes\n  = Concat 'y'\n" + MALFORMED,
    ),
    "a gain for 2^40 channels": (
        lambda: model([node("GroupNormalization", "x s b", num_groups=2)], {"x": ("N", 2**40, 2)},
                      {"s": random(2), "b": random(2)}, opset=18),
        "error[NS874]: GroupNormalization: a constant of 1,099,511,627,776 elements would have to be computed\n"
        "  = GroupNormalization 'y'\n  = help: export the model with smaller constants, or as inputs",
    ),
    "a long product": (
        product_of_constants,
        "error[NS874]: MatMul: a product of constants would take 17,179,869,184 multiplications\n  = MatMul 'c'\n"
        "  = help: export the model with smaller constants, or as inputs",
    ),
    "a text that is not to be printed": (
        lambda: model([node("Pad", "x p", mode="\x1b[31m\n")], {"x": ("N", 4)}, {"p": np.array([0, 1, 0, 1])}),
        "error[NS842]: Pad: mode '\ufffd[31m\ufffd' has no equivalent\n  = Pad 'y'\n"
        "  = help: --opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FULL)
def test_full_text(name: str) -> None:
    make, expected = FULL[name]
    source = make()
    start = time.perf_counter()
    assert refusal(source) == expected
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("number", range(4))
def test_mutants(number: int) -> None:
    """``python -m tests.onnx_reading.fuzz`` tries more."""
    results = {outcome(mutant(seed)) for seed in range(40 * number, 40 * number + 40)}
    assert "imported" in results
    assert "NS846" in results


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    make, expected = REFUSED[name]
    source = make()
    start = time.perf_counter()
    assert expected in refusal(source)
    assert time.perf_counter() - start < 5


def test_all_problems_are_reported_at_once() -> None:
    nodes = [node("NewA", "x", "a"), node("NewB", "x", "b"), node("NewA", "b", "c"), node("Add", "a c")]
    source = reader.read_model(model(nodes, {"x": ("N", 4)}))
    assert [(p.operation, p.places) for p in source.network.problems] == [
        ("NewA", ("NewA 'a'",)),
        ("NewB", ("NewB 'b'",)),
    ]


def test_opaque_operations() -> None:
    """An operator that netspec lacks is one of which the shapes are known, if the file says them."""
    proto = model(
        [node("Conv", "x w", "a"), node("Newest", "a", "b"), node("Relu", "b")],
        {"x": ("N", 4, 9)},
        {"w": random(3, 4, 2)},
    )
    proto.graph.value_info.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, ["N", 3, 5]))
    network = import_source(reader.read_model(proto), opaque=True).graph
    assert [(n.op.name, n.outputs[0].shape) for n in network.nodes] == [
        ("conv1d", (3, 8)), ("newest", (3, 5)), ("relu", (3, 5))
    ]  # fmt: skip


def external(folder: Path, location: str, length: int = 16) -> Path:
    """A file with a tensor whose data are elsewhere."""
    proto = with_tensor()
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", str(length))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    path = folder / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


@pytest.mark.parametrize(
    ("location", "length", "expected"),
    [
        ("../secret", 16, "error[NS862]: tensor 'w' has its data outside of the folder of the model, at '../secret'"),
        ("/etc/passwd", 16, "error[NS862]: tensor 'w' has its data outside of the folder"),
        ("absent", 16, "error[NS862]: tensor 'w' has its data in 'absent', which does not exist"),
        ("short", 16, "error[NS862]: tensor 'w' has its data at offset 0 of 'short', which has only 8 bytes"),
        ("short", 8, "error[NS846]: tensor 'w' has 8 bytes of external data at offset 0; its shape has 16"),
        ("link", 16, "error[NS862]: tensor 'w' has its data outside of the folder of the model, at 'link'"),
    ],
)
def test_external_data(tmp_path: Path, location: str, length: int, expected: str) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret").write_bytes(bytes(16))
    (tmp_path / "inside" / "short").write_bytes(bytes(8))
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "secret")
    path = external(tmp_path / "inside", location, length)
    with pytest.raises(ImportRefused) as error:
        reader.read(str(path), Request())
    assert expected in str(error.value)


def test_external_data_are_read(tmp_path: Path) -> None:
    numbers = np.arange(4, dtype=np.float32)
    (tmp_path / "data").write_bytes(numbers.tobytes())
    source = reader.read(str(external(tmp_path, "data")), Request())
    assert source.tensor("w").tolist() == numbers.tolist()
