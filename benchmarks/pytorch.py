"""netspec's modules compared with torchvision's hand-written classes: ``python benchmarks/pytorch.py [--compiled]``.

Both run in one process, in turn, with the same weights; ratios are medians of pairs. The control is a second instance
of the hand-written class: its distance from 1 is the noise of the machine. Goals: forward, and forward with backward,
within 2%; building twice as fast as the constructor; no additional peak memory.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from harness import python, side_by_side, table
from torch import Tensor, nn

import netspec

sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]
"""Without this folder: torchvision looks for a package named pytorch, which is also this file's name."""
_LIBRARY = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    _LIBRARY.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from torchvision import models as vision  # noqa: E402 - its operators must be declared first

VISION = """
import torch
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from torchvision import models
"""
NETWORKS: dict[str, tuple[str, Callable[[], nn.Module]]] = {
    "vgg16": ("vgg@16", vision.vgg16),
    "resnet50": ("resnet@50", vision.resnet50),
}


def forward(model: nn.Module, x: Tensor) -> Callable[[], None]:
    """A function that runs one batch in inference."""

    def run() -> None:
        with torch.no_grad():
            model(x)

    return run


def training(model: nn.Module, x: Tensor) -> Callable[[], None]:
    """A function that runs one batch forward and backward."""

    def run() -> None:
        model.zero_grad(set_to_none=True)
        model(x).sum().backward()

    return run


def compare(ours: Callable[[], object], theirs: Callable[[], object], again: Callable[[], object], runs: int) -> str:
    """Median seconds of ours and theirs, and median ratios ours / theirs and second instance of theirs / theirs."""
    functions = (ours, theirs, again)
    for run in functions:
        run()
    times: list[list[float]] = [[], [], []]
    for i in range(runs):
        for n in (0, 1, 2) if i % 2 else (2, 1, 0):
            start = time.perf_counter()
            functions[n]()
            times[n].append(time.perf_counter() - start)
    mine, others, control = times
    ratios = [statistics.median(a / b for a, b in zip(x, others, strict=True)) for x in (mine, control)]
    seconds = f"{statistics.median(mine):>8.3f} s {statistics.median(others):>8.3f} s"
    return f"{seconds} {ratios[0]:>7.3f}x {ratios[1]:>7.3f}x"


def measure(name: str, runs: int, batch: int, compiled: bool) -> None:
    """Measure one network in this process."""
    spec, constructor = NETWORKS[name]
    graph = netspec.load(spec)
    building = compare(lambda: netspec.build(graph), constructor, constructor, 2 * runs)
    print(f"{name + ': building':<32} {building}", flush=True)
    hand, again, model = constructor(), constructor(), netspec.build(graph)
    for other in (again, model):
        other.load_state_dict(hand.state_dict())
    x = torch.rand(batch, 3, 224, 224)
    modes: list[tuple[str, list[nn.Module]]] = [("eager", [model, hand, again])]
    if compiled:
        modes.append(("compiled", [torch.compile(m, fullgraph=True) for m in (model, hand, again)]))
    for mode, models in modes:
        for what, step in (("forward", forward), ("and backward", training)):
            for m in models:
                m.train(step is training)
            a, b, c = (step(m, x) for m in models)
            print(f"{f'{name}: {what}, {mode}':<32} {compare(a, b, c, runs)}", flush=True)
    del model, hand, again, modes
    gc.collect()


def peaks(name: str, runs: int) -> None:
    """Measure the peak memory of processes that build the network and run one batch."""
    spec, _ = NETWORKS[name]
    run = "import torch; torch.set_num_threads(1)\nwith torch.no_grad(): model.eval()(torch.rand(1, 3, 224, 224))"
    commands = {
        f"{name}: netspec": python(f"import netspec; model = netspec.build({spec!r})\n{run}"),
        f"{name}: torchvision": python(f"{VISION}\nmodel = models.{name}()\n{run}"),
    }
    print(table(side_by_side(commands, runs), f"{name}: torchvision"), flush=True)


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compiled", action="store_true", help="also measure with torch.compile")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"{'':<32} {'netspec':>10} {'by hand':>10} {'ratio':>8} {'control':>8}")
    for name in NETWORKS:
        measure(name, args.runs, args.batch, args.compiled)
    for name in NETWORKS:
        peaks(name, max(args.runs // 4, 1))


if __name__ == "__main__":
    main()
