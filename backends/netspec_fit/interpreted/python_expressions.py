"""Interprets the expressions of a source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..functions import function_table
from ..functions.elementwise import negate
from ..functions.indexing import get_item
from ..simulated.errors import MissingRuleError, TooLongError
from ..simulated.tensors import Tensor
from .frames import Frame, Function
from .namespace import BUILTINS, CONVERSIONS, attribute, dotted, items, set_attribute
from .operators import operate

MAX_STEPS = 20_000_000
"""Maximum number of expressions and statements in a run."""
ROOTS = ("torch", "nn", "F")


class Expressions:
    """Evaluates expressions; statements are for a subclass."""

    def __init__(self) -> None:
        self.steps = 0
        self.repeats: int = 1
        """How often the enclosing loops repeat the current code, if this is the first iteration."""
        self.names: dict[str, Any] = {}

    def count_step(self) -> None:
        """Counts an expression or statement. Raises TooLongError."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooLongError

    def expect_steps(self, more: int) -> None:
        """Raises TooLongError if a loop would exceed the limit, before it runs."""
        if self.steps + more > MAX_STEPS:
            raise TooLongError

    def unknown(self, node: Any, frame: Frame) -> Any:
        """Raises MissingRuleError."""
        raise MissingRuleError(f"Python's {type(node).__name__}")

    def value(self, node: ast.expr, frame: Frame) -> Any:
        """The value of an expression."""
        self.count_step()
        compute: Any = self._expressions.get(type(node), Expressions.unknown)
        return compute(self, node, frame)

    def _constant(self, node: ast.Constant, frame: Frame) -> Any:
        return node.value

    def _name(self, node: ast.Name, frame: Frame) -> Any:
        name, at = node.id, frame
        while True:
            if name in at.names:
                return at.names[name]
            if at.outer is None:
                break
            at = at.outer
        if name in self.names:
            return self.names[name]
        if name in BUILTINS:
            return BUILTINS[name]
        raise MissingRuleError(name)

    def _attribute(self, node: ast.Attribute, frame: Frame) -> Any:
        name = _dotted_name(node, frame)
        return dotted(name) if name is not None else attribute(self.value(node.value, frame), node.attr)

    def _subscript(self, node: ast.Subscript, frame: Frame) -> Any:
        owner = self.value(node.value, frame)
        index = self.value(node.slice, frame)
        return get_item(owner, index) if isinstance(owner, Tensor) else owner[index]

    def _slice(self, node: ast.Slice, frame: Frame) -> slice:
        return slice(*(None if n is None else self.value(n, frame) for n in (node.lower, node.upper, node.step)))

    def _call(self, node: ast.Call, frame: Frame) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            method = frame.function
            assert method is not None
            assert method.owner is not None
            return _parent(method.owner, frame.names[method.parameters[0]])
        function = self.value(node.func, frame)
        args = self._items(node.args, frame)
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, frame)
            kwargs |= value if keyword.arg is None else {keyword.arg: value}
            del value
        if isinstance(function, Function):
            return function.call(args, kwargs)
        if isinstance(function, type) and function in CONVERSIONS:
            return CONVERSIONS[function](*args)
        return function(*args, **kwargs)

    def _items(self, nodes: Sequence[ast.expr], frame: Frame) -> list[Any]:
        out: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                out.extend(items(self.value(node.value, frame)))
            else:
                out.append(self.value(node, frame))
        return out

    def _tuple(self, node: ast.Tuple, frame: Frame) -> tuple[Any, ...]:
        return tuple(self._items(node.elts, frame))

    def _list(self, node: ast.List, frame: Frame) -> list[Any]:
        return self._items(node.elts, frame)

    def _dict(self, node: ast.Dict, frame: Frame) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            evaluated = self.value(value, frame)
            if key is None:
                out.update(evaluated)
            else:
                out[self.value(key, frame)] = evaluated
        return out

    def _unary(self, node: ast.UnaryOp, frame: Frame) -> Any:
        value = self.value(node.operand, frame)
        if isinstance(value, Tensor):
            return negate(value) if isinstance(node.op, ast.USub) else function_table.METHODS["logical_not"](value)
        if isinstance(node.op, ast.Not):
            return not value
        return -value if isinstance(node.op, ast.USub) else ~value

    def _binary(self, node: ast.BinOp, frame: Frame) -> Any:
        chain: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):  # not recursive, because a sum may have a thousand terms
            chain.append(first)
            first = first.left
        value = self.value(first, frame)
        for link in reversed(chain):
            value = operate(link.op, value, self.value(link.right, frame))
        return value

    def _compare(self, node: ast.Compare, frame: Frame) -> Any:
        left = self.value(node.left, frame)
        result: Any = True
        for operation, right in zip(node.ops, node.comparators, strict=True):
            other = self.value(right, frame)
            result = operate(operation, left, other)
            if not isinstance(result, Tensor) and not result:
                return False
            left = other
        return result

    def _boolean(self, node: ast.BoolOp, frame: Frame) -> Any:
        value: Any = None
        for operand in node.values:
            value = self.value(operand, frame)
            if bool(value) is isinstance(node.op, ast.Or):
                break
        return value

    def _conditional(self, node: ast.IfExp, frame: Frame) -> Any:
        return self.value(node.body if self.value(node.test, frame) else node.orelse, frame)

    def _list_comprehension(self, node: ast.ListComp, frame: Frame) -> list[Any]:
        return list(self._generated(node.elt, node.generators, frame))

    def _generator(self, node: ast.GeneratorExp, frame: Frame) -> Iterator[Any]:
        return self._generated(node.elt, node.generators, frame)

    def _dict_comprehension(self, node: ast.DictComp, frame: Frame) -> dict[Any, Any]:
        pair = ast.Tuple([node.key, node.value], ast.Load())
        return dict(self._generated(pair, node.generators, frame))

    def _generated(self, element: ast.expr, clauses: Sequence[ast.comprehension], outer: Frame) -> Iterator[Any]:
        return self._level(element, clauses, Frame(outer.function, {}, outer))

    def _level(self, element: ast.expr, clauses: Sequence[ast.comprehension], frame: Frame) -> Iterator[Any]:
        """Yields the elements of the remaining loops.

        Not a nested function, which would refer to itself and so keep all variables alive.
        """
        if not clauses:
            yield self.value(element, frame)
            return
        clause = clauses[0]
        for value in items(self.value(clause.iter, frame)):
            self.bind(clause.target, value, frame)
            del value
            if all(self.value(test, frame) for test in clause.ifs):
                yield from self._level(element, clauses[1:], frame)

    def _joined(self, node: ast.JoinedStr, frame: Frame) -> str:
        parts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.value(part.value, frame)
                parts.append(str(value) if isinstance(value, (str, int, float)) else type(value).__name__)
            else:
                assert isinstance(part, ast.Constant)
                parts.append(str(part.value))
        return "".join(parts)

    # -- targets of assignments and loops -----------------------------------------------------------------------------
    def bind(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """Assigns a value to a target."""
        match target:
            case ast.Name(name):
                frame.names[name] = value
            case ast.Attribute(owner, name):
                set_attribute(self.value(owner, frame), name, value)
            case ast.Subscript(owner, index):
                held = self.value(owner, frame)
                if not isinstance(held, Tensor):  # an in-place operation on a tensor changes only values
                    held[self.value(index, frame)] = value
            case ast.Tuple(targets) | ast.List(targets):
                self._unpack(targets, list(items(value)), frame)
            case _:
                raise MissingRuleError(type(target).__name__)

    def _unpack(self, targets: Sequence[ast.expr], values: list[Any], frame: Frame) -> None:
        star = next((i for i, t in enumerate(targets) if isinstance(t, ast.Starred)), None)
        if star is not None:
            end = len(values) - (len(targets) - star - 1)
            values[star:end] = [values[star:end]]
        for target, value in zip(targets, values, strict=True):
            self.bind(target.value if isinstance(target, ast.Starred) else target, value, frame)

    _expressions: Mapping[type[ast.AST], Any] = {
        ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute, ast.Subscript: _subscript,
        ast.Slice: _slice, ast.Call: _call, ast.Tuple: _tuple, ast.List: _list, ast.Dict: _dict, ast.UnaryOp: _unary,
        ast.BinOp: _binary, ast.Compare: _compare, ast.BoolOp: _boolean, ast.IfExp: _conditional,
        ast.ListComp: _list_comprehension, ast.GeneratorExp: _generator, ast.DictComp: _dict_comprehension,
        ast.JoinedStr: _joined,
    }  # fmt: skip


def _parent(cls: Any, instance: Any) -> Any:
    """``super()`` in a method of a class."""
    create: Any = super
    return create(cls, instance)


def _dotted_name(node: ast.Attribute, frame: Frame) -> str | None:
    """Returns a dotted name that begins with a module of PyTorch, unless a variable shadows it; else None."""
    parts: list[str] = []
    at: ast.expr = node
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    if not isinstance(at, ast.Name) or at.id not in ROOTS or at.id in frame.names:
        return None
    return ".".join((at.id, *reversed(parts)))
