"""Forecasts the memory that PyTorch needs to train a network or to run it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netspec.backend import BlockMemory, Memory, MemoryPeak, Phase
from netspec.ir import Graph

from .equal_blocks import UnequalBlocksError
from .settings import OPTIMIZERS, Settings
from .simulated.trace import Kind, Trace
from .simulated.work import Tally
from .simulation import KeptStorage, Network, Simulation

COUNTER = 4
"""Bytes of the step counter that an optimiser keeps for each tensor."""


def forecast(
    graph: Graph | Network,
    settings: Settings,
    *,
    fused_rms_norm: bool = True,
    tally: Tally | None = None,
    trace: Trace | None = None,
) -> Memory:
    """Forecasts the memory of a network.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: batch, types, optimiser, device and so on.
        fused_rms_norm: whether ``F.rms_norm`` is a single function on CUDA, as in PyTorch's CUDA builds.
        tally: if given, counts the functions that run.
        trace: if given, samples memory over time.

    Raises:
        Error: NS821, a function of the network has no rule; NS822, there is no such block to checkpoint; NS823, a
            setting is invalid; NS825 and NS826, the network cannot be run.
        netspec.backend.UnsupportedError: NS701, operations that the PyTorch backend has no rule for.
    """
    settings.check()
    network = graph if isinstance(graph, Network) else Network(graph)
    # autocast keeps casts of weights until the pass ends, and a trace shows every block
    repeats = trace is None and settings.amp is None
    try:
        return _forecast(network, settings, fused_rms_norm, repeats, tally, trace)
    except UnequalBlocksError:
        if tally is not None:
            tally.clear()
        return _forecast(network, settings, fused_rms_norm, False, tally, trace)


def _forecast(
    network: Network,
    settings: Settings,
    fused_rms_norm: bool,
    repeats: bool,
    tally: Tally | None,
    trace: Trace | None,
) -> Memory:
    """Forecasts the memory of a network.

    Raises:
        UnequalBlocksError: some blocks cannot represent others.
    """
    simulation = Simulation(network, settings, fused_rms_norm=fused_rms_norm, repeats=repeats)
    meter = simulation.run.meter
    before = dict(meter.kinds)
    simulation.run.tally, meter.trace = tally, trace
    storages: Sequence[KeptStorage] = ()
    if settings.training:
        storages = simulation.train()
    else:
        simulation.infer()
    parameters = simulation.model.named_parameters()
    trained = [p.grad.storage.allocated_bytes for _, p in parameters if p.grad is not None]
    gradients, states = sum(trained), 0
    if tally is not None:
        tally.trained_bytes = sum(p.storage.nbytes for _, p in parameters if p.grad is not None)
    if settings.optimizer is not None:
        optimizer = OPTIMIZERS[settings.optimizer]
        states = optimizer.states * gradients
        if optimizer.counts and settings.device == "cpu":
            states += COUNTER * len(trained)
    weights = _sums((name.rpartition(".")[0], p.storage.allocated_bytes) for name, p in parameters)
    activations = _sums((part.place, part.allocated_bytes) for part in storages if part.kind == "activations")
    saved = _sums((part.place, part.nbytes) for part in storages)
    if simulation.repeated is not None:
        simulation.repeated.spread_sizes(activations)
        simulation.repeated.spread_sizes(saved)
        if tally is not None:
            simulation.repeated.spread_calls(tally)
    step = _step(simulation, gradients, states)
    peak = _peak(simulation, states, step)
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
        saved=sum(saved.values()),
        peak=peak,
        parts=[BlockMemory(n, weights.get(n, 0), activations.get(n, 0)) for n in names],
        moments=_moments(trace, states, step) if trace is not None else (),
        has_attention="scaled_dot_product_attention" in network.text,
        has_experts="torch.func.functional_call" in network.text or " route(" in network.text,
    )


def _sums(sizes: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Sums sizes by name."""
    sums: dict[str, int] = {}
    for name, size in sizes:
        sums[name] = sums.get(name, 0) + size
    return sums


def _peak(simulation: Simulation, states: int, step: MemoryPeak | None) -> MemoryPeak:
    """Returns the moment of peak memory: in the forward and backward pass, or in the optimiser's step."""
    meter = simulation.run.meter
    peak = _moment(meter.peak_phase, meter.peak_place, meter.kinds_at_peak, states)
    return peak if step is None else max(peak, step, key=lambda moment: moment.total)


def _step(simulation: Simulation, gradients: int, states: int) -> MemoryPeak | None:
    """Returns the memory during the optimiser's step; None in inference."""
    if simulation.settings.optimizer is None:
        return None
    temporary = OPTIMIZERS[simulation.settings.optimizer].step * gradients
    return _moment("step", "", simulation.run.meter.kinds, states + temporary)


def _moment(phase: str, place: str, kinds: Mapping[Kind, int], states: int) -> MemoryPeak:
    known: Phase = "backward" if phase == "backward" else "step" if phase == "step" else "forward"
    return MemoryPeak(known, place, kinds["weights"], kinds["buffers"], kinds["inputs"], kinds["gradients"], states,
                      kinds["activations"])  # fmt: skip


def _moments(trace: Trace, states: int, step: MemoryPeak | None) -> list[MemoryPeak]:
    """Returns memory over time, ending with the optimiser's step."""
    trace.flush()
    moments = [_moment(sample.phase, sample.place, sample.kinds, states) for sample in trace.samples]
    return [*moments, step] if step is not None else moments
