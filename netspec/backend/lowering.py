"""A backend's table of translation rules: one for each operator class.

A rule takes the operation and a context of the backend's choice, and returns what the backend needs::

    lower: Lowering[Site, Call] = Lowering("onnx", "netspec_onnx")

    @lower.rule(Conv)
    def conv(op: Conv, site: Site) -> Call: ...

The files of a backend repeat the names of those in :mod:`netspec.ops`; a file is imported when an operation of its
family is first looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from threading import RLock
from typing import Any, Generic, TypeVar, cast

from ..ir import Graph, Node
from ..ops.base import Op
from ..ops.registered import address
from .errors import UnsupportedError

C = TypeVar("C")
R = TypeVar("R")
O = TypeVar("O", bound=Op)  # noqa: E741 - the operator

OPS = "netspec.ops."


class Lowering(Generic[C, R]):
    """Rules by operator class; a class without one of its own takes the rule of the nearest base class.

    Args:
        backend: the backend's name, for messages.
        package: the package whose modules hold the rules, by family.
    """

    def __init__(self, backend: str, package: str) -> None:
        self.backend = backend
        self.package = package
        self._rules: dict[type[Op], Callable[[Any, C], R]] = {}
        self._by_class: dict[type[Op], Callable[[Any, C], R] | None] = {}
        self._families: set[str] = set()
        self._for_registered: Callable[[Any, C], R] | None = None
        """The rule for operations that ``netspec.register`` supplies."""
        self._lock = RLock()
        """Held while rules are loaded and looked up; a family counts as loaded once all its rules are registered."""

    def rule(self, *classes: type[O]) -> Callable[[Callable[[O, C], R]], Callable[[O, C], R]]:
        """Makes the decorated function the rule for these classes and the classes below them.

        Raises:
            ValueError: a class has a rule already.
        """

        def register(function: Callable[[O, C], R]) -> Callable[[O, C], R]:
            with self._lock:
                for cls in classes:
                    if cls in self._rules:
                        raise ValueError(f"backend '{self.backend}' has two rules for {cls.__name__}")
                    self._rules[cls] = function
                self._by_class.clear()
            return function

        return register

    def find(self, cls: type[Op]) -> Callable[[Any, C], R] | None:
        """The rule for an operator class; None if there is none."""
        with self._lock:
            if cls not in self._by_class:
                for base in cls.__mro__:
                    self._load(base.__module__)
                self._by_class[cls] = next((self._rules[base] for base in cls.__mro__ if base in self._rules), None)
            return self._by_class[cls]

    def rule_of(self, op: Op) -> Callable[[Any, C], R] | None:
        """The rule for an operation: that of its class, or for what ``netspec.register`` supplied; None if neither."""
        rule = self.find(type(op))
        if rule is None and address(op.name, self.backend) is not None:
            with self._lock:
                self._load(f"{OPS}registered")
            return self._for_registered
        return rule

    def registered(self, function: Callable[[Any, C], R]) -> Callable[[Any, C], R]:
        """Makes the decorated function, of the backend's module ``registered``, the rule for what others supply."""
        self._for_registered = function
        return function

    def __call__(self, op: Op, context: C) -> R:
        """The result of the operation's rule.

        Raises:
            KeyError: there is no rule; call :meth:`check` first.
        """
        rule = self.rule_of(op)
        if rule is None:
            raise KeyError(type(op).__name__)
        return rule(op, context)

    def unsupported(self, graph: Graph) -> list[Node]:
        """The nodes of a graph whose operation has no rule, with those in the bodies of regions."""
        unsupported = [node for node in graph.nodes if self.rule_of(node.op) is None]
        for node in graph.nodes:
            for body in node.op.bodies:
                unsupported += self.unsupported(cast("Graph", body))
        return unsupported

    def check(self, graph: Graph) -> None:
        """Check that every operation of the graph has a rule.

        Raises:
            UnsupportedError: naming every operation that has none.
        """
        nodes = self.unsupported(graph)
        if nodes:
            raise UnsupportedError(self.backend, graph, nodes)

    def _load(self, module: str) -> None:
        family = module.removeprefix(OPS)
        if family == module or family in self._families:
            return
        name = f"{self.package}.{family}"
        try:
            exists = find_spec(name) is not None
        except ModuleNotFoundError:
            exists = False  # the rules are in no package: the backend registered them itself
        if exists:
            import_module(name)
        self._families.add(family)  # only now: after an interrupted import, the next look-up tries again
