"""Run-time checks of input sizes for networks with named dimensions.

A name whose legal sizes form a range or a pattern gets one check; otherwise each condition is checked separately.
Conditions that all sizes fulfil are not checked.
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
"""Python operators of the kinds of conditions."""
LONGEST = 200
"""Maximum length of a formula in a message."""


class SizeCheck(NamedTuple):
    """A condition on the sizes of the inputs."""

    condition: Expression
    rule: str
    """The requirement, as worded in the message."""
    actual: tuple[tuple[str, Expression], ...]
    """The actual sizes that the message reports."""


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
        """The smallest size of each name according to conditions on that name alone."""
        self.axes: dict[str, list[InputSize]] = {name: [] for name in graph.dims}
        """The axes with each name."""
        for place, n in expressions.axes:
            self.axes[str(n)].append(place)

    def all(self) -> Iterator[SizeCheck]:
        """Yields all checks: of repeated names, of each name by itself, then of several names together."""
        for name in self.graph.dims:
            yield from self.repeated(name)
        asked = requirements(self.graph.conditions)
        for name, dim in self.graph.dims.items():
            yield from self.single(dim, [each for each in asked if set(each.difference.mentions()) == {name}])
        for each in asked:
            if len(set(each.difference.mentions())) > 1 and not (is_bound(each) and each.holds(self.least)):
                yield self.formula(each)

    def repeated(self, name: str) -> Iterator[SizeCheck]:
        """Yields the check that all axes with a name have the same size."""
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
        """Returns the checks of one name: a single one for its legal sizes, or one for each promise and condition."""
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
        """Returns the smallest size that fulfils a bound."""
        low, high = 0, 1
        while not asked.holds({name: high}):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if asked.holds({name: middle}) else (middle, high)
        return high

    def pattern(self, place: InputSize, name: str, sizes: SizeSet) -> list[SizeCheck] | None:
        """Returns the checks of a set of sizes, or None if it is not a range with a single pattern."""
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
        """Builds a check of one name."""
        place = self.axes[name][0]
        rule = f"{what or name} of input '{self.inputs[place.input]}' must {must}"
        return SizeCheck(RunTimeSize(condition, None), rule, (self.named(name),))

    # -- formulas -------------------------------------------------------------------------------------------------
    def formula(self, asked: Requirement) -> SizeCheck:
        """Builds the check of a condition; subtracted terms are moved to the other side."""
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
        """Returns the expression of a size."""
        expression = self.expressions.find(size)
        assert expression is not None
        return expression

    def named(self, name: str) -> tuple[str, Expression]:
        """Returns a name and the expression of its size."""
        return identifier(name), RunTimeSize(self.axes[name][0], None)


def is_bound(asked: Requirement) -> bool:
    """Whether a condition holds for all sizes above some limit."""
    d = asked.difference
    return asked.kind == ">=" and not has_least(d) and grows(d.terms)


def run_start(residues: list[int], step: int) -> int | None:
    """Returns the first of cyclically consecutive residues, or None if they are not consecutive."""
    starts = [r for r in residues if (r - 1) % step not in residues]
    return 0 if len(residues) == step else starts[0] if len(starts) == 1 else None


def sides(difference: Dim) -> tuple[Size, Size]:
    """Splits a difference into the terms that are added and those that are subtracted."""
    parts: list[Size] = [0, 0]
    for product, c in difference.terms.items():
        term: Size = Dim.of({product: abs(c)}, difference.names) if product else abs(c)
        parts[c < 0] = parts[c < 0] + term
    return parts[0], parts[1]
