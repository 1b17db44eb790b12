"""Resolves the names in a network's source."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..functions import function_table as functions
from ..functions import views
from ..modules import module_table as modules
from ..modules.module_base import Module, parameter
from ..simulated.errors import MissingRuleError
from ..simulated.run import current
from ..simulated.tensors import Tensor
from ..simulated.types import SIZE


@dataclass(frozen=True, slots=True)
class Device:
    """``torch.device``."""

    type: str
    index: int | None = None


@dataclass(frozen=True, slots=True)
class NumberLimits:
    """``torch.finfo``, ``torch.iinfo``; the values are not used."""

    min: float = -math.inf
    max: float = math.inf
    eps: float = 0.0


class Foreign:
    """Something imported from another package: it can be referenced, but not called."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Raises MissingRuleError."""
        raise MissingRuleError(self.name)


def no_grad() -> AbstractContextManager[None]:
    """``torch.no_grad``."""
    return current().recording(False)


def functional_call(module: Module, tensors: Mapping[str, Tensor], args: Any, kwargs: Any = None) -> Any:
    """``torch.func.functional_call``: calls a module with other tensors."""
    places: list[tuple[dict[str, Any], str, Any]] = []
    for name, tensor in tensors.items():
        path, _, last = name.rpartition(".")
        fields = module.get_submodule(path).__dict__
        held = next(fields[kind] for kind in ("_parameters", "_buffers") if last in fields[kind])
        places.append((held, last, held[last]))
        held[last] = tensor
    try:
        return module(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))
    finally:
        for held, last, before in places:
            held[last] = before


