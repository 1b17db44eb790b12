"""The keys of a document, and the definitions that several of them share."""

from __future__ import annotations

from ..checking.expectations import TOTALS
from ..language.reading.records import GROUP, Header, InputRecord
from ..ops import TABLE
from ..ops.layer_keys import LAYER_KEYS
from ..shapes.types import DTYPES
from .values import EXPRESSION, IDENTIFIER, NAME, PART, Schema, by_type, described, opened, reference

DOCS = {key: declared.doc for key, declared in Header.arguments.items()}
"""What the keys of a document mean."""
SPECIFIER = r"^\s*(~=|==|!=|<=|>=|<|>)\s*[0-9]+(\.[0-9]+)*\s*(,\s*(~=|==|!=|<=|>=|<|>)\s*[0-9]+(\.[0-9]+)*\s*)*$"
"""A version specifier."""


def properties() -> Schema:
    """The keys of a document."""
    text = {"type": ["string", "number", "boolean"]}
    return {
        "netspec": {"const": 1, "description": DOCS["netspec"]},
        "requires": {
            "type": "string",
            "pattern": SPECIFIER,
            "description": DOCS["requires"],
        },
        "name": {**text, "description": DOCS["name"]},
        "doc": {**text, "description": DOCS["doc"]},
        "cite": {**text, "description": DOCS["cite"]},
        "params": reference("params"),
        "variants": {
            "description": DOCS["variants"],
            "type": "object",
            "propertyNames": {"pattern": NAME, "not": {"const": "all"}},
            "additionalProperties": {
                "type": "object",
                "properties": {"expect": reference("expect"), "doc": text},
            },
        },
        "input": described("an_input", DOCS["input"]),
        "inputs": {
            "description": DOCS["inputs"],
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": f"^{PART}$"},
            "additionalProperties": reference("an_input"),
        },
        "layout": {"enum": ["channels_first", "channels_last"], "description": DOCS["layout"]},
        "use": {
            "description": DOCS["use"],
            "type": ["string", "array"],
            "items": {"type": "string"},
            "minItems": 1,
            "uniqueItems": True,
        },
        "defaults": {
            "description": DOCS["defaults"],
            "type": "object",
            "additionalProperties": False,
            "properties": {op: reference(f"defaults_{op}") for op in TABLE},
        },
        "blocks": {
            "description": DOCS["blocks"],
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
    """The definitions that several parts of a document share."""
    size = opened({"type": "integer", "minimum": 1})
    fact = {"type": ["integer", "string"]}
    text = {"type": ["string", "number", "boolean"]}
    name: Schema = {"type": ["string", "integer", "number"]}
    forms = {key: {"description": declared.doc} for key, declared in InputRecord.arguments.items()}
    return {
        "an_input": by_type(
            {
                "object": {
                    "required": ["shape"],
                    "additionalProperties": False,
                    "properties": {
                        "shape": {**forms["shape"], **reference("shape")},
                        "dtype": {**forms["dtype"], "enum": list(DTYPES)},
                        "axes": {**forms["axes"], **InputRecord.arguments["axes"].validator.schema},
                        "doc": {**forms["doc"], **text},
                    },
                },
            },
            reference("shape"),
        ),
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
            "description": DOCS["outputs"],
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
            "description": DOCS["params"],
            "type": "object",
            "propertyNames": {
                "pattern": IDENTIFIER,
                "not": {"enum": [*LAYER_KEYS, *GROUP, "index", "row", "incoming", "input", "true", "false"]},
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
            "description": DOCS["expect"],
            "type": "object",
            "additionalProperties": False,
            "properties": {
                **dict.fromkeys(TOTALS, fact),
                "receptive_field": {"type": ["integer", "string", "array", "object"]},
                "output": {"type": ["array", "object", "string"]},
                "shapes": {"type": "object", "additionalProperties": {"type": ["array", "string"]}},
            },
        },
    }
