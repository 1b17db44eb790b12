"""Writes the ``forward`` of a class: names its values and puts optional steps under their conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from netspec.ir import Graph
from netspec.shapes.sizes import is_named

from ..classes.constructor_arguments import Argument
from ..classes.decide_arguments import step_flag
from ..classes.shared_body import OptionalMember, SharedStep
from ..structure.body import Path
from ..syntax.expression_trees import (
    Attribute,
    Call,
    Conditional,
    DictExpression,
    Expression,
    Index,
    Keyword,
    Literal,
    Name,
    TupleExpression,
    binary,
    call,
)
from ..syntax.parser import parse_expression
from ..syntax.statements import Assign, Evaluate, Function, If, Parameter, Return, Statement
from .constructor import Constructor
from .run_time_sizes import RunTimeSizes
from .variables import name_results

if TYPE_CHECKING:
    from .size_checks import SizeCheck

TENSOR = Name("Tensor")


@dataclass(slots=True)
class Guard:
    """Consecutive steps of some uses, or of exactly the other uses, that share one ``if``."""

    present: tuple[bool, ...]
    """Which uses have the first of these steps."""
    step: SharedStep
    """The step whose condition is tested."""
    body: list[Statement] = field(default_factory=list[Statement])
    other: list[Statement] = field(default_factory=list[Statement])


class Forward:
    """Writes the ``forward`` of one class.

    Args:
        constructor: the constructor of the class.
        batch: for each value of the graph, whether it has the batch axis.
        used_names: names that variables must not have.
        graph: the network, if the class is that of the whole network.
    """

    def __init__(
        self,
        constructor: Constructor,
        batch: Mapping[int, str],
        used_names: frozenset[str],
        graph: Graph | None,
    ) -> None:
        self.constructor = constructor
        self.content = constructor.content
        self.batch, self.used_names, self.graph = batch, used_names, graph
        self.current: dict[int, Expression] = {value: Name(name) for value, name in self.content.inputs.items()}
        """The current name of each value."""
        self.current |= {v: constructor.containers.access(path) for v, path in self.content.stored.items()}
        self.shape: tuple[Any, ...] | None = None
        """The shape in the most recent comment."""
        variables = list(self.content.inputs.values())
        self.size_checks: list[SizeCheck] = []
        """Checks of the sizes that depend on named dimensions."""
        if graph is not None and graph.dims:
            from .size_checks import SizeChecks  # only for networks with named dimensions

            expressions = constructor.cls.bodies[0].expressions
            assert expressions is not None
            self.size_checks = list(SizeChecks(graph, expressions, variables).all())
        trees = [step.expression.template.node for step in self.content.steps]
        trees += [tree for check in self.size_checks for tree in (check.condition, *dict(check.actual).values())]
        self.sizes = RunTimeSizes(trees, variables, self.used_names)

    def definition(self) -> Function:
        """Returns the method."""
        out: list[Statement | Guard] = [*self.checks(), *self.sizes.statements(), *self.checks_of_sizes()]
        for step, names in zip(self.content.steps, self.names(), strict=True):
            self.add(out, step, names)
        statements = [self.unguarded(each) if isinstance(each, Guard) else each for each in out]
        kinds = [TENSOR] * (len(self.content.inputs) - self.content.sizes) + [Name("int")] * self.content.sizes
        inputs = zip(self.content.inputs.values(), kinds, strict=True)
        parameters = (Parameter("self"), *(Parameter(name, kind) for name, kind in inputs))
        return Function("forward", parameters, self.returns(), tuple(self.ended(statements, self.results())))

    def names(self) -> list[list[str]]:
        """Returns the names of the results of all steps."""
        returned = list(self.content.returned)
        if self.graph is not None and any(self.batch[value] != "N" for value in returned):
            returned += list(self.graph.inputs.values())[:1]  # outputs are expanded to its batch size
        inputs, used_names = self.content.inputs, self.used_names
        if self.sizes.names:
            named = list(inputs.items())
            inputs = dict(named[: len(named) - self.content.sizes])
            used_names = used_names.union(self.sizes.names, (name for _, name in named[len(inputs) :]))
        return name_results(self.content.steps, returned, inputs, used_names)

    def checks(self) -> Iterable[Statement]:
        """Yields checks of the shapes of the network's inputs."""
        if self.graph is None:
            return
        for name, (public, value) in zip(self.content.inputs.values(), self.graph.inputs.items(), strict=True):
            sizes = tuple(None if is_named(n) else n for n in self.graph.values[value].shape)
            if not sizes or any(n is not None for n in sizes):
                yield Evaluate(call("check_shape", Name(name), Literal(public), Literal(sizes)))

    def checks_of_sizes(self) -> Iterator[Statement]:
        """Yields checks of input sizes that depend on named dimensions."""
        for check in self.size_checks:
            actual = [Keyword(name, self.sizes.substituted(size)) for name, size in check.actual]
            condition = self.sizes.substituted(check.condition)
            yield Evaluate(call("check_sizes", condition, Literal(check.rule), *actual))

    def comment(self, step: SharedStep) -> str:
        """Returns the shape of a step's result, if it differs from the previous one and is the same in all uses."""
        shapes = {shape for shape in step.shapes if shape is not None}
        shape = next(iter(shapes)) if len(shapes) == 1 else None
        before, self.shape = self.shape, shape
        return f"({', '.join(map(str, shape))})" if shape and shape != before else ""

    def add(self, out: list[Statement | Guard], step: SharedStep, names: Sequence[str]) -> None:
        """Adds a step as a statement, under a condition if it is optional."""
        inputs = [self.current[value] for value in step.reads]
        value = self.constructor.substitution.tree(step.expression, in_forward=True, inputs=inputs)
        value = self.sizes.substituted(value)
        comment, guarded = self.comment(step), step.flag is not None
        if step.flag is not None and step.main is not None and not isinstance(value, Assign):
            otherwise = self.current[step.main]
            if otherwise != Name(names[0]) and not self.only_within(step):
                value, guarded = Conditional(value, self.condition(step), otherwise), False
        if isinstance(value, Assign):
            statement: Statement = replace(value, comment=comment)
        else:
            statement = Assign(tuple(map(Name, names)), value, comment=comment)
        self.current |= {result: Name(name) for result, name in zip(step.results, names, strict=True)}
        if guarded:
            self.guard(out, step, statement)
        else:
            out.append(statement)

    def results(self) -> list[Expression]:
        """Returns the results; those computed from parameters only are expanded to the batch."""
        out = [self.current[value] for value in self.content.returned]
        if self.graph is None or not self.graph.inputs:
            return out
        first = next(iter(self.graph.inputs.values()))
        for n, value in enumerate(self.content.returned):
            if self.batch[value] != "N":
                size = Index(Attribute(self.current.get(first, Name("x")), "shape"), (Literal(0),))
                rest = (Literal(-1),) * self.graph.values[value].rank
                out[n] = Call(Attribute(out[n], "expand"), (size, *rest))
        return out

    def ended(self, statements: list[Statement], results: list[Expression]) -> list[Statement]:
        """Turns the last statement into a ``return`` of the results."""
        if self.content.public is not None:
            pairs = zip(map(Literal, self.content.public), results, strict=True)
            return [*statements, Return(DictExpression(tuple(pairs)))]
        last = statements[-1] if statements else None
        if isinstance(last, Assign) and not last.operator and list(last.targets) == results:
            return [*statements[:-1], Return(last.value, last.comment)]
        return [*statements, Return(results[0] if len(results) == 1 else TupleExpression(tuple(results), bare=True))]

    def returns(self) -> Expression:
        """Returns the annotation of the return type."""
        if self.graph is not None:
            return TENSOR if len(self.graph.outputs) == 1 else parse_expression("dict[str, Tensor]")
        count = self.content.outputs
        return TENSOR if count == 1 else Index(Name("tuple"), (TENSOR,) * count)

    # -- conditions -----------------------------------------------------------------------------------------------
    def condition(self, step: SharedStep) -> Expression:
        """Returns the condition of an optional step."""
        access = self.constructor.containers.access
        if step.member is not None:
            return binary(access(step.member), "is not", Literal(None))
        assert step.flag is not None
        flag = step_flag(step.flag, in_forward=True)
        argument = self.constructor.cls.values[flag]
        if isinstance(argument, Argument) and argument.base is not None:
            # For a derived flag, prefer testing a submodule with the same condition.
            path = self._optional_members.get(flag.values)
            if path is not None:
                return binary(access(path), "is not", Literal(None))
        return self.constructor.substitution.value(flag, in_forward=True)

    def guard(self, out: list[Statement | Guard], step: SharedStep, statement: Statement) -> None:
        """Adds a step under its condition; consecutive steps of the same or the complementary uses share one ``if``."""
        assert step.flag is not None
        present = step.flag.values
        last = out[-1] if out else None
        opposite = tuple(not has for has in present)
        if not isinstance(last, Guard) or last.present not in (present, opposite):
            last = Guard(present, step)
            out.append(last)
        side = last.body if last.present == present else last.other
        side.append(statement)
        if last.step.member is None and step.member is not None and not (last.present == present and len(side) > 1):
            last.step = step  # prefer a step whose submodule can be tested

    def unguarded(self, guard: Guard) -> If:
        """Converts a guard to a statement."""
        assert guard.step.flag is not None
        body, other = guard.body, guard.other
        if guard.step.flag.values != guard.present:
            body, other = other, body
        return If(self.condition(guard.step), tuple(body), tuple(other))

    def only_within(self, step: SharedStep) -> bool:
        """Whether the result of an optional step is only read under the same condition."""
        assert step.flag is not None
        readers = [other for value in step.results for other in self._readers.get(value, ())]
        return (
            bool(readers)
            and self._returned.isdisjoint(step.results)
            and all(other.flag is not None and other.flag.values == step.flag.values for other in readers)
        )

    @cached_property
    def _optional_members(self) -> dict[tuple[bool, ...], Path]:
        """The first optional member for each set of uses."""
        first: dict[tuple[bool, ...], Path] = {}
        for path, member in self.content.members.items():
            if isinstance(member, OptionalMember):
                first.setdefault(member.flag.values, path)
        return first

    @cached_property
    def _readers(self) -> dict[int, list[SharedStep]]:
        """The steps that read each value."""
        readers: dict[int, list[SharedStep]] = {}
        for step in self.content.steps:
            for value in dict.fromkeys(step.reads):
                readers.setdefault(value, []).append(step)
        return readers

    @cached_property
    def _returned(self) -> frozenset[int]:
        return frozenset(self.content.returned)
