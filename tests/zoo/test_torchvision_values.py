"""Weights of torchvision load unchanged, and give the same outputs and gradients; one network of each family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
import torch

import netspec_torch

from .support import spec
from .vision import FAMILIES, build
from .vision_networks import NETWORKS, WITH_AUXILIARY

SHAPES: dict[str, tuple[int, ...]] = {
    "inception_v3": (3, 96, 96), "r3d_18": (3, 4, 32, 32), "mc3_18": (3, 4, 32, 32), "r2plus1d_18": (3, 4, 32, 32),
    "s3d": (3, 14, 224, 224), "maxvit_t": (3, 224, 224), "swin_t": (3, 224, 224), "swin_v2_t": (3, 256, 256),
    "vit_b_32": (3, 224, 224),
}
"""Shapes of inputs that networks need at least; for the others a small image does."""
SMALL = (3, 64, 64)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _filled(net: torch.nn.Module) -> torch.nn.Module:
    """The network with random numbers in every tensor, also in those that begin as zeros, ones or next to nothing."""
    g = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.normal_(generator=g)
            if p.dim() > 1 and p[0].numel() > 1:
                p.div_((p[0].numel() / 2) ** 0.5)
            else:
                p.mul_(0.1).add_(0.0 if name.endswith("bias") else 0.5)
        for name, b in net.named_buffers():
            if name.endswith("running_mean"):
                b.normal_(0, 0.1, generator=g)
            elif name.endswith("running_var"):
                b.uniform_(0.5, 1.5, generator=g)
    return net


def _pair(
    builder: str, reference: str, shape: tuple[int, ...], *, auxiliary: bool = False
) -> tuple[torch.nn.Module, torch.nn.Module]:
    """torchvision's network and ours, in eval mode, with the same random weights."""
    theirs = _filled(build(builder, auxiliary=auxiliary))
    name, _, variant = reference.partition("@")
    graph = spec(name).graph(variant or None, shapes={"input": shape}).graph
    assert graph is not None
    ours = netspec_torch.build(graph).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return theirs, ours


def _same(got: list[torch.Tensor], want: list[torch.Tensor]) -> None:
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert bool(b.isfinite().all())
        assert float(b.std()) > 1e-3 * float(b.abs().max()), "an output that says nothing"
        assert _off(a, b) < 1e-5


def _outputs(found: torch.Tensor | Mapping[str, torch.Tensor] | tuple[torch.Tensor | None, ...]) -> list[torch.Tensor]:
    """The outputs of a network, in order, however it gives them."""
    if isinstance(found, torch.Tensor):
        return [found]
    values = found.values() if isinstance(found, Mapping) else found
    return [t for t in values if t is not None]


def _off(a: torch.Tensor, b: torch.Tensor) -> float:
    """Greatest difference, as a part of the greatest number."""
    return float((a - b).abs().max() / b.abs().max().clamp_min(1e-30))


@pytest.mark.parametrize("builder", FAMILIES)
def test_outputs_and_gradients(builder: str) -> None:
    theirs, ours = _pair(builder, NETWORKS[builder], SHAPES.get(builder, SMALL))
    batch = 1 if builder == "s3d" else 2
    x = torch.randn(batch, *SHAPES.get(builder, SMALL), generator=torch.Generator().manual_seed(2))
    got, want = _outputs(ours(x)), _outputs(theirs(x))
    _same([t.detach() for t in got], [t.detach() for t in want])
    for outputs in (got, want):
        torch.stack([t.square().mean() for t in outputs]).sum().backward()  # type: ignore[no-untyped-call]
    gradients = {name: p.grad for name, p in ours.named_parameters()}
    largest = max(float(p.grad.abs().max()) for p in theirs.parameters() if p.grad is not None)
    for name, p in theirs.named_parameters():
        mine, g = gradients.pop(name), p.grad
        assert (mine is None) == (g is None), name
        if mine is not None and g is not None:
            # Sums that cancel (keys' biases, where softmax follows) are noise beside the others.
            assert float((mine - g).abs().max()) <= 1e-5 * max(float(g.abs().max()), 1e-6 * largest), name
    assert not gradients


@pytest.mark.parametrize("builder", WITH_AUXILIARY)
def test_auxiliary_outputs(builder: str) -> None:
    """torchvision gives them in training alone: so it is put there, without dropout and with the running statistics."""
    theirs, ours = _pair(builder, WITH_AUXILIARY[builder], (3, 299, 299), auxiliary=True)
    theirs.train()
    for part in theirs.modules():
        if isinstance(part, (torch.nn.Dropout, torch.nn.BatchNorm2d)):
            part.eval()
    x = torch.randn(1, 3, 299, 299, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        got, want = _outputs(ours(x)), _outputs(theirs(x))
    assert len(want) == (3 if builder == "googlenet" else 2)
    _same(got, want)
