"""torchvision's networks and ours with the same weights: how far apart their outputs are, for every variant.

    python -m tests.zoo.values --all
    python -m tests.zoo.values --published 'vit_*' 'regnet_y_*'

Inputs are small unless ``--published`` asks for those of torchvision's figures, one at a time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatch
from functools import cache
from typing import Any, NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor, nn

import netspec_torch
from netspec.ir import Graph, Parameter
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import SeedSource

from .support import graph, spec
from .vision import build
from .vision_networks import FINE_TUNED, NETWORKS, WITH_AUXILIARY

LIMIT = 1e-5
"""Greatest difference allowed, relative to the greatest value of an output."""
SMALL = (3, 64, 64)
SHAPES: dict[str, tuple[int, ...]] = {
    "inception_v3": (3, 96, 96), "r3d_18": (3, 4, 32, 32), "mc3_18": (3, 4, 32, 32), "r2plus1d_18": (3, 4, 32, 32),
    "s3d": (3, 14, 224, 224), "maxvit_t": (3, 224, 224),
    **{f"swin3d_{v}": (3, 18, 40, 64) for v in "tsb"}, **{f"mvit_{v}": (3, 16, 64, 64) for v in ("v1_b", "v2_s")},
    "vit_b_32": (3, 224, 224), "vit_l_32": (3, 96, 96), "vit_h_14": (3, 56, 56),
}  # fmt: skip
"""Shapes of inputs that networks need at least; for the others a small image does."""
OTHER_SIZES = {"vit_b_16": 96, "vit_l_16": 96, "vit_h_14": 70}
"""Sizes in place of those that were fine-tuned for, where the tensors' shapes follow from them."""
PIECE = 1_000_003
"""Numbers drawn for all tensors; a prime, so that rows of a tensor differ."""


class Case(NamedTuple):
    """A network of torchvision, the same of the zoo, and the shape of what goes in."""

    builder: str
    reference: str
    shape: tuple[int, ...]
    auxiliary: bool = False


def cases(*, full_size: bool = False) -> list[Case]:
    """All of them, with small inputs or with those of torchvision's figures."""
    small = [
        *(Case(builder, reference, SHAPES.get(builder, SMALL)) for builder, reference in NETWORKS.items()),
        *(Case(builder, reference, (3, 299, 299), auxiliary=True) for builder, reference in WITH_AUXILIARY.items()),
        *(
            Case(builder, reference, (3, *[OTHER_SIZES.get(builder, 64)] * 2))
            for (builder, _), reference in FINE_TUNED.items()
            if full_size or builder in OTHER_SIZES
        ),
    ]
    return [case._replace(shape=image_of(graph(case.reference))) if full_size else case for case in small]


def image_of(net: Graph) -> tuple[int, ...]:
    """The shape of a network's input."""
    (image,) = net.at_default.input_types.values()
    return image.shape


@cache
def block() -> Tensor:
    """Normally distributed numbers."""
    return torch.randn(PIECE, generator=torch.Generator().manual_seed(1))


def filled(net: nn.Module) -> nn.Module:
    """The network with random numbers in every tensor, also in those that begin as zeros, ones or next to nothing.

    All tensors share one block of numbers, of which each begins where the last one ended.
    """
    at = 0

    def fill(t: Tensor) -> Tensor:
        nonlocal at
        flat, start = t.detach().view(-1), 0
        while start < flat.numel():
            n = min(PIECE - at, flat.numel() - start)
            flat[start : start + n] = block()[at : at + n]
            start, at = start + n, (at + n) % PIECE
        return t

    with torch.no_grad():
        for name, p in net.named_parameters():
            fill(p)
            if p.dim() > 1 and p[0].numel() > 1:
                p.div_((p[0].numel() / 2) ** 0.5)
            elif name.endswith("bias"):
                p.mul_(0.1)
        for name, b in net.named_buffers():
            if name.endswith("running_mean"):
                fill(b).mul_(0.1)
            elif name.endswith("running_var"):
                fill(b).abs_().add_(0.5)
    return net


