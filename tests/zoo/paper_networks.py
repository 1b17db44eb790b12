"""Which network of the zoo a row of ``papers.csv`` speaks of, and what of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from netspec.analysis.network_figures import Row

from .support import DATA, analysis


class Claim(NamedTuple):
    """A row of ``papers.csv``: a figure that somebody states, and what it is exactly."""

    source: str
    model: str
    item: str
    quantity: str
    stated: str
    unit: str
    exact: str
    agreement: str
    note: str

    @property
    def name(self) -> str:
        """For the test's report."""
        return f"{self.model} | {self.item} | {self.quantity}"


def claims() -> list[Claim]:
    """All rows."""
    with (DATA / "papers.csv").open(newline="", encoding="utf-8") as f:
        return [
            Claim(
                r["source"],
                r["model"],
                r["item"],
                r["quantity"],
                r["stated_value"],
                r["unit"],
                r["recomputed_exact"],
                r["agreement"],
                r["note"],
            )
            for r in csv.DictReader(f)
        ]


def _parts(pattern: str, model: str) -> tuple[str, ...]:
    actual = re.search(pattern, model)
    assert actual is not None, model
    return tuple(part or "" for part in actual.groups())


def _mobilenet(model: str, item: str) -> str:
    width, size = _parts(r"(\d\.\d+)(?:[-_](\d+))?$", model)
    return f"{'mobilenet_v2' if 'v2' in model else 'mobilenet_v1'} width={width} size={size or 224}"


def _resnet(model: str, item: str) -> str:
    depth = model.split("-")[1]
    first_1x1 = "(paper)" in item and int(depth) >= 50
    return f"resnet@resnet{depth}{'_v1' if first_1x1 else ''}"


def _vit(model: str, item: str) -> str:
    kind, patch, size = _parts(r"ViT-(\w)/(\d+) (\d+)", model)
    return f"vit@{kind.lower()}_{patch} size={size}"


def _swin(model: str, item: str) -> str:
    kind, size = _parts(r"Swin-(\w) (\d+)", model)
    return f"swin@{kind.lower()}{'' if size == '224' else f'_{size}'}"


def _densenet_cifar(model: str, item: str) -> str:
    bc, depth, growth = _parts(r"DenseNet(-BC)?-(\d+) k=(\d+) CIFAR", model)
    return f"densenet_cifar depth={depth} growth={growth} bc={'true' if bc else 'false'}"


_CONVNEXT = {"T": "tiny", "S": "small", "B": "base", "L": "large", "XL": "xlarge"}

_NETWORKS: tuple[tuple[str, str | Callable[[str, str], str]], ...] = (
    (r"LeNet-5", "lenet5"),
    (r"LeNet-5 \(modern.*", "lenet"),
    (r"AlexNet ungrouped", "alexnet_2012@ungrouped"),
    (r"AlexNet.*", "alexnet_2012@two_gpus"),
    (r"VGG .*", lambda model, item: f"vgg@{model.split()[1]}"),
    (r"ResNet-\d+ CIFAR-10 \(option A shortcuts\)", lambda model, item: f"cifar_resnet@{model[7:].split()[0]}"),
    (
        r"ResNet-\d+ CIFAR-10 \(projection shortcuts\)",
        lambda model, item: f"cifar_resnet@{model[7:].split()[0]} shortcut=OptionB",
    ),
    (r"ResNet-\d+", _resnet),
    (r"Conv MobileNet.*", "mobilenet_v1@full"),
    (r"Shallow MobileNet", "mobilenet_v1@shallow"),
    (r"MobileNet \d.*", _mobilenet),
    (r"MobileNet_v\d_.*", _mobilenet),
    (r"MobileNetV2|Keras MobileNetV2", "mobilenet_v2@1.0-224"),
    (r"Keras MobileNet", "mobilenet_v1"),
    (r"Keras DenseNet121", "densenet@121"),
    (r"SqueezeNet v1.0", "squeezenet@1_0"),
    (r"GoogLeNet", "googlenet@as_published"),
    (r"DenseNet.* CIFAR", _densenet_cifar),
    (r"DenseNet-\d+", lambda model, item: f"densenet@densenet{model[9:]}"),
    (r"U-Net .*", "unet"),
    (r"EfficientNet-B2", "efficientnet@b2 size=260"),
    (r"EfficientNet-B\d", lambda model, item: f"efficientnet@b{model[-1]}"),
    (r"ConvNeXt-.*", lambda model, item: f"convnext@{_CONVNEXT[model[9:-4]]} H={model[-3:]} W={model[-3:]}"),
    (r"Swin-.*", _swin),
    (r"ViT-.*", _vit),
    (r"ShuffleNetV2 .*", lambda model, item: f"shufflenet_v2@x{float(model[13:-1])}".replace(".", "_")),
    (r"GPT-2 .*", lambda model, item: f"gpt2@{model[6:]}"),
    (r"BERT-.*", lambda model, item: f"bert@{model[5:].split('-')[0]}"),
)
"""Networks by patterns of the rows' ``model``; the first that fits holds."""

