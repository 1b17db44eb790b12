"""The document of a structured spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...blocks import ABSENT
from ...formatting import spec_text
from ...language.flattener import Flattener
from ...text.writer import Spread, expression
from ...text.yaml_reader import Name
from .block_parameters import Parameter
from .block_texts import Block
from .finder import StructureFinder
from .layer_text import layers_value, outputs_value
from .line_references import References, previous


def document_text(structure: StructureFinder, name: str, expect: Mapping[str, Any] | None) -> str:
    """Returns the text of the whole document.

    Args:
        structure: the network as blocks.
        name: name of the network.
        expect: expectations to include.
    """
    flattener = Flattener(structure.graph)
    parameters = structure.document_parameters
    sections: dict[str, Any] = {**flattener.header(), "name": name}
    if parameters:
        sections["params"] = parameters
    sections |= {**flattener.settings(), **flattener.inputs()}
    if structure.defaults:
        sections["defaults"] = structure.defaults
    names = frozenset(parameters)
    if used := structure.used_blocks():
        sections["blocks"] = Spread({block.name: block_value(block, names) for block in used})
    inputs = list(structure.graph.inputs)
    sections["layers"] = layers_value(structure.root, inputs, names)
    sections |= outputs_section(structure, inputs, flattener)
    if expect:
        sections["expect"] = expect
    return spec_text(sections)


def block_value(block: Block, parameters: frozenset[str]) -> Spread:
    """Returns the YAML value of a block; ``parameters`` are those of the document."""
    out: dict[str, Any] = {}
    if block.inputs != ("input",):
        out["inputs"] = [Name(name) for name in block.inputs]
    if block.parameters:
        out["params"] = {parameter.name: parameter_value(parameter) for parameter in block.parameters}
    out["layers"] = layers_value(block.text, block.inputs, parameters | {p.name for p in block.parameters})
    out |= outputs_value(block.text, block.inputs)
    return Spread(out)


def parameter_value(parameter: Parameter) -> Any:
    """Returns the default of a parameter, or its type if it has none."""
    if parameter.expression is not None:
        return expression(parameter.expression)
    if parameter.default is ABSENT:
        return Name(parameter.type)
    return parameter.default


def outputs_section(structure: StructureFinder, inputs: list[str], flattener: Flattener) -> dict[str, Any]:
    """Returns ``output`` or ``outputs`` if they are needed."""
    root, graph = structure.root, structure.graph
    references = References(root, inputs)
    names = {name: references.name(ref) for name, ref in zip(graph.outputs, root.outputs, strict=True)}
    unread = {f"unread{n}": {"from": flattener.reference(v), "when": False} for n, v in enumerate(flattener.unread())}
    if unread:  # a result that nothing reads is an error, unless an output names it
        return {"outputs": {**names, **unread}}
    if len(names) == 1:
        ((name, layer),) = names.items()
        is_last = root.outputs[0] == previous(root, len(root.lines))
        if is_last and (layer.rsplit(".", 1)[-1] == name or name == "output"):
            return {}
        if name == layer:
            return {"output": layer}
    same = all(name == layer for name, layer in names.items())
    return {"outputs": list(names.values()) if same else names}
