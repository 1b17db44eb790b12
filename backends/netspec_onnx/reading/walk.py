"""Imports a graph: visits every node once, in order; evaluates constants, and converts everything else to layers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import onnx

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.free_names import free_name
from netspec.importing import CannotImportError, Draft, DraftInput, ImportDiagnostic
from netspec.importing.batch import BatchAxis
from netspec.ops.argument import as_list
from netspec.shapes.sizes import Size, is_named, is_same
from netspec.shapes.types import CHANNELS, SPATIAL, input_type, type_with_axes

from . import limits
from .batch import mentions
from .declared_shapes import DeclaredShapes
from .errors import CODES, HELPS, NO_SHAPES, refused
from .evaluate import evaluate
from .graph_inputs import GraphInput
from .hierarchy import Hierarchy, is_generated
from .known_shapes import known_operands, symbolic
from .node import OnnxNode
from .nodes import NodeList
from .rule_table import RULES, Inputs
from .rules import all_rules
from .site import Site
from .tensor_reader import DTYPES, SMALL_INTEGERS, TensorReader, type_name
from .values import Shape, SourceTensor

VIEWS = ("Identity", "Transpose", "Unsqueeze", "Squeeze", "Reshape", "Flatten", "Cast", "ScatterND")
"""Operators after which an initialiser is still recognised, in another form or partly overwritten by constants."""
REARRANGING = ("Concat", "Slice", "Split", "Squeeze", "Unsqueeze", "Reshape", "Transpose", "Gather", "Identity")
"""Operators that rearrange learned tensors."""
QUANTISED = ("Quantize", "Dequantize", "QLinear", "Integer", "QGemm", "QAttention")
"""Parts of the names of operators in quantised graphs."""


MISFITS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Exceptions of Python and NumPy for attributes or constants with unexpected types or sizes."""


