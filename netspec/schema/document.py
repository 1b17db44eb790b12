"""The keys of a document, and the definitions that several of them share."""

from __future__ import annotations

from ..language.reading.records import GROUP, WIRING
from ..ops import TABLE
from ..shapes.types import DTYPES
from .values import EXPRESSION, IDENTIFIER, NAME, PART, Schema, by_type, described, opened, reference

SPECIFIER = r"^\s*(~=|==|!=|<=|>=|<|>)\s*[0-9]+(\.[0-9]+)*\s*(,\s*(~=|==|!=|<=|>=|<|>)\s*[0-9]+(\.[0-9]+)*\s*)*$"
"""A version specifier."""


def properties() -> Schema:
    """The keys of a document."""
    text = {"type": ["string", "number", "boolean"]}
    return {
        "netspec": {"const": 1, "description": "Version of the language."},
        "requires": {
            "type": "string",
            "pattern": SPECIFIER,
            "description": "Versions of netspec that the spec works with: '>=0.2', or '>=0.2, <1'.",
        },
        "name": {**text, "description": "Name of the network; the file's stem where it is not given."},
        "doc": {**text, "description": "What the network is."},
        "cite": {**text, "description": "Where it was published."},
        "params": reference("params"),
        "variants": {
            "description": "Named settings of the parameters.",
            "type": "object",
            "propertyNames": {"pattern": NAME, "not": {"const": "all"}},
            "additionalProperties": {
                "type": "object",
                "properties": {"expect": reference("expect"), "doc": text},
            },
        },
        "input": {**described("shape", "Shape of the one input, without the batch axis: [3, 224, 224].")},
        "inputs": {
            "description": "Shapes of the inputs by name, without the batch axis.",
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": f"^{PART}$"},
            "additionalProperties": by_type(
                {
                    "object": {
                        "required": ["shape"],
                        "additionalProperties": False,
                        "properties": {"shape": reference("shape"), "dtype": {"enum": list(DTYPES)}, "doc": text},
                    },
                },
                reference("shape"),
            ),
        },
        "layout": {"enum": ["channels_first", "channels_last"], "description": "Where shapes have the channel axis."},
        "use": {
            "description": "Files whose blocks may be used here, in the spec's folder or below.",
            "type": ["string", "array"],
            "items": {"type": "string"},
            "minItems": 1,
            "uniqueItems": True,
        },
        "defaults": {
            "description": "Arguments that operations have in this file's layers where those say nothing of them.",
            "type": "object",
            "additionalProperties": False,
            "properties": {op: reference(f"defaults_{op}") for op in TABLE},
        },
        "blocks": {
            "description": "Named pieces of network. A name begins with a capital letter.",
            "type": "object",
            "propertyNames": {"pattern": "^[A-Z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$"},
            "additionalProperties": {
                "type": "object",
                "required": ["layers"],
                "additionalProperties": False,
                "properties": {
                    "doc": text,
                    "params": reference("params"),
                    "inputs": reference("names"),
                    "layers": reference("layers"),
                    "output": reference("outputs"),
                    "outputs": reference("outputs"),
                },
                "not": {"required": ["output", "outputs"]},
            },
        },
        "layers": reference("layers"),
        "output": reference("outputs"),
        "outputs": reference("outputs"),
        "expect": reference("expect"),
    }


def shared() -> dict[str, Schema]:
    """Everything that several places of a document share."""
    size = opened({"type": "integer", "minimum": 1})
    fact = {"type": ["integer", "string"]}
    text = {"type": ["string", "number", "boolean"]}
    name: Schema = {"type": ["string", "integer", "number"]}
    return {
        "shape": by_type({"string": EXPRESSION}, {"type": "array", "items": size, "minItems": 1}),
        "name": name,
        "names": {
            "type": "array",
            "items": {"type": "string", "pattern": f"^{PART}$"},
            "minItems": 1,
            "uniqueItems": True,
        },
        "references": by_type({"array": {"items": reference("name"), "minItems": 1}}, name),
        "outputs": {
            "description": "What the network gives: a layer, a list of layers, or a mapping of public names to layers.",
            **by_type(
                {
                    "object": {
                        "propertyNames": {"pattern": NAME},
                        "additionalProperties": by_type(
                            {
                                "object": {
                                    "required": ["from"],
                                    "additionalProperties": False,
                                    "properties": {"from": reference("name"), "when": opened({"type": "boolean"})},
                                }
                            },
                            name,
                        ),
                    },
                },
                reference("references"),
            ),
        },
        "params": {
            "description": "Parameters: a default value, a type (then it must be given), or the long form.",
            "type": "object",
            "propertyNames": {
                "pattern": IDENTIFIER,
                "not": {"enum": [*WIRING, *GROUP, "index", "row", "incoming", "input", "true", "false"]},
            },
            "additionalProperties": by_type(
                {
                    "object": {
                        "additionalProperties": False,
                        "properties": {
                            "type": {"enum": ["int", "float", "bool", "str", "list"]},
                            "default": {},
                            "choices": {"type": "array", "minItems": 1},
                            "min": {"type": "number"},
                            "max": {"type": "number"},
                            "doc": text,
                        },
                    }
                },
                {},
            ),
        },
        "expect": {
            "description": "Facts that `netspec check` verifies: a number, or a bound such as '<= 5M', '4.09G +- 1%'.",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                **dict.fromkeys(("params", "trainable_params", "macs", "activations", "connections"), fact),
                "receptive_field": {"type": ["integer", "string", "array", "object"]},
                "output": {"type": ["array", "object", "string"]},
                "shapes": {"type": "object", "additionalProperties": {"type": ["array", "string"]}},
            },
        },
    }
