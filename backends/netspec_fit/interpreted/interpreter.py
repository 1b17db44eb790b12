"""Interprets the subset of Python in which networks' sources are written.

References are dropped exactly when CPython would drop them, because the last reference frees a tensor: a function's
variables when it returns, and a call's arguments when it ends, or earlier if the function is written in Python and
overwrites them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from operator import length_hint
from typing import Any

from ..functions.elementwise import add_in_place
from ..modules.module_base import Module
from ..simulated.errors import MissingRuleError
from ..simulated.tensors import Tensor
from .frames import Frame, Function
from .namespace import WRAPPERS, Foreign, items
from .operators import operate
from .python_expressions import Expressions

MODULE = "network"
"""The module name of the source's classes."""


class SourceError(Exception):
    """The source raises an error, because it does not support the input."""


class SourceInterpreter(Expressions):
    """Interprets a network's source.

    Args:
        text: the Python file.

    Raises:
        MissingRuleError: it uses something without a rule for memory.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        body = ast.parse(text).body
        self.network = [node.name for node in body if isinstance(node, ast.ClassDef)][-1]
        """The name of the network's class."""
        self._run_top(body)

    def create(self) -> Module:
        """Creates the network. Raises MissingRuleError."""
        module = self.names[self.network]()
        assert isinstance(module, Module)
        return module

    # -- statements ---------------------------------------------------------------------------------------------------
    def _run_top(self, body: Sequence[ast.stmt]) -> None:
        for node in body:
            match node:
                case ast.Import():
                    pass
                case ast.ImportFrom(module, aliases):
                    if (module or "").split(".")[0] not in (
                        "torch",
                        "collections",
                        "functools",
                        "typing",
                        "__future__",
                    ):
                        for alias in aliases:
                            self.names[alias.asname or alias.name] = Foreign(f"{module}.{alias.name}")
                case ast.ClassDef():
                    self.names[node.name] = self._class(node)
                case ast.FunctionDef():
                    function = Function(self, node)
                    self.names[node.name] = WRAPPERS[node.name](function) if node.name in WRAPPERS else function
                case _:
                    self.run([node], Frame(None, self.names))

    def _class(self, node: ast.ClassDef) -> type[Any]:
        top = Frame(None, self.names)
        bases = tuple(self.value(base, top) for base in node.bases)
        functions: list[Function] = []
        fields: dict[str, Any] = {"__module__": MODULE}
        for statement in node.body:
            match statement:
                case ast.FunctionDef():
                    functions.append(Function(self, statement))
                    fields[statement.name] = _method(functions[-1])
                case ast.Assign([ast.Name(name)], value):
                    fields[name] = self.value(value, top)
                case ast.AnnAssign() | ast.Expr() | ast.Pass():
                    pass
                case _:
                    raise MissingRuleError(type(statement).__name__)
        cls = type(node.name, bases, fields)
        for function in functions:
            function.owner = cls
        return cls

    def run(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Runs statements until one returns."""
        for node in body:
            self.count_step()
            run: Any = self._statements.get(type(node), Expressions.unknown)
            run(self, node, frame)
            if frame.returned:
                return

    def _assign(self, node: ast.Assign, frame: Frame) -> None:
        value = self.value(node.value, frame)
        for target in node.targets:
            self.bind(target, value, frame)

    def _annotated(self, node: ast.AnnAssign, frame: Frame) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value, frame), frame)

    def _augmented(self, node: ast.AugAssign, frame: Frame) -> None:
        old = self.value(node.target, frame)
        new = self.value(node.value, frame)
        if isinstance(old, Tensor) and isinstance(node.op, ast.Add):
            result: Any = add_in_place(old, new)
        elif isinstance(old, list) and isinstance(node.op, ast.Add):
            old.extend(new)  # pyright: ignore[reportUnknownMemberType] - of any type
            result = old  # pyright: ignore[reportUnknownVariableType] - of any type
        else:
            result = operate(node.op, old, new)
        self.bind(node.target, result, frame)

    def _return(self, node: ast.Return, frame: Frame) -> None:
        frame.result = None if node.value is None else self.value(node.value, frame)
        frame.returned = True

    def _expression(self, node: ast.Expr, frame: Frame) -> None:
        if not isinstance(node.value, ast.Constant):  # not a docstring
            self.value(node.value, frame)

    def _if(self, node: ast.If, frame: Frame) -> None:
        self.run(node.body if self.value(node.test, frame) else node.orelse, frame)

    def _for(self, node: ast.For, frame: Frame) -> None:
        values = items(self.value(node.iter, frame))
        start, around, count = self.steps, self.repeats, length_hint(values, 1)
        self.repeats = around * count
        for value in values:
            self.bind(node.target, value, frame)
            del value
            self.run(node.body, frame)
            if frame.returned:
                break
            if self.repeats != around:  # the first iteration
                self.expect_steps((self.steps - start) * (self.repeats - 1))
                self.repeats = around
        self.repeats = around

    def _while(self, node: ast.While, frame: Frame) -> None:
        while self.value(node.test, frame) and not frame.returned:
            self.run(node.body, frame)

    def _with(self, node: ast.With, frame: Frame) -> None:
        (item,) = node.items
        with self.value(item.context_expr, frame):
            self.run(node.body, frame)

    def _raise(self, node: ast.Raise, frame: Frame) -> None:
        error = self.value(node.exc, frame) if node.exc is not None else None
        raise SourceError(str(error))

    def _nothing(self, node: ast.stmt, frame: Frame) -> None:
        pass

    _statements: Mapping[type[ast.AST], Any] = {
        ast.Assign: _assign, ast.AnnAssign: _annotated, ast.AugAssign: _augmented, ast.Return: _return,
        ast.Expr: _expression, ast.If: _if, ast.For: _for, ast.While: _while, ast.With: _with, ast.Raise: _raise,
        ast.Assert: _nothing, ast.Pass: _nothing,
    }  # fmt: skip


def _method(function: Function) -> Callable[..., Any]:
    """Wraps a function of the source as a method of a class."""

    def run(*args: Any, **kwargs: Any) -> Any:
        return function.call(list(args), kwargs)

    return run
