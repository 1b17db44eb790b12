"""Weight files: what each gives, and which reader takes which ending."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias, cast

from ..files import FileReadError
from .dtypes import Array
from .rules import PIECE


class WeightFile(ABC):
    """Named tensors in a file, read one at a time. Reading never runs code that the file brings."""

    path: Path

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The tensors' names, in the order of the network where the file tells it."""

    @property
    def ordered(self) -> bool:
        """Whether ``names`` are in the order in which they were put in, not sorted."""
        return True

    @abstractmethod
    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor. Raises KeyError for a name that the file has not."""

    @abstractmethod
    def dtype(self, name: str) -> str:
        """The element type of a tensor, by the names of :data:`netspec.shapes.types.DTYPES` where it is one of them."""

    @abstractmethod
    def read(self, name: str) -> Array:
        """A tensor; bfloat16 as float32.

        Raises:
            FileReadError: the file has changed or cannot be read, or NumPy has no such element type.
        """

    def pieces(self, name: str) -> Iterator[Array]:
        """A tensor as flat arrays of 2**20 elements (the last may be shorter), in order; raises as :meth:`read`."""
        flat = self.read(name).reshape(-1)
        for start in range(0, flat.size, PIECE):
            yield flat[start : start + PIECE]


Reader: TypeAlias = Callable[[Path], WeightFile]

_BUILT_IN = {
    ".safetensors": "netspec.weights.safetensors_format:SafeTensors",
    ".pt": "netspec_torch.state_dict:StateDict",
    ".pth": "netspec_torch.state_dict:StateDict",
    ".bin": "netspec_torch.state_dict:StateDict",
}
_registered: dict[str, Reader] = {}


def register(ending: str, reader: Reader) -> None:
    """Makes a reader the one for files of that ending (with its dot)."""
    _registered[ending.lower()] = reader


def endings() -> list[str]:
    """The endings of weight files that some reader takes."""
    return sorted({*_BUILT_IN, *_registered})


def open_weights(path: str | os.PathLike[str]) -> WeightFile:
    """The weight file at a path, its names and shapes read and checked.

    Raises:
        FileReadError: no reader takes that ending, the reader's library is missing, or the file is not what its ending
            says.
    """
    ending = Path(path).suffix.lower()
    reader = _registered.get(ending)
    if reader is None:
        where = _BUILT_IN.get(ending)
        if where is None:
            raise FileReadError(path, f"it ends in none of {', '.join(endings())}")
        module, _, attribute = where.partition(":")
        if module.startswith("netspec_torch") and find_spec("torch") is None:
            raise FileReadError(path, f"reading {ending} files needs PyTorch", "pip install torch")
        reader = cast(Reader, getattr(import_module(module), attribute))
    return reader(Path(path))
