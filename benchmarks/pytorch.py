"""netspec's modules beside torchvision's hand-written classes: ``python benchmarks/pytorch.py [--compiled]``.

Both in one process, in turn, with the same weights; the ratios are medians of pairs. Goals: forward and forward with
backward within 2%, building twice as fast as the constructor, no extra peak memory.
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
"""Without this folder: torchvision looks for a package called pytorch, which is this file's name."""
_LIBRARY = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    _LIBRARY.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from torchvision import models  # noqa: E402 - it wants its operators declared

VISION = """
import torch
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from torchvision import models
"""
NETWORKS: dict[str, tuple[str, Callable[[], nn.Module]]] = {
    "vgg16": ("vgg@vgg16", models.vgg16), "resnet50": ("resnet@resnet50", models.resnet50),
}


def forward(model: nn.Module, x: Tensor) -> Callable[[], None]:
    """One batch in inference."""
    def run() -> None:
        with torch.no_grad():
            model(x)

    return run


def training(model: nn.Module, x: Tensor) -> Callable[[], None]:
    """One batch forwards and backwards."""
    def run() -> None:
        model.zero_grad(set_to_none=True)
        model(x).sum().backward()

    return run


def paired(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> str:
    """Seconds of both and the median of their ratios, the order changing from pair to pair."""
    ours(), theirs()
    mine: list[float] = []
    others: list[float] = []
    for i in range(runs):
        for kept, run in ((mine, ours), (others, theirs))[:: 1 if i % 2 else -1]:
            start = time.perf_counter()
            run()
            kept.append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(mine, others, strict=True))
    return f"{statistics.median(mine):>8.3f} s {statistics.median(others):>8.3f} s {ratio:>7.3f}x"


def measure(name: str, runs: int, batch: int, compiled: bool) -> None:
    """All figures of a network in one process."""
    spec, constructor = NETWORKS[name]
    graph = netspec.load(spec)
    building = paired(lambda: netspec.build(graph), constructor, max(runs // 2, 3))
    print(f"{name + ': building':<32} {building}", flush=True)
    hand = constructor()
    model = netspec.build(graph)
    model.load_state_dict(hand.state_dict())
    x = torch.rand(batch, 3, 224, 224)
    pairs: list[tuple[str, nn.Module, nn.Module]] = [("eager", model, hand)]
    if compiled:
        pairs.append(("compiled", torch.compile(model, fullgraph=True), torch.compile(hand, fullgraph=True)))
    for how, a, b in pairs:
        a.eval(), b.eval()
        print(f"{f'{name}: forward, {how}':<32} {paired(forward(a, x), forward(b, x), runs)}", flush=True)
        a.train(), b.train()
        print(f"{f'{name}: and backward, {how}':<32} {paired(training(a, x), training(b, x), runs)}", flush=True)
    del model, hand, pairs
    gc.collect()


def peaks(name: str, runs: int) -> None:
    """Peak memory of whole processes that build and run one batch."""
    spec, _ = NETWORKS[name]
    run = "import torch; torch.set_num_threads(1)\nwith torch.no_grad(): model.eval()(torch.rand(1, 3, 224, 224))"
    commands = {
        f"{name}: netspec": python(f"import netspec; model = netspec.build({spec!r})\n{run}"),
        f"{name}: torchvision": python(f"{VISION}\nmodel = models.{name}()\n{run}"),
    }
    print(table(side_by_side(commands, runs), f"{name}: torchvision"), flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compiled", action="store_true", help="also with torch.compile")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"{'':<32} {'netspec':>10} {'by hand':>10} {'ratio':>8}")
    for name in NETWORKS:
        measure(name, args.runs, args.batch, args.compiled)
    for name in NETWORKS:
        peaks(name, max(args.runs // 4, 1))


if __name__ == "__main__":
    main()
