"""Compares a network of the zoo with its counterpart: parameters, strict state dict, outputs and MACs."""

# Other packages have no types:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import netspec_torch
from netspec.analysis import analyze
from netspec.ir import Graph

from ..support import graph
from .cases import Case

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
VARIES = 1e-3
"""Least difference between the outputs of two examples, relative to the greatest value."""


class Comparison(NamedTuple):
    """What a comparison measured."""

    params: int
    tensors: int
    """Tensors loaded by name."""
    difference: float
    """The greatest of all outputs, relative to the greatest value of each."""
    varies: float
    macs: int
    problems: tuple[str, ...]


def compare(case: Case) -> Comparison:
    """Compare both modules with the same random weights, in double precision."""
    net = graph(case.reference).at_default
    theirs = case.module()
    randomize(theirs)
    ours = netspec_torch.build(net, seed=0).double().eval()
    problems: list[str] = []
    params = parameter_count(ours)
    if params != parameter_count(theirs) or params != sum(p.elements for p in net.parameters if not p.buffer):
        problems.append(f"{params:,} parameters; the other module has {parameter_count(theirs):,}")
    if case.published is not None:
        with torch.device("meta"):
            count = parameter_count(case.published())
        stated = sum(p.elements for p in graph(case.name).parameters if not p.buffer)
        if count != stated:
            problems.append(f"{stated:,} parameters at the published size; the other module has {count:,}")
    inputs = random_inputs(net, case)
    theirs.double()
    calibrate(theirs, case, inputs)
    tensors = load(ours, theirs, case)
    with torch.no_grad():
        want = flat(case.run(theirs, inputs))
        got = flat(ours(*inputs.values()))
    difference, varies = distances(got, want, case.limit, problems)
    macs = analyze(net).macs
    if case.counts_macs:
        counted = counted_macs(theirs, case, {k: v[:1] for k, v in inputs.items()})
        if counted != macs:
            problems.append(f"{macs:,} MACs; PyTorch counts {counted:,} in the other module")
    return Comparison(params, tensors, difference, varies, macs, tuple(problems))


def parameter_count(module: nn.Module) -> int:
    """Elements of all parameters, shared ones once."""
    return sum(p.numel() for p in module.parameters())


def randomize(module: nn.Module) -> None:
    """Give every parameter values that matter, also those that are initially zero, one, or small."""
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for p in module.parameters():
            if p.is_floating_point():
                fan = p[0].numel() if p.dim() > 1 else 0
                least, typical = (0.3 / fan**0.5, fan**-0.5) if fan else (1e-3, 0.2)
                spread = float(p.detach().float().std()) if p.numel() > 1 else 0.0
                if not spread > least:
                    p.add_(torch.randn(p.shape, generator=draw).to(p.dtype) * typical)
        for name, b in module.named_buffers():
            if name.endswith("running_mean"):
                b.add_(torch.randn(b.shape, generator=draw) * 0.1)
            elif name.endswith("running_var"):
                b.copy_(torch.rand(b.shape, generator=draw) + 0.5)


def calibrate(module: nn.Module, case: Case, inputs: Mapping[str, Tensor]) -> None:
    """Running statistics of these inputs, so that the signal survives the depth; then evaluation mode."""
    norms = [m for m in module.modules() if isinstance(m, BATCH_NORMS) and m.track_running_stats]
    module.eval()
    momenta = [m.momentum for m in norms]
    for m in norms:
        m.train()
        m.momentum = 1.0
    with torch.no_grad():
        if norms:
            case.run(module, inputs)
    for m, momentum in zip(norms, momenta, strict=True):
        m.momentum = momentum
        m.eval()


def random_inputs(net: Graph, case: Case, batch: int = 4) -> dict[str, Tensor]:
    """Random inputs in double precision; integers are between 0 and the smallest table that reads them."""
    draw = torch.Generator().manual_seed(1)
    rows = [node.weights[0][1].shape[0] for node in net.nodes if node.op.name == "embedding"]
    inputs: dict[str, Tensor] = {}
    for name, t in net.input_types.items():
        if t.dtype in ("int64", "int32"):
            x = torch.randint(0, min(rows, default=2), (batch, *t.shape), generator=draw)
            inputs[name] = x.to(getattr(torch, t.dtype))
        else:
            inputs[name] = torch.randn(batch, *t.shape, generator=draw, dtype=torch.float64)
    case.prepare(inputs)
    return inputs


def load(ours: nn.Module, theirs: nn.Module, case: Case) -> int:
    """Load their tensors by name; returns how many. Raises AssertionError for one that is missing or left over."""
    given, state = theirs.state_dict(), ours.state_dict()
    used: set[str] = set()
    for name, tensor in state.items():
        source = case.names(name)
        if source is None:
            continue
        assert source in given, f"{name}: the other module has no {source}"
        assert given[source].shape == tensor.shape, f"{name}: {tuple(tensor.shape)} and {tuple(given[source].shape)}"
        state[name] = given[source]
        used.add(source)
    ours.load_state_dict(state, strict=True)
    left = [n for n in given if n not in used and not any(part in n for part in case.unused)]
    assert not left, f"only the other module has {left[:8]}"
    return len(used)


def flat(outputs: Any) -> list[Tensor]:
    """All tensors of nested outputs, in order."""
    if isinstance(outputs, Tensor):
        return [outputs]
    if isinstance(outputs, Mapping):
        return [t for v in outputs.values() for t in flat(v)]
    if isinstance(outputs, (list, tuple)):
        return [t for v in outputs for t in flat(v)]
    return []


def distances(got: list[Tensor], want: list[Tensor], limit: float, problems: list[str]) -> tuple[float, float]:
    """The greatest difference, and the least that two examples differ by; problems are appended."""
    shapes = [tuple(t.shape) for t in got], [tuple(t.shape) for t in want]
    if shapes[0] != shapes[1]:
        problems.append(f"outputs {shapes[0]}; the other module's are {shapes[1]}")
        return float("inf"), 0.0
    difference, varies = 0.0, float("inf")
    for actual, expected in zip(got, want, strict=True):
        a, b = actual.double(), expected.double()
        scale = float(b.abs().max()) or 1.0
        difference = max(difference, float((a - b).abs().max()) / scale)
        varies = min(varies, float((b[0] - b[1]).abs().max()) / scale)
    if not difference < limit:
        problems.append(f"outputs differ by {difference:.1e}")
    if not varies > VARIES:
        problems.append("an output does not depend on the inputs")
    return difference, varies


def counted_macs(module: nn.Module, case: Case, inputs: Mapping[str, Tensor]) -> int:
    """What PyTorch's counter finds for one example, its fused attention written out."""
    counter = FlopCounterMode(display=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a device that is not here
        # Kernels of oneDNN and of fused attention for CPUs are not in the counter's table.
        with torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH), counter:
            case.run(module, inputs)
    return int(counter.get_total_flops()) // 2
