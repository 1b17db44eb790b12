"""The forms that layers take, each read once: what is wrong with the text of a layer is found here, used or not."""

from collections.abc import Collection
from typing import NamedTuple

from ...diagnostics import LocatedError, clip, did_you_mean, nearest
from ...ops import TABLE, find
from ...ops.argument import as_list
from ...text.reader import List, Map, Text, Tree
from .records import Report, TableRecord, found, mapping, name_of, plain, validated, well_formed
from .values import Named, Value, value

WIRING = ("from", "activation", "when", "repeat", "first", "each", "share", "freeze", "doc")
"""Keys that any layer may have."""
GROUP = ("layers", "inline", "inputs", "output", "outputs")
"""Keys of a block in place."""


class Rows(NamedTuple):
    """The value of ``each``."""

    columns: tuple[str, ...]
    alone: bool
    """Whether one column was named without a list: rows are then cells."""
    rows: Value
    location: int


class References(NamedTuple):
    """Names of layers: one or several."""

    names: tuple[Named, ...]
    listed: bool
    location: int


class OutputForm(NamedTuple):
    """One output: its public name (None for a list's), the layer, and when it is one."""

    name: str | None
    source: Named
    when: Value | None
    location: int


class Layers(NamedTuple):
    """Layers in a mapping (names) or a list (no names), in order."""

    items: "tuple[Layer, ...]"
    listed: bool
    location: int


class Layer:
    """One layer as it is written."""

    __slots__ = (
        "activation", "args", "doc", "each", "first", "freeze", "head", "head_location", "inline", "inner", "inputs",
        "location", "name", "outputs", "primary", "repeat", "share", "source", "when",
    )

    def __init__(self, name: Named | None, location: int) -> None:
        self.name = name
        self.location = location
        self.head: Value | None = None
        """What names the operation or block."""
        self.head_location = location
        self.primary: Value | None = None
        self.args: dict[str, tuple[int, Value]] = {}
        self.inner: Layers | None = None
        """Layers of a block in place."""
        self.inline = False
        self.inputs: tuple[str, ...] | None = None
        self.outputs: tuple[OutputForm, ...] | None = None
        self.source: References | None = None
        self.activation: tuple[Value, Value | None] | None = None
        """What names the activation, and its argument."""
        self.when: Value | None = None
        self.repeat: Value | None = None
        self.first: dict[str, tuple[int, Value]] | None = None
        self.each: Rows | None = None
        self.share: Named | None = None
        self.freeze: Value | None = None
        self.doc: str | None = None

    @property
    def what(self) -> str:
        """What it is, for a trace."""
        if self.head is not None and type(self.head.node) is Text:
            return clip(self.head.node.raw)
        return "layers"