def where(condition: Tensor, *values: Any) -> Any:
    """``torch.where``. With a single argument, true positions are assumed to be evenly distributed over the experts.

    The source uses this form only to find the tokens that choose an expert.
    """
    if values:
        return functions.FUNCTIONS["torch.where"](condition, *values)
    share = -(-condition.numel // max(current().experts, 1))
    return tuple(Tensor((share,), "int64") for _ in condition.shape)


def spread_evenly(route: Callable[..., Any]) -> Callable[..., Any]:
    """``route`` of the library, which sends tokens to experts; all experts get the same number of tokens."""

    def run(experts: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        modules = list(experts)
        current().experts = len(modules)
        return route(modules, *args, **kwargs)

    return run


def is_instance(value: object, kinds: Any) -> bool:
    """``isinstance``, with ``nn.Parameter`` treated as a class."""
    if isinstance(kinds, tuple):
        return any(is_instance(value, kind) for kind in kinds)  # pyright: ignore[reportUnknownVariableType] - of any type
    if kinds is parameter:
        return isinstance(value, Tensor) and value.is_parameter
    return isinstance(kinds, type) and isinstance(value, kinds)


def add_up(values: Iterable[Any], start: Any = 0) -> Any:
    """``sum``, with support for tensors."""
    total = start
    for value in values:
        total = (
            functions.OPERATORS["+"](total, value)
            if isinstance(total, Tensor) or isinstance(value, Tensor)
            else total + value
        )
    return total


def length(value: Any) -> int:
    """``len``, with support for tensors."""
    return value.shape[0] if isinstance(value, Tensor) else len(value)


def items(value: Any) -> Iterator[Any]:
    """``iter``, with support for tensors."""
    return views.iterate_first_axis(value) if isinstance(value, Tensor) else iter(value)


def number(kind: type[Any]) -> Callable[..., Any]:
    """``int``, ``float`` and ``bool``; the value of a tensor is unknown."""

    def convert(value: Any = 0) -> Any:
        if isinstance(value, Tensor):
            raise MissingRuleError(f"{kind.__name__}(Tensor), whose value is not known")
        return kind(value)

    return convert


def attribute(value: Any, name: str) -> Any:
    """``value.name``. Raises MissingRuleError if there is no rule for it."""
    if isinstance(value, Tensor):
        if name in TENSOR_FIELDS:
            return TENSOR_FIELDS[name](value)
        if name in functions.METHODS:
            return partial(functions.METHODS[name], value)
        raise MissingRuleError(f"Tensor.{name}")
    if isinstance(value, (Module, super, Device, NumberLimits)):
        if name.startswith("__") and name not in ("__init__", "__dict__"):
            raise MissingRuleError(name)
        try:
            return getattr(value, name)
        except AttributeError:
            raise MissingRuleError(f"{type(value).__name__}.{name}") from None
    if name in METHODS_OF_BUILTINS and isinstance(value, (str, list, dict, tuple, set)):
        return getattr(value, name)  # pyright: ignore[reportUnknownArgumentType] - of items of any type
    raise MissingRuleError(f"{type(value).__name__}.{name}")


def _attribute_or(value: Any, name: str, *default: Any) -> Any:
    try:
        return attribute(value, name)
    except MissingRuleError:
        if default:
            return default[0]
        raise


def set_attribute(value: Any, name: str, new: Any) -> None:
    """``value.name = new``, for modules and for attributes of tensors."""
    if isinstance(value, Module) and not name.startswith("__"):
        setattr(value, name, new)
    elif isinstance(value, Tensor) and name in ("requires_grad", "data"):
        if name == "requires_grad":
            value.requires_grad = bool(new)
    else:
        raise MissingRuleError(f"assignment to {type(value).__name__}.{name}")


def _size(x: Tensor, dim: int | None = None) -> Any:
    return x.shape if dim is None else x.shape[dim]


def _limits(dtype: str) -> NumberLimits:
    return NumberLimits()


def _requires_grad(x: Tensor, requires_grad: bool = True) -> Tensor:
    x.requires_grad = requires_grad
    return x


TENSOR_FIELDS: dict[str, Callable[[Tensor], Any]] = {
    "shape": lambda x: x.shape, "dtype": lambda x: x.dtype, "ndim": lambda x: x.ndim,
    "device": lambda x: Device(current().device), "requires_grad": lambda x: x.requires_grad, "data": lambda x: x,
    "is_cuda": lambda x: current().device == "cuda", "mT": views.matrix_transpose, "T": views.matrix_transpose,
    "numel": lambda x: lambda: x.numel, "dim": lambda x: lambda: x.ndim,
    "size": lambda x: partial(_size, x),
    "requires_grad_": lambda x: partial(_requires_grad, x),
}  # fmt: skip
METHODS_OF_BUILTINS = frozenset((
    "append", "endswith", "extend", "format", "get", "index", "insert", "items", "join", "keys", "lower", "partition",
    "pop", "replace", "rpartition", "setdefault", "split", "startswith", "upper", "update", "values",
))  # fmt: skip
BUILTINS: dict[str, Any] = {
    "len": length, "range": range, "zip": zip, "enumerate": enumerate, "reversed": reversed, "isinstance": is_instance,
    "int": int, "float": float, "bool": bool, "str": str, "max": max, "min": min, "next": next, "iter": items,
    "list": list, "tuple": tuple, "dict": dict, "set": set, "any": any, "all": all, "sum": add_up, "abs": abs,
    "sorted": sorted, "getattr": _attribute_or, "setattr": set_attribute, "Tensor": Tensor, "partial": partial,
    "OrderedDict": OrderedDict, "ValueError": ValueError, "IndexError": IndexError, "AttributeError": AttributeError,
    "slice": slice,
}  # fmt: skip
CONVERSIONS: Mapping[Any, Callable[..., Any]] = {kind: number(kind) for kind in (int, float, bool)}
"""Implementations of calls of builtin classes."""
WRAPPERS: Mapping[str, Callable[..., Any]] = {"route": spread_evenly}
"""Functions of the library that depend on values, not only on shapes."""
INITIALISERS = "nn.init."
"""Functions that fill a tensor with values and return it."""


def _first(x: Any, *_: Any, **__: Any) -> Any:
    return x


TORCH: dict[str, Any] = {
    **{f"torch.{name}": name for name in SIZE},
    "torch.Tensor": Tensor, "torch.inf": math.inf, "torch.nan": math.nan, "torch.pi": math.pi, "torch.no_grad": no_grad,
    "torch.fx.wrap": _first, "torch.compiler.is_compiling": lambda: True, "torch.func.functional_call": functional_call,
    "torch.finfo": _limits, "torch.iinfo": _limits, "torch.device": Device,
    "torch.is_grad_enabled": lambda: current().grad,
}  # fmt: skip
"""Names of ``torch`` other than tensor functions."""


def dotted(name: str) -> Any:
    """Resolves a dotted name of ``torch``, ``nn`` or ``F``. Raises MissingRuleError."""
    name = name.replace("torch.nn.functional.", "F.").replace("torch.nn.", "nn.")
    if name == "torch.where":
        return where
    for table in (functions.FUNCTIONS, modules.CLASSES, TORCH):
        if name in table:
            return table[name]
    if name.startswith(INITIALISERS):
        return _first
    raise MissingRuleError(name)
