"""A document: its header, parameters, inputs, blocks, layers and outputs, each read once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ...diagnostics import LocatedError, clip, did_you_mean
from ...text.reader import List, Map, Text, Tree
from .layers import Layers, OutputForm, Reader
from .parameters import ParameterDeclaration, read_parameters
from .records import (
    BlockRecord,
    Header,
    InputRecord,
    Library,
    Report,
    found,
    mapping,
    name_of,
    validated,
    well_formed,
)
from .values import Value, value

if TYPE_CHECKING:
    from .defaults import Defaults


class InputForm(NamedTuple):
    """An input of the network."""

    name: str
    shape: Value
    dtype: str
    location: int


class Variant(NamedTuple):
    """Named settings of the parameters."""

    name: str
    location: int
    settings: Mapping[str, tuple[int, Tree]]
    expect: Tree | None
    doc: str | None


class Block:
    """A named piece of network, with the document it is written in."""

    __slots__ = ("doc", "document", "inputs", "layers", "location", "name", "outputs", "params")

    def __init__(self, name: str, location: int) -> None:
        self.name = name
        self.location = location
        self.doc: str | None = None
        self.params: tuple[ParameterDeclaration, ...] = ()
        self.inputs: tuple[str, ...] = ("input",)
        self.layers: Layers | None = None
        self.outputs: tuple[OutputForm, ...] | None = None
        self.document: Document | None = None


class Document:
    """A spec as it is written, checked as far as it can be without shapes."""

    __slots__ = (
        "blocks", "cite", "defaults", "doc", "expect", "inputs", "layers", "layout", "location", "name", "outputs",
        "params", "requires", "use", "variants",
    )

    def __init__(self, name: str, location: int) -> None:
        self.name = name
        self.location = location
        self.requires: str | None = None
        self.doc: str | None = None
        self.cite: str | None = None
        self.layout = "channels_first"
        self.use: tuple[str, ...] = ()
        self.params: tuple[ParameterDeclaration, ...] = ()
        self.defaults: Defaults | None = None
        self.inputs: tuple[InputForm, ...] = ()
        self.blocks: dict[str, Block] = {}
        self.variants: dict[str, Variant] = {}
        self.layers: Layers | None = None
        self.outputs: tuple[OutputForm, ...] | None = None
        self.expect: Tree | None = None


def document(tree: Tree | None, stem: str, report: Report, used: Mapping[str, Block] | None = None) -> Document | None:
    """Read a document whose file's name is ``stem``; ``used`` are the blocks of the files it uses.

    Faults are reported; None where there is no document at all.
    """
    if tree is None:
        report(LocatedError("NS110", "the file is empty: a spec begins with 'netspec: 1'", 0,
                     help="`netspec new` writes a start"))
        return None
    if type(tree) is not Map:
        report(LocatedError("NS203", f"a spec must be a mapping; found {found(tree)}", tree.location))
        return None
    header = validated(Header, tree, "a spec", report)
    if header is None:
        return None
    doc = Document(header.name or stem, tree.location)
    doc.doc, doc.cite, doc.layout, doc.use = header.doc, header.cite, header.layout, header.use or ()
    doc.requires, doc.expect = header.requires, header.expect
    doc.params = read_parameters(header.params, report)
    doc.defaults = _defaults(header.defaults, report)
    blocks(doc, header.blocks, dict(used or {}), report)
    reader = Reader(doc.blocks, report)
    try:
        doc.inputs = _inputs(header, tree)
    except LocatedError as fault:
        report(fault)
    if header.layers is None:
        report(LocatedError("NS202", "a spec needs the key 'layers'", tree.location))
    else:
        doc.layers = reader.layers(header.layers, "layers")
    try:
        doc.outputs = reader.outputs(header.output, header.outputs)
    except LocatedError as fault:
        report(fault)
    _variants(doc, header.variants, report)
    return doc


def library(tree: Tree | None, stem: str, report: Report, used: Mapping[str, Block]) -> Document | None:
    """Read a file under ``use``: its parameters and blocks. What else is in it is checked when it is checked itself."""
    if type(tree) is not Map:
        report(LocatedError("NS203", "a file of blocks must be a mapping", tree.location if tree is not None else 0))
        return None
    others = frozenset(Header.arguments) - set(Library.arguments)
    record = validated(Library, tree, "a file of blocks", report, skip=others)
    if record is None:
        return None
    doc = Document(stem, tree.location)
    doc.params = read_parameters(record.params, report)
    doc.defaults = _defaults(record.defaults, report)
    blocks(doc, record.blocks, dict(used), report)
    return doc


def _defaults(node: Tree | None, report: Report) -> "Defaults | None":
    """The defaults of a document, whose reader is loaded where there are some."""
    if node is None:
        return None
    from .defaults import defaults

    return defaults(node, report)


def blocks(doc: Document, node: Tree | None, used: dict[str, Block], report: Report) -> None:
    """Read the blocks of a document; those of used files may be named like operations: by their names."""
    doc.blocks = used
    if node is None:
        return
    try:
        entries = mapping(node, "blocks").entries
    except LocatedError as fault:
        report(fault)
        return
    own: dict[str, tuple[Block, Tree]] = {}
    for name, (location, inner, _) in entries.items():
        try:
            if not name[:1].isupper() or not well_formed(name):
                raise LocatedError(
                    "NS216",
                    f"a block's name begins with a capital letter; found '{clip(name)}'",
                    location,
                    help=f"'{clip(name[:1].upper() + name[1:])}'" if well_formed(name) else None,
                )
            name_of(name, location, "a block's name")
            mapping(inner, f"the block '{name}'")
        except LocatedError as fault:
            report(fault)
            continue
        block = Block(name, location)
        block.document = doc
        own[name] = (block, inner)
        doc.blocks[name] = block
    for block, inner in own.values():
        _block(doc, block, inner, report)


def _block(doc: Document, block: Block, node: Tree, report: Report) -> None:
    record = validated(BlockRecord, mapping(node, "a block"), f"the block '{block.name}'", report)
    if record is None:
        return
    reader = Reader(doc.blocks, report)
    block.doc, block.params = record.doc, read_parameters(record.params, report)
    block.inputs = record.inputs or ("input",)
    if record.layers is None:
        report(LocatedError("NS202", f"the block '{block.name}' needs the key 'layers'", block.location))
    else:
        block.layers = reader.layers(record.layers, "layers")
    try:
        block.outputs = reader.outputs(record.output, record.outputs)
    except LocatedError as fault:
        report(fault)


def _inputs(header: Header, tree: Map) -> tuple[InputForm, ...]:
    one: Tree | None = header.input
    many: Tree | None = header.inputs
    if one is not None and many is not None:
        raise LocatedError("NS212", "'input' and 'inputs' say the same: give one", many.location)
    if one is not None:
        return (_input("input", one.location, one),)
    if many is None:
        raise LocatedError("NS202", "a spec needs the key 'input' (or 'inputs')", tree.location,
                    help="input: [3, 224, 224] is channels, height, width; the batch axis is implied")
    entries = mapping(many, "inputs").entries
    if not entries:
        raise LocatedError("NS203", "inputs must name at least one input", many.location)
    out: list[InputForm] = []
    for name, (location, inner, _) in entries.items():
        if not well_formed(name):
            name_of(name, location, "an input's name")
            raise LocatedError("NS204", f"an input's name has no dots: '{clip(name)}'", location)
        out.append(_input(name, location, inner))
    return tuple(out)


def _input(name: str, location: int, node: Tree) -> InputForm:
    dtype = "float32"
    if type(node) is Map:
        problems: list[LocatedError] = []
        record = validated(InputRecord, node, f"the input '{name}'", problems.append)
        if problems:
            raise problems[0]
        assert record is not None
        node, dtype = record.shape, record.dtype
    if type(node) is not List and not (type(node) is Text and "$" in node.raw):
        raise LocatedError(
            "NS203", f"the shape of '{name}' must be a list of sizes; found {found(node)}", node.location
        )
    return InputForm(name, value(node), dtype, location)


def _variants(doc: Document, node: Tree | None, report: Report) -> None:
    if node is None:
        return
    try:
        entries = mapping(node, "variants").entries
    except LocatedError as fault:
        report(fault)
        return
    known = {p.name for p in doc.params}
    for name, (location, inner, _) in entries.items():
        try:
            name_of(name, location, "a variant's name")
            if name == "all":
                raise LocatedError("NS217", "no variant is called 'all': @all is every one", location)
            settings = {k: (p, n) for k, (p, n, _) in mapping(inner, f"the variant '{name}'").entries.items()}
        except LocatedError as fault:
            report(fault)
            continue
        expect = settings.pop("expect", (0, None))[1]
        remark = settings.pop("doc", (0, None))[1]
        for key in list(settings):
            if key not in known:
                report(LocatedError("NS218", f"there is no parameter '{clip(key)}'", settings[key][0],
                             help=did_you_mean(key, known)))
                del settings[key]
        for _, setting in settings.values():
            try:
                value(setting)
            except LocatedError as fault:
                report(fault)
        doc.variants[name] = Variant(name, location, settings, expect,
                                     remark.raw if type(remark) is Text else None)
