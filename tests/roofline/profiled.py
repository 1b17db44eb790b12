"""The time of each layer on this CPU, as torch.profiler measures it, and what the CPU is capable of."""

# torch is typed in part:
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function

from netspec_fit.settings import Settings
from netspec_fit.simulation import Network
from tests.memory.oracle import module_class, tensors_in

LABEL = "layer:"
REPEATS = 7
BACKWARD = "autograd::engine::evaluate_function: "


def _best(run: Callable[[], Any], repeats: int = 9) -> float:
    """The shortest of some times, in seconds."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def describe_cpu() -> str:
    """This CPU, with one thread, as a file of devices: the rate of a large product and the bandwidth of a large sum."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    rate = 2 * 1024**3 / _best(lambda: torch.mm(a, b))
    x, out = torch.randn(4 * 2**20), torch.empty(4 * 2**20)
    bandwidth = 2 * 4 * x.numel() / _best(lambda: torch.add(x, 1.0, out=out))
    return (
        "cpu-measured:\n"
        f"  title: {platform.machine()} with one thread\n"
        "  memory: 1 GB\n"
        f"  bandwidth: {bandwidth / 1e9:.2f} GB/s\n"
        f"  teraflops: {{float32: {rate / 1e12:.4f}}}\n"
        "  backend: cpu\n"
        "  source: measured by python -m tests.roofline\n"
    )


def layer_times(network: Network, settings: Settings) -> dict[str, tuple[float, float]]:
    """Seconds of each module's own functions, forward and backward: the shortest of several runs, each by itself."""
    torch.manual_seed(0)
    model = module_class(network.text)().train(settings.training)
    inputs = [_example((settings.batch, *shape), dtype) for shape, dtype in network.inputs]
    _label_modules(model)
    best: dict[str, tuple[float, float]] = {}
    for number in range(REPEATS + 1):
        measured = _measure(model, inputs, settings.training)
        if number:  # the first run only warms up
            for name, (forward, backward) in measured.items():
                old = best.get(name, (forward, backward))
                best[name] = min(old[0], forward), min(old[1], backward)
    return best


def _example(shape: tuple[int, ...], dtype: str) -> torch.Tensor:
    if dtype.startswith("float"):
        return torch.randn(shape)
    return torch.randint(0, 2, shape, dtype=getattr(torch, dtype))


def _label_modules(model: nn.Module) -> None:
    """Makes every module announce its name to the profiler while it runs."""
    for name, module in model.named_modules():
        forward = module.forward

        def labelled(*args: Any, _forward: Any = forward, _name: str = name, **kwargs: Any) -> Any:
            with record_function(LABEL + _name):
                return _forward(*args, **kwargs)

        module.forward = labelled


def _measure(model: nn.Module, inputs: list[torch.Tensor], training: bool) -> dict[str, tuple[float, float]]:
    """Seconds of each module's own functions in one run."""
    model.zero_grad()
    with profile(activities=[ProfilerActivity.CPU]) as profiler, torch.set_grad_enabled(training):
        result = model(*inputs)
        if training:
            loss: Any = sum(t.sum() for t in tensors_in(result) if t.requires_grad)
            del result
            loss.backward()
    forward: dict[str, float] = {}
    backward: dict[str, float] = {}
    owners: dict[int, str] = {}
    events: Any = profiler.events()
    for event in events:
        owner = _owner(event)
        if owner is None:
            continue
        if event.cpu_parent.name.startswith(LABEL):
            forward[owner] = forward.get(owner, 0.0) + event.cpu_time_total / 1e6
        if event.sequence_nr >= 0:
            owners[event.sequence_nr] = owner  # the innermost function that has the number is the last one
    for event in events:
        if event.name.startswith(BACKWARD) and event.sequence_nr in owners:
            owner = owners[event.sequence_nr]
            backward[owner] = backward.get(owner, 0.0) + event.cpu_time_total / 1e6
    return {name: (forward.get(name, 0.0), backward.get(name, 0.0)) for name in forward}


def _owner(event: Any) -> str | None:
    """The module whose function an event is; None for a module itself, and for what belongs to none."""
    if event.name.startswith(LABEL) or event.name.startswith(BACKWARD):
        return None
    at = event.cpu_parent
    while at is not None and not at.name.startswith(LABEL):
        at = at.cpu_parent
    return at.name.removeprefix(LABEL) if at is not None else None
