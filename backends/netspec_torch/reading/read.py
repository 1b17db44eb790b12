"""Converts a module or an exported program to a draft network."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils import _pytree as pytree

from netspec.free_names import free_name
from netspec.importing import CannotImportError, DraftInput, DraftNetwork, ImportDiagnostic, ImportRefused
from netspec.importing.batch import PRIMES, BatchAxis, choose_batch_size, is_explained
from netspec.importing.problems import BATCH, ELEMENT_TYPE

from .attributes import module_attributes, only_in_training
from .dynamic import inferred, sizes_of, without_batch_axis
from .exported_program import check_inputs, export, functionalised, repeated
from .known_numbers import known_numbers
from .output_names import output_names
from .reader import ProgramReader, UnknownInputError
from .state import SourceState
from .symbolic_sizes import Sizes
from .values import DTYPES, ProgramTensor
from .walk import Walk
from .whole_modules import WholeModules


@dataclass(frozen=True, slots=True)
class ReadModule:
    """An imported source."""

    network: DraftNetwork
    state: SourceState
    exact_tables: Mapping[str, torch.Tensor]
    """The network's tables in double precision."""
    outputs: tuple[int, ...]
    """Indices of the source's output tensors that are outputs of the network."""
    examples: int
    """Number of examples in the tracked batch."""

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the source's tensors by name."""
        return {name: tuple(tensor.shape) for name, tensor in self.state.tensors.items()}


_ATTEMPTS = 4
"""Maximum number of batch sizes that are tried; each requires an export."""


def read_module(
    module: torch.nn.Module,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None = None,
    *,
    dynamic_shapes: Any = None,
    name: str = "network",
    source: str | None = None,
) -> ReadModule:
    """Imports a module.

    Args:
        module: the module; it is exported in ``eval`` mode, and its mode is restored.
        args: example inputs, with the batch as their first axis.
        kwargs: further inputs by name.
        dynamic_shapes: dynamic sizes, as for ``torch.export.export``; the batch is always dynamic.
        name: name of the network.
        source: where the module comes from, for messages.

    Raises:
        ImportRefused: NS879, the module rejects the inputs; NS840 or NS845, it cannot be exported. Other problems are
            recorded in the result's ``network``.
    """
    state = SourceState.of_module(module)
    inputs: tuple[Any, dict[str, Any]] = (tuple(args), dict(kwargs or {}))
    examples = choose_batch_size(known_numbers(module, state, inputs))
    for candidate in [examples, *(prime for prime in PRIMES if prime != examples)][:_ATTEMPTS]:
        wide_args, wide_kwargs = repeated(inputs, candidate)
        dynamic = without_batch_axis(dynamic_shapes)
        try:
            program = export(module, wide_args, wide_kwargs, inferred(dynamic), source)
        except ImportRefused:
            check_inputs(module, *inputs, source)
            raise
        result = _read(program, module, state, candidate, name, source, dynamic)
        if result is not None:
            return result
    reason = "an axis other than the first has the size of the batch, whatever that is"
    raise ImportRefused([ImportDiagnostic.of(BATCH, "torch.export", reason)], source)


def read_program(
    program: torch.export.ExportedProgram, *, name: str = "network", source: str | None = None
) -> ReadModule:
    """Imports an exported program, whose inputs have the batch as their first axis.

    Raises:
        ImportRefused: NS843, its number of examples cannot be distinguished from other sizes.
    """
    leaves = [n.meta["val"] for n in program.graph.nodes if n.op == "placeholder" and n.name in _input_names(program)]
    batches = {int(leaf.shape[0]) for leaf in leaves if isinstance(leaf, torch.Tensor) and leaf.dim()}
    result = None
    if len(batches) == 1 and (examples := batches.pop()) > 1:
        result = _read(program, None, SourceState.of_program(program), examples, name, source)
    if result is None:
        reason = "the batch size that the program was exported with is also another size of the network"
        remedy = "export it with a prime batch size that occurs nowhere else in the network, such as 23"
        raise ImportRefused([ImportDiagnostic.of(BATCH, "torch.export", reason, help=remedy)], source)
    return result


def _read(
    program: torch.export.ExportedProgram,
    module: torch.nn.Module | None,
    state: SourceState,
    examples: int,
    name: str,
    source: str | None,
    dynamic_shapes: Any = None,
) -> ReadModule | None:
    """Returns the draft of a program; None if another size is a multiple of the number of examples."""
    reading = _Reading(program, module, state, examples, name, dynamic_shapes)
    reading.walk()
    if reading.walked.views.written:
        reading = _Reading(functionalised(program, source), module, state, examples, name, dynamic_shapes)
        reading.reader.note("the source writes through views: its operations are read in the form without writes")
        reading.walk()
    return reading.finished() if reading.is_explained() else None


