"""State dicts as PyTorch saves them, read with ``weights_only=True``: no code of the file runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from netspec.files import FileReadError, os_reason
from netspec.weights.numpy_types import Array
from netspec.weights.weight_file import WeightFile

_NESTED = ("state_dict", "model_state_dict", "model")
"""Keys under which checkpoints keep the state dict itself."""


class StateDict(WeightFile):
    """A file that ``torch.save`` wrote: a state dict, or a checkpoint that contains one.

    Where the format allows it, the file is mapped, and tensors are read when they are needed.

    Raises:
        FileReadError: the file does not exist, is not a state dict, or contains code.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tensors = _tensors(path, _content(path))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of the file."""
        return tuple(self._tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor."""
        return tuple(self._tensors[name].shape)

    def dtype(self, name: str) -> str:
        """The element type."""
        return str(self._tensors[name].dtype).removeprefix("torch.")

    def read(self, name: str) -> Array:
        """A tensor; bfloat16 as float32."""
        tensor = self._tensors[name].detach().contiguous()
        values: Array = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
        return values


def _content(path: Path) -> Any:
    """The content of the file."""
    try:
        with open(path, "rb") as file:
            zipped = file.read(2) == b"PK"
    except OSError as error:
        raise FileReadError(path, os_reason(error)) from None
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except Exception as error:  # malformed files can raise any exception
        said = " ".join(str(error).split())
        if "weights_only" in said or "Unsupported" in said:
            raise FileReadError(
                path, "it contains more than tensors: reading it would run code", "save its state dict alone"
            ) from None
        raise FileReadError(path, "torch.save did not write it") from None


def _tensors(path: Path, content: Any) -> dict[str, Tensor]:
    """The tensors of a state dict, or of the one within a checkpoint."""
    if isinstance(content, Mapping):
        entries: Mapping[Any, Any] = content  # pyright: ignore[reportUnknownVariableType] - of a file, anything
        tensors = {str(k): v for k, v in entries.items() if isinstance(v, Tensor)}
        if tensors:
            return tensors
        inner = next((entries[key] for key in _NESTED if isinstance(entries.get(key), Mapping)), None)
        if inner is not None:
            return _tensors(path, inner)
    raise FileReadError(path, "it contains no named tensors", "save model.state_dict()")
