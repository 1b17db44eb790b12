"""How every number of one layer comes about, as text."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator

from ..analysis import Field, ReceptiveFields, cost, receptive_fields
from ..diagnostics import Sources, clean, paint
from ..ir import Graph, Layer, Parameter, Trace
from ..ops.common import arithmetic
from ..ops.common.arithmetic import Step
from ..ops.common.shorthand import spelled
from ..ops.examples import size_of
from ..ops.reference import operation
from ..shapes.types import TensorType, shown
from ..shapes.window import Window
from ..text.writer import flow

LABEL = 10


class Explanation:
    """One layer of a graph, explained.

    Args:
        graph: the network.
        layer: the layer.
        sources: the files that locations refer to.
    """

    def __init__(self, graph: Graph, layer: Layer, sources: Sources, *, width: int = 80,
                 colour: bool = False) -> None:
        self.graph = graph
        self.node = node = layer.node
        self.activation = layer.activation
        self.sources = sources
        self.width = width
        self.colour = colour
        self.inputs = graph.inputs_of(node)
        self.fields: ReceptiveFields = receptive_fields(graph)

    def text(self) -> str:
        """The whole explanation."""
        sections = (self.head, self.size, self.weights, self.macs, self.connections, self.field, self.dense)
        return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section()))) + "\n"

    # -- sections -----------------------------------------------------------------------------------------------------
    def head(self) -> Iterator[str]:
        """What it is, where it stands, what it reads and gives."""
        node, op = self.node, self.node.op
        yield paint(clean(node.layer), "bold", self.colour)
        yield from textwrap.wrap(_line(op.name), self.width)
        yield ""
        args = spelled(op, self.inputs)
        written = flow({op.name: args.pop(op.primary), **args} if op.primary in args else {op.name: args})
        yield from self.labelled("layer", written if args or op.primary in spelled(op, self.inputs) else op.name)
        if self.activation is not None:
            yield from self.labelled("then", f"{self.activation.op.name}: {_line(self.activation.op.name)}")
        for i, v in enumerate(node.inputs):
            yield from self.labelled("reads" if not i else "", f"{self.name(v)} {typed(self.graph.values[v])}")
        names = op.output_names(len(node.outputs)) if len(node.outputs) > 1 else ("",)
        for i, (name, t) in enumerate(zip(names, node.outputs, strict=True)):
            yield from self.labelled("gives" if not i else "", f"{name} {typed(t)}".strip())
        for i, line in enumerate(self.locations()):
            yield from self.labelled("stands" if not i else "", line)
        if node.doc:
            yield from self.labelled("doc", clean(node.doc))

    def size(self) -> Iterator[str]:
        """Where its shape comes from."""
        steps = arithmetic.sizes(self.node.op, self.inputs, self.node.outputs)
        yield self.title("size")
        if steps:
            yield from self.steps(steps)
        else:
            cls = type(self.node.op)
            yield from self.wrapped(size_of(cls.__name__, cls.arity).replace("`", ""))

    def weights(self) -> Iterator[str]:
        """Its weights, one by one, and their number."""
        yield self.title("weights")
        if not self.node.weights:
            yield "  none"
            return
        counted = [p for _, p in self.node.weights if not p.buffer]
        wide = max(len(name) for name, _ in self.node.weights)
        for name, p in self.node.weights:
            words = arithmetic.axes_of(self.node.op, name)
            label = f"{name:{wide}}  " if wide else ""
            line = f"  {label}{shown(p.shape)}" + (f": {words}" if words else "") + self.kept(name, p)
            yield from textwrap.wrap(line, self.width, subsequent_indent="    ")
            if len(p.shape) > 1:
                yield f"    {spaced(arithmetic.product(*p.shape))} = {p.elements:,}"
        if len(counted) > 1:
            numbers = " + ".join(str(p.elements) for p in counted)
            yield from self.wrapped(f"together {spaced(numbers)} = {sum(p.elements for p in counted):,} parameters")

    def macs(self) -> Iterator[str]:
        """Multiply-accumulates."""
        work = cost(self.graph).nodes[self.graph.nodes.index(self.node)]
        if not work.macs:
            return
        yield self.title("multiply-accumulates")
        step = arithmetic.macs(self.node.op, self.inputs, self.node.outputs)
        if step is not None:
            yield from self.steps([step])
        else:
            words = operation(self.node.op.name).macs or ""
            yield from self.wrapped(f"{work.macs:,}: {words[:1].lower()}{words[1:]}".replace("`", ""))
        yield f"  FLOPs: 2 × {work.macs:,} = {work.flops:,}"

    def connections(self) -> Iterator[str]:
        """Connections, where they are more than the multiply-accumulates."""
        work = cost(self.graph).nodes[self.graph.nodes.index(self.node)]
        if not work.connections:
            return
        yield self.title("connections")
        more = work.connections - work.macs
        if work.macs and more:
            yield from self.wrapped(f"{work.macs:,} weights used + {more:,} biases used = {work.connections:,}")
        else:
            yield f"  {work.connections:,}: the weights used, summed over all output positions"

    def field(self) -> Iterator[str]:
        """The receptive field, and what this layer adds to it."""
        found = self.fields.of(self.node.first)
        if not found:
            return
        yield self.title("receptive field")
        windows = {self.inputs[0].axes[a]: w for a, w, _ in arithmetic.windows(self.node.op, self.inputs[0])} if (
            self.inputs) else {}
        before = {(f.input, f.axis): f for f in self.fields.of(self.node.inputs[0]) or ()} if self.node.inputs else {}
        found_axes: dict[tuple[str, ...], list[str]] = {}
        for f in found:
            lines = self.along(f, before.get((f.input, f.axis)), windows.get(f.axis))
            found_axes.setdefault(lines, []).append(f.axis if len(self.graph.inputs) == 1 else f"{f.axis} of {f.input}")
        for (first, *rest), axes in found_axes.items():
            yield from self.wrapped(f"{' and '.join(axes)}: {first}")
            for line in rest:
                yield from textwrap.wrap(line, self.width, initial_indent="    ", subsequent_indent="    ")

    def along(self, f: Field, before: Field | None, window: Window | None) -> tuple[str, ...]:
        """The field along one axis of one input: what the window adds to it, where that is a plain sum."""
        if isinstance(f.size, str):
            return ("the whole input" if f.size == "all" else "differs from position to position, without a pattern",)
        plain = (f"{f} position{'s' if str(f) != '1' else ''}{self.stride(f)}",)
        if window is None or before is None or isinstance(before.size, str) or before.stride is None:
            return plain
        n, s = before.size[0], before.stride.numerator
        if before.stride.denominator != 1 or {*before.size, *f.size} != {n, n + (window.extent - 1) * s}:
            return plain
        rule = "that of the input + (window - 1) × distance in the input"
        return rule, f"{n} + ({window.extent} - 1) × {s} = {plain[0]}"

    def stride(self, f: Field) -> str:
        """How far the field moves from one position to the next, and where it begins."""
        if not f.stride:
            return ""
        begin = f"; the first begins at {f.offset}, in padding" if f.offset is not None and f.offset < 0 else (
            f"; the first begins at {f.offset}" if f.offset else "")
        return f", {f.stride} apart{begin}"

    def dense(self) -> Iterator[str]:
        """What a dense layer in place of a convolution would have."""
        values = arithmetic.local_values(self.node.op, self.inputs, self.node.outputs)
        if values is None:
            return
        into, out = self.inputs[0].elements, self.node.outputs[0].elements
        weight = self.node.weights[0][1]
        yield self.title("a dense layer in its place")
        yield from self.wrapped("Every output value would see every input value, by a weight of its own:")
        yield f"    {into:,} × {out:,} = {into * out:,} weights"
        yield from self.wrapped(f"Local connections: an output value sees {values:,} input value"
                                f"{'s' if values > 1 else ''}, those under its window:")
        yield f"    {values:,} × {out:,} = {values * out:,} weights"
        yield from self.wrapped("Shared weights: the filter is the same at every position:")
        yield f"    {values:,} × {weight.shape[0]:,} = {weight.elements:,} weights"
        yield from self.wrapped(f"That is one weight for {into * out / max(weight.elements, 1):,.0f} of the dense "
                                "layer's.")

    # -- parts -----------------------------------------------------------------------------------------------------
    def title(self, text: str) -> str:
        """The title of a section."""
        return paint(text, "bold", self.colour)

    def labelled(self, label: str, text: str) -> Iterator[str]:
        """A line with a label before it, wrapped."""
        lines = textwrap.wrap(text, self.width - LABEL, break_on_hyphens=False) or [""]
        yield paint(label, "blue", self.colour) + " " * (LABEL - len(label)) + lines[0]
        yield from (" " * LABEL + line for line in lines[1:])

    def wrapped(self, text: str) -> Iterator[str]:
        """A paragraph."""
        yield from textwrap.wrap(text, self.width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)

    def steps(self, steps: list[Step]) -> Iterator[str]:
        """Formulas with the values put in, one for axes that have the same."""
        merged: list[tuple[str, Step]] = []
        for step in steps:
            if merged and merged[-1][1][1:] == step[1:]:
                merged[-1] = (f"{merged[-1][0]} and {step.what.removeprefix('padding of ')}", merged[-1][1])
            else:
                merged.append((step.what, step))
        for what, step in merged:
            if step.worked == str(step.result):
                yield f"  {what}: {step.result:,}, {step.rule}"
                continue
            note = f", {step.note}" if step.note else ""
            for text, indent in ((f"{what}: {step.rule}", "  "), (f"{step.worked} = {step.result:,}{note}", "    ")):
                yield from textwrap.wrap(spaced(text), self.width, initial_indent=indent, subsequent_indent="    ",
                                         break_on_hyphens=False)

    def kept(self, name: str, p: Parameter) -> str:
        """What is special about a weight."""
        own = f"{self.node.name}.{name}" if name else self.node.name
        notes = [f"shared: it is {p.name}, counted there"] if p.name != own else []
        if p.buffer:
            notes.append("a buffer: neither trained nor counted")
        elif not p.trainable:
            notes.append("frozen")
        return f"  ({', '.join(notes)})" if notes else ""

    def name(self, value: int) -> str:
        """The layer that gives a value."""
        node = self.graph.producer(value)
        if node is not None and len(node.outputs) == 1:
            return clean(node.layer)
        return clean(self.graph.value_name(value))

    def locations(self) -> Iterator[str]:
        """Where it is written, and the uses of blocks that led there."""
        trace: Trace | None = self.node.trace
        first = True
        while trace is not None:
            location = trace.location
            file = self.sources.names[location.file] if location.file < len(self.sources.names) else ""
            yield ("" if first else f"in {clean(trace.label)}, ") + f"{clean(near(file))}:{location.line}"
            trace, first = trace.parent, False


def typed(t: TensorType) -> str:
    """``(64, 56, 56): channels, height, width``."""
    names = ", ".join(a or "?" for a in t.axes)
    kind = "" if t.dtype == "float32" else f", {t.dtype}"
    return f"{shown(t.shape)}: {names}{kind}" if any(t.axes) else f"{shown(t.shape)}{kind}"


def near(file: str) -> str:
    """A file's name, from here where it stands below."""
    inside = os.path.relpath(file) if os.path.isabs(file) else file
    return file if inside.startswith("..") else inside


def _line(op: str) -> str:
    return operation(op).line.replace("`", "")


def spaced(text: str) -> str:
    """Products with the sign that is read most easily."""
    return text.replace("*", "×")
