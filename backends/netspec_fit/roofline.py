"""A lower bound on the run time of a network, from the bytes and operations of each function."""

from __future__ import annotations

from netspec.backend import LayerTime, Memory, Roofline, TimeBound, total_bound
from netspec.devices import Device
from netspec.diagnostics import Error
from netspec.ir import Graph

from .forecast import forecast
from .settings import OPTIMIZERS, Settings
from .simulated.trace import Trace
from .simulated.work import FunctionCall, Tally
from .simulation import Network


def roofline(graph: Graph | Network, settings: Settings, device: Device, *, trace: Trace | None = None) -> Roofline:
    """Returns the minimum time of a training step or forward pass, with the forecast of its memory.

    Args:
        graph: the network; named dimensions have their defaults.
        settings: batch, types and so on; the rules are those of ``device.backend``.
        device: the device with its peak rates and bandwidth.
        trace: if given, samples memory over time.

    Raises:
        Error: as :func:`~netspec_fit.forecast`; NS829, no rate is published for a type that the network computes in.
    """
    network = graph if isinstance(graph, Network) else Network(graph)
    tally = Tally()
    memory = forecast(network, settings, tally=tally, trace=trace)
    return roofline_of(memory, tally, device, token_count(network))


def roofline_of(memory: Memory, tally: Tally, device: Device, tokens: int | None) -> Roofline:
    """Returns the bound for a run whose functions have been counted.

    Args:
        memory: the forecast.
        tally: the functions of the run.
        device: the device with its peak rates and bandwidth.
        tokens: number of tokens of one example; None for a network without token inputs.

    Raises:
        Error: NS829, no rate is published for a type.
    """
    bounds: dict[str, dict[str, TimeBound]] = {}
    functions: dict[str, dict[str, None]] = {}
    for call, times in tally.calls.items():
        layer = bounds.setdefault(call.place, {"forward": TimeBound(), "backward": TimeBound()})
        layer[call.phase] += call_bound(call, times, device)
        if call.phase == "forward":
            functions.setdefault(call.place, {})[call.name] = None
    layers = [
        LayerTime(name, tuple(functions.get(name, ())), bound["forward"], bound["backward"])
        for name, bound in bounds.items()
    ]
    return Roofline(
        network=memory.network,
        settings=memory.settings,
        device=device,
        memory=memory,
        layers=layers,
        forward=total_bound(layer.forward for layer in layers),
        backward=total_bound(layer.backward for layer in layers),
        step=step_bound(memory.settings.optimizer, tally.trained_bytes, device),
        tokens=tokens,
    )


def call_bound(call: FunctionCall, times: int, device: Device) -> TimeBound:
    """Returns the minimum time of several equal calls of a function. Raises Error NS829."""
    work = call.work
    seconds = work.nbytes / device.bandwidth
    computing = 0.0
    if work.operations:
        # PyTorch's defaults: cuDNN may round the inputs of convolutions to TF32, cuBLAS must not round those of
        # products
        rate = device.rate(call.dtype, tf32=work.unit == "convolution")
        if rate is None:
            known = ", ".join(name for name in device.rates if name != "tf32")
            raise Error("NS829", f"no peak rate of {device.title} is known for {call.dtype}", f"known are {known}")
        computing = work.operations / rate
    operations, moved = work.operations * times, work.nbytes * times
    if computing > seconds:
        return TimeBound(operations, moved, 0.0, computing * times)
    return TimeBound(operations, moved, seconds * times, 0.0)


def step_bound(optimizer: str | None, trained: int, device: Device) -> TimeBound:
    """Returns the bound of the optimiser's step as one function that reads and writes weights and states.

    Args:
        optimizer: its name; None for inference.
        trained: bytes of the trained weights.
        device: the device with its bandwidth.
    """
    if optimizer is None:
        return TimeBound()
    states = OPTIMIZERS[optimizer].states
    moved = trained * (2 + states) + trained * (1 + states)
    return TimeBound(0, moved, moved / device.bandwidth, 0.0)


def token_count(network: Network) -> int | None:
    """Returns the number of tokens of one example: the length of the longest integer vector, or None."""
    return max((shape[0] for shape, dtype in network.inputs if len(shape) == 1 and "int" in dtype), default=None)
