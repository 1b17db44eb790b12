"""Compares the least time that netspec computes with PyTorch: operations, and the order of layers on this CPU.

    python -m tests.roofline [NAME:BATCH[:DIMENSION=SIZE] ...] [--layers]
    python -m tests.roofline --operations [NAME ...]

Without ``--operations``: the functions of some networks are timed by torch.profiler, with one thread, in a forward and a
backward pass, and Spearman's rank correlation with the bounds is printed over all layers. The CPU is described by its
measured rate and bandwidth. ``--operations``: the operations of a step of every network of the zoo, or of some, against
FlopCounterMode.
"""

# pyright: reportUnknownMemberType=false

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import netspec
from netspec.devices import Device, read_devices
from netspec_fit import Settings, roofline
from netspec_fit.simulation import Network
from tests.memory.__main__ import networks

NETWORKS = ("resnet@18:8", "densenet:1", "vit:1", "swin:1", "gpt2:2:n=64", "unet:1", "bert:1", "mobilenet_v2:8")
LEAST = 0.9


def compare_operations(names: list[str]) -> int:
    """Prints networks whose operations differ; returns 1 if there are any."""
    from .operations import counted_operations, forecast_operations

    equal = different = errors = 0
    for name, graph in networks(names, False):
        try:
            network = Network(graph)
            expected, actual = counted_operations(network), forecast_operations(network)
        except Exception as error:
            errors += 1
            print(f"{name}: {type(error).__name__}: {' '.join(str(error).split())[:160]}", flush=True)
            continue
        equal += expected == actual
        if expected != actual:
            different += 1
            print(f"{name}: PyTorch {expected:,}, netspec {actual:,}", flush=True)
    print(f"{equal} agree, {different} differ, {errors} not compared")
    return int(different > 0)


def compare_times(names: Sequence[str], layers: bool) -> int:
    """Prints the correlation for each network; returns 1 if one is below :data:`LEAST`."""
    import torch

    from .profiled import describe_cpu

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "cpu.yaml")
        file.write_text(describe_cpu(), encoding="utf-8")
        (device,) = read_devices(file).values()
    rate = device.rates["float32"]
    print(f"{device.title}: {rate / 1e9:.1f} GFLOP/s, {device.bandwidth / 1e9:.1f} GB/s")
    print(f"{'network':16} {'batch':>5} {'layers':>6} {'forward':>8} {'backward':>8} {'both':>6}  bound / measured")
    return max(_compare_network(name, device, layers) for name in names)


def _compare_network(text: str, device: Device, layers: bool) -> int:
    from .profiled import layer_times

    name, batch, *rest = text.split(":")
    sizes = {dimension: int(size) for dimension, _, size in (part.partition("=") for part in rest)}
    network, settings = Network(netspec.load(name, sizes=sizes)), Settings(batch=int(batch), device="cpu")
    measured = layer_times(network, settings)
    bound = roofline(network, settings, device)
    rows = [(layer, measured[layer.name]) for layer in bound.layers if layer.name in measured]
    forward = [(layer.forward.seconds, times[0]) for layer, times in rows]
    backward = [(layer.backward.seconds, times[1]) for layer, times in rows]
    both = [(layer.total.seconds, sum(times)) for layer, times in rows]
    values = [rank_correlation(*zip(*pairs, strict=True)) for pairs in (forward, backward, both)]
    share = sum(b for b, _ in both) / sum(m for _, m in both)
    print(f"{name:16} {settings.batch:5} {len(rows):6} {values[0]:8.3f} {values[1]:8.3f} {values[2]:6.3f}  {share:.0%}")
    for (layer, _), (least, time) in zip(rows, both, strict=True):
        if layers:
            print(f"    {layer.name:40} {least * 1e3:9.3f} ms  {time * 1e3:9.3f} ms  {', '.join(layer.functions)}")
    sys.stdout.flush()
    return int(values[2] < LEAST)


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's rank correlation: Pearson's of ranks, equal values having their mean rank."""
    x, y = ranks(a), ranks(b)
    mean = (len(x) - 1) / 2
    covariance = sum((p - mean) * (q - mean) for p, q in zip(x, y, strict=True))
    variances = sum((p - mean) ** 2 for p in x) * sum((q - mean) ** 2 for q in y)
    return float(covariance / variances**0.5) if variances else 0.0


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value from 0; equal values have their mean rank."""
    order = sorted(range(len(values)), key=values.__getitem__)
    out = [0.0] * len(values)
    first = 0
    for last in range(len(order)):
        if last + 1 == len(order) or values[order[last + 1]] != values[order[first]]:
            for position in range(first, last + 1):
                out[order[position]] = (first + last) / 2
            first = last + 1
    return out


def main(arguments: list[str]) -> int:
    """Prints a comparison; returns 1 if netspec differs, or a correlation is too low."""
    parser = argparse.ArgumentParser(prog="python -m tests.roofline", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--operations", action="store_true")
    parser.add_argument("--layers", action="store_true", help="print every layer")
    args = parser.parse_args(arguments)
    warnings.filterwarnings("ignore")
    if args.operations:
        return compare_operations(args.names)
    return compare_times(args.names or NETWORKS, args.layers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
