"""Random whole networks as spec text, grown layer by layer: a candidate stays when netspec's own rules take it."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from netspec import SpecError, loads
from netspec.ops import TABLE, create, find
from netspec.ops.argument import ArgumentError, as_list
from netspec.ops.base import Op
from netspec.ops.resize import Upsample
from netspec.shapes.sizes import ShapeError
from netspec.shapes.types import TensorType, input_type, learned_type
from netspec.text import writer

from .arguments import Site, arguments
from .partners import further

MOST_ELEMENTS = 4_000
"""Of one tensor for one example, and of the weights of one layer."""
ODD_NAMES = ("class", "type", "training", "weight", "forward", "self", "x-1", "attn.c_proj", "7", "None", "_", "torch")
WIRING = ("from", "activation", "share", "freeze", "repeat", "layers", "doc")
ACTIVATIONS = ["relu", "relu6", "gelu", "silu", "tanh", "sigmoid", "elu", "hard_swish", {"leaky_relu": 0.2},
               {"softplus": {"beta": 2}}, "softmax", "abs", "identity", {"clamp": {"low": -1, "high": 1.5}}]
BEFORE: dict[str, Any] = {
    "sqrt": {"clamp": None, "low": 0.1}, "log": {"clamp": None, "low": 0.1}, "exp": {"clamp": None, "high": 2},
    "stochastic_pool2d": "relu", "lp_pool2d": {"clamp": None, "low": 0.1}, "square": {"clamp": None, "low": -4, "high": 4},
}
"""What keeps an operation within the numbers for which it is meant."""


class Scope:
    """A level of names, and what has been grown in it."""

    def __init__(self, r: Random, channels_last: bool, parent: Scope | None = None) -> None:
        self.r = r
        self.channels_last = channels_last
        self.parent = parent
        self.inputs: dict[str, Any] = {}
        self.layers: dict[str, Any] = {}
        self.types: dict[str, TensorType] = {}
        """Of everything a reference may name."""
        self.used: set[str] = set()
        self.last_first = ""

    # -- what is put into it -------------------------------------------------------------------------------------------
    def name(self, stem: str) -> str:
        """A name that is not taken."""
        odd = [n for n in ODD_NAMES if n.split(".")[0] not in {k.split(".")[0] for k in (*self.layers, *self.inputs)}]
        if odd and self.r.random() < 0.1:
            return self.r.choice(odd)
        return f"{stem}{len(self.layers)}"

    def new_input(self, shape: list[int], dtype: str = "float32") -> str:
        """A further input of the network."""
        name = f"in{len(self.inputs)}"
        self.inputs[name] = shape if dtype == "float32" else {"shape": shape, "dtype": dtype}
        self.types[name] = input_type(tuple(shape), dtype, self.channels_last)
        return name

    def tensor(self, shape: list[int], *, sequence: bool = False, above: bool = False) -> str:
        """A tensor of that shape: one that is there, an input, a parameter or a buffer; ``above`` zero for divisors."""
        fits = [n for n, t in self.types.items() if t.shape == tuple(shape) and t.dtype == "float32"
                and (not sequence or t.channel in (None, t.rank - 1))]
        kind = self.r.random()
        if fits and kind < 0.4 and not above:
            return self.r.choice(fits)
        if self.parent is None and shape and kind < 0.6 and not above and (not sequence or len(shape) < 3):
            return self.new_input(shape)
        layer: dict[str, Any] = {self.r.choice(["parameter", "parameter", "buffer"]): shape}
        layer["init"] = {"constant": 0.7} if above else {"normal": 0.7}
        if self.r.random() < 0.2:
            layer["batch_axis"] = True
        if "buffer" in layer and self.r.random() < 0.3:
            layer["persistent"] = self.r.random() < 0.5
            layer["init"] = {"constant": 0.7}  # one that no state dict has must be the same wherever it is made
        name = self.name("p")
        self.layers[name] = layer
        self.types[name] = learned_type(tuple(shape))
        return name

    def put(self, stem: str, layer: dict[str, Any]) -> str | None:
        """Adds one operation under a new name, unless its rule refuses."""
        op, inputs, args = split(layer)
        kinds = tuple(self.types[n] for n in inputs)
        outputs = inferred(op, kinds, args, self.channels_last)
        if outputs is None:
            return None
        activation = layer.get("activation")
        if activation is not None:
            named: dict[str, Any] = activation if type(activation) is dict else {activation: writer.ALONE}  # pyright: ignore[reportUnknownVariableType] - a spec's values are of any type
            a, _, more = split(named)
            first = inferred(a, outputs[:1], more, self.channels_last)
            if first is None:
                return None
            outputs = (*first, *outputs[1:])
        name = self.name(stem)
        self.layers[name] = layer
        self.take(name, op, outputs)
        self.used.update(inputs)
        return name

    def take(self, name: str, op: str, outputs: tuple[TensorType, ...]) -> None:
        """Makes what a layer gives known."""
        self.types[name] = outputs[0]
        if len(outputs) > 1:
            for label, kind in list(zip(find(op).results or map(str, range(len(outputs))), outputs, strict=False))[1:]:
                self.types[f"{name}.{label}"] = kind
                self.used.add(f"{name}.{label}")

    # -- growth --------------------------------------------------------------------------------------------------------
    def step(self, first: str, op: str) -> str | None:
        """One layer of an operation on a tensor; the name of the layer."""
        before = (dict(self.layers), dict(self.inputs), dict(self.types), set(self.used))
        name = self._step(first, op)
        if name is None:
            self.layers, self.inputs, self.types, self.used = before
        return name

    def _step(self, first: str, op: str) -> str | None:
        if self.types[first].dtype == "bool":
            return None
        if op in BEFORE:
            guard = BEFORE[op]
            keeping: dict[str, Any] = {guard: writer.ALONE} if isinstance(guard, str) else said(guard)
            made = self.put("guard", {**keeping, "from": writer.Name(first)})
            if made is None:
                return None
            first = made
        self.last_first = first
        more = further(self, op, first)
        if more is None:
            return None
        first, (names, forced) = self.last_first, more
        primary = find(op).primary
        for _ in range(4):
            args = {**arguments(Site(self.r, op, self.types[first], self.channels_last)), **forced}
            args = {k: v for k, v in args.items() if v is not None}
            layer: dict[str, Any] = {}
            layers_named = [args[a] for a in ("like", "index", "mask") if a in args and isinstance(args[a], str)]
            wired = [first, *names[: len(names) - len(layers_named)]]
            if primary == "from":
                layer[op] = [writer.Name(n) for n in wired]
            else:
                layer[op] = args.pop(primary) if primary in args else writer.ALONE
                layer["from"] = writer.Name(first) if len(wired) == 1 else [writer.Name(n) for n in wired]
            layer.update({k: writer.Name(v) if k in ("like", "index", "mask") and isinstance(v, str) else v
                          for k, v in args.items()})
            if self.r.random() < 0.15:
                layer["activation"] = self.r.choice(ACTIVATIONS)
            if self.r.random() < 0.05:
                layer["freeze"] = True
            name = self.put(op[:6].strip("_"), layer)
            if name is not None:
                return name
        return None


def said(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer whose operation has no primary argument, as it is written."""
    return {k: writer.ALONE if v is None else v for k, v in layer.items()}


