"""Random whole networks as spec text, built layer by layer."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from netspec import SpecError, loads
from netspec.ops import TABLE, find
from netspec.text import writer
from netspec.text.yaml_reader import Name

from .arrangements import arranged
from .level import MOST_ELEMENTS, Level, depends_on_memory_format
from .spelling import respell

OF_INDICES = ["embedding", "one_hot"]
_ALL = [name for name in TABLE if name not in ("parameter", "buffer", "weight_norm", "spectral_norm", *OF_INDICES)]
_DEMANDING = [name for name in _ALL if TABLE[name].window_rank or TABLE[name].family in ("attention", "recurrent")]
OPERATIONS = [*_ALL, *_DEMANDING, *_DEMANDING]
"""Those that few tensors suit stand in it more than once."""
"""Operations to choose from; those with windows, attention and recurrence more often."""
IN_DOUBLE = ("dense", "layer_norm", "softmax", "sigmoid", "mean", "channel_scale", "square", "matmul", "concat")
"""Operations that ONNX Runtime has in float64 on CPUs."""
WITHOUT_KERNEL = ("pixel_shuffle",)
"""Operations that accept integers, but not on ONNX Runtime's CPUs."""
FOR_INTEGERS = [
    name for name in _ALL if "int32" in find(name).accepted(TABLE[name].window_rank) and name not in WITHOUT_KERNEL
]


def network(r: Random, layers: int = 8) -> str:
    """The text of a random spec with about ``layers`` layers."""
    builder = NetworkBuilder(r, layers)
    builder.params = respell(builder.root, Random(builder.text()), numbered=builder.numbered)
    return builder.text()


def in_double(level: Level, first: str, op: str) -> str | None:
    """Adds a layer that computes in float64, and one that converts its result back; the name of that."""
    if level.types[first].dtype != "float32" or (name := level.add_random(first, op)) is None:
        return None
    level.layers[name]["dtype"] = "float64"
    level.layers[name].pop("activation", None)
    return level.put("back", {"cast": "float32", "from": Name(name)})


