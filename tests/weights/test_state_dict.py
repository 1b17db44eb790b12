"""Weight files that PyTorch writes: read without running code, matched, and used by every backend."""

# torch is partly typed:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import netspec
from netspec.files import FileReadError
from netspec.weights.state_dict import StateDict
from netspec.weights.weight_file import open_weights

ROOT = Path(__file__).resolve().parents[2]


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("evil",)


def test_round_trip(tmp_path: Path) -> None:
    model = netspec.build("lenet5", seed=5)
    path = tmp_path / "lenet.pt"
    torch.save(model.state_dict(), path)
    again = netspec.build("lenet5", seed=6, weights=path)
    for name, tensor in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)


@pytest.mark.parametrize("wrap", ["state_dict", "model_state_dict", "model"])
def test_checkpoints(wrap: str, tmp_path: Path) -> None:
    path = tmp_path / "c.pth"
    tensors: dict[str, torch.Tensor] = OrderedDict(a=torch.ones(2, 3, dtype=torch.bfloat16))
    torch.save({"epoch": 3, wrap: tensors}, path)
    file = open_weights(path)
    assert isinstance(file, StateDict)
    assert file.names == ("a",)
    assert file.shape("a") == (2, 3)
    assert file.dtype("a") == "bfloat16"
    assert file.read("a").tolist() == [[1.0] * 3] * 2


def test_old_format(tmp_path: Path) -> None:
    path = tmp_path / "old.pth"
    torch.save({"a": torch.arange(3)}, path, _use_new_zipfile_serialization=False)
    assert open_weights(path).read("a").tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "torch.save did not write it"),
        (b"PK\x03\x04 nothing", "torch.save did not write it"),
        (b"hello", "torch.save did not write it"),
    ],
)
def test_other_files(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    path.write_bytes(content)
    with pytest.raises(FileReadError) as raised:
        open_weights(path)
    assert raised.value.message == f"cannot read '{path}': {says}"


def test_code_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"a": torch.ones(1), "b": Evil()}, "evil.pt")
    with pytest.raises(FileReadError, match="reading it would run code"):
        open_weights("evil.pt")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("content", [3, {}, {"a": 1}, [torch.ones(1)]])
def test_no_tensors(content: object, tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    torch.save(content, path)
    with pytest.raises(FileReadError, match="contains no named tensors"):
        open_weights(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileReadError, match="no such file"):
        open_weights(tmp_path / "none.pth")


def test_pytorch_is_not_needed(tmp_path: Path) -> None:
    torch.save({"a": torch.arange(3.0)}, tmp_path / "x.pt")
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from netspec.weights.weight_file import open_weights\n"
        "print(open_weights('x.pt').read('a').tolist())"
    )
    env = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[0.0, 1.0, 2.0]\n"


def with_attribute(tensor: torch.Tensor) -> torch.Tensor:
    tensor.note = 1  # type: ignore[attr-defined]  # any attribute
    return tensor


DTYPES = (
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.bool,
)  # fmt: skip
READ: dict[str, Callable[[], torch.Tensor]] = {
    **{str(dtype).removeprefix("torch."): (torch.arange(6).reshape(2, 3) % 2).to(dtype).clone for dtype in DTYPES},
    "a scalar": lambda: torch.tensor(3.0),
    "nothing": lambda: torch.ones(2, 0, 3),
    "a parameter": lambda: nn.Parameter(torch.arange(3.0)),
    "a parameter with an attribute": lambda: with_attribute(nn.Parameter(torch.arange(3.0))),
    "a tensor with an attribute": lambda: with_attribute(torch.arange(3.0)),
    "transposed": lambda: torch.arange(6.0).reshape(2, 3).T,
    "a view of a part": lambda: torch.arange(100.0).reshape(10, 10)[2:8:2, 1:7:3],
    "one element": lambda: torch.ones(1).expand(1, 1),
    "channels last": lambda: torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last),
}  # fmt: skip


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("kind", READ)
def test_every_kind_of_tensor_that_is_read(kind: str, zipped: bool, tmp_path: Path) -> None:
    tensor = READ[kind]()
    torch.save({"a": tensor, "b": torch.ones(2)}, tmp_path / "x.pt", _use_new_zipfile_serialization=zipped)
    file = open_weights(tmp_path / "x.pt")
    assert (file.names, file.shape("a")) == (("a", "b"), tuple(tensor.shape))
    assert f"torch.{file.dtype('a')}" == str(tensor.dtype)
    expected = tensor.detach().float() if tensor.dtype == torch.bfloat16 else tensor.detach()
    assert file.read("a").dtype == expected.numpy().dtype
    assert file.read("a").tolist() == expected.tolist()
    assert [x for piece in file.pieces("a") for x in piece.tolist()] == expected.reshape(-1).tolist()
    assert file.read("b").tolist() == [1, 1]