class Reader:
    """Reads layers; faults are reported and the layer that has one is left out."""

    def __init__(self, blocks: Collection[str], report: Report) -> None:
        self.blocks = blocks
        self.report = report

    def layers(self, node: Tree, what: str) -> Layers:
        """A mapping or list of layers."""
        if type(node) is Map:
            items = [self._named(key, location, inner) for key, (location, inner, _) in node.entries.items()]
            return Layers(tuple(items), False, node.location)
        if type(node) is List:
            items = [self._guarded(None, inner.location, inner) for inner in node.items]
            return Layers(tuple(items), True, node.location)
        self.report(
            LocatedError("NS203", f"{what} must be a mapping or list of layers; found {found(node)}", node.location)
        )
        return Layers((), True, node.location)

    def _named(self, key: str, location: int, node: Tree) -> Layer:
        try:
            if "$(" in key:
                name = Named(key, location)
            else:
                layer_name(key, location)
                name = Named(key, location)
        except LocatedError as fault:
            self.report(fault)
            return Layer(Named("_", location), location)
        return self._guarded(name, location, node)

    def _guarded(self, name: Named | None, location: int, node: Tree) -> Layer:
        try:
            return self._layer(name, location, node)
        except LocatedError as fault:
            self.report(fault)
            return Layer(name, location)  # it keeps its place and name, so that nothing else is reported for it

    def _layer(self, name: Named | None, location: int, node: Tree) -> Layer:
        layer = Layer(name, location)
        if type(node) is Text:
            if type(node.value) is not str or not node.value:
                message = f"a layer is an operation, a block or a list of layers; found {found(node)}"
                raise LocatedError("NS205", message, node.location if node.raw else location,
                                   help="`identity` passes its input on")
            layer.head, layer.head_location = self.head(node), node.location
            return layer
        if type(node) is List:
            layer.inner = self.layers(node, "a layer")
            return layer
        assert type(node) is Map
        self._keys(layer, node)
        return layer

    def head(self, node: Text) -> Value:
        """What names an operation or a block: checked at once where it is no expression."""
        got = value(node)
        if got.constant:
            exists(str(node.value), self.blocks, node.location)
        return got

    def _keys(self, layer: Layer, node: Map) -> None:
        entries = node.entries
        group = "layers" in entries or "inline" in entries
        for key in WIRING:
            if key in entries:
                self._wiring(layer, key, *entries[key][:2])
        if layer.first is not None and layer.repeat is None:
            raise LocatedError("NS208", "'first' holds for the first copy of a 'repeat', and there is none",
                        entries["first"][0])
        if group:
            self._group(layer, node)
            return
        key = self._operation(layer, node)
        location, inner, _ = entries[key]
        layer.head_location = location
        layer.head = self.head(Text(key, location, True, key))
        if type(inner) is Map:  # a mapping of all arguments
            given = list(inner.entries.items())
        else:
            given = []
            if not (type(inner) is Text and inner.value is None):
                layer.primary = value(inner)
        given += [(k, e) for k, e in entries.items() if k != key and k not in WIRING]
        for argument, (at, tree, _) in given:
            if argument in layer.args:
                raise LocatedError("NS211", f"'{clip(argument)}' is given twice", at)
            layer.args[argument] = (at, value(tree))
        if key in TABLE and key not in self.blocks:
            check_arguments(layer, key)

    def _group(self, layer: Layer, node: Map) -> None:
        layer.inline = "inline" in node.entries
        if layer.inline and layer.name is not None:
            raise LocatedError("NS207", "'inline' stands in a list only: a mapping names its layers",
                        node.entries["inline"][0], help="write 'layers' for a block in place")
        key = "inline" if layer.inline else "layers"
        known = (*WIRING, "inline") if layer.inline else (*WIRING, *(g for g in GROUP if g != "inline"))
        for other, (location, _, _) in node.entries.items():
            if other not in known:
                raise LocatedError("NS201", f"a layer with '{key}' has no key '{clip(other)}'", location,
                            help=did_you_mean(other, known) or f"its keys are {', '.join(known)}")
        if "first" in node.entries:
            raise LocatedError(
                "NS208", "'first' gives arguments, and layers in place take none", node.entries["first"][0]
            )
        layer.inner = self.layers(node.entries[key][1], key)
        if layer.inline and not layer.inner.listed:
            message = "'inline' takes a list of layers: they take their numbers in the list around it"
            raise LocatedError("NS207", message, node.entries[key][1].location)
        if "inputs" in node.entries:
            location, inner, _ = node.entries["inputs"]
            layer.inputs = input_names(inner)
        layer.outputs = self.outputs(node.get("output"), node.get("outputs"))

    def _operation(self, layer: Layer, node: Map) -> str:
        """The key that names the operation: a block, a parameter, or else the one that is an operation's name."""
        keys = [k for k in node.entries if k not in WIRING]
        blocks = [k for k in keys if k in self.blocks]
        if len(blocks) == 1:
            return blocks[0]
        for chosen in (blocks, [k for k in keys if k.startswith("$")], [k for k in keys if k in TABLE],
                       [k for k in keys if k[:1].isupper()]):
            if len(chosen) == 1:
                return chosen[0]
            if chosen:
                message = f"a layer is one operation; found '{clip(chosen[0])}' and '{clip(chosen[1])}'"
                raise LocatedError("NS209", message, node.entries[chosen[1]][0])
        if not keys:
            raise LocatedError("NS210", "a layer names an operation or a block", node.location)
        likely = next((k for k in keys if nearest(k, [*TABLE, *self.blocks])), keys[0])
        exists(likely, self.blocks, node.entries[likely][0])
        raise AssertionError("a key that exists is chosen above")

    def _wiring(self, layer: Layer, key: str, location: int, node: Tree) -> None:
        if key == "from":
            layer.source = references(node)
        elif key == "activation":
            layer.activation = self._activation(node)
        elif key == "when":
            layer.when = value(node)
        elif key == "repeat":
            layer.repeat = value(node)
        elif key == "first":
            layer.first = {k: (p, value(n)) for k, (p, n, _) in mapping(node, "first").entries.items()}
        elif key == "each":
            layer.each = self._rows(node)
        elif key == "share":
            layer.share = reference(node)
        elif key == "freeze":
            layer.freeze = value(node)
        else:
            layer.doc = str(node.raw) if type(node) is Text else None
            if layer.doc is None:
                raise LocatedError("NS203", f"doc must be text; found {found(node)}", node.location)

    def _activation(self, node: Tree) -> tuple[Value, Value | None]:
        argument: Value | None = None
        if type(node) is Map and len(node.entries) == 1:
            name, (location, inner, _) = next(iter(node.entries.items()))
            argument = value(inner)
        elif type(node) is Text and type(node.value) is str:
            name, location = node.value, node.location
        else:
            raise LocatedError("NS203", f"activation must be an activation, or {{name: argument}}; found {found(node)}",
                        node.location)
        head = value(Text(name, location, True, name))
        if head.constant:
            is_activation(name, location)
        return head, argument

    def _rows(self, node: Tree) -> Rows | None:
        record = validated(TableRecord, mapping(node, "each"), "'each'", self.report)
        if record is None:
            return None
        columns: Tree | None = record.columns
        names: list[str] = []
        alone = type(columns) is Text
        for item in [] if columns is None else columns.items if type(columns) is List else [columns]:
            if type(item) is not Text or type(item.value) is not str or not item.value.isidentifier():
                raise LocatedError("NS203", f"a column is a name; found {found(item)}", item.location)
            if item.value in names or item.value in ("index", "row", "incoming"):
                raise LocatedError("NS211", f"the column '{clip(item.value)}' has a name that is taken", item.location)
            names.append(item.value)
        return Rows(tuple(names), alone, value(record.rows), node.location)

    def outputs(self, one: Tree | None, many: Tree | None) -> tuple[OutputForm, ...] | None:
        """``output`` or ``outputs``: a name, a list, or a mapping of public names."""
        node = one if one is not None else many
        if node is None:
            return None
        if one is not None and many is not None:
            self.report(LocatedError("NS212", "'output' and 'outputs' say the same: give one", many.location))
        if type(node) is Map:
            out: list[OutputForm] = []
            for name, (location, inner, _) in node.entries.items():
                name_of(name, location, "an output's name")
                when: Value | None = None
                if type(inner) is Map:
                    source_node = inner.get("from")
                    if source_node is None or set(inner.entries) - {"from", "when"}:
                        raise LocatedError("NS203", "an output is a layer's name, or {from: layer, when: condition}",
                                    inner.location)
                    condition = inner.get("when")
                    when = value(condition) if condition is not None else None
                else:
                    source_node = inner
                out.append(OutputForm(name, reference(source_node), when, location))
            return tuple(out)
        listed = references(node)
        return tuple(OutputForm(None, n, None, n.location) for n in listed.names)


