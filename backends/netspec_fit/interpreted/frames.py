"""Functions of a source, and their variables while they run."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, Protocol


class Interpreter(Protocol):
    """What runs a function."""

    names: dict[str, Any]

    def value(self, node: ast.expr, frame: Frame) -> Any:
        """The value of an expression."""

    def run(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Runs statements until one returns."""


class Frame:
    """Variables of a function that runs."""

    __slots__ = ("function", "names", "outer", "result", "returned")

    def __init__(self, function: Function | None, names: dict[str, Any], outer: Frame | None = None) -> None:
        self.function = function
        self.names = names
        self.outer = outer
        self.returned = False
        self.result: Any = None


class Function:
    """A function of the source."""

    def __init__(self, source: Interpreter, node: ast.FunctionDef) -> None:
        self.source = source
        self.node = node
        self.owner: type[Any] | None = None
        """The class that it is a method of."""
        args = node.args
        self.parameters = [a.arg for a in (*args.posonlyargs, *args.args)]
        top = Frame(None, source.names)
        values = [source.value(d, top) for d in args.defaults]
        self.defaults = dict(zip(self.parameters[len(self.parameters) - len(values) :], values, strict=True))
        for a, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            if default is not None:
                self.defaults[a.arg] = source.value(default, top)
        self.known = {*self.parameters, *(a.arg for a in args.kwonlyargs)}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Its result."""
        return self.call(list(args), kwargs)

    def call(self, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Its result. The arguments are taken out of the list, so that nothing else holds them."""
        names = dict(self.defaults)
        names.update(zip(self.parameters, args, strict=False))
        if self.node.args.vararg is not None:
            names[self.node.args.vararg.arg] = tuple(args[len(self.parameters) :])
        args.clear()
        further: dict[str, Any] = {}
        for name, value in kwargs.items():
            (names if name in self.known else further)[name] = value
        kwargs.clear()
        if self.node.args.kwarg is not None:
            names[self.node.args.kwarg.arg] = further
        frame = Frame(self, names)
        del names, further
        self.source.run(self.node.body, frame)
        return frame.result
