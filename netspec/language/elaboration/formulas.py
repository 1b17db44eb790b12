"""Layers of formulas: their expressions become programs, and constants combined with tensors become separate nodes."""

from __future__ import annotations

from typing import Any

from ...diagnostics import LocatedError, unpack
from ...free_names import free_name
from ...ir import Trace
from ...ops import create
from ...ops.argument import ArgumentError
from ...ops.formulas import POSITIONS, Formula, Positions
from ...ops.formulas.build import Constant, FormulaError
from ...ops.formulas.program import Program
from ...shapes.types import FLOATS, shape_text
from ..reading.argument_checks import Arguments, check_argument
from ..reading.expression_functions import describe_value, is_number
from .copies import Instance
from .environment import LayerEnvironment
from .formula_environment import FormulaEnvironment, full_grid, renamed_tensors
from .inference import Inferred
from .names import Entry
from .node_arguments import written_arguments
from .nodes import NodeBuilder


class FormulaBuilder:
    """Adds the nodes of formulas to a graph."""

    def __init__(self, nodes: NodeBuilder) -> None:
        self.nodes = nodes
        self.graph = nodes.graph
        self.resolver = nodes.resolver

    def build(self, instance: Instance, name: str, environment: LayerEnvironment) -> Entry:
        """Adds the node of a formula, after those of constants that are combined with tensors.

        Args:
            instance: the layer.
            name: name of the operation.
            environment: the environment of the expressions on the layer.

        Raises:
            LocatedError: its arguments or tensors do not fit.
            FailedInputError: one of its tensors failed.
        """
        layer = instance.layer
        written = self.nodes.with_defaults(written_arguments(instance, name, Formula), name, instance.scope)
        for argument, (at, _) in written.items():
            check_argument(name, argument, at)
        if "expression" not in written:
            raise LocatedError("NS220", f"'{name}' needs 'expression'", layer.head_location)
        location, expression = written["expression"]
        arguments = {key: v.evaluate(environment) for key, (_, v) in written.items() if key != "expression"}
        positions = _positions(arguments.pop("for", {}), written, layer.head_location)
        dtype = arguments.get("dtype")
        floating = dtype if isinstance(dtype, str) and dtype in FLOATS else None
        names = FormulaEnvironment(
            environment,
            self.graph,
            positions,
            renamed_tensors(layer.source, self.resolver, instance.scope, instance.copy.cells),
            floating or self.nodes.sharing.weight_type,
            floating,
        )
        value = expression.evaluate(names)
        if isinstance(value, str):
            message = f"a formula must be an expression; found {describe_value(value)}"
            raise LocatedError("NS221", message, location, help=f"$({value})" if len(value) < 80 else None)
        try:
            program, read, shape = names.formula.finish(value, dtype if isinstance(dtype, str) else None)
            if not read:
                if not positions and is_number(value):
                    message = "the formula names no tensor and no position"
                    help = "a name of a layer or `incoming` is a tensor; `for: {i: 8}` has positions"
                    raise LocatedError("NS415", message, location, help=help)
                positions = full_grid(positions, shape, names.axis_names)
        except FormulaError as error:
            raise LocatedError(error.code, error.message, location, help=error.find_help) from None
        except ValueError:
            message = f"the positions of 'for' are {shape_text(tuple([n for _, n in positions]))}; the constants differ"
            raise LocatedError("NS575", message, location, help=names.formula.shapes_of_names()) from None
        entries = [self._entry(source, names, positions, instance) for source in read]
        values = tuple([entry.value for entry in entries if entry.value is not None])
        arguments |= {"expression": program, "for": self._needed(positions, values)}
        inferred = self.nodes.infer(instance, name, arguments, written, entries, values)
        trace = Trace(unpack(layer.head_location), instance.scope.draft.trace, name)
        entry = self.nodes.add(
            inferred, instance.name, instance.name, values, instance.scope, trace, layer.doc, layer.location
        )
        entry.passes_on = bool(values)
        return entry

    def _needed(self, positions: Positions, values: tuple[int, ...]) -> Positions:
        """Returns the positions, unless the tensors have all of their axes."""
        if not values:
            return positions
        shapes = [self.graph.types[v].shape for v in values]
        for axis, (_, size) in enumerate(reversed(positions), 1):
            if not any(len(shape) >= axis and shape[-axis] == size for shape in shapes):
                return positions
        return ()

    def _entry(
        self, source: int | Constant, names: FormulaEnvironment, positions: Positions, instance: Instance
    ) -> Entry:
        """Returns a tensor that the formula reads; for a constant, adds its node."""
        if isinstance(source, int):
            return names.entries[source]
        scope, layer = instance.scope, instance.layer
        if layer.map is not None:
            message = "a formula with constants does not stand beside 'map', which would make them for each tensor"
            help = "put it into a block: {layers: [{formula: …}], map: …}"
            raise LocatedError("NS233", message, layer.head_location, help=help)
        grid = full_grid(
            positions[len(positions) - len(source.shape) :] if source.shape else (), source.shape, names.axis_names
        )
        dims = tuple((name, size) for (name, _), size in zip(grid, source.shape, strict=True))
        default = self.nodes.sharing.weight_type
        arguments: dict[str, Any] = {"expression": source.program, "for": dims}
        dtype = source.program.dtype((), default)
        if dtype != source.dtype:
            arguments["dtype"] = source.dtype
        op = create("formula", arguments, (), scope.document.layout == "channels_last", default)
        inferred = Inferred(op, op.infer(), op.typed_weights())
        local = f"{scope.draft.local_name(instance.name)}_{_title(source.program, dims)}"

        def is_taken(name: str) -> bool:
            return name in scope.upcoming or self.nodes.tree.is_taken(scope.draft.full_name(name))

        free = free_name(local, is_taken, separator="", first=2)
        full_name = self.nodes.tree.claim(scope.draft, free, layer.location, written=False)
        trace = Trace(unpack(layer.head_location), scope.draft.trace, "formula")
        return self.nodes.add(inferred, full_name, full_name, (), scope, trace, None, layer.location)


def _positions(value: Any, written: Arguments, location: int) -> Positions:
    """Returns the value of ``for``. Raises LocatedError NS221."""
    try:
        return POSITIONS.validate(value)
    except (ValueError, ArgumentError) as error:
        at = written["for"][1].location if "for" in written else location
        message = f"for must be {error}; found {describe_value(value)}"
        raise LocatedError("NS221", message, at) from None


def _title(program: Program, dims: Positions) -> str:
    """Returns the stem of a constant's name: the positions on which it depends."""
    axes = {step.value[0] for step in program.steps if step.kind == "position"}
    return "_".join(name for axis, (name, _) in enumerate(dims, -len(dims)) if axis in axes) or "constant"