class NetworkBuilder:
    """Builds a random network."""

    def __init__(self, r: Random, layers: int) -> None:
        self.r = r
        self.channels_last = r.random() < 0.3
        self.numbered = r.random() < 0.15
        """Whether the layers are written as a list."""
        self.root = Level(r, self.channels_last)
        self.blocks: dict[str, Any] = {}
        self.params: dict[str, Any] = {}
        for _ in range(r.choice([1, 1, 2])):
            self._input()
        self.last = next(iter(self.root.inputs))
        tries = 0
        while len(self.root.layers) < layers and tries < 6 * layers:
            tries += 1
            self._add_layer()
        for name in self.root.inputs:
            if name not in self.root.used:
                self.root.put("read", {"identity": writer.ALONE, "from": Name(name)})

    def _input(self) -> None:
        r = self.r
        c, n, m = r.choice([1, 2, 3, 4, 6, 8]), r.randint(3, 9), r.randint(3, 9)
        shape = r.choice([[c], [n, c], [n, c], [c, n, m], [c, n, m], [c, n, m], [c, 5, n, m - 1], [c, 4, 5, 6]])
        if self.channels_last and len(shape) > 2:
            shape = [*shape[1:], shape[0]]
        if r.random() < 0.12:
            self.root.new_input([r.randint(2, 6)], r.choice(["int64", "int32"]))
        else:
            self.root.new_input(shape)

    def _add_layer(self) -> None:
        r, root = self.r, self.root
        wide = [n for n, t in root.types.items() if t.rank > 1 and max(t.shape) > 2]
        first = self.last
        if r.random() < 0.3 or (first not in wide and wide and r.random() < 0.5):
            first = r.choice(wide if wide and r.random() < 0.8 else list(root.types))
        kind = r.random()
        if kind < 0.82:
            integers = root.types[first].dtype != "float32"
            reading = OF_INDICES * 5 if first in root.indices else []
            op = r.choice([*FOR_INTEGERS, *reading] if integers else OPERATIONS)
            name = root.add_random(first, op)
        elif kind < 0.91:
            name = self._group(first)
        elif kind < 0.95:
            name = arranged(self, first)
        else:
            name = self._shared(first)
        if name is not None:
            self.last = name

    def _group(self, first: str) -> str | None:
        """Adds a chain as an inline or named block, once or repeated; with a shortcut if the shapes agree."""
        r, root = self.r, self.root
        x = root.types[first]
        inner, value = self.chain(first)
        if r.random() < 0.3:
            value = in_double(inner, value, r.choice(IN_DOUBLE)) or value
        if value == "input":
            return None
        if inner.types[value].shape == x.shape and value != "input":
            value = inner.put("add", {"add": [Name(value), Name("input")]}) or value
        name = root.name("group")
        layer: dict[str, Any] = {"from": Name(first)}
        block: str | None = None
        if r.random() < 0.5:
            block = f"Block{len(self.blocks)}"
            body, width = with_parameter(inner.layers)
            self.blocks[block] = body
            layer = {block: writer.ALONE if width is None else width, **layer}
        else:
            layer = {"layers": inner.layers, **layer}
        if r.random() < 0.4:
            layer["repeat"] = r.randint(1, 3)
        if self.add_if_valid(name, layer):
            root.used.add(first)
            return name
        if block:
            del self.blocks[block]
        return None

    def chain(self, first: str) -> tuple[Level, str]:
        """Layers after each other in a block whose input is a tensor, and the last of them; ``input`` if there is none."""
        inner = Level(self.r, self.channels_last, self.root)
        inner.types["input"] = self.root.types[first]
        value = "input"
        for _ in range(self.r.randint(1, 4)):
            value = inner.add_random(value, self.r.choice(OPERATIONS)) or value
        return inner, value if inner.layers else "input"

    def _shared(self, first: str) -> str | None:
        """Adds a layer with the weights of an earlier one, on another tensor."""
        root = self.root
        owners = [
            n
            for n, layer in root.layers.items()
            if any(k in TABLE for k in layer)
            and "share" not in layer
            and "from" in layer
            and not any(k in layer for k in ("like", "index", "mask"))
            and "." not in n
        ]
        if not owners:
            return None
        owner = self.r.choice(owners)
        layer = dict(root.layers[owner])
        if isinstance(layer["from"], list):
            return None
        layer["from"] = Name(first)
        layer.pop("freeze", None)
        if self.r.random() < 0.3:
            layer.pop("init", None)
            layer["weights"] = {"weight": Name(f"{owner}.weight")}
        else:
            layer["share"] = Name(owner)
        name = root.name("shared")
        if not self.add_if_valid(name, layer):
            return None
        root.used.add(first)
        return name

    def add_if_valid(self, name: str, layer: dict[str, Any]) -> bool:
        """Adds a layer if the whole spec is valid with it."""
        root = self.root
        root.layers[name] = layer
        try:
            graph = loads(self.text({name: name}))
        except SpecError:
            del root.layers[name]
            return False
        kind = graph.values[graph.outputs["out"]]
        sizes = [math.prod(t.shape) for t in graph.values] + [p.elements for p in graph.parameters]
        is_ambiguous = any(
            node.inputs and depends_on_memory_format(node.op, graph.inputs_of(node)[0]) for node in graph.nodes
        )
        if is_ambiguous or max(sizes) > MOST_ELEMENTS or kind.dtype != "float32":
            del root.layers[name]
            return False
        root.types[name] = kind
        return True

    def text(self, only: dict[str, str] | None = None) -> str:
        """The spec; every unread layer, and those of ``only``, are outputs."""
        root = self.root
        lines = ["netspec: 1", "name: random"]
        if self.channels_last:
            lines.append("layout: channels_last")
        leaves = [
            n
            for n in root.layers
            if n in root.types and n not in root.used and not {"parameter", "buffer"} & root.layers[n].keys()
        ]
        if only:
            leaves = [*leaves, *(n for n in only if n not in leaves)]
        outputs = {f"out{i}": Name(n) for i, n in enumerate(leaves)}
        if only:
            outputs = {**outputs, "out": Name(next(iter(only)))}
        if self.params:
            lines.append(writer.one_line("params", self.params))
        lines.append(writer.one_line("inputs", root.inputs))
        if self.blocks:
            lines.append("blocks:")
            lines += [writer.one_line(name, body, 2) for name, body in self.blocks.items()]
        lines.append("layers:")
        if self.numbered:
            present = (name for name, layer in root.layers.items() if "when" not in layer)
            numbers = {name: str(i) for i, name in enumerate(present)}
            lines += [f"  - {writer.flow_style(with_names(layer, numbers))}" for layer in root.layers.values()]
            outputs = with_names(outputs, numbers)
        else:
            lines += [writer.one_line(name, layer, 2) for name, layer in root.layers.items()]
        lines.append(writer.one_line("outputs", outputs))
        return "\n".join(lines) + "\n"


def with_names(value: Any, names: dict[str, str]) -> Any:
    """A layer, or a part of it, with other names for the layers of its level."""
    if isinstance(value, Name):
        whole = next((name for name in (value, value.rpartition(".")[0]) if name in names), None)
        return value if whole is None else Name(names[whole] + value[len(whole) :])
    if isinstance(value, list):
        return [with_names(v, names) for v in value]  # pyright: ignore[reportUnknownVariableType] - a spec's values are of any type
    if isinstance(value, dict):
        return {k: v if k == "layers" else with_names(v, names) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType] - as above
    return value


def with_parameter(layers: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    """The body of a block; the number of filters or units of a layer becomes a parameter, if there is one."""
    for name, layer in layers.items():
        op = next(k for k in layer if k in TABLE)
        if op in ("dense", "conv1d", "conv2d", "conv3d") and isinstance(layer[op], int) and "groups" not in layer:
            body = {**layers, name: {**layer, op: "$width"}}
            return {"params": {"width": "int"}, "layers": body}, layer[op]
    return {"layers": layers}, None
