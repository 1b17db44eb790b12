"""The schema of layers: their forms, the common keys, and a definition for each operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..language.reading.records import Header
from ..ops import TABLE, find
from ..ops.base import Op
from ..ops.layer_keys import LAYER_KEYS
from ..ops.reference import operation
from ..shapes.types import FLOATS
from .value_schema import (
    EXPRESSION,
    IDENTIFIER,
    NAME,
    Schema,
    argument_value,
    by_type,
    chain,
    described,
    has_key,
    opened,
    reference,
)

NAME_OR_EXPRESSION = rf"{NAME}|\$\("
BLOCK = "^[A-Z]"
_DEPENDENCIES = {"first": ["repeat"]}
_UNNAMED: Schema = {"if": {"type": "object"}, "then": {"properties": {"inline": {"type": "array"}}}}
_UNLISTED: Schema = {"if": {"type": "object"}, "then": {"properties": {"inline": {"type": "object"}}}}
"""Layers of a mapping have names, and so do those of ``inline``."""


def layers() -> dict[str, Schema]:
    """Returns all definitions of layers."""
    definitions: dict[str, Schema] = {
        "layers": {
            "description": Header.arguments["layers"].doc,
            **by_type(
                {
                    "array": {"items": {"allOf": [reference("layer"), _UNNAMED]}},
                    "object": {
                        "propertyNames": {"pattern": NAME_OR_EXPRESSION},
                        "additionalProperties": {"allOf": [reference("layer"), _UNLISTED]},
                    },
                }
            ),
        },
        "layer": _layer(),
        "layer_word": _word(),
        "layer_operation": {
            "allOf": [
                _none_named(),
                *({"if": {"required": [op]}, "then": reference(f"op_{op}")} for op in TABLE),
            ]
        },
        "layer_group": {
            "properties": {**_wiring(), **_group()},
            "additionalProperties": False,
            "propertyNames": {"not": {"const": "first"}},
        },
        "layer_inline": {
            "properties": {
                **_wiring(),
                "inline": described("layers", "Layers that replace this one in the list or mapping around it."),
            },
            "additionalProperties": False,
        },
        "layer_block": {
            "description": "A block: its parameters, and the keys of any layer.",
            "properties": _wiring(),
            "dependencies": _DEPENDENCIES,
        },
        "layer_parameter": {
            "description": "An operation or block that a parameter names, its arguments, and the keys of any layer.",
            "properties": _wiring(),
            "dependencies": _DEPENDENCIES,
        },
    }
    for op in TABLE:
        definitions[f"op_{op}"] = _operation(op, definitions)
    return definitions


def _layer() -> Schema:
    return {
        "description": "An operation, a block, or a group of layers.",
        **by_type(
            {
                "string": reference("layer_word"),
                "array": {"items": reference("layer")},
                "object": chain(
                    [
                        ({"required": ["layers"]}, reference("layer_group")),
                        ({"required": ["inline"]}, reference("layer_inline")),
                        (has_key(BLOCK), reference("layer_block")),
                        (has_key(r"^\$"), reference("layer_parameter")),
                    ],
                    reference("layer_operation"),
                ),
            }
        ),
    }


def _wiring() -> dict[str, Schema]:
    """Returns the keys common to all layers."""
    sizes: Schema = {"minItems": 1, "items": opened({"type": "integer", "minimum": 1})}
    start = by_type({"array": sizes}, {"type": "string"})
    wiring: dict[str, Schema] = {
        "from": described("sources", "Its inputs; by default the previous layer."),
        "activation": _activation(),
        "when": {"description": "false omits the layer.", **opened({"type": "boolean"})},
        "repeat": {"description": "Number of copies, in a chain.", **opened({"type": "integer", "minimum": 0})},
        "first": {"description": "Arguments of the first copy only.", "type": "object"},
        "each": _each(),
        "parallel": {"description": "true: the copies stand side by side.", **opened({"type": "boolean"})},
        "carry": {
            "description": "Inputs that each copy (or position) has from the outputs of the one before it; true: all.",
            **by_type(
                {"array": {"items": {"type": "string"}}, "boolean": {}, "object": {"additionalProperties": start}},
                EXPRESSION,
            ),
        },
        "map": described("references", "The tensors for each of which it runs once, with the same weights."),
        "over": {
            "description": "An axis along which it runs, or several.",
            **opened(by_type({"array": {"minItems": 1, "items": {"type": "string"}}}, {"type": "string"})),
        },
        "route": described("references", "Numbers of the copies that each position goes through, and their shares."),
        "stacked": {
            "description": "true: the weights of equal copies are stored as one, with a leading axis.",
            **opened({"type": "boolean"}),
        },
        "share": described("named", "The earlier layer whose weights this one uses."),
        "freeze": {
            "description": "true: its weights are not trained; or the names of those that are not.",
            **by_type({"string": {}, "array": {"items": {"type": "string"}}}, {"type": "boolean"}),
        },
        "weights": {
            "description": "What stands for its weights: a layer's name, or a layer in place for the stored weight.",
            "type": "object",
            "additionalProperties": by_type(
                {"boolean": {"const": False}, "string": reference("name")}, reference("layer")
            ),
        },
        "unused": {"description": "true: nothing need read it.", **opened({"type": "boolean"})},
        "dtype": {
            "description": "Floating-point type of weights, inputs and results. Inputs are converted.",
            **opened({"enum": list(FLOATS)}),
        },
        "doc": {"description": "A remark for reports and drawings.", "type": ["string", "number", "boolean"]},
    }
    assert tuple(wiring) == LAYER_KEYS
    return wiring


def _activation() -> Schema:
    activations = [op for op in TABLE if find(op).is_activation]
    alone: Schema = {"if": EXPRESSION, "else": {"enum": activations}}
    return {
        "description": "An activation of the result: its name, or {name: argument}.",
        **by_type(
            {
                "object": {
                    "minProperties": 1,
                    "maxProperties": 1,
                    "propertyNames": {"if": {"pattern": r"\$"}, "else": {"enum": activations}},
                }
            },
            alone,
        ),
    }


def _each() -> Schema:
    rows = {"type": ["array", "object", "string"]}
    column: Schema = {"type": "string", "pattern": IDENTIFIER}
    return {
        "description": "One copy for each row of a table.",
        "type": "object",
        "required": ["rows"],
        "additionalProperties": False,
        "properties": {"columns": by_type({"array": {"items": column}}, column), "rows": rows, "as": column},
    }


def _group() -> dict[str, Schema]:
    return {
        "layers": reference("layers"),
        "inputs": reference("names"),
        "output": reference("outputs"),
        "outputs": reference("outputs"),
    }


def _word() -> Schema:
    """Returns the schema of a layer of one word: an operation without required arguments, a block, or an expression."""
    free = [op for op in TABLE if not any(a.required for a in find(op).arguments.values()) and _needs_no_names(op)]
    return {
        "if": {"pattern": rf"{BLOCK}|\$"},
        "else": {"enum": free, "errorMessage": "an operation that needs no argument, or a block, is named here"},
    }


def _needs_no_names(op: str) -> bool:
    """Whether the previous layer is a sufficient input of an operation."""
    return find(op).arity[0] < 2 and find(op).primary != "from"


def _none_named() -> Schema:
    """Returns the schema of a layer without an operation: all of them are suggested."""
    return {
        "if": {"propertyNames": {"not": {"enum": list(TABLE)}}},
        "then": {
            "required": ["operation"],
            "errorMessage": "a layer names an operation, or a block (with a capital letter)",
            "properties": {op: {"description": operation(op).line} for op in TABLE},
        },
    }


def _operation(op: str, definitions: dict[str, Schema]) -> Schema:
    """Returns the schema of a layer with the key of an operation."""
    cls = find(op)
    about = operation(op)
    docs = {a.name: f"{a.doc}: {a.must_be}" for a in about.arguments}
    arguments: dict[str, Schema] = {}
    for name, argument in cls.arguments.items():
        value = {"description": docs[name], **argument_value(argument.validator, TABLE[op].window_rank)}
        arguments[name] = _shared(f"argument_{name}", value, definitions)
    needed = [name for name in arguments if cls.arguments[name].required]
    further = _further(op, cls, definitions)
    definitions[f"defaults_{op}"] = {
        "description": about.line,
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: arguments[name]
            for name, argument in cls.arguments.items()
            if name not in needed and argument.validator.kind != "layer"
        }
        | {key: _shared(f"wiring_{key}", _wiring()[key], definitions) for key in ("weights", "freeze")},
    }
    return {
        "properties": {op: {"description": about.line}, **arguments, **_wiring_references(definitions, arguments)},
        **further,
        "dependencies": _DEPENDENCIES,
        **_by_value(op, cls, arguments, needed, further),
    }


def _further(op: str, cls: type[Op], definitions: dict[str, Schema]) -> Schema:
    """Returns the schema of keys besides the arguments: none, or names of axes with their sizes."""
    if cls.further is None:
        return {"additionalProperties": False}
    validator = cls.further.validator
    words = f"{cls.further.doc}: {validator.description}"
    value = {"description": words, **argument_value(validator, TABLE[op].window_rank)}
    key = _shared("further_key", value, definitions)
    return {"propertyNames": {"pattern": IDENTIFIER}, "additionalProperties": key}


def _by_value(
    op: str, cls: type[Op], arguments: Mapping[str, Schema], needed: Iterable[str], further: Schema
) -> Schema:
    """Returns the schema of an operation's value: nothing, a mapping of all arguments, or the primary argument."""
    others = [name for name in needed if name != cls.primary]
    inside: list[Schema] = [{"anyOf": [{"required": [n]}, {"properties": {op: {"required": [n]}}}]} for n in needed]
    mapping: Schema = {"properties": {op: {"properties": dict(arguments), **further}}}
    if cls.primary == "from":
        mapping["properties"][op]["properties"]["from"] = reference("references")
        primary: Schema = reference("references")
    else:
        primary = arguments[cls.primary] if cls.primary is not None else {"type": ["null", "object"]}
    alone_needed = [*needed, *(["from"] if cls.primary == "from" else [])]
    alone: Schema = {"properties": {op: primary}}
    if cls.primary == "from":  # one name with a condition
        one_name: Schema = {"properties": {op: {"required": ["from", "when"]}}}
        mapping = chain([(one_name, {"properties": {op: primary}})], mapping)
    if others:
        alone["required"] = others
    if cls.primary == "from":  # a single name is appended to those of 'from'
        alone["not"] = {"required": ["from"], "properties": {op: {"type": "array"}}}
    elif cls.primary is not None:
        alone["not"] = {"required": [cls.primary]}
    return chain(
        [
            ({"properties": {op: {"type": "null"}}}, {"required": alone_needed} if alone_needed else {}),
            ({"properties": {op: {"type": "object"}}}, {"allOf": [mapping, *inside]} if inside else mapping),
        ],
        alone,
    )


def _wiring_references(definitions: dict[str, Schema], arguments: Mapping[str, Schema]) -> dict[str, Schema]:
    """Returns references to definitions of the wiring keys that are not arguments of the operation."""
    return {k: _shared(f"wiring_{k}", value, definitions) for k, value in _wiring().items() if k not in arguments}


def _shared(name: str, value: Schema, definitions: dict[str, Schema]) -> Schema:
    """Returns a reference to a definition; equal definitions are written once."""
    number = 1
    while True:
        full = name if number == 1 else f"{name}_{number}"
        if definitions.setdefault(full, value) == value:
            return reference(full)
        number += 1
