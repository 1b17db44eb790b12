"""The classes of ``torch.nn`` by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..functions import function_table as functions
from ..functions import spatial, views
from ..simulated.tensors import Tensor
from . import weighted_layers as layers
from .module_base import Module, ModuleDict, ModuleList, Sequential, parameter


class Identity(Module):
    """``nn.Identity``."""

    def forward(self, x: Any) -> Any:
        """Its input."""
        return x


class Flatten(Module):
    """``nn.Flatten``."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.dims = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        """Its input, flattened."""
        return views.flatten(x, *self.dims)


class Unflatten(Module):
    """``nn.Unflatten``."""

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        super().__init__()
        self.arguments = dim, unflattened_size

    def forward(self, x: Tensor) -> Tensor:
        """Its input, unflattened."""
        return views.unflatten(x, *self.arguments)


class Pool(Module):
    """``nn.MaxPool2d``, ``nn.AvgPool2d`` and similar classes, with the attributes that subclasses use."""

    axes = 2
    names: tuple[str, ...] = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    function: Callable[..., Any]

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, *rest: Any, **options: Any) -> None:
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride
        self.dilation, self.ceil_mode, self.return_indices, self.count_include_pad = 1, False, False, True
        for name, value in {**dict(zip(self.names[3:], rest, strict=False)), **options}.items():
            setattr(self, name, value)

    def forward(self, x: Tensor) -> Any:
        """The pooled input."""
        return type(self).function(x, **{name: getattr(self, name) for name in self.names})


def _of(function: Callable[..., Any], *names: str) -> type[Module]:
    """Returns a class that applies a function with its constructor's arguments."""

    class Applied(Module):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__()
            self.args, self.kwargs = args, kwargs
            for name, value in {**dict(zip(names, args, strict=False)), **kwargs}.items():
                self.__dict__[name] = value

        def forward(self, x: Tensor) -> Any:
            return function(x, *self.args, **self.kwargs)

    return Applied


def _numbered(name: str, base: type[Module], **fields: Any) -> dict[str, type[Module]]:
    """Returns the 1d, 2d and 3d versions of a class."""
    return {f"nn.{name}{n}d": type(f"{name}{n}d", (base,), {"axes": n, **fields}) for n in (1, 2, 3)}


def _pools(kind: str, names: tuple[str, ...]) -> dict[str, type[Module]]:
    return {
        f"nn.{kind}Pool{n}d": type(
            f"{kind}Pool{n}d",
            (Pool,),
            {"axes": n, "names": names, "function": staticmethod(functions.FUNCTIONS[f"F.{kind.lower()}_pool{n}d"])},
        )
        for n in (1, 2, 3)
    }


ACTIVATIONS = {
    "ReLU": "F.relu", "ReLU6": "F.relu6", "GELU": "F.gelu", "SiLU": "F.silu", "Mish": "F.mish",
    "Hardswish": "F.hardswish", "Hardsigmoid": "F.hardsigmoid", "LeakyReLU": "F.leaky_relu", "ELU": "F.elu",
    "CELU": "F.celu", "SELU": "F.selu", "Softplus": "F.softplus", "Softsign": "F.softsign", "Softmax": "F.softmax",
    "LogSoftmax": "F.log_softmax", "GLU": "F.glu", "Sigmoid": "torch.sigmoid", "Tanh": "torch.tanh",
    "Upsample": "F.interpolate", "PixelShuffle": "F.pixel_shuffle", "PixelUnshuffle": "F.pixel_unshuffle",
    "LocalResponseNorm": "F.local_response_norm",
}  # fmt: skip
"""Modules without weights, and the functions that they apply."""

CLASSES: Mapping[str, Any] = {
    "nn.Module": Module, "nn.Sequential": Sequential, "nn.ModuleList": ModuleList, "nn.ModuleDict": ModuleDict,
    "nn.Parameter": parameter, "nn.Identity": Identity, "nn.Flatten": Flatten, "nn.Unflatten": Unflatten,
    "nn.Linear": layers.Linear, "nn.Bilinear": layers.Bilinear, "nn.Embedding": layers.Embedding,
    "nn.LayerNorm": layers.LayerNorm, "nn.RMSNorm": layers.RMSNorm, "nn.GroupNorm": layers.GroupNorm,
    "nn.PReLU": layers.PReLU, "nn.Dropout": layers.Dropout, "nn.RNNBase": layers.RNNBase,
    **_numbered("Conv", layers.Convolution), **_numbered("ConvTranspose", layers.TransposedConvolution),
    **_numbered("BatchNorm", layers.BatchNorm), **_numbered("InstanceNorm", layers.InstanceNorm),
    **_numbered("Dropout", layers.DropoutOfChannels),
    **_pools("Max", ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")),
    **_pools("Avg", ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")),
    **{f"nn.{name}": _of(functions.FUNCTIONS[function]) for name, function in ACTIVATIONS.items()},
    **{f"nn.Adaptive{kind}Pool{n}d": _of(spatial.adaptive_pool(kind.lower(), n), "output_size")
       for kind in ("Avg", "Max") for n in (1, 2, 3)},
    "nn.LPPool2d": _of(spatial.lp_pool, "norm_type", "kernel_size", "stride"),
}  # fmt: skip
