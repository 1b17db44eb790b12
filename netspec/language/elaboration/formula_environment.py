"""The names available to a formula: positions, parameters, and tensors, which represent their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...diagnostics import LocatedError, clip
from ...ops.formulas import POSITIONS, Formula, Positions
from ...ops.formulas.build import Builder, FormulaError, Term
from ...shapes.sizes import Size, broadcast
from ..reading.layers import Layer
from ..reading.lexer import ExpressionError
from ..reading.references import References
from .draft_graph import DraftGraph
from .environment import Cells, LayerEnvironment, SeveralView, TensorView
from .names import Entry, LexicalScope
from .resolver import Resolver


class FormulaEnvironment(LayerEnvironment):
    """The environment of one formula.

    Args:
        around: the environment of the other expressions on the layer.
        graph: the graph, whose constants are inlined.
        positions: the value of ``for``.
        renamed: tensors that ``from`` gives names.
        default_float: the type of floating-point numbers that are not combined with others.
        dtype: the floating-point type to which tensors are converted, if the layer requests one.
    """

    __slots__ = ("axes", "axis_names", "dtype", "entries", "formula", "graph", "renamed")

    def __init__(
        self,
        around: LayerEnvironment,
        graph: DraftGraph,
        positions: Positions = (),
        renamed: Mapping[str, Entry] | None = None,
        default_float: str = "float32",
        dtype: str | None = None,
    ) -> None:
        super().__init__(around.scope, around.cells, around.types, around.incoming, around.charge)
        self.graph = graph
        self.formula = Builder(default_float)
        self.dtype = dtype
        self.renamed = renamed or {}
        self.entries: dict[int, Entry] = {}
        """The tensors whose values are used, by value number."""
        self.axis_names: dict[int, str] = {}
        """Names of axes in the referenced constants, counted from the last."""
        self.axes = {name: (axis - len(positions), size) for axis, (name, size) in enumerate(positions)}
        """The positions by name: axis counted from the last, and size."""

    def lookup(self, name: str) -> Any:
        """Returns the value of a name: a term for a position, a tensor, or the value of a parameter.

        Raises:
            KeyError: nothing has that name.
            FailedInputError: it is a tensor that failed.
            ExpressionError: NS416, it is a parameter and a layer; and those of other expressions.
        """
        if name in self.axes:
            return self.formula.position(*self.axes[name])
        is_number = name in self.cells or name in self.scope.parameters
        if is_number and (name in self.renamed or self.scope.lookup(name) is not None):
            message = f"'{clip(name)}' is a parameter and a layer: a formula could mean either"
            raise ExpressionError("NS416", message, help="rename one; 'from: {x: layer}' gives the layer another name")
        return self.view(self.renamed[name], name) if name in self.renamed else super().lookup(name)

    def view(self, entry: Entry, name: str) -> TensorView | SeveralView:
        """Returns an entry as an operand of the formula: a tensor with its values, or several."""
        view = super().view(entry, name)
        return TensorOperand(entry, self, name) if isinstance(view, TensorView) else view

    def values_of(self, entry: Entry) -> Term:
        """Returns the values of a tensor: its steps if it is a constant without a fixed type, or an input."""
        value = entry.value
        assert value is not None
        self.graph.read.add(value)
        self.entries.setdefault(value, entry)
        node = self.graph.producers[value]
        if node is not None and isinstance(node.op, Formula) and node.op.is_constant and node.op.dtype is None:
            for axis, (name, _) in enumerate(node.op.positions, -len(node.op.positions)):
                self.axis_names.setdefault(axis, name)
            dtype = self.types[value].dtype
            return self.formula.constant(value, node.op.expression, dtype, node.op.grid, entry.full_name)
        term = self.formula.tensor(value, self.types[value])
        return term if self.dtype is None else self.formula.converted(term, self.dtype)

    def known(self) -> list[str]:
        """All names, for suggestions."""
        return [*self.axes, *self.renamed, *super().known()]


class TensorOperand(TensorView):
    """A tensor in a formula, which represents its values; its sizes are numbers, as in other expressions."""

    __slots__ = ("_formula",)

    def __init__(self, entry: Entry, environment: FormulaEnvironment, name: str) -> None:
        super().__init__(entry, environment, name)
        self._formula = environment

    @property
    def formula(self) -> Builder:
        """The formula that refers to it."""
        return self._formula.formula

    def term(self) -> Term:
        """Its values."""
        return self._formula.values_of(self.entry)


def renamed_tensors(
    source: References | None, resolver: Resolver, scope: LexicalScope, cells: Cells
) -> dict[str, Entry]:
    """Returns the tensors that ``from`` gives names. Raises LocatedError NS305 for several under one name."""
    renamed: dict[str, Entry] = {}
    for name, reference in zip(source.keys, source.names, strict=True) if source is not None and source.keys else ():
        entries = resolver.resolve(References((reference,), False, reference.location), scope, cells)
        if len(entries) != 1 or name in renamed:
            message = f"'{clip(name)}' names one tensor; found several"
            raise LocatedError("NS305", message, reference.location)
        renamed[name] = entries[0]
    return renamed


def first_tensor(layer: Layer, around: LayerEnvironment, resolver: Resolver) -> Entry | None:
    """Returns the first tensor in a formula, which replaces it if it is left out. Raises LocatedError."""
    expression = layer.primary if layer.primary is not None else layer.args["expression"][1]
    sizes: Any = layer.args["for"][1].evaluate(around) if "for" in layer.args else {}
    renamed = renamed_tensors(layer.source, resolver, around.scope, around.cells)
    try:
        names = FormulaEnvironment(around, resolver.graph, POSITIONS.validate(sizes), renamed)
        read = names.formula.finish(expression.evaluate(names))[1]
    except (FormulaError, ValueError) as error:
        raise LocatedError("NS221", str(error), expression.location) from None
    return next((names.entries[v] for v in read if isinstance(v, int)), None)


def full_grid(positions: Positions, shape: tuple[Size, ...], known: Mapping[int, str]) -> Positions:
    """Returns the positions of a constant of that shape: those of ``for``, and generated names for further axes."""
    rank = max(len(positions), len(shape))
    sizes = (1,) * (rank - len(shape)) + shape
    names = [name for name, _ in positions]
    aligned: list[tuple[str, Size] | None] = [None] * (rank - len(positions)) + list(positions)
    out: list[tuple[str, Size]] = []
    for axis, (size, position) in enumerate(zip(sizes, aligned, strict=True)):
        if position is None:
            candidates = (known.get(axis - rank, "i"), *(f"i{k}" for k in range(axis, axis + rank + 1)))
            name = next(n for n in candidates if n not in names)
            names.append(name)
            out.append((name, size))
        else:
            out.append((position[0], broadcast(size, position[1], ValueError)))
    return tuple(out)
