"""Layers that run along an axis (``over``): one node with a body."""

from __future__ import annotations

from typing import Any

from ...diagnostics import LocatedError, clip, did_you_mean
from ...ops.argument import as_list
from ...ops.region import Over
from ...shapes.sizes import Size, is_named, require_equal
from ...shapes.types import TensorType, learned_type, shape_text
from ..reading.expression_functions import describe_value, is_list
from ..reading.layers import Layer
from ..reading.references import Reference, References
from .copies import Instance
from .inference import check_tensor
from .names import Entry
from .region_frames import Frame, weights_of
from .region_nodes import RegionNodes


class Regions(RegionNodes):
    """Elaborates layers with ``over``."""

    def build(self, instance: Instance) -> Entry:
        """Adds the node of a layer with ``over``.

        Raises:
            LocatedError: its inputs, or the keys of its copies, do not fit.
            FailedInputError: a problem with it has been reported.
        """
        layer = instance.layer
        assert layer.over is not None
        environment = self.elaborator.resolver.environment(instance.scope, instance.copy.cells)
        axes = as_list(layer.over.evaluate(environment))
        if not axes or not all(type(axis) is str and axis for axis in axes) or len(set(axes)) != len(axes):
            message = f"over must be the name of an axis, or a list of names, each once; found {describe_value(axes)}"
            raise LocatedError("NS203", message, layer.over.location)
        if layer.states is not None and len(axes) > 1:
            help = "put the loops into blocks, one in another"
            raise LocatedError("NS326", "'carry' goes along one axis", layer.states.location, help=help)
        return self._along(instance, axes, layer.over.location)

    # -- one axis ------------------------------------------------------------------------------------------------
    def _along(self, instance: Instance, axes: list[str], location: int) -> Entry:
        """Runs the layer along these axes, the first of them outermost."""
        if not axes:
            return self.elaborator.build_once(instance)
        axis, layer = axes[0], instance.layer
        entries = self._with_states(instance) if layer.states is not None else list(enumerate(instance.inputs))
        types = [self.type(entry) for _, entry in entries]
        places = self._places(instance, axis, entries, types, location)
        first, at = next((t, p) for t, p in zip(types, places, strict=True) if p is not None)
        outer = [entry for _, entry in entries if isinstance(entry, Entry)]
        sources: list[tuple[int | None, int | None]] = []
        inner: list[Entry] = []
        frame = Frame(self.graph, self.elaborator.tree, instance.scope.draft, self.trace(instance))
        try:
            for (_, entry), type, place in zip(entries, types, places, strict=True):
                value = self.graph.add_input(type if place is None else without_axis(type, place))
                name = entry.full_name if isinstance(entry, Entry) else instance.name
                inner.append(Entry(name, value))
                sources.append((outer.index(entry), place) if isinstance(entry, Entry) else (None, None))
            result = self._along(instance._replace(inputs=inner), axes[1:], location)
        finally:
            frame.close()
        outputs = self.outputs(result, layer)
        values = [entry.value for entry in outer if entry.value is not None]
        captured = frame.captured(outputs)
        for v in captured:
            self._check_captured(v, axis, layer)
            sources.append((len(values), None))
            values.append(v)
        inner_values = [entry.value for entry in inner if entry.value is not None]
        body = self.body(frame, instance, [*inner_values, *captured], outputs)
        states = self._states(instance, entries, outputs) if layer.states is not None else ()
        last = {output for _, output in states}
        ranks = [self.graph.types[v].rank for _, v in outputs]
        put = tuple([None if i in last else min(at, rank) for i, rank in enumerate(ranks)])
        name = f"{self.label(layer, instance)}, over: {axis}"
        along, size = first.axes[at] or axis, first.shape[at]
        fields: dict[str, Any] = {"along": along, "size": size, "sources": tuple(sources)}
        op = Over.of({**self.common(name, (body,)), **fields, "states": states, "places": put})
        return self.add(instance, op, tuple(values), tuple(weights_of(instance.name, body)), outputs)

    def _places(
        self, instance: Instance, axis: str, entries: list[Any], types: list[TensorType], location: int
    ) -> list[int | None]:
        """Returns the position of the axis in each input, except states. Raises LocatedError NS594, NS595 or NS597."""
        carried = set(instance.layer.states.states) if instance.layer.states is not None else set[str]()
        places = [None if key in carried else t.axis(axis) for (key, _), t in zip(entries, types, strict=True)]
        first = next((i for i, (key, _) in enumerate(entries) if key not in carried), None)
        if first is None:
            raise LocatedError("NS594", f"no input is left that has the axis '{clip(axis)}'", location)
        type, place = types[first], places[first]
        if place is None:
            named = [name for name in type.axes if name]
            known = f"its axes are {', '.join(named)}" if named else "its axes have no names"
            message = f"the first input has no axis '{clip(axis)}': {known}"
            raise LocatedError("NS594", message, location, help=did_you_mean(axis, named))
        for (_, entry), other, at in zip(entries, types, places, strict=True):
            if at is None:
                continue
            if other.rank == 1:
                message = f"'{clip(entry.full_name)}' has no axis besides '{clip(axis)}': nothing is left at a position"
                raise LocatedError("NS597", message, location, help="`unsqueeze` gives it another axis")

            def differs(a: Size = type.shape[place], b: Size = other.shape[at]) -> Exception:
                return LocatedError("NS595", f"inputs have {a} and {b} positions along '{clip(axis)}'", location)

            require_equal(type.shape[place], other.shape[at], differs)
        return places

    def _check_captured(self, value: int, axis: str, layer: Layer) -> None:
        """Raises LocatedError NS327 if an outer value contains the region's axis."""
        if self.graph.types[value].axis(axis) is not None:
            node = self.graph.producers[value]
            name = f"'{clip(node.layer)}'" if node is not None else "an input of the network"
            message = f"a layer that runs over '{clip(axis)}' reads {name}, which has that axis, from outside"
            help = "name it in 'from', as an input of the layer: it is then read position by position"
            raise LocatedError("NS327", message, layer.head_location, help=help)

    # -- states ------------------------------------------------------------------------------------------------------
    def _with_states(self, instance: Instance) -> list[tuple[str, Entry | TensorType]]:
        """Returns the block's inputs by name: those of 'from', and initial states, which are layers or types."""
        layer, carry = instance.layer, instance.layer.states
        assert carry is not None
        names = self._input_names(instance)
        for name, (location, _) in carry.states.items():
            if name not in names:
                message = f"there is no input '{clip(name)}' to carry: the inputs are {', '.join(names)}"
                raise LocatedError("NS328", message, location, help=did_you_mean(name, names))
        others = [name for name in names if name not in carry.states]
        if len(others) != len(instance.inputs):
            count = f"{len(others)} input{'s' if len(others) != 1 else ''} besides those carried"
            message = f"the layer takes {count} ({', '.join(others)}); found {len(instance.inputs)}"
            raise LocatedError("NS305", message, layer.head_location)
        starts = dict(zip(others, instance.inputs, strict=True))
        beginnings: list[tuple[str, Entry | TensorType]] = []
        for name in names:
            beginnings.append((name, starts[name] if name in starts else self._start(instance, *carry.states[name])))
        return beginnings

    def _start(self, instance: Instance, location: int, start: Any) -> Entry | TensorType:
        """Returns an initial state: a layer, or the type of zeros. Raises LocatedError NS203."""
        resolver, scope, cells = self.elaborator.resolver, instance.scope, instance.copy.cells
        if isinstance(start, Reference):
            return resolver.resolve(References((start,), False, location), scope, cells)[0]
        shape = start.evaluate(resolver.environment(scope, cells))
        if isinstance(shape, str):
            return resolver.resolve(References((Reference(shape, location),), False, location), scope, cells)[0]
        sizes = as_list(shape) if is_list(shape) else []
        if not sizes or not all(is_named(n) or (type(n) is int and n > 0) for n in sizes):
            message = f"a state is initialised by a layer or a shape of zeros; found {describe_value(shape)}"
            raise LocatedError("NS203", message, location)
        check_tensor("a state is a tensor", tuple(sizes), location)
        return learned_type(tuple(sizes), self.type(instance.inputs[0]).dtype if instance.inputs else "float32")

    def _input_names(self, instance: Instance) -> tuple[str, ...]:
        """The names of the inputs of the block. Raises LocatedError NS326 for an operation."""
        layer = instance.layer
        if layer.inner is not None:
            return layer.inputs or ("input",)
        block = self.elaborator.block_of(instance)
        if block is None:
            message = f"'carry' is for a block, which names its inputs and outputs; found '{layer.head_text}'"
            raise LocatedError("NS326", message, layer.head_location)
        return block.inputs

    def _states(
        self, instance: Instance, entries: list[Any], outputs: list[tuple[str, int]]
    ) -> tuple[tuple[int, int], ...]:
        """Returns the indices of carried inputs with those of their outputs. Raises LocatedError NS328 or NS596."""
        carry = instance.layer.states
        assert carry is not None
        names = [name for name, _ in outputs]
        carried: list[tuple[int, int]] = []
        for i, (name, entry) in enumerate(entries):
            if name not in carry.states:
                continue
            location = carry.states[name][0]
            if name not in names:
                message = f"no output of the layer is named '{clip(name)}', like the input that is carried"
                raise LocatedError("NS328", message, location, help=f"add it to its 'outputs': `{name}: …`")
            before, after = self.type(entry), self.graph.types[outputs[names.index(name)][1]]

            types = f"{shape_text(before.shape)} {before.dtype} before a position and {shape_text(after.shape)}"
            message = f"'{clip(name)}' is {types} {after.dtype} after it: a carried state must keep its shape and type"

            def changes(message: str = message, location: int = location) -> LocatedError:
                return LocatedError("NS596", message, location)

            if before.rank != after.rank or before.dtype != after.dtype:
                raise changes()
            for a, b in zip(before.shape, after.shape, strict=True):
                require_equal(a, b, changes)
            carried.append((i, names.index(name)))
        return tuple(carried)


def without_axis(type: TensorType, axis: int) -> TensorType:
    """Returns a type without one of its axes."""
    rest = [a for a in range(type.rank) if a != axis]
    return TensorType(tuple(type.shape[a] for a in rest), type.dtype, tuple(type.axes[a] for a in rest))
