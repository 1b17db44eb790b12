"""The model's variables, and the spec's tensors derived from them: kernels are converted to PyTorch's order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from netspec.diagnostics import Error


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a Keras layer."""

    store: str
    """The group of the layer in ``model.weights.h5``."""
    number: int
    """The index among the layer's variables."""
    shape: tuple[int, ...]
    name: str
    """Name for messages: ``dense.kernel``."""
    top: str
    """The top-level layer to which it belongs, which is its group in the HDF5 files of Keras 2."""
    trainable: bool = True
    """Whether Keras lists it among the trainable variables, which come first in those groups."""
    required: bool = True
    """Whether a file without it is damaged."""


LARGEST_MADE = 1 << 24
"""Maximum number of elements of a constant tensor whose size only the file determines."""
Make = Callable[..., Any]
"""Computes the array of a spec's tensor from those of variables."""


@dataclass(frozen=True, slots=True)
class SpecTensor:
    """A tensor of the spec."""

    shape: tuple[int, ...]
    variables: tuple[Variable, ...]
    make: Make

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


class VariableStore(Protocol):
    """Provides the values of variables."""

    def read(self, variable: Variable) -> Any:
        """Returns a variable's values as a NumPy array of its shape. Raises KerasFileError NS834."""
        ...


class Tensors(Mapping[str, Any]):
    """The tensors of the spec by name, as NumPy arrays that are read on access.

    Args:
        tensors: by name.
        store: provides the variables.
        file: name of the file in messages.
    """

    def __init__(self, tensors: Mapping[str, SpecTensor], store: VariableStore, file: str) -> None:
        self.tensors = tensors
        self._store, self._file = store, file

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each tensor by name."""
        return {name: tensor.shape for name, tensor in self.tensors.items()}

    def __getitem__(self, name: str) -> Any:
        import numpy as np

        tensor = self.tensors[name]
        if not tensor.variables and tensor.elements > LARGEST_MADE:
            message = f"'{name}' has {tensor.elements:,} elements, and none of them is in the file"
            raise Error("NS831", message, file=self._file)
        array = tensor.make(*(self._store.read(variable) for variable in tensor.variables))
        return np.ascontiguousarray(array).reshape(tensor.shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tensors)

    def __len__(self) -> int:
        return len(self.tensors)


def as_stored(array: Any) -> Any:
    """Returns a variable's array unchanged; a tensor of another shape has the same order of elements."""
    return array


def transposed(array: Any) -> Any:
    """Transposes a matrix (inputs, units) to (units, inputs)."""
    return array.T


def kernel_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Converts a kernel's shape from (\\*window, inputs, filters) to PyTorch's order."""
    return (shape[-1], shape[-2], *shape[:-2])


def turned_kernel(array: Any) -> Any:
    """Converts a kernel (\\*window, inputs, filters) to (filters, inputs, \\*window).

    That of a transposed convolution, (\\*window, filters, inputs), becomes (inputs, filters, \\*window).
    """
    rank = array.ndim
    return array.transpose(rank - 1, rank - 2, *range(rank - 2))


def turned_depthwise_kernel(array: Any) -> Any:
    """Converts a kernel (\\*window, channels, multiplier) to (channels * multiplier, 1, \\*window)."""
    rank = array.ndim
    turned = array.transpose(rank - 2, rank - 1, *range(rank - 2))
    return turned.reshape(turned.shape[0] * turned.shape[1], 1, *turned.shape[2:])


def filled(value: float, *shape: int) -> SpecTensor:
    """Returns a constant tensor that Keras lacks, such as a second bias of zeros."""

    def make() -> Any:
        import numpy as np

        return np.full(shape, value, np.float32)

    return SpecTensor(shape, (), make)


def counter() -> SpecTensor:
    """Returns the number of batches that a batch norm has seen, which Keras does not count."""

    def make() -> Any:
        import numpy as np

        return np.zeros((), np.int64)

    return SpecTensor((), (), make)
