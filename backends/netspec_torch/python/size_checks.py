"""Checks of the sizes of the inputs of a network with named dimensions.

What the network needs and the spec promises is checked name by name where it is a range or a pattern of sizes,
otherwise condition by condition. What all sizes fulfil is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netspec.analysis.legal_sizes import Requirement, grows, has_least, requirements, solve
from netspec.analysis.size_set import SizeSet, ranges
from netspec.diagnostics import clip
from netspec.ir import Graph
from netspec.shapes.dims import Dim
from netspec.shapes.named_sizes import NamedDim
from netspec.shapes.sizes import Size, is_named

from ..structure.size_expressions import SizeExpressions
from ..syntax.expression_trees import Attribute, Expression, Index, InputSize, Literal, Name, RunTimeSize, binary
from ..syntax.literals import identifier

SIGNS = {"=": "==", ">=": ">=", "<=": "<=", "!=": "!="}
"""The operators of Python for the kinds of conditions."""
LONGEST = 200
"""Characters of a formula in a message."""


class SizeCheck(NamedTuple):
    """A condition on the sizes of the inputs."""

    condition: Expression
    rule: str
    """What must hold, as a message says it."""
    actual: tuple[tuple[str, Expression], ...]
    """What the message says was found."""


class SizeChecks:
    """The checks of one network.

    Args:
        graph: the network.
        expressions: the sizes of its inputs.
        variables: names of the inputs in ``forward``.
    """

    def __init__(self, graph: Graph, expressions: SizeExpressions, variables: Sequence[str]) -> None:
        self.graph = graph
        self.expressions = expressions
        self.variables = variables
        self.inputs = list(graph.inputs)
        self.least: dict[str, int] = {}
        """The least size of each name by what concerns it alone."""
        self.axes: dict[str, list[InputSize]] = {name: [] for name in graph.dims}
        """The axes that have each name."""
        for place, n in expressions.axes:
            self.axes[str(n)].append(place)

    def all(self) -> Iterator[SizeCheck]:
        """All checks: what must be the same in several places, then each name by itself, then several together."""
        for name in self.graph.dims:
            yield from self.repeated(name)
        asked = requirements(self.graph.conditions)
        for name, dim in self.graph.dims.items():
            yield from self.single(dim, [each for each in asked if set(each.difference.mentions()) == {name}])
        for each in asked:
            if len(set(each.difference.mentions())) > 1 and not (is_bound(each) and each.holds(self.least)):
                yield self.formula(each)

    def repeated(self, name: str) -> Iterator[SizeCheck]:
        """A name that several axes have."""
        first, *others = self.axes[name]
        for other in others:
            here = Index(Attribute(Name(self.variables[other.input]), "shape"), (Literal(other.axis),))
            condition = RunTimeSize(binary(here, "==", first), None)
            name_of_first, name_of_other = self.inputs[first.input], self.inputs[other.input]
            if other.input != first.input:
                rule = f"{name} must be the same in inputs '{name_of_first}' and '{name_of_other}'"
                keys = self.variables[first.input], self.variables[other.input]
            else:
                rule = f"{name} must be the same in axes {first.axis} and {other.axis} of input '{name_of_first}'"
                keys = f"axis{first.axis}", f"axis{other.axis}"
            yield SizeCheck(condition, rule, ((keys[0], RunTimeSize(first, None)), (keys[1], here)))

    # -- one name -------------------------------------------------------------------------------------------------
    def single(self, dim: NamedDim, asked: list[Requirement]) -> list[SizeCheck]:
        """What concerns one name: the sizes that it may have, or its promises and conditions one by one."""
        place = self.axes[dim.name][0]
        sizes = solve(asked, dim, self.graph.dims)
        checks = self.pattern(place, dim.name, sizes)
        if checks is not None:
            self.least[dim.name] = sizes.least or 1
            return checks
        bounds = [each for each in asked if is_bound(each)]
        least = max([self.least_of(each, dim.name) for each in bounds], default=1)
        promised = dim._replace(min=max(dim.min, least))
        self.least[dim.name] = -(-promised.min // dim.multiple_of) * dim.multiple_of
        checks = self.pattern(place, dim.name, solve((), promised, self.graph.dims)) or []
        return checks + [self.formula(each) for each in asked if each not in bounds]

    def least_of(self, asked: Requirement, name: str) -> int:
        """The least size that fulfils a bound."""
        low, high = 0, 1
        while not asked.holds({name: high}):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if asked.holds({name: middle}) else (middle, high)
        return high

    def pattern(self, place: InputSize, name: str, sizes: SizeSet) -> list[SizeCheck] | None:
        """The checks of a set of sizes; None unless it is a range of sizes of one pattern."""
        if sizes.tested is not None or sizes.excluded or sizes.extra or not sizes.bounds:
            return None
        step, residues = sizes.step, sorted(sizes.bounds)
        least, most = min(low for low, _ in sizes.bounds.values()), sizes.greatest
        start = run_start(residues, step)
        for r, (low, high) in sizes.bounds.items():
            if low != least + (r - least) % step or (high is None) != (most is None):
                return None
            if most is not None and high != most - (most - r) % step:
                return None
        if start is None:
            return None
        out: list[SizeCheck] = []
        remainder = binary(place if start == 0 else binary(place, "-", Literal(start)), "%", Literal(step))
        if len(residues) == 1 < step:
            must_be = f"be a multiple of {step}" if start == 0 else f"be {start} + a multiple of {step}"
            out.append(self.check(name, binary(remainder, "==", Literal(0)), must_be))
        elif len(residues) < step:
            condition = binary(remainder, "<", Literal(len(residues)))
            out.append(self.check(name, condition, f"be in {ranges(residues)}", f"{name} mod {step}"))
        if least > (start or step if len(residues) == 1 else 1):
            out.append(self.check(name, binary(place, ">=", Literal(least)), f"be {least} or more"))
        if most is not None:
            out.append(self.check(name, binary(place, "<=", Literal(most)), f"be {most} or less"))
        return out

    def check(self, name: str, condition: Expression, must: str, what: str = "") -> SizeCheck:
        """A check of one name."""
        place = self.axes[name][0]
        rule = f"{what or name} of input '{self.inputs[place.input]}' must {must}"
        return SizeCheck(RunTimeSize(condition, None), rule, (self.named(name),))

    # -- formulas -------------------------------------------------------------------------------------------------
    def formula(self, asked: Requirement) -> SizeCheck:
        """A condition as it was collected: what is added on one side, what is subtracted on the other."""
        mentioned = set(asked.difference.mentions())
        names = [name for name in self.graph.dims if name in mentioned]
        left, right = sides(asked.difference)
        sign = asked.kind
        if not is_named(left):
            left, right, sign = right, left, "<=" if sign == ">=" else sign
        condition = binary(self.expression(left), SIGNS[sign], self.expression(right))
        inputs = dict.fromkeys(f"'{self.inputs[self.axes[name][0].input]}'" for name in names)
        where = f"input{'s' if len(inputs) > 1 else ''} {' and '.join(inputs)}"
        rule = f"{' and '.join(names)} of {where} must fulfil {clip(f'{left} {sign} {right}', LONGEST)}"
        return SizeCheck(RunTimeSize(condition, None), rule, tuple(map(self.named, names)))

    def expression(self, size: Size) -> Expression:
        """A size as an expression."""
        expression = self.expressions.find(size)
        assert expression is not None
        return expression

    def named(self, name: str) -> tuple[str, Expression]:
        """A name and the size that it has."""
        return identifier(name), RunTimeSize(self.axes[name][0], None)


def is_bound(asked: Requirement) -> bool:
    """Whether all sizes from some size on fulfil a condition."""
    d = asked.difference
    return asked.kind == ">=" and not has_least(d) and grows(d.terms)


def run_start(residues: list[int], step: int) -> int | None:
    """The first of residues that follow one another, the greatest by 0; None if they do not."""
    starts = [r for r in residues if (r - 1) % step not in residues]
    return 0 if len(residues) == step else starts[0] if len(starts) == 1 else None


def sides(difference: Dim) -> tuple[Size, Size]:
    """The terms that a difference adds, and those that it subtracts."""
    parts: list[Size] = [0, 0]
    for product, c in difference.terms.items():
        term: Size = Dim.of({product: abs(c)}, difference.names) if product else abs(c)
        parts[c < 0] = parts[c < 0] + term
    return parts[0], parts[1]