class GraphReader(Site):
    """Imports one graph.

    Args:
        name: name of the network.
        batch: the batch size: 1, or one that depends on a name.
        literal: the number of examples for which the file was written, if it is fixed.
        nodes: converts the nodes of the model's graphs.
        read: reads its tensors.
        declared: the shapes that the file declares.
        is_own: whether netspec wrote the file; ``/`` then only occurs in names of constants.
    """

    def __init__(
        self,
        name: str,
        batch: Size,
        literal: int | None,
        nodes: NodeList,
        read: TensorReader,
        declared: DeclaredShapes | None = None,
        *,
        is_own: bool = False,
    ) -> None:
        super().__init__(name, batch, literal)
        self.declared = declared
        self.is_own = is_own
        self.nodes = nodes
        self.read = read
        self.values: dict[str, SourceTensor] = {}
        self.folded = 0
        self.depth = 0
        all_rules()

    # -- the graph ---------------------------------------------------------------------------------------------------
    def run(self, graph: onnx.GraphProto, inputs: Sequence[GraphInput]) -> None:
        """Imports the graph; its outputs become those of the network.

        Raises:
            BackendError: the graph is malformed, or larger than the limits.
        """
        stored = {tensor.name for tensor in graph.initializer}
        known = [*stored, *(i.name for i in graph.input)]
        nodes = self.nodes.nodes(graph.node, known)
        floats = sorted(t.name for t in graph.initializer if DTYPES.get(t.data_type) == "float32")
        self.hierarchy = Hierarchy(nodes, floats, [graph_input.name for graph_input in inputs])
        for tensor in graph.initializer:
            self.values[tensor.name] = self.initial(tensor)
        for graph_input in inputs:
            self._add_input(graph_input, _input_name(self.hierarchy.plain_name(graph_input.name), len(inputs)), nodes)
        for node in nodes:
            self.visit(node)
        self._finish(graph)

    def _add_input(self, graph_input: GraphInput, name: str, nodes: Sequence[OnnxNode]) -> None:
        """Adds an input. Its channels are last if every node that reads it moves them to the front."""
        value = SourceTensor(graph_input.shape, graph_input.dtype, self.network.value(()), graph_input.batch)
        shape, number = value.item_shape, self.number(value)
        self.network.shapes[number] = shape
        rank = len(shape) - 1
        orders = [as_list(n.attribute("perm")) for n in nodes if graph_input.name in n.inputs]
        axes: tuple[str, ...] | None = None
        if rank in (2, 3) and orders and all(order == [0, rank + 1, *range(1, rank + 1)] for order in orders):
            axes = (*SPATIAL[rank], CHANNELS)
        kind = input_type(shape, graph_input.dtype) if axes is None else type_with_axes(shape, graph_input.dtype, axes)
        self.types.append(kind)
        self.network.inputs[name] = DraftInput(number, shape, graph_input.dtype, axes)
        self.values[graph_input.name] = value

    def initial(self, tensor: onnx.TensorProto) -> SourceTensor:
        """Returns an initialiser, which is learned if it has several numbers or a dotted name.

        Equal ones need a name.
        """
        name = DTYPES.get(tensor.data_type, "int32" if tensor.data_type in SMALL_INTEGERS else "")
        array = self.read(tensor)
        if array.dtype.kind in "iu" and array.dtype.itemsize < 4:
            bounds = np.iinfo(array.dtype)
            self.ranges[tensor.name] = (int(bounds.min), int(bounds.max))
        if name == "":
            name = "int64"  # unsigned ones
        if array.dtype.kind == "f" and array.dtype != np.float64:
            array = array.astype(np.float32, copy=False)
        is_constant = self.is_own and "/" in tensor.name
        made_up = is_generated(tensor.name) and array.size and (array == array.reshape(-1)[0]).all()
        named = array.size > 1 or (array.ndim == 1 and "." in tensor.name and not is_generated(tensor.name))
        named = named or self.is_own
        learned = tensor.name if name == "float32" and named and not (made_up or is_constant) else ""
        learned = tensor.name if tensor.name in self.buffers else learned
        known = array.astype(name, copy=False) if learned or array.dtype != np.float64 else array
        return SourceTensor(tuple(array.shape), name, known=known, learned=learned)

    def _finish(self, graph: onnx.GraphProto) -> None:
        self.origin, self.calls = "output", ()
        names: set[str] = set()
        for output in graph.output:
            value = self.values.get(output.name)
            self.origin = f"output '{clip(output.name)}'"
            try:
                if value is None:
                    raise refused("malformed", "no node writes this output")
                if value.failed:
                    continue
                placed = self.placed(value)
                stem = "output" if is_generated(output.name) else self.hierarchy.plain_name(output.name)
                name = free_name(stem, names)
                names.add(name)
                self.network.outputs[name] = self.number(placed)
                self.network.batch_axes.append(placed.batch.axis if placed.batch is not None else 0)
            except CannotImportError as error:
                self._note(error)

    # -- nodes -------------------------------------------------------------------------------------------------------
    def visit(self, node: OnnxNode) -> None:
        """Imports one node. If that is impossible, records a problem and marks the outputs as failed."""
        self.node = node
        self.origin = node.origin
        self.calls = self.hierarchy.calls(node)
        self.stem = self.hierarchy.stem(node)
        inputs = Inputs(self.values.get(name) if name else None for name in node.inputs)
        outputs: Sequence[SourceTensor | None] | None = None
        try:
            if any(v is not None and v.failed for v in inputs):
                raise FailedError
            outputs = self._outputs(node, inputs)
        except CannotImportError as error:
            outputs = self._opaque(node, inputs)
            self._note(error, opaque=outputs is not None)
        except FailedError:
            pass
        except MISFITS as error:  # unexpected numbers in the file
            reason = " ".join(str(error).split())[:120]
            self._note(refused("malformed", f"its attributes or inputs are invalid: {clip(reason)}"))
        except MemoryError:
            self._note(refused("constant", "a constant would have to be computed that does not fit into memory"))
        for i, name in enumerate(node.outputs):
            if name:
                output = outputs[i] if outputs is not None and i < len(outputs) else None
                self.values[name] = output if output is not None else SourceTensor((), "float32", failed=True)

    def _opaque(self, node: OnnxNode, inputs: Inputs) -> Sequence[SourceTensor | None] | None:
        """Returns the outputs of a node without an equivalent, if their shapes are known; else None.

        Importing continues with them, so that further problems are reported, too.
        """
        shapes = [self.declared.find(name) if self.declared is not None and name else None for name in node.outputs]
        if not shapes or not all(shape is not None and self._can_declare(shape[0]) for shape in shapes):
            return None
        try:
            read = [self.number(v) for v in inputs if v is not None]
        except CannotImportError:
            return None
        outputs: list[SourceTensor] = []
        for shape, dtype in filter(None, shapes):
            has_batch = bool(shape) and is_same(shape[0], self.batch) and (not self.single or len(shape) > 1)
            value = SourceTensor(
                shape, dtype, self.network.value(shape[1:] if has_batch else shape), BatchAxis(0) if has_batch else None
            )
            self.types.append(input_type(value.item_shape, dtype))
            self.network.dtypes[self.number(value)] = dtype
            outputs.append(value)
        numbers = [self.number(v) for v in outputs]
        draft = Draft(node.operator, read, {}, numbers, self.calls, origin=self.origin, opaque=True)
        self.network.drafts.append(draft)
        return outputs

    def _can_declare(self, shape: Shape) -> bool:
        """Whether a spec can declare an output: its sizes are positive, and the batch is its first axis or absent."""
        return all(is_named(n) or n > 0 for n in shape) and not any(mentions(n, self.batch) for n in shape[1:])

    def _outputs(self, node: OnnxNode, inputs: Inputs) -> Sequence[SourceTensor | None]:
        known = self._known(node, inputs)
        if known is not None:
            return known
        _check_axis(node, inputs.at(0))
        self._rearrange(node, inputs)
        rule = RULES.get(node.operator)
        if rule is None:
            raise self._no_rule(node)
        out = rule(self, node, inputs)
        return [out] if isinstance(out, SourceTensor) else out

    def _rearrange(self, node: OnnxNode, inputs: Inputs) -> None:
        """Records rearranged learned tensors, because the order of gates in recurrent layers varies."""
        if node.operator not in REARRANGING:
            return
        values = Inputs(
            v if v is None or v.is_known else self.rearranged.get(n) for n, v in zip(node.inputs, inputs, strict=True)
        )
        if any(v is None for v, name in zip(values, node.inputs, strict=True) if name):
            return
        arrays = known_operands(node, values)
        outputs = evaluate(node, arrays) if arrays is not None else None
        learned = next((v.learned for v in values if v is not None and v.learned), "")
        for name, array in zip(node.outputs, outputs or (), strict=False):
            self.rearranged[name] = SourceTensor(tuple(array.shape), "float32", known=array, learned=learned)

    def _no_rule(self, node: OnnxNode) -> CannotImportError:
        if any(part in node.operator for part in QUANTISED):
            return refused("quantised", "quantised operators have no equivalent")
        return refused("operator", "netspec has no such operator")

    def _note(self, error: CannotImportError, *, opaque: bool = False) -> None:
        operator = clip(self.node.operator) if self.origin[:6] != "output" else "output"
        problem = ImportDiagnostic.of_error(error, operator, self.origin, HELPS, opaque=opaque, no_shapes=NO_SHAPES)
        self.network.problems.append(problem)

    def run_branch(self, graph: onnx.GraphProto) -> list[SourceTensor | None]:
        """Inlines the nodes of the taken branch of an ``If``; returns its outputs."""
        self.depth += 1
        outer = self.node, self.origin, self.calls, self.stem
        try:
            if self.depth > limits.FUNCTION_DEPTH:
                raise refused("malformed", "branches nest too deeply")
            for tensor in graph.initializer:
                self.values[tensor.name] = self.initial(tensor)
            known = set(self.values)
            for node in self.nodes.nodes(graph.node, known | {t.name for t in graph.initializer}):
                self.visit(node)
        finally:
            self.depth -= 1
            self.node, self.origin, self.calls, self.stem = outer
        return [self.values.get(output.name) for output in graph.output]

    def body_nodes(self, graph: onnx.GraphProto) -> list[OnnxNode]:
        """The nodes of the body of a ``Scan``, in order."""
        written = {name for node in graph.node for name in node.output}
        defined = {*self.values, *(i.name for i in graph.input), *(t.name for t in graph.initializer)}
        return self.nodes.nodes(graph.node, defined - written)

    # -- what is known -----------------------------------------------------------------------------------------------
    def _known(self, node: OnnxNode, inputs: Inputs) -> list[SourceTensor] | None:
        """Returns the outputs of a node with known inputs, or None if it must become a layer."""
        if node.operator in ("Shape", "Size"):
            x = inputs.need(0)
            sizes = list(x.shape[node.attribute("start", 0) : node.attribute("end")])
            if node.operator == "Size":
                total: Size = 1
                for n in sizes:
                    total = total * n
                return [self.constant(np.asarray(total, object), "int64")]
            array = np.empty(len(sizes), object)
            array[:] = sizes
            return [self.constant(array, "int64")]
        present = [v for v in inputs if v is not None]
        if not all(v.is_known for v in present):
            return None
        if any(v.learned for v in present):
            values = self._view(node, inputs) if node.operator in VIEWS else None
            if (
                values is not None
                or node.operator in RULES
                or not all(is_generated(v.learned) for v in present if v.learned)
            ):
                return values
        values = symbolic(self, node, inputs)
        if values is not None:
            return values
        arrays = known_operands(node, inputs)
        out = evaluate(node, arrays) if arrays is not None else None
        if out is None:
            return None
        self.folded += sum(a.size for a in (*out, *(arrays or ())) if a is not None)
        if self.folded > limits.COMPUTED_IN_ALL:
            raise BackendError(
                "NS874", f"constants of more than {limits.COMPUTED_IN_ALL:,} elements would have to be computed"
            )
        return [self.constant(a) for a in out]

    def _view(self, node: OnnxNode, inputs: Inputs) -> list[SourceTensor] | None:
        """Returns a learned tensor in another form, which keeps its name unless its numbers change."""
        x = inputs.need(0)
        if any(v is not None and v.learned for v in inputs[1:]):
            return None
        if node.operator == "Cast" and DTYPES.get(int(node.attribute("to", 0))) != "float32":
            return None
        arrays = known_operands(node, inputs)
        out = [x.known] if node.operator == "Cast" else evaluate(node, arrays) if arrays is not None else None
        if out is None or out[0] is None:
            return None
        return [replace(x, shape=tuple(out[0].shape), known=out[0])]


