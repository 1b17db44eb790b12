"""A level of a random network: its names, and layers that are added if netspec's own rules accept them."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from netspec.ops import TABLE, create, find
from netspec.ops.argument import ArgumentError, as_list
from netspec.ops.base import Op
from netspec.ops.common.dtypes import check_weights
from netspec.ops.resize import Upsample
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.types import SYNONYMS, TensorType, input_type, learned_type
from netspec.text import writer
from netspec.text.yaml_reader import Name

from .further_inputs import further_inputs
from .random_arguments import Placement, random_arguments, random_names
from .random_formulas import random_formula, with_program

MOST_ELEMENTS = 4_000
"""The most elements of a tensor for one example, and of the weights of one layer."""
ODD_NAMES = ("class", "type", "training", "weight", "forward", "self", "x-1", "attn.c_proj", "7", "None", "_", "torch")
WIRING = ("from", "activation", "share", "freeze", "weights", "repeat", "layers", "dtype", "doc")
OF_WEIGHTS: list[Any] = [
    {"tanh": writer.ALONE}, {"softmax": 0}, {"weight_norm": 0}, {"spectral_norm": 0}, [{"sin": writer.ALONE}, {"rescale": 0.5}],
]  # fmt: skip
"""Layers in place of a weight, which fit any shape."""
ACTIVATIONS = [
    "relu",
    "relu6",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "elu",
    "hard_swish",
    {"leaky_relu": 0.2},
    {"softplus": {"beta": 2}},
    "softmax",
    "abs",
    "identity",
    {"clamp": {"low": -1, "high": 1.5}},
]
BEFORE: dict[str, Any] = {
    "sqrt": {"clamp": None, "low": 0.1},
    "l2_normalize": {"clamp": None, "low": 0.1},
    "log": {"clamp": None, "low": 0.1},
    "exp": {"clamp": None, "high": 2},
    "stochastic_pool2d": "relu",
    "lp_pool2d": {"clamp": None, "low": 0.1},
    "tan": {"clamp": None, "low": -1, "high": 1},
    "recurrence": {"clamp": None, "low": -1, "high": 1},
    "square": {"clamp": None, "low": -4, "high": 4},
}
"""A layer before an operation that keeps its input within the operation's domain."""


MOVING = ("identity", "roll", "reshape", "slice", "flatten", "permute", "unsqueeze", "squeeze", "select", "split")
"""Operations whose output has no other values than their input."""
LAYER_ARGUMENTS = ("like", "index", "mask", "sinks", "angles")
"""Arguments that name layers."""