def split(layer: dict[str, Any]) -> tuple[str, list[str], dict[str, Any]]:
    """Operation, inputs (those that arguments name last) and arguments of a layer."""
    op = next(k for k in layer if k in TABLE)
    args = {k: v for k, v in layer.items() if k != op and k not in WIRING}
    value = layer[op]
    given = layer.get("from", [])
    primary = find(op).primary
    if primary == "from":
        given = value
    elif type(value) is dict and op not in ("parameter", "buffer"):
        args |= value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - a spec's values are of any type
    elif value is not writer.ALONE:
        args[primary or ""] = value
    inputs = [str(n) for n in as_list(given)]
    for a in ("like", "index", "mask"):
        if isinstance(args.get(a), str):
            inputs.append(str(args[a]))
            args[a] = True
    return op, inputs, args


def inferred(
    op: str, kinds: tuple[TensorType, ...], args: dict[str, Any], channels_last: bool
) -> tuple[TensorType, ...] | None:
    """The types of the outputs; None where a rule refuses, or they are too large for a test."""
    if op != "embedding" and op not in _FOR_INTEGERS and any(k.dtype != "float32" for k in kinds[:1]):
        return None
    try:
        made = create(op, args, kinds, channels_last)
        outputs = made.infer(*kinds)
        weights = made.weights(*kinds)
    except (ArgumentError, ShapeError, ValueError):
        return None
    if kinds and unsettled(made, kinds[0]):
        return None
    if max(math.prod(shape) for shape in [*(k.shape for k in outputs), *(w.shape for w in weights)]) > MOST_ELEMENTS:
        return None
    return outputs


