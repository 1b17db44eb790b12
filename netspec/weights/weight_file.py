"""Weight files: the interface of a reader, and the readers by file extension."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TypeAlias, cast

from ..files import FileReadError
from .initialisers import PIECE
from .numpy_types import Array


class WeightFile(ABC):
    """Named tensors in a file, read one at a time. Reading never executes code from the file."""

    path: Path

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The names of the tensors, in the order of the network if the file keeps it."""

    @property
    def ordered(self) -> bool:
        """Whether ``names`` keep the order of the network, rather than being sorted."""
        return True

    @abstractmethod
    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor. Raises KeyError for an unknown name."""

    @abstractmethod
    def dtype(self, name: str) -> str:
        """The element type of a tensor; one of :data:`netspec.shapes.types.DTYPES` where that has it."""

    def check(self, name: str) -> None:  # noqa: B027 - a reader may have nothing to check
        """Checks, without reading a tensor, that its elements are numbers that NumPy has, and are in the file.

        Raises:
            FileReadError: they are not; the message names the tensor.
        """

    @abstractmethod
    def read(self, name: str) -> Array:
        """Reads a tensor; bfloat16 as float32.

        Raises:
            FileReadError: the file has changed or cannot be read, or NumPy lacks the element type.
        """

    def pieces(self, name: str) -> Iterator[Array]:
        """Yields a tensor as flat arrays of 2**20 elements (the last may be shorter); raises as :meth:`read`."""
        flat = self.read(name).reshape(-1)
        for start in range(0, flat.size, PIECE):
            yield flat[start : start + PIECE]


WeightFileReader: TypeAlias = Callable[[Path], WeightFile]

_BUILT_IN = {
    ".safetensors": "netspec.weights.safetensors_format:SafeTensors",
    ".pt": "netspec.weights.state_dict:StateDict",
    ".pth": "netspec.weights.state_dict:StateDict",
    ".bin": "netspec.weights.state_dict:StateDict",
}
_registered: dict[str, WeightFileReader] = {}


def register(extension: str, reader: WeightFileReader) -> None:
    """Registers the reader for files with that extension (with its dot)."""
    _registered[extension.lower()] = reader


def file_extensions() -> list[str]:
    """Returns the extensions of the weight files that can be read."""
    return sorted({*_BUILT_IN, *_registered})


def open_weights(path: str | os.PathLike[str]) -> WeightFile:
    """Opens the weight file at a path; its names and shapes are read and checked.

    Raises:
        FileReadError: the extension is unknown, or the content does not match it.
    """
    extension = Path(path).suffix.lower()
    reader = _registered.get(extension)
    if reader is None:
        target = _BUILT_IN.get(extension)
        if target is None:
            raise FileReadError(path, f"its extension must be one of {', '.join(file_extensions())}")
        module, _, attribute = target.partition(":")
        reader = cast(WeightFileReader, getattr(import_module(module), attribute))
    return reader(Path(path))