class Level:
    """A level of names, and the layers on it."""

    def __init__(self, r: Random, channels_last: bool, parent: Level | None = None) -> None:
        self.r = r
        self.channels_last = channels_last
        self.parent = parent
        self.inputs: dict[str, Any] = {}
        self.layers: dict[str, Any] = {}
        self.types: dict[str, TensorType] = {}
        """The types of all values that a reference may name."""
        self.used: set[str] = set()
        self.indices: set[str] = set()
        """Tensors of integers that are inputs, or moved from them: valid indices of a table."""
        self.first_input = ""

    # -- adding -------------------------------------------------------------------------------------------------------
    def name(self, stem: str) -> str:
        """An unused name."""
        odd = [n for n in ODD_NAMES if n.split(".")[0] not in {k.split(".")[0] for k in (*self.layers, *self.inputs)}]
        if odd and self.r.random() < 0.1:
            return self.r.choice(odd)
        return f"{stem}{len(self.layers)}"

    def new_input(self, shape: list[int], dtype: str = "float32") -> str:
        """A further input of the network."""
        name = f"in{len(self.inputs)}"
        form: dict[str, Any] = {"shape": shape} | ({} if dtype == "float32" else {"dtype": dtype})
        self.types[name] = input_type(tuple(shape), dtype, self.channels_last)
        if self.r.random() < 0.1:
            form["axes"] = names = random_names(self.r, len(shape))
            self.types[name] = self.types[name]._replace(axes=given_names(names))
        self.inputs[name] = form if len(form) > 1 else shape
        self.indices.add(name)
        return name

    def tensor(
        self, shape: list[int], dtype: str = "float32", *, sequence: bool = False, positive: bool = False
    ) -> str:
        """A tensor of that shape: an existing one, an input, a parameter or a buffer; ``positive`` for divisors."""
        fits = [
            n
            for n, t in self.types.items()
            if t.shape == tuple(shape) and t.dtype == dtype and (not sequence or t.channel in (None, t.rank - 1))
        ]
        kind = self.r.random()
        if fits and kind < 0.4 and not positive:
            return self.r.choice(fits)
        if self.parent is None and shape and kind < 0.6 and not positive and (not sequence or len(shape) < 3):
            return self.new_input(shape, dtype)
        if dtype != "float32":
            name = self.name("p")
            self.layers[name] = {"buffer": shape, "dtype": dtype, "init": {"constant": self.r.randint(-3, 9)}}
            self.types[name] = learned_type(tuple(shape), dtype)
            return name
        layer: dict[str, Any] = {self.r.choice(["parameter", "parameter", "buffer"]): shape}
        layer["init"] = {"constant": 0.7} if positive else {"normal": 0.7}
        if self.r.random() < 0.2:
            layer["batch_axis"] = True
        if "buffer" in layer and self.r.random() < 0.3:
            layer["persistent"] = self.r.random() < 0.5
            layer["init"] = {"constant": 0.7}  # a value that no state dict has must be the same in every backend
        type_ = learned_type(tuple(shape))
        if self.r.random() < 0.15:
            layer["axes"] = random_names(self.r, len(shape))
            type_ = type_._replace(axes=given_names(layer["axes"]))
        name = self.name("p")
        self.layers[name] = layer
        self.types[name] = type_
        return name

    def put(self, stem: str, layer: dict[str, Any]) -> str | None:
        """Adds a layer under a new name, unless netspec rejects it."""
        op, inputs, args = split(layer)
        kinds = tuple(self.types[n] for n in inputs)
        outputs = infer_types(op, kinds, args, self.channels_last)
        if outputs is None:
            return None
        activation = layer.get("activation")
        if activation is not None:
            named: dict[str, Any] = activation if type(activation) is dict else {activation: writer.ALONE}  # pyright: ignore[reportUnknownVariableType] - a spec's values are of any type
            a, _, more = split(named)
            first = infer_types(a, outputs[:1], more, self.channels_last)
            if first is None:
                return None
            outputs = (*first, *outputs[1:])
        name = self.name(stem)
        self.layers[name] = layer
        exact = op not in ("top_k", "sort") or (
            self.indices.issuperset(inputs) and (op == "sort" or kinds[0].dtype == "float32")
        )
        self.register(name, op, outputs if exact else outputs[:1])
        self.used.update(inputs)
        if op in MOVING and self.indices.issuperset(inputs):
            self.indices.add(name)
        return name

    def register(self, name: str, op: str, outputs: tuple[TensorType, ...]) -> None:
        """Registers the outputs of a layer."""
        self.types[name] = outputs[0]
        if len(outputs) > 1:
            for label, kind in list(zip(find(op).results or map(str, range(len(outputs))), outputs, strict=False))[1:]:
                self.types[f"{name}.{label}"] = kind
                self.used.add(f"{name}.{label}")

    # -- random layers -------------------------------------------------------------------------------------------------
    def add_random(self, first: str, op: str) -> str | None:
        """Adds a random layer of an operation on a tensor; returns its name, or None if that fails."""
        before = (dict(self.layers), dict(self.inputs), dict(self.types), set(self.used))
        name = self._add_random(first, op)
        if name is None:
            self.layers, self.inputs, self.types, self.used = before
        return name

    def _add_random(self, first: str, op: str) -> str | None:
        if self.types[first].dtype == "bool":
            return None
        if op in BEFORE:
            guard = BEFORE[op]
            guard_layer: dict[str, Any] = {guard: writer.ALONE} if isinstance(guard, str) else as_written(guard)
            guarded = self.put("guard", {**guard_layer, "from": Name(first)})
            if guarded is None:
                return None
            first = guarded
        self.first_input = first
        if op == "formula":
            return random_formula(self, first)
        further = further_inputs(self, op, first)
        if further is None:
            return None
        first, (names, forced) = self.first_input, further
        primary = find(op).primary
        for _ in range(4):
            args = {**random_arguments(Placement(self.r, op, self.types[first], self.channels_last)), **forced}
            args = {k: v for k, v in args.items() if v is not None}
            layer: dict[str, Any] = {}
            layers_named = [args[a] for a in LAYER_ARGUMENTS if a in args and isinstance(args[a], str)]
            wired = [first, *names[: len(names) - len(layers_named)]]
            if primary == "from":
                wired = wired if len(wired) > 1 else [first, first]
                layer[op] = [Name(n) for n in wired]
            else:
                layer[op] = args.pop(primary) if primary in args else writer.ALONE
                layer["from"] = Name(first) if len(wired) == 1 else [Name(n) for n in wired]
            layer.update({k: Name(v) if k in LAYER_ARGUMENTS and isinstance(v, str) else v for k, v in args.items()})
            if self.r.random() < 0.15:
                layer["activation"] = self.r.choice(ACTIVATIONS)
            if self.r.random() < 0.05:
                layer["freeze"] = True
            if (
                find(op).takes_weights
                and args.get("affine", op != "instance_norm")  # without one, it has no weights
                and not (op.endswith("conv1d") and "axis" in args)  # which 'expand' cannot write
                and "connections" not in args
                and self.r.random() < 0.1
            ):
                layer["weights"] = {"weight": self.r.choice(OF_WEIGHTS)}
            name = self.put(op[:6].strip("_"), layer)
            if name is not None:
                return name
        return None