def unsettled(op: Op, x: TensorType) -> bool:
    """Whether PyTorch's own values depend on how the tensor lies in memory: nearest neighbours in volumes."""
    return (
        isinstance(op, Upsample) and op.mode == "nearest" and op.scale is not None and x.rank == 4
        and any(not s.is_integer() for s in op.scale)
    )


_FOR_INTEGERS = ("identity", "roll", "reshape", "slice", "flatten", "permute", "unsqueeze", "squeeze", "select", "split")


def network(r: Random, layers: int = 8) -> str:
    """The text of a random spec of about so many layers."""
    return Network(r, layers).text()


class Network:
    """A whole network as it grows."""

    def __init__(self, r: Random, layers: int) -> None:
        self.r = r
        self.channels_last = r.random() < 0.3
        self.numbered = r.random() < 0.15
        """Whether the layers are a list."""
        self.root = Scope(r, self.channels_last)
        self.blocks: dict[str, Any] = {}
        for _ in range(r.choice([1, 1, 2])):
            self._input()
        self.last = next(iter(self.root.inputs))
        tries = 0
        while len(self.root.layers) < layers and tries < 6 * layers:
            tries += 1
            self._grow()
        for name in self.root.inputs:
            if name not in self.root.used:
                self.root.put("read", {"identity": writer.ALONE, "from": writer.Name(name)})

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

    def _grow(self) -> None:
        r, root = self.r, self.root
        wide = [n for n, t in root.types.items() if t.rank > 1 and max(t.shape) > 2]
        first = self.last
        if r.random() < 0.3 or (first not in wide and wide and r.random() < 0.5):
            first = r.choice(wide if wide and r.random() < 0.8 else list(root.types))
        kind = r.random()
        if kind < 0.82:
            integers = root.types[first].dtype != "float32"
            op = r.choice(["embedding", "embedding", *_FOR_INTEGERS] if integers else OPERATIONS)
            name = root.step(first, op)
        elif kind < 0.95:
            name = self._group(first)
        else:
            name = self._shared(first)
        if name is not None:
            self.last = name

    def _group(self, first: str) -> str | None:
        """A chain as a block in place or a named block, once or as copies; a shortcut where the shapes agree."""
        r, root = self.r, self.root
        x = root.types[first]
        inner = Scope(r, self.channels_last, root)
        inner.types["input"] = x
        at = "input"
        for _ in range(r.randint(1, 4)):
            at = inner.step(at, r.choice(OPERATIONS)) or at
        if not inner.layers or at == "input":
            return None
        if inner.types[at].shape == x.shape and at != "input":
            at = inner.put("add", {"add": [writer.Name(at), writer.Name("input")]}) or at
        name = root.name("group")
        layer: dict[str, Any] = {"from": writer.Name(first)}
        block: str | None = None
        if r.random() < 0.5:
            block = f"Block{len(self.blocks)}"
            body, width = parametrised(inner.layers)
            self.blocks[block] = body
            layer = {block: writer.ALONE if width is None else width, **layer}
        else:
            layer = {"layers": inner.layers, **layer}
        if r.random() < 0.4:
            layer["repeat"] = r.randint(1, 3)
        if self._placed(name, layer):
            root.used.add(first)
            return name
        if block:
            del self.blocks[block]
        return None

    def _shared(self, first: str) -> str | None:
        """The weights of an earlier layer once more, on another tensor."""
        root = self.root
        lenders = [n for n, layer in root.layers.items()
                   if any(k in TABLE for k in layer) and "share" not in layer and "from" in layer
                   and not any(k in layer for k in ("like", "index", "mask")) and "." not in n]
        if not lenders:
            return None
        lender = self.r.choice(lenders)
        layer = dict(root.layers[lender])
        if isinstance(layer["from"], list):
            return None
        layer.update({"from": writer.Name(first), "share": writer.Name(lender)})
        layer.pop("freeze", None)
        name = root.name("shared")
        if not self._placed(name, layer):
            return None
        root.used.add(first)
        return name

    def _placed(self, name: str, layer: dict[str, Any]) -> bool:
        """Adds a layer when the whole spec elaborates with it."""
        root = self.root
        root.layers[name] = layer
        try:
            graph = loads(self.text({name: name}))
        except SpecError:
            del root.layers[name]
            return False
        kind = graph.values[graph.outputs["out"]]
        sizes = [math.prod(t.shape) for t in graph.values] + [p.elements for p in graph.parameters]
        vague = any(node.inputs and unsettled(node.op, graph.inputs_of(node)[0]) for node in graph.nodes)
        if vague or max(sizes) > MOST_ELEMENTS or kind.dtype != "float32":
            del root.layers[name]
            return False
        root.types[name] = kind
        return True

    def text(self, only: dict[str, str] | None = None) -> str:
        """The document; with every leaf as an output, and sometimes more."""
        root = self.root
        out = ["netspec: 1", "name: random"]
        if self.channels_last:
            out.append("layout: channels_last")
        leaves = [n for n in root.layers if n in root.types and n not in root.used
                  and not {"parameter", "buffer"} & root.layers[n].keys()]
        if only:
            leaves = [*leaves, *(n for n in only if n not in leaves)]
        outputs = {f"out{i}": writer.Name(n) for i, n in enumerate(leaves)}
        if only:
            outputs = {**outputs, "out": writer.Name(next(iter(only)))}
        out.append(writer.entry("inputs", root.inputs))
        if self.blocks:
            out.append("blocks:")
            out += [writer.entry(name, body, 2) for name, body in self.blocks.items()]
        out.append("layers:")
        if self.numbered:
            numbers = {name: str(i) for i, name in enumerate(root.layers)}
            out += [writer.entry("-", renamed(layer, numbers), 2).replace('"-":', "-", 1) for layer in root.layers.values()]
            outputs = renamed(outputs, numbers)
        else:
            out += [writer.entry(name, layer, 2) for name, layer in root.layers.items()]
        out.append(writer.entry("outputs", outputs))
        return "\n".join(out) + "\n"


