"""Layers as they are written. Problems in the text of a layer are found here, whether the layer is used or not."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip, nearest, suggestion
from ...ops import TABLE
from ...text.reader import List, Map, Text, Tree
from .argument_checks import Arguments, check_activation, check_arguments, check_exists
from .records import GROUP, WIRING, Report, TableRecord, describe, read_record, require_mapping
from .references import (
    OutputDeclaration,
    Reference,
    References,
    check_layer_name,
    read_input_names,
    read_outputs,
    read_reference,
    read_references,
)
from .values import NameTemplate, Value, read_value

_KEYS = 20
"""Keys of a layer without an operation that are compared with the names of operations."""


class Table(NamedTuple):
    """The value of ``each``."""

    columns: tuple[str, ...]
    single: bool
    """Whether it has one column, written without a list, so that its rows are cells."""
    rows: Value
    location: int


class Layers(NamedTuple):
    """Layers in order: of a mapping, with names, or of a list, without."""

    items: tuple[Layer, ...]
    listed: bool
    location: int


class Layer:
    """One layer as it is written."""

    __slots__ = (
        "activation",
        "args",
        "doc",
        "each",
        "first",
        "freeze",
        "head",
        "head_location",
        "inline",
        "inner",
        "inputs",
        "location",
        "name",
        "outputs",
        "primary",
        "repeat",
        "share",
        "source",
        "when",
    )

    def __init__(self, name: NameTemplate | None, location: int) -> None:
        self.name = name
        self.location = location
        self.head: Value | None = None
        """The name of its operation or block."""
        self.head_location = location
        self.primary: Value | None = None
        """The argument written after the name."""
        self.args: Arguments = {}
        """The other arguments."""
        self.inner: Layers | None = None
        """The layers of a block in place."""
        self.inline = False
        self.inputs: tuple[str, ...] | None = None
        """The names of its inputs, for a block in place."""
        self.outputs: tuple[OutputDeclaration, ...] | None = None
        self.source: References | None = None
        """The value of ``from``."""
        self.activation: tuple[Value, Value | None] | None = None
        """The name of the activation, and its argument."""
        self.when: Value | None = None
        self.repeat: Value | None = None
        self.first: Arguments | None = None
        self.each: Table | None = None
        self.share: Reference | None = None
        self.freeze: Value | None = None
        self.doc: str | None = None

    @property
    def head_text(self) -> str:
        """The name of its operation or block as it is written; ``layers`` for a block in place."""
        if self.head is not None and type(self.head.node) is Text:
            return clip(self.head.node.raw)
        return "layers"


class LayerReader:
    """Reads layers. Problems are reported; a layer that has one keeps only its name and location."""

    def __init__(self, blocks: Collection[str], report: Report) -> None:
        self.blocks = blocks
        """The names of the blocks that may be used."""
        self.report = report
        self._unknown = 0
        """Layers that name no operation."""

    def layers(self, node: Tree, what: str) -> Layers:
        """Read a mapping or list of layers; ``what`` names it in a message."""
        if type(node) is Map:
            named = [self._named(key, location, inner) for key, (location, inner, _) in node.entries.items()]
            return Layers(tuple(named), False, node.location)
        if type(node) is List:
            listed = [self._layer_or_stub(None, inner.location, inner) for inner in node.items]
            return Layers(tuple(listed), True, node.location)
        message = f"{what} must be a mapping or list of layers; found {describe(node)}"
        self.report(LocatedError("NS203", message, node.location))
        return Layers((), True, node.location)

    def outputs(self, single: Tree | None, several: Tree | None) -> tuple[OutputDeclaration, ...] | None:
        """Read ``output`` or ``outputs``. Raises LocatedError."""
        return read_outputs(single, several, self.report)

    def _named(self, key: str, location: int, node: Tree) -> Layer:
        try:
            if "$(" not in key:
                check_layer_name(key, location)
            name = NameTemplate(key, location)
        except LocatedError as error:
            self.report(error)
            return Layer(NameTemplate("_", location), location)
        return self._layer_or_stub(name, location, node)

    def _layer_or_stub(self, name: NameTemplate | None, location: int, node: Tree) -> Layer:
        """The layer; if there is a problem, one that has only its name, so that nothing follows from the problem."""
        try:
            return self._layer(name, location, node)
        except LocatedError as error:
            self.report(error)
            return Layer(name, location)

    def _layer(self, name: NameTemplate | None, location: int, node: Tree) -> Layer:
        layer = Layer(name, location)
        if type(node) is Text:
            if type(node.value) is not str or not node.value:
                message = f"a layer is an operation, a block or a list of layers; found {describe(node)}"
                at = node.location if node.raw else location
                raise LocatedError("NS205", message, at, help="`identity` passes its input on")
            layer.head, layer.head_location = self._head(node), node.location
        elif type(node) is List:
            layer.inner = self.layers(node, "a layer")
        else:
            assert type(node) is Map
            self._read_mapping(layer, node)
        return layer

    def _head(self, node: Text) -> Value:
        """The name of an operation or block, checked unless it is an expression."""
        head = read_value(node)
        if head.constant:
            check_exists(str(node.value), self.blocks, node.location)
        return head

    # -- mappings ----------------------------------------------------------------------------------------------------
    def _read_mapping(self, layer: Layer, node: Map) -> None:
        for key in WIRING:
            if key in node.entries:
                self._read_wiring(layer, key, node.entries[key][1])
        if layer.first is not None and layer.repeat is None:
            message = "'first' holds for the first copy of a 'repeat', and there is none"
            raise LocatedError("NS208", message, node.entries["first"][0])
        if "layers" in node.entries or "inline" in node.entries:
            self._read_group(layer, node)
        else:
            self._read_operation(layer, node)

    def _read_operation(self, layer: Layer, node: Map) -> None:
        """Read the name of the operation or block, and its arguments."""
        key = self._operation_key(node)
        location, value, _ = node.entries[key]
        layer.head_location = location
        layer.head = self._head(Text(key, location, True, key))
        arguments = list(value.entries.items()) if type(value) is Map else []
        if type(value) is not Map and not (type(value) is Text and value.value is None):
            layer.primary = read_value(value)
        arguments += [(k, entry) for k, entry in node.entries.items() if k != key and k not in WIRING]
        for name, (at, argument, _) in arguments:
            if name in layer.args:
                raise LocatedError("NS211", f"'{clip(name)}' is given twice", at)
            layer.args[name] = (at, read_value(argument))
        if key in TABLE and key not in self.blocks:
            check_arguments(key, layer.primary, layer.args, layer.first, location)

    def _operation_key(self, node: Map) -> str:
        """The key that names the operation: a block, otherwise a parameter, otherwise an operation."""
        keys = [k for k in node.entries if k not in WIRING]
        blocks = [k for k in keys if k in self.blocks]
        if len(blocks) == 1:
            return blocks[0]
        parameters = [k for k in keys if k.startswith("$")]
        operations = [k for k in keys if k in TABLE]
        for candidates in (blocks, parameters, operations, [k for k in keys if k[:1].isupper()]):
            if len(candidates) == 1:
                return candidates[0]
            if candidates:
                message = f"a layer is one operation; found '{clip(candidates[0])}' and '{clip(candidates[1])}'"
                raise LocatedError("NS209", message, node.entries[candidates[1]][0])
        if not keys:
            raise LocatedError("NS210", "a layer names an operation or a block", node.location)
        self._unknown += 1
        likely = keys[0]
        if self._unknown <= limits.DIAGNOSTICS:  # of more only the number is reported
            likely = next((k for k in keys[:_KEYS] if nearest(k, [*TABLE, *self.blocks])), likely)
        check_exists(likely, self.blocks, node.entries[likely][0])
        raise AssertionError("a key that exists is returned above")

    def _read_group(self, layer: Layer, node: Map) -> None:
        """Read a block in place, or layers that take their places in the list around them."""
        layer.inline = "inline" in node.entries
        if layer.inline and layer.name is not None:
            message = "'inline' is for lists only: a mapping names its layers"
            location = node.entries["inline"][0]
            raise LocatedError("NS207", message, location, help="write 'layers' for a block in place")
        key = "inline" if layer.inline else "layers"
        known = (*WIRING, "inline") if layer.inline else (*WIRING, *(k for k in GROUP if k != "inline"))
        for other, (location, _, _) in node.entries.items():
            if other not in known:
                help = suggestion(other, known, f"its keys are {', '.join(known)}")
                raise LocatedError("NS201", f"a layer with '{key}' has no key '{clip(other)}'", location, help=help)
        if "first" in node.entries:
            message = "'first' gives arguments, and layers in place take none"
            raise LocatedError("NS208", message, node.entries["first"][0])
        layer.inner = self.layers(node.entries[key][1], key)
        if layer.inline and not layer.inner.listed:
            message = "'inline' takes a list of layers: they take their numbers in the list around it"
            raise LocatedError("NS207", message, node.entries[key][1].location)
        if "inputs" in node.entries:
            layer.inputs = read_input_names(node.entries["inputs"][1])
        layer.outputs = self.outputs(node.get("output"), node.get("outputs"))

    # -- wiring ------------------------------------------------------------------------------------------------------
    def _read_wiring(self, layer: Layer, key: str, node: Tree) -> None:
        """Read the value of a key that any layer may have."""
        if key == "from":
            layer.source = read_references(node)
        elif key == "activation":
            layer.activation = self._activation(node)
        elif key == "when":
            layer.when = read_value(node)
        elif key == "repeat":
            layer.repeat = read_value(node)
        elif key == "first":
            entries = require_mapping(node, "first").entries
            layer.first = {name: (location, read_value(value)) for name, (location, value, _) in entries.items()}
        elif key == "each":
            layer.each = self._table(node)
        elif key == "share":
            layer.share = read_reference(node)
        elif key == "freeze":
            layer.freeze = read_value(node)
        elif type(node) is Text:
            layer.doc = node.raw
        else:
            raise LocatedError("NS203", f"doc must be text; found {describe(node)}", node.location)

    def _activation(self, node: Tree) -> tuple[Value, Value | None]:
        argument: Value | None = None
        if type(node) is Map and len(node.entries) == 1:
            name, (location, value, _) = next(iter(node.entries.items()))
            argument = read_value(value)
        elif type(node) is Text and type(node.value) is str:
            name, location = node.value, node.location
        else:
            message = f"activation must be an activation, or {{name: argument}}; found {describe(node)}"
            raise LocatedError("NS203", message, node.location)
        head = read_value(Text(name, location, True, name))
        if head.constant:
            check_activation(name, location)
        return head, argument

    def _table(self, node: Tree) -> Table | None:
        record = read_record(TableRecord, require_mapping(node, "each"), "'each'", self.report)
        if record is None:
            return None
        columns: Tree | None = record.columns
        names: dict[str, None] = {}
        for item in [] if columns is None else columns.items if type(columns) is List else [columns]:
            if type(item) is not Text or type(item.value) is not str or not item.value.isidentifier():
                raise LocatedError("NS203", f"a column is a name; found {describe(item)}", item.location)
            if item.value in names or item.value in ("index", "row", "incoming"):
                raise LocatedError("NS211", f"the column '{clip(item.value)}' has a name that is taken", item.location)
            names[item.value] = None
        return Table(tuple(names), type(columns) is Text, read_value(record.rows), node.location)