def given_names(names: list[str | None]) -> tuple[str, ...]:
    """The names of axes as a type has them."""
    return tuple(SYNONYMS.get(name, name) if name else "" for name in names)


def as_written(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer whose operation has no primary argument, as written in a spec."""
    return {k: writer.ALONE if v is None else v for k, v in layer.items()}


def split(layer: dict[str, Any]) -> tuple[str, list[str], dict[str, Any]]:
    """The operation, inputs (those named by arguments last) and arguments of a layer."""
    op = next(k for k in layer if k in TABLE)
    args = {k: v for k, v in layer.items() if k != op and k not in WIRING}
    value = layer[op]
    inputs_written = layer.get("from", [])
    primary = find(op).primary
    if primary == "from":
        inputs_written = value
    elif type(value) is dict and op not in ("parameter", "buffer"):
        args |= value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - a spec's values are of any type
    elif value is not writer.ALONE:
        args[primary or ""] = value
    if isinstance(inputs_written, dict):  # names in a formula
        renamed: dict[str, Any] = {**inputs_written}  # pyright: ignore[reportUnknownArgumentType] - as above
        args["names"], inputs_written = list(renamed), list(renamed.values())
    inputs = [str(n) for n in as_list(inputs_written)]
    for a in LAYER_ARGUMENTS:
        if isinstance(args.get(a), str):
            inputs.append(str(args[a]))
            args[a] = True
    return op, inputs, args


def infer_types(
    op: str, kinds: tuple[TensorType, ...], args: dict[str, Any], channels_last: bool
) -> tuple[TensorType, ...] | None:
    """The types of the outputs; None if netspec rejects the layer, or they are too large for a test."""
    try:
        if op == "formula":
            args, kinds = with_program(args, kinds)
        operation = create(op, args, kinds, channels_last)
        outputs = operation.infer(*kinds)
        weights = operation.weights(*kinds)
        check_weights(op, kinds, weights)
    except (ArgumentError, ShapeError, ValueError):
        return None
    if kinds and depends_on_memory_format(operation, kinds[0]):
        return None
    if max(math.prod(shape) for shape in [*(k.shape for k in outputs), *(w.shape for w in weights)]) > MOST_ELEMENTS:
        return None
    return outputs


def depends_on_memory_format(op: Op, x: TensorType) -> bool:
    """Whether PyTorch's own values depend on the memory format: nearest neighbours in volumes."""
    return (
        isinstance(op, Upsample)
        and op.mode == "nearest"
        and op.scale is not None
        and x.rank == 4
        and any(not s.is_integer() for s in op.scale)
    )
