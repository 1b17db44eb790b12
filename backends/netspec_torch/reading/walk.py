"""The walk over an exported program, which visits each node once and collects what cannot be imported."""

# The nodes of an exported program have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportPrivateImportUsage=false

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import torch
from torch.fx import GraphModule, Node
from torch.fx.node import map_arg
from torch.utils import _pytree as pytree

from netspec.importing import CannotImportError, ImportDiagnostic, ModuleCall
from netspec.importing.batch import BatchAxis
from netspec.importing.problems import DATA_DEPENDENT, MAY_BE_OPAQUE, NO_EQUIVALENT

from .folding import Folding, RandomNumbersError
from .frequencies import unrounded
from .precision import widened
from .reader import BetweenExamplesError, ProgramReader, UnknownInputError
from .rules import find_rule
from .symbolic_sizes import Sizes
from .values import DTYPES, OperatorCall, ProgramTensor, TensorMeta
from .view_writes import Views
from .whole_modules import WholeModules

ScopedCalls = ("wrap_with_set_grad_enabled", "wrap_with_autocast")
"""Higher-order operations that run a subgraph with other settings."""


class Walk:
    """A walk over one program.

    Args:
        reader: receives the drafts.
        program: the exported program.
        sizes: the meaning of its symbolic sizes.
        modules: modules that are imported as a whole.
    """

    def __init__(
        self, reader: ProgramReader, program: torch.export.ExportedProgram, sizes: Sizes, modules: WholeModules
    ) -> None:
        self.reader = reader
        self.program = program
        self.sizes = sizes
        self.modules = modules
        self.views = Views()
        self.folding = Folding()
        self.values: dict[Node, Any] = {}
        self.problems: list[ImportDiagnostic] = []
        self.between_examples: list[ImportDiagnostic] = []
        """Computations between examples, which are only problems if no output remains without them."""
        self.random: list[ImportDiagnostic] = []
        """Random numbers, which are only problems if an output depends on them."""

    def run(self, inputs: Mapping[str, ProgramTensor]) -> list[Any]:
        """Walks over all nodes; returns the outputs, in order.

        Args:
            inputs: the values of the network's inputs, by node name.
        """
        return self._graph(self.program.graph_module, inputs)

    def _graph(self, module: GraphModule, inputs: Mapping[str, ProgramTensor]) -> list[Any]:
        outputs: Any = ()
        for node in module.graph.nodes:
            if node.op == "placeholder":
                self.values[node] = inputs[node.name] if node.name in inputs else self._tensor(node)
            elif node.op == "get_attr":
                self.values[node] = self._attribute(module, str(node.target))
            elif node.op == "call_function":
                self._enter(node)
                self.values[node] = self._result(node)
            elif node.op == "output":
                outputs = map_arg(node.args[0], lambda n: self.values[n])
        return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]

    # -- tensors of the source ---------------------------------------------------------------------------------------
    def _tensor(self, node: Node) -> Any:
        """Returns the value of a placeholder that is not an input: a parameter, a buffer, or a constant."""
        signature = self.program.graph_signature
        if (name := signature.inputs_to_parameters.get(node.name)) is not None:
            return self._named(name, None)
        if (name := signature.inputs_to_buffers.get(node.name)) is not None:
            tensor = self._stored(name)
            return self._named(name, tensor) if name in self.reader.state.tensors else self._fixed(tensor)
        if (name := signature.inputs_to_lifted_tensor_constants.get(node.name)) is not None:
            tensor = self.program.constants[name]
            assert isinstance(tensor, torch.Tensor)
            known = self.reader.state.name_of(tensor)  # recurrent modules also keep their weights in a list
            return _constant(tensor) if known is None else self._named(known, None)
        return self.sizes.size(node.meta.get("val"))

    def _stored(self, name: str) -> torch.Tensor:
        tensor = self.program.state_dict.get(name, self.program.constants.get(name))
        assert isinstance(tensor, torch.Tensor)
        return tensor

    def _fixed(self, buffer: torch.Tensor) -> ProgramTensor:
        """Returns the value of a buffer that is not in the state dict."""
        return ProgramTensor(tuple(buffer.shape), buffer.dtype, known=unrounded(buffer))

    def _named(self, name: str, known: torch.Tensor | None) -> ProgramTensor:
        name = self.reader.state.left_out.get(name, name)
        tensor = self.reader.state.tensors[name]
        numbers = None if known is None or known.is_meta else widened(known)
        return ProgramTensor(tuple(tensor.shape), tensor.dtype, tensor_name=name, known=numbers)

    def _attribute(self, module: GraphModule, target: str) -> Any:
        attribute: Any = module
        for part in target.split("."):
            attribute = getattr(attribute, part)
        return _constant(attribute) if isinstance(attribute, torch.Tensor) else attribute

    # -- one node ----------------------------------------------------------------------------------------------------
    def _enter(self, node: Node) -> None:
        stack: Mapping[str, Any] = node.meta.get("nn_module_stack") or {}
        if stack:
            self.reader.calls = tuple(
                ModuleCall(key, path, cls if isinstance(cls, str) else f"{cls.__module__}.{cls.__qualname__}")
                for key, (path, cls) in stack.items()
                if path
            )
        path = self.reader.calls[-1].path if self.reader.calls else ""
        self.reader.origin = f"{operation_name(node.target)} at {path}" if path else operation_name(node.target)

    def _result(self, node: Node) -> Any:
        target = node.target
        if target is operator.getitem:
            return self._item(node)
        if self.modules.covers(self.reader.calls, node, self.reader, self.values):
            return self.modules.result(node)
        name = operation_name(target)
        if any(scoped in name for scoped in ScopedCalls):
            return self._inlined(node)
        arguments = map_arg(node.args, lambda n: self.values[n])
        keywords = map_arg(node.kwargs, lambda n: self.values[n])
        meta = node.meta.get("val")
        try:
            if self.sizes.is_arithmetic(meta):
                return self.sizes.size(meta)
            return self._apply(node, name, arguments, keywords)
        except UnknownInputError:
            return self._unknown(meta)
        except CannotImportError as error:
            if error.code == DATA_DEPENDENT and self.sizes.is_arithmetic(meta):  # reported where the tensor is computed
                return self._unknown(meta)
            return self._refused(node, name, error, pytree.tree_leaves((arguments, keywords)))

    def _item(self, node: Node) -> Any:
        container = self.values[node.args[0]]  # type: ignore[index] # a node
        if container is None:
            return None
        try:
            return container[node.args[1]]
        except (CannotImportError, UnknownInputError) as error:
            if isinstance(error, CannotImportError):
                self._report(operation_name(node.target), error)
            return self._unknown(node.meta.get("val"))

    def _inlined(self, node: Node) -> Any:
        """Walks over a subgraph and returns its results."""
        first = next(i for i, a in enumerate(node.args) if isinstance(a, Node) and a.op == "get_attr")
        module = self.values[node.args[first]]  # type: ignore[index] # a node
        inputs: list[Any] = [self.values[a] if isinstance(a, Node) else a for a in node.args[first + 1 :]]
        names = [n.name for n in module.graph.nodes if n.op == "placeholder"]
        return self._graph(module, dict(zip(names, inputs, strict=True)))

    def _apply(self, node: Node, name: str, arguments: Any, keywords: Any) -> Any:
        leaves = pytree.tree_leaves((arguments, keywords))
        values = [a for a in leaves if isinstance(a, ProgramTensor)]
        if any(v.is_unknown for v in values):
            raise UnknownInputError
        if all(v.is_constant for v in values):
            return self.folding.fold(node.target, arguments, keywords, node.meta.get("val"))
        outputs = self._outputs(node)
        function = find_rule(name.removeprefix("aten."))
        if function is None:
            if all(v.known is not None and v.number is None for v in values):
                return self.folding.fold(node.target, arguments, keywords, node.meta.get("val"))
            raise CannotImportError(NO_EQUIVALENT, "netspec has no such operation")
        call = OperatorCall(name.removeprefix("aten."), outputs, read_outputs(node))
        results = function(self.reader, call, **bound_arguments(node.target, arguments, keywords))
        self._write(node, call, results)
        return results

    def _outputs(self, node: Node) -> tuple[TensorMeta | None, ...]:
        meta = node.meta.get("val")
        several = meta if isinstance(meta, (list, tuple)) else [meta]
        return tuple(self.sizes.meta(m) for m in several)

    def _write(self, node: Node, call: OperatorCall, results: Any) -> None:
        """Makes the result of an in-place operation the new value of its first argument."""
        first = node.args[0] if node.args else None
        if not isinstance(first, Node):
            return
        if call.base.endswith("_") and not call.base.startswith("_"):
            self.views.write(first, self.values)
            self.values[first] = results
        self.views.record(node, call.base, first)

    # -- what cannot be imported -------------------------------------------------------------------------------------
    def _report(self, name: str, error: CannotImportError, *, opaque: bool = False) -> None:
        problem = ImportDiagnostic.of_error(error, name, self.reader.origin, opaque=opaque)
        if isinstance(error, BetweenExamplesError):
            self.between_examples.append(problem)
        elif isinstance(error, RandomNumbersError):
            self.random.append(problem)
        else:
            self.problems.append(problem)

    def _refused(self, node: Node, name: str, error: CannotImportError, leaves: list[Any]) -> Any:
        """Reports the problem, and continues with values of the right shapes."""
        results = None
        if error.code in MAY_BE_OPAQUE and not isinstance(error, RandomNumbersError):
            results = self._opaque(node, name, leaves)
        self._report(name, error, opaque=results is not None)
        return self._unknown(node.meta.get("val")) if results is None else results

    def _opaque(self, node: Node, name: str, leaves: list[Any]) -> Any:
        """Returns the results of an operation with known shapes only; None if it cannot be declared."""
        meta = node.meta.get("val")
        metas = [m for m in self._outputs(node) if m is not None]
        try:
            inputs = [self.reader.placed(v) for v in leaves if isinstance(v, ProgramTensor)]
        except (CannotImportError, UnknownInputError):
            return None
        examples = self.reader.examples
        has_batch = any(v.is_batched for v in inputs)
        if not metas or any(has_batch and (not m.shape or m.shape[0] != examples) for m in metas):
            return None
        if any(m.dtype not in DTYPES for m in metas):
            return None
        outs = [ProgramTensor(m.shape, m.dtype, batch=BatchAxis(0) if has_batch else None) for m in metas]
        numbers = self.reader.emit(name, inputs, [v.plain for v in outs], opaque=True)
        results = [v.placed_as(number) for v, number in zip(outs, numbers, strict=True)]
        return results if isinstance(meta, (list, tuple)) else results[0]

    def _unknown(self, meta: Any) -> Any:
        def unknown(leaf: Any) -> Any:
            if isinstance(leaf, torch.Tensor):
                return ProgramTensor(tuple(map(self._size_or_one, leaf.shape)), leaf.dtype, is_unknown=True)
            return ProgramTensor((), torch.int64, is_unknown=True) if isinstance(leaf, torch.SymInt) else leaf

        return pytree.tree_map(unknown, meta)

    def _size_or_one(self, size: Any) -> Any:
        try:
            return self.sizes.size(size)
        except CannotImportError:
            return 1