def exists(name: str, blocks: Collection[str], location: int) -> None:
    """Raises LocatedError NS206 for a name that is neither operation nor block."""
    if name in TABLE or name in blocks:
        return
    kind = "block" if name[:1].isupper() else "operation"
    known = list(blocks) if kind == "block" else list(TABLE)
    raise LocatedError("NS206", f"there is no {kind} '{clip(name)}'", location,
                help=did_you_mean(name, known) or did_you_mean(name, [*TABLE, *blocks])
                or "`netspec ops` lists the operations")


def layer_name(text: str, location: int) -> str:
    """A layer's name, which may have dots between names. Raises LocatedError."""
    for part in text.split("."):
        name_of(part or text, location, "a layer's name")
    return text


def argument_names(op: str) -> list[str]:
    """The arguments of an operation, ``from`` where layers are its primary one."""
    return list(find(op).arguments)


def check_argument(op: str, argument: str, location: int) -> None:
    """Raises LocatedError NS213 for an argument that an operation does not have."""
    known = argument_names(op)
    if argument not in known and not (argument == "from" and find(op).primary == "from"):
        raise LocatedError("NS213", f"'{op}' has no argument '{clip(argument)}'", location,
                    help=did_you_mean(argument, [*known, *WIRING])
                    or (f"its arguments are {', '.join(known)}" if known else "it takes none"))


