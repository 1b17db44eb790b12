"""Layers as they are written. Problems in the text of a layer are found here, whether the layer is used or not."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip
from ...ops import TABLE
from ...ops.layer_keys import LAYER_KEYS
from ...text.reader import List, Map, Text, Tree
from .argument_checks import Arguments, check_activation, check_argument, check_arguments, check_exists
from .records import GROUP, Report, TableRecord, describe, read_doc, read_record, require_mapping
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

if TYPE_CHECKING:
    from .misplaced import LayerProblems
    from .misread import MisreadLayer


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
        "misread",
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
        self.misread: MisreadLayer[Layer] | None = None
        """What is known of a layer that has a problem, which has nothing else but its name."""

    @property
    def head_text(self) -> str:
        """The name of its operation or block as it is written; ``layers`` for a block in place."""
        if self.head is not None and type(self.head.node) is Text:
            return clip(self.head.node.raw)
        return "layers"


class LayerReader:
    """Reads layers. Problems are reported; a layer that has one keeps only its name and location.

    Args:
        blocks: the names of the blocks that may be used.
        report: receives the problems.
        parameters: the names of the parameters that expressions may use.
        misread: receives the layers that cannot be read, as far as their problems are listed.
        has_all_blocks: whether there is no other block.
    """

    def __init__(
        self,
        blocks: Collection[str],
        report: Report,
        parameters: Collection[str] = (),
        misread: list[MisreadLayer[Layer]] | None = None,
        *,
        has_all_blocks: bool = True,
    ) -> None:
        self.blocks = blocks
        self.report = report
        self.parameters = parameters
        self.has_all_blocks = has_all_blocks
        self.misread = misread if misread is not None else []
        self._problems: LayerProblems[Layer] | None = None

    def layers(self, node: Tree, what: str) -> Layers:
        """Read a mapping or list of layers; ``what`` names it in a message."""
        if type(node) is Map:
            named = [
                self._layer_or_stub(self._layer_name(key, location), location, inner, node, number)
                for number, (key, (location, inner, _)) in enumerate(node.entries.items())
            ]
            return Layers(tuple(named), False, node.location)
        if type(node) is List:
            listed = [
                self._layer_or_stub(None, inner.location, inner, node, number)
                for number, inner in enumerate(node.items)
            ]
            return Layers(tuple(listed), True, node.location)
        message = f"{what} must be a mapping or list of layers; found {describe(node)}"
        self.report(LocatedError("NS203", message, node.location))
        return Layers((), True, node.location)

    def outputs(self, single: Tree | None, several: Tree | None) -> tuple[OutputDeclaration, ...] | None:
        """Read ``output`` or ``outputs``. Raises LocatedError."""
        return read_outputs(single, several, self.report)

    def _layer_name(self, key: str, location: int) -> NameTemplate:
        """The name of a layer. Of one that is malformed, which is reported, nothing follows."""
        try:
            if "$(" not in key:
                check_layer_name(key, location)
            return NameTemplate(key, location)
        except LocatedError as error:
            self.report(error)
            return NameTemplate(key.replace("$(", "("), location)

    def _layer_or_stub(
        self, name: NameTemplate | None, location: int, node: Tree, around: Map | List, number: int
    ) -> Layer:
        """The layer; if there is a problem, one that has only its name, so that nothing follows from the problem.

        Args:
            name: its name; None in a list.
            location: of its name, or of the layer.
            node: the layer.
            around: the mapping or list that contains it.
            number: its position there.
        """
        layer, problems = self._read(name, location, node)
        if not problems:
            return layer
        from .misplaced import LayerProblems  # loaded only where something is wrong
        from .misread import MisreadLayer

        if self._problems is None:
            self._problems = LayerProblems(self.blocks, self.report, self.misread, self.parameters, self.has_all_blocks)
        stub = Layer(name, location)
        stub.misread = MisreadLayer(node, name is not None, self.blocks, partial(self._read, name, location))
        self._problems.report(problems, stub.misread, around, number)
        return stub

    def _read(self, name: NameTemplate | None, location: int, node: Tree) -> tuple[Layer, list[LocatedError]]:
        """A layer and its problems."""
        layer = Layer(name, location)
        problems: list[LocatedError] = []
        try:
            self._layer(layer, node, problems.append)
        except LocatedError as error:
            problems.append(error)
        return layer, problems

    def _layer(self, layer: Layer, node: Tree, report: Report) -> None:
        """Read a layer. Problems are reported, and the last one is raised if nothing can be read after it."""
        if type(node) is Text:
            if type(node.value) is not str or not node.value:
                message = f"a layer is an operation, a block or a list of layers; found {describe(node)}"
                at = node.location if node.raw else layer.location
                raise LocatedError("NS205", message, at, help="`identity` passes its input on")
            layer.head, layer.head_location = self._head(node), node.location
        elif type(node) is List:
            layer.inner = self.layers(node, "a layer")
        else:
            assert type(node) is Map
            self._read_mapping(layer, node, report)

    def _head(self, node: Text) -> Value:
        """The name of an operation or block, checked unless it is an expression."""
        head = read_value(node)
        if head.constant:
            check_exists(str(node.value), self.blocks, node.location)
        return head

    # -- mappings ----------------------------------------------------------------------------------------------------
    def _read_mapping(self, layer: Layer, node: Map, report: Report) -> None:
        for key in LAYER_KEYS:
            if key in node.entries:
                try:
                    self._read_wiring(layer, key, node.entries[key][1], report)
                except LocatedError as error:
                    report(error)
        if layer.first is not None and "repeat" not in node.entries:
            message = "'first' holds for the first copy of a 'repeat', and there is none"
            report(LocatedError("NS208", message, node.entries["first"][0]))
            layer.first = None
        if "layers" in node.entries or "inline" in node.entries:
            self._read_group(layer, node, report)
        else:
            self._read_operation(layer, node, report)

    def _read_operation(self, layer: Layer, node: Map, report: Report) -> None:
        """Read the name of the operation or block, and its arguments."""
        key = self._operation_key(node, layer.name is not None)
        location, value, _ = node.entries[key]
        layer.head_location = location
        layer.head = self._head(Text(key, location, True, key))
        arguments = list(value.entries.items()) if type(value) is Map else []
        if type(value) is not Map and not (type(value) is Text and value.value is None):
            layer.primary = read_value(value)
        arguments += [(k, entry) for k, entry in node.entries.items() if k != key and k not in LAYER_KEYS]
        for name, (at, argument, _) in arguments:
            if name in layer.args:
                report(LocatedError("NS211", f"'{clip(name)}' is given twice", at))
                continue
            try:
                layer.args[name] = (at, read_value(argument))
            except LocatedError as error:
                report(error)
        if key in TABLE and key not in self.blocks:
            check_arguments(key, layer.primary, layer.args, layer.first, location, report, self.parameters)

    def _operation_key(self, node: Map, named: bool) -> str:
        """The key that names the operation: a block, otherwise a parameter, otherwise an operation."""
        keys = [k for k in node.entries if k not in LAYER_KEYS]
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
            from .help import no_operation

            raise no_operation(node)
        from .misread import without_operation  # loaded only where something is wrong

        raise without_operation(keys, node, named, self.blocks, brief=len(self.misread) >= limits.DIAGNOSTICS)

    def _read_group(self, layer: Layer, node: Map, report: Report) -> None:
        """Read a block in place, or layers that take their places in the list around them."""
        layer.inline = "inline" in node.entries
        if layer.inline and layer.name is not None:
            message = "'inline' is for lists only: a mapping names its layers"
            location = node.entries["inline"][0]
            raise LocatedError("NS207", message, location, help="write 'layers' for a block in place")
        key = "inline" if layer.inline else "layers"
        known = (*LAYER_KEYS, "inline") if layer.inline else (*LAYER_KEYS, *(k for k in GROUP if k != "inline"))
        for other, (location, _, _) in node.entries.items():
            if other not in known:
                from .unknown_keys import key_help  # loaded only where something is wrong

                message = f"a layer with '{key}' has no key '{clip(other)}'"
                report(LocatedError("NS201", message, location, help=partial(key_help, other, known)))
        if "first" in node.entries:
            message = "'first' gives arguments, and layers in place take none"
            report(LocatedError("NS208", message, node.entries["first"][0]))
        layer.inner = self.layers(node.entries[key][1], key)
        if layer.inline and not layer.inner.listed:
            message = "'inline' takes a list of layers: they take their numbers in the list around it"
            raise LocatedError("NS207", message, node.entries[key][1].location)
        if "inputs" in node.entries:
            layer.inputs = read_input_names(node.entries["inputs"][1])
        layer.outputs = self.outputs(node.get("output"), node.get("outputs"))

    # -- wiring ------------------------------------------------------------------------------------------------------
    def _read_wiring(self, layer: Layer, key: str, node: Tree, report: Report) -> None:
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
            layer.each = self._table(node, report)
        elif key == "share":
            layer.share = read_reference(node)
        elif key == "freeze":
            layer.freeze = read_value(node)
        else:
            layer.doc = read_doc(node)

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
            if argument is not None and type(argument.node) is Map:
                for key, (at, _, _) in argument.node.entries.items():
                    check_argument(name, key, at)
        return head, argument

    def _table(self, node: Tree, report: Report) -> Table | None:
        record = read_record(TableRecord, require_mapping(node, "each"), "'each'", report)
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
