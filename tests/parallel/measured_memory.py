"""The memory of a process: bytes of parameters, gradients and optimiser state, and the most of all storages."""

# PyTorch is typed in part, and what the files of a plan define is known at run time alone:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import weakref
from typing import Any

from torch import Tensor
from torch.distributed.tensor import DTensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class StorageMeter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # PyTorch is typed in part
    """Follows all storages that functions read and make; ``peak`` is the most that they ever had together."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # PyTorch is typed in part
        self.storages: dict[int, Any] = {}
        self.peak = 0

    def __enter__(self) -> StorageMeter:
        super().__enter__()  # type: ignore[no-untyped-call]  # PyTorch is typed in part
        return self

    def see(self, values: Any) -> None:
        """Takes note of the storages of some tensors."""
        for x in tree_leaves(values):
            if isinstance(x, DTensor):
                x = x._local_tensor  # pyright: ignore[reportPrivateUsage]  # to_local() is a function of autograd
            if isinstance(x, Tensor):
                x = getattr(x, "elem", x)  # of a wrapped tensor
            if isinstance(x, Tensor) and x.device.type == "cpu":
                storage = x.untyped_storage()
                key = storage._cdata  # pyright: ignore[reportPrivateUsage]  # the address of an empty one is 0
                if key not in self.storages or self.storages[key]() is None:
                    self.storages[key] = weakref.ref(storage)

    def poll(self) -> None:
        """Adds up what is alive."""
        total = 0
        for key, reference in list(self.storages.items()):
            storage = reference()
            if storage is None:
                del self.storages[key]
            else:
                total += storage.nbytes()
        self.peak = max(self.peak, total)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if any(issubclass(t, DTensor) for t in types):
            return NotImplemented
        out = func(*args, **(kwargs or {}))
        self.see((args, kwargs, out))
        self.poll()
        return out


def local_bytes(tensors: Any) -> int:
    """Bytes of tensors, or of the parts of them that this process has."""
    total = 0
    for x in tensors:
        own = x.to_local() if isinstance(x, DTensor) else x
        total += own.numel() * own.element_size()
    return total


def memory_of(training: Any, step: Any) -> dict[str, int]:
    """The memory of a process.

    Args:
        training: model and optimiser.
        step: runs a step.
    """
    step()  # creates the optimiser's state
    meter = StorageMeter()
    model, optimizer = training.model, training.optimizer
    optimizer.zero_grad()
    states = [v for state in optimizer.state.values() for v in state.values() if isinstance(v, Tensor)]
    meter.see((list(model.parameters()), list(model.buffers()), states))
    with meter:
        step()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    return {
        "parameters": local_bytes(model.parameters()),
        "gradients": local_bytes(gradients),
        "states": local_bytes(states),
        "total": meter.peak,
    }
