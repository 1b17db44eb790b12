"""Layers as written. Problems in the text of a layer are found here, even if the layer is not used."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip
from ...ops import TABLE, find
from ...ops.layer_keys import LAYER_KEYS, REGION_KEYS
from ...text.yaml_reader import List, Map, Text, Tree
from .activations import read_activation
from .argument_checks import Arguments, check_arguments, check_exists, plugin_keys
from .each_rows import Table, read_table
from .records import GROUP, Report, describe, read_doc, require_mapping
from .references import (
    OutputDeclaration,
    Reference,
    References,
    check_layer_name,
    is_conditional,
    read_input_names,
    read_outputs,
    read_reference,
    read_references,
    read_sources,
)
from .written_values import NameTemplate, WrittenValue, read_value

if TYPE_CHECKING:
    from .given_weights import GivenWeight
    from .misplaced_layers import LayerProblems
    from .misread_layers import MisreadLayer
    from .region_keys import Carry


class Layers(NamedTuple):
    """A sequence of layers: with names from a mapping, or without names from a list."""

    items: tuple[Layer, ...]
    listed: bool
    location: int


class Layer:
    """One layer as written."""

    __slots__ = (
        "activation",
        "args",
        "carry",
        "doc",
        "dtype",
        "each",
        "first",
        "freeze",
        "head",
        "head_location",
        "inline",
        "inner",
        "inputs",
        "location",
        "map",
        "misread",
        "name",
        "outputs",
        "over",
        "parallel",
        "primary",
        "repeat",
        "route",
        "share",
        "source",
        "stacked",
        "states",
        "unused",
        "weights",
        "when",
    )

    def __init__(self, name: NameTemplate | None, location: int) -> None:
        self.name = name
        self.location = location
        self.head: WrittenValue | None = None
        """The name of its operation or block."""
        self.head_location = location
        self.primary: WrittenValue | None = None
        """The argument written after the name."""
        self.args: Arguments = {}
        """The other arguments."""
        self.inner: Layers | None = None
        """The layers of an inline block."""
        self.inline = False
        self.inputs: tuple[str, ...] | None = None
        """The names of its inputs, for an inline block."""
        self.outputs: tuple[OutputDeclaration, ...] | None = None
        self.source: References | None = None
        """The value of ``from``."""
        self.activation: tuple[WrittenValue, WrittenValue | None] | None = None
        """The name of the activation, and its argument."""
        self.when: WrittenValue | None = None
        self.repeat: WrittenValue | None = None
        self.first: Arguments | None = None
        self.each: Table | None = None
        self.parallel: WrittenValue | None = None
        self.carry: WrittenValue | None = None
        self.map: References | None = None
        """The tensors for which it runs, once each."""
        self.over: WrittenValue | None = None
        self.states: Carry | None = None
        self.route: References | None = None
        self.stacked: WrittenValue | None = None
        self.share: Reference | None = None
        self.freeze: WrittenValue | None = None
        self.weights: dict[str, GivenWeight[Layer]] | None = None
        """The sources of its weights, by their names."""
        self.unused: WrittenValue | None = None
        self.dtype: WrittenValue | None = None
        self.doc: str | None = None
        self.misread: MisreadLayer[Layer] | None = None
        """Set for a layer with a problem, of which only the name is known."""

    @property
    def has_rows(self) -> bool:
        """Whether it has ``each``."""
        return self.each is not None

    @property
    def head_text(self) -> str:
        """The name of its operation or block as written; ``layers`` for an inline block."""
        if self.head is not None and type(self.head.node) is Text:
            return clip(self.head.node.raw)
        return "layers"


class LayerReader:
    """Reads layers. Problems are reported; a layer with a problem keeps only its name and location.

    Args:
        blocks: the names of the available blocks.
        report: receives the problems.
        parameters: the names of the parameters that expressions may use.
        misread: receives the unreadable layers whose problems are listed.
        has_all_blocks: whether all blocks are known.
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
        """Reads the name of a layer; a malformed one is reported, without further consequences."""
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
        """Returns the layer; if there is a problem, one with only its name, to avoid consequential problems.

        Args:
            name: its name; None in a list.
            location: location of its name, or of the layer.
            node: the layer.
            around: the mapping or list that contains it.
            number: its position there.
        """
        layer, problems = self._read(name, location, node)
        if not problems:
            return layer
        from .misplaced_layers import LayerProblems  # loaded only where something is wrong
        from .misread_layers import MisreadLayer

        if self._problems is None:
            self._problems = LayerProblems(self.blocks, self.report, self.misread, self.parameters, self.has_all_blocks)
        stub = Layer(name, location)
        stub.misread = MisreadLayer(node, name is not None, self.blocks, partial(self._read, name, location))
        self._problems.report(problems, stub.misread, around, number)
        return stub

    def in_place(self, node: Tree, around: Map | List, number: int) -> Layer:
        """Read a layer that provides a weight, at a position in a mapping or list."""
        return self._layer_or_stub(None, node.location, node, around, number)

    def _read(self, name: NameTemplate | None, location: int, node: Tree) -> tuple[Layer, list[LocatedError]]:
        """Returns a layer and its problems."""
        layer = Layer(name, location)
        problems: list[LocatedError] = []
        try:
            self._layer(layer, node, problems.append)
        except LocatedError as error:
            problems.append(error)
        return layer, problems

    def _layer(self, layer: Layer, node: Tree, report: Report) -> None:
        """Read a layer. Problems are reported; the last one is raised if reading cannot continue."""
        if type(node) is Text:
            if type(node.value) is not str or not node.value:
                from .layer_errors import not_a_layer

                name = layer.name.text if layer.name is not None and not node.raw else None
                raise not_a_layer(name, node, node.location if node.raw else layer.location)
            layer.head, layer.head_location = self._head(node), node.location
            if node.value in TABLE and node.value not in self.blocks:
                check_arguments(node.value, None, {}, None, node.location, report)
        elif type(node) is List:
            if any(type(item) is Text and type(item.value) in (int, float) for item in node.items[:2]):
                from .layer_errors import arguments_in_a_list

                raise arguments_in_a_list(node)
            layer.inner = self.layers(node, "a layer")
        else:
            assert type(node) is Map
            self._read_mapping(layer, node, report)

    def _head(self, node: Text) -> WrittenValue:
        """Reads the name of an operation or block, and checks it unless it is an expression."""
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
            message = "'first' applies to the first copy of a 'repeat', which is missing"
            report(LocatedError("NS208", message, node.entries["first"][0]))
            layer.first = None
        if type(layer.carry.node if layer.carry is not None else None) is Map or REGION_KEYS & node.entries.keys():
            from .region_keys import check_region_keys  # few specs have them

            check_region_keys(layer, node, report)
        if layer.parallel is not None or layer.carry is not None or layer.map is not None:
            from .copy_keys import check_copy_keys  # loaded only for layers with these keys

            check_copy_keys(node, report)
        if "layers" in node.entries or "inline" in node.entries:
            self._read_group(layer, node, report)
        else:
            self._read_operation(layer, node, report)
        if layer.dtype is not None and (layer.head is None or layer.head.constant):
            from .element_types import check_constant_type  # few layers have one

            try:
                check_constant_type(layer.dtype)
            except LocatedError as error:
                report(error)

    def _read_operation(self, layer: Layer, node: Map, report: Report) -> None:
        """Read the name of the operation or block, and its arguments."""
        key = self._operation_key(node, layer.name is not None)
        location, value, _ = node.entries[key]
        layer.head_location = location
        layer.head = self._head(Text(key, location, True, key))
        has_arguments = type(value) is Map and not self._is_merged_name(key, value)
        arguments = list(value.entries.items()) if type(value) is Map and has_arguments else []
        if not has_arguments and not (type(value) is Text and value.value is None):
            layer.primary = read_value(value)
        arguments += [(k, entry) for k, entry in node.entries.items() if k != key and k not in LAYER_KEYS]
        if layer.dtype is not None and key in TABLE and key not in self.blocks and "dtype" in find(key).arguments:
            layer.dtype = None  # an argument of the operation itself
            arguments.append(("dtype", node.entries["dtype"]))
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

    def _is_merged_name(self, key: str, value: Map) -> bool:
        """Whether the value of a merge is one name with a condition, rather than its arguments."""
        is_merge = key in TABLE and key not in self.blocks and find(key).primary == "from"
        return is_merge and "when" in value.entries and is_conditional(value)

    def _operation_key(self, node: Map, named: bool) -> str:
        """Returns the key that names the operation: a block, otherwise a parameter, otherwise an operation."""
        keys = [k for k in node.entries if k not in LAYER_KEYS]
        blocks = [k for k in keys if k in self.blocks]
        if len(blocks) == 1:
            return blocks[0]
        parameters = [k for k in keys if k.startswith("$")]
        operations = [k for k in keys if k in TABLE] or ([] if blocks or parameters else plugin_keys(keys))
        for candidates in (blocks, parameters, operations, [k for k in keys if k[:1].isupper()]):
            if len(candidates) == 1:
                return candidates[0]
            if candidates:
                from .layer_errors import two_operations

                raise two_operations(candidates, node)
        if not keys:
            from .layer_errors import no_operation

            raise no_operation(node)
        from .misread_layers import without_operation  # loaded only where something is wrong

        raise without_operation(keys, node, named, self.blocks, brief=len(self.misread) >= limits.DIAGNOSTICS)

    def _read_group(self, layer: Layer, node: Map, report: Report) -> None:
        """Read an inline block, or layers that are spliced into the enclosing list."""
        layer.inline = "inline" in node.entries
        key = "inline" if layer.inline else "layers"
        known = (*LAYER_KEYS, "inline") if layer.inline else (*LAYER_KEYS, *(k for k in GROUP if k != "inline"))
        for other, (location, _, _) in node.entries.items():
            if other not in known:
                from .unknown_keys import key_help  # loaded only where something is wrong

                message = f"a layer with '{key}' has no key '{clip(other)}'"
                report(LocatedError("NS201", message, location, help=partial(key_help, other, known)))
        if "first" in node.entries:
            message = "'first' sets arguments, and layers in place have none"
            report(LocatedError("NS208", message, node.entries["first"][0]))
        layer.inner = self.layers(node.entries[key][1], key)
        if layer.inline and layer.inner.listed != (layer.name is None):
            around = ("mapping", "which have names") if layer.name is not None else ("list", "which take their numbers")
            message = f"'inline' in a {around[0]} takes a {around[0]} of layers, {around[1]} in it"
            raise LocatedError("NS207", message, node.entries[key][1].location)
        if "inputs" in node.entries:
            layer.inputs = read_input_names(node.entries["inputs"][1])
        layer.outputs = self.outputs(node.get("output"), node.get("outputs"))

    # -- wiring ------------------------------------------------------------------------------------------------------
    def _read_wiring(self, layer: Layer, key: str, node: Tree, report: Report) -> None:
        """Read the value of a key common to all layers."""
        if key == "from":
            layer.source = read_sources(node)
        elif key == "activation":
            layer.activation = read_activation(node)
        elif key in ("when", "repeat", "freeze", "parallel", "carry", "unused", "dtype"):
            setattr(layer, key, read_value(node))
        elif key == "first":
            entries = require_mapping(node, "first").entries
            layer.first = {name: (location, read_value(value)) for name, (location, value, _) in entries.items()}
        elif key == "each":
            layer.each = read_table(node, report)
        elif key in REGION_KEYS:
            from .region_keys import read_region_key  # few specs have one

            read_region_key(layer, key, node)
        elif key == "share":
            layer.share = read_reference(node)
        elif key == "map":
            layer.map = read_references(node)
        elif key == "weights":
            from .given_weights import read_weights  # loaded only where a spec has this key

            layer.weights = read_weights(node, self.in_place)
        else:
            layer.doc = read_doc(node)
