"""Small networks with everything that a report shows."""

from __future__ import annotations

from functools import cache

from netspec.analysis import Analysis, analyze
from tests.analysis import networks
from tests.drafts import Draft


@cache
def resnet18() -> Analysis:
    return analyze(networks.resnet("resnet18", "BasicBlock", (2, 2, 2, 2)))


@cache
def vgg16() -> Analysis:
    return analyze(networks.vgg("vgg16", (2, 2, 3, 3, 3), prefix=""))


@cache
def unet() -> Analysis:
    return analyze(networks.unet())


def hostile() -> Analysis:
    """Names and documentation that would break a report unless escaped."""
    net = Draft("<script>alert(1)</script>|`x`")
    x = net.input(2, name="a|b")
    net.add("x|y*_z_", "dense", x, units=3)
    graph = net.graph(doc="first\n\x1b[31mred</p>", variant="v|1")
    return analyze(graph)


def two_inputs() -> Analysis:
    """Two inputs of different types, frozen and shared weights, two outputs."""
    net = Draft("pair")
    tokens = net.input(12, name="tokens", dtype="int64")
    image = net.input(3, 16, 16, name="image")
    t = net.add("embed", "embedding", tokens, vocabulary=50, width=8, freeze=True)
    t = net.add("mix", "dense", t, units=8)
    t = net.add("again", "dense", t, units=8, share="mix")
    x = net.add("conv", "conv2d", image, filters=8, kernel=3, stride=2, activation="relu")
    x = net.add("bn", "batch_norm", x)
    x = net.add("up", "upsample", x, scale=2)
    x = net.add("narrow", "conv2d", x, filters=4, kernel=2)
    return analyze(net.graph(t, x))
