"""Initial values given by formulas: ``init: {formula: …, for: [c, s]}``, or ``init`` with the name of a constant."""

from __future__ import annotations

from functools import partial

from ...diagnostics import LocatedError, clip
from ...ops.common.init_argument import FORMS, NAMED, OF_ONE_WEIGHT, ONE_NUMBER, Choice
from ...ops.formulas import Formula
from ...ops.formulas.build import FormulaError
from ...ops.learned import Stored
from ...ops.weight import Init
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, broadcast
from ...shapes.types import shape_text
from ...text.yaml_reader import List, Map, Text, Tree
from ..reading.expression_functions import describe_value
from ..reading.written_values import read_value
from .draft_graph import DraftGraph
from .environment import LayerEnvironment
from .formula_environment import FormulaEnvironment
from .inference import Inferred
from .node_arguments import FORMULA, names_layer


class FormulaInits:
    """Evaluates ``init`` with formulas.

    Args:
        inferred: the operation without ``init``, whose weights determine the shapes.
        environment: the environment of the expressions on the layer.
        graph: the graph, whose constants may be named.
    """

    def __init__(self, inferred: Inferred, environment: LayerEnvironment, graph: DraftGraph) -> None:
        self.operation = inferred.op.name
        self.environment = environment
        self.graph = graph
        is_stored = isinstance(inferred.op, Stored)
        shapes = {"": inferred.outputs[0].shape} if is_stored else {w.name: w.shape for w in inferred.weights}
        self.shapes: dict[str, tuple[Size, ...]] = shapes
        """The shapes of the weights by name."""
        wide = [w.name for w in inferred.weights if len(w.shape) > 1 and not w.buffer]
        self.general = [""] if is_stored else wide or list(shapes)[:1]
        """The weights to which a value for the whole layer applies."""

    def choice(self, node: Tree) -> Choice:
        """Returns the value of ``init``. Raises LocatedError."""
        if type(node) is not Map or _is_formula(node) or not FORMS.keys().isdisjoint(node.entries):
            if not self.general:
                message = f"init has no effect: '{self.operation}' has no weights here"
                raise LocatedError("NS221", message, node.location, help="leave 'init' out")
            initial = [(name, self._initial(node, name)) for name in self.general]
            return Choice(tuple(initial) if len(initial) > 1 else (("*", initial[0][1]),))
        by_name: list[tuple[str, Init]] = []
        for name, (location, value, _) in node.entries.items():
            if name not in self.shapes:
                listed = ", ".join(n for n in self.shapes if n) or "one weight without a name"
                message = f"init names '{clip(name)}', which is not a weight here: it has {listed}"
                raise LocatedError("NS221", message, location)
            by_name.append((name, self._initial(value, name)))
        return Choice(tuple(by_name))

    def _initial(self, node: Tree, name: str) -> Init:
        """Returns the initial values of one weight."""
        shape = self.shapes[name]
        if type(node) is Map and FORMULA in node.entries:
            return self._formula(node, shape)
        value = read_value(node).evaluate(self.environment)
        if names_layer(value):
            return self._constant(value, node, shape)
        try:
            return OF_ONE_WEIGHT.validate(value)
        except ValueError as error:
            message = f"init must be {error}; found {describe_value(value)}"
            raise LocatedError("NS221", message, node.location) from None

    def _formula(self, node: Map, shape: tuple[Size, ...]) -> Init:
        names = node.get("for")
        listed = names.items if type(names) is List else []
        keys = [n.value for n in listed if type(n) is Text and isinstance(n.value, str) and n.value.isidentifier()]
        if names is None or len(keys) != len(listed) or len(set(keys)) != len(keys) or len(node.entries) != 2:
            message = "initial values by a formula are {formula: $(…), for: [names of the axes of the weight]}"
            raise LocatedError("NS221", message, (names or node).location)
        if len(keys) != len(shape):
            axes = f"{len(shape)} ax{'i' if len(shape) == 1 else 'e'}s"
            message = f"'for' names {len(keys)} of the axes; the weight has {axes}, {shape_text(shape)}"
            raise LocatedError("NS577", message, names.location)
        positions = tuple(zip(keys, shape, strict=True))
        environment = FormulaEnvironment(self.environment, self.graph, positions)
        location, text, _ = node.entries[FORMULA]
        value = read_value(text).evaluate(environment)
        try:
            program, read, _ = environment.formula.finish(value)
        except FormulaError as error:
            raise LocatedError(error.code, error.message, location, help=error.find_help) from None
        if read:
            message = "initial values depend on positions and constants; the formula names a tensor"
            raise LocatedError("NS577", message, text.location)
        return Init(FORMULA, (program, len(shape)))

    def _constant(self, name: str, written: Tree, shape: tuple[Size, ...]) -> Init:
        location = written.location
        entry = self.environment.scope.lookup(name)
        if entry is None:
            from ..reading.layer_errors import invalid_value  # loaded only for an invalid spec

            message = f"a known initialiser: {', '.join(NAMED + ONE_NUMBER)}; or a constant before this layer"
            raise invalid_value(self.operation, "init", written, message, ())
        node = self.graph.producers[entry.value] if entry.value is not None else None
        if node is None or not isinstance(node.op, Formula) or not node.op.is_constant:
            message = f"init names '{clip(name)}', which is not a constant"
            raise LocatedError("NS577", message, location, help="a `formula` without tensors is a constant")
        self.graph.read.add(node.first_value)
        grid = node.op.grid
        fault = partial(_misfit, name, grid, shape)
        try:
            if len(grid) > len(shape):
                raise fault()
            for a, b in zip(reversed(grid), reversed(shape), strict=False):
                if broadcast(a, b, fault) != b:
                    raise fault()
        except ShapeError as error:
            raise LocatedError(error.code, error.message, location) from None
        return Init(FORMULA, (node.op.expression, len(shape)))


def _misfit(name: str, grid: tuple[Size, ...], shape: tuple[Size, ...]) -> ShapeError:
    return ShapeError("NS577", f"the constant '{clip(name)}' is {shape_text(grid)}; the weight is {shape_text(shape)}")


def _is_formula(node: Tree) -> bool:
    return type(node) is Map and FORMULA in node.entries
