"""How each figure of one layer is computed, as text."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable, Iterator
from math import prod

from ..analysis import Field, ReceptiveFields, receptive_fields
from ..diagnostics import Sources, clean, paint
from ..ir import Graph, Layer, Parameter, Trace
from ..ops.common.shortest_form import shortest_arguments
from ..ops.derivation import Derivation, factor, product
from ..ops.shape import Select
from ..shapes.sizes import Size, is_named, is_same
from ..shapes.types import TensorType, shape_text
from ..shapes.window import Window
from ..text.writer import flow_style

LABEL = 12
"""Width of the column of labels."""


MOST_WEIGHTS = 24
"""Maximum number of weights to list; copies that positions choose have thousands."""


class Explanation:
    """One layer of a graph, explained.

    Args:
        graph: the network.
        layer: the layer.
        sources: the files that locations refer to.
    """

    def __init__(self, graph: Graph, layer: Layer, sources: Sources, *, width: int = 80, colour: bool = False) -> None:
        self.graph = graph
        self.node = node = layer.node
        self.layer = layer
        self.activation = layer.activation
        self.sources = sources
        self.width = width
        self.colour = colour
        self.inputs = graph.inputs_of(node)
        self.numbers = graph.at_default
        self.fields: ReceptiveFields = receptive_fields(self.numbers)

    def text(self) -> str:
        """Returns the whole explanation."""
        sections = (self.head, self.value, self.size, self.weights, self.macs, self.connections, self.field, self.dense)
        return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section()))) + "\n"

    # -- sections -----------------------------------------------------------------------------------------------------
    def head(self) -> Iterator[str]:
        """Yields the operation of the layer, its inputs and outputs, and its definition."""
        node, op = self.node, self.node.op
        yield paint(clean(node.layer), "bold", self.colour)
        yield from textwrap.wrap(op.description, self.width)
        yield ""
        args = shortest_arguments(op, self.inputs, [self.name(v) for v in node.inputs])
        body = {op.name: args.pop(op.primary), **args} if op.primary in args else {op.name: args}
        yield from self.labelled("layer", flow_style(body) if args or body[op.name] != {} else op.name)
        if self.activation is not None:
            yield from self.labelled("activation", f"{self.activation.op.name}: {self.activation.op.description}")
        for i, v in enumerate(node.inputs):
            yield from self.labelled("input" if not i else "", f"{self.name(v)} {typed(self.graph.values[v])}")
        names = op.output_names(len(node.outputs)) if len(node.outputs) > 1 else ("",)
        for i, (name, t) in enumerate(zip(names, node.outputs, strict=True)):
            yield from self.labelled("output" if not i else "", f"{name} {typed(t)}".strip())
        for i, line in enumerate(self.locations()):
            yield from self.labelled("defined at" if not i else "", line)
        if node.doc:
            yield from self.labelled("doc", clean(node.doc))

    def value(self) -> Iterator[str]:
        """Yields the formula of a value of the output, before the activation."""
        formulas = self.node.op.value_formulas(self.inputs, self.node.outputs)
        if formulas:
            yield self.title("value")
            for formula in formulas:
                whole = re.sub(r"\([^()]*\)", lambda m: m[0].replace(" ", "\0"), formula)  # no breaks in `x(i - 1, j)`
                lines = textwrap.wrap(whole, self.width - 2, subsequent_indent="  ", break_on_hyphens=False)
                yield from (f"  {line}".replace("\0", " ") for line in lines)

    def size(self) -> Iterator[str]:
        """Yields the formula of its output shape."""
        steps = self.node.op.size_derivations(self.inputs, self.node.outputs)
        yield self.title("size")
        if steps:
            yield from self.steps(steps)
        else:
            yield from self.wrapped(self.node.op.size_rule.replace("`", ""))

    def weights(self) -> Iterator[str]:
        """Yields each of its weights, and their total number."""
        yield self.title("weights")
        if self.node.given_weights:
            yield from self.given_weights()
            return
        if not self.node.weights:
            yield "  none"
            return
        counted = [p for _, p in self.node.weights if not p.buffer]
        listed = self.node.weights[:MOST_WEIGHTS]
        wide = max(len(name) for name, _ in listed)
        for name, p in listed:
            words = self.node.op.axes_of(name)
            label = f"{name:{wide}}  " if wide else ""
            axes = f": {with_times_signs(words)}" if words else ""
            kind = "" if p.dtype in ("float32", "int64") else f", {p.dtype}"
            line = f"  {label}{shape_text(p.shape)}{axes}{kind}{self.weight_note(name, p)}"
            yield from textwrap.wrap(line, self.width, subsequent_indent="    ")
            if len(p.shape) > 1:
                yield f"    {with_times_signs(product(*p.shape))} = {p.elements:,}"
        if len(listed) < len(self.node.weights):
            yield f"  … and {len(self.node.weights) - len(listed):,} more"
            yield from self.wrapped(f"{sum(p.elements for p in counted):,} parameters in total")
        elif len(counted) > 1:
            numbers = " + ".join(str(p.elements) for p in counted)
            yield from self.wrapped(f"{numbers} = {sum(p.elements for p in counted):,} parameters in total")

    def given_weights(self) -> Iterator[str]:
        """Yields its weights, some of which are computed, and the parameters stored for them."""
        wide = max(len(name) for name, _ in self.node.given_weights)
        stored = [p for node in self.layer.weight_nodes for _, p in node.weights]
        for name, value in self.node.given_weights:
            words = self.node.op.axes_of(name)
            axes = f": {with_times_signs(words)}" if words else ""
            producer = self.graph.producer(value)
            source = "" if producer is not None and producer.name == f"{self.node.name}.{name}" else self.name(value)
            note = f"  ({self.stack_of(value) or f'computed: {source}'})" if source else ""
            line = f"  {name:{wide}}  {shape_text(self.graph.values[value].shape)}{axes}{note}"
            yield from textwrap.wrap(line, self.width, subsequent_indent="    ")
        for p in stored:
            yield from self.wrapped(f"stored: {clean(p.name)} {shape_text(p.shape)}, {p.elements:,} in all")

    def stack_of(self, value: int) -> str:
        """Returns ``part 1 of halves.fc.weight`` for a weight stored with those of other copies; else empty."""
        numbers: list[str] = []
        producer = self.graph.producer(value)
        while producer is not None and isinstance(producer.op, Select):
            numbers.insert(0, str(producer.op.index))
            producer = self.graph.producer(producer.inputs[0])
        stacks = producer.weights[0][1].stacks if producer is not None and producer.weights else 0
        if producer is None or not stacks or stacks != len(numbers):
            return ""
        return f"part {', '.join(numbers)} of {producer.name} {shape_text(producer.outputs[0].shape)}"

    def macs(self) -> Iterator[str]:
        """Yields multiply-accumulates, without those of the activation."""
        macs = self.node.op.macs(self.inputs, self.node.outputs)
        if not macs:
            return
        yield self.title("multiply-accumulates")
        step = self.node.op.macs_derivation(self.inputs, self.node.outputs)
        if step is not None:
            yield from self.steps([step])
        else:
            yield from self.wrapped(f"{self.number(macs)}: {self.node.op.macs_rule}")
        yield from self.needed_macs(macs)
        yield from self.wrapped(f"FLOPs: 2 × {self.term(macs)} = {self.number(2 * macs)}")

    def needed_macs(self, macs: int) -> Iterator[str]:
        """Yields the MACs that remain without the scores excluded by an attention."""
        from ..shapes.dims import DimLimitError

        try:
            unneeded = self.node.op.unneeded_macs(self.inputs, self.node.outputs)
        except DimLimitError:
            return
        if not is_same(unneeded, 0):
            arguments = [f"'{a}'" for a in ("causal", "window") if getattr(self.node.op, a, None)]
            what = f"scores that {' and '.join(arguments)} exclude{'s' if len(arguments) == 1 else ''}"
            needed = self.number(macs - unneeded)
            if is_named(unneeded):
                yield from self.wrapped(f"needed, without {what}: {needed}")
            else:
                yield from self.wrapped(f"needed: {self.term(macs)} - {self.term(unneeded)} for {what} = {needed}")

    def connections(self) -> Iterator[str]:
        """Yields connections: weights used, and biases."""
        macs = self.node.op.macs(self.inputs, self.node.outputs)
        connections = self.node.op.connection_count(self.inputs, self.node.outputs)
        if not connections:
            return
        yield self.title("connections")
        biases = connections - macs
        if macs and biases:
            total = self.number(connections)
            yield from self.wrapped(f"{self.term(macs)} weights used + {self.term(biases)} biases used = {total}")
        else:
            yield from self.wrapped(f"{self.number(connections)}: the weights used, summed over all output positions")

    def field(self) -> Iterator[str]:
        """Yields the receptive field, and how this layer enlarges it."""
        fields = self.fields.of(self.node.first_value)
        if not fields:
            return
        yield self.title("receptive field")
        windows: dict[str | None, Window] = {}
        node = self.numbers.node(self.node.name)
        if node.inputs:
            x = self.numbers.values[node.inputs[0]]
            windows = {x.axes[a]: w for a, w, _ in node.op.sliding(x)}
        before = {(f.input, f.axis): f for f in self.fields.of(self.node.inputs[0]) or ()} if self.node.inputs else {}
        axes_by_lines: dict[tuple[str, ...], list[str]] = {}
        for f in fields:
            lines = self.along(f, before.get((f.input, f.axis)), windows.get(f.axis))
            axis = f.axis if len(self.graph.inputs) == 1 else f"{f.axis} of {f.input}"
            axes_by_lines.setdefault(lines, []).append(axis)
        for (first, *rest), axes in axes_by_lines.items():
            yield from self.wrapped(f"{' and '.join(axes)}: {first}")
            for line in rest:
                yield from textwrap.wrap(line, self.width, initial_indent="    ", subsequent_indent="    ")

    def along(self, f: Field, before: Field | None, window: Window | None) -> tuple[str, ...]:
        """Returns the field along one axis of one input, with the sum that a window adds, if there is one."""
        if isinstance(f.size, str):
            return ("the whole input" if f.size == "all" else "varies from position to position without a pattern",)
        plain = (f"{f} position{'s' if str(f) != '1' else ''}{self.stride(f)}",)
        if window is None or before is None or isinstance(before.size, str) or before.stride is None:
            return plain
        n, s = before.size[0], before.stride.numerator
        if before.stride.denominator != 1 or {*before.size, *f.size} != {n, n + (window.extent - 1) * s}:
            return plain
        rule = "that of the input + (window - 1) × distance in the input"
        return rule, f"{n} + ({window.extent} - 1) × {s} = {plain[0]}"

    def stride(self, f: Field) -> str:
        """Returns the distance between the fields of neighbouring positions, and the start of the first."""
        if not f.stride:
            return ""
        begin = f"; the first begins at {f.offset}" if f.offset else ""
        padding = ", in padding" if f.offset is not None and f.offset < 0 else ""
        return f", {f.stride} apart{begin}{padding}"

    def dense(self) -> Iterator[str]:
        """Yields the weights of a dense layer that would replace a convolution, at the defaults of named dimensions."""
        node = self.numbers.node(self.node.name)
        inputs = self.numbers.inputs_of(node)
        values = node.op.local_inputs(inputs[0]) if inputs else None
        if values is None:
            return
        into, out = inputs[0].elements, node.outputs[0].elements
        weight = node.op.weights(*inputs)[0]
        elements = prod(weight.shape)
        names = {
            name: 0 for x in (*self.inputs, *self.node.outputs) for n in x.shape if is_named(n) for name in n.mentions()
        }
        at = f", at {self.sizes(names)}" if names else ""
        yield self.title(f"a dense layer in its place{at}")
        yield from self.wrapped("Every output value would depend on every input value, each with its own weight:")
        yield f"    {into:,} × {out:,} = {into * out:,} weights"
        yield from self.wrapped(
            f"Local connections: an output value depends on {values:,} input value"
            f"{'s' if values > 1 else ''}, those under its window:"
        )
        yield f"    {values:,} × {out:,} = {values * out:,} weights"
        yield from self.wrapped("Shared weights: the filter is the same at every position:")
        yield f"    {values:,} × {weight.shape[0]:,} = {elements:,} weights"
        ratio = into * out / max(elements, 1)
        yield from self.wrapped(f"That is one weight for every {ratio:,.0f} of the dense layer.")

    # -- parts -----------------------------------------------------------------------------------------------------
    def title(self, text: str) -> str:
        """Returns the title of a section."""
        return paint(text, "bold", self.colour)

    def labelled(self, label: str, text: str) -> Iterator[str]:
        """Yields a labelled line, wrapped."""
        lines = textwrap.wrap(text, self.width - LABEL, break_on_hyphens=False) or [""]
        yield paint(label, "blue", self.colour) + " " * (LABEL - len(label)) + lines[0]
        yield from (" " * LABEL + line for line in lines[1:])

    def wrapped(self, text: str) -> Iterator[str]:
        """Yields a paragraph, wrapped."""
        yield from textwrap.wrap(text, self.width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)

    def steps(self, steps: list[Derivation]) -> Iterator[str]:
        """Yields formulas with values substituted; axes with the same formula share one."""
        merged: list[tuple[str, Derivation]] = []
        for step in steps:
            if merged and merged[-1][1][1:] == step[1:]:
                merged[-1] = (f"{merged[-1][0]} and {step.what.removeprefix('padding of ')}", merged[-1][1])
            else:
                merged.append((step.what, step))
        for what, step in merged:
            result = self.number(step.result)
            if step.worked == str(step.result):
                yield from self.wrapped(f"{what}: {result}, {step.rule}")
                continue
            note = f", {step.note}" if step.note else ""
            for text, indent in ((f"{what}: {step.rule}", "  "), (f"{step.worked} = {result}{note}", "    ")):
                yield from textwrap.wrap(
                    with_times_signs(text),
                    self.width,
                    initial_indent=indent,
                    subsequent_indent="    ",
                    break_on_hyphens=False,
                )

    def number(self, size: Size) -> str:
        """Returns a number, or a formula with its value at the defaults: ``(H + 1)//2 = 112 at H = 224``."""
        if not is_named(size):
            return f"{size:,}"
        return f"{with_times_signs(str(size))} = {size.value:,} at {self.sizes(dict.fromkeys(size.mentions()))}"

    def term(self, size: Size) -> str:
        """Returns a number or formula for use within a longer formula."""
        return with_times_signs(factor(size)) if is_named(size) else f"{size:,}"

    def sizes(self, names: Iterable[str]) -> str:
        """Returns the defaults of some named dimensions: ``H = 224, W = 192``."""
        mentioned = set(names)
        return ", ".join(f"{name} = {n:,}" for name, n in self.numbers.sizes.items() if name in mentioned)

    def weight_note(self, name: str, p: Parameter) -> str:
        """Returns whether a weight is shared, a buffer, or frozen, in brackets; empty if it is none of these."""
        weight_name = f"{self.node.stored}.{name}" if name else self.node.stored
        first = self.graph.equal_constants.get(p)
        notes = [f"shared: the same tensor as {p.name}, counted there"] if p.name != weight_name else []
        notes += [f"equal to {first.name}, stored and counted there"] if first is not None else []
        if not notes and self.node.stored != self.node.name:
            notes = [f"{p.name}, the same for all tensors of 'map'"]
        if p.buffer:
            notes.append("a buffer: neither trained nor counted")
        elif not p.trainable:
            notes.append("frozen")
        return f"  ({', '.join(notes)})" if notes else ""

    def name(self, value: int) -> str:
        """Returns the name of the layer that outputs a value."""
        node = self.graph.producer(value)
        if node is not None and len(node.outputs) == 1:
            return clean(node.layer)
        return clean(self.graph.value_name(value))

    def locations(self) -> Iterator[str]:
        """Yields its location in the spec, and the uses of blocks that contain it."""
        trace: Trace | None = self.node.trace
        first = True
        while trace is not None:
            location = trace.location
            file = self.sources.names[location.file] if location.file < len(self.sources.names) else ""
            yield ("" if first else f"in {clean(trace.label)}, ") + f"{clean(relative_name(file))}:{location.line}"
            trace, first = trace.parent, False


def typed(t: TensorType) -> str:
    """Returns ``(64, 56, 56): channels, height, width``."""
    names = ", ".join(a or "?" for a in t.axes)
    kind = "" if t.dtype == "float32" else f", {t.dtype}"
    return f"{shape_text(t.shape)}: {names}{kind}" if any(t.axes) else f"{shape_text(t.shape)}{kind}"


def relative_name(file: str) -> str:
    """Returns the name of a file, relative to the current folder if it is below it."""
    relative = os.path.relpath(file) if os.path.isabs(file) else file
    return file if relative.startswith("..") else relative


def with_times_signs(text: str) -> str:
    """Returns a formula with ``×`` for ``*``."""
    return text.replace("*", "×")
