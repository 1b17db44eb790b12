"""Published networks, laid out by hand with the names of the tables that they are compared with."""

from __future__ import annotations

from typing import Any

from netspec.ir import Graph
from tests.drafts import Draft

VGG_FILTERS = (64, 128, 256, 512, 512)


def vgg(name: str, convs: tuple[int, ...], *, size: int = 224, prefix: str | None = None, head: bool = True) -> Graph:
    """Simonyan & Zisserman 2014, convolutions padded by one, poolings without padding."""
    prefix = f"{name}/" if prefix is None else prefix
    slim = bool(prefix)
    net = Draft(name)
    x = net.input(3, size, size)
    for stage, (count, filters) in enumerate(zip(convs, VGG_FILTERS, strict=True), start=1):
        for i in range(1, count + 1):
            layer = f"{prefix}conv{stage}/conv{stage}_{i}" if slim else f"conv{stage}_{i}"
            x = net.add(layer, "conv2d", x, filters=filters, kernel=3, padding="same" if slim else 1, activation="relu")
        x = net.add(f"{prefix}pool{stage}", "max_pool2d", x, size=2)
    if head:
        x = net.add("flatten", "flatten", x)
        x = net.add("fc1", "dense", x, units=4096, activation="relu")
        x = net.add("fc2", "dense", x, units=4096, activation="relu")
        x = net.add("predictions", "dense", x, units=1000, activation="softmax")
    return net.graph(x)


def alexnet_v2() -> Graph:
    """TF-Slim's alexnet_v2 up to its last pooling: the first convolution and the poolings are VALID, the rest SAME."""
    net = Draft("alexnet_v2")
    x = net.input(3, 224, 224)
    layers: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("conv1", "conv2d", {"filters": 64, "kernel": 11, "stride": 4}),
        ("pool1", "max_pool2d", {"size": 3, "stride": 2}),
        ("conv2", "conv2d", {"filters": 192, "kernel": 5, "padding": "same"}),
        ("pool2", "max_pool2d", {"size": 3, "stride": 2}),
        ("conv3", "conv2d", {"filters": 384, "kernel": 3, "padding": "same"}),
        ("conv4", "conv2d", {"filters": 384, "kernel": 3, "padding": "same"}),
        ("conv5", "conv2d", {"filters": 256, "kernel": 3, "padding": "same"}),
        ("pool5", "max_pool2d", {"size": 3, "stride": 2}),
    )
    for layer, op, args in layers:
        x = net.add(f"alexnet_v2/{layer}", op, x, **args)
    return net.graph(x)


def resnet(name: str, block: str, depths: tuple[int, ...]) -> Graph:
    """He et al. 2015 as torchvision has it: the stride of a bottleneck on its 3x3."""
    net = Draft(name)
    x = net.input(3, 224, 224)
    x = net.add("conv1", "conv2d", x, filters=64, kernel=7, stride=2, padding=3, bias=False)
    x = net.add("bn1", "batch_norm", x)
    x = net.add("relu", "relu", x)
    x = net.add("maxpool", "max_pool2d", x, size=3, stride=2, padding=1)
    expansion = 1 if block == "BasicBlock" else 4
    for stage, (depth, width) in enumerate(zip(depths, (64, 128, 256, 512), strict=True), start=1):
        net.enter(f"layer{stage}")
        for i in range(depth):
            stride = 2 if i == 0 and stage > 1 else 1
            scope = net.enter(str(i), block, (i, depth), key=(block, width, stride))
            channels = net.values[x].shape[0]
            shortcut = x
            convs = (
                ((3, stride, width), (3, 1, width))
                if expansion == 1
                else ((1, 1, width), (3, stride, width), (1, 1, 4 * width))
            )
            for k, (kernel, step, filters) in enumerate(convs, start=1):
                x = net.add(
                    f"{scope.name}.conv{k}",
                    "conv2d",
                    x,
                    filters=filters,
                    kernel=kernel,
                    stride=step,
                    padding=kernel // 2,
                    bias=False,
                )
                x = net.add(f"{scope.name}.bn{k}", "batch_norm", x)
                if k < len(convs):
                    x = net.add(f"{scope.name}.relu{k}", "relu", x)
            if stride > 1 or channels != expansion * width:
                inner = net.enter("downsample")
                shortcut = net.add(
                    f"{inner.name}.0",
                    "conv2d",
                    shortcut,
                    filters=expansion * width,
                    kernel=1,
                    stride=stride,
                    bias=False,
                )
                shortcut = net.add(f"{inner.name}.1", "batch_norm", shortcut)
                net.leave()
            x = net.add(f"{scope.name}.add", "add", x, shortcut, activation="relu")
            net.leave()
        net.leave()
    x = net.add("avgpool", "adaptive_avg_pool2d", x, size=1)
    x = net.add("flatten", "flatten", x)
    x = net.add("fc", "dense", x, units=1000)
    return net.graph(x, doc="Deep residual learning for image recognition.")


def unet() -> Graph:
    """Ronneberger et al. 2015, Figure 1: valid convolutions, skips cropped to what they meet."""
    net = Draft("unet_original")
    x = net.input(1, 572, 572)
    skips: list[int] = []
    for level, filters in enumerate((64, 128, 256, 512, 1024), start=1):
        for i in (1, 2):
            x = net.add(f"down{level}.conv{i}", "conv2d", x, filters=filters, kernel=3, activation="relu")
        if level < 5:
            skips.append(x)
            x = net.add(f"pool{level}", "max_pool2d", x, size=2)
    for level, filters in zip((4, 3, 2, 1), (512, 256, 128, 64), strict=True):
        x = net.add(f"up{level}.up", "conv_transpose2d", x, filters=filters, kernel=2, stride=2)
        skip = net.add(f"up{level}.crop", "center_crop", skips.pop(), size=net.values[x].shape[1])
        x = net.add(f"up{level}.concat", "concat", skip, x)
        for i in (1, 2):
            x = net.add(f"up{level}.conv{i}", "conv2d", x, filters=filters, kernel=3, activation="relu")
    x = net.add("final", "conv2d", x, filters=2, kernel=1)
    return net.graph(x)


def lenet5() -> Graph:
    """LeCun et al. 1998, Section II.B; the third layer's connections are Table I."""
    table = [
        "012",
        "123",
        "234",
        "345",
        "045",
        "015",
        "0123",
        "1234",
        "2345",
        "0345",
        "0145",
        "0125",
        "0134",
        "1245",
        "0235",
        "012345",
    ]
    net = Draft("lenet5")
    x = net.input(1, 32, 32)
    x = net.add("c1", "conv2d", x, filters=6, kernel=5, activation="scaled_tanh")
    x = net.add("s2", "subsample2d", x, size=2, activation="sigmoid")
    x = net.add(
        "c3",
        "conv2d",
        x,
        filters=16,
        kernel=5,
        connections=[[int(c) for c in row] for row in table],
        activation="scaled_tanh",
    )
    x = net.add("s4", "subsample2d", x, size=2, activation="sigmoid")
    x = net.add("c5", "conv2d", x, filters=120, kernel=5, activation="scaled_tanh")
    x = net.add("flatten", "flatten", x)
    x = net.add("f6", "dense", x, units=84, activation="scaled_tanh")
    x = net.add("output", "rbf", x, units=10, freeze=True)
    return net.graph(x)
