"""Imports Darknet's networks (``.cfg``): convolutions become blocks, and inputs of heads become outputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from ...diagnostics import clip
from ...text.writer import ALONE
from ...text.yaml_reader import Name
from ..import_refused import ImportRefused
from ..problems import ImportDiagnostic
from . import darknet_joins, darknet_windows
from .darknet_blocks import used_blocks
from .darknet_file import Section, read_sections
from .darknet_network import Network
from .imported_config import ImportedConfig, finished
from .layer_list import INPUT, spec_text


def import_darknet(path: str, name: str | None = None) -> ImportedConfig:
    """Imports a ``.cfg`` file.

    Args:
        path: the file.
        name: name of the network; by default that of the file.

    Raises:
        Error: NS890, it cannot be read; NS894, the network is not valid.
        ImportRefused: NS892, a section or an option has no equivalent; NS893, an option is not a number.
    """
    network = _read_network(read_sections(path))
    problems = [*network.problems, *(p for section in network.sections for p in section.problems)]
    if problems:
        raise ImportRefused(problems, path)
    stem = PurePath(path).stem
    text = _spec(network, name or stem, f"Darknet's {PurePath(path).name}")
    return finished(text, path, network.notes)


def _connected(net: Network, s: Section) -> int:
    output = s.integer("output", 1)
    activation = net.activation(s, "logistic")
    flat = _flattened(net) if len(net.shape) == 3 else net.current
    last = {"activation": Name(activation)} if activation != "identity" else {}
    if not s.integer("batch_normalize", 0):
        return net.add("fc", {"dense": output, **last}, (output,), [flat])
    dense = net.add("fc", {"dense": output, "bias": False}, (output,), [flat])
    return net.add("norm", {"batch_norm": ALONE, **last}, (output,), [dense])


def _softmax(net: Network, s: Section) -> int:
    if s.integer("groups", 1) > 1 or "tree" in s.options or s.integer("spatial", 0):
        net.add_problem(s, "[softmax]", "groups and trees of classes have no equivalent")
    if len(net.shape) == 1:
        return net.add("softmax", {"softmax": ALONE})
    flat = _flattened(net)
    return net.add("softmax", {"softmax": ALONE}, (math.prod(net.shape),), [flat])


def _flattened(net: Network) -> int:
    return net.add("flat", {"flatten": ALONE}, (math.prod(net.shape),))


def _head(net: Network, s: Section) -> int:
    if net.current not in net.layers.outputs:
        net.layers.outputs.append(net.current)
    note = f"[{s.kind}] is left out: the output is what it reads, before it makes boxes of it"
    net.notes += [note] if note not in net.notes else []
    return net.current


HEADS = ("yolo", "region", "detection", "Gaussian_yolo", "contrastive")
"""Sections that decode boxes; their inputs become outputs of the spec."""
_READERS: Mapping[str, Callable[[Network, Section], int]] = {
    "convolutional": darknet_windows.convolution,
    "conv": darknet_windows.convolution,
    "maxpool": darknet_windows.max_pool,
    "avgpool": darknet_windows.average_pool,
    "route": darknet_joins.route,
    "shortcut": darknet_joins.shortcut,
    "upsample": darknet_windows.upsample,
    "connected": _connected,
    "softmax": _softmax,
    "dropout": lambda net, s: net.add("dropout", {"dropout": s.number("probability", 0.5)}),
    "batchnorm": lambda net, s: net.add("norm", {"batch_norm": ALONE}),
    "reorg": darknet_windows.reorg,
    "reorg3d": darknet_windows.reorg,
    "scale_channels": darknet_joins.scale,
    "sam": darknet_joins.scale,
    "local": darknet_windows.local,
    "cost": lambda net, s: net.current,
    **dict.fromkeys(HEADS, _head),
}
"""For each kind of section, a function that appends its layers and returns the number of the item with its output."""


def _read_network(sections: Sequence[Section]) -> Network:
    net = Network(sections)
    for section in sections[1:]:
        read = _READERS.get(section.kind)
        if read is None:
            net.add_problem(section, f"[{clip(section.kind)}]", "netspec has no equivalent layer")
        net.values.append(read(net, section) if read is not None else net.current)
    if not net.layers.items:
        net.problems.append(ImportDiagnostic.of("NS892", "", "the network has no layers"))
    return net


def _spec(net: Network, name: str, cite: str) -> str:
    """Returns the text of the spec."""
    if len(net.layers.outputs) > 1:
        for number, output in enumerate((o for o in net.layers.outputs if o != INPUT), 1):
            net.layers.items[output].name = f"head{number}"
    layers, outputs = net.layers.spec_layers()
    sections: dict[str, Any] = {"netspec": 1, "name": Name(name), "cite": cite, "input": list(net.shapes[INPUT])}
    if "leaky_relu" in str(layers) or net.usual_activation == "leaky_relu":
        sections["defaults"] = {"leaky_relu": {"slope": 0.1}}
    blocks = used_blocks(layers, net.varied, net.usual_activation)
    sections |= {"blocks": blocks} if blocks else {}
    sections["layers"] = layers
    if len(outputs) > 1 or (outputs and outputs[0] != next(reversed(layers))):
        sections["outputs"] = outputs
    return spec_text(f"made from {cite} by netspec import", sections)
