"""The JSON Schema of specs, for editors: it completes keys and arguments, and finds what is wrong without shapes.

Draft 7, which the YAML modes of editors read. Every operation is one ``if: {required: [conv2d]}, then: …`` in a list
of its own: a layer that names it meets just its arguments, and a misplaced key one message. Where a value may be an
expression, a text with ``$`` in it passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from .language.forms import GROUP, WIRING
from .ops import TABLE, find
from .ops.base import Check, LayerCheck, Op
from .reference import operation
from .types import DTYPES

Schema: TypeAlias = dict[str, Any]

PART = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
NAME = rf"^{PART}(?:\.{PART})*$"
NAME_OR_EXPRESSION = rf"^{PART}(?:\.{PART})*$|\$\("
IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_]*$"
BLOCK = "^[A-Z]"
EXPRESSION: Schema = {"type": "string", "pattern": r"\$"}
_DEPENDENCIES = {"first": ["repeat"]}
_UNLISTED: Schema = {"if": {"type": "object"}, "then": {"not": {"required": ["inline"]}}}
"""Layers of a mapping have names: none of them is ``inline``."""
LONG_NUMBER = r"^[-+]?[0-9]+(?:_[0-9]+)+(?:\.[0-9]+)?$"
"""A number with ``_`` in it: the YAML of editors takes it for text."""


def schema() -> Schema:
    """The whole schema."""
    definitions: dict[str, Schema] = {
        "layers": {
            "description": "The network: a mapping from names to layers, or a list of layers.",
            **_by_type({
                "array": {"items": _reference("layer")},
                "object": {
                    "propertyNames": {"pattern": NAME_OR_EXPRESSION},
                    "additionalProperties": {"allOf": [_reference("layer"), _UNLISTED]},
                },
            }),
        },
        "layer": {
            "description": "An operation, a block, or layers in place.",
            **_by_type({
                "string": _reference("layer_word"),
                "array": {"items": _reference("layer")},
                "object": _chain([
                    ({"required": ["layers"]}, _reference("layer_group")),
                    ({"required": ["inline"]}, _reference("layer_inline")),
                    (_has_key(BLOCK), _reference("layer_block")),
                    (_has_key(r"^\$"), _reference("layer_parameter")),
                ], _reference("layer_operation")),
            }),
        },
        "layer_word": _word(),
        "layer_operation": {"allOf": [
            _none_named(), *({"if": {"required": [op]}, "then": _reference(f"op_{op}")} for op in TABLE),
        ]},
        "layer_group": {
            "properties": {**_wiring(), **_group()},
            "additionalProperties": False,
            "propertyNames": {"not": {"const": "first"}},
        },
        "layer_inline": {
            "properties": {
                **_wiring(), "inline": {"type": "array", "items": _reference("layer"),
                                        "description": "Layers that take their places in the list around them."},
            },
            "additionalProperties": False,
        },
        "layer_block": {"description": "The use of a block: its parameters, and the wiring.", "properties": _wiring(),
                        "dependencies": _DEPENDENCIES},
        "layer_parameter": {
            "description": "An operation or block that a parameter names, its arguments, and the wiring.",
            "properties": _wiring(),
            "dependencies": _DEPENDENCIES,
        },
        **_wiring_definitions(),
    }
    for op in TABLE:
        definitions[f"op_{op}"] = _operation(op, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "netspec",
        "description": "A neural-network architecture, version 1 of the language.",
        "type": "object",
        "required": ["netspec", "layers"],
        "properties": _document(),
        "additionalProperties": False,
        "oneOf": [{"required": ["input"]}, {"required": ["inputs"]}],
        "definitions": {name: definitions[name] for name in sorted(definitions)},
    }


def rendered() -> str:
    """The schema as a file has it: a line for each definition."""
    whole = schema()
    definitions = whole.pop("definitions")
    head = json.dumps(whole, indent=1, ensure_ascii=False)[: -len("\n}")]
    lines = (f"  {json.dumps(name)}: {json.dumps(d, ensure_ascii=False)}" for name, d in definitions.items())
    return f'{head},\n "definitions": {{\n' + ",\n".join(lines) + "\n }\n}\n"


# -- the document ---------------------------------------------------------------------------------------------------
def _document() -> Schema:
    text = {"type": ["string", "number", "boolean"]}
    return {
        "netspec": {"const": 1, "description": "Version of the language."},
        "name": {**text, "description": "Name of the network; the file's stem where it is not given."},
        "doc": {**text, "description": "What the network is."},
        "cite": {**text, "description": "Where it was published."},
        "params": _reference("params"),
        "variants": {
            "description": "Named settings of the parameters.",
            "type": "object",
            "propertyNames": {"pattern": NAME, "not": {"const": "all"}},
            "additionalProperties": {
                "type": "object", "properties": {"expect": _reference("expect"), "doc": text},
            },
        },
        "input": {**_reference_with("shape", "Shape of the one input, without the batch axis: [3, 224, 224].")},
        "inputs": {
            "description": "Shapes of the inputs by name, without the batch axis.",
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": f"^{PART}$"},
            "additionalProperties": _by_type({
                "object": {
                    "required": ["shape"], "additionalProperties": False,
                    "properties": {"shape": _reference("shape"), "dtype": {"enum": list(DTYPES)}, "doc": text},
                },
            }, _reference("shape")),
        },
        "layout": {"enum": ["channels_first", "channels_last"], "description": "Where shapes have the channel axis."},
        "use": {
            "description": "Files whose blocks may be used here, in the spec's folder or below.",
            "type": ["string", "array"], "items": {"type": "string"}, "minItems": 1, "uniqueItems": True,
        },
        "blocks": {
            "description": "Named pieces of network. A name begins with a capital letter.",
            "type": "object",
            "propertyNames": {"pattern": "^[A-Z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$"},
            "additionalProperties": {
                "type": "object", "required": ["layers"], "additionalProperties": False,
                "properties": {
                    "doc": text, "params": _reference("params"), "inputs": _reference("names"),
                    "layers": _reference("layers"), "output": _reference("outputs"), "outputs": _reference("outputs"),
                },
                "not": {"required": ["output", "outputs"]},
            },
        },
        "layers": _reference("layers"),
        "output": _reference("outputs"),
        "outputs": _reference("outputs"),
        "expect": _reference("expect"),
    }


def _wiring_definitions() -> dict[str, Schema]:
    """Everything that several places of a document share."""
    size = _open({"type": "integer", "minimum": 1})
    fact = {"type": ["integer", "string"]}
    text = {"type": ["string", "number", "boolean"]}
    name: Schema = {"type": ["string", "integer", "number"]}
    return {
        "shape": _by_type({"string": EXPRESSION}, {"type": "array", "items": size, "minItems": 1}),
        "name": name,
        "names": {"type": "array", "items": {"type": "string", "pattern": f"^{PART}$"}, "minItems": 1,
                  "uniqueItems": True},
        "references": _by_type({"array": {"items": _reference("name"), "minItems": 1}}, name),
        "outputs": {
            "description": "What the network gives: a layer, a list of layers, or a mapping of public names to layers.",
            **_by_type({
                "object": {
                    "propertyNames": {"pattern": NAME},
                    "additionalProperties": _by_type({"object": {
                        "required": ["from"], "additionalProperties": False,
                        "properties": {"from": _reference("name"), "when": _open({"type": "boolean"})},
                    }}, name),
                },
            }, _reference("references")),
        },
        "params": {
            "description": "Parameters: a default value, a type (then it must be given), or the long form.",
            "type": "object",
            "propertyNames": {
                "pattern": IDENTIFIER,
                "not": {"enum": [*WIRING, *GROUP, "index", "row", "incoming", "input", "true", "false"]},
            },
            "additionalProperties": _by_type({"object": {
                "additionalProperties": False,
                "properties": {
                    "type": {"enum": ["int", "float", "bool", "str", "list"]}, "default": {},
                    "choices": {"type": "array", "minItems": 1}, "min": {"type": "number"}, "max": {"type": "number"},
                    "doc": text,
                },
            }}, {}),
        },
        "expect": {
            "description": "Facts that `netspec check` verifies: a number, or a bound such as '<= 5M', '4.09G +- 1%'.",
            "type": "object", "additionalProperties": False,
            "properties": {
                **dict.fromkeys(("params", "trainable_params", "macs", "activations", "connections"), fact),
                "receptive_field": {"type": ["integer", "string", "array", "object"]},
                "output": {"type": ["array", "object", "string"]},
                "shapes": {"type": "object", "additionalProperties": {"type": ["array", "string"]}},
            },
        },
    }


# -- layers -----------------------------------------------------------------------------------------------------------
def _wiring() -> dict[str, Schema]:
    """The keys that any layer may have."""
    activations = [op for op in TABLE if find(op).is_activation]
    alone: Schema = {"if": EXPRESSION, "else": {"enum": activations}}
    rows = {"type": ["array", "object", "string"]}
    column: Schema = {"type": "string", "pattern": IDENTIFIER}
    wiring: dict[str, Schema] = {
        "from": _reference_with("references", "The layers that it reads; by default the one before."),
        "activation": {
            "description": "An activation after the result: its name, or {name: argument}.",
            **_by_type({"object": {
                "minProperties": 1, "maxProperties": 1,
                "propertyNames": {"if": {"pattern": r"\$"}, "else": {"enum": activations}},
            }}, alone),
        },
        "when": {"description": "false: the layer is left out.", **_open({"type": "boolean"})},
        "repeat": {"description": "So many copies in a chain.", **_open({"type": "integer", "minimum": 0})},
        "first": {"description": "Arguments that hold for the first copy only.", "type": "object"},
        "each": {
            "description": "One copy for each row of a table.", "type": "object", "required": ["rows"],
            "additionalProperties": False,
            "properties": {"columns": _by_type({"array": {"items": column}}, column), "rows": rows},
        },
        "share": _reference_with("name", "The earlier layer whose weights this one uses."),
        "freeze": {"description": "true: the weights are not trained.", **_open({"type": "boolean"})},
        "doc": {"description": "A remark, shown in reports and diagrams.", "type": ["string", "number", "boolean"]},
    }
    assert tuple(wiring) == WIRING
    return wiring


def _group() -> dict[str, Schema]:
    return {
        "layers": _reference("layers"),
        "inputs": _reference("names"),
        "output": _reference("outputs"),
        "outputs": _reference("outputs"),
    }


def _word() -> Schema:
    """A layer of one word: an operation that needs no argument, a block, or an expression."""
    free = [op for op in TABLE if not any(map(find(op).needs, find(op).arguments())) and find(op).arity[0] < 2]
    return {
        "if": {"pattern": rf"{BLOCK}|\$"},
        "else": {"enum": free, "errorMessage": "an operation that needs no argument, or a block, is named here"},
    }


def _none_named() -> Schema:
    """What a layer meets that names no operation: all of them to choose from."""
    return {
        "if": {"propertyNames": {"not": {"enum": list(TABLE)}}},
        "then": {
            "required": ["operation"],
            "errorMessage": "a layer names an operation, or a block (with a capital letter)",
            "properties": {op: {"description": operation(op).line} for op in TABLE},
        },
    }


def _operation(op: str, definitions: dict[str, Schema]) -> Schema:
    """A layer with the key of an operation."""
    cls = find(op)
    about = operation(op)
    docs = {a.name: f"{a.doc}: {a.must_be}" for a in about.arguments}
    arguments: dict[str, Schema] = {}
    for name, check in cls.arguments().items():
        value = {"description": docs[name], **_argument(check, TABLE[op].rank)}
        arguments[name] = _shared(f"argument_{name}", value, definitions)
    needed = [name for name in arguments if cls.needs(name)]
    return {
        "properties": {op: {"description": about.line}, **arguments, **_wiring_references(definitions)},
        "additionalProperties": False,
        "dependencies": _DEPENDENCIES,
        **_by_value(op, cls, arguments, needed),
    }


def _by_value(op: str, cls: type[Op], arguments: Mapping[str, Schema], needed: Iterable[str]) -> Schema:
    """What follows from the value of the operation's name: nothing, a mapping of all arguments, or the primary one."""
    others = [name for name in needed if name != cls.primary]
    inside: list[Schema] = [{"anyOf": [{"required": [n]}, {"properties": {op: {"required": [n]}}}]} for n in needed]
    mapping: Schema = {"properties": {op: {"properties": dict(arguments), "additionalProperties": False}}}
    if cls.primary == "from":
        mapping["properties"][op]["properties"]["from"] = _reference("references")
        primary: Schema = _reference("references")
    else:
        primary = arguments[cls.primary] if cls.primary is not None else {"type": ["null", "object"]}
    alone: Schema = {"properties": {op: primary}}
    if others:
        alone["required"] = others
    if cls.primary is not None:
        alone["not"] = {"required": [cls.primary]}
    return _chain([
        ({"properties": {op: {"type": "null"}}}, {"required": list(needed)} if needed else {}),
        ({"properties": {op: {"type": "object"}}}, {"allOf": [mapping, *inside]} if inside else mapping),
    ], alone)


