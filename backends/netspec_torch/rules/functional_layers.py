"""Layers with computed weights, as functions: ``F.conv2d(x, weight, bias)``.

Rules describe submodules and how they are applied. This module replaces their calls by the function that the submodule
applies, with the same arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from netspec.ops.argument import as_list

from .lowered import Default, Expr, Literal, Lowered, Make

Weights: TypeAlias = Mapping[str, "Weight"]


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight in the text of a rule."""

    text: str
    """``{1}``, without a batch axis unless it differs between examples."""
    each: bool = False
    """Whether it differs between examples."""


class Function:
    """The function of a submodule, while its text is written.

    Args:
        make: the submodule.
        x: the inputs, as text.
        weights: by name in the submodule.
    """

    def __init__(self, make: Make, x: str, weights: Weights) -> None:
        self.x = x
        self.weights = weights
        self.holes: dict[str, Literal] = {}
        self._args = {k: v.value if isinstance(v, Default) else v for k, v in make.args.items()}
        self._defaults = {k: v.default for k, v in make.args.items() if isinstance(v, Default)}
        digits = [c for c in make.cls if c.isdigit()]
        self.axes = int(digits[0]) if digits else 0
        """Number of window axes, for a class that has it in its name."""

    def weight(self, name: str) -> str:
        """Returns a weight as text; ``None`` if the layer has no weight of that name."""
        weight = self.weights.get(name)
        return weight.text if weight is not None else "None"

    def differs(self, name: str) -> bool:
        """Whether a weight differs between examples."""
        weight = self.weights.get(name)
        return weight is not None and weight.each

    def get(self, name: str, default: Any = None) -> Any:
        """An argument of the submodule."""
        return self._args.get(name, default)

    def hole(self, name: str, value: Literal) -> str:
        """Adds a hole for a number."""
        self.holes[name] = value
        return f"{{{name}}}"

    def keyword(self, name: str, keyword: str) -> str:
        """Returns a keyword argument preceded by a comma; empty if it has its default value."""
        value = self._args.get(name, self._defaults.get(name))
        if value == self._defaults.get(name):
            return ""
        return f", {keyword}={self.hole(name, value)}"

    # -- convolutions ---------------------------------------------------------------------------------------------
    def pad(self) -> Any:
        """Pads the input if PyTorch's function cannot; returns the remaining padding."""
        mode = self.get("padding_mode", "zeros")
        named = "" if mode == "zeros" else f', mode="{mode}"'
        pads = self.get("pads")
        padding = self.get("padding", 0)
        if pads is None and mode != "zeros":
            pads = tuple(n for value in reversed(self._each(padding)) for n in (value, value))
        if pads is None:
            return padding
        if any(pads):
            self.x = f"F.pad({self.x}, {self.hole('pads', pads)}{named})"
        return 0

    def pad_same(self) -> None:
        """Pads the input at run time such that there are ``ceil(n / stride)`` positions."""
        each = {name: self._each(self.get(name, default)) for name, default in SLIDING.items()}
        places = ", ".join(self.hole(name, value) for name, value in each.items())
        mode = self.get("padding_mode", "zeros")
        named = "" if mode == "zeros" else f', mode="{mode}"'
        self.x = f"F.pad({self.x}, same_padding({self.x}.shape[2:], {places}){named})"

    def _each(self, value: Any) -> tuple[Any, ...]:
        each = as_list(value)
        return tuple(each if isinstance(value, tuple) else each * self.axes)

    def convolve(self, padding: Any) -> str:
        """Returns a convolution of the input."""
        options = f"{self.hole('stride', self.get('stride', 1))}, {self.hole('padding', padding)}"
        if self.get("dilation", 1) != 1 or self.get("groups", 1) != 1:
            options += "".join(f", {self.hole(name, self.get(name, 1))}" for name in ("dilation", "groups"))
        return self._applied(f"F.conv{self.axes}d", options)

    def convolve_back(self) -> str:
        """Returns a transposed convolution of the input."""
        options = ", ".join(
            self.hole(name, self.get(name, default))
            for name, default in (("stride", 1), ("padding", 0), ("output_padding", 0), ("groups", 1), ("dilation", 1))
        )
        return self._applied(f"F.conv_transpose{self.axes}d", options)

    def _applied(self, function: str, options: str) -> str:
        if not self.differs("weight") and not self.differs("bias"):
            return f"{function}({self.x}, {self.weight('weight')}, {self.weight('bias')}, {options})"
        if self.differs("weight"):
            text = f"conv_each({function}, {self.x}, {self.weight('weight')}, {options})"
        else:
            text = f"{function}({self.x}, {self.weight('weight')}, None, {options})"
        if "bias" in self.weights:
            lead = ":, " if self.differs("bias") else ""
            text += f" + {self.weight('bias')}[{lead}:{', None' * self.axes}]"
        return text


SLIDING = {"kernel_size": 1, "stride": 1, "dilation": 1}


def _conv(f: Function) -> str:
    return f.convolve(f.pad())


def _same_conv(f: Function) -> str:
    if f.get("kernel_size") not in (1, (1,) * f.axes):  # a kernel of size 1 needs no padding
        f.pad_same()
    return f.convolve(0)


def _causal_conv(f: Function) -> str:
    before = f.get("dilation", 1) * (f.get("kernel_size") - 1)
    f.x = f"F.pad({f.x}, {f.hole('pads', (before, 0))})"
    return f.convolve(0)


