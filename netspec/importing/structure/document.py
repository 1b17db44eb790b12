"""The text of a structured spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...blocks import ABSENT
from ...language.flattener import Flattener
from ...text.spec_style import Grouped, Spread, entry_lines, expression
from ...text.writer import Name, entry
from .blocks import Block
from .finder import StructureFinder
from .layer_text import layers_value, outputs_value
from .parameters import Parameter
from .references import References, previous


def document_text(structure: StructureFinder, name: str, expect: Mapping[str, Any] | None) -> str:
    """The whole document.

    Args:
        structure: the network as blocks.
        name: of the network.
        expect: expectations to include.
    """
    graph = structure.graph
    flattener = Flattener(graph)
    lines = ["netspec: 1"]
    header = {"requires": graph.requires, "name": name, "doc": graph.doc, "cite": graph.cite}
    lines += [entry(key, value) for key, value in header.items() if value is not None]
    if structure.document_parameters:
        lines += entry_lines("params", structure.document_parameters)
    lines += flattener.settings()
    lines += flattener.inputs()
    if structure.defaults:
        lines += entry_lines("defaults", structure.defaults)
    used = structure.used_blocks()
    if used:
        lines += ["", "blocks:"]
        for block in used:
            lines += entry_lines(block.name, block_value(block, frozenset(structure.document_parameters)), 2)
    inputs = list(graph.inputs)
    names = frozenset(structure.document_parameters)
    lines += ["", *entry_lines("layers", layers_value(structure.root, inputs, names))]
    lines += outputs_lines(structure, inputs, flattener)
    if expect:
        counts = {key: Grouped(value) if type(value) is int else value for key, value in expect.items()}
        lines += ["", *entry_lines("expect", counts)]
    return "\n".join(lines) + "\n"


def block_value(block: Block, parameters: frozenset[str]) -> Spread:
    """The value of a block; ``parameters`` are those of the document."""
    out: dict[str, Any] = {}
    if block.inputs != ("input",):
        out["inputs"] = [Name(name) for name in block.inputs]
    if block.parameters:
        out["params"] = {parameter.name: parameter_value(parameter) for parameter in block.parameters}
    out["layers"] = layers_value(block.text, block.inputs, parameters | {p.name for p in block.parameters})
    out |= outputs_value(block.text, block.inputs)
    return Spread(out)


def parameter_value(parameter: Parameter) -> Any:
    """The default of a parameter, or its type."""
    if parameter.expression is not None:
        return expression(parameter.expression)
    if parameter.default is ABSENT:
        return Name(parameter.type)
    return parameter.default


def outputs_lines(structure: StructureFinder, inputs: list[str], flattener: Flattener) -> list[str]:
    """The lines of ``output`` or ``outputs``."""
    root, graph = structure.root, structure.graph
    references = References(root, inputs)
    names = {name: references.name(ref) for name, ref in zip(graph.outputs, root.outputs, strict=True)}
    unread = {f"unread{n}": {"from": flattener.reference(v), "when": False} for n, v in enumerate(flattener.unread())}
    if unread:  # a result that nothing reads is an error, unless an output names it
        return ["", *entry_lines("outputs", Spread({**names, **unread}))]
    if len(names) == 1:
        ((name, layer),) = names.items()
        if root.outputs[0] == previous(root, len(root.lines)) and layer.rsplit(".", 1)[-1] == name:
            return []
        if root.outputs[0] == previous(root, len(root.lines)) and name == "output":
            return []
        if name == layer:
            return ["", *entry_lines("output", layer)]
    if all(name == layer for name, layer in names.items()):
        return ["", *entry_lines("outputs", list(names.values()))]
    return ["", *entry_lines("outputs", names)]