def renamed(value: Any, names: dict[str, str]) -> Any:
    """A layer, or what is in one, with other names for the layers of its level."""
    if isinstance(value, writer.Name):
        whole = next((name for name in (value, value.rpartition(".")[0]) if name in names), None)
        return value if whole is None else writer.Name(names[whole] + value[len(whole) :])
    if isinstance(value, list):
        return [renamed(v, names) for v in value]  # pyright: ignore[reportUnknownVariableType] - a spec's values are of any type
    if isinstance(value, dict):
        return {k: v if k == "layers" else renamed(v, names) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType] - as above
    return value


def parametrised(layers: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    """The body of a block, one number of filters or units in it made a parameter where there is one."""
    for name, layer in layers.items():
        op = next(k for k in layer if k in TABLE)
        if op in ("dense", "conv1d", "conv2d", "conv3d") and isinstance(layer[op], int) and "groups" not in layer:
            body = {**layers, name: {**layer, op: "$width"}}
            return {"params": {"width": "int"}, "layers": body}, layer[op]
    return {"layers": layers}, None


_ALL = [name for name in TABLE if name not in ("parameter", "buffer", "embedding")]
_DEMANDING = [name for name in _ALL if TABLE[name].rank or TABLE[name].family in ("attention", "recurrent")]
OPERATIONS = [*_ALL, *_DEMANDING, *_DEMANDING]
"""Those that few tensors suit stand in it more than once."""
