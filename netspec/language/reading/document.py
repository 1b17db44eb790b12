"""Documents: their header, parameters, inputs, blocks, layers, outputs and variants, each read once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ...diagnostics import LocatedError, clip, suggestion
from ...ops import TABLE
from ...text.yaml_reader import List, Map, Text, Tree
from .evaluation import ALL_OTHERS
from .layers import Layer, LayerReader, Layers
from .parameters import ParameterDeclaration, read_parameters
from .records import (
    BlockRecord,
    Header,
    InputRecord,
    Library,
    Report,
    check_name,
    describe,
    is_name,
    read_doc,
    read_record,
    require_mapping,
)
from .references import OutputDeclaration, read_input_names
from .written_values import WrittenValue, read_value

if TYPE_CHECKING:
    from .declared_operations import Operation
    from .defaults import Defaults
    from .dimensions import DimensionDeclaration
    from .misread_layers import MisreadLayer


class InputDeclaration(NamedTuple):
    """An input of the network."""

    name: str
    shape: WrittenValue | None
    """None if there is a problem with it."""
    dtype: str | None
    """Type of its elements; None for the floating-point type of the spec."""
    axes: tuple[str | None, ...] | None
    """Names of its axes; None if they follow from their number."""
    location: int


class Variant(NamedTuple):
    """A variant: named settings of the parameters."""

    name: str
    location: int
    settings: Mapping[str, tuple[int, Tree]]
    """Locations and values by the names of parameters."""
    expect: Tree | None
    doc: str | None


class Block:
    """A block: a named part of a network."""

    __slots__ = ("doc", "document", "inputs", "layers", "location", "name", "operation", "outputs", "params")

    def __init__(self, name: str, location: int, document: Document) -> None:
        self.name = name
        self.location = location
        self.document = document
        """The document in which it is written."""
        self.doc: str | None = None
        self.params: tuple[ParameterDeclaration, ...] = ()
        self.inputs: tuple[str, ...] = ("input",)
        self.layers: Layers | None = None
        """None if there is a problem with them, or with the parameters."""
        self.outputs: tuple[OutputDeclaration, ...] | None = None
        self.operation: Operation | None = None
        """The declaration of an operation, which has no layers."""


class Blocks(dict[str, Block]):
    """The available blocks, by name."""

    is_complete = True
    """Whether all files with blocks could be read; otherwise an unknown block may be in another file."""


class Document:
    """A spec as written, checked as far as possible without shapes."""

    __slots__ = (
        "blocks",
        "cite",
        "defaults",
        "dims",
        "doc",
        "dtype",
        "expect",
        "has_layout",
        "inputs",
        "layers",
        "layout",
        "location",
        "misread",
        "name",
        "outputs",
        "params",
        "requires",
        "use",
        "variants",
    )

    def __init__(self, name: str, location: int) -> None:
        self.name = name
        self.location = location
        self.requires: str | None = None
        self.doc: str | None = None
        self.cite: str | None = None
        self.layout = "channels_first"
        self.has_layout = False
        """Whether ``layout`` is given."""
        self.dtype: WrittenValue | None = None
        """The floating-point type of its weights; None for float32."""
        self.use: tuple[str, ...] = ()
        self.params: tuple[ParameterDeclaration, ...] = ()
        self.defaults: Defaults | None = None
        self.dims: tuple[DimensionDeclaration, ...] | None = ()
        """Its named dimensions; None if there is a problem with them."""
        self.inputs: tuple[InputDeclaration, ...] = ()
        self.blocks = Blocks()
        """Its own blocks, and those of the used files."""
        self.variants: dict[str, Variant] = {}
        self.layers: Layers | None = None
        """None if there is a problem with them."""
        self.outputs: tuple[OutputDeclaration, ...] | None = None
        self.expect: Tree | None = None
        self.misread: list[MisreadLayer[Layer]] = []
        """Unreadable layers, whose problems are listed."""


def read_document(tree: Tree | None, stem: str, report: Report, used: Blocks | None = None) -> Document | None:
    """Read a document.

    Args:
        tree: the tree of the file.
        stem: name of the file without its extension; the document has this name unless it gives another.
        report: is called with every problem.
        used: blocks of the files that the document uses.

    Returns:
        The document without the parts that have problems; None if it is not a document at all.
    """
    if tree is None:
        help = "`netspec new` writes a template"
        report(LocatedError("NS110", "the file is empty: a spec begins with 'netspec: 1'", help=help))
        return None
    if type(tree) is not Map:
        report(LocatedError("NS203", f"a spec must be a mapping; found {describe(tree)}", tree.location))
        return None
    header = read_record(Header, tree, "a spec", report)
    if header is None:
        return None
    document = Document(header.name or stem, tree.location)
    document.doc, document.cite, document.layout = header.doc, header.cite, header.layout
    document.has_layout = tree.get("layout") is not None
    document.use = header.use or ()
    document.requires, document.expect = header.requires, header.expect
    document.params = read_parameters(header.params, report)
    if header.dtype is not None:
        from .element_types import read_type  # few specs give one

        document.dtype = read_type(header.dtype, report)
    document.defaults = _read_defaults(header.defaults, report)
    if header.dims is not None:
        from .dimensions import read_dimensions  # loaded only for documents that name dimensions

        document.dims = read_dimensions(header.dims, report)
    _read_blocks(document, header.blocks, header.operations, used if used is not None else Blocks(), report)
    _read_default_weights(document, report)
    reader = _layer_reader(document, document.params, report)
    try:
        document.inputs = _read_inputs(header, tree, report)
    except LocatedError as error:
        report(error)
    if header.layers is None:
        report(LocatedError("NS202", "a spec needs the key 'layers'", tree.location))
    else:
        document.layers = reader.layers(header.layers, "layers")
    try:
        document.outputs = reader.outputs(header.output, header.outputs)
    except LocatedError as error:
        report(error)
    _read_variants(document, header.variants, report)
    return document


def read_library(tree: Tree | None, stem: str, report: Report, used: Blocks) -> Document | None:
    """Read a file used by another one: its parameters, defaults and blocks.

    The rest of it is checked only when the file itself is checked. Arguments and result are those of
    :func:`read_document`.
    """
    if type(tree) is not Map:
        report(LocatedError("NS203", "a file of blocks must be a mapping", tree.location if tree is not None else None))
        return None
    others = frozenset(Header.arguments) - set(Library.arguments)
    record = read_record(Library, tree, "a file of blocks", report, skip=others)
    if record is None:
        return None
    document = Document(stem, tree.location)
    document.params = read_parameters(record.params, report)
    document.defaults = _read_defaults(record.defaults, report)
    _read_blocks(document, record.blocks, record.operations, used, report)
    _read_default_weights(document, report)
    return document


def _layer_reader(document: Document, parameters: Iterable[ParameterDeclaration], report: Report) -> LayerReader:
    """Returns a reader for layers in a document, for which these parameters are visible."""
    blocks = document.blocks
    names = [parameter.name for parameter in parameters]
    rejected = document.defaults.rejected if document.defaults is not None else ()
    follows = {f"'{operation}' needs '{argument}'" for operation, argument in rejected}

    def report_layer(error: LocatedError) -> None:
        if error.code != "NS220" or error.message not in follows:
            report(error)

    return LayerReader(
        blocks, report_layer if follows else report, names, document.misread, has_all_blocks=blocks.is_complete
    )


def _read_defaults(node: Tree | None, report: Report) -> Defaults | None:
    if node is None:
        return None
    from .defaults import read_defaults  # loaded only for documents that have defaults

    return read_defaults(node, report)


def _read_default_weights(document: Document, report: Report) -> None:
    """Read the layers that provide weights under ``defaults``."""
    if document.defaults is not None and document.defaults.unparsed_weights:
        from .defaults import read_default_weights

        reader = _layer_reader(document, document.params, report)
        read_default_weights(document.defaults, reader.in_place, report)


# -- blocks ------------------------------------------------------------------------------------------------------------
def _read_blocks(document: Document, node: Tree | None, operations: Tree | None, used: Blocks, report: Report) -> None:
    """Read the blocks and declared operations of a document, which override those of used files."""
    document.blocks.update(used)
    if operations is not None:
        from .declared_operations import read_operations  # few documents declare any

        document.blocks.update(read_operations(operations, partial(Block, document=document), report))
    document.blocks.is_complete = used.is_complete
    if node is None:
        return
    try:
        entries = require_mapping(node, "blocks").entries
    except LocatedError as error:
        report(error)
        return
    contents: list[tuple[Block, Map]] = []
    for name, (location, inner, _) in entries.items():
        block = Block(name, location, document)
        try:
            contents.append((block, require_mapping(inner, f"the block '{clip(name)}'")))
            _check_block_name(name, location)
        except LocatedError as error:
            report(error)  # uses of the block are not reported
        if name not in TABLE:
            document.blocks[name] = block
    for block, content in contents:  # after all names are known, as blocks may use later ones
        _read_block(block, content, report)


def _check_block_name(name: str, location: int) -> None:
    if not name[:1].isupper() or not is_name(name):
        help = f"'{clip(name[:1].upper() + name[1:])}'" if is_name(name) else None
        message = f"a block's name begins with a capital letter; found '{clip(name)}'"
        raise LocatedError("NS216", message, location, help=help)
    check_name(name, location, "a block's name")


def _read_block(block: Block, node: Map, report: Report) -> None:
    record = read_record(BlockRecord, node, f"the block '{block.name}'", report)
    if record is None:
        return
    block.doc, block.params = record.doc, read_parameters(record.params, report)
    reader = _layer_reader(block.document, (*block.params, *block.document.params), report)
    if record.layers is None:
        report(LocatedError("NS202", f"the block '{block.name}' needs the key 'layers'", block.location))
    else:
        block.layers = reader.layers(record.layers, "layers")
    if any(parameter.failed for parameter in block.params):
        block.layers = None
    try:
        block.inputs = read_input_names(record.inputs) if record.inputs is not None else ("input",)
        block.outputs = reader.outputs(record.output, record.outputs)
    except LocatedError as error:
        report(error)


# -- inputs ------------------------------------------------------------------------------------------------------------
def _read_inputs(header: Header, tree: Map, report: Report) -> tuple[InputDeclaration, ...]:
    """Read ``input`` or ``inputs``. Problems with one of them are reported. Raises LocatedError."""
    single: Tree | None = header.input
    several: Tree | None = header.inputs
    if single is not None and several is not None:
        raise LocatedError("NS212", "'input' and 'inputs' mean the same: give one of them", several.location)
    if single is not None:
        return (_read_input("input", single.location, single, report),)
    if several is None:
        help = "input: [3, 224, 224] is channels, height, width; the batch axis is implied"
        raise LocatedError("NS202", "a spec needs the key 'input' (or 'inputs')", tree.location, help=help)
    entries = require_mapping(several, "inputs").entries
    if not entries:
        raise LocatedError("NS203", "inputs must name at least one input", several.location)
    inputs: list[InputDeclaration] = []
    for name, (location, inner, _) in entries.items():
        if not is_name(name):
            try:
                check_name(name, location, "an input's name")
                report(LocatedError("NS204", f"an input's name must not contain dots: '{clip(name)}'", location))
            except LocatedError as error:
                report(error)
        inputs.append(_read_input(name, location, inner, report))
    return tuple(inputs)


def _read_input(name: str, location: int, node: Tree, report: Report) -> InputDeclaration:
    dtype, axes = None, None
    if type(node) is Map:
        record = read_record(InputRecord, node, f"the input '{name}'", report)
        if record is None:
            return InputDeclaration(name, None, dtype, axes, location)
        node, dtype, axes = record.shape, record.dtype, record.axes
    try:
        if type(node) is not List and not (type(node) is Text and "$" in node.raw):
            message = f"the shape of '{name}' must be a list of sizes; found {describe(node)}"
            raise LocatedError("NS203", message, node.location, help=partial(_shape_help, node))
        return InputDeclaration(name, read_value(node), dtype, axes, location)
    except LocatedError as error:
        report(error)
        return InputDeclaration(name, None, dtype, axes, location)


def _shape_help(node: Tree) -> str | None:
    from ...words.help_texts import shape_help  # loaded only where something is wrong

    return shape_help(node.raw) if type(node) is Text else None


# -- variants ----------------------------------------------------------------------------------------------------------
def _read_variants(document: Document, node: Tree | None, report: Report) -> None:
    if node is None:
        return
    try:
        entries = require_mapping(node, "variants").entries
    except LocatedError as error:
        report(error)
        return
    known = {p.name: p for p in document.params}
    for name, (location, inner, _) in entries.items():
        try:
            check_name(name, location, "a variant's name")
            if name == "all":
                raise LocatedError("NS217", "a variant cannot be named 'all': @all selects all variants", location)
            content = require_mapping(inner, f"the variant '{name}'")
        except LocatedError as error:
            report(error)
            continue
        document.variants[name] = _read_variant(name, location, content, known, report)


def _read_variant(name: str, location: int, node: Map, known: Collection[str], report: Report) -> Variant:
    settings = {key: (at, value) for key, (at, value, _) in node.entries.items()}
    _, expect = settings.pop("expect", (0, None))
    _, doc = settings.pop("doc", (0, None))
    for key, (at, _) in list(settings.items()):
        if key not in known and ALL_OTHERS not in known:
            report(LocatedError("NS218", f"there is no parameter '{clip(key)}'", at, help=suggestion(key, known)))
            del settings[key]
    for _, value in settings.values():
        try:
            read_value(value)
        except LocatedError as error:
            report(error)
    try:
        text = read_doc(doc) if doc is not None else None
    except LocatedError as error:
        report(error)
        text = None
    return Variant(name, location, settings, expect, text)
