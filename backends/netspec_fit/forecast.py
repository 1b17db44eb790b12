"""The memory that PyTorch takes to train a network, or to run it."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.backend import BlockMemory, Memory, MemoryPeak, Phase
from netspec.ir import Graph

from .settings import OPTIMIZERS, Settings
from .simulated.work import Tally
from .simulation import Kept, Network, Simulation

COUNTER = 4
"""Bytes of the number of steps that an optimiser keeps for each tensor."""


def forecast(
    graph: Graph | Network, settings: Settings, *, fused_rms_norm: bool = True, tally: Tally | None = None
) -> Memory:
    """The memory of a network.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: what it is for.
        fused_rms_norm: whether ``F.rms_norm`` is one function on CUDA, as in builds of PyTorch for it.
        tally: counts the functions that run, if it is given.

    Raises:
        Error: NS821, a function of the network has no rule; NS822, there is no such block to checkpoint;
            NS823, a setting is invalid; NS825 and NS826, the network cannot be run.
        netspec.backend.UnsupportedError: NS701, operations that the PyTorch backend has no rule for.
    """
    settings.check()
    network = graph if isinstance(graph, Network) else Network(graph)
    simulation = Simulation(network, settings, fused_rms_norm=fused_rms_norm)
    meter = simulation.run.meter
    before = dict(meter.kinds)
    simulation.run.tally = tally
    kept: Sequence[Kept] = ()
    if settings.training:
        kept = simulation.train()
    else:
        simulation.infer()
    parameters = simulation.model.named_parameters()
    trained = [p.grad.storage.held for _, p in parameters if p.grad is not None]
    gradients, states = sum(trained), 0
    if tally is not None:
        tally.trained_bytes = sum(p.storage.nbytes for _, p in parameters if p.grad is not None)
    if settings.optimizer is not None:
        optimizer = OPTIMIZERS[settings.optimizer]
        states = optimizer.states * gradients
        if optimizer.counts and settings.device == "cpu":
            states += COUNTER * len(trained)
    weights: dict[str, int] = {}
    for name, parameter in parameters:
        owner = name.rpartition(".")[0]
        weights[owner] = weights.get(owner, 0) + parameter.storage.held
    activations: dict[str, int] = {}
    for part in kept:
        if part.kind == "activations":
            activations[part.place] = activations.get(part.place, 0) + part.held
    names = dict.fromkeys((*(name for name, _ in simulation.model.named_modules()), *activations))
    return Memory(
        network=network.graph.name,
        settings=settings,
        dtype=settings.dtype or network.dtype,
        kernel=simulation.run.kernel,
        weights=before["weights"],
        buffers=before["buffers"],
        inputs=before["inputs"],
        gradients=gradients,
        states=states,
        activations=sum(activations.values()),
        saved=sum(part.nbytes for part in kept),
        peak=_peak(simulation, gradients, states),
        parts=[BlockMemory(n, weights.get(n, 0), activations.get(n, 0)) for n in names],
        has_attention="scaled_dot_product_attention" in network.text,
        has_experts="torch.func.functional_call" in network.text or " route(" in network.text,
    )


def _peak(simulation: Simulation, gradients: int, states: int) -> MemoryPeak:
    """The moment when most is in use: in the forward and backward pass, or in the optimiser's step after them."""
    meter = simulation.run.meter
    kinds = meter.kinds_at_peak
    phase: Phase = "backward" if meter.peak_phase == "backward" else "forward"
    peak = MemoryPeak(
        phase, meter.peak_place, kinds["weights"], kinds["buffers"], kinds["inputs"], kinds["gradients"], states,
        kinds["activations"],
    )  # fmt: skip
    if simulation.settings.optimizer is None:
        return peak
    temporary = OPTIMIZERS[simulation.settings.optimizer].step * gradients
    kinds = meter.kinds
    step = MemoryPeak(
        "step", "", kinds["weights"], kinds["buffers"], kinds["inputs"], kinds["gradients"], states + temporary,
        kinds["activations"],
    )  # fmt: skip
    return max(peak, step, key=lambda moment: moment.total)