def _check_axis(node: OnnxNode, x: SourceTensor | None) -> None:
    """Raises CannotImportError NS846 for an axis that the first input does not have."""
    axis = node.attributes.get("axis")
    if type(axis) is not int or x is None or node.operator in ("QuantizeLinear", "DequantizeLinear"):
        return  # those with one scale ignore it
    beyond = node.operator in ("Flatten", "OneHot")
    if not -x.rank - beyond <= axis < max(x.rank, 1) + beyond:
        raise refused("malformed", f"axis {axis} is outside of a tensor with {x.rank} axes")


def _input_name(name: str, count: int) -> str:
    """Returns the name of an input; a single input with an uninformative name (``input.1``) becomes ``input``."""
    says_nothing = is_generated(name) or re.fullmatch(r"(input|data|x|args)[._]?\d+", name)
    return "input" if count == 1 and says_nothing else name


class FailedError(Exception):
    """An input depends on an operator that could not be imported, which is reported there."""


def element_type(number: int, what: str) -> str:
    """Returns netspec's type of an input. Raises BackendError NS844 if it has none."""
    if number not in DTYPES:
        message = f"{what} has the unsupported type {type_name(number)}"
        raise BackendError(CODES["type"], message, "use a floating-point type, int64, int32 or bool")
    return DTYPES[number]
