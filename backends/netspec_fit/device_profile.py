"""Measures the memory and work of one of several devices, block by block, where devices may divide layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

from netspec.analysis.block_chain import BlockChain, block_chain
from netspec.analysis.tensor_split import TensorSplit, tensor_split
from netspec.ir import Graph
from netspec_torch import divided_source

from .device_division import EXCHANGES, Division, wrap
from .functions import elementwise
from .settings import Settings
from .simulated.engine import backward
from .simulated.nodes import fresh, make, ungraded
from .simulated.run import Meter, current
from .simulated.tensors import Tensor
from .simulated.types import SIZE, is_floating
from .simulated.work import FunctionCall, OrderedTally
from .simulation import Network, Simulation, kept_storages, tensors_in

PHASES = ("forward", "backward")


@dataclass(frozen=True, slots=True)
class LocalTensor:
    """A parameter on a device before sharding.

    Attributes:
        name: full name.
        shape: sizes.
        item: bytes per element.
    """

    name: str
    shape: tuple[int, ...]
    item: int

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return prod(self.shape) * self.item

    def shard(self, devices: int, index: int = 0) -> int:
        """Returns the bytes of one device's shard if several devices divide the first axis like ``torch.chunk``."""
        if not self.shape:
            return self.nbytes if index == 0 else 0
        rows = -(-self.shape[0] // devices)
        held = max(0, min(rows, self.shape[0] - rows * index))
        return held * (self.nbytes // self.shape[0]) if self.shape[0] else 0


@dataclass(frozen=True)
class PartProfile:
    """A block, or the layers before or after all blocks.

    Attributes:
        parameters: its parameters.
        buffers: bytes of its buffers.
        saved: bytes of activations saved for the backward pass.
        forward: peak bytes of activations in its forward pass, without those saved by earlier parts.
        backward: peak bytes in its backward pass including its gradients, without those saved by earlier parts.
        output: bytes of its output.
        whole_gradients: bytes of gradients beyond the device's share; autograd computes the full gradient of a divided
            embedding.
        calls: the functions of both passes in order, without communication; equal blocks share the list.
    """

    parameters: Sequence[LocalTensor]
    buffers: int
    saved: int
    forward: int
    backward: int
    output: int
    whole_gradients: int
    calls: Sequence[FunctionCall]

    @cached_property
    def parameter_bytes(self) -> int:
        """Bytes of the parameters."""
        return sum(tensor.nbytes for tensor in self.parameters)

    def shard_bytes(self, devices: int) -> int:
        """Returns the bytes of the parameter shards of one device, if several devices share the parameters."""
        if devices not in self.shards:
            self.shards[devices] = sum(tensor.shard(devices) for tensor in self.parameters)
        return self.shards[devices]

    @cached_property
    def shards(self) -> dict[int, int]:
        """Cache of :meth:`shard_bytes`."""
        return {}


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """Memory and work of a device for one micro-batch, part by part.

    Attributes:
        before: the layers before the blocks.
        blocks: the blocks.
        after: the layers after the blocks, and the loss.
        inputs: bytes of the network's inputs.
    """

    before: PartProfile
    blocks: Sequence[PartProfile]
    after: PartProfile
    inputs: int

    @property
    def parts(self) -> list[PartProfile]:
        """All parts in execution order."""
        return [self.before, *self.blocks, self.after]


BEFORE, AFTER = "(before the blocks)", "(after the blocks)"


class _PartMeter(Meter):
    """A meter that splits what runs outside of the blocks into two locations, before and after them."""

    ended = False

    @property
    def place(self) -> str:
        """The location of the current function in the network."""
        return self.__dict__["place"] or (AFTER if self.ended else BEFORE)

    @place.setter
    def place(self, value: str) -> None:
        self.__dict__["place"] = "" if self.phase == "forward" and value in (BEFORE, AFTER) else value


def _marked_end(x: Tensor) -> Tensor:
    """Records that all blocks have run."""
    meter = current().meter
    assert isinstance(meter, _PartMeter)
    meter.ended = True
    return x


class Profiler:
    """Runs a network without values as one of several devices would.

    Args:
        graph: the network; named dimensions have their defaults.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph.at_default
        self.chain: BlockChain = block_chain(self.graph)
        self.split: TensorSplit = tensor_split(self.graph, self.chain)
        self.names = [scope.name for scope in self.chain.blocks]
        source = divided_source(self.graph)
        self.heads: Mapping[str, Sequence[str]] = source.heads if self.split.attention else {}
        self.network = Network(self.graph)
        self.divided = copy(self.network)
        self.divided.text = source.text
        self.like = [self.network.likes.get(name, name) for name in self.names]
        self.early = {parameter.name for node in self.chain.before for _, parameter in node.weights}

    def profile(
        self,
        settings: Settings,
        tensor: int = 1,
        *,
        sequence: bool = False,
        checkpoint: bool = False,
        loss_parallel: bool = False,
    ) -> DeviceProfile:
        """Returns the profile for a batch.

        Args:
            settings: batch, types and so on.
            tensor: number of devices that divide heads and units.
            sequence: whether they divide positions between the divided layers.
            checkpoint: whether blocks are recomputed in the backward pass.
            loss_parallel: whether the loss is computed from scores that are divided by classes.

        Raises:
            Error: NS821, a function of the network has no rule.
        """
        settings.check()
        simulation = Simulation(self.divided if tensor > 1 else self.network, settings)
        modules = dict(simulation.model.named_modules())
        meter = simulation.run.meter
        meter.__class__ = _PartMeter  # keeps the state of the meter, which has already counted the weights
        with simulation.running():
            if tensor > 1:
                division = Division(modules, self.split, tensor, sequence, gather_scores=not loss_parallel)
                division.divide(self.names, self.heads)
            for name, like in zip(self.names, self.like, strict=True):
                if like != name:  # it has the same profile as the other block
                    modules[name].__dict__["forward"] = _passed
                modules[name].configure(name, checkpoint and like == name)
            if self.names:
                wrap(modules[self.names[-1]], after=_marked_end)
            meter.restart()
            meter.peak_by_place.clear()
            simulation.run.tally = tally = OrderedTally()
            saved = self._train(simulation, _parallel_loss if loss_parallel else _loss)
        whole = self._whole_gradient(modules, tensor) if tensor > 1 else 0
        return self._by_part(simulation, modules, tally, saved, whole)

    def _by_part(
        self,
        simulation: Simulation,
        modules: Mapping[str, Any],
        tally: OrderedTally,
        saved: Iterable[tuple[str, int]],
        whole: int,
    ) -> DeviceProfile:
        """Builds the profile of a run.

        Args:
            simulation: the run.
            modules: the modules of the network, by name.
            tally: the functions that ran.
            saved: bytes of each activation saved for the backward pass, with the module that created it.
            whole: bytes of the gradient of a divided embedding beyond the device's share.
        """
        meter = simulation.run.meter
        owners = self._owners(modules)
        parts = len(self.names) + 2
        parameters: list[list[LocalTensor]] = [[] for _ in range(parts)]
        buffers = [0] * parts
        for name, parameter in simulation.model.named_parameters():
            owner = 0 if name in self.early else owners[name.rpartition(".")[0]]
            parameters[owner].append(LocalTensor(name, parameter.shape, SIZE[parameter.dtype]))
        for name, buffer in simulation.model.named_buffers():
            owner = 0 if name in self.early else owners[name.rpartition(".")[0]]
            buffers[owner] += buffer.storage.allocated_bytes
        calls: list[list[FunctionCall]] = [[] for _ in range(parts)]
        for call in tally.ordered:
            if call.name not in EXCHANGES:
                calls[owners.get(call.place, parts - 1)].append(call)
        keeps = [0] * parts
        for place, size in saved:
            keeps[owners.get(place, parts - 1)] += size
        tops = {phase: [0] * parts for phase in PHASES}
        for (phase, place), size in meter.peak_by_place.items():
            if phase in tops:
                owner = owners.get(place, parts - 1)
                tops[phase][owner] = max(tops[phase][owner], size)
        return self._result(simulation, parameters, buffers, calls, keeps, tops, whole)

    def _whole_gradient(self, modules: Mapping[str, Any], devices: int) -> int:
        """Returns the bytes of the gradient of a divided embedding beyond the device's share."""
        embedding = self.split.embedding
        if embedding is None or not self.split.divides(embedding, devices):
            return 0
        parameters: list[Tensor] = modules[embedding.layer].parameters(recurse=False)
        return (devices - 1) * sum(p.storage.nbytes for p in parameters)

    def _owners(self, modules: Iterable[str]) -> dict[str, int]:
        """Returns the part number of each module: 0 before the blocks, then the blocks, then the layers after them."""
        early = {node.layer for node in self.chain.before}
        early |= {name[:n] for name in early for n, c in enumerate(name) if c == "."}
        last = len(self.names) + 1
        numbers = {name: n for n, name in enumerate(self.names, 1)}
        out: dict[str, int] = {BEFORE: 0}
        for name in modules:
            parent = name.rpartition(".")[0]
            inherited = out.get(parent, last) if parent in numbers or out.get(parent, last) not in (0, last) else last
            out[name] = numbers.get(name, 0 if name and name in early else inherited)
        return out

    def _train(self, simulation: Simulation, loss: Callable[[Tensor], Tensor]) -> list[tuple[str, int]]:
        """Runs a training step with the loss of ``train.py``; returns the bytes saved between the passes by module."""
        meter, run = simulation.run.meter, simulation.run
        meter.phase = "forward"
        with run.recording(True), run.casting(simulation.settings.amp):
            results = [t for t in tensors_in(simulation.model(*simulation.inputs)) if t.requires_grad]
        meter.place = ""
        root: list[Tensor] = []
        with run.recording(True):
            while results:
                root.append(loss(results.pop()))
        saved = [(part.place, part.allocated_bytes) for part in kept_storages(root) if part.kind == "activations"]
        meter.phase = "backward"
        if root:
            backward(root)
        return saved

    def _result(
        self,
        simulation: Simulation,
        parameters: Sequence[Sequence[LocalTensor]],
        buffers: Sequence[int],
        calls: Sequence[Sequence[FunctionCall]],
        keeps: Sequence[int],
        tops: Mapping[str, Sequence[int]],
        whole: int,
    ) -> DeviceProfile:
        outputs = self._outputs(simulation)
        before = 0
        runs = [True, *(like == name for name, like in zip(self.names, self.like, strict=True)), True]
        sizes = [
            sum(tensor.nbytes for tensor in part) if run else 0 for part, run in zip(parameters, runs, strict=True)
        ]
        later = sum(sizes)
        parts: list[PartProfile] = []
        for n, held in enumerate(parameters):
            later -= sizes[n]
            forward, back = max(0, tops["forward"][n] - before), max(0, tops["backward"][n] - before - later)
            parts.append(
                PartProfile(held, buffers[n], keeps[n], forward, back, outputs[n], 0 if n else whole, calls[n])
            )
            before += keeps[n]
        at = {name: n for n, name in enumerate(self.names, 1)}
        for n, like in enumerate(self.like, 1):
            if not runs[n]:
                model = parts[at[like]]
                parts[n] = replace(
                    parts[n], saved=model.saved, forward=model.forward, backward=model.backward, calls=model.calls
                )
        inputs = sum(tensor.storage.allocated_bytes for tensor in simulation.inputs)
        return DeviceProfile(parts[0], parts[1:-1], parts[-1], inputs)

    def _outputs(self, simulation: Simulation) -> list[int]:
        """Returns the bytes of each part's output for the batch."""
        dtype = simulation.settings.amp or simulation.settings.dtype
        out: list[int] = []
        carried = self.chain.carried or [next(iter(self.graph.outputs.values()))] * (len(self.names) + 1)
        for value in (*carried, *list(self.graph.outputs.values())[:1]):
            kind = self.graph.values[value]
            size = SIZE[dtype if dtype is not None and is_floating(kind.dtype) else kind.dtype]
            out.append(simulation.settings.batch * int(kind.elements) * size)
        return out


def _loss(scores: Tensor) -> Tensor:
    """Computes a cross-entropy; the log-probabilities are saved, and have a gradient."""
    logarithms = elementwise.softmax(elementwise.cast_to("float32")(scores), -1)
    return make((), "float32", [logarithms], fresh(logarithms), "nll_loss", saved=[logarithms])


def _parallel_loss(scores: Tensor) -> Tensor:
    """The same for scores that are divided by classes, as ``torch.distributed.tensor.parallel.loss_parallel`` has it.

    One function computes the gradient of both steps: one-hot targets plus the exponentials, times a factor.
    """

    def like(inputs: Sequence[Tensor], name: str) -> Tensor:
        return ungraded(Tensor(shape, "float32"), inputs, name)

    def gradients(g: Tensor) -> list[Tensor | None]:
        targets = like([], "Scatter")
        exponentials = like([logarithms], "Exp")
        operands = like([targets, exponentials], "Add")
        del exponentials
        return [like([operands, g], "Mul")]

    single = elementwise.cast_to("float32")(scores)
    shape = single.shape
    shifted = like([single], "Sub")
    like([shifted], "Exp")
    logarithms = make(shape, "float32", [single], lambda g: [g], "LogSoftmax")
    return make((), "float32", [logarithms], gradients, "nll_loss", saved=[logarithms])


def _passed(x: Tensor, *_: Any) -> Tensor:
    """What stands in for a block that takes what another one takes."""
    return x
