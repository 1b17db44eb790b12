"""Figures as formulas of named dimensions: published formulas, and equal to the integer rules at every size tried."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from netspec import zoo
from netspec.analysis.network_figures import Analysis, analyze
from netspec.checking.spec import Spec
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import is_named
from netspec.shapes.types import TensorType

NAMES = {"height": "H", "width": "W", "depth": "T", "sequence": "n"}
FIGURES = ("params", "macs", "flops", "activations", "weighted_activations", "activation_bytes", "connections")
TINY_BERT: dict[str, Any] = {"width": 128, "depth": 2, "heads": 2, "vocabulary": 1000}


class Named:
    """A network of the zoo with names for all axes but the channels."""

    def __init__(self, name: str, variant: str | None = None, **settings: Any) -> None:
        self.spec, self.variant, self.settings = Spec(str(zoo.path(name))), variant, settings
        self.inputs = self.spec.elaborate(variant, settings).require_graph().at_default.input_types
        axes = [(axis, n) for x in self.inputs.values() for axis, n in self.axes(x)]
        self.named = NamedSizes([NamedDim(axis, n) for axis, n in dict(reversed(axes)).items()], fix=True)
        shapes = {
            name: self.shape(x, {d: self.named.size(d) for d in self.named.dims}) for name, x in self.inputs.items()
        }
        self.analysis = analyze(self.spec.elaborate(variant, settings, shapes, named=self.named).require_graph())

    @staticmethod
    def axes(x: TensorType) -> list[tuple[str, int]]:
        """Name and size of the axes that get a name."""
        return [
            (NAMES.get(role, "n"), n) for role, n in zip(x.axes, x.shape, strict=True) if role != "channels" and n > 1
        ]

    @staticmethod
    def shape(x: TensorType, sizes: dict[str, int]) -> tuple[int, ...]:
        """The shape of an input with these sizes."""
        return tuple(
            n if role == "channels" or n == 1 else sizes[NAMES.get(role, "n")]
            for role, n in zip(x.axes, x.shape, strict=True)
        )

    @property
    def formulas(self) -> Analysis:
        assert self.analysis.formulas is not None
        return self.analysis.formulas

    def at(self, sizes: dict[str, int]) -> Analysis:
        """The figures that the integer rules give."""
        shapes = {name: self.shape(x, sizes) for name, x in self.inputs.items()}
        return analyze(self.spec.elaborate(self.variant, self.settings, shapes).require_graph())


def number(size: int, sizes: dict[str, int]) -> int:
    return size.at(sizes) if is_named(size) else size


def test_resnet50() -> None:
    net = Named("resnet", "resnet50")
    assert str(net.formulas.macs) == (
        "9408*((H + 1)//2)*((W + 1)//2) + 245760*((H + 3)//4)*((W + 3)//4) + 1310720*((H + 7)//8)*((W + 7)//8)"
        " + 7471104*((H + 15)//16)*((W + 15)//16) + 14417920*((H + 31)//32)*((W + 31)//32) + 2048000"
    )
    assert number(net.formulas.macs, {"H": 256, "W": 192}) == 4_005_773_312
    assert number(net.formulas.macs, {"H": 97, "W": 161}) == 1_570_424_000


@pytest.mark.parametrize(
    ("name", "variant", "settings", "sizes", "macs"),
    [
        ("unet", None, {"padding": "same", "norm": True, "channels": 3, "size": 64}, (64, 96), 4_516_085_760),
        ("googlenet", None, {}, (97, 161), 460_610_752),
        ("xception", None, {}, (97, 161), 1_389_833_792),
        ("fcn", None, {}, (97, 161), 9_847_616_448),
    ],
)
def test_macs_of_flop_counters(name: str, variant: str, settings: dict[str, Any], sizes: Any, macs: int) -> None:
    """The values are those of PyTorch's FlopCounterMode for torchvision's and other implementations."""
    net = Named(name, variant, **settings)
    assert number(net.formulas.macs, dict(zip("HW", sizes, strict=True))) == macs


def test_transformers() -> None:
    assert str(Named("gpt2").formulas.macs) == "18432*n*n + 123532032*n"
    assert number(Named("gpt2", depth=2).formulas.macs, {"n": 300}) == 16_102_425_600
    tiny = Named("bert", **TINY_BERT).formulas.macs
    assert (str(tiny), number(tiny, {"n": 77})) == ("512*n*n + 393216*n + 16384", 33_329_664)


CASES = ("resnet@18", "densenet@121", "googlenet", "swin@t", "segnet", "lstm_tagger", "gpt2", "unet3d")


@pytest.mark.parametrize("case", CASES)
def test_formulas_equal_the_integer_rules(case: str) -> None:
    name, _, variant = case.partition("@")
    settings: dict[str, Any] = {"depth": 2} if name == "gpt2" else {}
    net = Named(name, variant or None, **settings)
    defaults = net.named.defaults
    random = Random(case)
    tried = [defaults, *({d: n + random.choice((-32, 0, 32)) for d, n in defaults.items()} for _ in range(2))]
    for sizes in tried:
        if not all(c.holds(number(c.difference, sizes)) for c in net.analysis.graph.conditions):
            continue
        fixed = net.at(sizes)
        for own, other in zip(net.formulas.layers, fixed.layers, strict=True):
            assert [number(getattr(own, f), sizes) for f in FIGURES] == [getattr(other, f) for f in FIGURES], own.name
        assert [number(getattr(net.formulas, f), sizes) for f in FIGURES] == [getattr(fixed, f) for f in FIGURES]
    assert net.analysis.figures == net.at(defaults).figures
