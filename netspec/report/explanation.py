"""How each figure of one layer is computed, as text."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator

from ..analysis import Field, ReceptiveFields, receptive_fields
from ..diagnostics import Sources, clean, paint
from ..ir import Graph, Layer, Parameter, Trace
from ..ops.common.shortest_form import shortest_arguments
from ..ops.formula import Step, product
from ..ops.reference import operation
from ..shapes.types import TensorType, shape_text
from ..shapes.window import Window
from ..text.writer import flow_style

LABEL = 12
"""Width of the column of labels."""


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
        self.activation = layer.activation
        self.sources = sources
        self.width = width
        self.colour = colour
        self.inputs = graph.inputs_of(node)
        self.fields: ReceptiveFields = receptive_fields(graph)

    def text(self) -> str:
        """The whole explanation."""
        sections = (self.head, self.value, self.size, self.weights, self.macs, self.connections, self.field, self.dense)
        return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section()))) + "\n"

    # -- sections -----------------------------------------------------------------------------------------------------
    def head(self) -> Iterator[str]:
        """What it is, its inputs and outputs, and where it is defined."""
        node, op = self.node, self.node.op
        yield paint(clean(node.layer), "bold", self.colour)
        yield from textwrap.wrap(_line(op.name), self.width)
        yield ""
        args = shortest_arguments(op, self.inputs)
        body = {op.name: args.pop(op.primary), **args} if op.primary in args else {op.name: args}
        yield from self.labelled("layer", flow_style(body) if args or body[op.name] != {} else op.name)
        if self.activation is not None:
            yield from self.labelled("activation", f"{self.activation.op.name}: {_line(self.activation.op.name)}")
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
        """How a value of the output is computed, before the activation."""
        formulas = self.node.op.value_formulas(self.inputs, self.node.outputs)
        if formulas:
            yield self.title("value")
            for formula in formulas:
                whole = re.sub(r"\([^()]*\)", lambda m: m[0].replace(" ", "\0"), formula)  # no breaks in `x(i - 1, j)`
                lines = textwrap.wrap(whole, self.width - 2, subsequent_indent="  ", break_on_hyphens=False)
                yield from (f"  {line}".replace("\0", " ") for line in lines)

    def size(self) -> Iterator[str]:
        """How its output shape is computed."""
        steps = self.node.op.size_steps(self.inputs, self.node.outputs)
        yield self.title("size")
        if steps:
            yield from self.steps(steps)
        else:
            yield from self.wrapped(self.node.op.size_rule.replace("`", ""))

    def weights(self) -> Iterator[str]:
        """Its weights one by one, and their number."""
        yield self.title("weights")
        if not self.node.weights:
            yield "  none"
            return
        counted = [p for _, p in self.node.weights if not p.buffer]
        wide = max(len(name) for name, _ in self.node.weights)
        for name, p in self.node.weights:
            words = self.node.op.axes_of(name)
            label = f"{name:{wide}}  " if wide else ""
            axes = f": {with_times_signs(words)}" if words else ""
            line = f"  {label}{shape_text(p.shape)}{axes}{self.weight_note(name, p)}"
            yield from textwrap.wrap(line, self.width, subsequent_indent="    ")
            if len(p.shape) > 1:
                yield f"    {with_times_signs(product(*p.shape))} = {p.elements:,}"
        if len(counted) > 1:
            numbers = " + ".join(str(p.elements) for p in counted)
            yield from self.wrapped(f"{numbers} = {sum(p.elements for p in counted):,} parameters in total")

    def macs(self) -> Iterator[str]:
        """Multiply-accumulates, without those of the activation."""
        macs = self.node.op.macs(self.inputs, self.node.outputs)
        if not macs:
            return
        yield self.title("multiply-accumulates")
        step = self.node.op.macs_step(self.inputs, self.node.outputs)
        if step is not None:
            yield from self.steps([step])
        else:
            yield from self.wrapped(f"{macs:,}: {self.node.op.macs_rule}")
        yield f"  FLOPs: 2 × {macs:,} = {2 * macs:,}"

    def connections(self) -> Iterator[str]:
        """Connections: weights used, and biases."""
        macs = self.node.op.macs(self.inputs, self.node.outputs)
        connections = self.node.op.connection_count(self.inputs, self.node.outputs)
        if not connections:
            return
        yield self.title("connections")
        biases = connections - macs
        if macs and biases:
            yield from self.wrapped(f"{macs:,} weights used + {biases:,} biases used = {connections:,}")
        else:
            yield f"  {connections:,}: the weights used, summed over all output positions"

    def field(self) -> Iterator[str]:
        """The receptive field, and how this layer enlarges it."""
        fields = self.fields.of(self.node.first)
        if not fields:
            return
        yield self.title("receptive field")
        windows: dict[str | None, Window] = {}
        if self.inputs:
            windows = {self.inputs[0].axes[a]: w for a, w, _ in self.node.op.sliding(self.inputs[0])}
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
        """The field along one axis of one input, with the sum that the window adds if there is one."""
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
        """How far apart the fields of neighbouring positions are, and where the first begins."""
        if not f.stride:
            return ""
        begin = f"; the first begins at {f.offset}" if f.offset else ""
        padding = ", in padding" if f.offset is not None and f.offset < 0 else ""
        return f", {f.stride} apart{begin}{padding}"

    def dense(self) -> Iterator[str]:
        """The weights of a dense layer in place of a convolution."""
        values = self.node.op.local_inputs(self.inputs[0]) if self.inputs else None
        if values is None:
            return
        into, out = self.inputs[0].elements, self.node.outputs[0].elements
        weight = self.node.weights[0][1]
        yield self.title("a dense layer in its place")
        yield from self.wrapped("Every output value would depend on every input value, each with its own weight:")
        yield f"    {into:,} × {out:,} = {into * out:,} weights"
        yield from self.wrapped(
            f"Local connections: an output value depends on {values:,} input value"
            f"{'s' if values > 1 else ''}, those under its window:"
        )
        yield f"    {values:,} × {out:,} = {values * out:,} weights"
        yield from self.wrapped("Shared weights: the filter is the same at every position:")
        yield f"    {values:,} × {weight.shape[0]:,} = {weight.elements:,} weights"
        ratio = into * out / max(weight.elements, 1)
        yield from self.wrapped(f"That is one weight for every {ratio:,.0f} of the dense layer.")

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
        """Formulas with values substituted; axes with the same formula share one."""
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
                yield from textwrap.wrap(
                    with_times_signs(text),
                    self.width,
                    initial_indent=indent,
                    subsequent_indent="    ",
                    break_on_hyphens=False,
                )

    def weight_note(self, name: str, p: Parameter) -> str:
        """Whether a weight is shared, a buffer, or frozen, in brackets; empty if it is none of these."""
        own = f"{self.node.name}.{name}" if name else self.node.name
        notes = [f"shared: the same tensor as {p.name}, counted there"] if p.name != own else []
        if p.buffer:
            notes.append("a buffer: neither trained nor counted")
        elif not p.trainable:
            notes.append("frozen")
        return f"  ({', '.join(notes)})" if notes else ""

    def name(self, value: int) -> str:
        """The name of the layer that outputs a value."""
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
            yield ("" if first else f"in {clean(trace.label)}, ") + f"{clean(relative_name(file))}:{location.line}"
            trace, first = trace.parent, False


def typed(t: TensorType) -> str:
    """``(64, 56, 56): channels, height, width``."""
    names = ", ".join(a or "?" for a in t.axes)
    kind = "" if t.dtype == "float32" else f", {t.dtype}"
    return f"{shape_text(t.shape)}: {names}{kind}" if any(t.axes) else f"{shape_text(t.shape)}{kind}"


def relative_name(file: str) -> str:
    """The name of a file, relative to the current folder if it is below it."""
    relative = os.path.relpath(file) if os.path.isabs(file) else file
    return file if relative.startswith("..") else relative


def _line(op: str) -> str:
    return operation(op).line.replace("`", "")


def with_times_signs(text: str) -> str:
    """A formula with ``×`` for ``*``."""
    return text.replace("*", "×")
