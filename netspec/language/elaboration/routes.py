"""Mixtures of experts (``repeat`` with ``route``): each position chooses some of the copies."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import LocatedError, clip
from ...ir import Graph, Parameter
from ...ops.common.init_scale import stacked_init
from ...ops.region import Route, followed_axes
from ...ops.weight import Init, Origin
from ...shapes.named_sizes import Condition, NamedDim, NamedSizes
from ...shapes.sizes import Size, at_default, is_named, product, require_equal
from ...shapes.types import CHANNELS, FLOATS, INTEGERS, SEQUENCE, TensorType, shape_text
from ...text.yaml_reader import List, Map, Text, Tree
from ..reading.evaluation import FailedInputError
from ..reading.layers import Layer, Layers
from ..reading.references import References
from .copies import Copy, Instance, copy_count
from .names import Entry
from .region_frames import Frame, weights_of
from .region_nodes import RegionNodes
from .stacks import is_stacked

"""Operations whose numbers are less than the size of the axis that they choose from."""


class Routes(RegionNodes):
    """Elaborates the copies of layers with ``route``."""

    def build(self, instance: Instance, route: References) -> Entry:
        """Adds the node of all copies.

        Raises:
            LocatedError: NS326, incompatible keys; NS557 or NS558, the choices do not fit the positions; NS559, a copy
                is not token by token.
            FailedInputError: a problem with it has been reported.
        """
        layer, scope, cells = instance.layer, instance.scope, instance.copy.cells
        environment = self.elaborator.resolver.environment(scope, cells)
        assert layer.repeat is not None
        if layer.inner is None and self.elaborator.block_of(instance) is None:
            message = f"'route' is for a block, or for layers in place; found '{layer.head_text}'"
            raise LocatedError("NS326", message, layer.head_location, help="write `layers: [{…}]` around it")
        count = copy_count(layer.repeat, environment)
        if count < 1:
            raise LocatedError("NS326", "'route' chooses from at least one copy; found 0", layer.repeat.location)
        stacked = self._is_stacked(instance)
        choices = self.elaborator.resolver.resolve(route, scope, cells)
        x, channel, chosen = self._inputs(instance, route, choices, count)
        positions = product([n for a, n in enumerate(x.shape) if a != channel])
        differ = layer.first is not None or mentions(layer, "index")
        if stacked and differ:
            message = "'stacked' is for equal copies: these differ, by 'first' or by 'index'"
            raise LocatedError("NS326", message, layer.stacked.location if layer.stacked else layer.location)
        bodies: list[Graph] = []
        weights: list[tuple[str, Parameter]] = []
        tokens = ""
        for number in range(count if differ else 1):
            body, tokens = self._copy(instance, x, channel, positions, number, count, stacked=stacked)
            bodies.append(body)
            weights += weights_of(instance.name, body)
        self._check_equal_results(bodies, layer)
        if not differ:
            if stacked:
                weights = stacked_weights(weights, instance.name, count, layer.location)
            else:
                self.elaborator.budget.spend(2 * len(weights) * (count - 1), layer.location)
                weights = copied_weights(weights, instance.name, count)
        name = f"{self.label(layer, instance)}, {at_default(chosen)} of {count}"
        fields = {"count": count, "chosen": chosen, "axis": channel, "positions": positions, "tokens": tokens}
        op = Route.of({**self.common(name, tuple(bodies)), **fields, "stacked": stacked})
        values = tuple([e.value for e in (*instance.inputs, *choices) if e.value is not None])
        return self.add(instance, op, values, tuple(weights), [("output", 0)])

    def _is_stacked(self, instance: Instance) -> bool:
        stacked = instance.layer.stacked
        if stacked is None:
            return False
        return is_stacked(stacked, self.elaborator.resolver.environment(instance.scope, instance.copy.cells))

    # -- what chooses ------------------------------------------------------------------------------------------------
    def _inputs(
        self, instance: Instance, route: References, choices: list[Entry], count: int
    ) -> tuple[TensorType, int, Size]:
        """Returns the type of the positions, their channel axis, and the number of copies that each chooses."""
        if len(instance.inputs) != 1:
            message = f"a layer with 'route' takes one input; found {len(instance.inputs)}"
            help = "'from' names it" if not instance.inputs else None
            raise LocatedError("NS305", message, instance.layer.head_location, help=help)
        if not 1 <= len(choices) <= 2:
            message = f"route names the numbers of the copies, and perhaps their shares; found {len(choices)} layers"
            raise LocatedError("NS305", message, route.location)
        x, index, *shares = [self.type(entry) for entry in (instance.inputs[0], *choices)]
        if not x.rank:
            message = "a layer with 'route' goes over the positions of its input, which must have an axis; found ()"
            raise LocatedError("NS557", message, instance.layer.head_location)
        channel = x.channel if x.channel is not None else x.rank - 1
        if index.dtype not in INTEGERS:
            message = f"the numbers of the copies must be integers; found {index.dtype}"
            help = "`top_k` has them and their shares as outputs: `route: [top.index, top.values]` for a layer `top`"
            raise LocatedError("NS557", message, route.names[0].location, help=help)
        self._check_shape("the numbers of the copies", index, x, channel, index, route.location)
        for type in shares:
            self._check_shape("their shares", type, x, channel, index, route.location)
            if type.dtype not in FLOATS:
                message = f"the shares of the copies must be floating-point numbers; found {type.dtype}"
                raise LocatedError("NS557", message, route.location)
        self._check_range(choices[0], count, route)
        return x, channel, index.shape[channel]

    def _check_shape(
        self, what: str, type: TensorType, x: TensorType, channel: int, index: TensorType, location: int
    ) -> None:
        """Raises LocatedError NS557 unless a tensor has a number for each choice of each position."""
        shape = [*x.shape]
        shape[channel] = index.shape[channel] if index.rank > channel else 1
        message = f"{what} have the shape {shape_text(type.shape)}, and must have {shape_text(tuple(shape))}"
        message += f" for positions of the shape {shape_text(x.shape)}"

        def error() -> LocatedError:
            return LocatedError("NS557", message, location)

        if type.rank != x.rank:
            raise error()
        for a, b in zip(type.shape, shape, strict=True):
            require_equal(a, b, error)

    def _check_range(self, index: Entry, count: int, route: References) -> None:
        """Raises LocatedError NS558 if the indices choose among more or fewer copies than there are."""
        node = self.graph.producers[index.value] if index.value is not None else None
        size = None if node is None else node.op.index_limit(self.graph.types_of(node.inputs))
        if node is not None and size is not None and not is_named(size) and size != count:
            message = f"'{clip(node.layer)}' chooses from {size}, but there are {count} copies"
            raise LocatedError("NS558", message, route.names[0].location)

    # -- a copy ------------------------------------------------------------------------------------------------------
    def _copy(
        self,
        instance: Instance,
        x: TensorType,
        channel: int,
        positions: Size,
        number: int,
        count: int,
        *,
        stacked: bool,
    ) -> tuple[Graph, str]:
        """Returns the body of one copy, and the name of its number of tokens."""
        elaborator, layer = self.elaborator, instance.layer
        named = elaborator.named
        registry, tokens = self._tokens(named, positions)
        inner = TensorType((registry.size(tokens), x.shape[channel]), x.dtype, (SEQUENCE, CHANNELS))
        elaborator.named = registry
        scope = instance.scope
        frame = Frame(self.graph, elaborator.tree, scope.draft, self.trace(instance))
        try:
            entry = Entry(instance.inputs[0].full_name, self.graph.add_input(inner))
            instance_of_copy = instance._replace(inputs=[entry], copy=Copy((), instance.copy.cells, 0, 1, number == 0))
            if not stacked:
                draft = elaborator.tree.open(instance.name, scope.draft, frame.root.trace)
                cells = {**instance.copy.cells, "index": number}
                path = (str(number),)
                instance_of_copy = instance_of_copy._replace(
                    name=f"{instance.name}.{number}",
                    scope=scope.inside(draft),
                    copy=Copy(path, cells, number, count, number == 0),
                )
            result = elaborator.build_once(instance_of_copy)
        except KeyError:
            if named is None:
                raise
            raise _depends(layer) from None  # sizes of both kinds met
        finally:
            frame.close()
            elaborator.named = named
        outputs = self.outputs(result, layer)
        if not all(map(_always_holds, registry.conditions)):
            message = f"the copies of '{clip(instance.name)}' depend on the number of tokens"
            raise LocatedError("NS559", message, layer.head_location, help=_HELP)
        assert entry.value is not None
        for v in frame.captured(outputs):
            node = self.graph.producers[v]
            name = f"'{clip(node.layer)}'" if node is not None else "an input of the network"
            message = f"a copy with 'route' reads {name} from outside: its only input is the tokens that choose it"
            raise LocatedError("NS327", message, layer.head_location)
        body = frame.body(instance.name, {"input": entry.value}, dict(outputs), scope.document.layout, registry.dims)
        if any(is_named(n) and str(n) != tokens for type in body.values for n in type.shape):
            raise _depends(layer)
        self._check_token_by_token(body, frame, instance)
        return body, tokens

    def _tokens(self, named: NamedSizes | None, positions: Size) -> tuple[NamedSizes, str]:
        """Returns named dimensions with the number of tokens, on which nothing else may depend, and its name."""
        dims = list(named.dims.values()) if named is not None else []
        used_names = {dim.name for dim in dims}
        tokens = next(
            n for n in ("tokens", *(f"tokens{i}" for i in range(2, len(used_names) + 3))) if n not in used_names
        )
        registry = NamedSizes([*dims, NamedDim(tokens, at_default(positions))])
        if named is not None:
            registry.layer, registry.location = named.layer, named.location
        return registry, tokens

    def _check_token_by_token(self, body: Graph, frame: Frame, instance: Instance) -> None:
        """Raises LocatedError NS559 at the first layer that is not token by token."""
        location = instance.layer.head_location
        outputs = list(body.outputs.values())
        if len(outputs) != 1:
            message = f"a copy with 'route' has one output; found {len(outputs)}"
            raise LocatedError("NS559", message, location)
        for node in body.nodes:
            for v in node.values:
                axes = followed_axes(body, 0, v)
                if axes is None or axes.get(0) is not None:
                    continue
                layer = clip(node.name[len(instance.name) + 1 :] or node.name)
                message = f"'{layer}' ({node.op.name}) does not work token by token: tokens are routed one by one"
                at = node.trace.location
                error = LocatedError("NS559", message, location, help=_HELP)
                self.elaborator.problems.add_at(at, error.diagnostic, node.trace.parent)
                raise FailedInputError
        axes = followed_axes(body, 0, outputs[0])
        if axes is None or axes.get(0) != 0 or body.values[outputs[0]].rank != 2:
            shape = shape_text(body.values[outputs[0]].shape)
            message = f"a copy with 'route' outputs (tokens, channels), which depend on the tokens; found {shape}"
            raise LocatedError("NS559", message, location)

    def _check_equal_results(self, bodies: list[Graph], layer: Layer) -> None:
        """Raises LocatedError NS557 if different copies have different numbers of output channels."""
        types = {b.values[v].shape[1:] for b in bodies for v in b.outputs.values()}
        if len(types) > 1:
            sizes = " and ".join(sorted(str(n) for (n,) in types))
            raise LocatedError("NS557", f"the copies output {sizes} channels: results are added", layer.head_location)


def _always_holds(condition: Condition) -> bool:
    """Whether a condition such as ``tokens >= 1`` holds for any number of tokens."""
    terms = dict(condition.difference.terms)
    constant = terms.pop((), 0)
    return condition.kind == ">=" and all(c > 0 for c in terms.values()) and sum(terms.values()) + constant >= 0


def _depends(layer: Layer) -> LocatedError:
    message = "the copies under 'route' depend on a named dimension, but they see only tokens"
    return LocatedError("NS559", message, layer.head_location, help=_HELP)


_HELP = "a copy sees (tokens, channels), where the tokens are any number of those that choose it"


def copied_weights(weights: list[tuple[str, Parameter]], name: str, count: int) -> list[tuple[str, Parameter]]:
    """Returns the weights of all copies, given those of the first; weights from outside are shared by all."""
    copies = list(weights)
    prefix, start = f"{name}.0.", len(name) + 2
    fixed = {p for _, p in weights if not any(isinstance(a, Origin) for a in p.init.args)}
    """Weights whose initial values are not computed from others."""
    of_first = [(local[1:], p, p.name[start:] if p.name.startswith(prefix) else None) for local, p in weights]
    for number in range(1, count):
        for local, p, ending in of_first:
            copy = p
            if ending is not None:
                init = p.init if p in fixed else _of_copy(p.init, prefix, f"{name}.{number}.")
                stored = f"{name}.{number}{ending}"
                copy = Parameter(stored, p.shape, init, p.trainable, p.buffer, p.dtype, p.persistent)
            copies.append((f"{number}{local}", copy))
    return copies


def _of_copy(init: Init, prefix: str, other: str) -> Init:
    """Returns initial values with weights of the first copy in them replaced by those of another copy."""
    renamed = [
        a._replace(name=other + a.name[len(prefix) :]) if isinstance(a, Origin) and a.name.startswith(prefix) else a
        for a in init.args
    ]
    return Init(init.kind, tuple(renamed))


def stacked_weights(
    weights: list[tuple[str, Parameter]], name: str, count: int, location: int
) -> list[tuple[str, Parameter]]:
    """Returns the weights of all copies, stacked. Raises LocatedError NS326 for some initial values."""
    stacked: list[tuple[str, Parameter]] = []
    for local, p in weights:
        if not p.name.startswith(f"{name}."):
            message = f"'{clip(p.name)}' is shared with a layer elsewhere, and cannot be stacked"
            raise LocatedError("NS326", message, location)
        init = stacked_init(p.init, p.shape, count)
        if init is None:
            message = f"the weights of copies with init: {p.init.kind} cannot be stacked: '{clip(p.name)}'"
            raise LocatedError("NS326", message, location, help="choose another 'init', or leave out 'stacked'")
        shape = (count, *p.shape)
        stacked.append((local, Parameter(p.name, shape, init, p.trainable, p.buffer, p.dtype, p.persistent)))
    return stacked


def mentions(layer: Layer, name: str) -> bool:
    """Whether an expression in a layer, or in its inner layers, may refer to a name."""
    trees: list[Tree] = [value.node for _, value in layer.args.values()]
    trees += [value.node for value in (layer.primary, layer.head) if value is not None]
    if layer.activation is not None:
        trees += [value.node for value in layer.activation if value is not None]
    if any(_refers(text, name) for tree in trees for text in _texts(tree)):
        return True
    return layer.inner is not None and any(_inner_mentions(layer.inner, name))


def _inner_mentions(layers: Layers, name: str) -> Iterator[bool]:
    for layer in layers.items:
        yield mentions(layer, name)
        values = (layer.when, layer.repeat, layer.freeze, layer.over, layer.each.rows if layer.each else None)
        texts = [text for value in values if value is not None for text in _texts(value.node)]
        texts += [layer.name.text] if layer.name is not None else []
        references = [*(layer.source.names if layer.source is not None else ()), layer.share]
        texts += [reference.text for reference in references if reference is not None]
        yield any(_refers(text, name) for text in texts)


def _texts(tree: Tree) -> Iterator[str]:
    """All texts of a tree."""
    if type(tree) is Text:
        yield tree.raw
    elif type(tree) is List:
        for item in tree.items:
            yield from _texts(item)
    elif type(tree) is Map:
        for key, (_, item, _) in tree.entries.items():
            yield key
            yield from _texts(item)


def _refers(text: str, name: str) -> bool:
    return "$" in text and name in text
