"""Operations declared by a document under ``operations``: blocks without layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from ...diagnostics import LocatedError, clip
from ...ops import OTHER, TABLE, family_of
from ...ops.argument import argument
from ...ops.common.init_argument import INIT_VALIDATOR, Choice
from ...ops.common.validators import GIVEN_NAMES, one_of, optional
from ...ops.declared import DeclaredOp, declared_class
from ...shapes.types import DTYPES
from ...text.yaml_reader import Map, Text, Tree
from .parameters import ParameterDeclaration, read_parameters
from .records import TEXT, TREE, Record, Report, check_name, describe, plain_value, read_record, require_mapping
from .references import read_input_names
from .written_values import WrittenValue, read_value

if TYPE_CHECKING:
    from collections.abc import Mapping


class OperationRecord(Record):
    """The keys of an operation declared by a spec."""

    doc: str | None = argument(TEXT, "What the operation is.", default=None)
    inputs: Any = argument(TREE, "Names of its inputs.", default=None)
    params: Any = argument(TREE, "Its arguments, as parameters are declared.", default=None)
    output: Any = argument(TREE, "The shape of its output.", default=None)
    outputs: Any = argument(TREE, "The shapes of its outputs by name.", default=None)
    weights: Any = argument(TREE, "The shapes of its weights by name.", default=None)
    macs: Any = argument(TREE, "Its multiply-accumulates for one example.", default=None)


class OutputRecord(Record):
    """The long form of an output."""

    shape: Any = argument(TREE, "Its shape, without the batch axis.")
    dtype: str | None = argument(optional(one_of(*DTYPES)), "Type of its elements.", default=None)
    axes: tuple[str | None, ...] | None = argument(GIVEN_NAMES, "Names of its axes.", default=None)


class WeightRecord(Record):
    """The long form of a weight."""

    shape: Any = argument(TREE, "Its shape.")
    init: Any = argument(INIT_VALIDATOR, "Its initial values.", default=Choice())


class DeclaredOutput(NamedTuple):
    """An output."""

    name: str
    """Empty for the only output."""
    shape: WrittenValue
    dtype: str | None
    """Element type; by default that of the first input."""
    axes: tuple[str | None, ...] | None


class DeclaredWeight(NamedTuple):
    """A weight."""

    name: str
    shape: WrittenValue
    init: Choice


class Operation(NamedTuple):
    """The declaration of an operation in a document."""

    cls: type[DeclaredOp]
    outputs: tuple[DeclaredOutput, ...]
    weights: tuple[DeclaredWeight, ...]
    macs: WrittenValue | None


class Declaring(Protocol):
    """The block that represents an operation."""

    name: str
    location: int
    doc: str | None
    params: tuple[ParameterDeclaration, ...]
    inputs: tuple[str, ...]
    operation: Operation | None


B = TypeVar("B", bound=Declaring)


def read_operations(node: Tree, make: Callable[[str, int], B], report: Report) -> dict[str, B]:
    """Returns the operations declared by a document, as blocks that ``make`` creates from names and locations.

    If an operation has a problem, it is reported, and only the name is kept.
    """
    blocks: dict[str, B] = {}
    try:
        entries = require_mapping(node, "operations").entries
    except LocatedError as error:
        report(error)
        return blocks
    for name, (location, inner, _) in entries.items():
        block = make(name, location)
        try:
            _check_operation_name(name, location)
            blocks[name] = block
            block.operation = _read(block, require_mapping(inner, f"the operation '{clip(name)}'"), report)
        except LocatedError as error:
            report(error)
    return blocks


def _check_operation_name(name: str, location: int) -> None:
    check_name(name, location, "an operation's name")
    if name in TABLE and family_of(name) != OTHER:
        help = "give the declared operation another name"
        raise LocatedError("NS230", f"'{name}' is an operation of netspec", location, help=help)
    if not (name.isidentifier() and name[0].islower()):
        rule = "an operation's name is letters, digits and '_', and begins with a small letter"
        raise LocatedError("NS230", f"{rule}; found '{clip(name)}'", location)


def _read(block: Declaring, node: Map, report: Report) -> Operation | None:
    record = read_record(OperationRecord, node, f"the operation '{block.name}'", report)
    if record is None:
        return None
    block.doc, block.params = record.doc, read_parameters(record.params, report)
    block.inputs = read_input_names(record.inputs) if record.inputs is not None else ("input",)
    outputs = _outputs(record, block, report)
    weights = _weights(record.weights, report) if record.weights is not None else ()
    macs = read_value(record.macs) if record.macs is not None else None
    if any(parameter.failed for parameter in block.params):
        return None
    arguments = {parameter.name: parameter.doc for parameter in block.params}
    results = tuple(form.name for form in outputs) if record.outputs is not None else ()
    source: Mapping[str, Any] = plain_value(node)
    cls = declared_class(block.name, block.doc or "An operation that the spec declares.", arguments, results, source)
    return Operation(cls, outputs, weights, macs)


def _outputs(record: OperationRecord, block: Declaring, report: Report) -> tuple[DeclaredOutput, ...]:
    """Returns the outputs. Raises LocatedError."""
    if record.output is None and record.outputs is None:
        message = f"the operation '{block.name}' needs the key 'output'"
        raise LocatedError("NS202", message, block.location, help="output: $(input.shape), or the sizes one by one")
    if record.output is not None and record.outputs is not None:
        raise LocatedError("NS212", "'output' and 'outputs' mean the same: give one of them", record.outputs.location)
    if record.output is not None:
        return (_output("", record.output, report),)
    several: Any = record.outputs
    declared: list[DeclaredOutput] = []
    for name, (location, inner, _) in require_mapping(several, "outputs").entries.items():
        if not name.isidentifier():
            raise LocatedError("NS204", f"an output's name is letters, digits and '_'; found '{clip(name)}'", location)
        declared.append(_output(name, inner, report))
    if not declared:
        raise LocatedError("NS203", "outputs must name at least one output", several.location)
    return tuple(declared)


def _output(name: str, node: Tree, report: Report) -> DeclaredOutput:
    if type(node) is not Map:
        return DeclaredOutput(name, _shape(node), None, None)
    record = read_record(OutputRecord, node, "the output", report)
    if record is None:
        raise LocatedError("NS202", "an output needs the key 'shape'", node.location)
    return DeclaredOutput(name, _shape(record.shape), record.dtype, record.axes)


def _shape(node: Tree) -> WrittenValue:
    if type(node) is Map or (type(node) is Text and "$" not in node.raw):
        raise LocatedError("NS203", f"a shape must be a list of sizes; found {describe(node)}", node.location)
    return read_value(node)


def _weights(node: Tree, report: Report) -> tuple[DeclaredWeight, ...]:
    declared: list[DeclaredWeight] = []
    for name, (location, inner, _) in require_mapping(node, "weights").entries.items():
        if not (name.isidentifier() and name.isascii()):
            raise LocatedError("NS204", f"a weight's name is letters, digits and '_'; found '{clip(name)}'", location)
        shape, init = inner, Choice()
        if type(inner) is Map:
            record = read_record(WeightRecord, inner, f"the weight '{name}'", report)
            if record is None:
                continue
            shape, init = record.shape, record.init
        declared.append(DeclaredWeight(name, _shape(shape), init))
    return tuple(declared)
