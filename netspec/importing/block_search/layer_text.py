"""Converts the lines of blocks and groups to YAML values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...blocks import ABSENT
from ...text.writer import ALONE, Expression, Rows, Spread, expression
from ...text.yaml_reader import Name
from .block_lines import BlockLine, BlockText, FormulaText, LongList, Slot, SlotTree
from .block_parameters import Parameter
from .block_texts import Block
from .copy_runs import typed_value
from .formula_text import named_formula
from .item_kinds import ACTIVATION
from .items import OPERATION
from .line_references import References, input_name, previous, text_output_names


def slot_value(tree: SlotTree) -> Any:
    """Returns the YAML value of a slot tree."""
    if isinstance(tree, Slot):
        return expression(tree.expression) if tree.expression is not None else tree.value
    if isinstance(tree, LongList):
        parts = zip(tree.values, map(slot_value, tree.counts), strict=True)
        return expression(" + ".join(f"[{in_expression(value)}] * {in_expression(count)}" for value, count in parts))
    if isinstance(tree, FormulaText):
        numbers = [in_expression(slot_value(slot)) for slot in tree.numbers]
        return Expression("".join(part for pair in zip(tree.parts, (*numbers, ""), strict=True) for part in pair))
    if isinstance(tree, dict):
        return {key: slot_value(inner) for key, inner in tree.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    return [slot_value(inner) for inner in tree]


def layers_value(text: BlockText, inputs: Sequence[str], parameters: frozenset[str]) -> Any:
    """Returns the value of ``layers``: a list, or a mapping with one layer per line."""
    references = References(text, inputs, parameters)
    values = [line_value(text, n, references) for n in range(len(text.lines))]
    if not text.listed:
        return Spread(zip([line.name for line in text.lines], values, strict=True))
    return values


def line_value(text: BlockText, position: int, references: References) -> Any:
    """Returns the value of one line."""
    line = text.lines[position]
    if line.table is not None:
        return table_value(line, references.parameters)
    if line.text is not None:
        return group_value(text, position, references)
    value = use_value(line) if line.head.is_use else layer_value(text, position, references)
    return completed(value, text, position, references)


def completed(value: dict[str, Any], text: BlockText, position: int, references: References) -> Any:
    """Adds ``from``, weights and the other keys that any layer may have."""
    line = text.lines[position]
    if line.primary != "from":
        value |= source(text, position, references)
    weights: dict[str, Any] = {}
    for name, ref in line.layers.items():
        if name.startswith("weights."):
            weights[name.partition(".")[2]] = references.name(ref)
        else:
            value[name] = references.name(ref)
    if weights:
        value["weights"] = weights
    for name in ("activation", "freeze", "dtype"):
        if name in line.arguments:
            value[name] = slot_value(line.arguments[name])
    if line.share is not None:
        value["share"] = line.share
    if line.copies is not None:
        value |= copies_value(line)
    if line.when is not None:
        value["when"] = expression(line.when)
    if len(value) == 1:
        ((key, inner),) = value.items()
        if inner is ALONE:
            return key if isinstance(key, Expression) else Name(key)
    return value


def source(text: BlockText, position: int, references: References) -> dict[str, Any]:
    """Returns ``from``, or an empty mapping if the line uses its default input."""
    line = text.lines[position]
    if line.head.operation == "formula":
        return {}
    if not line.reads or list(line.reads) == [previous(text, position)]:
        return {}
    names = references.names(line.reads)
    return {"from": names[0] if len(names) == 1 else names}


def layer_value(text: BlockText, position: int, references: References) -> dict[str, Any]:
    """Returns the operation of a layer with its arguments."""
    line = text.lines[position]
    if line.head == ACTIVATION:
        name = slot_value(line.arguments[OPERATION])
        return {name if isinstance(name, Expression) else str(name): ALONE}
    operation = line.head.operation
    arguments = {name: slot_value(tree) for name, tree in line.arguments.items()}
    for name in ("activation", "freeze", "dtype"):
        arguments.pop(name, None)
    if operation == "formula":
        used_names = {*references.parameters, *list(arguments.get("for", {}))}
        names = [references.name(ref) for ref in line.reads]
        text_, renamed = named_formula(str(arguments.pop("expression")), names, used_names)
        return {operation: Expression(text_)} | ({"from": renamed} if renamed else {}) | arguments
    if line.primary == "from":
        names = references.names(line.reads)
        joined = len(names) == 2 and line.reads[0] == previous(text, position) != line.reads[1]
        joined = joined and not names[1].endswith(".*")
        value = {operation: names[1] if joined else names if len(names) > 1 else merged_one(names[0])}
        return value | arguments
    return {operation: arguments.pop(line.primary) if line.primary in arguments else ALONE} | arguments


def merged_one(name: Name) -> Any:
    """Returns the only input of a merge: all outputs of a layer, or an expression for a list of one item."""
    return name if name.endswith(".*") else Expression(f"$(['{name}'])")


def use_value(line: BlockLine) -> dict[str, Any]:
    """Returns a use of a block with its arguments, including those of repeated copies."""
    block: Block = line.head.block
    parameters = block.free_parameters
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        value = argument_of(line, parameter)
        if value is not ABSENT:
            arguments[parameter.name] = value
    primary = parameters[0].name if parameters and parameters[0].default is ABSENT else None
    return {block.name: arguments.pop(primary) if primary in arguments else ALONE} | arguments


def argument_of(line: BlockLine, parameter: Parameter) -> Any:
    """Returns the argument that a use passes for a parameter; ABSENT if none is needed."""
    assert line.copies is not None
    slots, kind = line.copies.slots[parameter.name], line.copies.kinds[parameter.name]
    if kind == "first":
        return plain_argument(slots[1] if slots[1].known else slots[0], parameter)
    if kind == "same":
        return plain_argument(slots[0], parameter)
    a, b = (slot_value(slot) for slot in slots)
    if kind == "alternate":
        return alternating(a, b)
    if kind == "multiply":
        power = f"{in_expression(b)} ** index"
        return expression(power if a == 1 else f"{in_expression(a)} * {power}")
    return expression(f"{in_expression(a)} + {in_expression(b)} * index" if a else f"{in_expression(b)} * index")


def plain_argument(slot: Slot, parameter: Parameter) -> Any:
    """Returns the value of a slot, or ABSENT if it equals the default."""
    if slot.expression is not None:
        return slot_value(slot)
    value = slot.value
    if value is ABSENT:
        return ABSENT if parameter.default is not ABSENT else parameter.values[0]
    if parameter.default is not ABSENT and typed_value(value) == typed_value(parameter.default):
        return ABSENT
    return value


def alternating(even: Any, odd: Any) -> Expression:
    """Returns an expression with one value in even copies and another in odd ones."""
    if (even, odd) == (False, True):
        return expression("index % 2 == 1")
    if (even, odd) == (True, False):
        return expression("index % 2 == 0")
    if even == 0:
        return expression(f"index % 2 * {in_expression(odd)}")
    return expression(f"{in_expression(odd)} if index % 2 else {in_expression(even)}")


def in_expression(value: Any) -> str:
    """Formats a value as part of an expression."""
    if isinstance(value, Expression):
        inner = value[2:-1] if value.startswith("$(") else value[1:]
        return f"({inner})" if value.startswith("$(") else inner
    return repr(value)


def copies_value(line: BlockLine) -> dict[str, Any]:
    """Returns ``repeat`` and ``first`` of a chain."""
    assert line.copies is not None
    out: dict[str, Any] = {}
    count = line.copies.count
    if count.expression is not None or count.value != 1:
        out["repeat"] = slot_value(count)
    first = {
        name: slot_value(slots[0])
        for name, slots in line.copies.slots.items()
        if line.copies.kinds[name] == "first" and slots[0].known
    }
    if first and "repeat" in out:
        out["first"] = first
    return out


def group_value(text: BlockText, position: int, references: References) -> Any:
    """Returns an inline group: a list, a mapping with ``layers``, or a chain of copies under its name."""
    line = text.lines[position]
    inner = line.text
    assert inner is not None
    count = len(inner.types)
    inputs = ["input"] if count == 1 else [input_name(number) for number in range(count)]
    keys: dict[str, Any] = {} if len(inputs) == 1 else {"inputs": [Name(name) for name in inputs]}
    keys |= source(text, position, references)
    if line.share is not None:
        keys["share"] = line.share
    if line.when is not None:
        keys["when"] = expression(line.when)
    if inner.listed and len(inner.lines) == 1 and not outputs_value(inner, inputs) and not text.listed:
        only = inner.lines[0]
        if only.copies is not None and "repeat" in copies_value(only) and only.when is None:
            value: Any = line_value(inner, 0, References(inner, inputs, references.parameters))
            if "from" not in value:
                return {**value, **keys}
    keys |= outputs_value(inner, inputs)
    layers = layers_value(inner, inputs, references.parameters)
    if inner.listed and not keys:
        return layers
    return {"layers": layers} | keys if inner.listed else Spread({"layers": layers} | keys)


def outputs_value(text: BlockText, inputs: Sequence[str]) -> dict[str, Any]:
    """Returns ``output`` or ``outputs`` of a block or group; empty if its only output is that of the last layer."""
    references = References(text, inputs)
    if len(text.outputs) == 1:
        last = previous(text, len(text.lines))
        return {} if text.outputs[0] == last else {"output": references.name(text.outputs[0])}
    names = text_output_names(text)
    return {"outputs": dict(zip(names, map(references.name, text.outputs), strict=True))}


def table_value(line: BlockLine, parameters: frozenset[str]) -> Any:
    """Returns the layers of a table with its rows (``each``) or its number of repetitions."""
    table = line.table
    assert table is not None
    columns = [Name(name) for name in table.columns]
    if not columns:
        return {"inline": layers_value(table.text, ["input"], parameters), "repeat": slot_value(table.count)}
    if len(columns) == 1:
        each: dict[str, Any] = {"columns": columns[0], "rows": [row[0] for row in table.rows]}
    else:
        each = {"columns": columns, "rows": Rows(table.rows)}
    values = layers_value(table.text, ["input"], parameters)
    if len(values) == 1 and isinstance(values[0], dict):
        value: dict[str, Any] = values[0]
        return Spread(value | {"each": each})
    if len(values) == 1 and isinstance(values[0], list):
        return Spread({"each": each, "layers": values[0]})
    if len(values) == 1:
        return Spread({str(values[0]): ALONE, "each": each})
    return Spread({"each": each, "inline": values})
