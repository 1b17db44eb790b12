"""The nodes of a graph as they are made: arguments, types, weights, and everything that a pass keeps account of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import limits
from ...diagnostics import Diagnostic, LocatedError, clip, unpack
from ...ir import Node, Parameter, Scope, Trace
from ...ops import TABLE, find
from ...ops.base import ArgumentError, LayerCheck, Op, Weight, construct
from ...shapes.sizes import ShapeError
from ...shapes.types import TensorType, shown
from ..reading import functions
from ..reading.document import Document
from ..reading.evaluation import ParameterEnvironment
from ..reading.layers import Layer, References, check_argument, is_activation, reference, references
from ..reading.parameters import bind
from ..reading.values import Named, Value
from .environment import LayerEnvironment
from .names import Absent, Entry, FailedInputError, Level, UnknownReferenceError, local

Made = tuple[Op, tuple[TensorType, ...], tuple[Weight, ...]]


class Builder:
    """Values, nodes and parameters of the graph under way."""

    def __init__(self, document: Document, params: Mapping[str, Any]) -> None:
        self.document = document
        self.params = dict(params)
        self.types: list[TensorType] = []
        self.producer: list[Node | None] = []
        self.nodes: list[Node] = []
        self.diagnostics: list[Diagnostic] = []
        self.hidden = 0
        self.active: list[Any] = []
        """Blocks that are being used, outermost first."""
        self.referenced: set[int] = set()
        """Values that some layer reads, also one that failed."""
        self._steps = 0
        self._taken: set[str] = set()
        self._made: dict[Any, Made] = {}
        self._weights: dict[str, Parameter] = {}
        self._shares: list[tuple[str, str, list[int], LocatedError | None]] = []
        """Who shares, from whom, how many weights so far, and what to say if there is no such layer and none."""
        self._frozen: list[bool] = []
        self._defaults: dict[int, dict[str, Any]] = {}
        self._seen: set[tuple[str, str, Any]] = set()

    # -- accounts --------------------------------------------------------------------------------------------------
    def diagnose(self, d: Diagnostic) -> None:
        """Take a diagnostic down: each once, and no more than the limit."""
        mark = (d.code, d.message, d.location)
        if mark in self._seen:
            return
        self._seen.add(mark)
        if len(self.diagnostics) >= limits.DIAGNOSTICS:
            self.hidden += 1
        else:
            self.diagnostics.append(d)

    def step(self, n: int, location: int) -> None:
        """Count layers visited. Raises LimitError where there are too many."""
        self._steps += n
        if self._steps > limits.STEPS:
            message = f"the network takes more than {limits.STEPS:,} layers to lay out"
            raise LimitError(LocatedError("NS909", message, location))

    def full(self, level: Level, name: str, location: int) -> str:
        """The full dotted name of a layer, each once. Raises LocatedError."""
        full = f"{level.scope.name}.{name}" if level.scope.name else name
        if len(full) > limits.DOTTED_NAME:
            message = f"a full name is longer than {limits.DOTTED_NAME:,} characters: {clip(full)}"
            raise LocatedError("NS907", message, location)
        if full in self._taken:
            raise LocatedError("NS303", f"there are two layers named '{clip(full)}'", location)
        self._taken.add(full)
        return full

    def deeper(self, level: Level, location: int) -> None:
        """Count a scope, and raise LimitError where scopes stand too deep within one another."""
        self.step(limits.SCOPE_STEPS, location)
        depth, scope = 0, level.scope.parent
        while scope is not None:
            depth, scope = depth + 1, scope.parent
        if depth > limits.BLOCKS:
            message = f"blocks stand within one another deeper than {limits.BLOCKS}"
            raise LimitError(LocatedError("NS908", message, location))

    def value(self, t: TensorType, node: Node | None) -> int:
        """The number of a further value."""
        self.types.append(t)
        self.producer.append(node)
        return len(self.types) - 1

    def env(self, level: Level, cells: dict[str, Any], incoming: Entry | None = None) -> LayerEnvironment:
        """Names in reach of a layer."""
        return LayerEnvironment(level, cells, self.types, incoming)

    def within(self, level: Level, scope: Scope) -> Level:
        """The level of a chain: its names are its own, everything else that of the level around it."""
        return Level(scope, level, level.params, {}, level.document)

    def close(self, level: Level, outputs: tuple[tuple[str, int], ...]) -> None:
        """Write down what is known of a scope only after its layers: what was left out, and its outputs."""
        amend(level.scope, left_out=tuple(level.left_out), left_out_items=tuple(level.left_out_items), outputs=outputs)

    def document_values(self, document: Document) -> dict[str, Any]:
        """Parameters that a block sees of its document: the spec's own, or the defaults of a used file."""
        if document is self.document:
            return self.params
        found = self._defaults.get(id(document))
        if found is None:
            optional = tuple(p for p in document.params if p.default is not None)
            found = bind(optional, {}, ParameterEnvironment, {}, lambda p: LocatedError("NS220", p.name, p.location))
            self._defaults[id(document)] = found
        return found

    def key(self, item: Layer, arguments: Any, sources: list[Entry]) -> object:
        """Equal for copies of one text with the same arguments and the same shapes."""
        types = tuple(self.types[e.value] for e in sources if e.value is not None)
        return (id(item), repr(arguments), types)

    def layer_name(self, name: Any, level: Level, cells: dict[str, Any]) -> str:
        """The name of a layer, expressions in it worked out. Raises LocatedError."""
        from ..reading.layers import layer_name

        return name.text if name.constant else layer_name(name.at(self.env(level, cells)), name.location)

    # -- references ------------------------------------------------------------------------------------------------
    def mark(self, entry: Entry) -> None:
        """Note that a value is read."""
        if entry.value is not None:
            self.referenced.add(entry.value)

    def references(self, refs: References, level: Level, cells: dict[str, Any]) -> list[Entry]:
        """What names stand for, stars spread. Raises LocatedError at the name."""
        env = self.env(level, cells)
        out: list[Entry] = []
        for name in refs.names:
            try:
                out += level.expanded(name.at(env))
            except UnknownReferenceError as unknown:
                raise LocatedError(unknown.code, unknown.message, name.location, help=unknown.help) from None
            for entry in out:
                if isinstance(entry, Absent):
                    message = f"'{clip(entry.full)}' is left out by its 'when', and has no input to stand for"
                    raise LocatedError("NS304", message, name.location)
                self.mark(entry)
        return out

    # -- share and freeze ------------------------------------------------------------------------------------------
    def enter(self, item: Layer, full: str, level: Level, cells: dict[str, Any]) -> None:
        """Begin a layer: what it shares and whether it is frozen holds for all within it."""
        if item.share is not None:
            self._shares.append((full, *self._lender(item.share, level, cells)))
        if item.freeze is not None:
            got = item.freeze.at(self.env(level, cells))
            if type(got) is not bool:
                message = f"freeze must be true or false; found {functions.shown(got)}"
                raise LocatedError("NS203", message, item.freeze.location)
            self._frozen.append(got)

    def _lender(self, share: Named, level: Level, cells: dict[str, Any]) -> tuple[str, list[int], LocatedError | None]:
        """The full name of the layer that owns the shared weights, or a common prefix of layers' names."""
        try:
            other = self.references(References((share,), False, share.location), level, cells)[0]
        except LocatedError as fault:
            if fault.code != "NS301":
                raise
            name = share.at(self.env(level, cells))
            return (f"{level.scope.name}.{name}" if level.scope.name else name), [0], fault
        if other.value is None:
            raise FailedInputError
        return other.full, [0], None

    def leave(self, item: Layer) -> None:
        """End a layer. Raises LocatedError NS309 where it shares and nothing was there to share."""
        if item.freeze is not None:
            self._frozen.pop()
        if item.share is not None:
            _, other, count, unknown = self._shares.pop()
            if not count[0]:
                if unknown is not None:
                    raise unknown
                message = f"there is nothing to share: no weight of '{clip(other)}' has the name and shape of one here"
                raise LocatedError("NS309", message, item.share.location)

    def parameter(self, full: str, w: Weight) -> Parameter:
        """The parameter of a weight: another layer's where it is shared."""
        name = f"{full}.{w.name}" if w.name else full
        for target, source, count, _ in reversed(self._shares):
            other = self._weights.get(source + name[len(target):]) if name.startswith(target) else None
            if other is not None and other.shape == w.shape and other.buffer == w.buffer:
                count[0] += 1
                self._weights[name] = other
                return other
        trainable = w.trainable and not w.buffer and not any(self._frozen)
        made = Parameter(name, w.shape, w.init, trainable, w.buffer, w.dtype, w.persistent)
        self._weights[name] = made
        return made

    # -- nodes -----------------------------------------------------------------------------------------------------
    def node(self, item: Layer, head: str, full: str, level: Level, copy: Any, sources: list[Entry],
             env: LayerEnvironment) -> Entry:
        """The node of an operation."""
        cls = find(head)
        cells: dict[str, Any] = copy.cells
        given = dict(item.args)
        if copy.first and item.first is not None:
            given |= item.first
        if cls.primary == "from":
            sources = self._merged(item, given, level, copy, sources)
        elif item.primary is not None:
            if cls.primary is None:
                raise LocatedError("NS213", f"'{head}' takes no argument", item.primary.location)
            given.setdefault(cls.primary, (item.primary.location, item.primary))
        if level.document.defaults is not None:
            given = level.document.defaults.beneath(given, head, self.document_values(level.document))
        args: dict[str, Any] = {}
        for name, check in cls.arguments().items():
            if isinstance(check, LayerCheck) and name in given:
                named = given.pop(name)[1]
                if named.at(env) is False:  # as where nothing is said
                    continue
                refs = References((reference(named.node),), False, item.location)
                sources = [*sources, *self.references(refs, level, cells)]
                args[name] = True
        if cls.arity == (0, 0):
            if item.source is not None:
                raise LocatedError("NS305", f"'{head}' has no input: 'from' has no meaning here", item.source.location)
            sources = []
        else:
            self._counted(cls, head, len(sources) - len(args), item)
        if any(e.value is None for e in sources):
            raise FailedInputError
        for name, (location, v) in given.items():
            check_argument(head, name, location)
            args[name] = v.at(env)
        made = self._make(item, head, args, given, sources, level)
        trace = Trace(unpack(item.head_location), level.scope.trace, head)
        entry = self._add(made, full, full, sources, level, trace, item.doc)
        entry.passes = cls.as_previous
        return entry

    def _merged(self, item: Layer, given: dict[str, tuple[int, Value]], level: Level, copy: Any,
                sources: list[Entry]) -> list[Entry]:
        """The inputs of a merge: the names that it joins; one name joins it to the layer before."""
        inner = given.pop("from", (0, None))[1]
        named = item.primary if item.primary is not None else inner
        if named is None:
            return sources
        refs = references(named.node)
        entries = self.references(refs, level, copy.cells)
        if not joins_all(refs):
            return [*sources[:1], *entries]
        if item.source is not None:
            raise LocatedError("NS211", "'from' and the names it merges say the same: give one", item.source.location)
        return [*sources[:1], *entries[1:]] if copy.number > 0 else entries

    def _counted(self, cls: type[Op], head: str, n: int, item: Layer) -> None:
        least, most = cls.arity
        if n >= least and (most is None or n <= most):
            return
        if n == 0:
            raise LocatedError("NS305", "the first layer of a scope with several inputs says which it reads",
                        item.head_location, help="add 'from: …'")
        takes = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        message = f"'{head}' takes {takes} input{'s' if takes != '1' else ''}; found {n}"
        raise LocatedError("NS305", message, item.head_location, help="'from' names them" if n < least else None)

    def _make(self, item: Layer, head: str, args: dict[str, Any], given: Mapping[str, tuple[int, Value]],
              sources: list[Entry], level: Level) -> Made:
        """Operation, output types and weights; equal ones are made once."""
        types = tuple(self.types[e.value] for e in sources if e.value is not None)
        key = (head, repr(args), types)
        made = self._made.get(key)
        if made is not None:
            return made
        last = level.document.layout == "channels_last"
        try:
            op = construct(find(head), head, TABLE[head].rank, args, types, last)
            outputs = op.infer(*types)
            weights = op.weights(*types)
        except ArgumentError as refused:
            raise self._refused(refused, args, given, item) from None
        except ShapeError as error:
            raise self._misshapen(error, item, sources, types, level) from None
        except ValueError as error:
            location = given["init"][1].location if "init" in given else item.head_location
            raise LocatedError("NS221", str(error), location) from None
        for t in outputs:
            for a, n in enumerate(t.shape):
                if n < 1:
                    message = f"'{head}' gives a size of {n} in {t.axes[a] or f'axis {a}'}"
                    raise LocatedError("NS590", message, item.head_location)
                if n >= limits.SIZE:
                    message = f"'{head}' gives a size of {n:,}: sizes stay below 2^40"
                    raise LocatedError("NS915", message, item.head_location)
        made = self._made[key] = (op, outputs, weights)
        return made

    def _refused(self, refused: ArgumentError, args: Mapping[str, Any], given: Mapping[str, tuple[int, Value]],
                 item: Layer) -> LocatedError:
        argument, message = refused.problems[0]
        if " must be " in message and argument in args:
            message += f"; found {functions.shown(args[argument])}"
        location = given[argument][1].location if argument in given else item.head_location
        return LocatedError(refused.code, message, location)

    def _misshapen(self, error: ShapeError, item: Layer, sources: list[Entry], types: tuple[TensorType, ...],
                   level: Level) -> LocatedError:
        """A rule of shapes that does not hold, with the shapes of the inputs and how the sizes at fault came about."""
        from ...ir.size_history import history_text, size_history

        names = [local(e, level) for e in sources]
        label = ", ".join(f"{clip(n)} is {shown(t.shape)}" for n, t in list(zip(names, types, strict=True))[:4])
        label += ", …" if len(names) > 4 else ""
        stories: list[tuple[str, str]] = []
        for number, axis in error.at:
            value = sources[number].value
            if value is None or axis >= types[number].rank:
                continue
            axis_name = types[number].axes[axis] or f"axis {axis}"
            changes = size_history(value, axis, lambda v: self.producer[v], lambda v: self.types[v])
            stories.append((f"{axis_name} of {clip(names[number])}:", history_text(changes)))
        width = max((len(s) for s, _ in stories), default=0)
        notes = tuple(f"{s:{width}} {t}" for s, t in stories)
        return LocatedError(error.code, error.message, item.head_location, help=error.help, notes=notes,
                            label=label or None)

    def _add(self, made: Made, full: str, layer: str, sources: list[Entry], level: Level, trace: Trace,
             doc: str | None) -> Entry:
        op, outputs, weights = made
        inputs = tuple(e.value for e in sources if e.value is not None)
        self.referenced.update(inputs)
        mine = tuple((w.name, self.parameter(full, w)) for w in weights)
        node = Node(full, layer, op, inputs, outputs, len(self.types), mine, level.scope, trace, doc)
        self.nodes.append(node)
        values = [self.value(t, node) for t in outputs]
        names = op.output_names(len(outputs))
        return Entry(full, values[0], tuple(zip(names, values, strict=True)) if len(values) > 1 else ())

    def activated(self, item: Layer, full: str, level: Level, cells: dict[str, Any], entry: Entry) -> Entry:
        """The entry with an activation after its first result, as a node of its own."""
        if entry.value is None:
            raise FailedInputError
        assert item.activation is not None
        named, argument = item.activation
        env = self.env(level, cells, entry)
        head = named.at(env)
        if type(head) is not str:
            raise LocatedError("NS203", f"activation must be a name; found {functions.shown(head)}", named.location)
        is_activation(head, named.location)
        given: dict[str, tuple[int, Value]] = {}
        args: dict[str, Any] = {}
        if argument is not None:
            got = argument.at(env)
            primary = find(head).primary
            if isinstance(got, dict):
                args = dict(got)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            elif got is not None and primary is not None:
                args = {primary: got}
            elif got is not None:
                raise LocatedError("NS213", f"'{head}' takes no argument", argument.location)
            for name in args:
                check_argument(head, name, argument.location)
                given[name] = (argument.location, argument)
        if level.document.defaults is not None:
            given = level.document.defaults.beneath(given, head, self.document_values(level.document))
            args = {name: v.at(env) for name, (_, v) in given.items()} | args
        made = self._make(item, head, args, given, [entry], level)
        local = full[len(level.scope.name) + 1 :] if level.scope.name else full
        name = self.full(level, f"{local}.activation", item.location)
        trace = Trace(unpack(named.location), level.scope.trace, head)
        after = self._add(made, name, full, [entry], level, trace, None)
        outputs = ((entry.outputs[0][0], after.value), *entry.outputs[1:]) if entry.outputs else ()
        return Entry(full, after.value, outputs, entry.level, entry.copies, entry.passes)  # type: ignore[arg-type]


class LimitError(Exception):
    """A limit of the whole network is reached: the rest of the spec is not read."""

    def __init__(self, error: LocatedError) -> None:
        super().__init__(error)
        self.error = error


def joins_all(refs: References) -> bool:
    """Whether a merge joins just these names (a list, or a star), not the layer before with one name."""
    return refs.listed or ".*" in refs.names[0].text


def amend(scope: Scope, **fields: Any) -> None:
    """Write down fields of a scope that are known only after its layers; nobody else has seen it before."""
    for name, value in fields.items():
        object.__setattr__(scope, name, value)