def _cropped_transpose(f: Function) -> str:
    crop = tuple(-n for n in f.get("crop"))
    return f"F.pad({f.convolve_back()}, {f.hole('pads', crop)})"


def _linear(f: Function) -> str:
    if f.differs("weight") or f.differs("bias"):
        return f"linear_each({f.x}, {f.weight('weight')}, {f.weight('bias')})"
    bias = f", {f.weight('bias')}" if "bias" in f.weights else ""
    return f"F.linear({f.x}, {f.weight('weight')}{bias})"


def _bilinear(f: Function) -> str:
    return f"F.bilinear({f.x}, {f.weight('weight')}, {f.weight('bias')})"


def _layer_norm(f: Function) -> str:
    sizes = f.hole("normalized_shape", _sizes(f))
    return f"F.layer_norm({f.x}, {sizes}, {f.weight('weight')}, {f.weight('bias')}{f.keyword('eps', 'eps')})"


def _layer_norm_2d(f: Function) -> str:
    f.x = f"{f.x}.permute(0, 2, 3, 1)"
    return f"{_layer_norm(f)}.permute(0, 3, 1, 2)"


def _rms_norm(f: Function) -> str:
    sizes = f.hole("normalized_shape", _sizes(f))
    return f"F.rms_norm({f.x}, {sizes}, {f.weight('weight')}{f.keyword('eps', 'eps')})"


def _sizes(f: Function) -> tuple[int, ...]:
    return tuple(as_list(f.get("normalized_shape")))


def _group_norm(f: Function) -> str:
    groups = f.hole("num_groups", f.get("num_groups"))
    return f"F.group_norm({f.x}, {groups}, {f.weight('weight')}, {f.weight('bias')}{f.keyword('eps', 'eps')})"


def _instance_norm(f: Function) -> str:
    return f"F.instance_norm({f.x}, weight={f.weight('weight')}, bias={f.weight('bias')}{f.keyword('eps', 'eps')})"


def _batch_norm(f: Function) -> str:
    mean, var = f.weight("running_mean"), f.weight("running_var")
    rest = f.keyword("momentum", "momentum") + f.keyword("eps", "eps")
    gains = f"{f.weight('weight')}, {f.weight('bias')}"
    return f"F.batch_norm({f.x}, {mean}, {var}, {gains}, self.training{rest})"


def _frozen_batch_norm(f: Function) -> str:
    weights = ", ".join(f.weight(name) for name in ("running_mean", "running_var", "weight", "bias"))
    return f"F.batch_norm({f.x}, {weights}{f.keyword('eps', 'eps')})"


def _weight_norm(f: Function) -> str:
    if f.get("dim") == ():  # a weight with one axis
        return f"{f.weight('original0')} * {f.x} / {f.x}.abs()"
    norm = f"torch.linalg.vector_norm({f.x}, dim={f.hole('dim', f.get('dim'))}, keepdim=True)"
    return f"{f.weight('original0')} * {f.x} / {norm}"


def _spectral_norm(f: Function) -> str:
    options = ", ".join(f.hole(name, f.get(name)) for name in ("dim", "steps", "eps"))
    return f"spectral_norm({f.x}, {f.weight('0._u')}, {f.weight('0._v')}, {options}, self.training)"


FUNCTIONS: Mapping[str, Callable[[Function], str]] = {
    "nn.Linear": _linear,
    "nn.Conv": _conv,
    "PaddedConv": _conv,
    "SameConv": _same_conv,
    "CausalConv": _causal_conv,
    "nn.ConvTranspose": Function.convolve_back,
    "CroppedConvTranspose": _cropped_transpose,
    "nn.Bilinear": _bilinear,
    "RBF": lambda f: f"({f.x}.unsqueeze(-2) - {f.weight('weight')}).square().sum(-1)",
    "nn.Embedding": lambda f: f"F.embedding({f.x}, {f.weight('weight')})",
    "nn.LayerNorm": _layer_norm,
    "LayerNorm": _layer_norm_2d,
    "nn.RMSNorm": _rms_norm,
    "nn.GroupNorm": _group_norm,
    "nn.InstanceNorm": _instance_norm,
    "nn.BatchNorm": _batch_norm,
    "FrozenBatchNorm": _frozen_batch_norm,
    "WeightNorm": _weight_norm,
    "SpectralNorm": _spectral_norm,
    "nn.PReLU": lambda f: f"F.prelu({f.x}, {f.weight('weight')})",
    "ChannelScale": lambda f: f"{f.x} * {f.weight('weight')}[:{', None' * f.get('trailing', 0)}]",
}
"""Writers by the class of the submodule, without the number of axes."""


def as_function(lowered: Lowered, weights: Weights, inputs: int) -> Lowered:
    """Converts a layer to a function of its weights.

    Args:
        lowered: the result of the layer's rule.
        weights: its weights as text, by name.
        inputs: number of inputs.
    """
    make = lowered.make
    assert make is not None
    text = lowered.call.text or f"{{self}}({', '.join(f'{{{i}}}' for i in range(inputs))})"
    start = text.index("{self}(")
    end = _closing_bracket(text, start + len("{self}("))
    function = Function(make, text[start + len("{self}(") : end], weights)
    name = make.cls[:-2] if make.cls[-2:] in ("1d", "2d", "3d") else make.cls
    value = FUNCTIONS[name](function)
    holes = {**lowered.call.holes, **function.holes}
    return Lowered(None, Expr(f"{text[:start]}({value}){text[end + 1 :]}", holes))


def _closing_bracket(text: str, start: int) -> int:
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError(text)