class _Reading:
    """A walk over a program, including its inputs and outputs."""

    def __init__(
        self,
        program: torch.export.ExportedProgram,
        module: torch.nn.Module | None,
        state: SourceState,
        examples: int,
        name: str,
        dynamic_shapes: Any,
    ) -> None:
        self.program = program
        self.module = module
        state.users.clear()
        self.reader = ProgramReader(name, state, examples)
        placeholders = {n.name: n.meta["val"] for n in program.graph.nodes if n.op == "placeholder"}
        self.inputs = {
            k: placeholders[k] for k in _input_names(program) if isinstance(placeholders.get(k), torch.Tensor)
        }
        self.sizes: Sizes = sizes_of(program, {k: _defaults(t) for k, t in self.inputs.items()}, dynamic_shapes)
        nodes = list(program.graph.nodes)
        self.walked = Walk(self.reader, program, self.sizes, WholeModules(module, nodes, self.sizes))
        self.returned: list[Any] = []
        self.numbers: list[int] = []

    def walk(self) -> None:
        """Walks over the program."""
        network = self.reader.network
        for name, dim in self.sizes.dims.items():
            promises = {"multiple_of": dim.multiple_of, "min": dim.min, "max": dim.max}
            network.dims[name] = {"default": dim.default, **{k: v for k, v in promises.items() if v not in (1, None)}}
        values: dict[str, ProgramTensor] = {}
        for name, tensor in self.inputs.items():
            value = ProgramTensor(self.sizes.shape(tensor), tensor.dtype, batch=BatchAxis(0) if tensor.dim() else None)
            number = network.value(value.plain)
            values[name] = replace(value, number=number)
            network.inputs[name] = DraftInput(number, value.plain, DTYPES.get(tensor.dtype, "float32"))
            if tensor.dtype not in DTYPES:
                reason = f"an input has the type {str(tensor.dtype).removeprefix('torch.')}, which netspec lacks"
                network.problems.append(ImportDiagnostic.of(ELEMENT_TYPE, "", reason, name))
        self.returned = self.walked.run(values)

    def is_explained(self) -> bool:
        """Whether only the batch size is a multiple of the number of examples."""
        values = pytree.tree_leaves(list(self.walked.values.values()))
        return all(
            is_explained(v.shape, v.batch, self.reader.examples)
            for v in values
            if isinstance(v, ProgramTensor) and v.number is not None and not v.is_unknown
        )

    def finished(self) -> ReadModule:
        """Adds the outputs and returns the network."""
        network = self.reader.network
        network.problems += self.walked.problems
        names = output_names(self.program)
        for number, (name, value) in enumerate(zip(names, self.returned, strict=False)):
            if isinstance(value, ProgramTensor):
                self._output(number, name, value)
        if any(isinstance(value, ProgramTensor) and value.is_unknown for value in self.returned):
            network.problems += self.walked.random
        if not network.outputs:
            network.problems += self.walked.between_examples
        if not network.outputs and not network.problems:
            reason = "; ".join(["the network has no output that can be imported", *network.notes])
            network.problems.append(ImportDiagnostic.of(BATCH, "", reason))
        if len(network.outputs) == 1:
            network.outputs = {"output": next(iter(network.outputs.values()))}
        network.remove_unread()
        self.reader.tables.name(self.reader)
        if self.module is not None:
            network.attributes = module_attributes(self.module, network)
            network.notes += only_in_training(self.module, network, self.reader.state)
        return ReadModule(
            network, self.reader.state, self.reader.tables.exact, tuple(self.numbers), self.reader.examples
        )

    def _output(self, number: int, name: str, value: ProgramTensor) -> None:
        network = self.reader.network
        if value.dtype not in DTYPES or (value.known is not None and value.number is None) or value.is_unknown:
            if not value.is_unknown:
                self.reader.note(f"output '{name}' is left out: it is the same for all inputs")
            elif self.walked.between_examples and not self.walked.problems:
                self.reader.note(f"output '{name}' is left out: it is computed between the examples of a batch")
            return
        if value.batch is None:
            self.reader.note(f"output '{name}' is left out: it is the same for all examples")
            return
        try:
            placed = self.reader.number(value)
        except (CannotImportError, UnknownInputError):
            return
        if not value.batch.alone:
            self.reader.note(f"output '{name}' is left out: its examples are folded into another axis")
            return
        if value.batch.axis:
            self.reader.note(f"output '{name}' has the batch as axis {value.batch.axis}: in the spec it is the first")
        network.outputs[free_name(name, network.outputs, separator="", first=2)] = placed
        network.batch_axes.append(value.batch.axis)
        self.numbers.append(number)


def _input_names(program: torch.export.ExportedProgram) -> tuple[str, ...]:
    return tuple(name for name in program.graph_signature.user_inputs if isinstance(name, str))


def _defaults(tensor: torch.Tensor) -> tuple[int, ...]:
    """Returns the shape of an example, with the example's values of symbolic sizes."""
    return tuple(n.node.hint if isinstance(n, torch.SymInt) else n for n in tensor.shape)
