"""One run of a network without values: a forward pass, or a training step."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

from netspec.analysis.block_chain import block_chain
from netspec.diagnostics import Error, clip
from netspec.ir import Graph
from netspec_torch import source

from .checkpointing import checkpointed_modules
from .equal_blocks import RepeatedBlocks, checkpointed_alike, equal_blocks
from .functions import elementwise, reductions
from .interpreted.interpreter import SourceError, SourceInterpreter
from .modules.module_base import Module
from .settings import Settings
from .simulated.engine import backward
from .simulated.errors import MissingRuleError, TooLongError
from .simulated.run import Run, Storage, running
from .simulated.tensors import Node, Tensor
from .simulated.trace import Kind
from .simulated.types import is_floating


class KeptStorage(NamedTuple):
    """A storage that is saved for the backward pass."""

    place: str
    """The module that created it."""
    kind: Kind
    nbytes: int
    allocated_bytes: int
    """Bytes that the allocator reserves for it."""


class Network:
    """A network's source and its inputs for one example.

    Args:
        graph: the network; named dimensions have their defaults.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations that the PyTorch backend has no rule for.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph.at_default
        self.text = source(self.graph)
        self.likes = equal_blocks(self.graph, block_chain(self.graph))
        """Blocks that need not run, each with the name of its representative."""
        self.inputs = [(tuple(map(int, t.shape)), t.dtype) for t in self.graph.input_types.values()]

    @property
    def dtype(self) -> str:
        """The type of its weights."""
        return self.graph.dtype


class Simulation:
    """A network in memory, ready to run.

    Args:
        network: its source.
        settings: batch, types and so on.
        fused_rms_norm: whether ``F.rms_norm`` is a single function on CUDA, as in PyTorch's CUDA builds.
        repeats: whether some of several equal blocks may represent all.

    Raises:
        Error: NS821, something in the source has no rule; NS825, it has too many steps.
    """

    repeated: RepeatedBlocks | None = None
    """The blocks that represent others."""

    def __init__(
        self, network: Network, settings: Settings, *, fused_rms_norm: bool = True, repeats: bool = False
    ) -> None:
        self.settings = settings
        dtype = settings.dtype or network.dtype
        device: Literal["cpu", "cuda"] = "cpu" if settings.device == "cpu" else "cuda"
        self.run = Run(device=device, kernel=settings.kernel(dtype), fused_rms_norm=fused_rms_norm)
        with self.running():
            self.model = self._load(network.text, settings.dtype, network.likes if repeats else {})
            with self.run.creating("inputs"):
                self.inputs = [
                    Tensor((settings.batch, *shape), (settings.dtype or kind) if is_floating(kind) else kind)
                    for shape, kind in network.inputs
                ]
        self.run.meter.restart()

    @contextmanager
    def running(self) -> Generator[None]:
        """Sets up the context of the run, and converts missing rules to diagnostics."""
        meter = self.run.meter
        collecting = gc.isenabled()
        gc.disable()  # tensors are freed by reference counts, and there are no cycles among them
        try:
            with running(self.run):
                yield
        except MissingRuleError as missing:
            place = f" (layer '{clip(meter.place)}')" if meter.place else ""
            help_ = (
                "on the CPU its memory is known: --device cpu"
                if "cuDNN" in missing.what
                else "nothing is guessed: leave the layer out, or measure the network in PyTorch"
            )
            raise Error("NS821", f"the memory of {clip(missing.what, 200)} is not known{place}", help_) from None
        except TooLongError:
            message = "a loop of the network takes too many steps for a forecast"
            raise Error("NS825", message, "give the axis that it runs along a smaller size: --at NAME=SIZE") from None
        except SourceError as error:
            raise Error("NS826", f"the network does not run: {clip(str(error), 200)}") from None
        finally:
            if collecting:
                gc.enable()

    def _load(self, text: str, dtype: str | None, likes: Mapping[str, str]) -> Module:
        with self.run.creating("weights"):
            model = SourceInterpreter(text).create()
            for tensor in (*model.parameters(), *model.buffers()):
                tensor.node = None
            if dtype is not None:
                model.to(dtype)
        for tensor in model.buffers():
            tensor.storage.become("buffers")
        model.train(self.settings.training)
        named = dict(model.named_modules())
        chosen = checkpointed_modules(named, self.settings.checkpoint)
        for name, module in named.items():
            module.configure(name, name in chosen)
        if likes and checkpointed_alike(likes, chosen):
            self.repeated = RepeatedBlocks(named, likes)
        return model

    # -- what is done -------------------------------------------------------------------------------------------------
    def infer(self) -> None:
        """Runs a forward pass without saving tensors for a backward pass."""
        with self.running():
            self.run.meter.phase = "forward"
            with self.run.casting(self.settings.amp):
                result = self.model(*self.inputs)
            del result

    def keep(self) -> list[KeptStorage]:
        """Runs a forward pass and returns everything that autograd saved, including weights and inputs."""
        with self.running():
            with self.run.recording(True), self.run.casting(self.settings.amp):
                result = self.model(*self.inputs)
            return kept_storages(tensors_in(result))

    def train(self) -> list[KeptStorage]:
        """Runs forward and backward pass of the sum of all outputs. Returns the storages saved between them."""
        meter = self.run.meter
        with self.running():
            meter.phase = "forward"
            root = self._loss()
            storages = kept_storages(root)
            meter.phase = "backward"
            if root:
                backward(root)
            return storages

    def _loss(self) -> list[Tensor]:
        """Returns a list with the sum of all outputs that need a gradient; empty if there are none."""
        total: Any = 0
        with self.run.recording(True), self.run.casting(self.settings.amp):
            result = self.model(*self.inputs)
            for tensor in tensors_in(result):
                if tensor.requires_grad:
                    total = elementwise.add(reductions.total(tensor), total)
        return [total] if isinstance(total, Tensor) else []


def tensors_in(value: Any) -> list[Tensor]:
    """Returns all tensors in a network's result."""
    if isinstance(value, Tensor):
        return [value]
    values: Any = value
    if isinstance(value, Mapping):
        values = value.values()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - of any depth
    return [tensor for inner in values or () for tensor in tensors_in(inner)]


def kept_storages(results: Iterable[Tensor]) -> list[KeptStorage]:
    """Returns the storages saved by the nodes that computed some tensors, each once."""
    todo = [t.node for t in results if t.node is not None]
    seen = set(map(id, todo))
    held: dict[int, Storage] = {}
    while todo:
        node = todo.pop()
        for tensor in (node.saved or ()) if node.region is None else node.region.inputs:
            if isinstance(tensor, Tensor):
                held[id(tensor.storage)] = tensor.storage
        for edge in node.edges:
            if edge is not None and isinstance(edge[0], Node) and id(edge[0]) not in seen:
                seen.add(id(edge[0]))
                todo.append(edge[0])
    return [KeptStorage(s.place, s.kind, s.nbytes, s.allocated_bytes) for s in held.values()]