@pytest.mark.parametrize("transpose", [False, True])
def test_large_tensors_are_read_in_pieces(transpose: bool, tmp_path: Path) -> None:
    tensor = torch.arange(3_000_000, dtype=torch.int32).reshape(2000, 1500)
    tensor = tensor.T if transpose else tensor
    torch.save({"a": tensor}, tmp_path / "x.pt")
    pieces = list(open_weights(tmp_path / "x.pt").pieces("a"))
    assert [p.size for p in pieces] == [1 << 20, 1 << 20, 3_000_000 - (2 << 20)]
    assert np.array_equal(np.concatenate(pieces), tensor.reshape(-1).numpy())


REJECTED: dict[str, tuple[Callable[[], torch.Tensor], str]] = {
    "float8": (
        lambda: torch.ones(6).to(torch.float8_e4m3fn),
        "'f6.weight' has elements of type float8_e4m3fn, which is not supported",
    ),
    "complex": (
        lambda: torch.ones(6, dtype=torch.complex64),
        "'f6.weight' has elements of type complex64, which is not supported",
    ),
    "conjugate": (
        lambda: torch.ones(6, dtype=torch.complex64).conj(),
        "'f6.weight' is a conjugate view, which is not supported",
    ),
    "negative": (
        lambda: torch.ones(6, dtype=torch.complex64).conj().imag,
        "'f6.weight' is a negated view, which is not supported",
    ),
    "sparse": (lambda: torch.eye(3).to_sparse(), "'f6.weight' is a sparse tensor, which is not supported"),
    "compressed rows": (lambda: torch.eye(3).to_sparse_csr(), "'f6.weight' is a sparse tensor, which is not supported"),
    "quantised": (
        lambda: torch.quantize_per_tensor(torch.ones(6), 0.1, 0, torch.qint8),
        "'f6.weight' is a quantised tensor, which is not supported",
    ),
    "quantised by channel": (
        lambda: torch.quantize_per_channel(torch.ones(2, 3), torch.ones(2), torch.zeros(2), 0, torch.qint8),
        "'f6.weight' is a quantised tensor, which is not supported",
    ),
    "nested": (
        lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        "'f6.weight' is a nested tensor, which is not supported",
    ),
    "meta": (
        lambda: torch.ones(6, device="meta"),
        "'f6.weight' is a tensor of the device 'meta', without elements, which is not supported",
    ),
    "expanded": (
        lambda: torch.ones(1).expand(1 << 40),
        "'f6.weight' has 1,099,511,627,776 elements, of which the file holds only 1",
    ),
}


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("kind", REJECTED)
def test_tensors_that_are_rejected_by_name(kind: str, tmp_path: Path) -> None:
    """Before anything is written, and without memory for their elements."""
    make, reason = REJECTED[kind]
    tensors = netspec.build("lenet5").state_dict()
    torch.save({**tensors, "f6.weight": make()}, tmp_path / "x.pt")
    with pytest.raises(FileReadError) as caught:
        netspec.export("lenet5", tmp_path / "net.onnx", weights=tmp_path / "x.pt")
    assert caught.value.message == f"cannot read '{tmp_path}/x.pt': {reason}"
    with pytest.raises(FileReadError) as caught:
        open_weights(tmp_path / "x.pt").read("f6.weight")
    assert caught.value.reason == reason
    assert [f.name for f in tmp_path.iterdir()] == ["x.pt"]
    torch.save({**tensors, "unused": make()}, tmp_path / "x.pt")
    with pytest.warns(UserWarning, match="NS710"):
        netspec.build("lenet5", weights=tmp_path / "x.pt", strict=False)