def check_arguments(layer: Layer, op: str) -> None:
    """Raises LocatedError for arguments that an operation does not have, lacks, or whose constants do not fit."""
    cls = find(op)
    given = dict(layer.args)
    if layer.primary is not None:
        if cls.primary is None:
            message = f"'{op}' takes no argument; found {found(layer.primary.node)}"
            raise LocatedError("NS213", message, layer.primary.location)
        if cls.primary in given:
            raise LocatedError("NS211", f"'{cls.primary}' is given twice", given[cls.primary][0])
        given[cls.primary] = (layer.primary.location, layer.primary)
    for argument, (at, v) in [*given.items(), *(layer.first or {}).items()]:
        check_argument(op, argument, at)
        check_constant(op, argument, v)
    for argument, declared in cls.arguments.items():
        if argument not in given and declared.required:
            raise LocatedError("NS220", f"'{op}' needs '{argument}'", layer.head_location)


def check_constant(op: str, argument: str, v: Value) -> None:
    """Raises LocatedError NS221 for an argument's constant that does not fit it."""
    declared = find(op).arguments.get(argument)
    if declared is None or not v.constant or declared.validator.kind != "value":
        return
    try:
        declared.validator.validate(plain(v.node), TABLE[op].rank)
    except ValueError as error:
        raise LocatedError("NS221", f"{argument} must be {error}; found {found(v.node)}", v.location) from None


def is_activation(name: str, location: int) -> None:
    """Raises LocatedError NS214 for what cannot be an ``activation``."""
    if name not in TABLE or not find(name).is_activation:
        known = [n for n, e in TABLE.items() if e.family in ("activation", "elementwise") and find(n).is_activation]
        raise LocatedError("NS214", f"'{clip(name)}' is no activation without weights", location,
                    help=did_you_mean(name, known) or f"there are {', '.join(known)}")


def reference(node: Tree) -> Named:
    """One name of a layer. Raises LocatedError."""
    if type(node) is Text and node.value is not None and node.raw:
        return Named(node.raw, node.location)
    raise LocatedError("NS203", f"the name of a layer is needed here; found {found(node)}", node.location)


def references(node: Tree) -> References:
    """One or several names of layers. Raises LocatedError."""
    if type(node) is List:
        if not node.items:
            raise LocatedError("NS203", "at least one name of a layer is needed here", node.location)
        return References(tuple(reference(n) for n in node.items), True, node.location)
    return References((reference(node),), False, node.location)


def input_names(node: Tree) -> tuple[str, ...]:
    """Names of a scope's inputs. Raises LocatedError."""
    names = as_list(plain(node)) if type(node) is List else []
    if not names or not all(isinstance(n, str) and well_formed(n) for n in names) or len(set(names)) != len(names):
        raise LocatedError("NS203", f"inputs must be a list of names, each once; found {found(node)}", node.location)
    return tuple(names)
