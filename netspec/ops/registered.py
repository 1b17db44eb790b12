"""Implementations of operations that netspec does not know: ``netspec.register(name, torch=…, onnx=…)``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ..diagnostics import Error, clip
from . import OTHER, family_of

Implementation = Callable[..., Any]
BACKENDS = ("torch", "onnx")

_addresses: dict[tuple[str, str], str] = {}
"""By operation and backend: ``package.module:function``."""


def register(name: str, *, torch: Implementation | str | None = None, onnx: Implementation | str | None = None) -> None:
    """Says how backends compute an operation of another package, or one that a spec declares.

    A function is given itself, or as text, ``package.module:function``: it is imported when a backend needs it. The
    Python source of a network imports it from there.

    Args:
        name: the operation, as specs name it.
        torch: a function of the inputs, in order, then the weights and the arguments by name; it returns the output, or
            a tuple of the outputs. Tensors have the batch axis, and numbers of axes count it.
        onnx: a function of the operation and of the place where it adds its nodes, as the rules of operations are.

    Raises:
        Error: NS230, the name is that of an operation of netspec, or the function cannot be imported by its name.
    """
    if not (name.isascii() and name.isidentifier()):
        raise Error("NS230", f"the name of an operation is letters, digits and '_'; found '{clip(name)}'")
    if family_of(name) != OTHER:
        raise Error("NS230", f"'{name}' is an operation of netspec: another has a name of its own")
    for backend, function in (("torch", torch), ("onnx", onnx)):
        if function is not None:
            _addresses[name, backend] = address_of(name, function)


def address_of(name: str, function: Implementation | str) -> str:
    """Where a function can be imported from. Raises Error NS230."""
    address = function
    if not isinstance(address, str):
        address = f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', '')}"
    module, _, path = address.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), *path.split(".")]):
        message = f"the implementation of '{name}' must be a function that can be imported; found {clip(address)}"
        raise Error("NS230", message, "define it in a module, and give it as 'package.module:function' or by itself")
    return address


def address(name: str, backend: str) -> str | None:
    """Where the implementation of an operation is, if one is registered."""
    return _addresses.get((name, backend))


def implementation(name: str, backend: str) -> Implementation:
    """The function of an operation that is registered. Raises Error NS230 if it cannot be imported."""
    from .plugins import described

    module, _, path = _addresses[name, backend].partition(":")
    try:
        value: Any = import_module(module)
        for part in path.split("."):
            value = getattr(value, part)
    except Exception as error:  # whatever the code of a package raises
        message = f"the implementation of '{name}' cannot be imported from {module}: {described(error)}"
        raise Error("NS230", message) from error
    function: Implementation = value
    return function
