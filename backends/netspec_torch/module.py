"""Executes source code, instantiates the class on ``meta``, and fills the tensors once."""

# torch is partly typed, and a module's own tensors are accessible through protected dicts only:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateUsage=false

from __future__ import annotations

import hashlib
import math
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from netspec.backend import BackendError
from netspec.diagnostics import Error, clip
from netspec.ir import Graph, Parameter
from netspec.weights.initialisers import PIECE
from netspec.weights.weight_source import WeightSource

from .pickling import REMAKE
from .python.file import PythonSource, registered_modules, write

BATCH = PIECE // 4
"""Number of elements in a batch of small tensors that one task fills."""
_classes: WeakKeyDictionary[Graph, type[nn.Module]] = WeakKeyDictionary()
"""Cached classes of graphs that have been built."""


def load_class(source: PythonSource) -> type[nn.Module]:
    """Returns the class that a source defines. Each text is executed once per process."""
    name = f"netspec_{hashlib.sha256(source.text.encode()).hexdigest()[:16]}"
    if name not in sys.modules:
        exec(REMAKE, {"name": name, "source": source.text, "code": REMAKE, "cls": source.cls})
    cls = getattr(sys.modules[name], source.cls)
    assert isinstance(cls, type)
    assert issubclass(cls, nn.Module)
    return cls


def find_device(device: str | torch.device | None) -> torch.device:
    """Returns the device; None is PyTorch's default device.

    Raises:
        netspec.backend.BackendError: NS711, there is no such device, or PyTorch cannot use it.
    """
    try:
        chosen = torch.get_default_device() if device is None else torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise BackendError("NS711", f"the device '{clip(device)}' cannot be used", notes=[clip(reason, 200)]) from None
    return chosen


def build_module(graph: Graph, weights: WeightSource, device: torch.device) -> nn.Module:
    """Builds the network of a graph on a device, with weights from a source; on ``meta``, without values.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
        netspec.Error: NS917, the weights do not fit into memory.
    """
    cls = _classes.get(graph)
    if cls is None:
        cls = load_class(write(graph))
        if not registered_modules(graph):  # registered functions may be replaced later, so these classes are not cached
            _classes[graph] = cls
    with torch.device("meta"):
        model = cls()
    if device.type != "meta":
        _allocate(model, device)
        _fill(model, graph, weights)
    return model


def _allocate(model: nn.Module, device: torch.device) -> None:
    """Moves a module from ``meta`` to a device. Raises Error NS917 if its tensors do not fit into memory."""
    size = sum({id(tensor): tensor.nbytes for _, tensor in named_tensors(model)}.values())
    if device.type == "cpu" and size > (memory := _memory()):
        raise _too_large(size, f"this machine has {memory:,.0f}")
    try:
        model.to_empty(device=device)
    except (RuntimeError, MemoryError) as error:
        if size < PIECE:
            raise
        raise _too_large(size, f"'{device}' has less: {clip(' '.join(str(error).split()), 100)}") from None


def _too_large(size: int, reason: str) -> Error:
    message = f"the network is too large for this machine: its weights have {size:,} bytes; {reason}"
    return Error("NS917", message, "a module on the device 'meta' has shapes alone: netspec.build(spec, device='meta')")


def _memory() -> float:
    """Returns the size of the machine's memory, or a container's limit, in bytes; infinity if unknown."""
    try:
        sizes = [float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))]
    except (AttributeError, OSError, ValueError):
        return math.inf
    with suppress(OSError, ValueError):  # no limit
        sizes.append(float(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(sizes)


def named_tensors(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yields every parameter and buffer once with its full name, and constants under each of their names."""
    seen: set[int] = set()
    for prefix, module in model.named_modules():
        for key, tensor in [*module._parameters.items(), *module._buffers.items()]:
            if tensor is not None and (id(tensor) not in seen or key in module._non_persistent_buffers_set):
                seen.add(id(tensor))
                yield f"{prefix}.{key}" if prefix else key, tensor


def _fill(model: nn.Module, graph: Graph, weights: WeightSource) -> None:
    """Fills every tensor: large ones in pieces, small ones in batches, in parallel."""
    tensors = dict(named_tensors(model))
    first: dict[int, Parameter] = {}
    for parameter in graph.parameters:
        first.setdefault(id(tensors[parameter.name]), parameter)
    parameters = list(first.values())

    def fill(batch: list[Parameter]) -> None:
        for parameter in batch:
            _fill_one(tensors[parameter.name], parameter, weights, None)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        small: list[Future[None]] = []
        batch: list[Parameter] = []
        for parameter in parameters:
            if parameter.elements > PIECE:
                continue
            batch.append(parameter)
            if sum(p.elements for p in batch) >= BATCH:
                small.append(pool.submit(fill, batch))
                batch = []
        small.append(pool.submit(fill, batch))
        for parameter in parameters:
            if parameter.elements > PIECE:
                _fill_one(tensors[parameter.name], parameter, weights, pool)
        for task in small:
            task.result()


@torch.no_grad()
def _fill_one(tensor: Tensor, parameter: Parameter, weights: WeightSource, pool: ThreadPoolExecutor | None) -> None:
    if tensor.device.type == "cpu" and tensor.dtype != torch.bfloat16:
        weights.fill(tensor.detach().numpy(), parameter, pool)
    else:
        with torch.inference_mode(tensor.is_inference()), torch.no_grad():  # as when it was created
            tensor.copy_(torch.from_numpy(weights.values(parameter, pool)))