ABSENT: tuple[tuple[str, str], ...] = ((r"MnasNet-A.*", "the zoo has MnasNet-B1, as torchvision has"),)
"""Rows whose network the zoo lacks, with the reason."""

NOT_AS_COUNTED = {
    "Conv MobileNet (full convs) | total | mult-adds": "4866.27 without its classifier",
    "ViT-L/16 224 | total | params": "neither with nor without the head, nor the layer before it",
    "BERT-large-uncased | total with pooler, no MLM head | params": "335, printed with two digits",
}
"""Rows that state another figure than ours by more than one of the last digit printed, and why."""


def network(claim: Claim) -> str | None:
    """The network that a row speaks of; None where the zoo lacks it."""
    if any(re.fullmatch(pattern, claim.model) for pattern, _ in ABSENT):
        return None
    for pattern, actual in _NETWORKS:
        if re.fullmatch(pattern, claim.model):
            return actual if isinstance(actual, str) else actual(claim.model, claim.item)
    raise AssertionError(f"no pattern fits {claim.model}")


# What an item of a row is made of: layers by their full names, or all below them.

_FIRES = {f"fire{i + 2}": f"features.{n}" for i, n in enumerate((3, 4, 5, 7, 8, 9, 10, 12))}
LAYERS: dict[str, dict[str, tuple[str, ...]]] = {
    "SqueezeNet v1.0": {**{k: (v,) for k, v in _FIRES.items()}, "conv1": ("features.0",), "conv10": ("classifier.1",)},
    "GoogLeNet": {"conv3x3/1": ("conv2", "conv3"), "linear": ("fc",)},
    "LeNet-5": {"RBF": ("output",)},
    "AlexNet": {f"fig. caption neurons conv{n}": (f"conv{n}",) for n in (2, 3, 4, 5)},
}


def rows(claim: Claim, reference: str) -> Iterator[Row]:
    """The layers that a row is about; all of them for a total."""
    everything = analysis(reference).layers
    if claim.item.startswith(("total", "Total", "final", "output")):
        yield from everything
        return
    share = re.fullmatch(r"(conv1x1|dw3x3|conv3x3|fc) share", claim.item)
    if share is not None:
        yield from (r for r in everything if _kind(r) == share[1])
        return
    named = LAYERS.get(claim.model, {})
    word = claim.item.split()[0]
    actual = named.get(claim.item) or named.get(word) or (word.lower().replace("(", "").replace(")", ""),)
    yield from (r for r in everything if any(r.name == n or r.name.startswith(f"{n}.") for n in actual))


def _kind(row: Row) -> str | None:
    """MobileNet's layers as the paper's Table 2 groups them."""
    names = {"depthwise_conv2d": "dw3x3", "dense": "fc"}
    if row.operation == "conv2d":
        return "conv3x3" if row.name == "stem.0" else "conv1x1"
    return names.get(row.operation)
