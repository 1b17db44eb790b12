"""Weight files that PyTorch writes: read without running code, matched, and used by every backend."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch

import netspec
from netspec.files import FileReadError
from netspec.weights.weight_file import open_weights
from netspec_torch.state_dict import StateDict


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
