"""Divides a network without values among devices: its parameters, and the communication between devices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from netspec.analysis.tensor_split import TensorSplit

from .functions import views
from .modules.module_base import Module
from .simulated.nodes import fresh, make
from .simulated.tensors import Tensor

EXCHANGES = frozenset({"all_gather", "all_reduce", "reduce_scatter"})
"""Names of the collective functions that communicate between devices."""


class Division:
    """Reduces the parameters of a network to the part of one device, and adds the communication between devices.

    Args:
        modules: the modules by name.
        split: the layers that can be divided.
        devices: number of devices that divide them.
        sequence: whether devices also divide positions between these layers (sequence parallelism).
        gather_scores: whether each device gathers the scores of all classes, if the last layer is divided.
    """

    def __init__(
        self, modules: Mapping[str, Module], split: TensorSplit, devices: int, sequence: bool, gather_scores: bool
    ) -> None:
        self.modules, self.split, self.devices, self.sequence = modules, split, devices, sequence
        self.gather_scores = gather_scores

    def divide(self, names: Sequence[str], heads: Mapping[str, Sequence[str]]) -> None:
        """Divides all layers.

        Args:
            names: names of the blocks.
            heads: for each class with numbers of heads, the names of these attributes.
        """
        split = self.split
        for name in names:
            block = self.modules[name]
            for module in block.modules():
                for attribute in heads.get(type(module).__name__, ()):
                    setattr(module, attribute, getattr(module, attribute) // self.devices)
            for layer in split.layers:
                module = self.modules[f"{name}.{layer.name}"]
                if layer.side == "heads":
                    self._rows(module)
                    module.num_heads //= self.devices
                    module = self.modules[f"{name}.{layer.name}.out_proj"]
                if layer.side == "columns":
                    self._rows(module)
                else:
                    self._columns(module)
            for norm in split.norms if self.sequence else ():
                wrap(self.modules[f"{name}.{norm}"], after=self._gathered)
        if self.sequence:
            wrap(self.modules[names[0]], before=self._own_positions)
            wrap(self.modules[names[-1]], after=self._gathered)
        self._vocabulary(split)

    def _vocabulary(self, split: TensorSplit) -> None:
        if split.embedding is not None and split.divides(split.embedding, self.devices):
            embedding = self.modules[split.embedding.layer]
            self._rows(embedding)
            wrap(embedding, after=_summed)
        if split.head is not None and split.divides(split.head, self.devices):
            head = self.modules[split.head.layer]
            self._rows(head)
            if self.gather_scores:
                wrap(head, after=self._gathered_units)

    def _resized(self, module: Module, name: str, shape: tuple[int, ...]) -> None:
        old = getattr(module, name)
        new = Tensor(shape, old.dtype)
        new.is_parameter = new.requires_grad = True
        new.storage.become("weights")
        module.register_parameter(name, new)

    def _rows(self, module: Module) -> None:
        """Keeps one device's share of the rows of all parameters."""
        for name, parameter in module.named_parameters(recurse=False):
            self._resized(module, name, (parameter.shape[0] // self.devices, *parameter.shape[1:]))

    def _columns(self, module: Module) -> None:
        """Keeps one device's share of the columns of the weight; the result is summed over the devices."""
        rows, columns = module.weight.shape
        self._resized(module, "weight", (rows, columns // self.devices))
        wrap(module, after=self._scattered if self.sequence else _summed)

    def _gathered(self, x: Tensor) -> Tensor:
        shape = (x.shape[0], x.shape[1] * self.devices, *x.shape[2:])
        return make(shape, x.dtype, [x], fresh(x), "all_gather")

    def _gathered_units(self, x: Tensor) -> Tensor:
        return make((*x.shape[:-1], x.shape[-1] * self.devices), x.dtype, [x], fresh(x), "all_gather")

    def _scattered(self, x: Tensor) -> Tensor:
        shape = (x.shape[0], x.shape[1] // self.devices, *x.shape[2:])
        return make(shape, x.dtype, [x], fresh(x), "reduce_scatter")

    def _own_positions(self, x: Tensor) -> Tensor:
        return views.clone(views.narrow(x, 1, 0, x.shape[1] // self.devices))


def _summed(x: Tensor) -> Tensor:
    return make(x.shape, x.dtype, [x], fresh(x), "all_reduce")


def wrap(
    module: Module, before: Callable[[Tensor], Tensor] | None = None, after: Callable[[Tensor], Tensor] | None = None
) -> None:
    """Applies functions to the first input or the output of a module."""
    forward = module.forward

    def run(x: Any, *args: Any, **kwargs: Any) -> Any:
        result = forward(before(x) if before is not None else x, *args, **kwargs)
        return after(result) if after is not None else result

    module.__dict__["forward"] = run