def _wiring_references(definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The wiring keys as references to one definition each."""
    return {key: _shared(f"wiring_{key}", value, definitions) for key, value in _wiring().items()}


def _shared(name: str, value: Schema, definitions: dict[str, Schema]) -> Schema:
    """A reference to a definition that is this one; equal ones are written once."""
    number = 1
    while True:
        full = name if number == 1 else f"{name}_{number}"
        if definitions.setdefault(full, value) == value:
            return _reference(full)
        number += 1


# -- values -----------------------------------------------------------------------------------------------------------
def _argument(check: Check, rank: int) -> Schema:
    """What may be written for an argument: what its check says, and expressions at every place."""
    if isinstance(check, LayerCheck):
        return _reference("name")
    opened = _open(dict(check.schema))
    if rank and _takes(check, [1] * rank, rank) and not _takes(check, [1] * (rank + 1), rank):  # one for each axis
        opened["then"] = {**opened["then"], "minItems": rank, "maxItems": rank}
    return _by_type({"null": {}}, opened) if _takes(check, None, rank or 2) else opened


def _takes(check: Check, value: Any, rank: int) -> bool:
    try:
        check.read(value, rank)
    except (TypeError, ValueError):
        return False
    return True


def _open(value: Schema) -> Schema:
    """The schema with expressions allowed in every place of a value."""
    if "anyOf" in value:
        return _either(value["anyOf"])
    types: str | list[str] = value.get("type", [])
    if types == "array":
        return _otherwise({**value, "items": _open(value["items"])} if "items" in value else value)
    if types in ("integer", "number"):
        return {**value, "type": [types, "string"], "pattern": rf"^\$|{LONG_NUMBER}"}
    if isinstance(types, list) and "string" in types:
        return value
    return _otherwise(value)


def _otherwise(value: Schema) -> Schema:
    return {"if": EXPRESSION, "else": value}


def _either(members: list[Schema]) -> Schema:
    """One of several by the type of what is written: each fault gets one message."""
    arrays = [m for m in members if m.get("type") == "array"]
    others = [m for m in members if m.get("type") != "array"]
    words = [w for m in others for w in m.get("enum", ())]
    numbers = [m for m in others if "enum" not in m]
    rest = _open(numbers[0]) if numbers else {"enum": words}
    if any("const" in m for m in numbers):  # sizes, and -1
        rest = {**rest, "minimum": -1}
    cases: dict[str, Schema] = {}
    if arrays:
        cases["array"] = {k: v for k, v in _open(arrays[0])["else"].items() if k != "type"}
    if words and numbers:
        cases["string"] = {"if": {"pattern": rf"^\$|{LONG_NUMBER}"}, "else": {"enum": words}}
    return _by_type(cases, rest)


def _by_type(cases: Mapping[str, Schema], rest: Schema | None = None) -> Schema:
    """A schema for each type that a value may have; without ``rest`` no other type may be."""
    chain = _chain([({"type": t}, case) for t, case in cases.items()], rest if rest is not None else {})
    return chain if rest is not None else {"type": list(cases), **chain}


def _chain(cases: list[tuple[Schema, Schema]], rest: Schema) -> Schema:
    """``if`` … ``then`` … ``else if`` … ``else`` rest."""
    for condition, then in reversed(cases):
        rest = {"if": condition, "then": then, **({"else": rest} if rest else {})}
    return rest


def _has_key(pattern: str) -> Schema:
    return {"not": {"propertyNames": {"not": {"pattern": pattern}}}}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _reference_with(name: str, description: str) -> Schema:
    return {"description": description, "allOf": [_reference(name)]}
