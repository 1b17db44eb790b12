"""The safetensors format, compared with its own library; broken and malicious files."""

# Parts of torch and safetensors have no types, in calls whose results are checked by value.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from netspec.files import FileReadError, FileWriteError
from netspec.ops.weight import Init
from netspec.weights import initial_values
from netspec.weights.numpy_types import to_bfloat16_bits
from netspec.weights.safetensors_format import MAX_HEADER, SafeTensors, write_safetensors
from netspec.weights.weight_file import WeightFile, file_extensions, open_weights, register
from netspec.weights.weight_source import SeedSource

from .support import parameter

torch.set_num_threads(1)


def broken(header: Any, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def header_of_one(dtype: Any = "F32", shape: Any = (2,), offsets: Any = (0, 8)) -> dict[str, Any]:
    return {"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


INVALID = "'a' has an invalid description"
BROKEN: list[tuple[str, bytes, str]] = [
    ("empty", b"", "it has 0 bytes"),
    ("cut in the length", b"\x00" * 5, "it has 5 bytes"),
    ("cut in the header", broken(header_of_one(), b"x" * 8)[:20], "the header has 61 bytes, the file 20"),
    ("cut in the data", broken(header_of_one(), b"x" * 7), "its tensors end at byte 77; the file has 76 bytes"),
    ("more data", broken(header_of_one(), b"x" * 9), "its tensors end at byte 77; the file has 78 bytes"),
    ("an endless header", b"\xff" * 8 + b"{}", "the header has 18446744073709551615 bytes, the file 10"),
    ("no JSON", broken(b"{]"), "the header is not JSON"),
    ("no text", broken(b"\xff\xfe{}"), "the header is not JSON"),
    ("deep JSON", broken(b"[" * 100_000), "the header is not JSON"),
    ("a long number", broken(b'{"a":' + b"9" * 10_000 + b"}"), "the header is not JSON"),
    ("a list", broken([1]), "the header is not an object"),
    ("a name twice", broken(b'{"a":1,"a":2}'), "the header has a name twice"),
    ("no fields", broken({"a": 1}), INVALID),
    ("fields missing", broken({"a": {"dtype": "F32"}}), INVALID),
    ("an unknown type", broken(header_of_one("F33"), b"x" * 8), INVALID),
    ("a type that is a list", broken(header_of_one(["F32"]), b"x" * 8), INVALID),
    ("a negative size", broken(header_of_one(shape=[-2]), b"x" * 8), INVALID),
    ("a size that is true", broken(header_of_one("F64", shape=[True]), b"x" * 8), INVALID),
    ("a fraction", broken(header_of_one(shape=[2.0]), b"x" * 8), INVALID),
    ("sizes beyond all bounds", broken(header_of_one(shape=[2**62, 2**62])), INVALID),
    (
        "sizes that overflow to the right length",
        broken(header_of_one(shape=[2**40, 2**40, 2**40], offsets=[0, 0])),
        INVALID,
    ),
    ("65 axes", broken(header_of_one(shape=[1] * 64 + [2]), b"x" * 8), INVALID),
    ("an offset too many", broken(header_of_one(offsets=[0, 8, 8]), b"x" * 8), INVALID),
    ("offsets turned round", broken(header_of_one(offsets=[8, 0]), b"x" * 8), INVALID),
    ("a length that does not fit", broken(header_of_one(offsets=[0, 4]), b"x" * 4), INVALID),
    (
        "a gap",
        broken(header_of_one(offsets=[8, 16]), b"x" * 16),
        "the bytes of 'a' do not start where the previous tensor ends",
    ),
    (
        "an overlap",
        broken({**header_of_one(), "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}, b"x" * 12),
        "the bytes of 'b' do not start where the previous tensor ends",
    ),
    (
        "one tensor under two names",
        broken({**header_of_one(), "b\x1b[31m": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, b"x" * 8),
        "the bytes of 'b�[31m' do not start where the previous tensor ends",
    ),
]


@pytest.mark.parametrize(("content", "reason"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_broken_files(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(FileReadError) as caught:
        SafeTensors(path)
    assert caught.value.message == f"cannot read '{path}': it is not a valid safetensors file: {reason}"
    assert caught.value.code == "NS706"


def test_a_header_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with open(path, "wb") as file:
        file.write((MAX_HEADER + 1).to_bytes(8, "little"))
        file.truncate(MAX_HEADER + 100)
    tracemalloc.start()
    with pytest.raises(FileReadError) as caught:
        SafeTensors(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.reason == (
        f"it is not a valid safetensors file: the header has {MAX_HEADER + 1} bytes; the limit is {MAX_HEADER}"
    )
    assert peak < 100_000


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.safetensors", "there is no such file"), (tmp_path, "it is a folder")):
        with pytest.raises(FileReadError) as caught:
            SafeTensors(path)
        assert caught.value.message == f"cannot read '{path}': {reason}"


TENSORS: dict[str, Callable[[], torch.Tensor]] = {
    "f32": lambda: torch.randn(3, 4),
    "f16": lambda: torch.randn(5).half(),
    "bf16": lambda: torch.randn(2, 3, 4).bfloat16(),
    "f64": lambda: torch.randn(7).double(),
    "i64": lambda: torch.tensor(-5),
    "i32": lambda: torch.arange(4, dtype=torch.int32),
    "u8": lambda: torch.arange(5, dtype=torch.uint8),
    "bool": lambda: torch.tensor([True, False, True]),
    "empty": lambda: torch.empty(0, 3),
}


def test_reads_what_the_library_writes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tensors = {name: make() for name, make in TENSORS.items()}
    path = tmp_path / "model.safetensors"
    save_file(tensors, path, {"format": "pt"})
    file = open_weights(path)
    assert sorted(file.names) == sorted(tensors)
    for name, tensor in tensors.items():
        expected = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
        actual = file.read(name)
        assert file.shape(name) == actual.shape == tuple(tensor.shape)
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(actual, expected)
    assert [file.dtype(n) for n in ("f32", "f16", "bf16", "f64", "i64", "bool", "u8")] == [
        "float32",
        "float16",
        "bfloat16",
        "float64",
        "int64",
        "bool",
        "U8",
    ]


def test_a_type_that_numpy_lacks_is_rejected_when_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.ones(4).to(torch.float8_e4m3fn), "b": torch.ones(4)}, path)
    file = open_weights(path)
    assert file.dtype("a") == "F8_E4M3"
    np.testing.assert_array_equal(file.read("b"), np.ones(4))
    with pytest.raises(FileReadError) as caught:
        file.read("a")
    assert caught.value.reason == "'a' has elements of type F8_E4M3, which is not supported"


def test_a_file_that_shrinks_after_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"a": torch.ones(100)}, path)
    file = open_weights(path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(FileReadError) as caught:
        file.read("a")
    assert caught.value.reason == "it was truncated after it was opened"
    path.unlink()
    with pytest.raises(FileReadError) as caught:
        list(file.pieces("a"))
    assert caught.value.reason == "there is no such file"


def test_the_library_reads_what_we_write(tmp_path: Path) -> None:
    init = Init("normal", (1.0,))
    parameters = [
        parameter(3, 5, init=init, name="layer1.0.conv.weight"),
        parameter(7, init=init, name="half", dtype="float16"),
        parameter(9, init=init, name="brain", dtype="bfloat16"),
        parameter(name="bn.num_batches_tracked", dtype="int64"),
        parameter(3, init=Init("ones"), name="flags", dtype="bool"),
        parameter(4, init=init, name="mask", persistent=False),
        parameter(0, 4, init=init, name="empty"),
    ]
    path = tmp_path / "model.safetensors"
    write_safetensors(path, parameters, SeedSource(5), metadata={"spec": "tést"})
    actual = load_file(path)
    assert sorted(actual) == sorted(p.name for p in parameters if p.persistent)
    for p in parameters:
        if p.persistent:
            assert str(actual[p.name].dtype) == f"torch.{p.dtype}"
            assert tuple(actual[p.name].shape) == p.shape
            np.testing.assert_array_equal(
                actual[p.name].float().numpy(), initial_values.values(p, 5).astype(np.float32), err_msg=p.name
            )
    with safe_open(path, "pt") as opened:
        assert opened.metadata() == {"format": "pt", "spec": "tést"}
    ours = open_weights(path)
    assert ours.ordered
    assert ours.names[:2] == ("bn.num_batches_tracked", "layer1.0.conv.weight")


def test_sorted_names_are_not_in_the_order_of_the_network(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"b": torch.ones(1), "a": torch.ones(2), "c": torch.ones(1, dtype=torch.int64)}, path)
    assert not open_weights(path).ordered


def test_large_tensors_are_written_and_read_in_pieces(tmp_path: Path) -> None:
    p = parameter(2500, 10_000, init=Init("uniform", (1.0,)))
    path = tmp_path / "model.safetensors"
    tracemalloc.start()
    write_safetensors(path, [p], SeedSource(0))
    _, writing = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    total = sum(float(piece.sum()) for piece in open_weights(path).pieces(p.name))
    _, reading = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert path.stat().st_size > 100_000_000
    assert total == pytest.approx(sum(float(piece.sum()) for piece in initial_values.pieces(p, 0)))
    assert writing < 20_000_000
    assert reading < 20_000_000


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="a weight of two axes or more"):
        write_safetensors(path, [parameter(4, 4), parameter(4, init=Init("he_normal"))], SeedSource(0))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(FileWriteError) as caught:
        write_safetensors(tmp_path / "no" / "a.safetensors", [], SeedSource(0))
    assert caught.value.reason == "its folder does not exist"


def test_bfloat16_rounds_as_torch_does() -> None:
    patterns = torch.tensor(
        [
            0,
            1,
            0x7FFF,
            0x8000,
            0x8001,
            0x18000,
            0x3F808000,
            0x3F818000,
            0x7F7FFFFF,
            0x7F800000,
            0x7FC00000,
            0x7F800001,
            0x7FFFFFFF,
        ],
        dtype=torch.int32,
    )
    torch.manual_seed(0)
    some = torch.randint(-(2**31), 2**31 - 1, (20_000,), dtype=torch.int32)
    patterns = torch.cat([patterns, patterns | -(2**31), some])
    numbers = patterns.view(torch.float32)
    theirs = numbers.bfloat16()
    ours = torch.from_numpy(to_bfloat16_bits(numbers.numpy()).view(np.int16)).view(torch.bfloat16)
    nan = theirs.isnan()
    assert torch.equal(ours.isnan(), nan)
    assert torch.equal(ours[~nan].view(torch.int16), theirs[~nan].view(torch.int16))


def test_file_extensions() -> None:
    assert file_extensions() == [".bin", ".pt", ".pth", ".safetensors"]
    with pytest.raises(FileReadError) as caught:
        open_weights("model.h5")
    assert caught.value.message == "cannot read 'model.h5': its extension must be one of .bin, .pt, .pth, .safetensors"


class CustomFile(WeightFile):
    """A file of a format that another package registers."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def names(self) -> tuple[str, ...]:
        return ("a",)

    def shape(self, name: str) -> tuple[int, ...]:
        return (2, 1_000_000)

    def dtype(self, name: str) -> str:
        return "float64"

    def read(self, name: str) -> Any:
        return np.arange(2_000_000.0).reshape(2, 1_000_000)


def test_registering_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.weights.weight_file._registered", {})
    register(".mine", CustomFile)
    file = open_weights("weights.MINE")
    assert isinstance(file, CustomFile)
    assert file.ordered
    actual = list(file.pieces("a"))
    assert [f.size for f in actual] == [1 << 20, 2_000_000 - (1 << 20)]
    np.testing.assert_array_equal(np.concatenate(actual), np.arange(2_000_000.0))