@contextmanager
def unfilled() -> Generator[None]:
    """PyTorch's initial values of parameters are not computed."""

    def nothing(tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        return tensor

    with ExitStack() as stack:
        for name in ("kaiming_uniform_", "kaiming_normal_", "xavier_uniform_", "uniform_", "normal_", "trunc_normal_"):
            stack.enter_context(patch.object(nn.init, name, nothing))
        yield


class Fixed(SeedSource):
    """Only what is not trained: tables. The rest is loaded."""

    def fill(self, out: Array, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> None:
        if not parameter.trainable:
            super().fill(out, parameter, pool)


def pair(case: Case, *, shared: bool = False) -> tuple[nn.Module, nn.Module]:
    """torchvision's network and ours, in eval mode, with the same random weights: in memory once if ``shared``."""
    size = case.shape[-1] if case.builder.startswith(("vit_", "mvit_")) else None
    with unfilled():
        theirs = filled(build(case.builder, auxiliary=case.auxiliary, size=size))
    name, _, variant = case.reference.partition("@")
    net = spec(name).elaborate(variant or None, shapes={"input": case.shape}).graph
    assert net is not None
    ours = netspec_torch.build(net, weights=Fixed()).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=shared)
    return theirs, ours


def outputs(actual: Tensor | Mapping[str, Tensor] | tuple[Tensor | None, ...]) -> list[Tensor]:
    """The outputs of a network, in order, however it gives them."""
    if isinstance(actual, Tensor):
        return [actual]
    values = actual.values() if isinstance(actual, Mapping) else actual
    return [t for t in values if t is not None]


def difference(got: list[Tensor], want: list[Tensor]) -> float:
    """The greatest of all outputs, as a part of the greatest number; AssertionError where an output says nothing."""
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert a.shape == b.shape
        assert bool(b.isfinite().all())
        assert float(b.std()) > 1e-3 * float(b.abs().max()), "an output that says nothing"
        if len(b) > 1:
            assert float((b[0] - b[1]).abs().max()) > 1e-3 * float(b.abs().max()), "an output that hangs on no input"
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(got, want, strict=True))


class Compared(NamedTuple):
    """What was found of a network."""

    params: int
    largest: float
    """See :func:`difference`."""
    outputs: int
    seconds: float


def compared(case: Case, batch: int = 2) -> Compared:
    """Runs both networks, without gradients."""
    start = time.perf_counter()
    theirs, ours = pair(case, shared=True)
    if case.auxiliary:
        # torchvision gives these outputs in training alone; so without dropout, and with the running statistics.
        theirs.train()
        for part in theirs.modules():
            if isinstance(part, (nn.Dropout, nn.BatchNorm2d)):
                part.eval()
    x = torch.randn(batch, *case.shape, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        got, want = outputs(ours(x)), outputs(theirs(x))
    return Compared(
        sum(p.numel() for p in theirs.parameters()), difference(got, want), len(want), time.perf_counter() - start
    )


def main(arguments: list[str]) -> int:
    """Prints a line a variant; 1 where one is further off than is allowed."""
    parser = argparse.ArgumentParser(prog="python -m tests.zoo.values", description=__doc__)
    parser.add_argument("patterns", nargs="*", help="torchvision's names: 'regnet_*'")
    parser.add_argument("--all", action="store_true", help="every variant")
    parser.add_argument("--published", action="store_true", help="inputs of the size of torchvision's figures")
    args = parser.parse_args(arguments)
    if not args.patterns and not args.all:
        parser.error("name variants, or ask for --all")
    print(f"{'variant':<32} {'parameters':>11} {'input':>14} {'difference':>10} {'seconds':>7}")
    comparisons: list[Compared] = []
    for case in cases(full_size=args.published):
        if args.all or any(fnmatch(case.builder, p) for p in args.patterns):
            comparison = compared(case, 1 if args.published else 2)
            comparisons.append(comparison)
            print(
                f"{case.reference:<32} {comparison.params:11,} {'x'.join(map(str, case.shape)):>14} {comparison.largest:10.1e} "
                f"{comparison.seconds:7.2f}",
                flush=True,
            )
    wrong = sum(not f.largest < LIMIT for f in comparisons)
    print(
        f"{len(comparisons) - wrong} of {len(comparisons)} below {LIMIT:g}; largest {max((f.largest for f in comparisons), default=0):.1e}; "
        f"{sum(f.seconds for f in comparisons):.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
