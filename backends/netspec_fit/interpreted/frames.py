"""Functions of a source, and their variables during a call."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, Protocol


class Interpreter(Protocol):
    """The interface for running a function."""

    names: dict[str, Any]

    def value(self, node: ast.expr, frame: Frame) -> Any:
        """Evaluates an expression."""

    def run(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Runs statements until one returns."""


class Frame:
    """The variables of a function call."""

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
        """The class of which it is a method."""
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
        """Calls the function."""
        return self.call(list(args), kwargs)

    def call(self, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Calls the function. Removes the arguments from the list, so that nothing else holds references to them."""
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
