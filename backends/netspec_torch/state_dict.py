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
    """A file that ``torch.save`` has written: a state dict, or a checkpoint that holds one.

    Tensors stay in the file until they are asked for (the file is mapped), where its format allows that.

    Raises:
        FileReadError: there is no such file, it is no such file, or it would run code to be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tensors = _tensors(path, _content(path))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order in which they were put in."""
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
        found: Array = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
        return found


def _content(path: Path) -> Any:
    """What the file holds."""
    try:
        with open(path, "rb") as file:
            zipped = file.read(2) == b"PK"
    except OSError as error:
        raise FileReadError(path, os_reason(error)) from None
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except Exception as error:  # whatever a broken or hostile file makes PyTorch raise
        said = " ".join(str(error).split())
        if "weights_only" in said or "Unsupported" in said:
            raise FileReadError(
                path, "it holds more than tensors, and would run code to be read", "save its state dict alone"
            ) from None
        raise FileReadError(path, "it is no file that torch.save has written") from None


def _tensors(path: Path, content: Any) -> dict[str, Tensor]:
    """The tensors of a state dict, or of the one within a checkpoint."""
    if isinstance(content, Mapping):
        entries: Mapping[Any, Any] = content  # pyright: ignore[reportUnknownVariableType] - of a file, anything
        found = {str(k): v for k, v in entries.items() if isinstance(v, Tensor)}
        if found:
            return found
        inner = next((entries[key] for key in _NESTED if isinstance(entries.get(key), Mapping)), None)
        if inner is not None:
            return _tensors(path, inner)
    raise FileReadError(path, "it holds no tensors by name", "save model.state_dict()")
