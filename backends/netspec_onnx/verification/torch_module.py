"""A PyTorch module as a function of NumPy arrays, also in double precision and with perturbed numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from netspec.ir import Graph
from netspec.weights.numpy_types import Array

from .random_inputs import Inputs, random_inputs

Reference: TypeAlias = Callable[[Inputs], Sequence[Array]]
"""Computes the outputs in order from the inputs."""
Outputs: TypeAlias = dict[int, Sequence[Array]]
"""The outputs in order, by batch size."""

PERTURBATION = 2.0**-22
"""Maximum relative change of a perturbed number: four times the rounding error of single precision."""


class Module:
    """A PyTorch module as a function of NumPy arrays by name."""

    def __init__(self, graph: Graph, module: Any) -> None:
        from importlib import import_module

        self._torch: Any = import_module("torch")  # not a static import: PyTorch belongs to another backend
        self._graph, self._module = graph, module.eval()
        self._is_double = False
        self._generator: Any = None

    def use_double(self) -> None:
        """Switches to double precision."""
        self._module.double()
        self._is_double = True

    def perturb(self, seed: int) -> None:
        """Changes weights, and all further inputs, by a few single-precision rounding errors."""
        torch = self._torch
        self._generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for t in (*self._module.parameters(), *self._module.buffers()):
                if t.is_floating_point():
                    t.mul_(self._near_one(t))

    def _near_one(self, like: Any) -> Any:
        noise = self._torch.empty_like(like).uniform_(-PERTURBATION, PERTURBATION, generator=self._generator)
        return noise.add_(1)

    def outputs(self, batches: Iterable[int]) -> Outputs:
        """The outputs for random inputs, by batch size."""
        return {batch: self(random_inputs(self._graph, batch)) for batch in batches}

    def __call__(self, inputs: Inputs) -> list[Array]:
        """The outputs in order."""
        torch = self._torch
        tensors = [self._input(value, inputs[name]) for name, value in self._graph.inputs.items()]
        default = torch.get_default_dtype()
        if self._is_double:
            tensors = [x.double() if x.is_floating_point() else x for x in tensors]
            if self._generator is not None:
                tensors = [x * self._near_one(x) if x.is_floating_point() else x for x in tensors]
            torch.set_default_dtype(torch.float64)  # for tensors that the module creates
        try:
            with torch.no_grad():
                out: Any = self._module(*tensors)
        finally:
            torch.set_default_dtype(default)
        if isinstance(out, torch.Tensor):
            return [self._array(out)]
        each: list[Any] = [out[name] for name in self._graph.outputs] if isinstance(out, Mapping) else list(out)
        return [self._array(y) for y in each]

    def _input(self, value: int, numbers: Array) -> Any:
        """An input as a tensor of the type that the graph has."""
        tensor = self._torch.from_numpy(numbers)
        return tensor.bfloat16() if self._graph.values[value].dtype == "bfloat16" else tensor

    def _array(self, output: Any) -> Array:
        """An output as an array; bfloat16, which NumPy lacks, as float32."""
        return np.asarray((output.float() if output.dtype == self._torch.bfloat16 else output).detach())