def _constant(tensor: torch.Tensor) -> ProgramTensor:
    return ProgramTensor(tuple(tensor.shape), tensor.dtype, known=widened(tensor))


def operation_name(target: Any) -> str:
    """Returns the name of an operation, such as ``aten.add.Tensor``, without ``.default``."""
    name = str(target) if hasattr(target, "_schema") else getattr(target, "__name__", str(target))
    return name.removesuffix(".default")


def read_outputs(node: Node) -> frozenset[int]:
    """Returns the indices of a node's outputs that are used."""
    return frozenset(
        index
        for user in node.users
        if user.target is operator.getitem and user.users and (index := int(user.args[1])) >= 0  # type: ignore[arg-type]  # the number of an output
    )


def bound_arguments(target: Any, arguments: Any, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments by name in the operation's schema, including defaults; ``self`` is renamed to ``x``."""
    schema = getattr(target, "_schema", None)
    if schema is None:
        return {**{"x" if i == 0 else f"x{i}": a for i, a in enumerate(arguments)}, **keywords}
    bound: dict[str, Any] = {}
    for index, argument in enumerate(schema.arguments):
        key = "x" if argument.name in ("self", "input") and "x" not in bound else argument.name
        if index < len(arguments):
            bound[key] = arguments[index]
        elif argument.name in keywords:
            bound[key] = keywords[argument.name]
        elif argument.has_default_value():
            bound[key] = argument.default_value
    return bound
